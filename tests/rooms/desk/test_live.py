"""The live stream against a real database: who hears what, resuming, and the end of a session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import transaction
from tests.rooms.ground.plants import NOW, officer

from anlan.desk import live
from anlan.desk.joints import joints
from anlan.desk.notifications import notify
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.ledger.events import announce

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(Event):
    """Something that happens in these tests only."""

    kind: ClassVar[str] = "desk_tests.kettle_boiled"
    action: ClassVar[str] = "enterprises.view"


class Stream:
    """One open answer of ``/live/``."""

    def __init__(self) -> None:
        self.status = 0
        self.text = ""
        self.ended = asyncio.Event()
        self._grown = asyncio.Event()

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.text += message.get("body", b"").decode()
            if not message.get("more_body", False):
                self.ended.set()
        self._grown.set()

    async def until(self, done: Callable[[Stream], bool]) -> None:
        """Wait for what must come. Raises ``TimeoutError``."""
        async with asyncio.timeout(20):
            while not done(self):
                self._grown.clear()
                if not done(self):
                    await self._grown.wait()

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ")]

    @property
    def last_id(self) -> str:
        return [line[4:] for line in self.text.splitlines() if line.startswith("id: ")][-1]


@asynccontextmanager
async def opened(session: str, last: str = "") -> AsyncIterator[Stream]:
    """A browser that reads the stream until it leaves."""
    stream, left = Stream(), asyncio.Event()

    async def receive() -> dict[str, str]:
        await left.wait()
        return {"type": "http.disconnect"}

    headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())]
    headers += [(b"last-event-id", last.encode())] if last else []
    scope = {"type": "http", "method": "GET", "path": "/live/", "query_string": b"", "headers": headers, "http_version": "1.1"}
    task = asyncio.create_task(live.application(scope, receive, stream.send))
    try:
        await stream.until(lambda s: s.status != 0)
        if stream.status == 200:
            await stream.until(lambda s: "anlan" in s.text)
            async with asyncio.timeout(20):
                await live.hub.listening.wait()
        yield stream
    finally:
        left.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def sessions(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Actor]]:
    """Sessions by key; taking one away ends it."""
    known = {"lixia": officer("370102"), "shizhong": officer("370103")}
    monkeypatch.setattr(joints, "actor_of_session", known.get)
    monkeypatch.setattr(live, "hub", live.Hub())
    yield known
    await live.hub.stop()


@sync_to_async
def boil(place_code: str) -> UUID:
    with transaction.atomic():
        kettle = uuid4()
        announce(KettleBoiled(subject_id=kettle, place_code=place_code, at=NOW))
    return kettle


async def test_an_event_reaches_the_county_it_concerns_and_no_other(sessions: dict[str, Actor]) -> None:
    async with opened("lixia") as lixia, opened("shizhong") as shizhong:
        first, second = await boil("370103"), await boil("370102")
        await lixia.until(lambda s: len(s.heard) == 1)
        await shizhong.until(lambda s: len(s.heard) == 1)
    assert [event["id"] for event in lixia.heard] == [str(second)]
    assert [event["id"] for event in shizhong.heard] == [str(first)]
    assert set(lixia.heard[0]) == {"id", "kind", "place_code", "at"}
    assert "event: desk_tests.kettle_boiled" in lixia.text


async def test_a_browser_that_comes_back_hears_what_it_missed(sessions: dict[str, Actor]) -> None:
    async with opened("lixia") as stream:
        await boil("370102")
        await stream.until(lambda s: len(s.heard) == 1)
    missed, foreign = await boil("370102"), await boil("370103")
    async with opened("lixia", stream.last_id) as again:
        await again.until(lambda s: len(s.heard) == 1)
    assert [event["id"] for event in again.heard] == [str(missed)]
    assert str(foreign) not in again.text


async def test_nobody_listens_without_a_session(sessions: dict[str, Actor]) -> None:
    async with opened("stranger") as stream:
        assert stream.status == 401


async def test_the_end_of_a_session_ends_its_stream(sessions: dict[str, Actor]) -> None:
    async with opened("lixia") as stream:
        del sessions["lixia"]
        for subscriber in tuple(live.hub.subscribers):
            await live.refresh(subscriber)
        await stream.until(lambda s: s.ended.is_set())


async def test_a_notification_is_heard_by_its_account_only(sessions: dict[str, Actor]) -> None:
    @sync_to_async
    def tell() -> None:
        with transaction.atomic():
            for _ in range(2):  # an event heard twice tells once
                notify(
                    sessions["lixia"].account_id, event="tests", once="tests:1", sentence="您好，{name}。", facts={"name": "甲"}, now=NOW
                )

    async with opened("lixia") as lixia, opened("shizhong") as shizhong:
        await tell()
        kettle = await boil("370103")
        await lixia.until(lambda s: len(s.heard) == 1)
        await shizhong.until(lambda s: len(s.heard) == 1)
    assert lixia.heard[0]["kind"] == "notifications.sent"
    assert shizhong.heard[0]["id"] == str(kettle)
