"""Whoever watches newest values hears of each change of his channels once, of what he adds at once, and of a silent store that it is silent."""

from __future__ import annotations

import asyncio

import httpx
import numpy as np
import pytest

from anlan.sense.stream import following
from anlan.sense.stream.following import Board
from anlan.sense.stream.newest import TICK, Newest
from anlan.wire import blocks
from anlan.wire.blocks import Block


class Store:
    """The telemetry process as the board sees it; counts how often it is asked, and may be away."""

    def __init__(self) -> None:
        self.newest, self.asked, self.away = Newest(), 0, False

    def say(self, *readings: tuple[int, int, float]) -> None:
        channel, time, value = (np.array(column) for column in zip(*readings, strict=True))
        self.newest.take(Block(channel.astype(np.int32), time.astype(np.int64), value.astype(float), np.zeros(len(channel), np.uint8)))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("away")
        channels = np.frombuffer(request.content, "<i4")
        found = self.newest.changes(channels, int(request.url.params["after"]))
        return httpx.Response(200, content=blocks.encode(found), headers={TICK: str(self.newest.tick)})


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(following, "PAUSE_S", 0.01)
    return Store()


async def told(watch: following.Watch, seconds: float = 5.0) -> dict[int, float]:
    """What the watch hears next that is not nothing."""
    async with asyncio.timeout(seconds):
        while True:
            block = await watch.next(0.2)
            if block is not None and len(block):
                return dict(zip(block.channel.tolist(), block.value.tolist(), strict=True))


async def test_each_page_hears_its_own_channels_and_what_it_adds_later(store: Store) -> None:
    board = Board(lambda: "http://store", httpx.MockTransport(store.answer))
    store.say((1, 10, 1.0), (2, 10, 2.0), (3, 10, 3.0))
    one, other = board.watch(), board.watch()
    one.channels, other.channels = np.array([1]), np.array([2, 7])
    assert await told(one) == {1: 1.0}
    assert await told(other) == {2: 2.0}
    store.say((1, 20, 1.5), (3, 20, 3.5))
    assert await told(one) == {1: 1.5}
    one.channels = np.array([1, 2, 3])
    heard: dict[int, float] = {}
    while set(heard) < {2, 3}:
        heard |= await told(one)
    assert (heard[2], heard[3]) == (2.0, 3.5)
    store.say((7, 5, 7.0))
    assert (await told(other)).get(7) == 7.0, "a point that was never heard before is heard when it begins"
    board.leave(one)
    board.leave(other)
    await asyncio.sleep(0.05)
    asked = store.asked
    await asyncio.sleep(0.05)
    assert store.asked == asked, "nobody watches and the store is asked all the same"


async def test_a_store_that_does_not_answer_is_told_as_silent_and_comes_back(store: Store) -> None:
    board = Board(lambda: "http://store", httpx.MockTransport(store.answer))
    store.say((1, 10, 1.0))
    watch = board.watch()
    watch.channels = np.array([1])
    assert await told(watch) == {1: 1.0}
    store.away = True
    async with asyncio.timeout(5):
        while await watch.next(0.2) is not None:
            pass
    store.say((1, 20, 2.0))
    store.away = False
    assert await told(watch) == {1: 2.0}
    board.leave(watch)
