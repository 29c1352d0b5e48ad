"""The process that speaks the field protocols with equipment that calls. ``python -m anlan.sense.gateways.gateway``

One port per protocol. Each connection is a :class:`~anlan.sense.gateways.session.Session` carried out by
:class:`~anlan.sense.gateways.connection.Connection`; an answer leaves only when everything delivered before it lies on the stream. No Django.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from anlan.ledger import broker
from anlan.ledger.process import pause, serve
from anlan.sense.gateways.apart import Apart
from anlan.sense.gateways.connection import Connection, House
from anlan.sense.gateways.directory import Directory
from anlan.sense.gateways.lines import Lines
from anlan.sense.gateways.protocols import SESSIONS, SessionFactory, session_factory
from anlan.sense.gateways.rules import READ_BYTES, Limits, PortTaken
from anlan.sense.gateways.storing import Store
from anlan.wire import asking

log = structlog.get_logger()

_REPORT_SECONDS = 60.0
_LAST_WORDS_SECONDS = 5.0
_OPEN_AGAIN_SECONDS = 5.0


class Port:
    """One listening port: lets connections in up to the limits, and ends them all at the end."""

    def __init__(self, house: House, factory: SessionFactory, stop: asyncio.Event) -> None:
        self.house, self._factory, self._stop = house, factory, stop
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections: set[Connection] = set()
        self._of_peer: Counter[str] = Counter()

    @property
    def number(self) -> int:
        """The port's number."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    async def open(self, host: str, number: int) -> None:
        """Listen. Raises ``OSError`` when the port is taken."""
        self._server = await asyncio.start_server(self._accept, host, number, limit=READ_BYTES, backlog=512)

    async def close(self) -> None:
        """Let nobody in any more and end every connection at the end of what it is carrying out, at the latest after a while."""
        if self._server is not None:
            self._server.close()
        if self._tasks:
            # A connection that waits for bytes hears nothing of the stop; its answers are all out.
            _done, slow = await asyncio.wait(self._tasks, timeout=0.5)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tally, limits = self.house.tally, self.house.limits
        peer = _peer(writer)
        if self._stop.is_set() or tally.connections >= limits.connections or self._of_peer[peer] >= limits.connections_of_one_peer:
            tally.turned_away += 1
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        tally.connections += 1
        tally.accepted += 1
        self._of_peer[peer] += 1
        self._tasks.add(task)
        _keep_alive(writer)
        connection = Connection(self.house, self._factory(), reader, writer, peer)
        self.connections.add(connection)
        try:
            await connection.run(self._stop)
        except Exception:
            # A fault of one session ends its connection; every other goes on.
            log.exception("connection failed", protocol=self.house.protocol, peer=peer)
            raise
        finally:
            tally.connections -= 1
            self._of_peer[peer] -= 1
            if not self._of_peer[peer]:
                del self._of_peer[peer]
            self._tasks.discard(task)
            self.connections.discard(connection)


