"""The process that tells subscribers by MQTT of every new Observation of the Datastreams they subscribed to (OGC 18-088, 14.2).

``python -m anlan.sense.things.feed``. It follows the blocks of readings from their present end on and publishes a reading on the topic of its
Datastream where somebody listens. Whether somebody does is found by asking: of each channel one message in a while is sent with an address for
the answer, and the server itself answers at once when nobody is there. So what nobody listens to costs one message in half a minute.

Which Datastreams a credential may subscribe to is decided when it signs in (:mod:`anlan.sense.devices.gatekeeper`). No Django.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import msgspec
import numpy as np
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import serve
from anlan.wire import blocks, observations

log = structlog.get_logger()

LOOK_SECONDS = 30.0
"""A channel without listeners is tried again after so long, one with listeners too."""
MOST_LOOKS = 2_000
"""Channels tried in one turn; the others come in the next ones."""
_NOBODY = "503"


class Listening:
    """Who listens, as far as it is known: by channel whether somebody does, and when to find out again."""

    def __init__(self) -> None:
        self.heard = np.zeros(1024, np.bool_)
        self.look_at = np.zeros(1024)

    def chosen(self, block: blocks.Block, now: float) -> tuple[np.ndarray, np.ndarray]:
        """Rows of ``block`` to be told, and of these the ones to be told with a question, at most :data:`MOST_LOOKS`."""
        size = int(block.channel.max(initial=0)) + 1
        if size > len(self.heard):
            extra = max(size, 2 * len(self.heard)) - len(self.heard)
            self.heard = np.concatenate([self.heard, np.zeros(extra, np.bool_)])
            self.look_at = np.concatenate([self.look_at, np.zeros(extra)])
        due = np.flatnonzero(self.look_at[block.channel] <= now)
        # Of each channel the last row asks: what it tells is the newest.
        _channels, backwards = np.unique(block.channel[due][::-1], return_index=True)
        asking = np.sort(due[::-1][backwards])[:MOST_LOOKS]
        self.look_at[block.channel[asking]] = now + LOOK_SECONDS
        told = self.heard[block.channel]
        told[asking] = True
        self.heard[block.channel[asking]] = True
        return np.flatnonzero(told), asking

    def nobody(self, channel: int) -> None:
        """Nobody listens to ``channel``."""
        if channel < len(self.heard):
            self.heard[channel] = False


class Feed:
    """Tells what passes."""

    def __init__(self, nc: Client, stop: asyncio.Event) -> None:
        self._nc, self._stop = nc, stop
        self._listening = Listening()
        self._inbox = nc.new_inbox()
        self.told = 0

    async def run(self) -> None:
        """Work until ``stop`` is set."""
        state = await broker.state_of(self._nc.jetstream(), self._stop, broker.READINGS)
        cursor = Cursor(self._nc, broker.READINGS, ("readings.>",), after=state.last_seq, batch=500)
        await self._nc.subscribe(f"{self._inbox}.*", cb=self._answered)
        log.info("telling subscribers of observations", after=state.last_seq)
        while not self._stop.is_set():
            for message in await cursor.next(0.5):
                try:
                    await self.tell(blocks.decode(message.data))
                except blocks.MalformedBlock as refusal:
                    log.error("block not understood, passed over", sequence=message.sequence, reason=str(refusal))
                except NatsError as trouble:
                    # Subscribers of QoS 0 are owed nothing; the next block is told again.
                    log.warning("observations not told", reason=str(trouble))
        await cursor.close()

    async def tell(self, block: blocks.Block) -> None:
        """Publish the rows of a block that somebody listens to, or might."""
        rows, asking = self._listening.chosen(block, time.monotonic())
        asked = set(asking.tolist())
        for row in rows.tolist():
            channel = int(block.channel[row])
            reply = f"{self._inbox}.{channel}" if row in asked else ""
            body = entity(channel, int(block.time[row]), float(block.value[row]), int(block.quality[row]))
            await self._nc.publish(observations.publish_subject(channel), body, reply=reply)
            self.told += 1

    async def _answered(self, message: Msg) -> None:
        if message.headers and message.headers.get("Status") == _NOBODY:
            self._listening.nobody(int(message.subject.rpartition(".")[2]))


def entity(channel: int, at_ms: int, value: float, quality: int) -> bytes:
    """An Observation as it is told; its links are relative to the root of the API."""
    key = observations.identifier(channel, at_ms)
    links = {"@iot.id": key, "@iot.selfLink": f"Observations('{key}')", "Datastream@iot.navigationLink": f"Datastreams({channel})"}
    return msgspec.json.encode(links | observations.told(at_ms, value, quality))


async def run(stop: asyncio.Event) -> None:
    """Tell until ``stop`` is set."""
    nc = await broker.connect(os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"), stop, name="feed")
    await broker.ensure_streams(nc.jetstream(), stop)
    await Feed(nc, stop).run()
    await nc.drain()


def main() -> int:
    """Entry of the process."""
    return serve("feed", run)


if __name__ == "__main__":
    sys.exit(main())
