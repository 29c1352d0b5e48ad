"""Missing readings are the due times that no reading answers; the figures of parts add up to the figure of the whole."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.stream.missing import OPEN, expected, from_times, missing


def count(since: int, until: int, interval: int, first: int, last: int) -> int:
    return int(missing(*(np.array([each], np.int64) for each in (since, until, interval, first, last)))[0])


def by_hand(since: int, until: int, interval: int, first: int, last: int) -> int:
    found, due = 0, since + interval
    while due < min(until - interval // 2, last):
        found += due >= first
        due += interval
    return found


times = st.integers(0, 4000)


@given(since=times, length=st.integers(1, 4000), interval=st.integers(1, 400), first=times, span=st.integers(0, 4000))
def test_it_is_the_number_of_due_times_between_two_readings(since: int, length: int, interval: int, first: int, span: int) -> None:
    asked = (since, since + length, interval, first, first + span)
    assert count(*asked) == by_hand(*asked)


@given(since=times, length=st.integers(1, 4000), interval=st.integers(1, 400), cuts=st.lists(times, min_size=1, max_size=5))
def test_days_add_up_to_the_whole(since: int, length: int, interval: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 10_000]
    parts = [count(since, since + length, interval, first, last) for first, last in pairwise(edges)]
    assert sum(parts) == count(since, since + length, interval, 0, 10_000)


def test_a_reading_half_an_interval_early_or_late_misses_nothing() -> None:
    assert count(0, 1499, 1000, 0, 10_000) == 0
    assert count(0, 2000, 1000, 0, 10_000) == 1
    assert count(0, 2400, 1000, 0, 10_000) == 1
    assert count(0, 2600, 1000, 0, 10_000) == 2


def test_nothing_is_expected_where_no_interval_is_known() -> None:
    assert count(0, 5000, 0, 0, 10_000) == 0
    assert expected(np.array([0]), np.array([5000]), np.array([0])).tolist() == [0]


@given(lost=st.sets(st.integers(0, 59)))
def test_lost_readings_are_found_from_the_times_of_the_others_alone(lost: set[int]) -> None:
    kept = np.array([n * 1000 for n in range(60) if n not in lost], np.int64)
    told = (np.full(len(kept), 7, np.int32), kept)
    column = [np.array([value], np.int64) for value in (1000, -1000, 0, 60_000)]
    assert from_times([7], told, *column).tolist() == [len(lost)]


def test_what_never_came_is_missing_from_the_first_due_time_on() -> None:
    assert count(-1000, OPEN, 1000, 0, 60_000) == 60
