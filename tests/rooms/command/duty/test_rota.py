"""Rotas: a year checked minute by minute, who is passed over, and what is wrong with a set of shifts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.duty import rota
from anlan.command.duty.rota import CHINA, Away, Need, Shift
from anlan.kernel import workdays

YEAR = 2026
HOLIDAYS_2026 = (
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
)
WORKED_WEEKENDS_2026 = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")
"""Written out from the State Council's notice for 2026, apart from the library the rota asks."""

HOUR = timedelta(hours=1)
START = datetime(YEAR, 3, 2, 8, 30, tzinfo=CHINA)


def on(month_day: str) -> date:
    return date.fromisoformat(f"{YEAR}-{month_day}")


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def written_kind(day: date) -> str:
    """The kind of a day of 2026 by what is written above."""
    if any(on(first) <= day <= on(last) for first, last in HOLIDAYS_2026):
        return "holiday"
    if day in {on(each) for each in WORKED_WEEKENDS_2026}:
        return "workday"
    return "rest_day" if day.isoweekday() > 5 else "workday"


def pattern(name: str) -> list[rota.Turn]:
    return [turn for turn in rota.turns() if turn.pattern == name]


def test_every_day_of_the_year_is_of_the_kind_that_the_notice_says() -> None:
    assert {day: workdays.day_of(day).kind for day in days_of(YEAR)} == {day: written_kind(day) for day in days_of(YEAR)}
    assert workdays.day_of(on("02-14")).in_lieu
    assert workdays.day_of(on("02-17")).holiday == "春节"
    assert not workdays.day_of(date(2099, 1, 1)).known
    assert workdays.day_of(date(2099, 1, 3)).kind == "rest_day"


CREWS = {"workday": "ABCDEFG", "rest_day": "HIJK", "holiday": "LMN"}
NAMES = "".join(CREWS.values())


def test_a_year_is_manned_minute_by_minute_as_it_is_written() -> None:
    """Seven officers take working days in turn, four days of rest, three holidays, two at once there; each from 08:30 until 08:30."""
    queues = {("officer", kind): list(crew) for kind, crew in CREWS.items()} | {("leader", kind): ["李", "王", "赵"] for kind in CREWS}
    start = datetime(YEAR, 1, 1, 8, 30, tzinfo=CHINA)
    planned = np.zeros((365 * 24 * 60, len(NAMES)), dtype=np.int8)
    for shift in rota.plan(days_of(YEAR), pattern("around_the_clock"), queues):
        if shift.kind == "officer":
            first, last = ((moment - start) // timedelta(minutes=1) for moment in (shift.starts, shift.ends))
            planned[first:last, NAMES.index(str(shift.who))] += 1

    taken = dict.fromkeys(CREWS, 0)
    written = np.zeros_like(planned)
    for number, day in enumerate(days_of(YEAR)):
        kind = written_kind(day)
        for _one in range(2 if kind == "holiday" else 1):
            written[number * 1440 : (number + 1) * 1440, NAMES.index(CREWS[kind][taken[kind] % len(CREWS[kind])])] = 1
            taken[kind] += 1
    assert np.array_equal(planned, written)
    assert taken == {"workday": 248, "rest_day": 84, "holiday": 66}


def test_who_was_away_keeps_his_place_and_is_next() -> None:
    days = [START.date() + timedelta(days=n) for n in range(5)]
    away = [Away("A", START, START + timedelta(days=2))]
    shifts = rota.plan(
        days, pattern("around_the_clock"), {("officer", "workday"): ["A", "B", "C"], ("leader", "workday"): ["L"]}, away=away
    )
    officers = [shift for shift in shifts if shift.kind == "officer"]
    assert [shift.who for shift in officers] == ["B", "C", "A", "B", "C"]
    assert officers[0].passed == (("A", rota.AWAY),)


def test_nobody_comes_back_before_he_has_rested_and_a_turn_without_anybody_is_a_gap() -> None:
    days = [START.date(), START.date() + timedelta(days=1)]
    shifts = rota.plan(days, pattern("around_the_clock"), {("officer", "workday"): ["A"], ("leader", "workday"): ["L"]}, rest=24 * HOUR)
    assert [shift.who for shift in shifts if shift.kind == "officer"] == ["A", None]
    missing = rota.gaps(shifts, rota.needs(days, pattern("around_the_clock")))
    assert [(gap.kind, gap.starts, gap.ends, gap.missing) for gap in missing] == [
        (kind, START + 24 * HOUR, START + 48 * HOUR, 1) for kind in ("leader", "officer")
    ]


@pytest.mark.parametrize("name", sorted({turn.pattern for turn in rota.turns()}))
def test_every_pattern_leaves_no_minute_of_a_year_without_a_leader_and_an_officer(name: str) -> None:
    wanted = rota.needs(days_of(YEAR), pattern(name))
    start, end = datetime(YEAR, 1, 1, 8, 30, tzinfo=CHINA), datetime(YEAR + 1, 1, 1, 8, 30, tzinfo=CHINA)
    for kind in ("leader", "officer"):
        edges = sorted((need.starts, need.ends) for need in wanted if need.kind == kind)
        assert edges[0][0] == start
        assert edges[-1][1] == end
        assert all(before[1] == after[0] for before, after in pairwise(edges))


hours = st.tuples(st.integers(0, 40), st.integers(1, 20))


@given(st.lists(st.tuples(hours, st.sampled_from("ABC")), max_size=6), st.lists(st.tuples(hours, st.integers(1, 3)), max_size=4))
def test_a_gap_is_every_hour_with_fewer_people_than_needed(manned: list, wanted: list) -> None:
    shifts = [Shift("officer", START + a * HOUR, START + (a + long) * HOUR, who) for (a, long), who in manned]
    needed = [Need("officer", START + a * HOUR, START + (a + long) * HOUR, count) for (a, long), count in wanted]
    lacking = np.zeros(60, dtype=int)
    for hour in range(60):
        there = {who for (a, long), who in manned if a <= hour < a + long}
        lacking[hour] = max(0, sum(count for (a, long), count in wanted if a <= hour < a + long) - len(there))
    found = np.zeros(60, dtype=int)
    for gap in rota.gaps(shifts, needed):
        found[(gap.starts - START) // HOUR : (gap.ends - START) // HOUR] += gap.missing
    assert np.array_equal(found, lacking)


@given(st.lists(st.tuples(hours, st.sampled_from("AB")), max_size=6))
def test_an_overlap_is_found_exactly_where_somebody_is_twice(manned: list) -> None:
    shifts = [Shift("officer", START + a * HOUR, START + (a + long) * HOUR, who) for (a, long), who in manned]
    twice = {(who, hour) for who in "AB" for hour in range(60) if sum(w == who and a <= hour < a + long for (a, long), w in manned) > 1}
    found = {
        (each.who, hour) for each in rota.overlaps(shifts) for hour in range((each.starts - START) // HOUR, (each.ends - START) // HOUR)
    }
    assert found == twice
