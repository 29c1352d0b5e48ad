"""Ground motion of earthquakes in China, and zones of intensity."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.validity import Contradiction, NotFinite, OutOfRange
from anlan.consequence.yu_2013 import (
    DEGREES,
    PGA,
    PGV,
    REGIONS,
    coefficients,
    half_axis_km,
    intensity_zones,
    log_motion,
    motion,
)

REGION = st.sampled_from(REGIONS)
MAGNITUDE = st.floats(4.0, 8.5)


def shaken(**asked: Any) -> dict[str, Any]:
    return dict(model("yu_2013").answer({"region": "eastern", "magnitude": 6.0, "distance_km": 20.0} | asked).values)


@given(REGION, MAGNITUDE, st.sampled_from((PGA, PGV)), st.floats(0.0, 300.0))
def test_on_the_axes_it_is_the_axis_s_own_relation(region: str, magnitude: float, measure: str, distance: float) -> None:
    for row, angle in zip(coefficients(region, measure, magnitude), (0.0, 90.0), strict=True):
        if distance > 1.0:
            found = motion(region, measure, magnitude, np.asarray(distance), np.asarray(angle))
            assert found == pytest.approx(float(np.exp(log_motion(row, magnitude, np.asarray(distance)))), rel=1e-9)


@given(REGION, MAGNITUDE, st.floats(1.0, 299.0), st.floats(0.0, 360.0), st.floats(0.01, 1.0))
def test_farther_away_it_shakes_less(region: str, magnitude: float, distance: float, angle: float, more: float) -> None:
    near, far = motion(region, PGA, magnitude, np.array([distance, distance + more]), np.asarray(angle))
    assert far < near


@given(REGION, MAGNITUDE, st.floats(1.0, 300.0), st.floats(0.0, 90.0))
def test_the_four_quarters_round_the_epicentre_are_alike(region: str, magnitude: float, distance: float, angle: float) -> None:
    angles = np.array([angle, 180.0 - angle, 180.0 + angle, 360.0 - angle])
    found = motion(region, PGA, magnitude, np.full(4, distance), angles)
    assert found == pytest.approx(np.full(4, found[0]))


@given(REGION, MAGNITUDE, st.floats(5.0, 300.0), st.floats(1.0, 89.0))
def test_every_place_lies_on_the_ellipse_of_its_motion(region: str, magnitude: float, distance: float, angle: float) -> None:
    log_y = np.log(motion(region, PGA, magnitude, np.asarray(distance), np.asarray(angle)))
    along, across = (half_axis_km(row, magnitude, log_y) for row in coefficients(region, PGA, magnitude))
    x, y = distance * np.cos(np.radians(angle)), distance * np.sin(np.radians(angle))
    assert (x / along) ** 2 + (y / across) ** 2 == pytest.approx(1.0, rel=1e-6)


@given(st.sampled_from([each for each in REGIONS if each != "tibet"]), st.floats(4.0, 8.0), st.floats(0.0, 300.0))
def test_a_greater_earthquake_shakes_more(region: str, magnitude: float, distance: float) -> None:
    less = shaken(region=region, magnitude=magnitude, distance_km=distance)
    more = shaken(region=region, magnitude=magnitude + 0.5, distance_km=distance)
    assert less["pga_m_s2"] < more["pga_m_s2"]


def test_the_epicentre_itself_has_a_finite_motion() -> None:
    at = shaken(distance_km=[0.0, 1e-4, 1.0], from_strike_deg=30.0)["pga_m_s2"]
    assert np.isfinite(at).all()
    assert at[0] >= at[1] >= at[2]


def test_the_suspect_row_of_tibet_is_told_and_no_other() -> None:
    def codes(region: str, magnitude: float) -> set[str]:
        asked = {"region": region, "magnitude": magnitude, "distance_km": 20.0}
        return {each.code for each in model("yu_2013").answer(asked).cautions}

    assert "suspect_coefficients" in codes("tibet", 7.0)
    assert "suspect_coefficients" not in codes("tibet", 6.0)
    assert "suspect_coefficients" not in codes("active", 7.0)
    assert {"rock_site", "scatter", "own_range"} <= codes("stable", 5.0)


def test_rows_below_and_above_six_and_a_half_meet_but_for_the_suspect_one() -> None:
    for region in REGIONS:
        for measure in (PGA, PGV):
            for low, high in zip(coefficients(region, measure, 6.5), coefficients(region, measure, 6.51), strict=True):
                step = high.a + 6.5 * high.b - low.a - 6.5 * low.b
                assert (abs(step) < 0.05) == (high.status != "unverified"), (region, measure)


@given(REGION, MAGNITUDE)
def test_zones_of_higher_intensity_lie_within_those_of_lower(region: str, magnitude: float) -> None:
    zones = intensity_zones(region, magnitude)
    for outer, inner in pairwise(zones):
        assert inner.limit == outer.limit + 1
        assert inner.reach_m < outer.reach_m
        assert inner.area_m2 < outer.area_m2
    for zone in zones:
        assert zone.band_m is not None
        assert zone.band_m[0] < zone.reach_m < zone.band_m[1]
        assert np.abs(zone.rings[0]).max() == pytest.approx(zone.reach_m)


def test_a_great_earthquake_has_high_zones_and_a_small_one_none() -> None:
    assert {6.0, 7.0, 8.0, 9.0} <= {zone.limit for zone in intensity_zones("active", 8.0)}
    assert 9.0 not in {zone.limit for zone in intensity_zones("active", 4.0)}


@pytest.mark.parametrize("degree", [6, 7, 8])
def test_just_inside_a_zone_there_is_its_degree_and_outside_not(degree: int) -> None:
    values = model("yu_2013_ellipse").answer({"region": "eastern", "magnitude": 7.0, "degree": str(degree)}).values
    for half_axis, angle in ((values["along_km"], 0.0), (values["across_km"], 90.0)):
        inside, outside = shaken(magnitude=7.0, distance_km=[half_axis - 0.01, half_axis + 0.01], from_strike_deg=angle)["intensity"]
        assert outside < degree - 0.5 < inside


def test_the_zones_of_akesai_2021_are_about_as_large_as_surveyed() -> None:
    """Ms 5.5 of 2021-08-26, Gansu: VII at the epicentre, 1352 km² with VI and above (震灾防御技术, doi 10.11899/zzfy20220214)."""
    area = {zone.limit: zone.area_m2 / 1e6 for zone in intensity_zones("tibet", 5.5)}
    assert area[6.0] == pytest.approx(1352, rel=0.25)
    assert area[7.0] > 100
    assert area.get(8.0, 0.0) < 5


def test_the_ellipse_of_the_catalogue_is_that_of_the_zone() -> None:
    (zone,) = intensity_zones("stable", 6.5, degrees=(7,))
    values = model("yu_2013_ellipse").answer({"region": "stable", "magnitude": 6.5, "degree": "7"}).values
    assert values["reached"]
    assert values["area_km2"] * 1e6 == pytest.approx(zone.area_m2)
    nothing = model("yu_2013_ellipse").answer({"region": "stable", "magnitude": 4.0, "degree": str(DEGREES[-1])}).values
    assert not nothing["reached"]
    assert nothing["area_km2"] == 0.0


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"region": "atlantis"}, Contradiction),
        ({"magnitude": 9.5}, OutOfRange),
        ({"magnitude": 0.0}, OutOfRange),
        ({"magnitude": [6.0, 7.0]}, Contradiction),
        ({"distance_km": -1.0}, OutOfRange),
        ({"distance_km": 2000.0}, OutOfRange),
        ({"distance_km": float("inf")}, NotFinite),
    ],
)
def test_what_no_earthquake_of_these_relations_has_is_refused(asked: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        shaken(**asked)


def test_zones_refuse_a_degree_and_a_magnitude_they_do_not_know() -> None:
    with pytest.raises(Contradiction):
        intensity_zones("active", 7.0, degrees=(13,))
    with pytest.raises(OutOfRange):
        intensity_zones("active", 2.0)
