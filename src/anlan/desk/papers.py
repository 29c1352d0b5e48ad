"""Papers: what upper rooms add to the printed document of a lower room's page, as panels add to the page itself.

A provider answers blocks of :mod:`anlan.desk.documents`, or none where it has nothing to print::

    papers.register("enterprises.detail", "dangers", label=_("事故隐患"), order=40, provider=danger_blocks, action="dangers.view")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from anlan.desk.documents import Block, Heading

Provider = Callable[[Any, HttpRequest], Sequence[Block]]


@dataclass(frozen=True)
class Paper:
    """One registered part of a document. ``action`` is needed to have it printed."""

    page: str
    code: str
    label: str | Promise
    order: int
    provider: Provider
    action: str | None = None


_papers: dict[tuple[str, str], Paper] = {}


def register(page: str, code: str, *, label: str | Promise, order: int, provider: Provider, action: str | None = None) -> None:
    """Add a part to the document of ``page``; the same ``code`` again replaces it. ``order`` sorts, small first."""
    _papers[page, code] = Paper(page, code, label, order, provider, action)


def blocks(page: str, subject: object, request: HttpRequest) -> Iterator[Block]:
    """The parts of the document of ``page`` that the request's actor may read, each under its heading."""
    actor = getattr(request, "actor", None)
    for paper in sorted((one for one in _papers.values() if one.page == page), key=lambda one: (one.order, one.code)):
        if paper.action is None or (actor is not None and actor.may_somewhere(paper.action)):
            found = paper.provider(subject, request)
            if found:
                yield Heading(str(paper.label))
                yield from found
