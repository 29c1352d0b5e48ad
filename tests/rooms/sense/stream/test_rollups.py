"""Minutes and hours hold every reading exactly once, in whatever order, lateness and repetition it came."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.sense.stream.rollups import HOUR_MS, MINUTE_MS, NONE, Rollups, Span, spans, together
from anlan.sense.stream.store import HOURS, MINUTES, Store
from anlan.wire.blocks import Block

START = 1_790_000_000_000 // HOUR_MS * HOUR_MS
Row = tuple[int, int, float]
rows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 3 * HOUR_MS // 20_000).map(lambda n: START + n * 20_000), st.floats(-100, 100)), max_size=60
)


def block(readings: list[Row]) -> Block:
    return Block(
        np.array([r[0] for r in readings], np.int32),
        np.array([r[1] for r in readings], np.int64),
        np.array([r[2] for r in readings], np.float64),
        np.zeros(len(readings), np.uint8),
    )


def reckoned(readings: list[Row], width: int) -> dict[tuple[int, int], tuple[float, float, float, int]]:
    """What the buckets must be: of readings of one channel and one time the last holds."""
    once: dict[tuple[int, int], float] = {(channel, time): value for channel, time, value in readings}
    found: dict[tuple[int, int], list[float]] = defaultdict(list)
    for (channel, time), value in once.items():
        found[channel, time - time % width].append(value)
    return {key: (min(v), max(v), math.fsum(v), len(v)) for key, v in found.items()}


@settings(max_examples=150, deadline=None)
@given(lots=st.lists(rows, max_size=6), cut=st.integers(0, 6))
def test_what_is_not_touched_is_right_and_what_is_late_is_touched(lots: list[list[Row]], cut: int) -> None:
    rollups = Rollups()
    for number, lot in enumerate(lots):
        if number == cut:
            # A fault in between: nothing closed waits when the state is written.
            kept = (rollups.closed_minutes, rollups.closed_hours)
            rollups.closed_minutes, rollups.closed_hours = [], []
            rollups = Rollups.unpack(rollups.pack())
            rollups.closed_minutes, rollups.closed_hours = kept
        rollups.take(block(lot))
    rollups.close_silent(START + 10 * HOUR_MS)
    everything = [row for lot in lots for row in lot]
    for width, closed in ((MINUTE_MS, rollups.closed_minutes), (HOUR_MS, rollups.closed_hours)):
        whole = together(closed)
        told = {
            (int(c), int(s)): (low, high, total, int(n))
            for c, s, low, high, total, n in zip(whole.channel, whole.start, whole.low, whole.high, whole.total, whole.count, strict=True)
        }
        assert len(told) == len(whole), "a bucket was written twice"
        for key, figures in reckoned(everything, width).items():
            if key[1] - key[1] % HOUR_MS in rollups.touched.get(key[0], ()):
                continue
            assert told.pop(key) == pytest.approx(figures)
        assert all(start - start % HOUR_MS in rollups.touched.get(channel, ()) for channel, start in told)


def test_a_bucket_stays_open_until_its_channel_goes_on_or_falls_silent() -> None:
    rollups = Rollups()
    rollups.take(block([(1, START + 1000, 5.0), (1, START + 2000, 7.0), (2, START + 1500, 1.0)]))
    assert rollups.closed_minutes == []
    assert rollups.settled(1) == (START, START)
    rollups.take(block([(1, START + MINUTE_MS, 6.0)]))
    (closed,) = rollups.closed_minutes
    assert (closed.channel.tolist(), closed.low.tolist(), closed.high.tolist(), closed.total.tolist()) == ([1], [5.0], [7.0], [12.0])
    assert rollups.settled(1) == (START, START), "closed, but not written yet"
    rollups.closed_minutes = []
    assert rollups.settled(1) == (START + MINUTE_MS, START)
    rollups.close_silent(START + MINUTE_MS)
    assert [rows.channel.tolist() for rows in rollups.closed_minutes] == [[2]]
    assert rollups.settled(99) == (NONE, NONE)


def test_a_touched_hour_is_reckoned_only_after_it_closed() -> None:
    rollups = Rollups()
    rollups.take(block([(1, START + 5 * MINUTE_MS, 1.0), (1, START + 6 * MINUTE_MS, 1.0)]))
    rollups.take(block([(1, START + 2 * MINUTE_MS, 9.0)]))
    assert rollups.due(100) == {}
    assert rollups.settled(1) == (START, START)
    rollups.take(block([(1, START + HOUR_MS, 1.0), (1, START + HOUR_MS + MINUTE_MS, 1.0)]))
    assert rollups.due(100) == {START: {1: 1}}
    assert rollups.due(100) == {}


@pytest.mark.engines
def test_series_of_any_width_agree_with_the_readings_also_after_late_ones(tmp_path: Path) -> None:
    store, rollups = Store(tmp_path), Rollups()
    store.prepare()
    rng = np.random.default_rng(3)
    live = [(1, START + n * 5000, float(rng.normal(20, 3))) for n in range(3 * 720 + 100)]
    late = [(1, START + n * 5000 + 2500, 99.0 if n == 30 else 10.0) for n in range(0, 720, 30)]

    def take(part: list[Row]) -> None:
        store.insert(block(part))
        rollups.take(block(part))
        for table, closed in ((MINUTES, rollups.closed_minutes), (HOURS, rollups.closed_hours)):
            if closed:
                store.insert_rollup(table, together(closed), 1)
        rollups.closed_minutes, rollups.closed_hours = [], []

    def check(whole: list[Row], points: int) -> None:
        since, until = START, START + 4 * HOUR_MS
        found = store.series(1, since, until, points, rollups.settled(1))
        width = found.width_ms
        wanted: dict[int, list[float]] = defaultdict(list)
        for _channel, time, value in whole:
            wanted[(time - since) // width].append(value)
        assert found.count == [len(v) for _, v in sorted(wanted.items())]
        assert found.lowest == pytest.approx([min(v) for _, v in sorted(wanted.items())])
        assert found.highest == pytest.approx([max(v) for _, v in sorted(wanted.items())])
        assert found.mean == pytest.approx([math.fsum(v) / len(v) for _, v in sorted(wanted.items())])

    for first in range(0, len(live), 500):
        take(live[first : first + 500])
    for points in (4, 8, 60, 240, 1440):
        check(live, points)
    take(late)
    for points in (4, 240):
        check(live + late, points)
    for span in spans(rollups.due(1000)):
        store.reckon_again(span, 2)
    assert rollups.settled(1)[0] > START + 3 * HOUR_MS, "the touched hour is written again"
    for points in (4, 60, 240, 1440):
        check(live + late, points)
    many = store.rollup([1], START, START + HOUR_MS, 5 * MINUTE_MS)
    assert sum(row[5] for row in many) == 720 + len(late)
    store.close()


def test_hours_in_a_row_with_the_same_channels_are_one_question() -> None:
    hour = HOUR_MS
    due = {3 * hour: {1: 1, 2: 1}, 0: {1: 4}, hour: {1: 1}, 2 * hour: {2: 1, 1: 1}, 9 * hour: [1, 2]}
    assert spans(due) == [Span((1,), 0, 2 * hour), Span((1, 2), 2 * hour, 4 * hour), Span((1, 2), 9 * hour, 10 * hour)]
    years = spans({at * hour: (7,) for at in range(2 * 365 * 24)})
    assert len(years) == 105 and sum(span.until - span.since for span in years) == 2 * 365 * 24 * hour
