"""The sockets of the field port: who is let in, what is passed on, what each client gets, within limits. No Django.

A connection speaks for one unit: the one its first event names, if that is let in (:func:`rules.admitted`). Only its own events move it; what
it draws or writes goes to the other units of its incident as it came, a message to one device to that one alone, a call for help also to the
units about its place. Nothing that bears a name of the node's own goes from one terminal to another. Nobody is told anything before he is let in.
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

from anlan.command.field import purposes, rules
from anlan.command.field.rules import Account
from anlan.kernel.errors import Refusal
from anlan.wire import cot
from anlan.wire.cot import shapes
from anlan.wire.cot.event import PING
from anlan.wire.framing import Unreadable

log = structlog.get_logger()
GONE_MOST = 5000
"""Shapes taken away that are remembered for terminals that come again (project default)."""


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
    exercise: bool = False


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
    """Every connection. ``note`` takes what a unit said, with its purpose (see :mod:`.purposes`), ``apart`` who was turned away,
    ``came`` who was let in; ``now`` is the clock."""

    def __init__(
        self,
        note: Callable[[Account, str, cot.Event], None],
        apart: Callable[[Turned], None],
        came: Callable[[Account], None] = lambda _account: None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        limits: Limits | None = None,
    ) -> None:
        self._note, self._apart, self._came, self._now = note, apart, came, now
        self._limits = limits or Limits()
        self.accounts: dict[str, Account] = {}
        self.picture: dict[str, Shown] = {}
        self._gone: dict[str, Shown] = {}
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
            old, client.account = client.account, new
            if (new.incident_id, new.place_code, new.exercise) != (old.incident_id, old.place_code, old.exercise):
                for shape in self.picture.values():
                    if _concerns(old, shape) and not _concerns(new, shape):
                        self._write(client, shape.gone)
                self._show_all(client)

    def show(self, shape: Shown) -> None:
        """Put a shape on the maps of the units it concerns, now and when they come; take it off those it concerns no more."""
        before = self.picture.get(shape.uid)
        self.picture[shape.uid] = shape
        self._gone.pop(shape.uid, None)
        for client in list(self._clients):
            if client.account is None:
                continue
            if _concerns(client.account, shape):
                self._write(client, shape.content)
            elif before is not None and _concerns(client.account, before):
                self._write(client, before.gone)

    def withdraw(self, shape: Shown) -> None:
        """Take a shape away, now and from those who come again and still have it."""
        self.picture.pop(shape.uid, None)
        self._gone[shape.uid] = shape
        while len(self._gone) > GONE_MOST:
            del self._gone[next(iter(self._gone))]
        for client in list(self._clients):
            if client.account is not None and _concerns(client.account, shape):
                self._write(client, shape.gone)

    def tell(self, uid: str, data: bytes) -> bool:
        """Write to one unit; false when it is not connected."""
        found = [client for client in self._clients if client.account is not None and client.account.uid == uid]
        for client in found:
            self._write(client, data)
        return any(not client.writer.is_closing() for client in found)

    def _show_all(self, client: _Client) -> None:
        now, account = self._now(), client.account
        assert account is not None
        for known in (self.picture, self._gone):
            for uid in [uid for uid, shape in known.items() if shape.until <= now]:
                del known[uid]
        for shape in self._gone.values():
            if _concerns(account, shape):
                self._write(client, shape.gone)
        for shape in self.picture.values():
            if _concerns(account, shape):
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
        what = purposes.purpose(event, account.uid, self.accounts)
        if what == purposes.FOREIGN:
            # One terminal does not move another unit, nor draw in the node's name.
            self.refused["field_foreign_unit"] += 1
            return True
        if what in purposes.KEPT:
            self._note(account, what, event)
        self._pass_on(account, what, event, data)
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
        self._came(client.account)
        return True

    def _pass_on(self, account: Account, what: str, event: cot.Event, data: bytes) -> None:
        """To the other units of the same incident: what one draws, says, or where it is; to one alone what is said to it."""
        said = event.detail.chat or event.detail.receipt
        to = said.id if said is not None else ""
        if to == rules.DESK_UID or (what == purposes.RECEIPT and event.uid.startswith(rules.OWN_PREFIX)):
            return
        for other in list(self._clients):
            known = other.account
            if known is None or known.uid == account.uid or known.exercise != account.exercise:
                continue
            together = account.incident_id is not None and known.incident_id == account.incident_id
            if what in (purposes.CALLING, purposes.CALL_OVER):
                together = together or rules.shown_to(known, account.place_code, account.incident_id)
            if together and (to not in self.accounts or to == known.uid):
                self._write(other, data)


def _concerns(account: Account, shape: Shown) -> bool:
    return rules.shown_to(account, shape.place_code, shape.incident_id, shape.exercise)
