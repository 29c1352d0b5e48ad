"""The node's one clock. Rules never read it; edges (views, tasks, processes) ask it once and pass the time on.

Stories and tests move it; a running node never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

Source = Callable[[], datetime]


def _system() -> datetime:
    return datetime.now(UTC)


_source: Source = _system


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


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
