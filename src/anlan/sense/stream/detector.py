"""The process that compares readings with limits and tells the room of alarms. ``python -m anlan.sense.stream.detector``

Its memory and its position in READINGS are written together; what it says carries a name that follows from the readings alone. Started again
after a fault, it reads the blocks behind its snapshot once more and says the same things under the same names, which the stream and the room
of alarms recognise: no alarm is lost, none rises twice.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import structlog
from nats.aio.client import Client

from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import serve
from anlan.sense.stream import snapshot
from anlan.sense.stream.detection import Detection, State
from anlan.sense.stream.registry import Registry
from anlan.wire import blocks, detections

log = structlog.get_logger()

SNAPSHOT_SECONDS = 2.0
SETTLE_SECONDS = 0.5
"""Well beyond the longest time after which the stream has written through to the disk (``ANLAN_STREAM_SYNC``, at most this)."""
_REPORT_SECONDS = 30.0


class Detector:
    """Reads READINGS, publishes to ALARMS, keeps its memory in ``path``."""

    def __init__(self, nc: Client, stop: asyncio.Event, path: Path) -> None:
        self._nc, self._js, self._stop, self._path = nc, nc.jetstream(), stop, path
        self._registry_changed = False
        self.registry = Registry(nc, stop, self._note_change)
        self.readings = self.transitions = 0

    async def run(self) -> None:
        """Work until ``stop`` is set."""
        state, made = snapshot.load(self._path) or (State.fresh(), "")
        known = broker.Position(state.position, made)
        position = await broker.checked_position(self._js, self._stop, broker.READINGS, known)
        state.position, made = position.sequence, position.made
        detection = Detection(self.registry.points, state)
        cursor = Cursor(self._nc, broker.READINGS, ("readings.>",), after=state.position, batch=500)
        log.info("watching readings", after=state.position)
        packed, packed_at, reported = None, time.monotonic(), time.monotonic()
        written = state.position
        while not self._stop.is_set():
            await self._watch(cursor, detection)
            if packed is not None and time.monotonic() - packed_at > SETTLE_SECONDS:
                await asyncio.to_thread(snapshot.write, self._path, packed)
                written, packed = packed["position"], None
            elif packed is None and detection.state.position != written and time.monotonic() - packed_at > SNAPSHOT_SECONDS:
                packed, packed_at = snapshot.pack(detection.state, made), time.monotonic()
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                log.info("detector", readings=self.readings, transitions=self.transitions, lag=cursor.pending)
        await asyncio.sleep(SETTLE_SECONDS)
        snapshot.write(self._path, snapshot.pack(detection.state, made))
        await cursor.close()

    async def _watch(self, cursor: Cursor, detection: Detection) -> None:
        if self._registry_changed:
            self._registry_changed = False
            await self._tell(detection.withdraw())
        for message in await cursor.next(0.5):
            try:
                block = blocks.decode(message.data)
            except blocks.MalformedBlock as refusal:
                log.error("block not understood, passed over", sequence=message.sequence, reason=str(refusal))
                continue
            await self._tell(detection.feed(block))
            detection.state.position = message.sequence
            self.readings += len(block)

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
