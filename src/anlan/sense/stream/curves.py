"""Curves of one measuring point for a chart: which resolution a stretch of time is told in, and the reading of it from the store.

A chart of a second wants every reading, one of a year wants hours. The width of the buckets follows from the span alone and lies on a grid
that starts at 1970, so that two neighbouring windows cut the same buckets and a chart that is moved does not flicker. Where a bucket is a
whole number of hours or minutes it is put together from those roll-ups as far as they are written, and from the readings after that; so late
readings are in the curve as soon as they are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from anlan.sense.stream.rollups import HOUR_MS, MINUTE_MS

MOST_BUCKETS = 2_000
_SECOND = 1_000
_DAY_MS = 24 * HOUR_MS
WIDTHS_MS: tuple[int, ...] = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(_SECOND * n for n in (1, 2, 5, 10, 20, 30)),
    *(MINUTE_MS * n for n in (1, 2, 5, 10, 20, 30)),
    *(HOUR_MS * n for n in (1, 2, 3, 4, 6, 12)),
    *(_DAY_MS * n for n in (1, 2, 7, 30, 90, 365)),
)
"""Widths a bucket may have. Below half a minute a curve is read from the readings, and no window of those spans more than 17 hours."""
GAP_FACTOR = 4.0
"""A pause longer than so many usual pauses of the point is a gap. Project default."""

# All bits of a group; the small build of the engine has no groupBitOr.
_BITS = " + ".join(f"max(bitAnd(quality, {1 << bit}))" for bit in range(8))
_FROM_READINGS = f"""
SELECT toUnixTimestamp64Milli(min(time)), min(value), max(value), avg(value), argMax(value, time), count(), {_BITS}
FROM {{table}} FINAL
WHERE channel = {{{{channel:Int32}}}}
  AND time >= fromUnixTimestamp64Milli({{{{since:Int64}}}}) AND time < fromUnixTimestamp64Milli({{{{until:Int64}}}})
