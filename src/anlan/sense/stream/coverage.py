"""Tables that tell what arrived and what is missing, beside the readings in the ClickHouse engine.

``coverage``: readings of each channel and hour (each counted once), how many of them came late, how many arrived more than once; ordered by
hour, so that a day of a million channels is read in one go. ``pauses``: neighbouring readings too far apart, until late data closes them.
``days``: what was expected of a channel on a day and how
plausible it was, written once when the day is over. All are derived from the readings and outlive them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
import numpy as np
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from numpy.typing import NDArray

from anlan.sense.stream.rollups import HOUR_MS, Pauses, Rows, Span
from anlan.sense.stream.store import DATABASE, HOURS, TABLE

COVERAGE, PAUSES, DAYS = f"{DATABASE}.coverage", f"{DATABASE}.pauses", f"{DATABASE}.days"
_INT = "Int64 CODEC(Delta, ZSTD(1))"
_DURABLE = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
_CREATE = (
    f"""CREATE TABLE IF NOT EXISTS {COVERAGE} (hour {_INT}, channel Int32 CODEC(Delta, ZSTD(1)), received {_INT}, late {_INT},
    repeated {_INT}, reckoned {_INT}) ENGINE = ReplacingMergeTree(reckoned)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(hour)) ORDER BY (hour, channel) {_DURABLE}""",
    # ``since``, ``until``: the readings at both ends as they are now; ``found``, ``ended``: as they were when the pause was found.
    f"""CREATE TABLE IF NOT EXISTS {PAUSES} (channel Int32, since {_INT}, until {_INT}, found {_INT}, ended {_INT}, filled Int64,
    reckoned {_INT}) ENGINE = ReplacingMergeTree(reckoned)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(found)) ORDER BY (channel, found, since) {_DURABLE}""",
    f"""CREATE TABLE IF NOT EXISTS {DAYS} (day {_INT}, channel Int32 CODEC(Delta, ZSTD(1)), since {_INT}, until {_INT}, interval {_INT},
    basis Int8, credential LowCardinality(String), device LowCardinality(String), outside {_INT}, frozen Int8, reckoned {_INT}) ENGINE = ReplacingMergeTree(reckoned)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(day)) ORDER BY (day, channel) {_DURABLE}""",
)
_HOURS_KNOWN = f"""
SELECT hour, channel, received, repeated FROM {COVERAGE} FINAL
WHERE hour >= {{since:Int64}} AND hour < {{until:Int64}} AND channel IN {{channels:Array(Int32)}}
"""
_HOURS_COUNTED = f"""
SELECT intDiv(toUnixTimestamp64Milli(time), {HOUR_MS}) * {HOUR_MS} AS hour, channel,
  toInt64(count()) AS received, toInt64(countIf(bitAnd(quality, 4) != 0)) AS late FROM {TABLE} FINAL
