"""Early warning: nearer is never later, greater is never weaker, and whoever is reached already is told so."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence import yu_2013
from anlan.warn.hazards import eew, rules

AT = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
LAYERS = tuple(eew.Layer(row.top_km, row.p_km_s, row.s_km_s) for row in rules.table("velocities", rules.CrustLayer))
depths = st.floats(0.0, 300.0)
away = st.floats(0.0, 800.0)
magnitudes = st.floats(3.0, 9.5)
regions = st.sampled_from(yu_2013.REGIONS)
nearest_first = st.lists(away, min_size=2, max_size=30).map(sorted)
"""Many distances at once: the functions take arrays, and one example then tries hundreds of pairs."""


@settings(max_examples=40)
@given(depths, nearest_first, st.sampled_from("ps"))
def test_a_nearer_place_is_never_reached_later(depth, distances, wave):
    assert (np.diff(eew.arrival_s(distances, depth, LAYERS, wave=wave)) >= -1e-9).all()


@settings(max_examples=40)
@given(depths, nearest_first)
def test_the_p_wave_is_never_behind_the_s_wave_and_nothing_outruns_the_fastest_layer(depth, distances):
    p, s = (eew.arrival_s(distances, depth, LAYERS, wave=wave) for wave in "ps")
    assert (p <= s).all()
    assert (s >= np.asarray(distances) / LAYERS[-1].s_km_s - 1e-9).all()


@settings(max_examples=50)
@given(regions, magnitudes, magnitudes, nearest_first)
def test_a_greater_earthquake_is_never_told_weaker(region, one, other, distances):
    weak, strong = (eew.intensity_at(region, each, distances) for each in sorted((one, other)))
    assert (strong >= weak - 1e-9).all()


@settings(max_examples=40)
@given(regions, magnitudes, nearest_first)
def test_a_nearer_place_is_never_told_weaker(region, magnitude, distances):
    assert (np.diff(eew.intensity_at(region, magnitude, distances)) <= 1e-9).all()


@pytest.mark.parametrize("region", yu_2013.REGIONS)
def test_the_degree_is_that_of_the_published_relation_or_above_it(region):
    distances = np.linspace(0.0, 300.0, 200)
    for magnitude in (4.5, 5.5, 6.5, 7.0, 8.0):
        published = yu_2013.axis_intensity(region, 0, magnitude, distances)
        assert (eew.intensity_at(region, magnitude, distances) >= published - 1e-9).all()
        # Put right upwards by no more than the step of the standard and the break of the coefficients.
        assert (eew.intensity_at(region, magnitude, distances) - published).max() < 1.0


def origin(magnitude=6.5, depth=10.0):
    return eew.Origin(AT, 117.0, 36.0, depth, magnitude, "eastern")


def test_the_blind_zone_is_told_as_already_shaking_and_gets_no_seconds():
    told = eew.countdown(origin(), [117.0, 117.5], [36.0, 36.0], at=AT + timedelta(seconds=8), layers=LAYERS, felt=4.0)
    assert told.states.tolist() == [eew.SHAKING, eew.WARN]
    assert told.seconds[0] < 0 < told.seconds[1]
    blind = eew.blind_km(origin(), AT + timedelta(seconds=8), LAYERS)
    assert told.distance_km[0] <= blind < told.distance_km[1]


@settings(max_examples=60)
@given(st.floats(0.0, 120.0), away)
def test_seconds_run_down_with_the_clock_and_never_come_back(since, distance):
    place = ([117.0], [36.0 + distance / 111.195])
    early = eew.countdown(origin(), *place, at=AT + timedelta(seconds=since), layers=LAYERS, felt=1.0)
    later = eew.countdown(origin(), *place, at=AT + timedelta(seconds=since + 5), layers=LAYERS, felt=1.0)
    assert early.seconds[0] - later.seconds[0] == pytest.approx(5.0, abs=1e-6)
    assert not (early.states[0] == eew.SHAKING and later.states[0] == eew.WARN)


def test_a_place_that_would_feel_nothing_is_not_told():
    told = eew.countdown(origin(4.0), [125.0], [44.0], at=AT, layers=LAYERS, felt=4.0)
    assert told.states.tolist() == [eew.NOT_FELT]


def test_a_place_without_coordinates_is_not_told_a_degree():
    told = eew.countdown(origin(), [np.nan], [np.nan], at=AT, layers=LAYERS, felt=4.0)
    assert told.states.tolist() == [eew.NOT_FELT]


@pytest.mark.parametrize(
    ("warned", "found", "outcome"), [(7.0, 6.4, "hit"), (None, 6.4, "missed"), (5.0, 6.4, "missed"), (6.5, 5.0, "false"), (5.0, 5.0, None)]
)
def test_misses_and_false_alarms_are_named_after_the_catalogue(warned, found, outcome):
    assert eew.outcome(warned, found, 6.0) == outcome
