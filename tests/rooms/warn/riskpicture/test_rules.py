"""The law of the live grade: bands of the published grading, caps, time, hysteresis, vetoes, and explanations that add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.warn.riskpicture import aggregating, explaining, indices, refusals, rules
from anlan.warn.riskpicture.rules import BLUE, ORANGE, RED, YELLOW, Observed

INDEX = indices.read("2026-1", indices.texts("2026-1"))
CODES = [row.code for row in INDEX.factors]
HOUR = 3600.0

observation = st.builds(
    Observed,
    st.sampled_from(CODES),
    st.just(0),
    st.floats(0, 40, allow_nan=False),
    st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False)),
)
some = st.lists(observation, max_size=12)
before = st.sampled_from([0, RED, ORANGE, YELLOW, BLUE])


def graded(*observed: Observed, previous: int = 0, number: int = 1, now: float = 0.0) -> rules.Result:
    return rules.grade(INDEX, number, rules.columns(INDEX, observed, now), np.full(number, previous))


def one(*told: tuple[str, float] | tuple[str, float, float], previous: int = 0) -> rules.Result:
    """Each told as factor, amount and age in hours."""
    return graded(*(Observed(code, 0, amount, -age[0] * HOUR if age else None) for code, amount, *age in told), previous=previous)


@pytest.mark.parametrize(
    ("points", "colour"), [(100, BLUE), (90, BLUE), (89.9, YELLOW), (75, YELLOW), (74, ORANGE), (60, ORANGE), (59.5, RED), (20, RED)]
)
def test_without_live_factors_the_grade_is_that_of_the_published_grading(points, colour):
    assert one(("standing", 100 - points)).grade[0] == colour


def test_live_factors_add_to_the_inherent_part_and_say_how_much():
    result = one(("standing", 12), ("alarm_1_waiting", 1), ("commitment_missing", 1))
    parts = {code: result.parts[0, at] / 10 for at, code in enumerate(CODES) if result.parts[0, at]}
    assert parts == {"standing": 12, "alarm_1_waiting": 12, "commitment_missing": 4}
    assert (result.score[0], result.grade[0]) == (280, ORANGE)


def test_a_red_alarm_that_waits_doubles_within_its_hours_and_then_forces_red():
    fresh, half, old = (one(("alarm_1_waiting", 1, age)) for age in (0, 0.5, 3))
    assert [each.parts[0].sum() for each in (fresh, half, old)] == [120, 180, 240]
    assert [each.grade[0] for each in (fresh, half, old)] == [YELLOW, YELLOW, RED]
    assert not fresh.vetoes.any() and old.vetoes.sum() == 1


def test_a_veto_of_the_yearly_grading_is_red_whatever_the_points():
    result = one(("standing", 5), ("standing_red", 1))
    assert (result.score[0], result.grade[0]) == (50, RED)


def test_an_alarm_that_is_over_weighs_half_after_its_half_life():
    assert one(("alarm_recent", 1, 0)).parts.sum() == 20
    assert one(("alarm_recent", 1, 24)).parts.sum() == 10
    assert one(("alarm_recent", 1, 240)).parts.sum() == 0


def test_caps_of_factor_group_and_score_hold_together():
    result = one(*((code, 1000.0) for code in CODES))
    caps = {row.code: row.cap * 10 for row in INDEX.groups}
    for group, members in INDEX.by_group:
        assert result.parts[0, members].sum() <= caps[group.code]
    assert result.score[0] == 1000 and result.over[0] == result.parts.sum() - 1000


def test_a_score_that_swings_inside_the_margin_changes_the_grade_once():
    grades, previous = [], 0
    for points in (24, 26, 24.5, 25.5, 23.5, 26, 22.9, 25):
        previous = int(one(("standing", points), previous=previous).grade[0])
        grades.append(previous)
    assert grades == [YELLOW, ORANGE, ORANGE, ORANGE, ORANGE, ORANGE, YELLOW, YELLOW]


@settings(max_examples=60, deadline=None)
@given(seen=some, more=observation, previous=before)
def test_more_hazard_never_lowers_score_or_grade(seen, more, previous):
    less, full = graded(*seen, previous=previous), graded(*seen, more, previous=previous)
    assert full.score[0] >= less.score[0]
    assert full.grade[0] <= less.grade[0]


@settings(max_examples=60, deadline=None)
@given(seen=some, previous=before)
def test_parts_add_up_to_the_score_and_stay_under_their_caps(seen, previous):
    result = graded(*seen, previous=previous)
    assert result.parts.sum() - result.over[0] == result.score[0]
    assert (result.parts[0] >= 0).all()
    assert (result.parts[0] <= np.array([round(row.cap * 10) for row in INDEX.factors])).all()


@settings(max_examples=60, deadline=None)
@given(seen=some, previous=before)
def test_a_grade_reckoned_again_from_the_same_facts_stays(seen, previous):
    first = graded(*seen, previous=previous)
    again = graded(*seen, previous=int(first.grade[0]))
    assert again.grade[0] == first.grade[0]


@settings(max_examples=60, deadline=None)
@given(swings=st.lists(st.floats(23.1, 41.9), min_size=2, max_size=20))
def test_hysteresis_never_flaps_inside_the_margin(swings):
    grades, previous = [], ORANGE
    for points in swings:
        previous = int(one(("standing", points), previous=previous).grade[0])
        grades.append(previous)
    # Between the margins under orange's bound and over red's no swing betters the grade, and red is let go only under its own margin.
    for grade, points in zip(grades, swings, strict=True):
        assert grade == ORANGE or (grade == RED and round(points, 1) > 38)


@settings(max_examples=40, deadline=None)
@given(
    age=st.floats(0, 5000),
    later=st.floats(0, 5000),
    code=st.sampled_from([row.code for row in INDEX.factors if row.timing == rules.DECAYS]),
)
def test_what_decays_never_grows_again(age, later, code):
    assert one((code, 1, age + later)).score[0] <= one((code, 1, age)).score[0]


@settings(max_examples=40, deadline=None)
@given(seen=some, previous=before)
def test_what_is_said_to_better_a_grade_does(seen, previous):
    columns = rules.columns(INDEX, seen, 0.0)
    present = int(rules.grade(INDEX, 1, columns, np.array([previous])).grade[0])
    told = explaining.outlook(INDEX, columns, present)
    assert all(relief.grade > present for relief in (*told.singles, *told.pairs))
    assert not (told.singles and told.pairs)
    assert told.best >= present


def test_orange_would_be_yellow_if_the_alarm_were_acknowledged():
    columns = rules.columns(
        INDEX, [Observed("standing", 0, 16), Observed("alarm_1_waiting", 0, 1, 0.0), Observed("danger_open", 0, 1)], 0.0
    )
    told = explaining.outlook(INDEX, columns, ORANGE)
    assert [(each.grade, [(step.factor, step.count, step.total) for step in each.steps]) for each in told.singles] == [
        (YELLOW, [("alarm_1_waiting", 1, 1)])
    ]
    assert (told.best, told.best_score) == (YELLOW, 160)


def test_where_no_single_change_helps_the_smallest_pairs_are_told():
    seen = [
        Observed("standing", 0, 19),
        Observed("commitment_missing", 0, 1),
        Observed("permit_overrun", 0, 1),
        Observed("certificate_unit", 0, 1),
    ]
    told = explaining.outlook(INDEX, rules.columns(INDEX, seen, 0.0), ORANGE)
    assert not told.singles
    assert {frozenset(step.factor for step in each.steps) for each in told.pairs} == {
        frozenset({"permit_overrun", "commitment_missing"}),
        frozenset({"permit_overrun", "certificate_unit"}),
    }


def test_many_subjects_are_graded_as_each_alone():
    told = [
        Observed("standing", 0, 30),
        Observed("alarm_1_waiting", 1, 2, -HOUR),
        Observed("danger_major", 2, 1),
        Observed("standing", 2, 8),
    ]
    together = graded(*told, number=4)
    for subject in range(4):
        alone = graded(*(each._replace(subject=0) for each in told if each.subject == subject))
        assert (alone.score[0], alone.grade[0]) == (together.score[subject], together.grade[subject])


def test_factors_of_another_version_are_left_out():
    assert graded(Observed("never_heard_of", 0, 5)).score[0] == 0


def test_only_what_grows_or_decays_is_looked_at_again():
    steady, growing, done, decaying = (
        rules.look_again_s(INDEX, one(told))[0]
        for told in (("danger_major", 1), ("alarm_1_waiting", 1, 0), ("alarm_1_waiting", 1, 9), ("accident", 1, 5))
    )
    assert np.isinf(steady) and np.isinf(done)
    assert growing == 300 and decaying == 86400


def test_an_unsound_index_says_which_row_is_wrong():
    texts = indices.changed(indices.texts("2026-1"), "bands", {("1", "above"): "20"})
    with pytest.raises(refusals.IndexUnsound, match="bands"):
        indices.read("x", texts)
    with pytest.raises(refusals.IndexUnsound, match="factors:2"):
        indices.read("x", indices.changed(indices.texts("2026-1"), "factors", {("standing", "points"): "many"}))


def test_a_figure_the_node_sets_is_marked_as_its_own():
    index = indices.read("x", indices.changed(indices.texts("2026-1"), "factors", {("danger_open", "points"): "0.5"}))
    row = index.factors[index.position["danger_open"]]
    assert (row.points, row.source, row.status) == (0.5, indices.OWN, "unverified")
    assert index.factors[index.position["danger_major"]].source != indices.OWN


def area(level: str, *told: tuple[int, int]) -> int:
    """The score of an area of enterprises told as grade and score (tenths)."""
    grade, score = np.array([each[0] for each in told]), np.array([each[1] for each in told])
    loads = aggregating.load(INDEX, grade, np.ones(len(told))).sum()
    return int(aggregating.scores(INDEX, level, np.array([score.max()]), np.array([loads]))[0])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 1000)), min_size=1, max_size=30),
    st.tuples(st.integers(1, 4), st.integers(0, 1000)),
)
def test_a_further_enterprise_never_betters_an_area(told, more):
    assert area("county", *told, more) >= area("county", *told)


def test_the_same_enterprises_weigh_less_in_a_larger_area():
    told = [(RED, 500)] * 3 + [(BLUE, 20)] * 40
    scores = [area(level, *told) for level in ("township", "county", "city", "province", "nation")]
    assert scores == sorted(scores, reverse=True) and scores[0] > scores[-1]


def test_people_at_work_weigh():
    assert aggregating.exposure(INDEX, np.array([0, 99, 100, 5000])).tolist() == [1, 1, 1.2, 2]
