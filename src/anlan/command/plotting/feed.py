"""The live feed of boards: what was drawn and who is here, told to every browser that has the board open, as far as its user may see it.

Every web process hears of each update by a notice of PostgreSQL, in the order in which updates were taken, and hands on one ready text. A page
that missed something (a gap in the numbers, a stream opened anew) asks for what it lacks by its last number; so a notice may be lost, never a
stroke.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection

from anlan.command.plotting import queries
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal

NAME = "plotting"
LONGEST_QUEUE = 200
CHECKED_EVERY_S = 60.0


class Listener:
    """One browser at one or more boards."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue(LONGEST_QUEUE)

    def tell(self, text: str, board: str) -> None:
        """Queue a message. One who does not keep up is told to ask for what he missed, instead of all of it late."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            text = json.dumps({"board": board})
        self.queue.put_nowait(text)


_listeners: defaultdict[str, set[Listener]] = defaultdict(set)


def hear(payload: str) -> None:
    """Hand on a notice; an empty one says that some may have been missed."""
    if not payload:
        for board, listeners in _listeners.items():
            for listener in listeners:
                listener.tell(json.dumps({"board": board}), board)
        return
    board = json.loads(payload)["board"]
    for listener in tuple(_listeners.get(board, ())):
        listener.tell(payload, board)


async def drawings(wanted: Sequence[str], who: Callable[[], Actor]) -> AsyncIterator[str]:
    """Messages of the feed for the boards ``wanted`` (their ids).

    ``{"board", "sequence", "update" (base64), "mark", "objects"}`` for an update, without ``update`` when it is too long to be told;
    ``{"board", "presence": {…}}`` for somebody who is there; ``{"board", "here": …}`` first, with the number at that moment; ``{"board"}``
    alone: ask for what is missing.
    """
    listener = Listener()
    loop = asyncio.get_running_loop()
    actor: Actor | None = None
    due, open_now = 0.0, set[str]()
    try:
        while True:
            # The stream makes its actor anew again and again; only another one, or one with other grants, is worth a look at the boards.
            if (now := who()) != actor or loop.time() >= due:
                actor, due = now, loop.time() + CHECKED_EVERY_S
                heads = await _heads(wanted, actor)
                for board in open_now - heads.keys():
                    _leave(board, listener)
                fresh, open_now = heads.keys() - open_now, set(heads)
                for board in fresh:
                    _listeners[board].add(listener)
                    # Read again now that it listens: what was taken in between must not be missed.
                for board, sequence in (await _heads(sorted(fresh), actor)).items() if fresh else ():
                    yield json.dumps({"board": board, "here": sequence})
            with suppress(TimeoutError):
                yield await asyncio.wait_for(listener.queue.get(), max(0.0, due - loop.time()))
    finally:
        for board in open_now:
            _leave(board, listener)


def _leave(board: str, listener: Listener) -> None:
    _listeners[board].discard(listener)
    if not _listeners[board]:
        del _listeners[board]


@sync_to_async(thread_sensitive=False)
def _heads(wanted: Sequence[str], actor: Actor) -> dict[str, int]:
    """The numbers of those boards that the actor may see. What cannot be read names nothing."""
    found = {}
    try:
        for text in wanted:
            with suppress(ValueError, Refusal):
                row = queries.board(UUID(text), actor)
                found[str(row.pk)] = queries.sequence_of(row)
        return found
    finally:
        # This thread belongs to a pool: no request will end here and give the connection back.
        connection.close()
