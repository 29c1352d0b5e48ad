"""The live stream: every announcement that an actor may see, sent to his browser as it is made.

One process holds one PostgreSQL connection that listens, whatever the number of browsers. An announcement is read once and compared with
each open stream's actor; what he may not see on a page he does not hear either. Browsers get ids and places only and then ask the
pages, which scope again.

Beside the announcements a browser may ask for *feeds* (``?feed=values:…``): what changes too often to be announced, such as newest readings.
A room registers a feed by name; it is told who listens and what of it is wanted, and decides itself what this actor may see of that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection as django_connection
from psycopg import sql
from psycopg.rows import dict_row
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from anlan.desk.joints import joints
from anlan.kernel.access import Actor
from anlan.kernel.events import event_kinds
from anlan.ledger.events import CHANNEL

log = structlog.get_logger()

HEARTBEAT_S = 15
RESUME_AT_MOST = 500
RESUME_MS = 10 * 60 * 1000
"""How far back a browser may resume; an older one is told to load its page anew."""
OVERLAP_MS = 5000
"""Announcements are numbered when made and seen when committed: a resume looks back a little further than the last one seen."""
QUEUE_LENGTH = 1000
LONGEST_BACKOFF_S = 30.0
_COLUMNS = "id, kind, place_code, enterprise_id, classification, at, payload ->> 'subject_id' AS subject_id"

Announced = Mapping[str, Any]
FEEDS_AT_MOST = 12
"""Feeds that one browser may have open: one for each of its pages, and some to spare."""
FEED_LENGTH = 2000
Feed = Callable[[Sequence[str], Callable[[], Actor]], AsyncIterator[str]]
"""``feed(wanted, who)`` yields what the browser gets; ``who()`` is the listener as he stands now, asked again and again: his posts may change."""
_feeds: dict[str, Feed] = {}
_channels: dict[str, Callable[[str], None]] = {}


def register_feed(name: str, feed: Feed) -> None:
    """Offer a feed; its messages arrive as events ``feed.<name>``. A name is taken over by the last who registers it."""
    _feeds[name] = feed


def register_channel(channel: str, hear: Callable[[str], None]) -> None:
    """Hear a PostgreSQL channel of a room's own on the hub's connection, in the event loop: ``hear(payload)`` for each notice, and ``hear("")``
    whenever listening begins (again), when notices may have been missed.
    """
    _channels[channel] = hear


def may_hear(actor: Actor, announced: Announced) -> bool:
    """Whether an actor may be told of an announcement. Kinds that no loaded room declares are told to nobody."""
    kind = event_kinds().get(announced["kind"])
    if kind is None or not kind.action:
        return False
    if getattr(kind, "personal", False):
        return str(actor.account_id) == announced["subject_id"]
    return actor.may(
        kind.action,
        place_code=announced["place_code"],
        enterprise_id=announced["enterprise_id"],
        classification=announced["classification"],
    )


def message_of(announced: Announced) -> ServerSentEvent:
    """What the browser gets: the subject's id, kind, place and time; the announcement's id to resume from."""
    body = {
        "id": announced["subject_id"],
        "kind": announced["kind"],
        "place_code": announced["place_code"],
        "at": announced["at"].isoformat(),
    }
    return ServerSentEvent(json.dumps(body, ensure_ascii=False), event=announced["kind"], id=str(announced["id"]))


def milliseconds_of(announcement_id: UUID) -> int:
    """When a time-ordered id was made, in Unix milliseconds (RFC 9562, version 7)."""
    return announcement_id.int >> 80


def floor_id(milliseconds: int) -> UUID:
    """The least id that could be made at that moment."""
    return UUID(int=max(milliseconds, 0) << 80)


@dataclass(frozen=True)
class Fed:
    """One message of a feed; the feed goes on when it is ``taken``, so that a slow browser gets less instead of late."""

    name: str
    text: str
    taken: asyncio.Event


@dataclass(eq=False)
class Subscriber:
    """One open stream."""

    session_key: str
    actor: Actor
    queue: asyncio.Queue[Announced | Fed | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))

    def tell(self, announced: Announced) -> None:
        """Queue an announcement the actor may hear. A browser that does not keep up is cut off; it resumes by itself."""
        if not may_hear(self.actor, announced):
            return
        try:
            self.queue.put_nowait(announced)
        except asyncio.QueueFull:
            self.close()

    async def feed(self, name: str, wanted: Sequence[str]) -> None:
        """Hand on what a feed has for this listener, one message at a time."""
        try:
            async for text in _feeds[name](wanted, lambda: self.actor):
                message = Fed(name, text, asyncio.Event())
                await self.queue.put(message)
                await message.taken.wait()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("live.feed_failed", feed=name)
            self.close()
            raise

    def close(self) -> None:
        """End the stream after what it can still take."""
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


def _database() -> dict[str, Any]:
    """Where the node's records are, as psycopg wants it."""
    known = django_connection.settings_dict
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {key: known[name] for key, name in named.items() if known.get(name)} | {
        key: value for key, value in known.get("OPTIONS", {}).items() if key in ("sslmode", "sslrootcert", "service")
    }


