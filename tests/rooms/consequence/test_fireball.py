"""Fireballs, in the international form and the Chinese one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence import fireball_cn, thermal_harm
from anlan.consequence.catalogue import model, plain
from anlan.consequence.fireball import duration, fireball, view_factor
from anlan.consequence.validity import Contradiction, OutOfRange


def test_a_large_fireball_lasts_by_the_sixth_root() -> None:
    """A web copy prints 1/3: 30 t would burn for over a minute."""
    assert duration(29_999.0) == pytest.approx(13.98, abs=0.01)
    assert duration(30_000.0) == pytest.approx(14.49, abs=0.01)
    assert duration(1e6) == pytest.approx(26.0)


@given(st.floats(1.0, 1e7), st.floats(0.5001, 100.0), st.floats(1.0001, 2.0))
def test_a_fireballs_view_factor_lies_between_nothing_and_all_and_falls(mass: float, away: float, more: float) -> None:
    diameter = fireball(mass).diameter_m
    near, far = view_factor(diameter, diameter * away * np.array([1.0, more]))
    assert 0 < far < near < 1


def test_far_away_a_fireball_is_a_disc_seen_from_afar() -> None:
    """``F → (R / X)²``."""
    assert float(view_factor(100.0, np.asarray(5000.0))) == pytest.approx((50 / 5000) ** 2, rel=1e-3)


@given(st.floats(10.0, 1e6), st.floats(500.0, 5e4))
def test_the_reach_of_a_fireball_is_where_its_radiation_is_at_the_level(mass: float, level: float) -> None:
    ball = fireball(mass)
    found = ball.reach(level)
    assert float(ball.radiation(np.asarray(found))) == pytest.approx(level, rel=1e-9)


def test_within_a_fireball_nothing_is_told() -> None:
    asked = {"mass_kg": 1000.0, "distance_m": 28.0}
    with pytest.raises(OutOfRange):
        model("fire.fireball").answer(asked)
    assert fireball(1000.0).reach(1e6) == 29.0
    assert plain(model("fire.fireball").answer({**asked, "distance_m": [29.0, 100.0]}).values)["radiation_w_m2"][0] > 1e5


@pytest.mark.parametrize(("tanks", "share"), [("one", 0.5), ("two", 0.7), ("more", 0.9)])
def test_more_tanks_burn_a_larger_share(tanks: str, share: float) -> None:
    found = model("fire.fireball_cn").answer({"inventory_kg": 340e3, "tanks": tanks}).values
    assert found["mass_kg"] == pytest.approx(share * 340e3)
    assert found["radius_m"] == pytest.approx(2.9 * np.cbrt(share * 340e3))


def test_a_second_published_assessment() -> None:
    """Nine tenths of 340 t (jycdxd.com 152754): R = 195 m, death at 18 449 W/m², which follow from the rounded 30 s."""
    found = model("fire.fireball_cn").answer({"inventory_kg": 340e3, "tanks": "more"}).values
    assert found["radius_m"] == pytest.approx(195, abs=1)
    assert found["death_w_m2"] == pytest.approx(18_449, rel=0.01)


def test_half_are_harmed_by_the_radiation_that_is_told() -> None:
    found = model("fire.fireball_cn").answer({"inventory_kg": 42e3, "tanks": "two"}).values
    asked = {"probit_set": "cn_death", "radiation_w_m2": found["death_w_m2"], "exposure_s": found["duration_s"]}
    assert thermal_harm.THERMAL_HARM.answer(asked).values["probability"] == pytest.approx(0.5)
    assert found["first_degree_w_m2"] < found["second_degree_w_m2"] < found["death_w_m2"]


def test_the_chinese_fireball_radiates_over_distance_like_any_other() -> None:
    ball = fireball_cn.fireball(42e3, "two")
    assert (ball.diameter_m / 2, ball.duration_s) == pytest.approx((89.5, 13.9), rel=2e-3)
    assert float(ball.radiation(np.asarray(ball.reach(12_500.0)))) == pytest.approx(12_500.0)


def test_no_mass_and_unknown_numbers_of_tanks_are_refused() -> None:
    with pytest.raises(OutOfRange):
        model("fire.fireball").answer({"mass_kg": 0.0, "distance_m": 100.0})
    with pytest.raises(Contradiction):
        model("fire.fireball_cn").answer({"inventory_kg": 1000.0, "tanks": "3"})
