"""The process in which the node itself fetches: Modbus TCP, OPC UA, dropped files. ``python -m anlan.sense.gateways.fetcher``

What is fetched from whom is the registry; a change of it reaches this process within a second, and only the connections it concerns are made
anew. Each endpoint is a task of its own, so that none holds up another. No Django.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path

import structlog

from anlan.kernel.errors import Refusal
from anlan.ledger import broker
from anlan.ledger.process import pause, serve
from anlan.sense.gateways.apart import Apart
from anlan.sense.gateways.directory import Directory, Sender
from anlan.sense.gateways.dropped import Watcher
from anlan.sense.gateways.fetching import BAD_ANSWER, Keeper, now_ms
from anlan.sense.gateways.gateway import last_words
from anlan.sense.gateways.lines import Lines
from anlan.sense.gateways.modbus import Poller
from anlan.sense.gateways.opcua import Subscriber
from anlan.sense.gateways.storing import Store
from anlan.wire import addresses

log = structlog.get_logger()

Endpoint = tuple[str, str]
"""Protocol, and the place of it: ``host:port``, or a URL."""
_SETTLE_S = 0.1
_AGAIN_S = 5.0
_PROTOCOLS = frozenset(addresses.CALLED)


def endpoints(directory: Directory) -> dict[Endpoint, tuple[Sender, ...]]:
    """Who is behind which endpoint, as the registry has it now; addresses that make no sense are left out and logged."""
    found: dict[Endpoint, list[Sender]] = defaultdict(list)
    for protocol, place in ((addresses.MODBUS, _modbus_place), (addresses.OPCUA, addresses.opcua_endpoint)):
        for sender in directory.of_protocol(protocol):
            if not sender.entry.points:
                continue
            try:
                for point in sender.entry.points:
                    addresses.checked_point_code(protocol, point.code)
                found[protocol, place(sender.entry.address)].append(sender)
            except Refusal as refusal:
                log.error("cannot be fetched", protocol=protocol, device=sender.device, reason=str(refusal))
    return {key: tuple(senders) for key, senders in found.items()}


def _modbus_place(address: str) -> str:
    target = addresses.modbus_target(address)
    return f"{target.host}|{target.port}"


class Fetcher:
    """Every endpoint of the node as a task, kept in step with the registry."""

    def __init__(self, drop: Path) -> None:
        self._drop = drop
        self._tasks: dict[Endpoint, tuple[tuple[Sender, ...], asyncio.Task[None]]] = {}

    @property
    def tasks(self) -> Mapping[Endpoint, tuple[Sender, ...]]:
        """What is fetched now, by endpoint."""
        return {endpoint: senders for endpoint, (senders, _task) in self._tasks.items()}

    async def run(self, url: str, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
        """Fetch until ``stop`` is set."""
        nc = await broker.connect(url, stop, name="fetcher")
        js = nc.jetstream()
        await broker.ensure_streams(js, stop)
        changed = asyncio.Event()
        directory, apart, lines = Directory(changed.set), Apart(), Lines(_PROTOCOLS)
        cursor = await directory.load(nc, stop)
        await lines.take_over(nc, stop, now_ms())
        keeper = Keeper(directory, Store(js, stop), lines, apart, stop)
        changed.set()
        following = [
            asyncio.create_task(directory.follow(cursor, stop)),
            asyncio.create_task(lines.keep_telling(js, stop)),
            asyncio.create_task(apart.keep_telling(js, stop)),
            asyncio.create_task(Watcher(self._drop, keeper).run()),
            asyncio.create_task(self._keep_in_step(keeper, changed)),
        ]
        if ready is not None:
            ready.set()
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *following], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        changed.set()
        outcomes = await asyncio.gather(*following, return_exceptions=True)
        await self._end(list(self._tasks))
        await last_words(js, lines, apart)
        await nc.drain()
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
                raise outcome

    async def _keep_in_step(self, keeper: Keeper, changed: asyncio.Event) -> None:
        while not keeper.stop.is_set():
            await changed.wait()
            await pause(keeper.stop, _SETTLE_S)
            changed.clear()
            wanted = endpoints(keeper.directory)
            await self._end([endpoint for endpoint, (senders, _task) in self._tasks.items() if wanted.get(endpoint) != senders])
            for endpoint, senders in wanted.items():
                if endpoint not in self._tasks and not keeper.stop.is_set():
                    self._tasks[endpoint] = (senders, asyncio.create_task(_fetch(endpoint, senders, keeper)))

    async def _end(self, endings: Sequence[Endpoint]) -> None:
        tasks = [self._tasks.pop(endpoint)[1] for endpoint in endings]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _fetch(endpoint: Endpoint, senders: tuple[Sender, ...], keeper: Keeper) -> None:
    """Fetch from one endpoint for ever; a fault of its task is logged and tried again, and touches nobody else."""
    log.info("fetching", protocol=endpoint[0], place=endpoint[1], devices=len(senders))
    while not keeper.stop.is_set():
        work = asyncio.create_task(_WORK[endpoint[0]](endpoint[1], senders, keeper))
        try:
            await asyncio.wait([work])
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        fault = None if work.cancelled() else work.exception()
        if fault is not None and not keeper.stop.is_set():
            log.error("fetching failed", protocol=endpoint[0], place=endpoint[1], exc_info=fault)
            for sender in senders:
                keeper.lost(sender, BAD_ANSWER)
        await pause(keeper.stop, _AGAIN_S)


def _modbus(place: str, senders: tuple[Sender, ...], keeper: Keeper) -> Coroutine[None, None, None]:
    host, port = place.rsplit("|", 1)
    return Poller(host, int(port), senders, keeper).run()


def _opcua(place: str, senders: tuple[Sender, ...], keeper: Keeper) -> Coroutine[None, None, None]:
    return Subscriber(place, senders, keeper).run()


_WORK: Mapping[str, Callable[[str, tuple[Sender, ...], Keeper], Coroutine[None, None, None]]] = {
    addresses.MODBUS: _modbus,
    addresses.OPCUA: _opcua,
}


async def run(stop: asyncio.Event) -> None:
    """Fetch what the registry names until ``stop`` is set."""
    drop = Path(os.environ.get("ANLAN_DROP") or Path(os.environ["ANLAN_HOME"]) / "drop")
    await Fetcher(drop).run(os.environ.get("ANLAN_NATS_URL", "nats://127.0.0.1:4222"), stop)


def main() -> int:
    """Entry of the process."""
    return serve("fetcher", run)


if __name__ == "__main__":
    sys.exit(main())
