"""The table of readings in the ClickHouse engine, in this process or (another address) in a cluster: insert blocks, read series.

Rows are ordered by channel and time; two rows of one channel and one time are one reading, the later inserted holds (ReplacingMergeTree), so
that a block inserted again after a fault changes nothing. Codecs: differences of channel and time, then ZSTD.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from anlan.wire.blocks import Block

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
_SERIES = f"""
SELECT toUnixTimestamp64Milli(min(time)), min(value), max(value), avg(value), count()
FROM {TABLE} FINAL
WHERE channel = {{channel:Int32}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY intDiv(toUnixTimestamp64Milli(time) - {{since:Int64}}, {{width:Int64}}) AS bucket
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
        """Make the table where it is missing."""
        self._client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        self._client.command(_CREATE)

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

    def series(self, channel: int, since_ms: int, until_ms: int, points: int) -> Buckets:
        """Readings of ``channel`` in [since, until), thinned to at most ``points`` buckets of equal width."""
        width = max(1, -(-(until_ms - since_ms) // max(1, points)))
        asked = {"channel": channel, "since": since_ms, "until": until_ms, "width": width}
        rows = self._client.query(_SERIES, parameters=asked).result_rows
        columns = list(zip(*rows, strict=True)) if rows else [()] * 5
        return Buckets(width, *(list(column) for column in columns))

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
