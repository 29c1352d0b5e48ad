"""``anlan bench connections``: ten thousand idle and a thousand slow connections to the gateway, and one good device that is served meanwhile.

Idle ones are terminals of JT/T 808 that signed in and say nothing more; slow ones send a frame byte by byte and never end it in time. The gateway is
the process of a node; the clients share one process and as many loopback addresses as it takes, because one address may hold two thousand.
"""

from __future__ import annotations

import argparse
import asyncio
import json as encoder
import resource
import time
from dataclasses import asdict, dataclass

import psutil
from tests.rooms.sense.pipeline import Pipeline, entry, free_port, pipeline, point, wait_until

from anlan.site.load.field import Terminal
from anlan.wire.addresses import JT808, AddressEntry, PointEntry
from anlan.wire.registry import DeviceEntry

IDLE, SLOW = 10_000, 1_000
OF_ONE_ADDRESS = 1_500
_SPARE_FILES = 200


@dataclass
class Figures:
    """What came of it. ``bytes_per_connection``: growth of the gateway's resident memory, shared among all connections."""

    idle: int = 0
    slow: int = 0
    standing: int = 0
    connections_per_s: int = 0
    gateway_mib_before: float = 0.0
    gateway_mib: float = 0.0
    bytes_per_connection: int = 0
    good_sent: int = 0
    good_answered: int = 0
    good_p50_ms: float = 0.0
    good_p99_ms: float = 0.0


def phone(number: int) -> str:
    """The telephone number of the terminal ``number``."""
    return f"1390000{number:05d}"


class Client(asyncio.Protocol):
    """One connection: ``begin`` is said at once; what comes back is counted."""

    def __init__(self, begin: bytes) -> None:
        self._begin = begin
        self.heard = 0
        self.standing = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.standing = transport, True
        if self._begin:
            transport.write(self._begin)

    def data_received(self, data: bytes) -> None:
        self.heard += len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.standing = False


async def connect(port: int, clients: list[Client], first: int) -> None:
    """Open every client, from loopback addresses that each hold a part of them."""
    loop = asyncio.get_running_loop()
    for start in range(0, len(clients), 100):
        await asyncio.gather(
            *(
                loop.create_connection(
                    lambda at=at: clients[at], "127.0.0.1", port, local_addr=(f"127.0.0.{2 + (first + at) // OF_ONE_ADDRESS}", 0)
                )
                for at in range(start, min(start + 100, len(clients)))
            )
        )


async def good(port: int, number: int, messages: int) -> tuple[int, list[float]]:
    """A device that sends one position after the other and waits for each answer; how many it sent, and seconds to each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    device = Terminal(phone(number), "any", number)
    writer.write(device.hello())
    while not list(device.hear(await reader.read(4096))):
        continue
    begun, took = (time.time_ns() // 1_000_000_000 - 86_400) * 1000, []
    for step in range(messages):
        made = device.message(begun + 1000 * step)
        assert made is not None
        since = time.perf_counter()
        writer.write(made[1])
        async with asyncio.timeout(30):
            while not list(device.hear(await reader.read(4096))):
                continue
        took.append(time.perf_counter() - since)
        await asyncio.sleep(0.02)
    writer.close()
    return messages, took


async def dribble(slow: list[Client], frame: bytes, stop: asyncio.Event) -> None:
    """Every slow client sends the next byte of a frame that it will never end."""
    at = 0
    while not stop.is_set():
        for client in slow:
            if client.transport is not None and client.standing:
                client.transport.write(frame[at % (len(frame) - 2) + 1 :][:1])
        at += 1
        await asyncio.sleep(1.0)


def start_gateway(engines: Pipeline, terminals: int) -> int:
    """The gateway on a port of its own, with so many terminals registered; its port."""
    port = free_port()
    engines.environment["ANLAN_GATEWAY_LISTEN"] = f"{JT808}=127.0.0.1:{port}"
    device = [
        DeviceEntry(
            f"d{n}", True, (point("s", n),), addresses=(AddressEntry(JT808, phone(n), open=True, points=(PointEntry("speed", "s"),)),)
        )
        for n in range(terminals)
    ]
    engines.admit([entry(f"c{start}", *device[start : start + 500]) for start in range(0, terminals, 500)])
    engines.start("gateway")
    wait_until(lambda: '"event": "listening"' in engines.log("gateway"), "the gateway listens")
    return port


async def load(engines: Pipeline, port: int, idle: int, slow: int, messages: int) -> Figures:
    """Open everything, then let the good device work while it stands."""
    gateway = psutil.Process(engines.processes["gateway"].pid)
    figures = Figures(idle, slow, gateway_mib_before=round(gateway.memory_info().rss / 2**20, 1))
    before = gateway.memory_info().rss
    quiet = [Client(Terminal(phone(number), "any", number).hello()) for number in range(idle)]
    frame = Terminal(phone(0), "any", 0).hello()
    slowly = [Client(frame[:1]) for _number in range(slow)]
    began = time.perf_counter()
    await connect(port, quiet, 0)
    async with asyncio.timeout(120):
        while not all(client.heard for client in quiet):
            await asyncio.sleep(0.1)
    figures.connections_per_s = round(idle / max(1e-9, time.perf_counter() - began))
    await connect(port, slowly, idle)
    stop = asyncio.Event()
    dribbling = asyncio.create_task(dribble(slowly, frame, stop))
    await asyncio.sleep(1.0)
    figures.standing = sum(client.standing for client in (*quiet, *slowly))
    figures.good_sent, took = await good(port, idle, messages)
    figures.good_answered = len(took)
    took.sort()
    figures.good_p50_ms, figures.good_p99_ms = (round(took[min(len(took) - 1, int(len(took) * share))] * 1000, 1) for share in (0.5, 0.99))
    figures.gateway_mib = round(gateway.memory_info().rss / 2**20, 1)
    figures.bytes_per_connection = round((gateway.memory_info().rss - before) / max(1, idle + slow))
    stop.set()
    await dribbling
    for client in (*quiet, *slowly):
        if client.transport is not None:
            client.transport.abort()
    return figures


def room() -> int:
    """How many connections this process may open, after raising its own limit as far as it goes."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - _SPARE_FILES


def main(json: bool = False, arguments: list[str] | None = None) -> dict[str, object]:
    """Measure; ``--idle`` and ``--slow`` say how many connections, as far as the limit of open files allows."""
    parser = argparse.ArgumentParser(prog="anlan bench connections")
    parser.add_argument("--idle", type=int, default=IDLE)
    parser.add_argument("--slow", type=int, default=SLOW)
    parser.add_argument("--messages", type=int, default=200, help="positions of the good device")
    asked = parser.parse_args(arguments or [])
    grant, idle, slow = room(), asked.idle, asked.slow
    if idle + slow > grant:
        idle, slow = grant * idle // (idle + slow), grant * slow // (idle + slow)
    with pipeline() as engines:
        port = start_gateway(engines, idle + 1)
        return asdict(asyncio.run(load(engines, port, idle, slow, asked.messages)))


if __name__ == "__main__":
    import sys

    sys.stdout.write(encoder.dumps(main(arguments=sys.argv[1:])) + "\n")
