"""Surface fire spread: what drives it, what stops it, and a field of a million cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.fuel_models import fuel_models
from anlan.consequence.rothermel import (
    FT_MIN_M_S,
    cured_share,
    fuel_bed,
    length_to_width,
    moisture_damping,
    sheltered_wind_factor,
    spread,
    spread_field,
)
from anlan.consequence.validity import Contradiction, NoFigure, NotFinite, OutOfRange

DRY = {"moisture_1h": 0.06, "moisture_10h": 0.07, "moisture_100h": 0.08, "moisture_herb": 0.6, "moisture_woody": 0.9}
BURNS = sorted(code for code, each in fuel_models().items() if each.burns)


def burning(**changes: Any) -> dict[str, Any]:
    return dict(model("rothermel_1972").answer({"fuel": "GR4", "wind_m_s": 3.0, "wind_from_deg": 0.0} | DRY | changes).values)


@given(st.sampled_from(BURNS), st.floats(0.0, 15.0), st.floats(0.0, 15.0))
def test_more_wind_never_slows_a_fire(fuel: str, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert burning(fuel=fuel, wind_m_s=less)["rate_m_s"] <= burning(fuel=fuel, wind_m_s=more)["rate_m_s"]


@given(st.sampled_from(BURNS), st.floats(0.01, 0.6), st.floats(0.01, 0.6))
def test_wetter_dead_fuel_never_burns_more_fiercely(fuel: str, one: float, other: float) -> None:
    less, more = sorted((one, other))

    def intensity(wet: float) -> float:
        return float(burning(fuel=fuel, moisture_1h=wet, moisture_10h=wet, moisture_100h=wet)["reaction_kw_m2"])

    # The damping polynomial falls throughout: its derivative has no root.
    assert intensity(more) <= intensity(less) * (1 + 1e-9)


@given(st.sampled_from(BURNS), st.floats(0.0, 360.0), st.floats(0.0, 360.0), st.floats(0.0, 1.0), st.floats(0.0, 10.0))
def test_a_fire_does_not_know_where_north_is(fuel: str, turned: float, aspect: float, slope: float, wind: float) -> None:
    """Turning wind and slope together turns the heading and nothing else."""
    here = burning(fuel=fuel, wind_m_s=wind, wind_from_deg=30.0, slope=slope, aspect_deg=aspect)
    there = burning(fuel=fuel, wind_m_s=wind, wind_from_deg=(30.0 + turned) % 360.0, slope=slope, aspect_deg=(aspect + turned) % 360.0)
    assert there["rate_m_s"] == pytest.approx(here["rate_m_s"], rel=1e-9)
    if here["rate_m_s"] > 1.01 * burning(fuel=fuel, wind_m_s=0.0)["rate_m_s"]:
        assert (there["heading_deg"] - here["heading_deg"] - turned + 180.0) % 360.0 == pytest.approx(180.0, abs=1e-6)


@given(st.floats(-180.0, 180.0))
def test_wind_from_the_left_and_the_right_of_a_slope_are_mirrors(angle: float) -> None:
    bed = fuel_bed(fuel_models()["SH5"], (0.06, 0.07, 0.08, 0.6, 0.9))
    right, left = spread(bed, 300.0, angle, 0.3), spread(bed, 300.0, -angle, 0.3)
    assert right.rate_m_s == pytest.approx(left.rate_m_s)
    assert np.sin(np.radians(right.direction_deg + left.direction_deg)) == pytest.approx(0.0, abs=1e-9)


def test_wind_up_a_slope_drives_most_and_down_it_least() -> None:
    rates = [burning(wind_from_deg=angle, aspect_deg=0.0, slope=0.3)["rate_m_s"] for angle in (0.0, 45.0, 90.0, 135.0, 180.0)]
    assert rates == sorted(rates, reverse=True)


def test_without_wind_a_fire_runs_up_the_slope() -> None:
    """The slope faces south-east (aspect 135°); up is north-west."""
    assert burning(wind_m_s=0.0, slope=0.4, aspect_deg=135.0)["heading_deg"] == pytest.approx(315.0)


def test_fuel_beyond_its_moisture_of_extinction_does_not_spread_and_says_so() -> None:
    wet = {"moisture_1h": 0.5, "moisture_10h": 0.5, "moisture_100h": 0.5, "moisture_herb": 3.0}
    answer = model("rothermel_1972").answer({"fuel": "GR4", "wind_m_s": 10.0, "wind_from_deg": 0.0} | DRY | wet)
    assert answer.values["rate_m_s"] == 0.0
    assert answer.values["length_to_width"] == 1.0
    assert "fuel_extinct" in {each.code for each in answer.cautions}


def test_a_wind_beyond_the_reliable_limit_is_told_and_not_capped() -> None:
    asked = {"fuel": "GR1", "wind_m_s": 25.0, "wind_height": "midflame", "wind_from_deg": 0.0} | DRY
    answer = model("rothermel_1972").answer(asked)
    assert "beyond_wind_limit" in {each.code for each in answer.cautions}
    assert answer.values["rate_m_s"] > model("rothermel_1972").answer(asked | {"wind_m_s": 20.0}).values["rate_m_s"]


def test_every_answer_says_its_fuel_is_of_north_america_and_names_its_source() -> None:
    answer = model("rothermel_1972").answer({"fuel": "TU5", "wind_m_s": 3.0, "wind_from_deg": 0.0} | DRY)
    assert {"fuel_of_north_america", "surface_fire_only"} <= {each.code for each in answer.cautions}
    assert "Rothermel 1972" in answer.by.citation


def test_a_canopy_shelters_from_the_wind_and_a_sparse_one_does_not() -> None:
    depth = 1.0
    dense, sparse, none = (
        float(sheltered_wind_factor(np.asarray(cover), np.asarray(60.0), np.asarray(0.5), depth)) for cover in (0.8, 0.1, 0.0)
    )
    assert dense < sparse == none < 1.0


@given(st.floats(0.0, 3.0))
def test_the_share_of_cured_herbs_stays_a_share(moisture: float) -> None:
    assert 0.0 <= cured_share(np.asarray(moisture)) <= 1.0


@given(st.floats(0.0, 2.0))
def test_moisture_damping_stays_between_none_and_all(ratio: float) -> None:
    assert 0.0 <= moisture_damping(np.asarray(ratio * 0.25), np.asarray(0.25)) <= 1.0


@given(st.floats(0.0, 100.0))
def test_length_to_width_lies_between_a_circle_and_eight(wind: float) -> None:
    assert 1.0 <= length_to_width(np.asarray(wind)) <= 8.0


@pytest.mark.parametrize("fuel", BURNS)
def test_every_fuel_that_burns_has_a_finite_fire(fuel: str) -> None:
    values = burning(fuel=fuel, slope=0.2)
    assert all(np.isfinite(np.asarray(each)).all() for each in values.values())
    assert 0.0 < values["rate_m_s"] < 10.0


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"fuel": "SNOW"}, Contradiction),
        ({"fuel": "NB8"}, Contradiction),
        ({"wind_m_s": -1.0}, OutOfRange),
        ({"wind_m_s": float("nan")}, NotFinite),
        ({"moisture_1h": 0.0}, OutOfRange),
        ({"moisture_1h": "dry"}, NotFinite),
        ({"slope": 9.0}, OutOfRange),
        ({"wind_height": "roof"}, Contradiction),
        ({"wind_m_s": [1.0, 2.0], "slope": [0.1, 0.2, 0.3]}, Contradiction),
        ({"wind_m_s": []}, NoFigure),
    ],
)
def test_what_no_fire_can_have_is_refused(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        burning(**changes)


def test_an_input_that_is_not_there_is_asked_for() -> None:
    with pytest.raises(NoFigure):
        model("rothermel_1972").answer({"fuel": "GR4", "wind_from_deg": 0.0} | DRY)


def test_a_field_agrees_with_each_of_its_cells() -> None:
    codes, fuel = ["GR4", "NB8", "SH5", "TL3"], np.array([[0, 1], [2, 3]])
    wind, angle, slope = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 10.0], [-90.0, 180.0]]), np.array([[0.0, 0.1], [0.2, 0.3]])
    rate, direction = spread_field(codes, fuel, tuple(DRY.values()), wind, angle, slope)
    assert rate[0, 1] == 0.0
    for cell in ((0, 0), (1, 0), (1, 1)):
        one = spread(fuel_bed(fuel_models()[codes[fuel[cell]]], tuple(DRY.values())), wind[cell] / FT_MIN_M_S, angle[cell], slope[cell])
        assert rate[cell] == pytest.approx(float(one.rate_m_s))
        assert direction[cell] == pytest.approx(float(one.direction_deg))


def test_a_field_of_a_million_cells_is_reckoned_at_once() -> None:
    size = 1000
    fuel = np.tile(np.arange(4, dtype=np.uint8), (size, size // 4))
    wind = np.linspace(0.0, 10.0, size * size).reshape(size, size)
    one_hour = np.linspace(0.03, 0.3, size * size).reshape(size, size)
    rate, direction = spread_field(["GR4", "SH5", "TL3", "NB9"], fuel, (one_hour, 0.07, 0.08, 0.6, 0.9), wind, 30.0, 0.2)
    assert rate.shape == direction.shape == (size, size)
    assert np.isfinite(rate).all()
    assert (rate[:, 3::4] == 0.0).all()


def test_a_field_refuses_a_fuel_nobody_knows_and_a_wind_that_is_none() -> None:
    dry = tuple(DRY.values())
    with pytest.raises(Contradiction):
        spread_field(["XX1"], np.zeros(3, int), dry, 1.0, 0.0, 0.0)
    with pytest.raises(Contradiction):
        spread_field(["GR4"], np.array([0, 1]), dry, 1.0, 0.0, 0.0)
    with pytest.raises(NotFinite):
        spread_field(["GR4"], np.zeros(1, int), dry, np.array([np.nan]), 0.0, 0.0)
