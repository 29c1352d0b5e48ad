"""Roll-ups of readings to one minute and one hour, made as the readings pass: lowest, highest, sum and number by channel and bucket.

A reading newer than everything of its channel goes into the open bucket of the channel in memory; the bucket is written when the channel opens
its next one, or has been silent for a while. A reading that comes late, or a second time, belongs to a bucket that may be written already: the
bucket is noted as *touched* and reckoned again from the stored readings. So each bucket holds every reading exactly once, whenever it came.

On the way the same columns tell what completeness is judged by (:mod:`anlan.sense.stream.coverage`): *pauses*, that is two neighbouring readings
of a channel that lie further apart than the channel may be silent, and the hours in which readings came late.

Numpy only. Nothing here is lost in a fault: :meth:`Rollups.pack` is written with the position in the stream, and what is taken in again gives
the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.wire.blocks import LATE, OUT_OF_RANGE, Block

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
MOST_SPAN_MS = 168 * HOUR_MS
"""So many hours in a row are reckoned again at once."""
NONE = np.iinfo(np.int64).max
"""Start of an open bucket where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Buckets in columns of equal length: channel, start (ms since 1970 UTC), lowest, highest, sum, number of readings."""

    channel: NDArray[np.int32]
    start: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    total: NDArray[np.float64]
    count: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.channel)

    def at(self, chosen: NDArray[Any]) -> Rows:
        """The rows chosen by mask or index."""
        return Rows(*(getattr(self, name)[chosen] for name in COLUMNS))


COLUMNS = ("channel", "start", "low", "high", "total", "count")


@dataclass(frozen=True, slots=True, eq=False)
class Pauses:
    """Pairs of neighbouring readings that lie too far apart, in columns: channel, time of the one and of the other (ms since 1970 UTC)."""

    channel: NDArray[np.int32]
    since: NDArray[np.int64]
    until: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.channel)


def no_rows() -> Rows:
    """No buckets."""
    return Rows(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int64))


def together(parts: list[Rows]) -> Rows:
    """Several lots of buckets as one."""
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS)) if parts else no_rows()


def together_pauses(parts: list[Pauses]) -> Pauses:
    """Several lots of pauses as one."""
    return Pauses(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("channel", "since", "until")))


class Open:
    """The open bucket of every channel. ``start`` is :data:`NONE` where no bucket is open."""

    def __init__(self, width_ms: int, size: int = 0) -> None:
        self.width_ms = width_ms
        self.start = np.full(size, NONE, np.int64)
        self.low, self.high, self.total = np.zeros(size), np.zeros(size), np.zeros(size)
        self.count = np.zeros(size, np.int64)

    def grow(self, size: int) -> None:
        """Make room for channels below ``size``."""
        extra = size - len(self.start)
        if extra > 0:
            extra = max(extra, len(self.start))
            self.start = np.concatenate([self.start, np.full(extra, NONE, np.int64)])
            for name in ("low", "high", "total"):
                setattr(self, name, np.concatenate([getattr(self, name), np.zeros(extra)]))
            self.count = np.concatenate([self.count, np.zeros(extra, np.int64)])

    def take(self, rows: Rows) -> Rows:
        """Take in rows sorted by channel and time, none older than the open bucket of its channel; returns the buckets that close."""
        if not len(rows):
            return no_rows()
        start = rows.start - rows.start % self.width_ms
        edge = np.concatenate([[True], (rows.channel[1:] != rows.channel[:-1]) | (start[1:] != start[:-1])])
        heads = np.flatnonzero(edge)
        found = Rows(
            rows.channel[heads],
            start[heads],
            np.minimum.reduceat(rows.low, heads),
            np.maximum.reduceat(rows.high, heads),
            np.add.reduceat(rows.total, heads),
            np.add.reduceat(rows.count, heads),
        )
        first = np.flatnonzero(np.concatenate([[True], found.channel[1:] != found.channel[:-1]]))
        last = np.append(first[1:], len(found)) - 1
        channel = found.channel[first]
        known = self.start[channel]
        going_on = known == found.start[first]
        at, of = first[going_on], channel[going_on]
        found.low[at] = np.minimum(found.low[at], self.low[of])
        found.high[at] = np.maximum(found.high[at], self.high[of])
        found.total[at] += self.total[of]
        found.count[at] += self.count[of]
        closed = [self._rows(channel[~going_on & (known != NONE)])]
        ended = np.ones(len(found), np.bool_)
        ended[last] = False
        closed.append(found.at(ended))
        self._set(found.at(last))
        return together(closed)

    def close_before(self, moment_ms: int) -> Rows:
        """Close the buckets that ended before ``moment_ms``."""
        over = np.flatnonzero((self.start != NONE) & (self.start + self.width_ms <= moment_ms))
        rows = self._rows(over)
        self.start[over] = NONE
        return rows

    def _rows(self, channel: NDArray[Any]) -> Rows:
        return Rows(
            channel.astype(np.int32), self.start[channel], self.low[channel], self.high[channel], self.total[channel], self.count[channel]
        )

    def _set(self, rows: Rows) -> None:
        at = rows.channel
        self.start[at], self.low[at], self.high[at], self.total[at], self.count[at] = (
            rows.start,
            rows.low,
            rows.high,
            rows.total,
            rows.count,
        )

    def pack(self) -> dict[str, Any]:
        """A copy of what is open."""
        at = np.flatnonzero(self.start != NONE)
        rows = self._rows(at)
        return {name: getattr(rows, name) for name in COLUMNS}

    @classmethod
    def unpack(cls, width_ms: int, packed: Mapping[str, Any]) -> Open:
        """What :meth:`pack` copied."""
        found = cls(width_ms)
        rows = Rows(*(packed[name] for name in COLUMNS))
        found.grow(int(rows.channel.max(initial=-1)) + 1)
        found._set(rows)
        return found


class Rollups:
    """Minutes and hours.

    ``newest``: time of the newest reading of each channel that was taken in here, -1 before the first; ``touched``: hours by channel whose
    buckets must be reckoned again, with how many readings arrived for them since that were not newer than ``newest``; ``late``: hours by
    channel that hold readings marked as late and not yet counted; ``longest_ms``: how long a channel may be silent, infinite where nothing is
    expected of it; ``outside``: readings outside of the plausible range by channel since they were last asked for; ``begun``: what the first reading of a channel is compared with, -1 where with nothing; ``pauses``: what was found longer than that and not yet written.
    """

    def __init__(self) -> None:
        self.minutes, self.hours = Open(MINUTE_MS), Open(HOUR_MS)
        self.newest = np.full(0, -1, np.int64)
        self.longest_ms, self.begun = np.full(0, np.inf), np.full(0, -1, np.int64)
        self.outside = np.full(0, 0, np.int64)
        self.touched: dict[int, dict[int, int]] = {}
        self.late: dict[int, set[int]] = {}
        self.pauses: list[Pauses] = []
        self.closed_minutes: list[Rows] = []
        self.closed_hours: list[Rows] = []

    def take(self, block: Block) -> None:
        """Take in a block of readings; what closes waits in ``closed_minutes`` and ``closed_hours``, what must be reckoned again in ``touched``."""
        if not len(block):
            return
        order = np.lexsort((block.time, block.channel))
        channel, time, value = block.channel[order], block.time[order], block.value[order]
        size = int(channel[-1]) + 1
        self._grow(size)
        fresh = time > self.newest[channel]
        fresh[1:] &= (channel[1:] != channel[:-1]) | (time[1:] != time[:-1])
        if not fresh.all():
            self._touch(channel[~fresh], time[~fresh])
            channel, time, value = channel[fresh], time[fresh], value[fresh]
        late = (block.quality & LATE) != 0
        if late.any():
            for found, hours in _by_hour(block.channel[late], block.time[late]).items():
                self.late.setdefault(found, set()).update(hours)
        outside = block.channel[(block.quality & OUT_OF_RANGE) != 0]
        if len(outside):
            np.add.at(self.outside, outside, 1)
        self._find_pauses(channel, time)
        # With several rows of one channel the last assignment holds, and that is the newest.
        self.newest[channel] = time
        ones = np.ones(len(channel), np.int64)
        self._close(self.minutes.take(Rows(channel, time, value, value, value, ones)))

    def close_silent(self, moment_ms: int) -> None:
        """Close what ended before ``moment_ms`` on channels that have not gone on."""
        self._close(self.minutes.close_before(moment_ms))
        hours = self.hours.close_before(moment_ms)
        if len(hours):
            self.closed_hours.append(hours)

    def _close(self, minutes: Rows) -> None:
        if not len(minutes):
            return
        self.closed_minutes.append(minutes)
        order = np.lexsort((minutes.start, minutes.channel))
        hours = self.hours.take(minutes.at(order))
        if len(hours):
            self.closed_hours.append(hours)

    def _find_pauses(self, channel: NDArray[np.int32], time: NDArray[np.int64]) -> None:
        """Note where fresh readings, sorted by channel and time, lie further from the one before than their channel may be silent."""
        if not len(channel):
            return
        before = np.empty(len(time), np.int64)
        before[1:] = time[:-1]
        heads = np.flatnonzero(np.concatenate([[True], channel[1:] != channel[:-1]]))
        newest = self.newest[channel[heads]]
        before[heads] = np.where(newest >= 0, newest, self.begun[channel[heads]])
        apart = (time - before > self.longest_ms[channel]) & (before >= 0)
        if apart.any():
            self.pauses.append(Pauses(channel[apart], before[apart], time[apart]))

    def _touch(self, channel: NDArray[np.int32], time: NDArray[np.int64]) -> None:
        for touched, hours in _by_hour(channel, time).items():
            known = self.touched.setdefault(touched, {})
            for hour, arrived in hours.items():
                known[hour] = known.get(hour, 0) + arrived

    def due(self, limit: int) -> dict[int, dict[int, int]]:
        """Channels whose written buckets must be reckoned again, by hour, with how many readings arrived again or out of order.

        At most some more than ``limit`` of them; they count as dealt with. An hour that is still open waits: what is written when it closes
        would overwrite what was reckoned.
        """
        found: dict[int, dict[int, int]] = {}
        taken = 0
        for channel, hours in list(self.touched.items()):
            ready = [hour for hour in hours if self._is_closed(channel, hour)]
            for hour in ready:
                found.setdefault(hour, {})[channel] = hours.pop(hour)
            taken += len(ready)
            if not hours:
                del self.touched[channel]
            if taken >= limit:
                break
        return found

    def late_due(self, limit: int) -> dict[int, list[int]]:
        """Channels whose late readings are to be counted, by closed hour, at most some more than ``limit``; they count as dealt with."""
        found: dict[int, list[int]] = {}
        taken = 0
        for channel, hours in list(self.late.items()):
            ready = {hour for hour in hours if self._is_closed(channel, hour)}
            for hour in ready:
                found.setdefault(hour, []).append(channel)
            taken += len(ready)
            hours -= ready
            if not hours:
                del self.late[channel]
            if taken >= limit:
                break
        return found

    def _is_closed(self, channel: int, hour: int) -> bool:
        return bool(self.hours.start[channel] != hour and self.minutes.start[channel] // HOUR_MS * HOUR_MS != hour)

    def expect(self, longest_ms: NDArray[np.float64], begun: NDArray[np.int64]) -> None:
        """Take over how long each channel may be silent, and what its first reading is compared with."""
        size = len(longest_ms)
        self._grow(size)
        self.longest_ms[:size], self.longest_ms[size:] = longest_ms, np.inf
        self.begun[:size], self.begun[size:] = begun, -1

    def settled(self, channel: int) -> tuple[int, int]:
        """From when on minutes and hours of ``channel`` are not written, or not as they should be; ms since 1970 UTC.

        Until then the stored readings tell them.
        """
        if channel >= len(self.newest):
            return NONE, NONE
        touched = min(self.touched.get(channel, ()), default=NONE)
        minute, hour = min(int(self.minutes.start[channel]), touched), min(int(self.hours.start[channel]), touched)
        for rows in self.closed_minutes:
            minute = min(minute, int(rows.start[rows.channel == channel].min(initial=NONE)))
        for rows in self.closed_hours:
            hour = min(hour, int(rows.start[rows.channel == channel].min(initial=NONE)))
        return minute, min(hour, minute)

    def _grow(self, size: int) -> None:
        extra = size - len(self.newest)
        if extra > 0:
            extra = max(extra, len(self.newest))
            self.newest = np.concatenate([self.newest, np.full(extra, -1, np.int64)])
            self.longest_ms = np.concatenate([self.longest_ms, np.full(extra, np.inf)])
            self.begun = np.concatenate([self.begun, np.full(extra, -1, np.int64)])
            self.outside = np.concatenate([self.outside, np.zeros(extra, np.int64)])
        self.minutes.grow(size)
        self.hours.grow(size)

    def pack(self) -> dict[str, Any]:
        """A copy of everything that must be kept; call when nothing closed waits to be written."""
        heard = np.flatnonzero(self.newest >= 0)
        again = [(channel, hour, hours[hour]) for channel, hours in self.touched.items() for hour in sorted(hours)]
        late = [(channel, hour) for channel, hours in self.late.items() for hour in sorted(hours)]
        outside = np.flatnonzero(self.outside)
        packed: dict[str, Any] = {
            "outside": np.stack([outside, self.outside[outside]]),
            "heard": heard.astype(np.int32),
            "newest": self.newest[heard],
            "again": np.array(again, np.int64).reshape(-1, 3),
            "late": np.array(late, np.int64).reshape(-1, 2),
        }
        for word, opened in (("minute", self.minutes), ("hour", self.hours)):
            packed |= {f"{word}_{name}": column for name, column in opened.pack().items()}
        return packed

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Rollups:
        """What :meth:`pack` copied. Raises ``KeyError`` when something is missing."""
        found = cls()
        found.minutes = Open.unpack(MINUTE_MS, {name: packed[f"minute_{name}"] for name in COLUMNS})
        found.hours = Open.unpack(HOUR_MS, {name: packed[f"hour_{name}"] for name in COLUMNS})
        found._grow(int(packed["heard"].max(initial=-1)) + 1)
        found.newest[packed["heard"]] = packed["newest"]
        for channel, hour, arrived in packed["again"].tolist():
            found.touched.setdefault(channel, {})[hour] = arrived
        found._grow(int(packed["outside"][0].max(initial=-1)) + 1)
        found.outside[packed["outside"][0]] = packed["outside"][1]
        for channel, hour in packed["late"].tolist():
            found.late.setdefault(channel, set()).add(hour)
        return found


@dataclass(frozen=True, slots=True)
class Span:
    """Hours in a row, [since, until) in ms since 1970 UTC, in each of which the same ``channels`` are concerned."""

    channels: tuple[int, ...]
    since: int
    until: int


def spans(due: Mapping[int, Iterable[int]]) -> list[Span]:
    """Hours with their channels, joined where they follow each other with the same channels: history of years is few questions, not thousands."""
    found: list[Span] = []
    for hour in sorted(due):
        channels = tuple(sorted(due[hour]))
        before = found[-1] if found else None
        if before is not None and before.until == hour and before.channels == channels and hour - before.since < MOST_SPAN_MS:
            found[-1] = Span(channels, before.since, hour + HOUR_MS)
        else:
            found.append(Span(channels, hour, hour + HOUR_MS))
    return found


def _by_hour(channel: NDArray[np.int32], time: NDArray[np.int64]) -> dict[int, dict[int, int]]:
    """How many of some readings fall into which hour, by channel."""
    pairs, number = np.unique(np.stack([channel.astype(np.int64), time - time % HOUR_MS]), axis=1, return_counts=True)
    found: dict[int, dict[int, int]] = {}
    for at, hour, count in zip(pairs[0].tolist(), pairs[1].tolist(), number.tolist(), strict=True):
        found.setdefault(at, {})[hour] = count
    return found
