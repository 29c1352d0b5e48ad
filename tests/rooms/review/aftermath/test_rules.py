"""Figures are reckoned from the course by stated rules; what weighs most is what a short report keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from anlan.command.incidents.door import TimelineLine
from anlan.review.aftermath import rules

START = datetime(2026, 11, 22, 18, 14, tzinfo=UTC)
DAY = date(2026, 11, 23)


def line(minute: float, code: str, *, met: bool | None = None, late: int = 0) -> TimelineLine:
    return TimelineLine(START + timedelta(minutes=minute), code.split(".")[0], code, met=met, late_minutes=late, code=code)


def reckoned(*lines: TimelineLine) -> dict[str, rules.Figure]:
    return {each.code: each for each in rules.reckon(rules.indicator_rules(DAY), lines)}


def test_minutes_run_from_the_first_of_one_kind_to_the_first_of_the_other_after_it():
    found = reckoned(
        line(-5, "bulletin.publish"),
        line(0, "alarm.raised"),
        line(2, "alarm.acknowledged"),
        line(4, "filing.step"),
        line(9, "bulletin.publish"),
    )
    assert found["alarm_owned"].value == 2
    assert found["alarm_reported"].value == 4
    assert found["warning_out"].value == 9, "a warning before the alarm does not answer it"
    assert found["people_out"].value is None, "nothing of the kind happened: not zero"


def test_shares_count_deadlines_met_and_missed_and_only_of_their_kind():
    found = reckoned(
        line(1, "filing.step", met=True),
        line(2, "filing.missed", met=False, late=14),
        line(3, "task.finish", met=True),
        line(4, "order.accept"),
    )
    assert (found["reports_in_time"].part, found["reports_in_time"].whole) == (1, 2)
    assert found["tasks_in_time"].value == 1
    assert (found["everything_in_time"].part, found["everything_in_time"].whole) == (2, 3)


def test_instructions_done_are_a_share_of_those_given():
    found = reckoned(line(1, "filing.instruction"), line(2, "filing.instruction"), line(3, "filing.instruction_done"))
    assert (found["instructions_done"].part, found["instructions_done"].whole) == (1, 2)
    assert reckoned()["instructions_done"].value is None


def test_every_indicator_belongs_to_a_part_of_the_work_and_says_where_it_comes_from():
    known = rules.areas(DAY)
    for each in rules.indicator_rules(DAY):
        assert each.area in known
        assert each.kind in ("interval", "share", "done")
        assert each.source and each.status


kinds = st.sampled_from(["log.note", "task.accept", "task.finish", "filing.step", "response.start", "log.decision"])


@given(st.lists(st.tuples(kinds, st.sampled_from([None, True, False])), max_size=80), st.integers(1, 40))
def test_a_short_report_keeps_order_and_never_a_note_before_what_was_missed(asked, most):
    lines = [line(number, code, met=met) for number, (code, met) in enumerate(asked)]
    kept = rules.chosen(lines, most)
    assert len(kept) == min(most, len(lines))
    assert [each.at for each in kept] == sorted(each.at for each in kept)
    lost_missed = [each for each in lines if each.met is False and each not in kept]
    assert not lost_missed or all(each.met is False for each in kept)


def test_a_replay_stops_once_a_minute_at_what_weighs_most_of_it():
    lines = [line(0, "log.note"), line(0.2, "filing.missed", met=False), line(0.5, "response.start"), line(3, "log.note")]
    assert [each.code for each in rules.moments(lines, 120)] == ["filing.missed", "log.note"]
    many = [line(minute, "log.note") for minute in range(1000)]
    assert len(rules.moments(many, 120)) == 120


def test_missed_deadlines_are_listed_with_who_owed_them():
    lines = [line(0, "filing.step", met=True), line(5, "filing.step", met=False, late=14)]
    assert [(each.late_minutes, each.kind) for each in rules.missed(lines)] == [(14, "filing")]
