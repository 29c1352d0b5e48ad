"""Nobody is lost, no shelter overflows, no plan is worse than none."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.routing import evacuation
from anlan.routing.evacuation import assign, nearest_first
from anlan.routing.evacuation_fleet import BadShare, Fleet, NoVehicles, carried
from anlan.routing.evacuation_flow import (
    BadRoad,
    CurveUnknown,
    Mobilisation,
    NeverClear,
    Passage,
    Road,
    capacities,
    clearance,
    mobilisation,
    mobilisations,
)

NOW = Mobilisation("ramp", 600.0)


@st.composite
def problems(draw):
    count, shelters = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    people = draw(st.lists(st.integers(0, 5000), min_size=count, max_size=count))
    room = draw(st.lists(st.integers(0, 6000), min_size=shelters, max_size=shelters).filter(any))
    cell = st.one_of(st.floats(0, 20_000), st.just(float("inf")), st.just(float("nan")))
    times = draw(st.lists(st.lists(cell, min_size=shelters, max_size=shelters), min_size=count, max_size=count))
    return people, times, room


@settings(max_examples=60, deadline=None)
@given(problems())
def test_nobody_is_lost_and_no_shelter_takes_more_than_it_holds(problem):
    found = assign(*problem, cut_off_stay=True)
    moved = np.zeros(len(problem[0]), dtype=int)
    for move in found.moves:
        moved[move.origin] += move.people
        assert np.isfinite(problem[1][move.origin][move.shelter])
    assert (moved + found.left).tolist() == problem[0]
    assert (found.taken <= np.array(problem[2])).all()
    assert found.assigned + found.shortfall == sum(problem[0])


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_optimum_is_never_worse_than_the_nearest_first(problem):
    best, plain = assign(*problem, cut_off_stay=True), nearest_first(*problem, cut_off_stay=True)
    assert best.shortfall <= plain.shortfall
    if best.shortfall == plain.shortfall:
        assert best.person_hours <= plain.person_hours + 1e-6


def test_the_far_village_is_not_sent_over_the_mountain_because_it_was_last_in_the_list():
    # The first fills the near shelter in either case; only the optimum leaves it to the one that has no other.
    people, times, room = [100, 100], [[100, 200], [150, 9000]], [100, 100]
    assert nearest_first(people, times, room).person_hours == pytest.approx((100 * 100 + 100 * 9000) / 3600)
    assert assign(people, times, room).person_hours == pytest.approx((100 * 200 + 100 * 150) / 3600)


def test_people_without_a_place_are_said():
    found = assign([100, 50], [[60], [600]], [120])
    assert (found.assigned, found.shortfall, found.left.tolist()) == (120, 30, [0, 30])


@pytest.mark.parametrize(
    ("people", "times", "room", "refusal"),
    [
        ([-1], [[1.0]], [5], evacuation.BadPeople),
        ([1.5], [[1.0]], [5], evacuation.BadPeople),
        ([float("nan")], [[1.0]], [5], evacuation.BadPeople),
        ([1], [[1.0]], [-5], evacuation.BadCapacity),
        ([1], [[1.0]], [0], evacuation.NoShelter),
        ([1], [[]], [], evacuation.NoShelter),
        ([], [], [5], evacuation.NoOrigin),
        ([1], [[1.0, 2.0]], [5], evacuation.BadShape),
        ([1], [[-1.0]], [5], evacuation.BadTime),
        ([1], [[float("inf")]], [5], evacuation.OriginCutOff),
    ],
)
def test_what_is_impossible_is_refused_by_its_name(people, times, room, refusal):
    with pytest.raises(refusal) as refused:
        assign(people, times, room, origins=("王家庄",), shelters=("一中",))
    assert "{" not in refused.value.message()


def test_an_origin_that_reaches_no_shelter_is_named_with_its_people():
    with pytest.raises(evacuation.OriginCutOff) as refused:
        assign([10, 20], [[60.0], [np.inf]], [50], origins=("王家庄", "孤岛村"))
    assert (refused.value.facts["origins"], refused.value.facts["people"]) == ("孤岛村", 20)
    stays = assign([10, 20], [[60.0], [np.inf]], [50], cut_off_stay=True)
    assert (stays.cut_off, stays.shortfall) == ((1,), 20)


def test_a_free_road_holds_nobody_up_and_a_narrow_one_is_named():
    found = assign([6000], [[1200.0]], [6000])
    free = clearance(found, [NOW])
    assert (free.clear_s, free.bottleneck) == (pytest.approx(1800.0), "")
    held = clearance(
        found, [NOW], roads=[Road("北大桥", 3600.0), Road("国道", 90_000.0)], passages={(0, 0): [Passage(0, 300), Passage(1, 400)]}
    )
    # 6,000 people at one a second: the last passes 6,000 s after the first came to the bridge, and has 900 s to go.
    assert held.bottleneck == "北大桥"
    assert held.clear_s == pytest.approx(300 + 6000 + 900, abs=61)
    assert max(queue.most_waiting for queue in held.queues) == pytest.approx(6000 - 600, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(problems(), st.floats(500, 50_000))
def test_the_waves_keep_everybody_and_end_with_all_of_them_safe(problem, rate):
    found = assign(*problem, cut_off_stay=True)
    passages = {(move.origin, move.shelter): [Passage(0, move.seconds / 2)] for move in found.moves}
    course = clearance(found, [NOW] * len(problem[0]), roads=[Road("桥", rate)], passages=passages)
    assert all(wave.waiting + wave.under_way + wave.arrived == found.assigned for wave in course.waves)
    assert all(min(wave.waiting, wave.under_way, wave.arrived) >= 0 for wave in course.waves)
    assert all(a.arrived <= b.arrived for a, b in pairwise(course.waves))
    if found.moves:
        assert course.waves[-1].arrived == found.assigned
        assert course.clear_s >= found.longest_s


def test_half_of_the_public_has_left_after_thirty_five_minutes():
    # 1 - exp(-t^2 / 1800) = 0.5 at t = sqrt(1800 ln 2) = 35.3 min.
    curve = mobilisation("general", warned_s=600.0)
    assert float(curve.share(np.array([600.0 + 35.3 * 60]))[0]) == pytest.approx(0.5, abs=0.002)
    assert float(curve.share(np.array([curve.last_s]))[0]) == pytest.approx(1.0)
    with pytest.raises(CurveUnknown):
        mobilisation("hasty")


def test_every_figure_says_where_it_comes_from():
    assert all(curve.status in {"verified", "secondary", "unverified"} and curve.source for curve in mobilisations().values())
    assert all(value > 0 for value in capacities().values())


def test_a_road_without_capacity_and_one_that_never_clears_are_refused():
    found = assign([5000], [[600.0]], [5000])
    with pytest.raises(BadRoad):
        clearance(found, [NOW], roads=[Road("断桥", 0.0)])
    with pytest.raises(NeverClear):
        clearance(found, [NOW], roads=[Road("索桥", 1.0)], passages={(0, 0): [Passage(0, 0)]})


def test_buses_go_in_rounds_and_carry_each_once():
    found = assign([100, 40], [[600.0], [1200.0]], [500])
    trips = carried(found, [0.5, 1.0], Fleet(1, 45, ready_s=0, load_s=100, unload_s=50, empty_s=0))
    assert sum(trip.people for trip in trips) == 90
    assert [(trip.origin, trip.people, trip.leaves_s) for trip in trips] == [(1, 40, 100), (0, 45, 2650), (0, 5, 4000)]
    assert carried(found, [0.0, 0.0], Fleet(0, 0)) == ()
    with pytest.raises(NoVehicles):
        carried(found, [0.1, 0.0], Fleet(0, 45))
    with pytest.raises(BadShare):
        carried(found, [1.1, 0.0], Fleet(1, 45), origins=("甲村",))