GROUP BY intDiv(toUnixTimestamp64Milli(time), {{{{width:Int64}}}}) AS bucket
ORDER BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
"""
_FROM_ROLLUP = """
SELECT toUnixTimestamp64Milli(min(time)), min(low), max(high), sum(total) / sum(count), NULL, sum(count), 0
FROM {table} FINAL
WHERE channel = {{channel:Int32}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY intDiv(toUnixTimestamp64Milli(time), {{width:Int64}}) AS bucket
ORDER BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
"""
# Where a curve is told in minutes and more, its marks are known to the minute.
_FROM_MARKS = """
SELECT toUnixTimestamp64Milli(time), quality
FROM {table} FINAL
WHERE channel = {{channel:Int32}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
ORDER BY time
SETTINGS do_not_merge_across_partitions_select_final = 1
"""
_FIGURES = """
SELECT count(), min(value), max(value), avg(value), stddevPop(value)
FROM {table} FINAL
WHERE channel = {{channel:Int32}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
SETTINGS do_not_merge_across_partitions_select_final = 1
"""


class Engine(Protocol):
    """What is asked of the connection to the store."""

    def query(self, query: str, *, parameters: dict[str, Any]) -> Any:
        """Run a query; its answer has ``result_rows``."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Names of the tables of readings, minutes, hours and marked minutes."""

    readings: str
    minutes: str
    hours: str
    marks: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve in columns: time of the first reading of each bucket (ms since 1970 UTC; of a roll-up its start), lowest, highest, mean,
    last (``None`` where a bucket comes from a roll-up), number of readings.

    ``gap_ms``: a longer pause between two buckets is a gap. ``marks``: stretches (from, to, one bit of :mod:`anlan.wire.blocks`) in which
    readings carry a mark.
    """

    width_ms: int
    gap_ms: int
    time: list[int] = field(default_factory=list)
    lowest: list[float] = field(default_factory=list)
    highest: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    last: list[float | None] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    marks: list[tuple[int, int, int]] = field(default_factory=list)


def bucket_width(span_ms: int, most: int = MOST_BUCKETS) -> int:
    """Width of a bucket in ms, so that ``span_ms`` has at most ``most`` of them; the edges may cut one more."""
    wanted = -(-span_ms // max(1, most - 1))
    return next((width for width in WIDTHS_MS if width >= wanted), -(-wanted // _DAY_MS) * _DAY_MS)


def plan(since_ms: int, until_ms: int, width_ms: int, settled: tuple[int, int], tables: Tables) -> list[tuple[str, int, int]]:
    """Which table tells which stretch of [since, until), in order of time. ``settled``: from when on minutes and hours are not written."""
    parts: list[tuple[str, int, int]] = []
    at = since_ms
    for table, unit, written in ((tables.hours, HOUR_MS, settled[1]), (tables.minutes, MINUTE_MS, settled[0])):
        if width_ms % unit == 0:
            first, last = -(-at // unit) * unit, min(until_ms, written) // unit * unit
            if last > first:
                parts += [*_between(tables, at, first), (table, first, last)]
                at = last
    return [*parts, *_between(tables, at, until_ms)]


def _between(tables: Tables, since_ms: int, until_ms: int) -> list[tuple[str, int, int]]:
    return [(tables.readings, since_ms, until_ms)] if until_ms > since_ms else []


def read(engine: Engine, channel: int, since_ms: int, until_ms: int, most: int, settled: tuple[int, int], tables: Tables) -> Curve:
    """The curve of ``channel`` in [since, until) in at most ``most`` buckets (one more at the edges)."""
    width = bucket_width(until_ms - since_ms, most)
    asked = {"channel": channel, "width": width}
    rows: list[Sequence[Any]] = []
    rolled: list[tuple[int, int]] = []
    for table, since, until in plan(since_ms, until_ms, width, settled, tables):
        query = _FROM_READINGS if table == tables.readings else _FROM_ROLLUP
        rows += engine.query(query.format(table=table), parameters={**asked, "since": since, "until": until}).result_rows
        if table != tables.readings:
            rolled.append((since, until))
    marks = [(row[0], row[0] + width, row[6]) for row in rows if row[6]]
    if rolled:
        found = engine.query(_FROM_MARKS.format(table=tables.marks), parameters={**asked, "since": rolled[0][0], "until": rolled[-1][1]})
        marks += [(minute, minute + MINUTE_MS, bits) for minute, bits in found.result_rows]
    return _joined(rows, width, marks)


def figures(engine: Engine, channel: int, since_ms: int, until_ms: int, tables: Tables) -> tuple[int, float, float, float, float]:
    """Number, lowest, highest, mean and standard deviation (of the whole, not of a sample) of the readings in [since, until)."""
    asked = {"channel": channel, "since": since_ms, "until": until_ms}
    (row,) = engine.query(_FIGURES.format(table=tables.readings), parameters=asked).result_rows
    return row


def _joined(rows: Sequence[Sequence[Any]], width_ms: int, marks: list[tuple[int, int, int]]) -> Curve:
    """Rows in order of time as a curve; a bucket that was put together from two tables is one again."""
    times: list[int] = []
    columns: tuple[list[Any], ...] = ([], [], [], [], [])
    lowest, highest, mean, last, count = columns
    for time, low, high, middle, newest, number, _bits in rows:
        if times and time // width_ms == times[-1] // width_ms:
            before = count[-1]
            lowest[-1], highest[-1], last[-1] = min(lowest[-1], low), max(highest[-1], high), newest
            mean[-1] = (mean[-1] * before + middle * number) / (before + number)
            count[-1] = before + number
            continue
        times.append(time)
        for column, value in zip(columns, (low, high, middle, newest, number), strict=True):
            column.append(value)
    return Curve(width_ms, gap(times, width_ms), times, lowest, highest, mean, last, count, merged(marks, width_ms))


def gap(times: Sequence[int], width_ms: int) -> int:
    """How long a pause must be to count as a gap: several usual pauses of this stretch, never less than two buckets."""
    pauses = sorted(b - a for a, b in pairwise(times))
    usual = pauses[len(pauses) // 2] if pauses else width_ms
    return max(round(GAP_FACTOR * usual), 2 * width_ms)


def merged(marks: Sequence[tuple[int, int, int]], width_ms: int) -> list[tuple[int, int, int]]:
    """Stretches by single bits in order of time; of one bit, those with less than two buckets between them are one."""
    found: list[tuple[int, int, int]] = []
    for bit in (1 << number for number in range(8)):
        first = len(found)
        for since, until in sorted((since, until) for since, until, bits in marks if bits & bit):
            if len(found) > first and since - found[-1][1] <= 2 * width_ms:
                found[-1] = (found[-1][0], max(until, found[-1][1]), bit)
            else:
                found.append((since, until, bit))
    return sorted(found)
