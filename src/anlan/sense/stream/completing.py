"""Completeness within the telemetry process: what is expected, what arrived, what is missing; kept up to date as readings pass.

Nothing here stands on the way of a reading. Columns by channel are compared as a whole; the engine is asked once for a day, not once for a point.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import structlog
from nats.aio.client import Client
from numpy.typing import NDArray

from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import pause
from anlan.sense.stream import missing
from anlan.sense.stream.coverage import Coverage
from anlan.sense.stream.expected import IN_SERVICE, LEARNED_HOURS, Expected, steady_classes
from anlan.sense.stream.missing import COUNTS, OPEN, Figures
from anlan.sense.stream.rollups import HOUR_MS, NONE, Rollups, Rows, spans, together_pauses
from anlan.wire import registry

log = structlog.get_logger()

DAY_MS = 24 * HOUR_MS
ZONE_MS = 8 * HOUR_MS
"""Days are those of Beijing time (UTC+8, no summer time)."""
SETTLE_MS = 120_000
"""What should have come within the last two minutes is not called missing yet. Project default."""
AFTER_DAY_MS = 600_000
"""A day is written so long after its end. Project default."""
FROZEN_HOURS = 20
"""A value that did not change in so many hours of a day is called frozen. Project default."""
_DAYS_BACK = 7
_TURN_SECONDS = 20.0


def day_of(moment_ms: int) -> int:
    """Beginning of the day of Beijing time that holds ``moment_ms``."""
    return (moment_ms + ZONE_MS) // DAY_MS * DAY_MS - ZONE_MS


class Completing:
    """Joins expectation, roll-ups and tables. ``rollups`` is the one of the telemetry process; ``write`` and ``read`` are its threads."""

    def __init__(self, home: Path, rollups: Rollups, write: ThreadPoolExecutor, read: ThreadPoolExecutor) -> None:
        self._home, self._rollups, self._write, self._read = home, rollups, write, read
        self.expected = Expected.load(home / "expected.npz")
        self._writer = Coverage(home / "engine")
        self._writer.prepare()
        self._reader = Coverage(home / "engine")
        self._changed = False
        self._expect()

    def _expect(self) -> None:
        self._rollups.expect(self.expected.longest_ms(), self.expected.begun_ms())

    async def watch(self, nc: Client, stop: asyncio.Event) -> None:
        """Follow the registry, write days that are over, and learn from them."""
        cursor = Cursor(nc, broker.REGISTRY, ("registry.>",), last_only=True)
        turned = 0.0
        while not stop.is_set():
            batch = await cursor.next(0.5)
            now_ms = time.time_ns() // 1_000_000
            for message in batch:
                try:
                    self.expected.apply(registry.decode(message.data), now_ms)
                    self._changed = True
                except registry.MalformedEntry as refusal:
                    log.error("registry message not understood", subject=message.subject, reason=str(refusal))
            if self._changed and not batch:
                self._changed = False
                self._expect()
                await asyncio.to_thread(self.expected.save, self._home / "expected.npz")
            if time.monotonic() - turned > _TURN_SECONDS:
                turned = time.monotonic()
                await self.write_days(now_ms)
            if not batch:
                await pause(stop, 0.2)
        await cursor.close()

    async def write_hours(self, closed: Rows) -> None:
        """Keep hours as they close."""
        await asyncio.get_running_loop().run_in_executor(self._write, self._writer.add_hours, closed, time.time_ns())

    async def write_pauses(self) -> None:
        """Keep the pauses that the roll-ups found."""
        found, self._rollups.pauses = self._rollups.pauses, []
        if found:
            await asyncio.get_running_loop().run_in_executor(self._write, self._writer.add_pauses, together_pauses(found), time.time_ns())

    async def recount(self, due: Mapping[int, Mapping[int, int]], late: Mapping[int, Iterable[int]]) -> None:
        """Count hours anew whose readings came late or again, and look whether they fill pauses."""
        loop = asyncio.get_running_loop()
        hours = {hour: dict(arrived) for hour, arrived in due.items()}
        for hour, channels in late.items():
            for channel in channels:
                hours.setdefault(hour, {}).setdefault(channel, 0)
        for span in spans(hours):
            await loop.run_in_executor(self._write, self._writer.recount, hours, span, time.time_ns())
        if due:
            channels = sorted({channel for arrived in due.values() for channel in arrived})
            span = (min(due), max(due) + HOUR_MS)
            asked = (channels, *span, self._rollups.longest_ms.copy(), time.time_ns() // 1_000_000, time.time_ns())
            await loop.run_in_executor(self._write, self._writer.refill, *asked)

    async def write_days(self, now_ms: int) -> None:
        """Write what was expected of each day that is over and not written; what the last one taught holds from then on."""
        loop, today = asyncio.get_running_loop(), day_of(now_ms - AFTER_DAY_MS)
        begun = int(self.expected.since[self.expected.source >= 0].min(initial=OPEN))
        days = [day for day in range(today - _DAYS_BACK * DAY_MS, today, DAY_MS) if day + DAY_MS > begun]
        if not days:
            return
        written = await loop.run_in_executor(self._write, self._writer.days_written, days[0])
        for day in sorted(set(days) - written):
            channel, first, last = self._service(day, day + DAY_MS)
            sources = [self.expected.sources[at] for at in self.expected.source[channel].tolist()]
            outside, frozen = await self._plausible(day, channel)
            columns = {
                "outside": pa.array(outside, pa.int64()),
                "frozen": pa.array(frozen, pa.int8()),
                "channel": pa.array(channel, pa.int32()),
                "since": pa.array(first, pa.int64()),
                "until": pa.array(last, pa.int64()),
                "interval": pa.array(self.expected.interval_ms[channel], pa.int64()),
                "basis": pa.array(self.expected.basis[channel], pa.int8()),
                "credential": pa.array([credential for credential, _device in sources], pa.string()),
                "device": pa.array([device for _credential, device in sources], pa.string()),
            }
            await loop.run_in_executor(self._write, self._writer.write_day, day, columns, time.time_ns())
            channels, an_hour = await loop.run_in_executor(self._write, self._writer.usual, day, day + DAY_MS, LEARNED_HOURS)
            learned = self.expected.learn(channels, an_hour)
            self._changed = self._changed or bool(learned)
            log.info("day of completeness written", points=len(channel), learned=learned)

    async def _plausible(self, day_ms: int, channel: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Of channels on a day that is over: how many readings lay outside of the range, and whether the value never changed."""
        size = int(channel.max(initial=-1)) + 1
        outside = np.zeros(size, np.int64)
        counted = self._rollups.outside[:size]
        outside[: len(counted)] = counted
        self._rollups.outside[:] = 0
        loop = asyncio.get_running_loop()
        stuck = await loop.run_in_executor(self._write, self._writer.unchanged, day_ms, day_ms + DAY_MS, FROZEN_HOURS)
        steady = [at for name in steady_classes() for at in self.expected.classes.get(name, ())]
        return outside[channel], np.isin(channel, stuck) & ~np.isin(channel, steady)

    def declare(self, intervals: Iterable[tuple[int, int]]) -> None:
        """Take over declared intervals (channel, ms; 0 withdraws)."""
        self.expected.declare(intervals)
        self._changed = True
        self._expect()

    def _service(self, since_ms: int, until_ms: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Channels in service at some time in [since, until), from when to when."""
        expected = self.expected
        first, last = np.maximum(expected.since, since_ms), np.minimum(expected.until, until_ms)
        channel = np.flatnonzero((expected.source >= 0) & (last > first))
        return channel, first[channel], last[channel]

    def _as_of(self, since_ms: int, until_ms: int, now_ms: int) -> int:
        return max(since_ms, min(until_ms, now_ms - SETTLE_MS))

    def _frame(self, day_ms: int, now_ms: int) -> Figures:
        """What is expected on a day until now, without counts: as written when the day is over, else from the columns."""
        until = self._as_of(day_ms, day_ms + DAY_MS, now_ms)
        table = self._reader.day(day_ms) if day_ms + DAY_MS <= now_ms else None
        if table is not None and table.num_rows:
            names_of = ("channel", "since", "until", "interval", "basis", "outside", "frozen")
            column = {name: table.column(name).to_numpy() for name in names_of}
            names = list(zip(table.column("credential").to_pylist(), table.column("device").to_pylist(), strict=True))
            index = {name: at for at, name in enumerate(dict.fromkeys(names))}
            source, sources = np.array([index[name] for name in names], np.int32), list(index)
            channel, first, last = column["channel"], column["since"], np.minimum(column["until"], until)
            interval, basis = column["interval"], column["basis"]
            outside, frozen = column["outside"], column["frozen"].astype(np.int64)
        else:
            # A point put into service a moment ago owes nothing yet; what it sent counts all the same.
            channel, first, last = self._service(day_ms, min(day_ms + DAY_MS, now_ms))
            last = np.maximum(first, np.minimum(last, until))
            interval, basis = self.expected.interval_ms[channel], self.expected.basis[channel]
            source, sources = self.expected.source[channel], self.expected.sources
            outside, frozen = np.zeros(len(channel), np.int64), np.zeros(len(channel), np.int64)
            known = self._rollups.outside[: int(channel.max(initial=-1)) + 1]
            counted = channel < len(known)
            # Of the day that runs; of one that ended and is not written yet nothing is known.
            if day_ms + DAY_MS > now_ms:
                outside[counted] = known[channel[counted]]
        none = np.zeros(len(channel), np.int64)
        due = missing.expected(first, last, interval)
        counts = (due, none, none, none, none, outside, frozen)
        return Figures(channel.astype(np.int32), first, last, interval, basis, source, *counts, sources=sources)

    def _day(self, day_ms: int, now_ms: int) -> Figures:
        frame = self._frame(day_ms, now_ms)
        size = max(self.expected.size, len(self._rollups.newest), int(frame.channel.max(initial=-1)) + 1)
        counts = {name: np.zeros(size, np.int64) for name in COUNTS}
        told = self._reader.span(day_ms, day_ms + DAY_MS)
        within = told["channel"] < size
        for name in ("received", "late", "repeated"):
            counts[name][told["channel"][within]] = told[name][within]
        for opened in (self._rollups.hours, self._rollups.minutes):
            here = np.flatnonzero((opened.start != NONE) & (opened.start >= day_ms) & (opened.start < day_ms + DAY_MS))
            counts["received"][here] += opened.count[here]
        counts["missing"] = self._missing(frame, day_ms, size)
        chosen = {name: counts[name][frame.channel] for name in ("received", "late", "repeated")}
        lacking = np.minimum(counts["missing"][frame.channel], frame.expected)
        return Figures(
            *(getattr(frame, name) for name in ("channel", "first", "last", "interval", "basis", "source", "expected")),
            **chosen,
            missing=lacking,
            outside=frame.outside,
            frozen=frame.frozen,
            sources=frame.sources,
        )

    def _missing(self, frame: Figures, day_ms: int, size: int) -> NDArray[np.int64]:
        """Missing readings by channel number, from pauses that ended and from those that have not."""
        at = np.full(size, -1, np.int64)
        at[frame.channel] = np.arange(len(frame.channel))
        found = self._reader.pauses(day_ms, day_ms + DAY_MS)
        channel, since, until = self._open_pauses(frame)
        standing = (found.filled == 0) & (found.channel < size)
        channel = np.concatenate([found.channel[standing], channel])
        since, until = np.concatenate([found.since[standing], since]), np.concatenate([found.until[standing], until])
        known = at[channel] >= 0
        channel, since, until = channel[known], since[known], until[known]
        row = at[channel]
        each = missing.missing(since, until, frame.interval[row], frame.first[row], frame.last[row])
        return np.bincount(channel, weights=each, minlength=size).astype(np.int64)

    def _open_pauses(self, frame: Figures) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Pauses of the frame's channels that no reading has ended: channel, last reading (or one interval before the first was due), end."""
        heard = np.full(max(len(self._rollups.newest), int(frame.channel.max(initial=-1)) + 1), -1, np.int64)
        heard[: len(self._rollups.newest)] = self._rollups.newest
        last = heard[frame.channel]
        last = np.where(last >= 0, last, frame.first - frame.interval)
        silent = (frame.last - last > frame.interval * 1.5) & (frame.interval > 0)
        return frame.channel[silent], last[silent], np.full(int(silent.sum()), OPEN, np.int64)

    async def day(self, day_ms: int, now_ms: int) -> Figures:
        """Completeness of every channel on the day that begins at ``day_ms``, as known at ``now_ms``."""
        return await asyncio.get_running_loop().run_in_executor(self._read, self._day, day_ms, now_ms)

    def _gaps(self, since_ms: int, until_ms: int, now_ms: int) -> list[dict[str, Any]]:
        """Gaps of devices: points of one device that fell silent within one minute are one gap."""
        expected = self.expected
        interval = expected.interval_ms
        found = self._reader.pauses(since_ms, until_ms)
        own = found.channel < expected.size
        channel, last = np.flatnonzero(expected.source >= 0), np.full(0, 0, np.int64)
        until = self._as_of(since_ms, until_ms, now_ms)
        first, end = expected.since[channel], np.minimum(expected.until[channel], until)
        none = np.zeros(len(channel), np.int64)
        frame = Figures(
            channel.astype(np.int32), first, end, interval[channel], none.astype(np.int8), none.astype(np.int32), *([none] * 7), sources=()
        )
        channel, last, ends = self._open_pauses(frame)
        # What was taken out of service owes nothing more: its gap has ended.
        ends = np.minimum(ends, np.where(expected.until[channel] == IN_SERVICE, OPEN, expected.until[channel]))
        columns = {
            "channel": np.concatenate([found.channel[own], channel]),
            "since": np.concatenate([found.since[own], last]),
            "until": np.concatenate([found.until[own], ends]),
            "found": np.concatenate([found.found[own], last]),
            "ended": np.concatenate([found.ended[own], ends]),
            "filled": np.concatenate([found.filled[own], np.zeros(len(channel), np.int64)]),
        }
        return _grouped(columns, expected, until)

    async def gaps(self, since_ms: int, until_ms: int, now_ms: int) -> list[dict[str, Any]]:
        """Gaps of devices that touched [since, until) when they were found, those filled since included."""
        return await asyncio.get_running_loop().run_in_executor(self._read, self._gaps, since_ms, until_ms, now_ms)

    def _verify(self, channels: list[int], day_ms: int, now_ms: int) -> list[dict[str, Any]]:
        """The same figures from the readings themselves, beside those of the record."""
        figures = self._day(day_ms, now_ms)
        rows = np.flatnonzero(np.isin(figures.channel, np.array(channels, np.int32)))
        asked = figures.channel[rows].tolist()
        if not asked:
            return []
        counted = self._reader.counted(asked, day_ms, day_ms + DAY_MS)
        interval, first, last = figures.interval[rows], figures.first[rows], figures.last[rows]
        # Neighbours outside of the day: from the longest pause that touches it.
        pauses = self._reader.pauses(day_ms, day_ms + DAY_MS)
        of_asked = np.isin(pauses.channel, np.array(asked, np.int32))
        reach = int(interval.max()) * 2
        since = min(day_ms - reach, int(pauses.found[of_asked].min(initial=day_ms)))
        until = max(day_ms + DAY_MS + reach, int(pauses.ended[of_asked].max(initial=day_ms)))
        told = self._reader.times(asked, since, until)
        heard = np.full(int(max(asked)) + 1, -1, np.int64)
        known = self._rollups.newest[: len(heard)]
        heard[: len(known)] = known
        newest = heard[figures.channel[rows]]
        # A channel that was not heard in all that time: its last reading is older.
        before = np.where((newest >= 0) & (newest < since), newest, first - interval)
        lacking = np.minimum(missing.from_times(asked, told, interval, before, first, last), figures.expected[rows])
        found = []
        for at, row in enumerate(rows.tolist()):
            received, late = counted.get(asked[at], (0, 0))
            recorded = {name: int(getattr(figures, name)[row]) for name in COUNTS}
            found.append(
                {
                    "channel": asked[at],
                    "interval_ms": int(interval[at]),
                    "basis": int(figures.basis[row]),
                    "since": int(first[at]),
                    "until": int(last[at]),
                    "recorded": recorded,
                    "recomputed": {"received": received, "late": late, "missing": int(lacking[at])},
                }
            )
        return found

    async def verify(self, channels: list[int], day_ms: int, now_ms: int) -> list[dict[str, Any]]:
        """Figures of channels on a day, once as recorded and once from the readings themselves."""
        return await asyncio.get_running_loop().run_in_executor(self._read, self._verify, channels, day_ms, now_ms)

    def save(self) -> None:
        """Write the columns."""
        self.expected.save(self._home / "expected.npz")

    def close(self) -> None:
        """Let the engine finish; call when both threads have ended."""
        self._writer.close()
        self._reader.close()


def _grouped(columns: dict[str, NDArray[Any]], expected: Expected, until_ms: int) -> list[dict[str, Any]]:
    """Pauses of points as gaps of devices."""
    channel = columns["channel"]
    if not len(channel):
        return []
    interval, source = expected.interval_ms[channel], expected.source[channel]
    # By the last reading before the gap, which no later change of the interval moves.
    minute = columns["found"] // 60_000
    due = columns["since"] + interval
    order = np.lexsort((channel, minute, source))
    edge = np.ones(len(order), np.bool_)
    edge[1:] = (source[order][1:] != source[order][:-1]) | (minute[order][1:] != minute[order][:-1])
    heads = np.append(np.flatnonzero(edge), len(order))
    first, last = expected.since[channel], np.minimum(expected.until[channel], until_ms)
    standing = columns["filled"] == 0
    now = np.where(standing, missing.missing(columns["since"], columns["until"], interval, first, last), 0)
    then = missing.missing(columns["found"], columns["ended"], interval, first, last)
    found = []
    for head, tail in zip(heads[:-1].tolist(), heads[1:].tolist(), strict=True):
        rows = order[head:tail]
        left = rows[standing[rows]]
        _once, of_point = np.unique(np.stack([channel[rows].astype(np.int64), columns["found"][rows]]), axis=1, return_index=True)
        ended = int(columns["ended"][rows].max())
        credential, device = expected.sources[int(source[rows[0]])] if source[rows[0]] >= 0 else ("", "")
        found.append(
            {
                "credential": credential,
                "device": device,
                "since": int(columns["found"][rows].min()),
                "until": None if ended >= OPEN else ended,
                "points": len(np.unique(channel[rows])),
                "missing_first": int(then[rows][of_point].sum()),
                "missing": int(now[rows].sum()),
                "filled": None if len(left) else int(columns["filled"][rows].max()),
                "ask": [int(due[left].min()), int(columns["until"][left].max())] if len(left) and ended < OPEN else None,
                "channels": sorted(set(channel[rows].tolist()))[:500],
            }
        )
    return found
