"""The sockets of the field port: who is let in, what is passed on, what each client gets, within limits. No Django.

A connection speaks for one unit: the one its first event names, if that is let in (:func:`rules.admitted`). Only its own events move it; what
it draws or writes goes to the other units of its incident as it came. Nobody is told anything before he is let in.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import structlog

from anlan.command.field import rules
from anlan.command.field.rules import Account
from anlan.kernel.errors import Refusal
from anlan.wire import cot
from anlan.wire.cot import shapes
from anlan.wire.cot.event import PING
from anlan.wire.framing import Unreadable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the port grants; times in s. Project defaults."""

    connections: int = 2000
    connections_of_one_peer: int = 200
    first_s: float = 30.0
    idle_s: float = 900.0
    waiting_bytes: int = 1024 * 1024
    """Bytes a client may leave unread before its connection is ended."""
    unreadable: int = 20
    events_per_s: float = 20.0
    burst: int = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """One shape of the present picture, as bytes; ``gone``: the bytes that take it away."""

    uid: str
    content: bytes
    gone: bytes
    place_code: str
    incident_id: UUID | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Turned:
    """A terminal that was turned away."""

    uid: str
    callsign: str
    fingerprint: str
    peer: str
    reason: str


@dataclass(eq=False)
class _Client:
    writer: asyncio.StreamWriter
    peer: str
    certificate: str
    account: Account | None = None


class Port:
    """Every connection. ``note`` takes what a unit said of itself, ``apart`` who was turned away; ``now`` is the clock."""

    def __init__(
        self,
        note: Callable[[Account, cot.Event], None],
        apart: Callable[[Turned], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        limits: Limits | None = None,
    ) -> None:
        self._note, self._apart, self._now = note, apart, now
        self._limits = limits or Limits()
        self.accounts: dict[str, Account] = {}
        self.picture: dict[str, Shown] = {}
        self.refused: Counter[str] = Counter()
        self._clients: set[_Client] = set()
        self._of_host: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    @property
    def connected(self) -> int:
        """How many units are connected."""
        return sum(client.account is not None for client in self._clients)

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port. Raises ``OSError`` when it is taken."""
        server = await asyncio.start_server(self._accept, host, port, limit=64 * 1024, backlog=256, ssl=tls)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """End every connection."""
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def admit(self, accounts: Mapping[str, Account]) -> None:
        """Who may come in from now on. Whoever may no longer, or has another certificate now, is cut off."""
        self.accounts = dict(accounts)
        for client in list(self._clients):
            if client.account is None:
                continue
            new = accounts.get(client.account.uid)
            if new is None or new.fingerprint != client.account.fingerprint:
                client.writer.transport.abort()
                continue
            moved = (new.incident_id, new.place_code) != (client.account.incident_id, client.account.place_code)
            client.account = new
            if moved:
                self._show_all(client)

    def show(self, shape: Shown) -> None:
        """Put a shape on the maps of the units it concerns, now and when they come."""
        self.picture[shape.uid] = shape
        for client in list(self._clients):
            if client.account is not None and rules.shown_to(client.account, shape.place_code, shape.incident_id):
                self._write(client, shape.content)

    def withdraw(self, uid: str) -> None:
        """Take a shape away."""
        shape = self.picture.pop(uid, None)
        if shape is None:
            return
        for client in list(self._clients):
            if client.account is not None and rules.shown_to(client.account, shape.place_code, shape.incident_id):
                self._write(client, shape.gone)

    def _show_all(self, client: _Client) -> None:
        now, account = self._now(), client.account
        assert account is not None
        for uid in [uid for uid, shape in self.picture.items() if shape.until <= now]:
            del self.picture[uid]
        for shape in self.picture.values():
            if rules.shown_to(account, shape.place_code, shape.incident_id):
                self._write(client, shape.content)

    def _write(self, client: _Client, data: bytes) -> None:
        if client.writer.is_closing():
            return
        client.writer.write(data + b"\n")
        if client.writer.transport.get_write_buffer_size() > self._limits.waiting_bytes:
            # Who takes nothing must not fill the memory; it comes again and gets the present picture.
            self.refused["field_slow_reader"] += 1
            client.writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = (writer.get_extra_info("peername") or ("", 0))[:2]
        if len(self._clients) >= self._limits.connections or self._of_host[host] >= self._limits.connections_of_one_peer:
            writer.transport.abort()
            return
        secured = writer.get_extra_info("ssl_object")
        certificate = sha256(secured.getpeercert(binary_form=True) or b"").hexdigest() if secured is not None else ""
        client = _Client(writer, f"{host}:{port}", certificate)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._clients.add(client)
        self._of_host[host] += 1
        try:
            await self._read(reader, client)
        except (ConnectionError, TimeoutError, ssl.SSLError) as ended:
            log.info("connection ended", peer=client.peer, reason=type(ended).__name__)
        finally:
            self._tasks.discard(task)
            self._clients.discard(client)
            self._of_host[host] -= 1
            if not self._of_host[host]:
                del self._of_host[host]
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader, client: _Client) -> None:
        framer, unreadable, allowance = cot.Framer(), 0, float(self._limits.burst)
        loop = asyncio.get_running_loop()
        counted, began = loop.time(), loop.time()
        while unreadable <= self._limits.unreadable:
            waits = self._limits.idle_s if client.account else max(0.0, began + self._limits.first_s - loop.time())
            async with asyncio.timeout(waits):
                data = await reader.read(32 * 1024)
            if not data:
                return
            for piece in framer.feed(data):
                counted, allowance = (
                    loop.time(),
                    min(self._limits.burst, allowance + (loop.time() - counted) * self._limits.events_per_s) - 1,
                )
                if allowance < 0:
                    # The client is read more slowly, no faster than it may send: its own network holds the rest back.
                    await asyncio.sleep(-allowance / self._limits.events_per_s)
                if isinstance(piece, Unreadable):
                    unreadable += 1
                    self.refused[piece.reason.code] += 1
                    continue
                try:
                    if not self._take(cot.decode(piece.data), piece.data, client):
                        return
                except Refusal as refusal:
                    unreadable += 1
                    self.refused[refusal.code] += 1
        log.warning("connection cut: too much that is no event", peer=client.peer, count=unreadable)

    def _take(self, event: cot.Event, data: bytes, client: _Client) -> bool:
        """Carry an event out; false: the connection ends."""
        if event.type == PING:
            self._write(client, cot.encode(shapes.pong(self._now())))
            return True
        if client.account is None and not self._let_in(event, client):
            return False
        account = client.account
        assert account is not None
        if event.uid == account.uid:
            self._note(account, event)
        elif event.type.startswith("a-"):
            # One terminal does not move another unit.
            self.refused["field_foreign_unit"] += 1
            return True
        self._pass_on(account, data)
        return True

    def _let_in(self, event: cot.Event, client: _Client) -> bool:
        try:
            client.account = rules.admitted(self.accounts.get(event.uid), event.uid, event.callsign, client.certificate)
        except Refusal as refusal:
            self.refused[refusal.code] += 1
            self._apart(Turned(event.uid, event.callsign, client.certificate, client.peer, refusal.code))
            return False
        log.info("unit connected", callsign=client.account.callsign, peer=client.peer)
        self._show_all(client)
        return True

    def _pass_on(self, account: Account, data: bytes) -> None:
        """To the other units of the same incident: what one draws, says, or where it is."""
        if account.incident_id is None:
            return
        for other in list(self._clients):
            known = other.account
            if known is None or known.uid == account.uid:
                continue
            if (known.incident_id, known.exercise) == (account.incident_id, account.exercise):
                self._write(other, data)
