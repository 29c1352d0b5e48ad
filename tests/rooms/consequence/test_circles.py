"""Zones of equal reach: rings that leave nobody out, for thresholds that say where they come from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence import circles, kinney_graham, probit, thermal_harm
from anlan.consequence.falling import distance_of, outermost
from anlan.consequence.fireball import FIREBALL, fireball
from anlan.consequence.harm_limits import LABELS, PROBABILITY, RADIATION, HarmLimit, UnknownLimit, harm_limits, limit, of_quantity
from anlan.consequence.pool_solid_flame import POOL_SOLID_FLAME, pool_flame
from anlan.consequence.validity import Contradiction, OutOfRange
from anlan.consequence.zones import area_of, holds


@given(st.floats(1.0, 1e5), st.floats(0.0, 2 * np.pi))
def test_nobody_in_the_circle_stands_outside_of_its_ring(radius: float, angle: float) -> None:
    ring = circles.ring(radius, (3.0, -4.0))
    assert (ring[0] == ring[-1]).all()
    assert holds(ring, 3.0 + 0.999999 * radius * np.cos(angle), -4.0 + 0.999999 * radius * np.sin(angle))
    assert np.pi * radius**2 < area_of(ring) < 1.001 * np.pi * radius**2


def test_zones_of_a_pool_fire_lie_in_each_other_and_say_where_their_thresholds_come_from() -> None:
    flame = pool_flame(30.0, 0.055, wind_m_s=3.0)
    zones = circles.of_radiation(flame.reach, (POOL_SOLID_FLAME.credentials,))
    assert [zone.code for zone in zones] == [each.code for each in of_quantity(RADIATION)]
    reaches = [zone.reach_m for zone in zones]
    assert reaches == sorted(reaches)
    assert reaches[0] >= flame.edge_m
    by_code = {zone.code: zone for zone in zones}
    assert by_code["radiation_5"].cautions == ()
    assert [each.code for each in by_code["radiation_12_5"].cautions] == ["limit_not_verified"]
    assert float(flame.radiation(np.asarray(by_code["radiation_1_6"].reach_m))) == pytest.approx(1600.0)


def test_zones_of_a_blast_are_where_its_curve_has_the_threshold() -> None:
    zones = circles.of_blast(kinney_graham.CURVE, 1000.0)
    for zone in zones:
        found = kinney_graham.CURVE.at(np.asarray(zone.reach_m), 1000.0, 101_325.0)
        assert float(found) == pytest.approx(zone.limit)
        assert zone.unit == "Pa"
        assert zone.area_m2 == pytest.approx(np.pi * zone.reach_m**2)
    assert zones[0].reach_m < zones[-1].reach_m


def test_the_chinese_zones_of_a_blast_are_its_four_radii() -> None:
    """The gas depot of the published assessment: 49.95, 124.7, 224.1 and 180.5 m."""
    zones = circles.of_chinese_blast(33_645.5, 101_300.0)
    assert [zone.reach_m for zone in zones] == pytest.approx([49.95, 124.7, 224.1, 180.5], rel=2e-3)
    assert [(zone.limit, zone.unit) for zone in zones] == [(0.5, "1"), (44e3, "Pa"), (17e3, "Pa"), (5.6, "m/kg^(1/3)")]
    assert all("limit_not_verified" in {each.code for each in zone.cautions} for zone in zones)
    with pytest.raises(OutOfRange):
        circles.of_chinese_blast(0.0)


def test_zones_of_probability_follow_from_radiation_and_its_duration() -> None:
    ball = fireball(20e3)

    def dies(distance: np.ndarray) -> np.ndarray:
        return probit.share(thermal_harm.PROBITS["cn_death"].probit(thermal_harm.dose(ball.radiation(distance), ball.duration_s)))

    nearest = ball.diameter_m / 2 * 1.000001
    zones = circles.of_probability(dies, nearest, 1e4, (FIREBALL.credentials, thermal_harm.THERMAL_HARM.credentials))
    assert [zone.limit for zone in zones] == [0.5, 0.1, 0.01]
    assert all(float(dies(np.array([zone.reach_m]))[0]) == pytest.approx(zone.limit, rel=1e-6) for zone in zones)
    assert [each.code for each in zones[0].cautions] == ["limit_project_default"]


def test_a_limit_reached_nowhere_has_no_zone_and_one_beyond_the_model_is_refused() -> None:
    def rises(distance: np.ndarray) -> np.ndarray:
        return 0.3 / distance

    by = (FIREBALL.credentials,)
    assert [each.limit for each in circles.of_probability(rises, 1.0, 100.0, by)] == [0.1, 0.01]
    with pytest.raises(OutOfRange):
        circles.of_probability(rises, 1.0, 10.0, by)
    with pytest.raises(OutOfRange):
        circles.of_blast(kinney_graham.CURVE, 1000.0, limits=(HarmLimit("own", "overpressure", 100.0, "100 Pa", "", "verified"),))


def test_a_charge_of_nothing_and_thresholds_of_another_quantity_are_refused() -> None:
    with pytest.raises(OutOfRange):
        circles.of_blast(kinney_graham.CURVE, 0.0)
    with pytest.raises(Contradiction):
        circles.of_blast(kinney_graham.CURVE, 100.0, limits=of_quantity(PROBABILITY))
    for radius in (0.0, -1.0):
        with pytest.raises(OutOfRange):
            circles.ring(radius)


def test_every_threshold_has_a_label_a_source_and_a_status() -> None:
    assert set(harm_limits()) == set(LABELS)
    for each in harm_limits().values():
        assert each.value > 0
        assert each.source
        assert each.status in {"verified", "secondary", "unverified", "project_default"}
        assert all(caution.sentence.format(**caution.facts) for caution in each.cautions)
    with pytest.raises(UnknownLimit):
        limit("radiation_99")


@given(st.floats(0.5, 4.0), st.floats(1e-6, 1.0))
def test_a_falling_quantity_is_turned_round(power: float, level: float) -> None:
    found = distance_of(level, lambda x: x**-power, 1.0, 1e13)
    assert float(found) == pytest.approx(level ** (-1 / power), rel=1e-12)


def test_of_a_quantity_with_a_hump_the_outermost_place_counts() -> None:
    def hump(distance: np.ndarray) -> np.ndarray:
        return np.exp(-((np.log(distance) - 3) ** 2))

    found = outermost(0.5, hump, 1.0, 1e4)
    assert found == pytest.approx(np.exp(3 + np.sqrt(np.log(2))))
    assert outermost(1.1, hump, 1.0, 1e4) is None
    assert outermost(0.5, hump, 1.0, 20.0) == np.inf
