"""Warnings held against what came true: hits, lead, false alarms."""

from hypothesis import given
from hypothesis import strategies as st

from anlan.warn.riskpicture.backtesting import Outcome, Span, Watch, judge

HOUR = 3600.0
DAY = 24 * HOUR


def judged(spans, outcomes, *, until=100 * DAY):
    return judge(spans, outcomes, horizon_h=72, subjects=10, since=0.0, until=until)


def test_what_was_warned_of_in_time_is_a_hit_with_its_lead():
    verdict = judged([Span("a", 10 * DAY, 11 * DAY)], [Outcome("a", 12 * DAY), Outcome("b", 12 * DAY)])
    assert (verdict.hits, verdict.hit_rate, verdict.lead_h) == (1, 50.0, 48.0)
    assert (verdict.warnings, verdict.false_alarms, verdict.false_rate) == (1, 0, 0.0)


def test_a_warning_after_nothing_came_is_false_once_its_horizon_is_over():
    spans = [Span("a", 10 * DAY, 11 * DAY), Span("b", 98 * DAY, 99 * DAY), Span("c", 98 * DAY, None)]
    verdict = judged(spans, [])
    assert (verdict.warnings, verdict.judged, verdict.false_alarms, verdict.false_rate) == (3, 1, 1, 100.0)
    assert verdict.hit_rate is None and verdict.lead_h is None


def test_a_warning_that_begins_with_the_event_or_ended_long_before_warned_of_nothing():
    outcome = Outcome("a", 20 * DAY)
    assert judged([Span("a", 20 * DAY, 21 * DAY)], [outcome]).hits == 0
    assert judged([Span("a", 10 * DAY, 16 * DAY)], [outcome]).hits == 0
    assert judged([Span("a", 10 * DAY, 17 * DAY)], [outcome]).hits == 1


def test_time_under_warning_is_told_of_all_subject_hours():
    assert judged([Span("a", 0, 50 * DAY), Span("b", 50 * DAY, None)], []).warned_share == 10.0


def test_grades_moment_by_moment_become_spans():
    watch = Watch()
    for hour, grades in enumerate([{"a": 4, "b": 2}, {"a": 1, "b": 2}, {"a": 2, "b": 3}, {"a": 4, "b": 4}]):
        watch.see(hour * HOUR, grades.items())
    assert watch.closed() == [Span("b", 0.0, 2 * HOUR), Span("a", HOUR, 3 * HOUR)]


@given(st.lists(st.lists(st.integers(1, 4), min_size=2, max_size=2), min_size=1, max_size=12), st.integers(1, 11))
def test_a_replay_that_was_interrupted_finds_the_same_spans(moments, cut):
    whole, first = Watch(), Watch()
    for at, grades in enumerate(moments):
        whole.see(at, zip("ab", grades, strict=True))
    for at, grades in enumerate(moments[:cut]):
        first.see(at, zip("ab", grades, strict=True))
    second = Watch(first.opened)
    for at, grades in enumerate(moments[cut:], cut):
        second.see(at, zip("ab", grades, strict=True))
    assert sorted(first.spans + second.closed(), key=str) == sorted(whole.closed(), key=str)
