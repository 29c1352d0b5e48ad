"""Rain summed over hours: nothing counted twice or left out, counters that are set back, and silence told."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warn.hazards import rainfall
from anlan.warn.hazards.rainfall import AMOUNT, TOTAL, Sum

UNTIL = 1_790_000_100_000
MINUTE = 60_000
cells = st.lists(st.tuples(st.integers(1, 24 * 60), st.integers(0, 40)), max_size=40, unique_by=lambda each: each[0])


def summed(readings, hours, counted=AMOUNT, silent=75):
    """Of readings as minutes before the end and mm."""
    rows = sorted((UNTIL - before * MINUTE, float(value)) for before, value in readings)
    times = np.array([row[0] for row in rows], np.int64)
    return rainfall.summed(times, np.array([row[1] for row in rows]), until_ms=UNTIL, hours=hours, counted=counted, silent_minutes=silent)


@given(cells, st.sampled_from([1, 3, 6, 12, 24]))
def test_the_sum_is_that_of_every_reading_of_the_window(readings, hours):
    assert summed(readings, hours).value == sum(value for before, value in readings if before <= hours * 60)


@given(cells, st.sampled_from([AMOUNT, TOTAL]))
def test_more_hours_never_have_less_rain_and_no_gap_is_longer_than_the_window(readings, counted):
    told = [summed(readings, hours, counted) for hours in (1, 3, 6, 12, 24)]
    assert all(before.value <= after.value for before, after in itertools.pairwise(told))
    assert all(0 <= each.gap_minutes <= hours * 60 for each, hours in zip(told, (1, 3, 6, 12, 24), strict=True))


@given(st.lists(st.integers(0, 20), min_size=2, max_size=30), st.integers(0, 29))
def test_a_counter_tells_the_same_rain_wherever_it_was_set_back(amounts, at):
    readings, stands = [], 0
    for number, amount in enumerate([0, *amounts]):
        stands = amount if number == at + 1 else stands + amount
        readings.append((60 - number, stands))
    # Set back to 0 after a reading, it may stand as high again at the next: then what fell between is not seen, never too much is told.
    assert summed(readings, 1, TOTAL).value <= sum(amounts)
    if at + 1 > len(amounts):
        assert summed(readings, 1, TOTAL).value == sum(amounts)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([], Sum(0.0, 360)),
        ([(300, 5), (240, 5), (180, 5), (120, 5), (60, 5), (1, 5)], Sum(30.0, 0)),
        ([(350, 5), (1, 5)], Sum(10.0, 349)),
        ([(350, 5), (300, 5), (100, 5), (30, 5)], Sum(20.0, 200)),
    ],
)
def test_silence_of_the_window_is_told_in_minutes(readings, expected):
    assert summed(readings, 6) == expected
