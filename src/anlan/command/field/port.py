"""The process of the field port. ``python -m anlan.command.field.port``

Field units of the TAK family connect by TCP, or by TLS with a certificate of their own. What they say is entered in batches by one thread; shapes
for their maps are read from the table that :mod:`.sending` writes. ``ANLAN_COT_HOST``, ``ANLAN_COT_PORT``: where to listen in plain;
``ANLAN_COT_TLS_PORT`` with ``ANLAN_COT_TLS_CERT``, ``ANLAN_COT_TLS_KEY`` and ``ANLAN_COT_TLS_CA``: where to listen with TLS (files in PEM).
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import django
import structlog

from anlan.command.field import purposes, rules
from anlan.command.field.connections import Port, Shown, Turned
from anlan.command.field.rules import Account
from anlan.kernel import clock
from anlan.ledger.process import attempts, pause, serve, until_stopped
from anlan.wire import cot
from anlan.wire.cot import shapes

if TYPE_CHECKING:
    from anlan.command.field.heard import Entered

log = structlog.get_logger()
T = TypeVar("T")

ACCOUNTS_EVERY_S, BATCH_S, SHAPES_EVERY_S, REPORT_EVERY_S = 3.0, 2.0, 1.0, 60.0
EVENTS_OF_A_UNIT, TOLD_OF_A_UNIT, TURNED_MOST = 30, 500, 200
LAST_S = 3.0
"""So long the last batch may take when the process ends."""
DESK_CALLSIGN = "值班室"
OVERLAP = timedelta(seconds=10)
"""Shapes are stamped when made and seen when committed: each look goes back a little."""


class Process:
    """Sockets, book and picture."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._came: set[str] = set()
        self.port = Port(self._note, self._apart, lambda account: self._came.add(account.uid), now=clock.now)
        self._heard: dict[UUID, list[cot.Event]] = defaultdict(list)
        self._told: dict[UUID, list[tuple[str, cot.Event]]] = defaultdict(list)
        self._turned: dict[str, Turned] = {}
        self._known: dict[str, datetime] = {}
        self._seen = datetime.min.replace(tzinfo=clock.now().tzinfo)

    def _note(self, account: Account, what: str, event: cot.Event) -> None:
        if what != purposes.POSITION:
            told = self._told[account.id]
            if len(told) < TOLD_OF_A_UNIT:
                told.append((what, event))
            else:
                self.port.refused["field_waiting_full"] += 1
            return
        waiting = self._heard[account.id]
        waiting.append(event)
        if len(waiting) > EVENTS_OF_A_UNIT:
            # While the database is away the newest positions count.
            del waiting[0]

    def _apart(self, turned: Turned) -> None:
        if turned.uid in self._turned or len(self._turned) < TURNED_MOST:
            self._turned[turned.uid] = turned

    async def keep_accounts(self) -> None:
        """Read who may come in, again and again."""
        from anlan.command.field import queries

        while not self._stop.is_set():
            self.port.admit(await in_database(self._stop, queries.accounts))
            await pause(self._stop, ACCOUNTS_EVERY_S)

    async def keep_book(self) -> None:
        """Enter what units said, in batches; a last one when the process ends, if the database is there."""
        while not self._stop.is_set():
            await pause(self._stop, BATCH_S)
            heard, self._heard = self._heard, defaultdict(list)
            told, self._told = self._told, defaultdict(list)
            turned, self._turned = self._turned, {}
            if not (heard or told or turned):
                continue
            stop = asyncio.Event() if self._stop.is_set() else self._stop
            work = in_database(stop, lambda heard=heard, told=told, turned=turned: _enter(heard, told, list(turned.values())))
            try:
                entered = await (asyncio.wait_for(work, LAST_S) if stop is not self._stop else work)
            except TimeoutError:
                lost = sum(map(len, told.values()))
                log.exception("the last batch was not entered: the database does not answer", messages=lost)
                raise ConnectionError("the database does not answer") from None
            self.port.refused.update(entered.refused)
            self._confirm(entered)

    def _confirm(self, entered: Entered) -> None:
        """Tell terminals that their messages to the desk are kept."""
        now = clock.now()
        desk = cot.talk.Party(rules.DESK_UID, DESK_CALLSIGN)
        for uid, message_id, sender in entered.kept:
            self.port.tell(uid, cot.encode(cot.talk.receipt(message_id, desk, cot.talk.Party(uid, sender), at=now)))

    async def keep_talk(self) -> None:
        """Send what people wrote to units, as soon as these are there; noted as sent once it was written to the terminal."""
        from anlan.command.field import talking

        while not self._stop.is_set():
            came, self._came = self._came, set()
            if came:
                await in_database(self._stop, lambda came=came: talking.again(sorted(came), clock.now()))
            queued = await in_database(self._stop, lambda: talking.waiting(clock.now()))
            gone = [each for each, uid, data in queued if self.port.tell(uid, data)]
            if gone:
                await in_database(self._stop, lambda gone=gone: talking.sent(gone, clock.now()))
            await pause(self._stop, SHAPES_EVERY_S)

    async def keep_picture(self) -> None:
        """Read which shapes are to be shown, again and again."""
        while not self._stop.is_set():
            for shape, withdrawn, changed in await in_database(self._stop, lambda: _shapes(self._seen - OVERLAP if self._known else None)):
                self._seen = max(self._seen, changed)
                if self._known.get(shape.uid) == changed:
                    continue
                self._known[shape.uid] = changed
                if withdrawn:
                    self.port.withdraw(shape)
                else:
                    self.port.show(shape)
            await pause(self._stop, SHAPES_EVERY_S)

    async def report(self) -> None:
        """Say once a minute how things stand."""
        while not self._stop.is_set():
            await pause(self._stop, REPORT_EVERY_S)
            log.info("field units", connected=self.port.connected, shapes=len(self.port.picture), refused=dict(self.port.refused))