class Hub:
    """Listens to the outbox and tells the subscribers of this process."""

    def __init__(self) -> None:
        self.subscribers: set[Subscriber] = set()
        self._task: asyncio.Task[None] | None = None
        self._last: UUID | None = None
        self.listening = asyncio.Event()

    def start(self) -> None:
        """Begin to listen, once per event loop."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="live-listen")

    async def stop(self) -> None:
        """End every stream and the listening."""
        for subscriber in tuple(self.subscribers):
            subscriber.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self.listening.clear()

    async def _run(self) -> None:
        """Listen; after a lost connection come back with growing pauses and make up for what was missed."""
        pause = 0.5
        while True:
            try:
                connect = psycopg.AsyncConnection[dict[str, Any]].connect
                async with await connect(**_database(), autocommit=True, row_factory=cast("Any", dict_row)) as connection:
                    for channel in (CHANNEL, *_channels):
                        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    if self._last is not None:
                        self._tell(await self.since(self._last, connection))
                    self.listening.set()
                    for hear in _channels.values():
                        hear("")
                    pause = 0.5
                    await self._listen(connection)
            except (psycopg.Error, OSError) as error:
                self.listening.clear()
                log.warning("live.connection_lost", error=str(error), retry_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_BACKOFF_S)

    async def _listen(self, connection: psycopg.AsyncConnection[dict[str, Any]]) -> None:
        while True:
            notices = [notice async for notice in connection.notifies(timeout=HEARTBEAT_S, stop_after=1)]
            # Whatever came in the meantime is read with the first one: a burst costs one query.
            notices += [notice async for notice in connection.notifies(timeout=0)]
            for notice in notices:
                if (hear := _channels.get(notice.channel)) is not None:
                    hear(notice.payload)
            arrived = [UUID(notice.payload) for notice in notices if notice.channel == CHANNEL]
            if not notices:
                await connection.execute("SELECT 1")  # finds out whether the server is still there
            if not arrived:
                continue
            cursor = await connection.execute(
                f"SELECT {_COLUMNS} FROM ledger_announcement WHERE id = ANY(%s) ORDER BY id",
                [arrived],  # type: ignore[arg-type]
            )
            self._tell(await cursor.fetchall())

    def _tell(self, announcements: Iterable[Announced]) -> None:
        for announced in announcements:
            self._last = max(self._last or announced["id"], announced["id"])
            for subscriber in tuple(self.subscribers):
                subscriber.tell(announced)
            if announced["kind"].startswith("people."):
                self._recheck(announced["subject_id"])

    def _recheck(self, account_id: str) -> None:
        """An account, its posts or sessions changed: ask anew who its streams belong to."""
        for subscriber in [found for found in self.subscribers if str(found.actor.account_id) == account_id]:
            task = asyncio.get_running_loop().create_task(refresh(subscriber))
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)

    async def since(self, last: UUID, connection: psycopg.AsyncConnection[dict[str, Any]] | None = None) -> list[Announced]:
        """Announcements after ``last``, with a small overlap, oldest first."""
        statement = f"SELECT {_COLUMNS} FROM ledger_announcement WHERE id > %s AND id <> %s ORDER BY id LIMIT %s"
        values = [floor_id(milliseconds_of(last) - OVERLAP_MS), last, RESUME_AT_MOST]
        if connection is not None:
            return list(await (await connection.execute(statement, values)).fetchall())  # type: ignore[arg-type]
        async with await psycopg.AsyncConnection.connect(**_database(), autocommit=True, row_factory=dict_row) as own:
            return list(await (await own.execute(statement, values)).fetchall())  # type: ignore[arg-type]


hub = Hub()
_tasks: set[asyncio.Task[Any]] = set()


@sync_to_async(thread_sensitive=False)
def _actor_of(session_key: str) -> Actor | None:
    """The actor behind a session now; ``None`` while nobody joined the accounts to the desk."""
    try:
        return joints.actor_of_session(session_key) if joints.actor_of_session is not None else None
    finally:
        # This thread belongs to a pool: no request will end here and give the connection back.
        django_connection.close()


async def refresh(subscriber: Subscriber) -> bool:
    """Ask again who the stream belongs to; a session that is over ends it. Returns whether the stream lives on."""
    actor = await _actor_of(subscriber.session_key)
    if actor is None or actor.account_id != subscriber.actor.account_id:
        subscriber.close()
        return False
    subscriber.actor = actor
    return True


async def _rechecked(subscriber: Subscriber) -> None:
    """Ask again and again who the stream belongs to, beside what it is told: two hundred desks that ask at once would hold up each other's news.

    By the clock and not only in silence, for a feed is never silent; at uneven times, for desks that were opened together stay together.
    """
    try:
        await asyncio.sleep(HEARTBEAT_S * random.uniform(0.5, 1.0))
        while await refresh(subscriber):
            await asyncio.sleep(HEARTBEAT_S * random.uniform(0.5, 1.0))
    finally:
        # Also when it could not be asked: nobody goes on to hear whom nobody knows.
        subscriber.close()


async def stream(request: Request) -> Response:
    """``GET /live/``: server-sent events for the session's actor."""
    session_key = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
    actor = await _actor_of(session_key) if session_key else None
    if actor is None:
        return JSONResponse({"code": "sign_in_required"}, status_code=401)
    hub.start()
    subscriber = Subscriber(session_key, actor)
    # A browser that asks for other feeds opens the stream anew and says itself where it was.
    last = request.headers.get("last-event-id", "") or request.query_params.get("last", "")
    return EventSourceResponse(
        _messages(subscriber, last, _wanted(request.query_params.getlist("feed"))),
        ping=HEARTBEAT_S,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _wanted(asked: Sequence[str]) -> dict[str, list[str]]:
    """What is wanted of each feed, from ``name:wanted``; names that no room offers are passed over."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, _, wanted in (text.partition(":") for text in asked[:FEEDS_AT_MOST] if len(text) <= FEED_LENGTH):
        if name in _feeds:
            found[name].append(wanted)
    return found


async def _messages(subscriber: Subscriber, last: str, wanted: Mapping[str, Sequence[str]]) -> AsyncIterator[ServerSentEvent]:
    hub.subscribers.add(subscriber)
    feeding = [asyncio.create_task(subscriber.feed(name, of_it), name=f"feed-{name}") for name, of_it in wanted.items()]
    feeding.append(asyncio.create_task(_rechecked(subscriber), name="live-recheck"))
    try:
        yield ServerSentEvent(comment="anlan", retry=2000)
        # What is announced while the missed ones are read stands among them and comes by the queue too: it is told once.
        told = set()
        async for announced in _resumed(last):
            if may_hear(subscriber.actor, announced):
                told.add(announced["id"])
                yield message_of(announced)
        while (item := await subscriber.queue.get()) is not None:
            if isinstance(item, Fed):
                yield ServerSentEvent(item.text, event=f"feed.{item.name}")
                item.taken.set()
            elif item["id"] not in told:
                yield message_of(item)
    finally:
        hub.subscribers.discard(subscriber)
        for task in feeding:
            task.cancel()
        await asyncio.gather(*feeding, return_exceptions=True)


async def _resumed(last: str) -> AsyncIterator[Announced]:
    """What was missed since the browser's last event; nothing for a new browser, or one that was away too long."""
    try:
        seen = UUID(last)
    except ValueError:
        return
    for announced in await hub.since(seen):
        yield announced


@contextlib.asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    hub.start()
    try:
        yield
    finally:
        await hub.stop()


application = Starlette(routes=[Route("/live/", stream, methods=["GET"])], lifespan=_lifespan)
