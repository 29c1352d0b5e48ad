"""The live feed of newest values: everybody hears the points of his own jurisdiction and no other, whatever he asks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
import pytest
from django.conf import settings
from tests.rooms.sense.plant import Plant, officer

from anlan.desk import live
from anlan.desk.joints import joints
from anlan.kernel.access import Actor
from anlan.sense.monitor import feed
from anlan.sense.stream import door as stream
from anlan.sense.stream import following
from anlan.sense.stream.following import Board
from anlan.sense.stream.newest import TICK, Newest
from anlan.wire import blocks
from anlan.wire.blocks import Block

pytestmark = pytest.mark.django_db(transaction=True)


class Store:
    """The telemetry process: newest values, and every channel that was ever asked for."""

    def __init__(self) -> None:
        self.newest, self.asked, self.away = Newest(), set(), False

    def say(self, **readings: float) -> None:
        channels = np.array([int(name[1:]) for name in readings], np.int32)
        time = np.full(len(channels), self.newest.tick + 1_000, np.int64)
        self.newest.take(Block(channels, time, np.array(list(readings.values())), np.zeros(len(channels), np.uint8)))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        channels = np.frombuffer(request.content, "<i4")
        self.asked.update(channels.tolist())
        if self.away:
            raise httpx.ConnectError("away")
        found = self.newest.changes(channels, int(request.url.params["after"]))
        return httpx.Response(200, content=blocks.encode(found), headers={TICK: str(self.newest.tick)})


@pytest.fixture
def plants() -> tuple[Plant, Plant]:
    return Plant(1, "370102"), Plant(2, "370103")


@pytest.fixture
def store(plants: tuple[Plant, Plant], monkeypatch: pytest.MonkeyPatch) -> Store:
    found = Store()
    monkeypatch.setattr(following, "PAUSE_S", 0.02)
    board = Board(lambda: "http://store", httpx.MockTransport(found.answer))
    monkeypatch.setattr(stream, "board", lambda: board)
    for number, plant in enumerate(plants, 1):
        found.say(**{f"c{plant.pressure.channel}": float(number), f"c{plant.gas.channel}": number / 10})
    return found


@pytest.fixture
async def sessions(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Actor]]:
    known = {
        "lixia": officer("370102", "devices.view"),
        "shizhong": officer("370103", "devices.view"),
        "nobody": officer("370102", "alarms.view"),
    }
    monkeypatch.setattr(joints, "actor_of_session", known.get)
    monkeypatch.setattr(live, "hub", live.Hub())
    yield known
    await live.hub.stop()


class Heard:
    """What one browser was told: newest value by channel, and the last message."""

    def __init__(self) -> None:
        self.text, self.grown = "", asyncio.Event()

    async def send(self, message: Any) -> None:
        self.text += message.get("body", b"").decode()
        self.grown.set()

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ") and '"known"' in line]

    @property
    def values(self) -> dict[int, float]:
        found: dict[int, float] = {}
        for message in self.messages:
            found.update(zip(message.get("c", []), message.get("v", []), strict=True))
        return found

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self.grown.clear()
                await self.grown.wait()


@asynccontextmanager
async def opened(session: str, *wanted: str) -> AsyncIterator[Heard]:
    heard, left = Heard(), asyncio.Event()

    async def receive() -> dict[str, str]:
        await left.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live/",
        "query_string": urlencode([("feed", f"values:{each}") for each in wanted]).encode(),
        "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())],
        "http_version": "1.1",
    }
    task = asyncio.create_task(live.application(scope, receive, heard.send))
    try:
        yield heard
    finally:
        left.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_county_hears_its_own_points_and_no_other(plants: tuple[Plant, Plant], store: Store, sessions: dict[str, Actor]) -> None:
    mine, foreign = plants
    foreign_wish = f"p={foreign.pressure.id}"
    async with opened("lixia", "", foreign_wish, f"enterprise={foreign.enterprise.pk}") as lixia, opened("shizhong", "") as shizhong:
        await lixia.until(lambda: len(lixia.values) == 2)
        await shizhong.until(lambda: len(shizhong.values) == 2)
        store.say(**{f"c{mine.pressure.channel}": 1.5, f"c{foreign.pressure.channel}": 2.5})
        await lixia.until(lambda: lixia.values[mine.pressure.channel] == 1.5)
        await shizhong.until(lambda: shizhong.values[foreign.pressure.channel] == 2.5)
    assert set(lixia.values) == {mine.pressure.channel, mine.gas.channel}
    assert set(shizhong.values) == {foreign.pressure.channel, foreign.gas.channel}


async def test_a_page_hears_only_what_it_wants_and_each_change_once(
    plants: tuple[Plant, Plant], store: Store, sessions: dict[str, Actor]
) -> None:
    mine, _foreign = plants
    async with opened("lixia", f"p={mine.gas.id}") as heard:
        await heard.until(lambda: len(heard.values) == 1)
        for value in (0.2, 0.3):
            store.say(**{f"c{mine.gas.channel}": value, f"c{mine.pressure.channel}": 9.0})
            await heard.until(lambda value=value: heard.values[mine.gas.channel] == value)
        told = [value for message in heard.messages for value in message["v"]]
    assert told == [0.1, 0.2, 0.3] and set(heard.values) == {mine.gas.channel}


async def test_without_the_permission_nothing_is_told_and_the_store_not_even_asked(
    plants: tuple[Plant, Plant], store: Store, sessions: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "QUIET_S", 0.05)
    async with opened("nobody", "", f"p={plants[0].pressure.id}") as heard:
        await heard.until(lambda: len(heard.messages) >= 3)
    assert heard.values == {} and store.asked == set()


async def test_who_loses_his_post_hears_no_more_at_once(
    plants: tuple[Plant, Plant], store: Store, sessions: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "QUIET_S", 0.05)
    mine, _foreign = plants
    async with opened("lixia", "") as heard:
        await heard.until(lambda: len(heard.values) == 2)
        (subscriber,) = live.hub.subscribers
        subscriber.actor = officer("370103", "alarms.view")
        count = len(heard.messages)
        await heard.until(lambda: len(heard.messages) > count + 2)
        store.say(**{f"c{mine.pressure.channel}": 8.0})
        count = len(heard.messages)
        await heard.until(lambda: len(heard.messages) > count + 2)
    assert heard.values[mine.pressure.channel] == 1.0


async def test_a_silent_store_is_told_as_unknown(plants: tuple[Plant, Plant], store: Store, sessions: dict[str, Actor]) -> None:
    async with opened("lixia", "") as heard:
        await heard.until(lambda: len(heard.values) == 2)
        store.away = True
        await heard.until(lambda: heard.messages[-1]["known"] is False)


@pytest.mark.parametrize("wish", ["enterprise=x", "p=x", "p='%3B", "\x00", "offset=99999999999999999999"])
async def test_a_wish_that_cannot_be_read_names_nothing_and_breaks_nothing(
    plants: tuple[Plant, Plant], store: Store, sessions: dict[str, Actor], wish: str
) -> None:
    mine, _foreign = plants
    async with opened("lixia", wish, f"p={mine.gas.id}") as heard:
        await heard.until(lambda: mine.gas.channel in heard.values)