def _enter(heard: dict[UUID, list[cot.Event]], told: dict[UUID, list[tuple[str, cot.Event]]], turned: list[Turned]) -> Entered:
    from anlan.command.field import heard as book
    from anlan.command.field import services

    now = clock.now()
    services.take_in(heard, now)
    entered = book.take_in(told, now)
    services.set_apart([(each.uid, each.callsign, each.fingerprint, each.peer, each.reason) for each in turned], now)
    return entered


def _shapes(since: datetime | None) -> list[tuple[Shown, bool, datetime]]:
    from anlan.command.field.models import FieldShape

    now = clock.now()
    rows = FieldShape.objects.filter(expires_at__gt=now).order_by("changed", "uid")
    rows = rows if since is None else rows.filter(changed__gte=since)
    found = []
    for row in rows:
        gone = cot.encode(shapes.gone(row.uid, type=row.cot_type, at=now))
        shown = Shown(row.uid, bytes(row.content), gone, row.place_code, row.incident_id, row.expires_at, row.exercise)
        found.append((shown, row.withdrawn, row.changed))
    return found


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


def tls() -> ssl.SSLContext | None:
    """The context of the TLS port: only clients with a certificate of the node's own authority come in. ``None``: no certificate is set."""
    certificate = os.environ.get("ANLAN_COT_TLS_CERT", "")
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=os.environ["ANLAN_COT_TLS_CA"])
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, os.environ["ANLAN_COT_TLS_KEY"])
    return context


async def run(stop: asyncio.Event) -> None:
    """Listen until ``stop`` is set."""
    from anlan.command.field import queries

    process = Process(stop)
    process.port.admit(await in_database(stop, queries.accounts))
    host = os.environ.get("ANLAN_COT_HOST", "127.0.0.1")
    plain = await process.port.open(host, int(os.environ.get("ANLAN_COT_PORT", "8087")))
    context = tls()
    secured = await process.port.open(host, int(os.environ.get("ANLAN_COT_TLS_PORT", "8089")), context) if context else 0
    log.info("listening", host=host, port=plain, tls_port=secured, units=len(process.port.accounts))
    work = [process.keep_accounts(), process.keep_book(), process.keep_picture(), process.keep_talk(), process.report()]
    await until_stopped(stop, work, process.port.close)


def main() -> int:
    """Entry of the process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    return serve("cot", run)


if __name__ == "__main__":
    sys.exit(main())
