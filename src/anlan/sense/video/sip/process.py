"""The process that speaks GB/T 28181 with video platforms. ``python -m anlan.sense.video.sip.process``

Messages are answered from memory; what they say is entered into the tables in batches by one thread, and an alarm is answered only when its
batch is committed (docs/adr/0033). ``ANLAN_SIP_HOST``, ``ANLAN_SIP_PORT``: where to listen; ``ANLAN_SIP_ADDRESS``: how platforms reach
us, where that differs; ``ANLAN_SIP_SERVER``: our code of 20 digits; ``ANLAN_SIP_DIGEST``: algorithms to offer (MD5, SHA-256).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

import django
import structlog

from anlan.kernel import clock
from anlan.kernel.errors import Refusal
from anlan.ledger.process import attempts, pause, serve, until_stopped
from anlan.sense.video.facts import Fact
from anlan.sense.video.rules import DEFAULT_SERVER
from anlan.sense.video.sip import rules as limits
from anlan.sense.video.sip.accounts import Account, Action, Note, Peer, Refused, Secure
from anlan.sense.video.sip.registrar import Registrar
from anlan.sense.video.sip.server import Server
from anlan.wire.gb28181 import digest
from anlan.wire.gb28181.codes import decode_code

log = structlog.get_logger()
T = TypeVar("T")

ACCOUNTS_EVERY_S, TICK_S, BATCH_S, DARK_EVERY_S, REPORT_EVERY_S = 3.0, 0.5, 0.5, 10.0, 60.0
MOST_WAITING = 20_000
"""Facts that may wait for the database; beyond, the oldest sign of life or catalogue is forgotten: the next one says it again."""


class Book:
    """What waits to be entered, in order. Alarms are never dropped: the registrar bounds them."""

    def __init__(self) -> None:
        self._notes: deque[Fact] = deque(maxlen=MOST_WAITING)
        self._alarms: deque[Secure] = deque()
        self.woken = asyncio.Event()

    @property
    def alarms(self) -> int:
        """How many alarms wait."""
        return len(self._alarms)

    def note(self, fact: Fact) -> None:
        """Enter it with the next batch."""
        self._notes.append(fact)

    def secure(self, alarm: Secure) -> None:
        """Enter it at once."""
        self._alarms.append(alarm)
        self.woken.set()

    def take(self) -> tuple[list[Fact], list[Secure]]:
        """Everything that waits."""
        notes, alarms = list(self._notes), list(self._alarms)
        self._notes.clear()
        self._alarms.clear()
        self.woken.clear()
        return notes, alarms


class Signalling:
    """The whole process: sockets, clock, book, accounts."""

    def __init__(self, registrar: Registrar, stop: asyncio.Event) -> None:
        self._registrar, self._stop = registrar, stop
        self.server = Server(registrar, self._carry, self._apart)
        self.book = Book()
        self.refused: Counter[str] = Counter()

    def _carry(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Note(fact):
                    self.book.note(fact)
                case Secure():
                    if self.book.alarms < limits.MOST_SECURING:
                        self.book.secure(action)
                    else:
                        # Unanswered, the device sends it again.
                        self._registrar.not_secured(action)
                case Refused(code, reason, data, peer):
                    self._apart(code, reason, data, peer)
                case _:
                    pass

    def _apart(self, code: str, reason: Refusal, _data: bytes, peer: Peer) -> None:
        self.refused[reason.code] += 1
        if self.refused[reason.code] <= 20 or self.refused[reason.code] % 1000 == 0:
            log.warning("refused", reason=str(reason), platform=code, peer=peer.text, count=self.refused[reason.code])

    async def keep_time(self) -> None:
        """Let time pass in the registrar."""
        while not self._stop.is_set():
            await pause(self._stop, TICK_S)
            self.server.perform(self._registrar.tick(time.monotonic(), time.time_ns() // 1_000_000))

    async def keep_accounts(self) -> None:
        """Read who may register, again and again."""
        while not self._stop.is_set():
            await pause(self._stop, ACCOUNTS_EVERY_S)
            self.server.perform(self._registrar.admit(await in_database(self._stop, _accounts), time.time_ns() // 1_000_000))

    async def keep_book(self) -> None:
        """Enter what waits, in batches; alarms are answered when their batch is committed."""
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.book.woken.wait(), BATCH_S)
            notes, alarms = self.book.take()
            if not notes and not alarms:
                continue
            await in_database(self._stop, lambda notes=notes, alarms=alarms: _enter([*notes, *(alarm.fact for alarm in alarms)]))
            now = time.monotonic()
            for alarm in alarms:
                self.server.perform(self._registrar.secured(alarm, now))

    async def keep_watch(self) -> None:
        """Tell of cameras that stay dark."""
        while not self._stop.is_set():
            await pause(self._stop, DARK_EVERY_S)
            told = await in_database(self._stop, _tell_dark)
            if told:
                log.info("cameras off line told", count=told)

    async def report(self) -> None:
        """Say once a minute how things stand."""
        while not self._stop.is_set():
            await pause(self._stop, REPORT_EVERY_S)
            log.info("video signalling", platforms=len(self._registrar.sessions), refused=dict(self.refused))


async def in_database(stop: asyncio.Event, work: Callable[[], T]) -> T:
    """Do ``work`` in a thread, again and again while the database is away. Raises ``ConnectionError`` once ``stop`` is set."""
    from django.db import InterfaceError, OperationalError, close_old_connections

    def done() -> T:
        close_old_connections()
        try:
            return work()
        finally:
            close_old_connections()

    async for attempt in attempts(stop):
        try:
            return await asyncio.to_thread(done)
        except (OperationalError, InterfaceError) as trouble:
            if attempt == 1:
                log.warning("database does not answer", reason=str(trouble).splitlines()[0])
    raise ConnectionError("stopped before the database answered")


def _accounts() -> dict[str, Account]:
    from django.utils import timezone

    from anlan.sense.video import rules, secret
    from anlan.sense.video.models import Platform

    today = timezone.localdate(clock.now())
    interval, count = rules.figure("heartbeat_interval", today), rules.figure("heartbeat_count", today)
    found: dict[str, Account] = {}
    for row in Platform.objects.filter(state=rules.IN_USE).only("code", "password", "heartbeat_s", "heartbeat_count", "positions"):
        password = secret.opened(row.password)
        if password is None:
            log.error("the password of a platform was sealed with another key, set it anew", platform=row.code)
            continue
        found[row.code] = Account(row.code, password, row.heartbeat_s or interval, row.heartbeat_count or count, row.positions)
    return found


def _enter(facts: list[Fact]) -> None:
    """Enter a batch; where one fact does not fit the tables, the others are entered without it."""
    from django.db import DataError, IntegrityError

    from anlan.sense.video import taking

    now = clock.now()
    try:
        taking.take_in(facts, now)
    except (DataError, IntegrityError, Refusal):
        for fact in facts:
            try:
                taking.take_in([fact], now)
            except (DataError, IntegrityError, Refusal) as wrong:
                log.error("a fact could not be entered", platform=fact.code, fact=type(fact).__name__, reason=str(wrong)[:200])


def _tell_dark() -> int:
    from anlan.sense.video import taking

    return taking.tell_dark(clock.now())


def _restored() -> list[tuple[str, str, float]]:
    """Code, address and seconds left of registrations that still hold; over TCP the line itself is gone, so only datagrams go on."""
    from anlan.sense.video import taking

    now = clock.now()
    return [(row.code, row.address, (row.registered_until - now).total_seconds()) for row in taking.restore(now) if row.registered_until]


def _restore(registrar: Registrar, held: Iterable[tuple[str, str, float]]) -> None:
    now = time.monotonic()
    for code, address, left in held:
        transport, _blank, place = address.partition(" ")
        host, _colon, port = place.rpartition(":")
        if port.isdigit():
            registrar.restore(code, Peer(transport, host, int(port)), now + left, now)


def reaching(host: str, port: int) -> Callable[[str], str]:
    """By which address platforms reach us: the one told, the one listened at, or, listening at all, the one facing the platform."""
    told = os.environ.get("ANLAN_SIP_ADDRESS", "")
    if told or host not in {"0.0.0.0", "::"}:
        return lambda _host: told or f"{host}:{port}"

    @lru_cache(4096)
    def facing(peer: str) -> str:
        with socket.socket(socket.AF_INET6 if ":" in peer else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Nothing is sent: the system only chooses the way.
            try:
                probe.connect((peer, 9))
                return f"{probe.getsockname()[0]}:{port}"
            except OSError:
                return f"127.0.0.1:{port}"

    return facing


async def run(stop: asyncio.Event) -> None:
    """Speak until ``stop`` is set."""
    host, port = os.environ.get("ANLAN_SIP_HOST", "127.0.0.1"), int(os.environ.get("ANLAN_SIP_PORT", "5060"))
    server = decode_code(os.environ.get("ANLAN_SIP_SERVER") or DEFAULT_SERVER).text
    offered = tuple(name for name in os.environ.get("ANLAN_SIP_DIGEST", digest.MD5).split(",") if name in digest.ALGORITHMS)
    registrar = Registrar(server, algorithms=offered or (digest.MD5,), reach=reaching(host, port))
    registrar.admit(await in_database(stop, _accounts), 0)
    _restore(registrar, await in_database(stop, _restored))
    signalling = Signalling(registrar, stop)
    await signalling.server.open(host, port)
    log.info("listening", host=host, port=signalling.server.port, platforms=len(registrar.accounts), realm=registrar.realm)
    work = [signalling.keep_time(), signalling.keep_accounts(), signalling.keep_book(), signalling.keep_watch(), signalling.report()]
    await until_stopped(stop, work, signalling.server.close)


def main() -> int:
    """Entry of the process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    return serve("sip", run)


if __name__ == "__main__":
    sys.exit(main())
