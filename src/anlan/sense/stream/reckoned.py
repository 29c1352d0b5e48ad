"""Readings of virtual points, put on READINGS beside those of devices: every one exactly once, whatever dies when.

Each block says from which block it was reckoned (header :data:`THROUGH`), and the stream takes it only behind the block of virtual points before
it. That header is the position: a detector started again reckons blocks behind its snapshot anew, and publishes only what lies behind the
last header. Blocks of virtual points are not reckoned from in their turn: a virtual point that is an input of another is dealt with together
with it.
"""

from __future__ import annotations

import asyncio

import structlog
from nats.js import JetStreamContext
from nats.js.errors import APIError

from anlan.ledger import broker
from anlan.ledger.broker import Message
from anlan.sense.stream.intake import EXPECTED, OF, THROUGH, WRONG_SEQUENCE
from anlan.wire import blocks

log = structlog.get_logger()

SUBJECT = "readings.virtual"


class Reckoned:
    """Publishes blocks of virtual points. :meth:`find` before the first."""

    def __init__(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        self._js, self._stop = js, stop
        self._made = ""
        self._through = self._last = 0

    @staticmethod
    def said(message: Message) -> bool:
        """Whether ``message`` holds readings of virtual points."""
        return message.subject == SUBJECT

    async def find(self, made: str) -> None:
        """Learn how far was published. ``made``: the present making of READINGS."""
        last = await broker.last_message(self._js, self._stop, broker.READINGS, SUBJECT)
        told = (last.headers or {}) if last is not None else {}
        self._made = made
        self._last = last.sequence if last is not None else 0
        self._through = int(told.get(THROUGH, 0)) if told.get(OF) == made else 0

    async def publish(self, block: blocks.Block, sequence: int) -> None:
        """Publish what was reckoned from block ``sequence``, unless it was before."""
        while sequence > self._through:
            headers = {THROUGH: str(sequence), OF: self._made, EXPECTED: str(self._last)}
            try:
                stored = await broker.publish(self._js, self._stop, SUBJECT, blocks.encode(block), headers=headers)
            except APIError as refusal:
                if refusal.err_code != WRONG_SEQUENCE:
                    raise
                log.warning("readings of virtual points were stored already, finding the position anew", reason=str(refusal))
                await self.find(self._made)
                continue
            self._last, self._through = stored.seq, sequence
