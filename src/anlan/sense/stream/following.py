"""The newest values that the open pages of this process watch, kept up to date by one question at a time to the telemetry process.

Whatever the number of pages, one task asks every half second which of the watched channels changed since the last answer, and each page is told
what it has not been told yet. A page that cannot keep up is told less often, never wrongly: it gets the newest value of each channel.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import httpx
import numpy as np
import structlog
from numpy.typing import NDArray

from anlan.sense.stream.newest import MOST_CHANNELS, TICK, Newest
from anlan.wire.blocks import Block, MalformedBlock, decode

log = structlog.get_logger()

PAUSE_S = 0.5
"""So long between two questions: no row of a page changes more than twice a second."""
_NONE = np.empty(0, np.int32)


class Watch:
    """What one page watches. ``channels`` may be exchanged at any time; what is new in them is told from its present value on."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._channels: NDArray[np.int32] = _NONE
        self._fresh: NDArray[np.int32] = _NONE
        self._seen = 0
        self.woken = asyncio.Event()

    @property
    def channels(self) -> NDArray[np.int32]:
        """Channel numbers, sorted."""
        return self._channels

    @channels.setter
    def channels(self, channels: NDArray[np.int32]) -> None:
        known = self._channels
        self._channels = np.unique(channels)[:MOST_CHANNELS]
        self._fresh = np.union1d(np.setdiff1d(self._channels, known), np.intersect1d(self._fresh, self._channels)).astype(np.int32)
        self._board.renew()
        self.woken.set()

    async def next(self, wait_s: float) -> Block | None:
        """What changed since the last call; an empty block after ``wait_s`` without change, ``None`` when the store does not answer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), wait_s)
        self.woken.clear()
        if self._board.silent:
            return None
        values = self._board.values
        fresh = values.changes(self._fresh, -1)
        changed = values.changes(np.setdiff1d(self._channels, self._fresh), self._seen)
        self._fresh = np.setdiff1d(self._fresh, fresh.channel)
        self._seen = values.tick
        return Block(*(np.concatenate([getattr(fresh, name), getattr(changed, name)]) for name in ("channel", "time", "value", "quality")))


class Board:
    """The watches of one event loop. ``address``: where the telemetry process answers."""

    def __init__(self, address: Callable[[], str], transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._address, self._transport = address, transport
        self.values = Newest()
        self.silent = False
        self._tick = 0
        self._asked: NDArray[np.int32] = _NONE
        self._stale = False
        self._watches: set[Watch] = set()
        self._task: asyncio.Task[None] | None = None

    def watch(self) -> Watch:
        """Begin to watch; end it with :meth:`leave`."""
        made = Watch(self)
        self._watches.add(made)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="newest-values")
        return made

    def leave(self, watch: Watch) -> None:
        """End a watch; with the last one the asking ends."""
        self._watches.discard(watch)
        self.renew()
        if not self._watches and self._task is not None:
            self._task.cancel()
            self._task = None

    def renew(self) -> None:
        """The watched channels are others now: gather them before the next question."""
        self._stale = True

    async def _run(self) -> None:
        async with httpx.AsyncClient(
            base_url=self._address(), timeout=httpx.Timeout(5.0, connect=1.0), trust_env=False, transport=self._transport
        ) as client:
            while True:
                silent = self.silent
                try:
                    changed = await self._ask(client)
                    self.silent = False
                except (httpx.HTTPError, MalformedBlock, ValueError) as trouble:
                    changed, self.silent = 0, True
                    if not silent:
                        log.warning("newest values unknown", reason=str(trouble))
                if changed or silent != self.silent:
                    for watch in self._watches:
                        watch.woken.set()
                await asyncio.sleep(PAUSE_S)

    async def _ask(self, client: httpx.AsyncClient) -> int:
        found = 0
        if self._stale:
            self._stale = False
            channels = np.unique(np.concatenate([_NONE, *(watch.channels for watch in self._watches)]))[:MOST_CHANNELS].astype("<i4")
            try:
                # Of channels that were not watched so far everything is news.
                found, tick = await self._take(client, np.setdiff1d(channels, self._asked), 0)
            except httpx.HTTPError:
                self._stale = True
                raise
            self._asked, self._tick = channels, self._tick or tick
        rows, self._tick = await self._take(client, self._asked, self._tick)
        return found + rows

    async def _take(self, client: httpx.AsyncClient, channels: NDArray[np.int32], after: int) -> tuple[int, int]:
        """Take in what changed; how many rows that were, and the tick they are as of."""
        if not len(channels):
            return 0, after
        answer = await client.post("/changes", params={"after": after}, content=channels.astype("<i4").tobytes())
        answer.raise_for_status()
        block = decode(answer.content)
        self.values.take(block)
        return len(block), int(answer.headers[TICK])
