"""The process that turns what devices sent into blocks of readings. ``python -m anlan.sense.stream.intake``

Raw messages lie on the disk before the device got its acknowledgement. This process reads them in order, in batches; each batch becomes one
block on the stream READINGS, whose header says through which raw message it goes. That header *is* the position: after a fault at any moment
the process reads the last block, goes on behind it, and so loses nothing and stores nothing twice.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import structlog
from nats.aio.client import Client
from nats.js.errors import APIError

from anlan.ledger import broker
from anlan.ledger.broker import Cursor, Message
from anlan.ledger.process import serve
from anlan.sense.stream import rules
from anlan.sense.stream.decoding import Decoder
from anlan.sense.stream.points import Points
from anlan.sense.stream.quarantining import Quarantine
from anlan.sense.stream.registry import Registry
from anlan.wire import blocks, observations

log = structlog.get_logger()

THROUGH, OF = "Anlan-Through", "Anlan-Through-Of"
"""Headers of a block: through which raw message it goes, and of which making of the raw stream."""
EXPECTED = "Nats-Expected-Last-Subject-Sequence"
SUBJECT = "readings.0"
MOST_ROWS = 200_000
_WANTED = (broker.RAW_SUBJECTS.removesuffix(">"), observations.TOPIC_SUBJECTS.removesuffix(">"))
_REPORT_SECONDS = 30.0
WRONG_SEQUENCE = 10071
"""JetStream's error code: another message came between, or our own first attempt had succeeded after all."""


class Intake:
    """Reads raw messages, publishes blocks. One intake owns one subject of READINGS; a second one is fenced off by the server."""

    def __init__(self, nc: Client, stop: asyncio.Event, points: Points) -> None:
        self._nc, self._js, self._stop = nc, nc.jetstream(), stop
        self._decoder = Decoder(points)
        self._quarantine = Quarantine(self._js, stop)
        self._through, self._made, self._last_block = 0, "", 0
        self.readings = self.messages = self.repeated = self.apart = 0

    async def run(self) -> None:
        """Work until ``stop`` is set."""
        await self._find_position()
        # Everything is asked for and sieved here: with a filter the server looks through the thousands of subjects of a block for every
        # message that is not among the newest, and an intake that fell behind stays behind.
        cursor = Cursor(self._nc, broker.RAW, (), after=self._through)
        log.info("reading what devices send", after=self._through)
        reported = time.monotonic()
        while not self._stop.is_set():
            batch = await cursor.next(0.5)
            if batch and not await self._deal_with(batch):
                await self._find_position()
                await cursor.rewind(self._through)
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                log.info(
                    "intake", messages=self.messages, readings=self.readings, apart=self.apart, repeated=self.repeated, lag=cursor.pending
                )
        await cursor.close()

    async def _find_position(self) -> None:
        last = await broker.last_message(self._js, self._stop, broker.READINGS, SUBJECT)
        self._last_block = last.sequence if last is not None else 0
        told = (last.headers or {}) if last is not None else {}
        known = broker.Position(int(told.get(THROUGH, 0)), told.get(OF, ""))
        position = await broker.checked_position(self._js, self._stop, broker.RAW, known)
        self._through, self._made = position.sequence, position.made

    async def _deal_with(self, batch: list[Message]) -> bool:
        """Publish the block of a batch; ``False`` when the position has to be found anew."""
        now_ms = time.time_ns() // 1_000_000
        outcome = self._decoder.decode([message for message in batch if message.subject.startswith(_WANTED)], now_ms)
        if outcome.apart:
            await self._quarantine.add(outcome.apart, now_ms)
        through = batch[-1].sequence
        rows = len(outcome.block)
        for start in range(0, max(rows, 1), MOST_ROWS):
            last = start + MOST_ROWS >= rows
            part = outcome.block.part(start, start + MOST_ROWS)
            if not await self._publish(part, through if last else self._through):
                return False
        self._through = through
        self.messages += len(batch)
        self.readings += rows
        self.repeated += outcome.repeated
        self.apart += sum(apart.count for (*_sender, reason), apart in outcome.apart.items() if reason not in rules.NOTICES)
        return True

    async def _publish(self, block: blocks.Block, through: int) -> bool:
        headers = {THROUGH: str(through), OF: self._made, EXPECTED: str(self._last_block)}
        try:
            stored = await broker.publish(self._js, self._stop, SUBJECT, blocks.encode(block), headers=headers)
        except APIError as refusal:
            if refusal.err_code != WRONG_SEQUENCE:
                raise
            log.warning("block was stored already or by another intake, finding the position anew", reason=str(refusal))
            return False
        self._last_block = stored.seq
        return True


async def run(stop: asyncio.Event) -> None:
    """Take in readings until ``stop`` is set."""
    nc = await broker.connect(os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"), stop, name="intake")
    await broker.ensure_streams(nc.jetstream(), stop)
    registry = Registry(nc, stop)
    await registry.load()
    following = asyncio.create_task(registry.follow())
    working = asyncio.create_task(Intake(nc, stop, registry.points).run())
    done, _running = await asyncio.wait({following, working}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await asyncio.gather(following, working, return_exceptions=True)
    await nc.drain()
    for task in done:
        task.result()


def main() -> int:
    """Entry of the process."""
    return serve("intake", run)


if __name__ == "__main__":
    sys.exit(main())
