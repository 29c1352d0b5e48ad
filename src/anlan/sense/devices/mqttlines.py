"""Lines of equipment that speaks MQTT: the stream server tells who connects and who goes, this tells the stream LINKS of their devices.

The server's events make it immediate; its list of connections, asked for now and then, makes it true after any fault. A device that has a name in
a field protocol is told of by the gateway of that protocol and not here. No Django.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from anlan.kernel.errors import Refusal
from anlan.ledger import broker
from anlan.ledger.broker import Cursor
from anlan.ledger.process import pause
from anlan.wire import links, registry
from anlan.wire.addresses import MQTT
from anlan.wire.links import DOWN, UP, Link

log = structlog.get_logger()

EVENTS = "lines.mqtt.*"
"""Where the server's account events arrive; the launcher's configuration sends ``$SYS.ACCOUNT.NODE.CONNECT`` and ``.DISCONNECT`` there."""
_CONNECTIONS = "$SYS.REQ.ACCOUNT.PING.CONNZ"
_PAGE = 1024
RECKON_EVERY_S = 30.0
REASONS = {"Client Closed": "closed_by_sender", "Stale Connection": "timed_out", "Authentication Expired": "closed"}
"""The server's reasons as words of ``wording.LINK_REASONS``; any other is ``closed``."""


class _Client(msgspec.Struct):
    id: int
    user: str = ""
    client_type: str = ""


class _Event(msgspec.Struct):
    """The part of the server's connect and disconnect events (``io.nats.server.advisory.v1.client_*``) that matters here."""

    client: _Client
    reason: str = ""


_event = msgspec.json.Decoder(_Event)


class MqttLines:
    """Who is connected by MQTT, and what the stream was told of the devices behind them."""

    def __init__(self) -> None:
        self._connections: dict[str, set[int]] = {}
        self._devices: dict[str, tuple[str, ...]] = {}
        self._told: dict[tuple[str, str], Link] = {}
        self._waiting: dict[tuple[str, str], Link] = {}
        # Before the server has listed its connections, none standing means nothing.
        self._listed = False

    def learn(self, entry: registry.Entry) -> None:
        """Take over the devices behind a credential. What just became known of a connection that stands is up."""
        for device in entry.devices:
            known = self._told.get((entry.credential, device.code))
            if device.addresses and known is not None and known.state == UP:
                # From now on its gateway tells of it; what was told here must not stand for ever.
                self._say(entry.credential, device.code, DOWN, _now_ms(), "closed")
        self._devices[entry.credential] = tuple(device.code for device in entry.devices if device.in_use and not device.addresses)
        self._judge(entry.credential, _now_ms(), "closed")

    def connected(self, username: str, connection: int, now_ms: int) -> None:
        """A connection of a credential stands."""
        self._connections.setdefault(username, set()).add(connection)
        self._judge(username, now_ms, "")

    def disconnected(self, username: str, connection: int, reason: str, now_ms: int) -> None:
        """A connection of a credential ended, for the server's ``reason``."""
        held = self._connections.get(username)
        if held is not None:
            held.discard(connection)
            if not held:
                del self._connections[username]
        self._judge(username, now_ms, REASONS.get(reason, "closed"))

    def reckon(self, standing: dict[str, set[int]], now_ms: int) -> None:
        """Replace what is known of connections by what the server lists."""
        before, self._connections = self._connections, standing
        self._listed = True
        for username in {*before, *standing, *(credential for credential, _device in self._told)}:
            self._judge(username, now_ms, "closed")

    def _judge(self, username: str, now_ms: int, reason: str) -> None:
        state = UP if self._connections.get(username) else DOWN
        if state == DOWN and not self._listed:
            return
        for device in self._devices.get(username, ()):
            known = self._told.get((username, device))
            # A device that was never heard of is not down, it never came.
            if (known is None and state == DOWN) or (known is not None and known.protocol == MQTT and known.state == state):
                continue
            self._say(username, device, state, now_ms, reason if state == DOWN else "")

    def _say(self, username: str, device: str, state: str, now_ms: int, reason: str) -> None:
        key = (username, device)
        self._told[key] = self._waiting[key] = Link(username, device, state, now_ms, MQTT, heard_ms=now_ms, reason=reason)

    async def take_over(self, nc: Client, stop: asyncio.Event) -> None:
        """Read what was told last."""
        cursor = Cursor(nc, broker.LINKS, ("links.>",), last_only=True)
        while not stop.is_set():
            for message in await cursor.next(0.5):
                try:
                    link = links.decode(message.data)
                except Refusal as refusal:
                    log.error("state of a line not understood", subject=message.subject, reason=str(refusal))
                    continue
                if link.protocol == MQTT:
                    self._told[link.credential, link.device] = link
            if cursor.opened and cursor.pending == 0:
                break
        await cursor.close()

    async def follow(self, nc: Client, js: JetStreamContext, stop: asyncio.Event) -> None:
        """Hear the server's events and tell the stream, until ``stop`` is set."""

        async def hear(message: Msg) -> None:
            try:
                event = _event.decode(message.data)
            except msgspec.MsgspecError as wrong:
                log.warning("event of the stream server not understood", subject=message.subject, reason=str(wrong)[:120])
                return
            if event.client.client_type != MQTT or not event.client.user:
                return
            if message.subject.endswith(".connect"):
                self.connected(event.client.user, event.client.id, _now_ms())
            else:
                self.disconnected(event.client.user, event.client.id, event.reason, _now_ms())

        await nc.subscribe(EVENTS, cb=hear)
        due = 0.0
        while not stop.is_set():
            if time.monotonic() >= due:
                due = time.monotonic() + RECKON_EVERY_S
                await self._ask(nc)
            await self.tell(js, stop)
            await pause(stop, 0.2)

    async def _ask(self, nc: Client) -> None:
        standing: dict[str, set[int]] = {}
        offset, total = 0, 1
        try:
            while offset < total:
                asked = json.dumps({"auth": True, "limit": _PAGE, "offset": offset}).encode()
                page = json.loads((await nc.request(_CONNECTIONS, asked, timeout=5)).data)["data"]
                for connection in page["connections"] or ():
                    if connection.get("type") == MQTT and connection.get("authorized_user"):
                        standing.setdefault(connection["authorized_user"], set()).add(int(connection["cid"]))
                total, offset = int(page["total"]), offset + _PAGE
        except (NatsError, TimeoutError, KeyError, ValueError) as trouble:
            log.warning("the stream server did not list its connections", reason=str(trouble) or type(trouble).__name__)
            return
        self.reckon(standing, _now_ms())

    async def tell(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        """Publish what changed. Raises ``ConnectionError`` once ``stop`` is set while the stream is away."""
        while self._waiting:
            key = next(iter(self._waiting))
            link = self._waiting.pop(key)
            await broker.publish(js, stop, link.subject, links.encode(link))

    def states(self) -> Iterable[Link]:
        """What was told of every line."""
        return self._told.values()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
