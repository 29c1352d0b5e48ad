"""Zones: rings of any level set with holes, nesting, reach, area, passage; bands, trend, runs that can be called off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anlan.consequence import bands, inverse, timeline, zones
from anlan.consequence.cancelling import Cancelled
from anlan.consequence.chain import Scenario, SourceTerm, Weather
from anlan.consequence.choosing import cloud_of
from anlan.consequence.concentration import UnitRefused, in_kg_m3
from anlan.consequence.running import Threshold, carry
from anlan.consequence.sigma import TooCalm
from anlan.consequence.sources import source_terms
from anlan.consequence.substance import Substance
from anlan.consequence.toxic_levels import NoToxicLevel, toxic_level
from anlan.consequence.trend import GROWING, SHRINKING, STEADY, UNCLEAR, TooFewRuns, trend
from anlan.consequence.validity import NoFigure, NotFinite, OutOfRange

NIGHT = Weather(2.4, "F", temperature_k=283.15)
CHLORINE = SourceTerm(np.array([0.0]), np.array([0.9]), 1200.0, 1080.0, 239.1, 3.2, 0.0, ())
LIGHT = replace(CHLORINE, density_kg_m3=0.7)
LIMITS = (Threshold("aegl2", "AEGL-2", 2.8, "ppm"), Threshold("aegl3", "AEGL-3", 50.0, "ppm"))
MOLAR = 0.0709


def limit(value: float) -> zones.Limit:
    return zones.Limit("x", "x", value, "1", value)


def gridded(x: np.ndarray, y: np.ndarray, field: np.ndarray, value: float) -> tuple[zones.Zone, ...]:
    return zones.of_grid(x, y, field, limit(value), ())


def test_a_ring_has_its_hole() -> None:
    x, y = np.linspace(-3, 3, 241), np.linspace(-2.5, 2.5, 201)
    away = np.hypot(*np.meshgrid(x, y))
    (found,) = gridded(x, y, 1 - np.abs(away - 1.5), 0.5)
    assert len(found.rings) == 2
    assert zones.area_of(found.rings[0]) == pytest.approx(np.pi * 4, rel=2e-3)
    assert zones.area_of(found.rings[1]) == pytest.approx(-np.pi, rel=2e-3)
    assert found.area_m2 == pytest.approx(np.pi * 3, rel=2e-3)
    assert zones.inside(found, 1.5, 0.0)
    assert not zones.inside(found, 0.0, 0.0)


def test_pieces_are_zones_of_their_own_and_an_island_in_a_hole_is_no_hole() -> None:
    x = y = np.linspace(-4, 4, 321)
    away = np.hypot(*np.meshgrid(x, y))
    found = gridded(x, y, np.cos(2 * np.pi * away / 3) * (away < 3.9), 0.5)
    assert [len(each.rings) for each in found] == [2, 1]
    assert found[0].area_m2 == pytest.approx(np.pi * (3.5**2 - 2.5**2), rel=0.01)
    assert found[1].area_m2 == pytest.approx(np.pi * 0.5**2, rel=0.02)


def test_a_zone_at_the_edge_of_the_grid_is_closed_and_says_so() -> None:
    x, y = np.linspace(0, 10, 11), np.linspace(0, 5, 6)
    (found,) = gridded(x, y, np.ones((6, 11)), 0.5)
    assert found.area_m2 == pytest.approx(50.0)
    assert "over_edge" in {each.code for each in found.cautions}
    assert gridded(x, y, np.zeros((6, 11)), 0.5) == ()


def cells_by_corners(field: np.ndarray) -> tuple[int, int]:
    """Cells whose corners are all high, and cells of which any corner is: a line between nodes crosses the others only."""
    high = field >= 0
    corners = np.stack([high[:-1, :-1], high[:-1, 1:], high[1:, :-1], high[1:, 1:]])
    return int(corners.all(axis=0).sum()), int(corners.any(axis=0).sum())


@settings(max_examples=60)
@given(arrays(np.float64, (7, 9), elements=st.floats(-1, 1, width=16)))
def test_rings_of_any_field_hold_its_high_nodes_and_leave_out_its_low_ones(field: np.ndarray) -> None:
    x, y = np.arange(9.0), np.arange(7.0)
    field = np.where(np.abs(field) < 0.02, 0.02, field)
    found = gridded(x, y, field, 0.0)
    for j in range(1, 6):
        for i in range(1, 8):
            # A node itself is never on a line: it lies at least a fiftieth of the field away from zero.
            assert any(zones.inside(each, x[i], y[j]) for each in found) == (field[j, i] >= 0)
    for each in found:
        assert zones.area_of(each.rings[0]) > 0
        assert all(zones.area_of(hole) < 0 for hole in each.rings[1:])
        assert all((ring[0] == ring[-1]).all() for ring in each.rings)
    whole, touched = cells_by_corners(field)
    assert whole - 1e-6 <= sum(each.area_m2 for each in found) <= touched + 1e-6


@pytest.mark.parametrize(
    ("x", "field"),
    [([0, 1, 2], np.ones((2, 2))), ([0, 2, 1], np.ones((2, 3))), ([0, 1, 2], np.full((2, 3), np.nan)), ([0.0], np.ones((2, 1)))],
)
def test_what_is_no_grid_is_refused(x: list[float], field: np.ndarray) -> None:
    with pytest.raises(zones.NotAGrid):
        gridded(np.array(x), np.array([0.0, 1.0]), field, 0.5)


@settings(max_examples=25)
@given(
    st.sampled_from("ABCDEF"),
    st.floats(1.5, 8),
    st.floats(0.05, 20),
    st.sampled_from([0.7, 3.2]),
    st.floats(1e-6, 1e-4),
    st.floats(1.5, 10),
)
def test_a_higher_limit_lies_inside_a_lower_one(which: str, wind: float, rate: float, density: float, low: float, factor: float) -> None:
    source = replace(CHLORINE, rate_kg_s=np.array([rate]), mass_kg=rate * 1200, density_kg_m3=density)
    try:
        cloud, _ = cloud_of(source, Weather(wind, which))
    except OutOfRange:
        return  # heavier than the curves of the heavy model go
    outer, inner = zones.of_cloud(cloud, limit(low)), zones.of_cloud(cloud, limit(low * factor))
    assert sum(each.area_m2 for each in inner) <= sum(each.area_m2 for each in outer) * (1 + 1e-9)
    x = cloud.nodes()
    assert (cloud.half_width(x, low * factor) <= cloud.half_width(x, low)).all()
    if inner:
        assert max(each.reach_m for each in inner) <= max(each.reach_m for each in outer)


@pytest.mark.parametrize("source", [CHLORINE, LIGHT, replace(CHLORINE, duration_s=0.0), replace(LIGHT, height_m=30.0)])
def test_the_line_of_a_zone_is_where_the_field_has_the_limit(source: SourceTerm) -> None:
    cloud, _ = cloud_of(source, Weather(3, "D"))
    (found,) = zones.of_cloud(cloud, limit(2e-5))
    ring = found.rings[0]
    # Where a heavy disc has an edge the field falls from above the limit to nothing.
    on_line = cloud.peak(ring[20:160:10, 0], ring[20:160:10, 1] * 0.999)
    assert (on_line >= 2e-5 * 0.99).all()
    assert (cloud.peak(ring[20:160:10, 0], ring[20:160:10, 1] * 1.02) < 2e-5).all()
    assert found.reach_m == pytest.approx(ring[:, 0].max())
    assert found.area_m2 > 0
    assert found.arrival_s is not None
    assert found.departure_s is not None
    assert found.arrival_s < found.departure_s


def test_zones_of_a_cloud_and_of_its_field_on_a_grid_agree() -> None:
    cloud, _ = cloud_of(LIGHT, NIGHT)
    x, y = np.linspace(-50, 3000, 1200), np.linspace(-200, 200, 400)
    by_grid = zones.of_grid(x, y, cloud.peak(*np.meshgrid(x, y)), limit(1e-4), ())
    (by_axis,) = zones.of_cloud(cloud, limit(1e-4))
    assert by_grid[0].area_m2 == pytest.approx(by_axis.area_m2, rel=0.01)
    assert by_grid[0].reach_m == pytest.approx(by_axis.reach_m, rel=0.01)
    assert zones.half_width(by_grid[0]) == pytest.approx(zones.half_width(by_axis), rel=0.02)


def test_a_run_names_its_models_and_doubts_and_tells_zones_with_a_band() -> None:
    found = carry(CHLORINE, NIGHT, thresholds=LIMITS, molar_kg=MOLAR, x_m=np.array([200.0, 1000.0]), band=bands.weather_band(NIGHT))
    assert [each.model for each in found.by] == ["dispersion.britter_mcquaid_plume", "dispersion.finite_release"]
    assert found.by[1].sigma_set == "briggs_rural"
    assert found.by[1].averaging_s == 600
    aegl2, aegl3 = found.zones
    assert aegl3.reach_m < aegl2.reach_m
    assert {"hand_over", "sigma_secondary", "far", "short_release"} <= {each.code for each in aegl2.cautions}
    for zone in found.zones:
        assert zone.band_m is not None
        assert zone.band_m[0] <= zone.reach_m <= zone.band_m[1]
    assert found.field is not None
    assert found.field.value[0] > found.field.value[1] > 0
    assert found.field.unit == "kg/m³"


def test_terms_that_act_together_add_and_their_zone_holds_that_of_each() -> None:
    later = replace(LIGHT, rate_kg_s=np.array([0.3]), mass_kg=360.0)
    both = carry([LIGHT, later], NIGHT, thresholds=LIMITS, molar_kg=MOLAR, x_m=np.array([300.0]))
    single = [carry(each, NIGHT, thresholds=LIMITS, molar_kg=MOLAR, x_m=np.array([300.0])) for each in (LIGHT, later)]
    assert both.field is not None
    assert both.field.value[0] == pytest.approx(sum(each.field.value[0] for each in single if each.field), rel=1e-5)
    assert "peaks_added" in {each.code for each in both.cautions}
    for place, zone in enumerate(both.zones):
        assert zone.reach_m > max(each.zones[place].reach_m for each in single)
        assert zone.area_m2 > max(each.zones[place].area_m2 for each in single)
    whole = carry(replace(LIGHT, rate_kg_s=np.array([1.2])), NIGHT, thresholds=LIMITS, molar_kg=MOLAR)
    assert both.zones[0].reach_m == pytest.approx(whole.zones[0].reach_m, rel=1e-3)
    assert both.zones[0].area_m2 == pytest.approx(whole.zones[0].area_m2, rel=1e-3)
    with pytest.raises(NoFigure):
        carry([], NIGHT)


def test_a_bursting_vessel_is_carried_from_its_scenario_to_its_zones() -> None:
    chlorine = Substance(
        "7782-50-5",
        molar_mass_kg_mol=MOLAR,
        boiling_point_k=239.11,
        liquid_density_kg_m3=1400.0,
        heat_of_vaporisation_j_kg=287_600.0,
        liquid_heat_capacity_j_kg_k=960.0,
        isentropic_exponent=1.33,
        critical_temperature_k=417.0,
    )
    weather = Weather(3.0, "D", temperature_k=298.15)
    for scenario in (
        Scenario("7782-50-5", 1000.0, 8.0e5, 298.15, weather, hole_m=None, bund_m2=50.0),
        Scenario("7782-50-5", 1000.0, 8.0e5, 298.15, weather, hole_m=0.02),
    ):
        terms = source_terms(scenario, chlorine).terms
        found = carry(terms, weather, thresholds=LIMITS, molar_kg=MOLAR)
        assert {each.code for each in found.zones} == {"aegl2", "aegl3"}
        assert all(each.reach_m > 100 for each in found.zones)
        assert {each.model for term in terms for each in term.by} < {each.model for each in found.by}


def test_a_limit_reached_nowhere_has_no_zone() -> None:
    assert carry(LIGHT, Weather(8, "D"), thresholds=(Threshold("x", "x", 50.0, "kg/m³"),)).zones == ()


def test_a_run_is_called_off_between_pieces_and_members() -> None:
    asked = iter([False] * 3 + [True] * 100)
    with pytest.raises(Cancelled):
        carry(CHLORINE, NIGHT, thresholds=LIMITS, molar_kg=MOLAR, band=bands.weather_band(NIGHT), should_stop=lambda: next(asked))
    with pytest.raises(Cancelled):
        bands.exceedance(bands.Clouds((LIGHT,)), bands.weather_band(NIGHT), [100.0], [0.0], [1e-5], should_stop=lambda: True)


def test_limits_in_parts_per_million_need_a_molar_mass_and_unknown_units_are_refused() -> None:
    with pytest.raises(UnitRefused):
        carry(CHLORINE, NIGHT, thresholds=LIMITS)
    with pytest.raises(UnitRefused):
        carry(CHLORINE, NIGHT, thresholds=(Threshold("x", "x", 1.0, "lb/ft³"),))
    with pytest.raises(OutOfRange):
        carry(CHLORINE, NIGHT, thresholds=(Threshold("x", "x", 0.0, "mg/m³"),))
    with pytest.raises(NotFinite):
        carry(CHLORINE, NIGHT, x_m=np.array([1.0, np.nan]))
    assert in_kg_m3(1.0, "ppm", molar_kg=MOLAR, temperature_k=298.15, pressure_pa=101_325.0) == pytest.approx(2.898e-6, rel=1e-3)


def test_the_share_of_an_ensemble_lies_between_none_and_all_and_falls_with_the_limit() -> None:
    x, y = np.meshgrid(np.linspace(-100, 2000, 40), np.linspace(-600, 600, 41))
    low, high = bands.exceedance(bands.Clouds((CHLORINE,)), bands.weather_band(NIGHT), x.ravel(), y.ravel(), [1e-6, 1e-4])
    assert low.min() >= 0
    assert low.max() <= 1
    assert (high <= low).all()
    on_axis = np.abs(y.ravel()) < 1
    assert low[on_axis & (x.ravel() > 100)].min() > 0.3
    mirrored = low.reshape(41, 40)
    assert mirrored == pytest.approx(mirrored[::-1], abs=0.02)


def test_one_member_alone_is_its_own_zone_turned_with_its_wind() -> None:
    member = bands.Member(NIGHT, turn_deg=90.0)
    found = bands.exceedance(bands.Clouds((LIGHT,)), [member], [0.0, 500.0], [500.0, 0.0], [1e-6])
    assert found.tolist() == [[1.0, 0.0]]


def test_members_beyond_the_models_are_left_out_and_told() -> None:
    calm = Weather(1.2, "D")
    clouds = bands.Clouds((LIGHT,))
    assert {each.code for each in bands.left_out(clouds, bands.weather_band(calm))} == {"members_left_out"}
    assert bands.left_out(clouds, bands.weather_band(Weather(4, "D"))) == ()
    with pytest.raises(TooCalm):
        bands.exceedance(clouds, [bands.Member(Weather(0.5, "D"))], [1.0], [0.0], [1e-6])
    assert sum(each.weight for each in bands.weather_band(Weather(4, "A"))) == pytest.approx(1.0)


def test_a_cloud_comes_peaks_and_goes_and_the_dose_grows_until_it_has_gone() -> None:
    cloud, _ = cloud_of(CHLORINE, NIGHT)
    (early,) = timeline.at_places(cloud, 500.0, 10.0, limit_kg_m3=1e-5, now_s=400.0)
    (late,) = timeline.at_places(cloud, 500.0, 10.0, limit_kg_m3=1e-5, now_s=1e5)
    assert late.arrival_s is not None
    assert late.peak_s is not None
    assert late.departure_s is not None
    assert late.arrival_s < late.peak_s < late.departure_s
    assert 0 < early.dose_so_far_kg_s_m3 < late.dose_so_far_kg_s_m3
    assert late.load_so_far == pytest.approx(late.load)
    assert late.peak_kg_m3 == pytest.approx(float(cloud.peak([500.0], [10.0])[0]), rel=0.01)
    (upwind,) = timeline.at_places(cloud, -500.0, 0.0, limit_kg_m3=1e-5, now_s=400.0)
    assert (upwind.arrival_s, upwind.peak_s, upwind.load) == (None, None, 0.0)


def test_the_toxic_load_of_a_steady_cloud_is_its_power_times_minutes() -> None:
    time, course = np.linspace(0, 600, 61), np.full(61, 2e-6)
    assert timeline.toxic_load(time, course, 2.0, 1e6) == pytest.approx(4.0 * 10)
    assert timeline.toxic_load(time, course, 2.0, 1e6, 295.0) == pytest.approx(4.0 * 295 / 60)
    with pytest.raises(OutOfRange):
        timeline.at_places(cloud_of(LIGHT, NIGHT)[0], 1.0, 0.0, limit_kg_m3=0.0, now_s=0.0)


@pytest.mark.parametrize(
    ("areas", "wanted"),
    [
        ([9.0, 1.0, 1.5, 2.0], GROWING),
        ([3.0, 3.0, 4.0], GROWING),
        ([3.0, 2.0, 2.0], SHRINKING),
        ([2.0, 1.0, 0.0], SHRINKING),
        ([1.0, 1.02, 1.05], STEADY),
        ([0.0, 0.0, 0.0], STEADY),
        ([1.0, 1.09, 1.2], GROWING),
        ([1.0, 2.0, 1.0], UNCLEAR),
    ],
)
def test_the_last_three_runs_tell_the_trend(areas: list[float], wanted: str) -> None:
    assert trend(areas) == wanted


def test_two_runs_are_too_few_for_a_trend() -> None:
    with pytest.raises(TooFewRuns):
        trend([1.0, 2.0])


def sensors(rate: float, weather: Weather, places: list[tuple[float, float]], detection: float = 1e-9) -> list[inverse.Sensor]:
    blank = [inverse.Sensor(x, y, 1.5, None, 1e-9, detection) for x, y in places]
    return [replace(each, reading_kg_m3=float(rate * r)) for each, r in zip(blank, inverse.response(blank, weather, 0.0), strict=True)]


PLACES = [(300.0, 0.0), (500.0, 40.0), (800.0, -60.0)]


@settings(max_examples=25)
@given(st.floats(0.01, 100), st.sampled_from("BCDE"), st.floats(1.5, 8))
def test_the_strength_of_a_source_is_found_again_from_perfect_readings(rate: float, which: str, wind: float) -> None:
    weather = Weather(wind, which)
    read = sensors(rate, weather, PLACES)
    found = inverse.strength(read, [bands.Member(weather)])
    assert found.rate_kg_s == pytest.approx(rate, rel=0.02)
    assert found.low_kg_s < rate < found.high_kg_s
    readings = np.array([each.reading_kg_m3 for each in read])
    assert inverse.least_squares(inverse.response(read, weather, 0.0), readings, np.full(3, 1e-7))[0] == pytest.approx(rate)


def test_the_weather_band_widens_the_interval_and_finds_the_turned_wind() -> None:
    weather = Weather(3.0, "D")
    turned = [bands.Member(weather, turn) for turn in bands.TURNS_DEG]
    read = sensors(2.0, weather, [(400 * np.cos(np.radians(a)), 400 * np.sin(np.radians(a))) for a in (10.0, 15.0, 20.0)])
    centred = inverse.response(read, weather, 0.0, 15.0)
    read = [replace(each, reading_kg_m3=2.0 * float(r)) for each, r in zip(read, centred, strict=True)]
    found = inverse.strength(read, turned)
    assert int(np.argmax(found.shares)) == 2
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.rate_kg_s == pytest.approx(2.0, rel=0.2)
    alone = inverse.strength(read, turned[2:])
    assert found.high_kg_s - found.low_kg_s >= alone.high_kg_s - alone.low_kg_s


def test_an_undetected_reading_bounds_the_rate_from_above() -> None:
    weather = Weather(3.0, "D")
    nothing = [replace(each, reading_kg_m3=None, detection_kg_m3=1e-6) for each in sensors(1.0, weather, PLACES)]
    found = inverse.strength(nothing, [bands.Member(weather)])
    assert found.rate_kg_s is None
    assert found.low_kg_s == 0
    assert "inverse_upper_only" in {each.code for each in found.cautions}
    finer = inverse.strength([replace(each, detection_kg_m3=1e-7) for each in nothing], [bands.Member(weather)])
    assert finer.high_kg_s < found.high_kg_s


def test_a_source_no_sensor_could_see_is_refused() -> None:
    band = bands.weather_band(Weather(3.0, "D"))
    with pytest.raises(inverse.CannotSee):
        inverse.strength([inverse.Sensor(-300.0, 0.0, 1.5, 1e-5, 1e-7, 1e-6)], band)
    with pytest.raises(inverse.CannotSee):
        inverse.least_squares(np.zeros(2), np.ones(2), np.ones(2))
    with pytest.raises(NoFigure):
        inverse.strength([], band)
    with pytest.raises(NoFigure):
        inverse.strength(sensors(1.0, NIGHT, PLACES), [])


def test_a_limit_of_exposure_is_that_of_the_next_longer_duration() -> None:
    day = date(2026, 11, 22)
    assert toxic_level("chlorine", "2", 20, on=day).value == 2.8
    assert toxic_level("7782-50-5", "2", 31, on=day).value == 2.0
    for substance, level, minutes in (("chlorine", "2", 500), ("carbon_monoxide", "1", 10), ("water", "2", 10), ("chlorine", "4", 10)):
        with pytest.raises(NoToxicLevel):
            toxic_level(substance, level, minutes, on=day)
    with pytest.raises(OutOfRange):
        toxic_level("chlorine", "2", 0, on=day)
