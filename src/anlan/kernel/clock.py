"""The node's one clock. Rules never read it; edges (views, tasks, processes) ask it once and pass the time on.

Stories and tests move it; a running node never does. What an exercise plays of the past reads a clock of its own (:func:`told_by`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

Source = Callable[[], datetime]


def _system() -> datetime:
    return datetime.now(UTC)


_source: Source = _system
_own: ContextVar[Source | None] = ContextVar("clock_own", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return (_own.get() or _source)()


def of_the_node() -> datetime:
    """What the node's clock says, also where :func:`told_by` tells another time."""
    return _source()


@contextmanager
def told_by(source: Source) -> Iterator[None]:
    """Inside the block, and there only, ``source`` says what time it is; every other thread and task keeps the node's clock."""
    token = _own.set(source)
    try:
        yield
    finally:
        _own.reset(token)


def set(moment: datetime) -> None:
    """Stop the clock at ``moment`` (aware). For stories only. Raises ``ValueError`` when ``moment`` is naive."""
    global _source
    if moment.tzinfo is None:
        raise ValueError("the clock takes only aware times")
    stopped = moment.astimezone(UTC)
    _source = lambda: stopped  # noqa: E731


def advance(seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
    """Move a stopped clock forward and return the new moment."""
    set(now() + timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days))
    return now()


def run() -> None:
    """Let the clock follow the operating system again."""
    global _source
    _source = _system


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Stop the clock at ``moment`` inside the block, then restore what was there before."""
    global _source
    before = _source
    set(moment)
    try:
        yield
    finally:
        _source = before
