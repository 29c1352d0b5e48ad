"""Which lines to devices stand: counted from connections, told to the stream as one last value per device. No Django."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

from anlan.kernel.errors import Refusal
from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import pause
from anlan.sense.gateways.directory import Sender
from anlan.wire import links
from anlan.wire.links import DOWN, UP, Link

log = structlog.get_logger()

RETELL_MS = 60_000
"""While a device is heard, the time of it is told again so often."""
RESTARTED = "gateway_restarted"


@dataclass
class _Line:
    link: Link
    connections: int = 0
    told_heard_ms: int = 0


class Lines:
    """The lines of this gateway's protocols. ``protocols``: what this process answers for; other processes tell of theirs."""

    def __init__(self, protocols: frozenset[str]) -> None:
        self._protocols = protocols
        self._lines: dict[tuple[str, str], _Line] = {}
        self._waiting: set[tuple[str, str]] = set()

    def up(self, sender: Sender, now_ms: int) -> int:
        """A connection of the device stands; returns when it was last heard before (ms since 1970 UTC, 0 for never)."""
        key = (sender.credential, sender.device)
        line = self._lines.get(key)
        before = line.link.heard_ms if line is not None else 0
        if line is None or line.link.state != UP or line.link.protocol != sender.entry.protocol:
            line = self._lines[key] = _Line(self._link(sender, UP, now_ms, now_ms), line.connections if line is not None else 0)
            self._waiting.add(key)
        line.connections += 1
        self._hear(key, line, now_ms)
        return before

    def heard(self, sender: Sender, now_ms: int) -> None:
        """The device gave a sign of life."""
        key = (sender.credential, sender.device)
        if (line := self._lines.get(key)) is not None:
            self._hear(key, line, now_ms)

    def down(self, sender: Sender, reason: str, now_ms: int) -> None:
        """A connection of the device ended; the line is down when it was the last."""
        key = (sender.credential, sender.device)
        line = self._lines.get(key)
        if line is None:
            return
        line.connections = max(0, line.connections - 1)
        if line.connections == 0 and line.link.state == UP:
            line.link = self._link(sender, DOWN, now_ms, line.link.heard_ms, reason)
            self._waiting.add(key)

    def fetched_down(self, sender: Sender, reason: str, now_ms: int) -> None:
        """A device that the node asks does not answer; told once, also where it never answered."""
        key = (sender.credential, sender.device)
        line = self._lines.get(key)
        known = line.link if line is not None and line.link.protocol == sender.entry.protocol else None
        if known is not None and known.state == DOWN and known.reason == reason:
            return
        since_ms = known.since_ms if known is not None and known.state == DOWN else now_ms
        self._lines[key] = _Line(self._link(sender, DOWN, since_ms, known.heard_ms if known is not None else 0, reason))
        self._waiting.add(key)

    def state(self, credential: str, device: str) -> Link | None:
        """What is known of a device's line."""
        line = self._lines.get((credential, device))
        return line.link if line is not None else None

    async def take_over(self, nc: Client, stop: asyncio.Event, now_ms: int) -> None:
        """Read what was told last; lines that a run before this one left standing went down with it."""
        cursor = Cursor(nc, broker.LINKS, ("links.>",), last_only=True)
        while not stop.is_set():
            messages = await cursor.next(0.5)
            for message in messages:
                try:
                    link = links.decode(message.data)
                except Refusal as refusal:
                    log.error("state of a line not understood", subject=message.subject, reason=str(refusal))
                    continue
                if link.protocol not in self._protocols:
                    continue
                key = (link.credential, link.device)
                if link.state == UP:
                    link = Link(link.credential, link.device, DOWN, now_ms, link.protocol, link.address, link.heard_ms, RESTARTED)
                    self._waiting.add(key)
                self._lines[key] = _Line(link, told_heard_ms=link.heard_ms)
            if cursor.opened and cursor.pending == 0:
                break
        await cursor.close()

    async def keep_telling(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        """Publish what changed twice a second until ``stop`` is set."""
        while not stop.is_set():
            await pause(stop, 0.5)
            await self.tell(js, stop)

    async def tell(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        """Publish what changed. Raises ``ConnectionError`` once ``stop`` is set while the stream is away."""
        while self._waiting:
            link = self._lines[self._waiting.pop()].link
            await broker.publish(js, stop, link.subject, links.encode(link))

    def _hear(self, key: tuple[str, str], line: _Line, now_ms: int) -> None:
        told = line.link
        line.link = Link(told.credential, told.device, told.state, told.since_ms, told.protocol, told.address, now_ms, told.reason)
        if now_ms - line.told_heard_ms >= RETELL_MS:
            line.told_heard_ms = now_ms
            self._waiting.add(key)

    @staticmethod
    def _link(sender: Sender, state: str, since_ms: int, heard_ms: int, reason: str = "") -> Link:
        return Link(sender.credential, sender.device, state, since_ms, sender.entry.protocol, sender.entry.address, heard_ms, reason)
