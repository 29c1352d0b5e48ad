"""The sockets of the signalling server: datagrams and connections on one port, within limits. No Django."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from anlan.kernel.errors import Refusal
from anlan.sense.video.sip.accounts import TCP, UDP, Action, Peer, Send
from anlan.sense.video.sip.registrar import Registrar
from anlan.wire.framing import Unreadable
from anlan.wire.gb28181.framing import Framer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the port grants; times in seconds. Project defaults."""

    connections: int = 1000
    connections_of_one_peer: int = 200
    idle_s: float = 600.0
    write_s: float = 5.0
    waiting_bytes: int = 256 * 1024
    unreadable: int = 20
    """Pieces of one connection that are no message before it is closed."""


Carry = Callable[[Iterable[Action]], None]
Apart = Callable[[str, Refusal, bytes, Peer], None]


class Server:
    """One port. ``carry``: takes the actions that are not sending; ``apart``: takes what could not be read."""

    def __init__(self, registrar: Registrar, carry: Carry, apart: Apart, limits: Limits | None = None) -> None:
        self._registrar, self._carry, self._apart = registrar, carry, apart
        self._limits = limits or Limits()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._of_host: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbered = 0
        self.port = 0

    async def open(self, host: str, port: int) -> None:
        """Listen by UDP and TCP. Raises ``OSError`` when the port is taken."""
        loop = asyncio.get_running_loop()
        self._tcp = await asyncio.start_server(self._accept, host, port, limit=64 * 1024, backlog=256)
        self.port = int(self._tcp.sockets[0].getsockname()[1])
        try:
            self._udp, _protocol = await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=(host, self.port))
        except OSError:
            self._tcp.close()
            raise

    async def close(self) -> None:
        """End every connection."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def perform(self, actions: Iterable[Action]) -> None:
        """Send what is to be sent, hand on the rest."""
        rest: list[Action] = []
        for action in actions:
            if isinstance(action, Send):
                self._send(action)
            else:
                rest.append(action)
        if rest:
            self._carry(rest)

    def _send(self, sent: Send) -> None:
        if sent.peer.transport == UDP:
            if self._udp is not None:
                self._udp.sendto(sent.data, (sent.peer.host, sent.peer.port))
            return
        writer = self._writers.get(sent.peer.connection)
        if writer is None or writer.is_closing():
            return
        writer.write(sent.data)
        if writer.transport.get_write_buffer_size() > self._limits.waiting_bytes:
            # A peer that takes nothing must not fill the memory.
            writer.transport.abort()

    def take(self, data: bytes, peer: Peer) -> None:
        """One message came."""
        self.perform(self._registrar.receive(data, peer, time.monotonic(), time.time_ns() // 1_000_000))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")[:2]
        if len(self._writers) >= self._limits.connections or self._of_host[host] >= self._limits.connections_of_one_peer:
            writer.transport.abort()
            return
        self._numbered += 1
        peer = Peer(TCP, str(host), int(port), self._numbered)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers[peer.connection] = writer
        self._of_host[host] += 1
        try:
            await self._read(reader, peer)
        except (ConnectionError, TimeoutError):
            log.info("connection ended", peer=peer.text)
        finally:
            self._tasks.discard(task)
            del self._writers[peer.connection]
            self._of_host[host] -= 1
            if not self._of_host[host]:
                del self._of_host[host]
            self._registrar.lost(peer.connection)
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader, peer: Peer) -> None:
        framer, unreadable = Framer(), 0
        while unreadable <= self._limits.unreadable:
            async with asyncio.timeout(self._limits.idle_s):
                data = await reader.read(32 * 1024)
            if not data:
                return
            for piece in framer.feed(data):
                if isinstance(piece, Unreadable):
                    unreadable += 1
                    self._apart("", piece.reason, piece.data[:400], peer)
                else:
                    self.take(piece.data, peer)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Server) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._server.take(data, Peer(UDP, addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        log.info("datagram not delivered", reason=str(exc))
