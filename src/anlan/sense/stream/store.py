"""The tables of readings in the ClickHouse engine, in this process or (another address) in a cluster: insert blocks, read series.

Rows are ordered by channel and time; two rows of one channel and one time are one reading, the later inserted holds (ReplacingMergeTree), so
that a block inserted again after a fault changes nothing. Codecs: differences of channel and time, then ZSTD. Beside the readings themselves
stand their roll-ups to minutes and hours (:mod:`anlan.sense.stream.rollups`), of which the later reckoned row holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
import numpy as np
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from anlan.sense.stream import curves
from anlan.sense.stream.rollups import HOUR_MS, MINUTE_MS, Rows, Span
from anlan.wire.blocks import LATE, Block

DATABASE = "anlan"
TABLE = f"{DATABASE}.readings"
_CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    channel Int32 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    value Float64 CODEC(ZSTD(1)),
    quality UInt8 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (channel, time)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""
MINUTES, HOURS = f"{DATABASE}.minutes", f"{DATABASE}.hours"
MARKS = f"{DATABASE}.marks"
_TABLES = curves.Tables(TABLE, MINUTES, HOURS, MARKS)
# Minutes in which readings carry a mark, one row for each mark met: what a curve of a year shades without reading the year.
_CREATE_MARKS = f"""
CREATE TABLE IF NOT EXISTS {MARKS} (
    channel Int32 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    quality UInt8 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYear(time)
ORDER BY (channel, time, quality)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""
_FILL_MARKS = f"""
INSERT INTO {MARKS}
SELECT DISTINCT channel, toStartOfInterval(time, INTERVAL 60 SECOND), quality FROM {TABLE} WHERE quality != 0
"""
_CREATE_ROLLUP = """
CREATE TABLE IF NOT EXISTS {table} (
    channel Int32 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    low Float64 CODEC(ZSTD(1)),
    high Float64 CODEC(ZSTD(1)),
    total Float64 CODEC(ZSTD(1)),
    count Int64 CODEC(Delta, ZSTD(1)),
    reckoned Int64 CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(reckoned)
PARTITION BY {partition}(time)
ORDER BY (channel, time)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""
# A bucket never becomes emptier: of a time whose readings were removed after their retention, what is stored may be less than what the bucket holds.
_RECKON = """
INSERT INTO {table}
SELECT made.channel, made.bucket, made.low, made.high, made.total, made.count, {{reckoned:Int64}}
FROM (
    SELECT channel, toStartOfInterval(time, INTERVAL {seconds} SECOND) AS bucket, {figures}
    FROM {source} FINAL
    WHERE channel IN {{channels:Array(Int32)}}
      AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
    GROUP BY channel, bucket
) AS made
LEFT JOIN (
    SELECT channel, time AS bucket, count FROM {table} FINAL
    WHERE channel IN {{channels:Array(Int32)}}
      AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
) AS known ON known.channel = made.channel AND known.bucket = made.bucket
WHERE made.count >= known.count
SETTINGS do_not_merge_across_partitions_select_final = 1, join_use_nulls = 0
"""
_OF_READINGS = "min(value) AS low, max(value) AS high, sum(value) AS total, toInt64(count()) AS count"
_OF_MINUTES = "min(low) AS low, max(high) AS high, sum(total) AS total, sum(count) AS count"
_ROLLED_SERIES = """
SELECT toUnixTimestamp64Milli(min(time)), min(low), max(high), sum(total) / sum(count), sum(count)
FROM {table} FINAL
WHERE channel = {{channel:Int32}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY intDiv(toUnixTimestamp64Milli(time) - {{origin:Int64}}, {{width:Int64}}) AS bucket
ORDER BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
"""
_ROLLUP_OF_MANY = """
SELECT channel, toUnixTimestamp64Milli(min(time)), min(low), max(high), sum(total) / sum(count), sum(count)
FROM {table} FINAL
WHERE channel IN {{channels:Array(Int32)}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY channel, intDiv(toUnixTimestamp64Milli(time) - {{since:Int64}}, {{width:Int64}}) AS bucket
ORDER BY channel, bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
"""
_SERIES = f"""
SELECT toUnixTimestamp64Milli(min(time)), min(value), max(value), avg(value), count()
FROM {TABLE} FINAL
WHERE channel = {{channel:Int32}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY intDiv(toUnixTimestamp64Milli(time) - {{origin:Int64}}, {{width:Int64}}) AS bucket
ORDER BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
"""


@dataclass(frozen=True, slots=True)
class Buckets:
    """A thinned series in columns: first time (ms since 1970 UTC), lowest, highest, mean, number of readings of each bucket."""

    width_ms: int
    time: list[int]
    lowest: list[float]
    highest: list[float]
    mean: list[float]
    count: list[int]


class Store:
    """One connection to the engine. Calls block: a process uses one store for inserting and another for reading, each in its own thread."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._client: Client = clickhouse_connect.get_client(interface="chdb", path=str(path))

    def prepare(self) -> None:
        """Make the tables where they are missing."""
        self._client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        self._client.command(_CREATE)
        if str(self._client.command(f"EXISTS TABLE {MARKS}")).strip() != "1":
            self._client.command(_CREATE_MARKS)
            self._client.command(_FILL_MARKS)
        self._client.command(_CREATE_ROLLUP.format(table=MINUTES, partition="toYYYYMM"))
        self._client.command(_CREATE_ROLLUP.format(table=HOURS, partition="toYear"))

    def insert(self, block: Block) -> None:
        """Store the readings of ``block``; they lie on the disk when this returns."""
        table = pa.table(
            {
                "channel": pa.array(block.channel, pa.int32()),
                "time": pa.array(block.time, pa.int64()).cast(pa.timestamp("ms", "UTC")),
                "value": pa.array(block.value, pa.float64()),
                "quality": pa.array(block.quality, pa.uint8()),
            }
        )
        self._client.insert_arrow(TABLE, table)
        self._insert_marks(block)

    def _insert_marks(self, block: Block) -> None:
        marked = np.flatnonzero(block.quality)
        if not len(marked):
            return
        minute = block.time[marked] - block.time[marked] % MINUTE_MS
        rows = np.unique(np.stack([block.channel[marked].astype(np.int64), minute, block.quality[marked].astype(np.int64)]), axis=1)
        columns = {
            "channel": pa.array(rows[0].astype(np.int32), pa.int32()),
            "time": pa.array(rows[1], pa.int64()).cast(pa.timestamp("ms", "UTC")),
            "quality": pa.array(rows[2].astype(np.uint8), pa.uint8()),
        }
        self._client.insert_arrow(MARKS, pa.table(columns))

    def insert_rollup(self, table: str, rows: Rows, reckoned: int) -> None:
        """Store minutes or hours; of two rows of one bucket the one with the higher ``reckoned`` (ns) holds."""
        columns = {
            "channel": pa.array(rows.channel, pa.int32()),
            "time": pa.array(rows.start, pa.int64()).cast(pa.timestamp("ms", "UTC")),
            **{name: pa.array(getattr(rows, name), pa.float64()) for name in ("low", "high", "total")},
            "count": pa.array(rows.count, pa.int64()),
            "reckoned": pa.array(np.full(len(rows), reckoned), pa.int64()),
        }
        self._client.insert_arrow(table, pa.table(columns))

    def reckon_again(self, span: Span, reckoned: int) -> None:
        """Make the minutes of some hours, and the hours, anew from the stored readings."""
        asked = {"channels": list(span.channels), "since": span.since, "until": span.until, "reckoned": reckoned}
        for table, seconds, figures, source in ((MINUTES, 60, _OF_READINGS, TABLE), (HOURS, 3600, _OF_MINUTES, MINUTES)):
            self._client.command(_RECKON.format(table=table, seconds=seconds, figures=figures, source=source), parameters=asked)

    def series(self, channel: int, since_ms: int, until_ms: int, points: int, settled: tuple[int, int]) -> Buckets:
        """Readings of ``channel`` in [since, until), thinned to at most ``points`` buckets of equal width.

        Where a bucket is wide enough it is put together from hours or minutes as far as these are written, and from the readings themselves
        after that. ``settled``: from when on minutes and hours of the channel are not written, ms since 1970 UTC.
        """
        width = max(1, -(-(until_ms - since_ms) // max(1, points)))
        plan: list[tuple[str, int, int]] = []
        at = since_ms
        for table, unit, written in ((HOURS, HOUR_MS, settled[1]), (MINUTES, MINUTE_MS, settled[0])):
            if width >= unit:
                # Whole buckets of this unit only, from the first that begins in the window to the last that is written.
                first, last = -(-at // unit) * unit, min(until_ms, written) // unit * unit
                if last > first:
                    plan += [(TABLE, at, first), (table, first, last)]
                    at = last
        plan.append((TABLE, at, until_ms))
        rows: list[Sequence[Any]] = []
        for table, since, until in plan:
            if until > since:
                query = _SERIES if table == TABLE else _ROLLED_SERIES.format(table=table)
                asked = {"channel": channel, "since": since, "until": until, "width": width, "origin": since_ms}
                rows += self._client.query(query, parameters=asked).result_rows
        return _joined(rows, since_ms, width)

    def rollup(self, channels: list[int], since_ms: int, until_ms: int, width_ms: int) -> list[Sequence[Any]]:
        """Many channels at once in whole minutes or hours: channel, first time, lowest, highest, mean, number, by channel and bucket.

        ``width_ms``: a multiple of a minute. What is not rolled up yet, the last minute or two, is not in it.
        """
        table = HOURS if width_ms % HOUR_MS == 0 and since_ms % HOUR_MS == 0 else MINUTES
        asked = {"channels": channels, "since": since_ms, "until": until_ms, "width": width_ms}
        return list(self._client.query(_ROLLUP_OF_MANY.format(table=table), parameters=asked).result_rows)

    def curve(self, channel: int, since_ms: int, until_ms: int, most: int, settled: tuple[int, int]) -> curves.Curve:
        """The curve of ``channel`` in the resolution that the span asks for; see :mod:`anlan.sense.stream.curves`."""
        return curves.read(self._client, channel, since_ms, until_ms, most, settled, _TABLES)

    def figures(self, channel: int, since_ms: int, until_ms: int) -> tuple[int, float, float, float, float]:
        """See :func:`anlan.sense.stream.curves.figures`."""
        return curves.figures(self._client, channel, since_ms, until_ms, _TABLES)

    def forget(self, channels: list[int], before_ms: int, table: str = TABLE) -> None:
        """Remove what is older than ``before_ms`` of some channels, in the background of the engine."""
        asked = {"channels": channels, "before": before_ms}
        self._client.command(
            f"ALTER TABLE {table} DELETE WHERE channel IN {{channels:Array(Int32)}} AND time < fromUnixTimestamp64Milli({{before:Int64}})",
            parameters=asked,
        )

    def partitions(self) -> dict[str, set[str]]:
        """Names of the partitions by table that hold rows."""
        rows = self._client.query(
            "SELECT DISTINCT table, partition FROM system.parts WHERE active AND rows > 0 AND database = {d:String}",
            parameters={"d": DATABASE},
        ).result_rows
        found: dict[str, set[str]] = {}
        for table, partition in rows:
            found.setdefault(f"{DATABASE}.{table}", set()).add(str(partition))
        return found

    def remove(self, table: str, partition: str, channels: list[int] | None = None, *, timely: bool = False) -> None:
        """Drop a partition, or remove the rows of some channels from it in the background of the engine; ``timely``: late readings stay.

        Marked minutes go with the hours, which are kept longest: both are partitioned by year. Raises ``ValueError`` for a table or partition
        that is none of the store's.
        """
        if table not in {TABLE, MINUTES, HOURS} or not partition.isdigit() or (timely and table != TABLE):
            raise ValueError(f"no partition of readings: {table} {partition}")
        if timely and self._holds_late(partition):
            some = "" if channels is None else " AND channel IN {channels:Array(Int32)}"
            self._client.command(
                f"ALTER TABLE {table} DELETE IN PARTITION {partition} WHERE bitAnd(quality, {LATE}) = 0{some}",
                parameters={"channels": channels or []},
            )
            return
        for each in (HOURS, MARKS) if table == HOURS else (table,):
            if channels is None:
                self._client.command(f"ALTER TABLE {each} DROP PARTITION {partition}")
            elif channels:
                self._client.command(
                    f"ALTER TABLE {each} DELETE IN PARTITION {partition} WHERE channel IN {{channels:Array(Int32)}}",
                    parameters={"channels": channels},
                )

    def _holds_late(self, partition: str) -> bool:
        query = f"SELECT 1 FROM {TABLE} WHERE _partition_id = {{partition:String}} AND bitAnd(quality, {LATE}) != 0 LIMIT 1"
        return bool(self._client.query(query, parameters={"partition": partition}).result_rows)

    def count(self) -> int:
        """How many different readings are stored. Reads the keys of the whole table: for tests and proofs, not for pages."""
        return int(self._client.query(f"SELECT count() FROM {TABLE} FINAL").result_rows[0][0])

    def size(self) -> tuple[int, int]:
        """Rows (readings inserted again not yet merged included) and bytes on disk."""
        rows = self._client.query(
            "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = {d:String} AND table = 'readings'",
            parameters={"d": DATABASE},
        ).result_rows
        return int(rows[0][0] or 0), int(rows[0][1] or 0)

    def close(self) -> None:
        """Let the engine finish."""
        self._client.close()


def _joined(rows: Sequence[Sequence[Any]], origin_ms: int, width_ms: int) -> Buckets:
    """Rows in order of time as buckets; where a bucket was put together from two tables its parts are joined."""
    found = Buckets(width_ms, [], [], [], [], [])
    open_bucket = None
    for time, low, high, mean, count in rows:
        bucket = (time - origin_ms) // width_ms
        if bucket == open_bucket:
            before = found.count[-1]
            found.lowest[-1], found.highest[-1] = min(found.lowest[-1], low), max(found.highest[-1], high)
            found.mean[-1] = (found.mean[-1] * before + mean * count) / (before + count)
            found.count[-1] = before + count
            continue
        open_bucket = bucket
        for column, value in zip(
            (found.time, found.lowest, found.highest, found.mean, found.count), (time, low, high, mean, count), strict=True
        ):
            column.append(value)
    return found
