"""The live feed of newest values: what of the watched points changed, for each open browser in the bounds of what its user may see.

A page names what it watches as it names it in its address (``q``, ``class``, ``enterprise``, ``p``); the points are looked up with the
listener's own rights, and again every minute and whenever his posts change. Nothing that is not looked up is ever told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
import numpy as np
from asgiref.sync import sync_to_async
from django.db import connection
from django.http import QueryDict

from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.sense.monitor import queries, rules
from anlan.sense.stream import door as stream
from anlan.wire.blocks import Block

NAME = "values"
LOOKED_UP_EVERY_S = 60.0
QUIET_S = 10.0
"""After so long without a change the page is told that there is none: then it knows that it is not cut off."""
MANY, MANY_PAUSE_S = 2_000, 1.0
"""Above so many points a page is told once a second."""


async def values(wanted: Sequence[str], who: Callable[[], Actor]) -> AsyncIterator[str]:
    """Messages of the feed: JSON columns ``c`` channel, ``t`` time (ms), ``v`` value, ``q`` quality; ``at`` the node's time, ``known``."""
    board = stream.board()
    watch = board.watch()
    loop = asyncio.get_running_loop()
    actor, due = None, 0.0
    try:
        while True:
            if who() is not actor or loop.time() >= due:
                actor, due = who(), loop.time() + LOOKED_UP_EVERY_S
                watch.channels = np.array(await _channels(wanted, actor), np.int32)
            block = await watch.next(QUIET_S)
            yield message(block)
            if len(watch.channels) > MANY:
                await asyncio.sleep(MANY_PAUSE_S)
    finally:
        board.leave(watch)


def message(block: Block | None) -> str:
    """The text of a block of changes; ``None`` says that the store does not answer."""
    told: dict[str, object] = {"at": round(clock.now().timestamp() * 1000), "known": block is not None}
    if block is not None:
        told |= {"c": block.channel.tolist(), "t": block.time.tolist(), "v": block.value.tolist(), "q": block.quality.tolist()}
    return msgspec.json.encode(told).decode()


@sync_to_async(thread_sensitive=False)
def _channels(wanted: Sequence[str], actor: Actor) -> list[int]:
    try:
        return channels(wanted, actor)
    finally:
        # This thread belongs to a pool: no request will end here and give the connection back.
        connection.close()


def channels(wanted: Sequence[str], actor: Actor) -> list[int]:
    """Channel numbers behind what a browser wants, in the bounds of what ``actor`` may see. What cannot be read names nothing."""
    if not actor.may_somewhere("devices.view"):
        return []
    found = []
    for text in wanted:
        asked = QueryDict(text)
        try:
            found.append(rules.filters(asked.dict(), asked.getlist("p")))
        except Refusal:
            continue
    return queries.channels(found, actor)
