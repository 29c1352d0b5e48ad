"""The process that admits equipment to the stream and tells the stream what it needs to know of the registry.

It answers the server's question about every MQTT sign-in from memory (no database on that path), publishes one registry message per
credential, counts who was turned away, and keeps which lines to devices stand. The registry is read anew when the room of devices announces a change, and from time to time in
any case. Start it with ``python -m anlan.sense.devices.gatekeeper``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import django
import psycopg
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from anlan.kernel import clock
from anlan.ledger import broker
from anlan.ledger.process import pause, serve
from anlan.sense.devices import linkbook, natsauth, quotabook
from anlan.sense.devices.mqttlines import MqttLines
from anlan.wire import observations, quarantine, registry

log = structlog.get_logger()

COMPLETE = "_complete"
"""Name of the registry entry that says: everything was published once; readers of the registry may begin."""
FULL_EVERY_S = 30.0
_CHANNEL = "anlan_live"
_WHOSE = "SELECT DISTINCT enterprise_id FROM ledger_announcement WHERE id = ANY(%s::uuid[]) AND kind = 'devices.changed'"
_KEPT_SAMPLES = quarantine.MAX_SAMPLES
MOST_DATASTREAMS = 200
"""A credential with more points has no Observations by MQTT: each costs a line in the token of every sign-in. Project default."""


@dataclass
class Turned:
    """Who was turned away for one reason: how often, and the latest of it."""

    count: int = 0
    last_ms: int = 0
    samples: list[quarantine.QuarantineSample] = field(default_factory=list)
    told: int = 0


class Gatekeeper:
    """Knows the locks, answers sign-ins, counts refusals."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self.locks: dict[str, object] = {}
        self.channels: dict[str, tuple[int, ...]] = {}
        self.turned: dict[tuple[str, str], Turned] = defaultdict(Turned)
        self.admitted = 0

    def answer(self, token: bytes, now: datetime) -> bytes:
        """The answer to the server's question ``token`` at ``now``. Raises ``MalformedAuthRequest``."""
        request = natsauth.read_request(token)
        reason = self._reason(request, now)
        if reason is None:
            self.admitted += 1
            own = self._datastreams(request.username)
            publish = (f"anlan.in.{request.username}.>", *own)
            return natsauth.grant(request, self._seed, publish=publish, subscribe=own, now=now)
        known = request.username if request.username in self.locks else quarantine.UNKNOWN
        seen = self.turned[known, reason]
        seen.count += 1
        seen.last_ms = round(now.timestamp() * 1000)
        detail = f"{request.username[:64]} @ {request.host[:64]} ({request.client_id[:64]})"
        seen.samples = [*seen.samples[1 - _KEPT_SAMPLES :], quarantine.sample(seen.last_ms, detail, b"")]
        return natsauth.refuse(request, self._seed, reason, now=now)

    def _datastreams(self, username: str) -> tuple[str, ...]:
        """Subjects of the Observations of a credential's own points (SensorThings API): it may create them and be told of them."""
        channels = self.channels.get(username, ())
        return tuple(observations.publish_subject(channel) for channel in channels) if len(channels) <= MOST_DATASTREAMS else ()

    def _reason(self, request: natsauth.AuthRequest, now: datetime) -> str | None:
        from anlan.sense.devices.snapshot import Lock

        lock = self.locks.get(request.username)
        if not isinstance(lock, Lock):
            return "device_unknown_credential"
        if not lock.active:
            return "device_revoked_credential"
        if not lock.opens(request.password, now):
            return "device_wrong_secret"
        return None


class Publisher:
    """Reads the registry from the database and publishes what changed."""

    def __init__(self, keeper: Gatekeeper, js: JetStreamContext, stop: asyncio.Event, learn: Callable[[registry.Entry], None]) -> None:
        self._keeper, self._js, self._stop, self._learn = keeper, js, stop, learn
        self._published: dict[str, bytes] = {}

    @property
    def complete(self) -> bool:
        """Whether the whole registry was published once."""
        return COMPLETE in self._published

    async def refresh(self, enterprises: set[UUID] | None = None) -> None:
        """Read the registry of some enterprises (``None``: all) and publish the entries that differ from those published before."""
        locks, entries = await asyncio.to_thread(_read, enterprises)
        # The stream must know a device before it can send: entries first, then the door opens.
        for name, entry in entries.items():
            await self._publish(name, registry.encode(entry))
            self._learn(entry)
            self._keeper.channels[name] = tuple(point.channel for device in entry.devices for point in device.sensors)
        if enterprises is None:
            for gone in set(self._published) - set(entries) - {COMPLETE}:
                await self._publish(gone, registry.encode(registry.Entry(gone, False)))
            self._keeper.locks = dict(locks)
            await self._publish(COMPLETE, registry.encode(registry.Entry(COMPLETE, True)))
        else:
            self._keeper.locks.update(locks)

    async def _publish(self, name: str, data: bytes) -> None:
        if self._published.get(name) != data:
            await broker.publish(self._js, self._stop, f"registry.{name}", data)
            self._published[name] = data


def _read(enterprises: set[UUID] | None) -> tuple[dict[str, object], dict[str, registry.Entry]]:
    from django.db import close_old_connections

    from anlan.sense.devices import snapshot

    close_old_connections()
    try:
        return dict(snapshot.locks(enterprises)), snapshot.entries(clock.now(), enterprises)
    finally:
        close_old_connections()


