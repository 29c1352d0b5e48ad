"""Keeps :class:`~anlan.sense.stream.points.Points` up to date from the registry messages of the stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from nats.aio.client import Client

from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.sense.stream.points import Points
from anlan.wire import registry

log = structlog.get_logger()

COMPLETE = "_complete"


class Registry:
    """The registry as this process knows it. ``changed`` is called after messages were applied, ``heard`` with each entry and its time."""

    def __init__(
        self,
        nc: Client,
        stop: asyncio.Event,
        changed: Callable[[], None] | None = None,
        heard: Callable[[registry.Entry, int], None] | None = None,
    ) -> None:
        self.points = Points()
        self._stop, self._changed, self._heard = stop, changed, heard
        self._cursor = Cursor(nc, broker.REGISTRY, ("registry.>",), last_only=True)
        self._complete = False

    async def load(self) -> None:
        """Read everything published so far; waits until the gatekeeper has published the whole registry once."""
        waited = False
        while not self._stop.is_set() and not (self._complete and self._cursor.pending == 0):
            found = await self._take(1.0)
            if not found and not self._complete and not waited:
                waited = True
                log.info("waiting for the registry of devices")
        log.info("registry loaded", devices=len(self.points.sources))

    async def follow(self) -> None:
        """Apply what is published from now on, until ``stop`` is set."""
        while not self._stop.is_set():
            await self._take(0.5)
        await self._cursor.close()

    async def _take(self, wait_s: float) -> int:
        messages = await self._cursor.next(wait_s)
        for message in messages:
            if message.subject == f"registry.{COMPLETE}":
                self._complete = True
                continue
            try:
                entry = registry.decode(message.data)
                self.points.apply(entry)
                if self._heard is not None:
                    self._heard(entry, message.at_ms)
            except registry.MalformedEntry as refusal:
                log.error("registry message not understood", subject=message.subject, reason=str(refusal))
        if messages and self._changed is not None:
            self._changed()
        return len(messages)