WHERE channel IN {{channels:Array(Int32)}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY hour, channel
"""
_COUNT = f"""
SELECT channel, toInt64(count()) AS received, toInt64(countIf(bitAnd(quality, 4) != 0)) AS late FROM {TABLE} FINAL
WHERE channel IN {{channels:Array(Int32)}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY channel
"""
_SPAN = f"""
SELECT channel, sum(received) AS received, sum(late) AS late, sum(repeated) AS repeated FROM {COVERAGE} FINAL
WHERE hour >= {{since:Int64}} AND hour < {{until:Int64}} GROUP BY channel ORDER BY channel
"""
_PAUSES = f"""
SELECT channel, since, until, found, ended, filled FROM {PAUSES} FINAL
WHERE found < {{until:Int64}} AND ended > {{since:Int64}} ORDER BY channel, found, since
"""
_OPEN_PAUSES = f"""
SELECT channel, since, until, found, ended, filled FROM {PAUSES} FINAL
WHERE channel IN {{channels:Array(Int32)}} AND filled = 0 AND since < {{until:Int64}} AND until > {{since:Int64}}
"""
_TIMES = f"""
SELECT channel, toUnixTimestamp64Milli(time) AS at FROM {TABLE} FINAL
WHERE channel IN {{channels:Array(Int32)}}
  AND time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time <= fromUnixTimestamp64Milli({{until:Int64}})
ORDER BY channel, at
"""
_USUAL = f"""
SELECT channel, quantileExact(0.75)(received) AS an_hour FROM {COVERAGE} FINAL
WHERE hour >= {{since:Int64}} AND hour < {{until:Int64}} GROUP BY channel HAVING count() >= {{hours:Int64}} ORDER BY channel
"""


_FROZEN = f"""
SELECT channel, min(low) AS lowest FROM {HOURS} FINAL
WHERE time >= fromUnixTimestamp64Milli({{since:Int64}}) AND time < fromUnixTimestamp64Milli({{until:Int64}})
GROUP BY channel HAVING lowest = max(high) AND count() >= {{hours:Int64}} ORDER BY channel
SETTINGS do_not_merge_across_partitions_select_final = 1
"""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Pauses as the table holds them, in columns; ``filled``: when late data closed the pause (ms since 1970 UTC), 0 while it stands."""

    channel: NDArray[np.int32]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    found: NDArray[np.int64]
    ended: NDArray[np.int64]
    filled: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.channel)


class Coverage:
    """One connection to the engine. Calls block and run in one thread, after those that insert what they count."""

    def __init__(self, path: Path) -> None:
        self._client: Client = clickhouse_connect.get_client(interface="chdb", path=str(path))

    def prepare(self) -> None:
        """Make the tables where they are missing."""
        for statement in _CREATE:
            self._client.command(statement)

    def add_hours(self, rows: Rows, reckoned: int) -> None:
        """Store hours as they closed: what arrived in order and in time."""
        none = np.zeros(len(rows), np.int64)
        self._insert_hours(rows.start, rows.channel, rows.count, none, none, reckoned)

    def recount(self, due: Mapping[int, Mapping[int, int]], span: Span, reckoned: int) -> None:
        """Count the hours of a span anew from the stored readings.

        ``due``: by hour and channel how many readings came since it was last counted that were not newer than their channel's newest; those that
        did not make the hour fuller were sent more than once. An hour never becomes emptier: its readings may have been removed after their
        retention, and what came late since then stands beside them.
        """
        asked = {"channels": list(span.channels), "since": span.since, "until": span.until}
        before, after = self._columns(_HOURS_KNOWN, **asked), self._columns(_HOURS_COUNTED, **asked)
        known = zip(
            before["hour"].tolist(), before["channel"].tolist(), before["received"].tolist(), before["repeated"].tolist(), strict=True
        )
        had = {(hour, channel): (received, doubles) for hour, channel, received, doubles in known}
        received, repeated = after["received"].tolist(), []
        for at, (hour, channel) in enumerate(zip(after["hour"].tolist(), after["channel"].tolist(), strict=True)):
            counted, doubles = had.get((hour, channel), (0, 0))
            repeated.append(doubles + max(0, due[hour][channel] - max(0, received[at] - counted)))
            received[at] = max(received[at], counted)
        columns = (np.array(received, np.int64), after["late"], np.array(repeated, np.int64))
        self._insert_hours(after["hour"], after["channel"], *columns, reckoned)

    def add_pauses(self, pauses: Pauses, reckoned: int) -> None:
        """Store pauses as they were found."""
        none = np.zeros(len(pauses), np.int64)
        self._insert_pauses(Found(pauses.channel, pauses.since, pauses.until, pauses.since, pauses.until, none), reckoned)

    def refill(
        self, channels: list[int], since_ms: int, until_ms: int, longest_ms: NDArray[np.float64], now_ms: int, reckoned: int
    ) -> None:
        """Look again at standing pauses of ``channels`` that touch [since, until): late readings may have closed or divided them."""
        standing = Found(*self._columns(_OPEN_PAUSES, channels=channels, since=since_ms, until=until_ms).values())
        if not len(standing):
            return
        asked = {"channels": sorted(set(standing.channel.tolist())), "since": int(standing.since.min()), "until": int(standing.until.max())}
        times = self._columns(_TIMES, **asked)
        rows: list[tuple[int, int, int, int, int, int]] = []
        columns = (standing.channel, standing.since, standing.until, standing.found, standing.ended)
        for channel, since, until, found, ended in zip(*(column.tolist() for column in columns), strict=True):
            first, last = np.searchsorted(times["channel"], [channel, channel + 1])
            inside = times["at"][first:last]
            inside = np.concatenate([[since], inside[(inside > since) & (inside < until)], [until]])
            wide = np.flatnonzero(np.diff(inside) > longest_ms[channel])
            left = [(int(inside[at]), int(inside[at + 1])) for at in wide]
            if left == [(since, until)]:
                continue
            if not left or left[0][0] != since:
                rows.append((channel, since, until, found, ended, now_ms))
            rows += [(channel, start, end, found, ended, 0) for start, end in left]
        if rows:
            told = np.array(rows, np.int64).T
            self._insert_pauses(Found(told[0].astype(np.int32), *told[1:]), reckoned)

    def span(self, since_ms: int, until_ms: int) -> dict[str, NDArray[Any]]:
        """By channel over whole closed hours in [since, until): ``channel``, ``received``, ``late``, ``repeated``."""
        return self._columns(_SPAN, since=since_ms, until=until_ms)

    def pauses(self, since_ms: int, until_ms: int) -> Found:
        """Every pause that touched [since, until) when it was found, those filled since included."""
        return Found(*self._columns(_PAUSES, since=since_ms, until=until_ms).values())

    def times(self, channels: list[int], since_ms: int, until_ms: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Channel and time of every stored reading of ``channels`` in [since, until], by channel and time: the readings themselves."""
        found = self._columns(_TIMES, channels=channels, since=since_ms, until=until_ms)
        return found["channel"], found["at"]

    def counted(self, channels: list[int], since_ms: int, until_ms: int) -> dict[int, tuple[int, int]]:
        """By channel how many readings are stored in [since, until) and how many of them are marked as late, from the readings themselves."""
        found = self._columns(_COUNT, channels=channels, since=since_ms, until=until_ms)
        pairs = zip(found["received"].tolist(), found["late"].tolist(), strict=True)
        return dict(zip(found["channel"].tolist(), pairs, strict=True))

    def usual(self, since_ms: int, until_ms: int, hours: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Channel and the number of readings that three quarters of its hours do not exceed, of channels heard in at least ``hours``."""
        found = self._columns(_USUAL, since=since_ms, until=until_ms, hours=hours)
        return found["channel"], found["an_hour"].astype(np.float64)

    def unchanged(self, since_ms: int, until_ms: int, hours: int) -> NDArray[np.int32]:
        """Channels heard in at least ``hours`` hours of [since, until) whose value never changed."""
        return self._columns(_FROZEN, since=since_ms, until=until_ms, hours=hours)["channel"]

    def write_day(self, day_ms: int, columns: Mapping[str, pa.Array], reckoned: int) -> None:
        """Keep what was expected of every channel on a day; ``columns`` are those of the table without ``day`` and ``reckoned``."""
        rows = len(columns["channel"])
        whole = {"day": np.full(rows, day_ms, np.int64), **columns, "reckoned": np.full(rows, reckoned, np.int64)}
        self._client.insert_arrow(DAYS, pa.table(whole))

    def day(self, day_ms: int) -> pa.Table:
        """What was expected of every channel on a day that is over; no rows while it is not written."""
        asked = {"day": day_ms}
        return self._client.query_arrow(
            f"SELECT channel, since, until, interval, basis, credential, device, outside, frozen FROM {DAYS} FINAL WHERE day = {{day:Int64}} ORDER BY channel",
            parameters=asked,
        )

    def days_written(self, since_ms: int) -> set[int]:
        """Days since ``since_ms`` that are written."""
        found = self._client.query(f"SELECT DISTINCT day FROM {DAYS} WHERE day >= {{since:Int64}}", parameters={"since": since_ms})
        return {int(row[0]) for row in found.result_rows}

    def close(self) -> None:
        """Let the engine finish."""
        self._client.close()

    def _insert_hours(self, hour: Any, channel: Any, received: Any, late: Any, repeated: Any, reckoned: int) -> None:
        table = {"hour": hour, "channel": pa.array(channel, pa.int32()), "received": received, "late": late, "repeated": repeated}
        if len(channel):
            self._client.insert_arrow(COVERAGE, pa.table({**table, "reckoned": np.full(len(channel), reckoned, np.int64)}))

    def _insert_pauses(self, found: Found, reckoned: int) -> None:
        table = {name: getattr(found, name) for name in ("since", "until", "found", "ended", "filled")}
        channel = pa.array(found.channel, pa.int32())
        self._client.insert_arrow(PAUSES, pa.table({"channel": channel, **table, "reckoned": np.full(len(found), reckoned, np.int64)}))

    def _columns(self, query: str, **asked: Any) -> dict[str, NDArray[Any]]:
        table = self._client.query_arrow(query, parameters=asked)
        return {name: table.column(name).to_numpy() for name in table.column_names}
