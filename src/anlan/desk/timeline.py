"""A timeline of what several rooms know of one subject, newest first, read page by page without counting.

Each room registers a kind with a provider; the desk merges what they answer. A page ends at a moment and says how many of that moment it
has shown already, so that a thousand things of one moment (an import) neither vanish between two pages nor stand on both.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from anlan.desk.facts import Tone

Text = str | Promise


@dataclass(frozen=True)
class Happening:
    """One line: when, what, by whom. ``key`` tells it from others of its kind at the same moment and gives their order."""

    at: datetime
    key: str
    title: Text
    note: Text = ""
    who: str = ""
    tone: Tone = "grey"
    url: str = ""
    exercise: bool = False


Provider = Callable[[Any, HttpRequest, datetime, int], Iterable[Happening]]
"""``provider(subject, request, until, limit)``: at most ``limit`` happenings with ``at <= until``, by ``at`` downward, then ``key`` downward."""


@dataclass(frozen=True)
class Kind:
    """One kind of happenings on a page."""

    page: str
    code: str
    label: Text
    order: int
    provider: Provider
    action: str | None = None


@dataclass(frozen=True)
class Line:
    """A happening with its kind."""

    kind: Kind
    happening: Happening


@dataclass(frozen=True)
class Page:
    """A stretch of the timeline; ``until`` and ``skip`` ask for the next one, ``until`` is ``None`` at the end."""

    lines: tuple[Line, ...]
    until: datetime | None
    skip: int


_kinds: dict[tuple[str, str], Kind] = {}


def register(page: str, code: str, *, label: Text, order: int, provider: Provider, action: str | None = None) -> None:
    """Add a kind of happenings to the timeline of ``page``; the same ``code`` again replaces it."""
    _kinds[page, code] = Kind(page, code, label, order, provider, action)


def kinds(page: str, request: HttpRequest) -> tuple[Kind, ...]:
    """The kinds on ``page`` that the request's actor may read, in their order."""
    actor = getattr(request, "actor", None)
    found = (one for one in _kinds.values() if one.page == page)
    allowed = (one for one in found if one.action is None or (actor is not None and actor.may_somewhere(one.action)))
    return tuple(sorted(allowed, key=lambda one: (one.order, one.code)))


def read(page: str, subject: object, request: HttpRequest, *, until: datetime, skip: int = 0, limit: int = 20, kind: str = "") -> Page:
    """The newest ``limit`` lines not after ``until``, without the first ``skip``; of one ``kind`` alone where it is named."""
    chosen = [one for one in kinds(page, request) if not kind or one.code == kind]
    wanted = skip + limit + 1
    streams = [_lines(one, one.provider(subject, request, until, wanted)) for one in chosen]
    merged = heapq.merge(*streams, key=lambda line: (line.happening.at, line.kind.code, line.happening.key), reverse=True)
    found = list(islice(merged, skip, skip + limit + 1))
    lines = tuple(found[:limit])
    if len(found) <= limit:
        return Page(lines, None, 0)
    last = lines[-1].happening.at
    same = sum(line.happening.at == last for line in lines)
    return Page(lines, last, same + (skip if last == until else 0))


def _lines(kind: Kind, happenings: Iterable[Happening]) -> Iterator[Line]:
    return (Line(kind, happening) for happening in happenings)
