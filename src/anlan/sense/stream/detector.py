"""The process that judges readings and tells the room of alarms. ``python -m anlan.sense.stream.detector``

Its memory and its position in READINGS are written together; what it says carries a name that follows from the readings alone. Started again
after a fault, it reads the blocks behind its snapshot once more and says the same things under the same names, which the stream and the room
of alarms recognise: no alarm is lost, none rises twice.

A point's own limits are compared by :mod:`anlan.sense.stream.detection`, the rules in force by :mod:`anlan.sense.detection.engine`. Readings of
virtual points go out as blocks of READINGS and are judged when they come back with the rest, in the stream's one order
(:mod:`anlan.sense.stream.reckoned`). Time is that of the stream while there is something to read and the clock's only when all has been read:
a detector that was away invents no silence.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import structlog
from nats.aio.client import Client

from anlan.ledger import broker
from anlan.ledger.broker import Cursor, Message
from anlan.ledger.process import serve
from anlan.sense.detection.engine import Engine, remembered
from anlan.sense.detection.topology import Topology
from anlan.sense.stream import intake, rules, snapshot
from anlan.sense.stream.detection import Detection, State
from anlan.sense.stream.inforce import InForce
from anlan.sense.stream.reckoned import Reckoned
from anlan.sense.stream.registry import Registry
from anlan.wire import blocks, detections

log = structlog.get_logger()

SNAPSHOT_SECONDS = 2.0
QUIET_SNAPSHOT_SECONDS = 15.0
"""How often the memory is written when no reading came: time alone moves it as well."""
SETTLE_SECONDS = 0.5
"""Well beyond the longest time after which the stream has written through to the disk (``ANLAN_STREAM_SYNC``, at most this)."""
QUIET_MS = 3000
"""Without readings for so long, it is asked whether the intake has come through before anybody is called silent."""
HISTORY_MS = round(rules.BEHIND_LIMIT_S * 1000)
"""Readings older than this when they come are not judged."""
_REPORT_SECONDS = 30.0


class Detector:
    """Reads READINGS, publishes to ALARMS, keeps its memory in ``path``."""

    def __init__(self, nc: Client, stop: asyncio.Event, path: Path) -> None:
        self._nc, self._js, self._stop, self._path = nc, nc.jetstream(), stop, path
        self._registry_changed = False
        self.engine = Engine(Topology())
        self.registry = Registry(nc, stop, self._note_change, self.engine.topology.apply)
        self._in_force = InForce(nc, stop, self.engine)
        self._reckoned = Reckoned(self._js, stop)
        self._through = 0
        self._newest_ms = 0
        self.readings = self.transitions = 0

    async def run(self) -> None:
        """Work until ``stop`` is set."""
        memory = snapshot.load(self._path) or snapshot.Memory(State.fresh())
        state = memory.state
        position = await broker.checked_position(self._js, self._stop, broker.READINGS, broker.Position(state.position, memory.made))
        state.position, made = position.sequence, position.made
        detection = Detection(self.registry.points, state)
        self.engine.unpack(memory.rules)
        await self._tell(await self._in_force.load(remembered(memory.rules)))
        await self._reckoned.find(made)
        cursor = Cursor(self._nc, broker.READINGS, ("readings.>",), after=state.position, batch=500)
        log.info("watching readings", after=state.position)
        packed: dict[str, Any] | None = None
        packed_at = reported = time.monotonic()
        written = state.position
        while not self._stop.is_set():
            await self._watch(cursor, detection)
            age = time.monotonic() - packed_at
            due = age > (SNAPSHOT_SECONDS if state.position != written else QUIET_SNAPSHOT_SECONDS)
            if packed is not None and age > SETTLE_SECONDS:
                await asyncio.to_thread(snapshot.write, self._path, packed)
                written, packed = packed["position"], None
            elif packed is None and due and (self.engine.watches or state.position != written):
                packed, packed_at = snapshot.pack(state, made, self.engine.pack()), time.monotonic()
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                log.info("detector", readings=self.readings, transitions=self.transitions, lag=cursor.pending)
        await asyncio.sleep(SETTLE_SECONDS)
        snapshot.write(self._path, snapshot.pack(state, made, self.engine.pack()))
        await cursor.close()
        await self._in_force.close()

    async def _watch(self, cursor: Cursor, detection: Detection) -> None:
        if self._registry_changed:
            self._registry_changed = False
            await self._tell(self.engine.tell(detection.withdraw()))
        await self._tell(await self._in_force.take())
        messages = await cursor.next(0.5)
        for message in messages:
            await self._take(message, detection)
        now_ms = time.time_ns() // 1_000_000
        if not messages and await self._all_is_read(cursor, now_ms):
            await self._tell(self.engine.tick(now_ms))

    async def _take(self, message: Message, detection: Detection) -> None:
        self._newest_ms = message.at_ms
        # What time alone brought until then comes first.
        await self._tell(self.engine.tick(message.at_ms))
        try:
            block = blocks.decode(message.data)
        except blocks.MalformedBlock as refusal:
            log.error("block not understood, passed over", sequence=message.sequence, reason=str(refusal))
            return
        # Of a time this long ago nothing is raised now: what comes that late is history, and is stored and drawn.
        recent = block.time >= message.at_ms - HISTORY_MS
        block = block if recent.all() else block.where(recent)
        state = detection.state
        state.grow(int(block.channel.max(initial=-1)) + 1)
        found, reckoned = self.engine.judge(block, state.last_time, message.at_ms)
        if len(reckoned) and not Reckoned.said(message):
            await self._reckoned.publish(reckoned, message.sequence)
        await self._tell(self.engine.tell([*detection.feed(block), *found]))
        state.position = message.sequence
        self._through = int((message.headers or {}).get(intake.THROUGH, 0)) if message.subject == intake.SUBJECT else self._through
        self.readings += len(block)

    async def _all_is_read(self, cursor: Cursor, now_ms: int) -> bool:
        """Whether nothing waits to be read, here or before the intake: only then does the absence of readings mean something."""
        if not cursor.opened or cursor.pending:
            return False
        if not len(self.engine.silence) or now_ms - self._newest_ms < QUIET_MS:
            return True
        raw = await broker.last_message(self._js, self._stop, broker.RAW, broker.RAW_SUBJECTS)
        if not self._through:
            last = await broker.last_message(self._js, self._stop, broker.READINGS, intake.SUBJECT)
            self._through = int((last.headers or {}).get(intake.THROUGH, 0)) if last is not None else 0
        return raw is None or raw.sequence <= self._through

    async def _tell(self, found: list[detections.Transition]) -> None:
        """Publish; what concerns one channel goes in its order, different channels at once: a flood is not told one by one."""
        by_channel: dict[int, list[detections.Transition]] = {}
        for transition in found:
            by_channel.setdefault(transition.channel, []).append(transition)
        await asyncio.gather(*map(self._tell_in_order, by_channel.values()))
        self.transitions += len(found)

    async def _tell_in_order(self, found: list[detections.Transition]) -> None:
        for transition in found:
            subject, data = f"alarms.{transition.change}", detections.encode(transition)
            await broker.publish(self._js, self._stop, subject, data, message_id=transition.message_id)

    def _note_change(self) -> None:
        self._registry_changed = True


async def run(stop: asyncio.Event) -> None:
    """Detect until ``stop`` is set."""
    nc = await broker.connect(os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"), stop, name="detector")
    await broker.ensure_streams(nc.jetstream(), stop)
    detector = Detector(nc, stop, Path(os.environ["ANLAN_HOME"]) / "detector" / "state.npz")
    await detector.registry.load()
    following = asyncio.create_task(detector.registry.follow())
    working = asyncio.create_task(detector.run())
    done, _running = await asyncio.wait({following, working}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await asyncio.gather(following, working, return_exceptions=True)
    await nc.drain()
    for task in done:
        task.result()


def main() -> int:
    """Entry of the process."""
    return serve("detector", run)


if __name__ == "__main__":
    sys.exit(main())
