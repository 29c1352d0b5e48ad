"""The ellipse of a fire: its focus, its axes, its area."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.fire_ellipse import eccentricity, front, rate_towards
from anlan.consequence.validity import NotFinite, OutOfRange

RATE, SHAPE = st.floats(1e-3, 5.0), st.floats(1.0, 8.0)


def grown(rate: float, shape: float, elapsed: float) -> dict[str, float]:
    return {
        k: float(v)
        for k, v in model("fire_ellipse").answer({"rate_m_s": rate, "length_to_width": shape, "elapsed_s": elapsed}).values.items()
    }


@given(RATE, SHAPE, st.floats(1.0, 86_400.0))
def test_length_over_width_is_what_was_asked_and_the_area_that_of_an_ellipse(rate: float, shape: float, elapsed: float) -> None:
    fire = grown(rate, shape, elapsed)
    length = fire["head_m"] + fire["back_m"]
    assert length / fire["width_m"] == pytest.approx(shape)
    assert fire["area_m2"] == pytest.approx(np.pi * length * fire["width_m"] / 4.0)
    assert fire["head_m"] == pytest.approx(rate * elapsed)


@given(RATE, SHAPE, st.floats(1.0, 43_200.0))
def test_twice_the_time_is_four_times_the_area(rate: float, shape: float, elapsed: float) -> None:
    assert grown(rate, shape, 2 * elapsed)["area_m2"] == pytest.approx(4.0 * grown(rate, shape, elapsed)["area_m2"])


@given(RATE, SHAPE, st.floats(0.0, 360.0))
def test_no_direction_outruns_the_head_nor_lags_behind_the_back(rate: float, shape: float, angle: float) -> None:
    e = eccentricity(np.asarray(shape))
    found, back = rate_towards(np.asarray(rate), e, np.asarray(angle)), rate_towards(np.asarray(rate), e, np.asarray(180.0))
    assert back * (1 - 1e-12) <= found <= rate * (1 + 1e-12)


@given(SHAPE)
def test_the_ring_encloses_the_area_and_mirrors_itself(shape: float) -> None:
    zone = front(1.0, shape, 3600.0)
    x, y = zone.rings[0].T
    enclosed = 0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
    assert 0.9 * zone.area_m2 < enclosed <= zone.area_m2
    assert np.max(x) == pytest.approx(zone.reach_m)
    assert np.max(y) == pytest.approx(-np.min(y))


def test_a_fire_without_wind_is_a_circle() -> None:
    fire = grown(0.1, 1.0, 1000.0)
    assert fire["back_m"] == pytest.approx(fire["head_m"])
    assert fire["perimeter_m"] == pytest.approx(2 * np.pi * 100.0)


def test_it_says_that_nothing_hinders_the_fire() -> None:
    assert [each.code for each in front(0.5, 2.0, 60.0).cautions] == ["unhindered_fire"]


@pytest.mark.parametrize(
    ("rate", "shape", "elapsed"), [(-1.0, 2.0, 60.0), (1.0, 0.5, 60.0), (1.0, 9.0, 60.0), (1.0, 2.0, 0.0), (1.0, 2.0, 1e6)]
)
def test_what_no_fire_is_like_is_refused(rate: float, shape: float, elapsed: float) -> None:
    with pytest.raises(OutOfRange):
        front(rate, shape, elapsed)
    with pytest.raises(OutOfRange):
        grown(rate, shape, elapsed)


def test_a_rate_that_is_no_number_is_refused() -> None:
    with pytest.raises(NotFinite):
        front(float("nan"), 2.0, 60.0)
