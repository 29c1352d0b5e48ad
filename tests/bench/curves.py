"""``anlan bench curves``: how long the store takes to tell a curve of a point that was read once a second for a year.

The year is written as the telemetry process writes it: readings, and the minutes and hours that close on the way. Each window is asked several
times; the figures are the median and the slowest in milliseconds, the processor time, and how many buckets were told. No stream, no network: the engine alone.
"""

from __future__ import annotations

import json as encoder
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from anlan.sense.stream.curves import MOST_BUCKETS
from anlan.sense.stream.rollups import HOUR_MS, Rollups, together
from anlan.sense.stream.store import HOURS, MINUTES, Store
from anlan.wire.blocks import LATE, MAINTENANCE, Block

DAY_MS = 24 * HOUR_MS
START = 1_767_225_600_000
CHANNELS = 2
REPEATS = 7


def _write(store: Store, rollups: Rollups, days: int) -> None:
    dice = np.random.default_rng(11)
    for day in range(days):
        time_ms = np.repeat(START + day * DAY_MS + np.arange(86_400, dtype=np.int64) * 1000, CHANNELS)
        channel = np.tile(np.arange(1, CHANNELS + 1, dtype=np.int32), 86_400)
        value = np.round(20 + 5 * np.sin(time_ms / 7e6) + dice.normal(0, 0.3, len(time_ms)), 3)
        quality = np.zeros(len(time_ms), np.uint8)
        if day % 30 == 3:
            quality[30_000:40_000] = MAINTENANCE
        quality[dice.integers(0, len(quality), 20)] |= LATE
        block = Block(channel, time_ms, value, quality)
        store.insert(block)
        rollups.take(block)
        for table, closed in ((MINUTES, rollups.closed_minutes), (HOURS, rollups.closed_hours)):
            if closed:
                store.insert_rollup(table, together(closed), 1)
        rollups.closed_minutes, rollups.closed_hours = [], []


def _asked(store: Store, rollups: Rollups, since: int, until: int) -> dict[str, object]:
    took, worked = [], []
    buckets = width = 0
    for _ in range(REPEATS):
        began, busy = time.perf_counter(), time.process_time()
        curve = store.curve(1, since, until, MOST_BUCKETS, rollups.settled(1))
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - busy) * 1000)
        buckets, width = len(curve.time), curve.width_ms
    median, slowest, processor = (round(value, 1) for value in (statistics.median(took), max(took), statistics.median(worked)))
    return {"median_ms": median, "slowest_ms": slowest, "processor_ms": processor, "buckets": buckets, "width_ms": width}


def main(*, json: bool = False, arguments: list[str] | None = None) -> int:
    """Measure; ``--days N`` writes a shorter history. Prints one JSON object."""
    days = int(arguments[1]) if arguments and arguments[0] == "--days" else 365
    with tempfile.TemporaryDirectory() as folder:
        store, rollups = Store(Path(folder)), Rollups()
        store.prepare()
        began = time.perf_counter()
        _write(store, rollups, days)
        end = START + days * DAY_MS
        windows = {"second": 1000, "hour": HOUR_MS, "half_day": 12 * HOUR_MS, "day": DAY_MS, "week": 7 * DAY_MS, "month": 30 * DAY_MS}
        found: dict[str, object] = {"readings": days * 86_400 * CHANNELS, "written_s": round(time.perf_counter() - began, 1)}
        found |= {
            name: _asked(store, rollups, end - DAY_MS // 3 - span, end - DAY_MS // 3)
            for name, span in windows.items()
            if span < end - START
        }
        found["year"] = _asked(store, rollups, end - 365 * DAY_MS, end)
        began = time.perf_counter()
        store.figures(1, end - 30 * DAY_MS, end)
        found["figures_of_a_month_ms"] = round((time.perf_counter() - began) * 1000, 1)
        store.close()
    print(encoder.dumps(found))  # noqa: T201 - the last line of a measurement
    return 0
