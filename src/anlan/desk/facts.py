"""Facts: the strip at the head of a page, each fact told by the room that knows it, with a colour and the page where it is mended.

The page names itself and hands its subject to whoever registered, as with :mod:`~anlan.desk.panels`::

    # in the upper room's facts.py, which is read when the node starts
    facts.register(
        "enterprises.detail", "dangers", order=20, provider=danger_facts, action="dangers.view", live=("dangers.found",),
    )

A provider answers a few facts. Where a reader would look for something that is not there it says so with a ``quiet`` one (未登记, 无), so that
no box is missed; it answers none where nobody would look: a room that is not there leaves no empty box behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.functional import Promise

Text = str | Promise
Tone = Literal["red", "orange", "yellow", "blue", "green", "grey"]


@dataclass(frozen=True)
class Fact:
    """One fact: ``value`` is read first, ``note`` says what is wrong with it, ``url`` leads to the list or page behind it.

    ``quiet``: nothing is there (未登记, 无, 不适用), told softly in its usual place.
    """

    label: Text
    value: Text
    tone: Tone = "grey"
    note: Text = ""
    url: str = ""
    quiet: bool = False


Provider = Callable[[Any, HttpRequest], Iterable[Fact]]


@dataclass(frozen=True)
class Teller:
    """Who tells facts on a page. ``action`` is needed to read them; ``live``: kinds of events after which they may have changed."""

    page: str
    code: str
    order: int
    provider: Provider
    action: str | None = None
    live: tuple[str, ...] = ()


_tellers: dict[tuple[str, str], Teller] = {}


def register(page: str, code: str, *, order: int, provider: Provider, action: str | None = None, live: tuple[str, ...] = ()) -> None:
    """Let a room tell facts on ``page``; the same ``code`` again replaces it. ``order`` sorts, small first."""
    _tellers[page, code] = Teller(page, code, order, provider, action, live)


def of_page(page: str) -> tuple[Teller, ...]:
    """Who tells facts on ``page``, in their order."""
    return tuple(sorted((one for one in _tellers.values() if one.page == page), key=lambda one: (one.order, one.code)))


def gather(page: str, subject: object, request: HttpRequest) -> tuple[Fact, ...]:
    """The facts of ``page`` about ``subject`` that the request's actor may read, in their order."""
    actor = getattr(request, "actor", None)
    return tuple(
        fact
        for teller in of_page(page)
        if teller.action is None or (actor is not None and actor.may_somewhere(teller.action))
        for fact in teller.provider(subject, request)
    )


def trigger(page: str) -> str:
    """When a page asks for its facts anew: each minute, and after what the rooms announce (htmx ``hx-trigger``)."""
    kinds = dict.fromkeys(kind for teller in of_page(page) for kind in teller.live)
    return ", ".join(["every 60s", *(f"sse:{kind} from:body delay:2s" for kind in kinds)])
