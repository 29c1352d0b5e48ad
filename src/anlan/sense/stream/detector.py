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
        state = snapshot.load(self._path) or State.fresh()
        position = await broker.checked_position(self._js, self._stop, broker.READINGS, state.position)
        if position < state.position:
            state.position = position
        detection = Detection(self.registry.points, state)
        cursor = Cursor(self._nc, broker.READINGS, ("readings.>",), after=position, batch=500)
        log.info("watching readings", after=position)
        written, reported = time.monotonic(), time.monotonic()
        saved = position
        while not self._stop.is_set():
            await self._watch(cursor, detection)
            moved = detection.state.position != saved
            if moved and time.monotonic() - written > SNAPSHOT_SECONDS:
                snapshot.save(self._path, detection.state)
                saved, written = detection.state.position, time.monotonic()
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                log.info("detector", readings=self.readings, transitions=self.transitions, lag=cursor.pending)
        snapshot.save(self._path, detection.state)
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
        for transition in found:
            await broker.publish(
                self._js,
                self._stop,
                f"alarms.{transition.change}",
                detections.encode(transition),
                message_id=transition.message_id,
            )
        self.transitions += len(found)

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