def _peer(writer: asyncio.StreamWriter) -> str:
    found = writer.get_extra_info("peername")
    return str(found[0]) if found else ""


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Let the system find out that a peer vanished without a word: field lines break that way."""
    plug = writer.get_extra_info("socket")
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
    plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
    plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


class Gateway:
    """Every port of the node with what they share. ``directory``: the one that the sessions ask for keys."""

    def __init__(self, sessions: Mapping[str, SessionFactory], limits: Limits | None = None, directory: Directory | None = None) -> None:
        self._sessions, self._limits = sessions, limits or Limits()
        self._directory = Directory() if directory is None else directory
        self.ports: dict[str, Port] = {}

    async def run(self, url: str, listen: Mapping[str, tuple[str, int]], stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
        """Serve ``listen`` (protocol → host and port) until ``stop`` is set."""
        nc = await broker.connect(url, stop, name="gateway")
        js = nc.jetstream()
        await broker.ensure_streams(js, stop)
        directory, apart, lines = self._directory, Apart(), Lines(frozenset(listen))
        cursor = await directory.load(nc, stop)
        await lines.take_over(nc, stop, _now_ms())
        store = Store(js, stop, store_s=self._limits.store_s)
        following = [
            asyncio.create_task(directory.follow(cursor, stop)),
            asyncio.create_task(lines.keep_telling(js, stop)),
            asyncio.create_task(apart.keep_telling(js, stop)),
            asyncio.create_task(self._report(stop)),
        ]
        for protocol, (host, number) in listen.items():
            port = Port(House(protocol, self._limits, directory, store, lines, apart), self._sessions[protocol], stop)
            self.ports[protocol] = port
            if not await _opened(port, host, number):
                # The other protocols do not wait for this one.
                following.append(asyncio.create_task(_keep_opening(port, host, number, stop)))
        await nc.subscribe(asking.SUBJECTS, cb=self._hear)
        await nc.flush()
        if ready is not None:
            ready.set()
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *following], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(*(port.close() for port in self.ports.values()))
        outcomes = await asyncio.gather(*following, return_exceptions=True)
        await last_words(js, lines, apart)
        await nc.drain()
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
                raise outcome

    async def _hear(self, message: Msg) -> None:
        """A request of the node to a device: whoever holds its line asks it to send again what is missing."""
        try:
            asked = asking.decode(message.data)
        except asking.MalformedAsking as refusal:
            log.warning("request to send again not understood", subject=message.subject, reason=str(refusal))
            return
        for port in self.ports.values():
            for connection in list(port.connections):
                if await connection.ask(asked.credential, asked.device, asked.since_ms, asked.until_ms):
                    if message.reply:
                        await message.respond(b"")
                    log.info("asked to send again", device=asked.device, since_ms=asked.since_ms, until_ms=asked.until_ms)

    async def _report(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await pause(stop, _REPORT_SECONDS)
            for protocol, port in self.ports.items():
                log.info("gateway", protocol=protocol, **asdict(port.house.tally))


async def _opened(port: Port, host: str, number: int) -> bool:
    try:
        await port.open(host, number)
    except OSError as trouble:
        refusal = PortTaken(protocol=port.house.protocol, host=host, port=number)
        log.error(str(refusal), protocol=port.house.protocol, port=number, reason=trouble.strerror or str(trouble))
        return False
    log.info("listening", protocol=port.house.protocol, host=host, port=port.number)
    return True


async def _keep_opening(port: Port, host: str, number: int, stop: asyncio.Event) -> None:
    """Try a port that another program holds until it is free, then wait for the end as every task beside it does."""
    while not stop.is_set():
        await pause(stop, _OPEN_AGAIN_SECONDS)
        if not stop.is_set() and await _opened(port, host, number):
            break
    await stop.wait()


async def last_words(js: JetStreamContext, lines: Lines, apart: Apart) -> None:
    """Tell what connections left behind when they were ended, as far as the stream still takes it."""
    try:
        async with asyncio.timeout(_LAST_WORDS_SECONDS):
            await lines.tell(js, asyncio.Event())
            await apart.tell(js, asyncio.Event())
    except TimeoutError:
        log.warning("the stream did not take the last state of the lines")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def listening(told: str) -> dict[str, tuple[str, int]]:
    """``protocol=host:port`` separated by commas, as the launcher writes it. Raises ``ValueError`` for anything else."""
    found: dict[str, tuple[str, int]] = {}
    for part in filter(None, (each.strip() for each in told.split(","))):
        protocol, _equals, place = part.partition("=")
        host, _colon, number = place.rpartition(":")
        if protocol not in SESSIONS or not host or not number.isdigit():
            raise ValueError(f"not <protocol>=<host>:<port>: {part!r}")
        found[protocol] = (host.strip("[]"), int(number))
    return found


async def run(stop: asyncio.Event) -> None:
    """Speak the protocols named in ``ANLAN_GATEWAY_LISTEN`` until ``stop`` is set."""
    listen = listening(os.environ.get("ANLAN_GATEWAY_LISTEN", ""))
    url = os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222")
    directory = Directory(node_secret=os.environ.get("ANLAN_SECRET_KEY", ""))
    sessions = {protocol: session_factory(protocol, directory) for protocol in listen}
    await Gateway(sessions, directory=directory).run(url, listen, stop)


def raise_file_limit() -> int:
    """Let this process hold as many connections as the system grants at all; returns how many files that is."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def main() -> int:
    """Entry of the process."""
    raise_file_limit()
    return serve("gateway", run)


if __name__ == "__main__":
    sys.exit(main())