async def _follow_registry(publisher: Publisher, stop: asyncio.Event, changed: asyncio.Queue[UUID | None]) -> None:
    from django.db import DatabaseError

    due, everything = 0.0, True
    while not stop.is_set():
        named: set[UUID] = set()
        try:
            first = await asyncio.wait_for(changed.get(), max(0.05, due - time.monotonic()))
            await asyncio.sleep(0.05)
            for found in [first, *(changed.get_nowait() for _ in range(changed.qsize()))]:
                if found is None:
                    everything = True
                else:
                    named.add(found)
        except TimeoutError:
            everything = True
        began = time.monotonic()
        try:
            await publisher.refresh(None if everything or len(named) > 50 else named)
        except DatabaseError as trouble:
            log.warning("registry not readable, going on with what is known", reason=str(trouble).splitlines()[0])
            everything, due = True, time.monotonic() + 2.0
            continue
        if everything:
            # A large registry takes its time; reading it must not become what this process does all day.
            due = time.monotonic() + max(FULL_EVERY_S, 20 * (time.monotonic() - began))
        everything = False


async def _listen(url: str, stop: asyncio.Event, changed: asyncio.Queue[UUID | None]) -> None:
    """Hear the outbox: the id of an announcement arrives by NOTIFY, its enterprise is looked up, the registry of it is read anew."""
    while not stop.is_set():
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {_CHANNEL}")
                await changed.put(None)
                while not stop.is_set():
                    # The connection cannot be asked while it listens: gather what has come, then look it up.
                    told = [notice.payload async for notice in connection.notifies(timeout=1.0, stop_after=1)]
                    if told:
                        found = await connection.execute(_WHOSE, [told])
                        for row in await found.fetchall():
                            await changed.put(row[0])
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as trouble:
            log.warning("no word from the database, trying again", reason=str(trouble).splitlines()[0])
            await pause(stop, 1.0)


async def _tell_turned_away(keeper: Gatekeeper, js: JetStreamContext, stop: asyncio.Event) -> None:
    """Publish the counts of refusals about once a second, going on from the counts of the last run."""
    known: dict[str, int] = {}
    while not stop.is_set():
        await pause(stop, 1.0)
        for (credential, reason), seen in list(keeper.turned.items()):
            if seen.told == seen.count:
                continue
            record = quarantine.QuarantineRecord(credential, "_", reason, 0, seen.last_ms, 0, tuple(seen.samples))
            if record.subject not in known:
                before = await broker.last_message(js, stop, broker.QUARANTINE, record.subject)
                known[record.subject] = quarantine.decode(before.data).count if before is not None else 0
            told = seen.count
            total = known[record.subject] + told
            full = quarantine.QuarantineRecord(credential, "_", reason, total, seen.last_ms, 0, tuple(seen.samples))
            try:
                await broker.publish(js, stop, full.subject, quarantine.encode(full))
            except ConnectionError:
                return
            seen.told = told


def issuer_seed() -> str:
    """The account key's seed: ``ANLAN_NATS_ISSUER_SEED``, or the file ``secrets/nats-issuer.seed`` below ``ANLAN_HOME``."""
    given = os.environ.get("ANLAN_NATS_ISSUER_SEED")
    if given:
        return given
    return (Path(os.environ["ANLAN_HOME"]) / "secrets" / "nats-issuer.seed").read_text().strip()


async def run(stop: asyncio.Event) -> None:
    """Admit equipment until ``stop`` is set."""
    keeper = Gatekeeper(issuer_seed())
    nc: Client = await broker.connect(os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"), stop, name="gatekeeper")
    js = nc.jetstream()
    await broker.ensure_streams(js, stop)
    lines = MqttLines()
    await lines.take_over(nc, stop)
    publisher = Publisher(keeper, js, stop, lines.learn)
    changed: asyncio.Queue[UUID | None] = asyncio.Queue()
    tasks = [
        asyncio.create_task(_follow_registry(publisher, stop, changed)),
        asyncio.create_task(_listen(os.environ.get("ANLAN_DATABASE_URL", ""), stop, changed)),
        asyncio.create_task(_tell_turned_away(keeper, js, stop)),
        asyncio.create_task(lines.follow(nc, js, stop)),
        asyncio.create_task(linkbook.keep(nc, stop)),
        asyncio.create_task(quotabook.keep(nc, stop)),
    ]

    async def ask(message: Msg) -> None:
        try:
            await message.respond(keeper.answer(message.data, datetime.now(UTC)))
        except natsauth.MalformedAuthRequest as refusal:
            log.warning("question of the stream not understood", reason=str(refusal))

    # Asked only once the registry was read: before that the server waits for its answer and the equipment tries again.
    while not publisher.complete and not stop.is_set():
        await pause(stop, 0.05)
    await nc.subscribe(natsauth.REQUEST_SUBJECT, queue="gatekeeper", cb=ask)
    log.info("admitting equipment", credentials=len(keeper.locks))
    stopped = asyncio.create_task(stop.wait())
    done, _running = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    failed = next((task.exception() for task in done if task is not stopped and task.exception() is not None), None)
    stop.set()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await nc.drain()
    if failed is not None:
        raise failed


def main() -> int:
    """Entry of the process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    django.setup()
    return serve("gatekeeper", run)


if __name__ == "__main__":
    sys.exit(main())
