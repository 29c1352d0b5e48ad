"""The process that keeps readings: blocks from the stream into the store, series and newest values out of it over HTTP on loopback.

``python -m anlan.sense.stream.telemetry``; address ``ANLAN_TELEMETRY_URL``, data below ``ANLAN_HOME/telemetry``. Blocks are gathered for
about a second or :data:`FLUSH_ROWS` rows and inserted at once; only then the position moves on. A fault in between means that some blocks are
inserted a second time, which the table recognises by channel and time.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import pause, serve
from anlan.sense.stream.completing import Completing
from anlan.sense.stream.curves import Curve
from anlan.sense.stream.guard import DiskGuard
from anlan.sense.stream.intake import SUBJECT, THROUGH
from anlan.sense.stream.newest import Newest
from anlan.sense.stream.observed_http import Observing
from anlan.sense.stream.removing import Retention
from anlan.sense.stream.rollups import Rollups, spans, together
from anlan.sense.stream.store import HOURS, MINUTES, Store
from anlan.sense.stream.telemetry_http import serve_http
from anlan.wire import asking, blocks, quarantine

log = structlog.get_logger()

FLUSH_ROWS = 100_000
FLUSH_SECONDS = 1.0
SAVE_SECONDS = 15.0
ROLL_SECONDS = 10.0
SILENT_MS = 120_000
"""A minute is written so long after its end when its channel has not gone on."""
MOST_RECKONED = 5_000
"""So many channel-hours touched by late readings are reckoned again at once; the others wait for the next turn."""
ASK_SECONDS = 2.0
"""A gateway that holds a line answers a request within this time."""
_REPORT_SECONDS = 30.0


class Telemetry:
    """Keeps readings and answers for them."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home
        self.newest, kept = Newest.load(home / "newest.npz")
        self.rollups = _unpacked(kept)
        self.stored, self._made = self._read_position()
        self.apart: dict[str, quarantine.QuarantineRecord] = {}
        self.lag: dict[str, int] = {}
        self.inserted = 0
        self._insert_thread, self._read_thread = ThreadPoolExecutor(1, "insert"), ThreadPoolExecutor(1, "read")
        self._writer = Store(home / "engine")
        self._writer.prepare()
        self._reader = Store(home / "engine")
        self.observing = Observing(home / "engine")
        self.completing = Completing(home, self.rollups, self._insert_thread, self._read_thread)
        self.retention = Retention(self._writer, self.completing.expected, self._insert_thread)
        self.guard = DiskGuard(home.parent)
        self._nc: Client | None = None

    async def keep(self, nc: Client, stop: asyncio.Event) -> None:
        """Take in blocks until ``stop`` is set."""
        js, self._nc = nc.jetstream(), nc
        known = broker.Position(self.stored, self._made)
        newest = await broker.checked_position(js, stop, broker.READINGS, known.at(self.newest.position))
        position = await broker.checked_position(js, stop, broker.READINGS, known)
        self.stored, self._made, self.newest.position = position.sequence, position.made, newest.sequence
        rolled_up = self.newest.position
        # The newest values and the roll-ups are written less often than the store's position: they catch up first.
        cursor = Cursor(nc, broker.READINGS, ("readings.>",), after=min(self.stored, self.newest.position), batch=500)
        log.info("keeping readings", after=cursor.position)
        waiting: list[blocks.Block] = []
        rows, since, saved, reported = 0, 0.0, time.monotonic(), time.monotonic()
        rolled = time.monotonic()
        while True:
            for message in await cursor.next(0.2):
                block = self._take(message)
                if block is None or not len(block):
                    continue
                if message.sequence > self.stored:
                    since = since if waiting else time.monotonic()
                    waiting.append(block)
                    rows += len(block)
                elif message.sequence > rolled_up:
                    # Stored before the process died, but not in the roll-ups that were last written.
                    self.rollups.take(block)
            self.lag["telemetry"] = cursor.pending
            now = time.monotonic()
            roll, save = now - rolled > ROLL_SECONDS or stop.is_set(), now - saved > SAVE_SECONDS or stop.is_set()
            # Roll-ups are reckoned from what is stored, and saved with the position of the newest values: the readings go first.
            if waiting and (rows >= FLUSH_ROWS or now - since > FLUSH_SECONDS or roll or save):
                whole = blocks.concatenate(waiting)
                await self._insert(whole, self.newest.position)
                self.rollups.take(whole)
                waiting, rows = [], 0
            if roll:
                rolled = now
                # What was counted again is counted once only if its place in the stream is kept with it.
                save = await self._roll() or save
            if save:
                saved = now
                await self._write_rollups()
                await asyncio.to_thread(self.newest.save, self._home / "newest.npz", self.rollups.pack())
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                log.info("telemetry", inserted=self.inserted, lag=cursor.pending)
            if stop.is_set():
                break
        await cursor.close()

    def _take(self, message: broker.Message) -> blocks.Block | None:
        try:
            block = blocks.decode(message.data)
        except blocks.MalformedBlock as refusal:
            log.error("block not understood, passed over", sequence=message.sequence, reason=str(refusal))
            return None
        self.newest.take(block)
        self.newest.position = message.sequence
        return block

    async def _insert(self, block: blocks.Block, through: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._insert_thread, self._writer.insert, block)
        self.inserted += len(block)
        self.stored = through
        await loop.run_in_executor(self._insert_thread, self._write_position)

    async def _roll(self) -> bool:
        """Write the minutes and hours that closed, and reckon again what late readings touched; whether there were any."""
        self.rollups.close_silent(time.time_ns() // 1_000_000 - SILENT_MS)
        await self._write_rollups()
        loop = asyncio.get_running_loop()
        due, late = self.rollups.due(MOST_RECKONED), self.rollups.late_due(MOST_RECKONED)
        for span in spans(due):
            await loop.run_in_executor(self._insert_thread, self._writer.reckon_again, span, time.time_ns())
        await self.completing.recount(due, late)
        return bool(due or late)

    async def _write_rollups(self) -> None:
        loop, rollups = asyncio.get_running_loop(), self.rollups
        for table, closed in ((MINUTES, rollups.closed_minutes), (HOURS, rollups.closed_hours)):
            if closed:
                await loop.run_in_executor(self._insert_thread, self._writer.insert_rollup, table, together(closed), time.time_ns())
        if rollups.closed_hours:
            await self.completing.write_hours(together(rollups.closed_hours))
        await self.completing.write_pauses()
        rollups.closed_minutes, rollups.closed_hours = [], []

    def _read_position(self) -> tuple[int, str]:
        """How far the store has come in READINGS, and in which making of it."""
        try:
            sequence, _, made = (self._home / "position").read_text().partition(" ")
            return int(sequence), made
        except (FileNotFoundError, ValueError):
            return 0, ""

    def _write_position(self) -> None:
        beside = self._home / "position.new"
        with beside.open("w") as file:
            file.write(f"{self.stored} {self._made}")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._home / "position")

    async def ask(self, asked: asking.Asking) -> bool:
        """Ask whatever gateway holds the line of a device to let it send again; whether one did. It is asked again later."""
        if self._nc is None or not self._nc.is_connected:
            return False
        try:
            await self._nc.request(asked.subject, asking.encode(asked), timeout=ASK_SECONDS)
        except (NatsError, TimeoutError):
            return False
        return True

    async def watch_quarantine(self, nc: Client, stop: asyncio.Event) -> None:
        """Follow what is set apart."""
        cursor = Cursor(nc, broker.QUARANTINE, ("quarantine.>",), last_only=True)
        while not stop.is_set():
            for message in await cursor.next(0.5):
                try:
                    self.apart[message.subject] = quarantine.decode(message.data)
                except quarantine.MalformedRecord as refusal:
                    log.error("quarantine record not understood", subject=message.subject, reason=str(refusal))
        await cursor.close()

    async def watch_pipeline(self, nc: Client, stop: asyncio.Event) -> None:
        """Note every few seconds how far the intake lags behind what devices sent."""
        js = nc.jetstream()
        while not stop.is_set():
            raw = await broker.state_of(js, stop, broker.RAW)
            last = await broker.last_message(js, stop, broker.READINGS, SUBJECT)
            through = int((last.headers or {}).get(THROUGH, 0)) if last is not None else 0
            self.lag["intake"] = max(0, raw.last_seq - through)
            await pause(stop, 3.0)

    async def series(self, channel: int, since_ms: int, until_ms: int, points: int) -> object:
        """See :meth:`Store.series`."""
        loop, settled = asyncio.get_running_loop(), self.rollups.settled(channel)
        return await loop.run_in_executor(self._read_thread, self._reader.series, channel, since_ms, until_ms, points, settled)

    async def curve(self, channel: int, since_ms: int, until_ms: int, most: int) -> Curve:
        """See :meth:`Store.curve`."""
        loop, settled = asyncio.get_running_loop(), self.rollups.settled(channel)
        return await loop.run_in_executor(self._read_thread, self._reader.curve, channel, since_ms, until_ms, most, settled)

    async def figures(self, channel: int, since_ms: int, until_ms: int) -> tuple[int, float, float, float, float]:
        """See :meth:`Store.figures`."""
        return await asyncio.get_running_loop().run_in_executor(self._read_thread, self._reader.figures, channel, since_ms, until_ms)

    async def rollup(self, channels: list[int], since_ms: int, until_ms: int, width_ms: int) -> list[Sequence[Any]]:
        """See :meth:`Store.rollup`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_thread, self._reader.rollup, channels, since_ms, until_ms, width_ms)

    async def count(self) -> int:
        """See :meth:`Store.count`."""
        return await asyncio.get_running_loop().run_in_executor(self._read_thread, self._reader.count)

    async def size(self) -> tuple[int, int]:
        """See :meth:`Store.size`."""
        return await asyncio.get_running_loop().run_in_executor(self._read_thread, self._reader.size)

    def close(self) -> None:
        """Let the engine finish."""
        for thread, store in ((self._insert_thread, self._writer), (self._read_thread, self._reader)):
            thread.shutdown(wait=True)
            store.close()
        self.observing.close()
        self.completing.close()


def _unpacked(kept: Mapping[str, Any]) -> Rollups:
    """The roll-ups written with the newest values; none with a file of an older version."""
    try:
        return Rollups.unpack(kept)
    except KeyError:
        return Rollups()


async def run(stop: asyncio.Event) -> None:
    """Keep readings until ``stop`` is set."""
    telemetry = Telemetry(Path(os.environ["ANLAN_HOME"]) / "telemetry")
    address = urlsplit(os.environ.get("ANLAN_TELEMETRY_URL", "http://127.0.0.1:8126"))
    http = asyncio.create_task(serve_http(telemetry, address.hostname or "127.0.0.1", address.port or 8126, stop))
    working: list[asyncio.Task[None]] = []
    try:
        nc = await broker.connect(os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"), stop, name="telemetry")
        await broker.ensure_streams(nc.jetstream(), stop)
        working = [
            asyncio.create_task(telemetry.keep(nc, stop)),
            asyncio.create_task(telemetry.watch_quarantine(nc, stop)),
            asyncio.create_task(telemetry.watch_pipeline(nc, stop)),
            asyncio.create_task(telemetry.completing.watch(nc, stop)),
            asyncio.create_task(telemetry.retention.watch(stop)),
            asyncio.create_task(telemetry.guard.watch(nc.jetstream(), stop)),
        ]
        done, _running = await asyncio.wait([http, *working], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(http, *working, return_exceptions=True)
        await nc.drain()
        for task in done:
            task.result()
    finally:
        stop.set()
        await asyncio.gather(http, *working, return_exceptions=True)
        telemetry.close()


def main() -> int:
    """Entry of the process."""
    return serve("telemetry", run)


if __name__ == "__main__":
    sys.exit(main())
