"""A curve is told in the resolution its span asks for, holds every reading once, late ones too, and says where readings are marked."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.stream import curves
from anlan.sense.stream.newest import Newest
from anlan.sense.stream.rollups import HOUR_MS, MINUTE_MS, Rollups, Span, together
from anlan.sense.stream.store import HOURS, MINUTES, Store
from anlan.wire.blocks import DOUBTFUL, LATE, MAINTENANCE, Block

START = 1_790_000_000_000 // HOUR_MS * HOUR_MS
TABLES = curves.Tables("readings", "minutes", "hours", "marks")
spans = st.integers(1, 20 * 365 * 24 * HOUR_MS)


@given(span=spans, most=st.integers(2, curves.MOST_BUCKETS), since=st.integers(0, 10**13))
def test_no_window_has_more_buckets_than_asked_for(span: int, most: int, since: int) -> None:
    width = curves.bucket_width(span, most)
    assert (since + span - 1) // width - since // width + 1 <= most


def test_a_second_is_told_by_the_millisecond_a_day_in_minutes_and_a_year_in_hours() -> None:
    assert curves.bucket_width(1000) == 1
    assert curves.bucket_width(24 * HOUR_MS) == MINUTE_MS
    assert curves.bucket_width(365 * 24 * HOUR_MS) == 6 * HOUR_MS


@given(
    since=st.integers(0, 10**7),
    span=st.integers(1, 10**9),
    width=st.sampled_from(curves.WIDTHS_MS),
    settled=st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(lambda pair: (max(pair), min(pair))),
)
def test_the_parts_of_a_curve_follow_each_other_without_gap_or_overlap(since: int, span: int, width: int, settled: tuple[int, int]) -> None:
    parts = curves.plan(since, since + span, width, settled, TABLES)
    at = since
    for table, begin, end in parts:
        assert begin == at < end
        at = end
        if table != "readings":
            unit, written = (HOUR_MS, settled[1]) if table == "hours" else (MINUTE_MS, settled[0])
            assert width % unit == begin % unit == end % unit == 0 and end <= written
    assert at == since + span


marks = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10), st.sampled_from([LATE, MAINTENANCE])), max_size=12).map(
    lambda found: [(since, since + length, bits) for since, length, bits in found]
)


@given(found=marks)
def test_joined_marks_stand_apart_by_bit_and_forget_nothing(found: list[tuple[int, int, int]]) -> None:
    joined = curves.merged(found, 1)
    for bit in (LATE, MAINTENANCE):
        own = [mark for mark in joined if mark[2] == bit]
        assert all(a[1] + 2 < b[0] for a, b in pairwise(own))
        for since, until, bits in found:
            assert bits != bit or any(a <= since and until <= b for a, b, _bit in own)


def test_a_pause_is_a_gap_by_the_habit_of_the_point() -> None:
    assert curves.gap([0, 1000, 2000, 3000], 1) == 4000
    assert curves.gap([0, 300_000, 600_000], 1000) == 1_200_000
    assert curves.gap([], 500) == 2000


@pytest.mark.engines
def test_a_curve_agrees_with_the_readings_at_every_zoom_and_late_ones_count_at_once(tmp_path: Path) -> None:
    store, rollups = Store(tmp_path), Rollups()
    store.prepare()
    dice = np.random.default_rng(5)
    first = START + np.arange(0, 30 * HOUR_MS, 7000, dtype=np.int64)
    late = START + np.arange(HOUR_MS, 3 * HOUR_MS, 50_000, dtype=np.int64) + 1234
    known: dict[int, float] = {}

    def take(times: np.ndarray, quality: int) -> None:
        values = dice.normal(20, 3, len(times))
        block = Block(np.full(len(times), 1, np.int32), times, values, np.full(len(times), quality, np.uint8))
        known.update(zip(times.tolist(), values.tolist(), strict=True))
        store.insert(block)
        rollups.take(block)
        for table, closed in ((MINUTES, rollups.closed_minutes), (HOURS, rollups.closed_hours)):
            if closed:
                store.insert_rollup(table, together(closed), 1)
        rollups.closed_minutes, rollups.closed_hours = [], []

    def check(since: int, until: int, most: int) -> curves.Curve:
        curve = store.curve(1, since, until, most, rollups.settled(1))
        wanted: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for time, value in sorted(known.items()):
            if since <= time < until:
                wanted[time // curve.width_ms].append((time, value))
        assert [time // curve.width_ms for time in curve.time] == sorted(wanted)
        for place, bucket in enumerate(sorted(wanted)):
            values = [value for _time, value in wanted[bucket]]
            told = (curve.lowest[place], curve.highest[place], curve.mean[place], curve.count[place])
            assert told == pytest.approx((min(values), max(values), sum(values) / len(values), len(values)))
            if curve.last[place] is not None:
                assert curve.last[place] == values[-1]
        return curve

    take(first, 0)
    windows = [
        (START, START + 30 * HOUR_MS, 40),
        (START + 1, START + 26 * HOUR_MS, 1800),
        (START + HOUR_MS, START + HOUR_MS + 20_000, 2000),
    ]
    for window in windows:
        assert check(*window).marks == []
    take(late, LATE)
    for window in windows:
        curve = check(*window)
        assert curve.marks and all(bits == LATE for _since, _until, bits in curve.marks)
        assert curve.marks[0][0] < 3 * HOUR_MS + START
    # What is late is reckoned again; then the roll-ups tell it, and the marks are told from their own table.
    take(np.array([START + 40 * HOUR_MS], np.int64), DOUBTFUL)
    rollups.touched.clear()
    for hour in range(30):
        store.reckon_again(Span((1,), START + hour * HOUR_MS, START + (hour + 1) * HOUR_MS), 2)
    assert [bits for _since, _until, bits in check(START, START + 30 * HOUR_MS, 40).marks] == [LATE]
    number, lowest, highest, mean, deviation = store.figures(1, START, START + 30 * HOUR_MS)
    values = np.array([value for time, value in known.items() if time < START + 30 * HOUR_MS])
    assert (number, lowest, highest) == (len(values), values.min(), values.max())
    assert (mean, deviation) == pytest.approx((values.mean(), values.std()))
    store.close()


def test_who_follows_the_newest_values_hears_each_change_once_and_only_of_his_channels() -> None:
    newest = Newest()
    before = newest.tick

    def block(channel: int, time: int, value: float) -> Block:
        return Block(np.array([channel], np.int32), np.array([time], np.int64), np.array([value]), np.zeros(1, np.uint8))

    newest.take(block(1, 1000, 5.0))
    newest.take(block(2, 1000, 6.0))
    mine = np.array([1, 3, -1, 10**6], np.int32)
    told = newest.changes(mine, before)
    assert (told.channel.tolist(), told.value.tolist()) == ([1], [5.0])
    assert len(newest.changes(mine, newest.tick)) == 0
    seen = newest.tick
    newest.take(block(1, 500, 9.0))
    assert len(newest.changes(mine, seen)) == 0, "an older reading is no change"
    newest.take(block(1, 2000, 7.0))
    assert newest.changes(mine, seen).value.tolist() == [7.0]
