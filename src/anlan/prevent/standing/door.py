"""What gradings announce, what other rooms may ask of them, and what rooms above may propose."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class GradingEvent(Event):
    """Base: ``subject_id`` is the grading, ``title`` names enterprise and year."""

    action: ClassVar[str] = "standing.view"
    title: str
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class GradingSaved(GradingEvent):
    """An assessment was begun or filled further."""

    kind: ClassVar[str] = "standing.saved"


@dataclass(frozen=True, kw_only=True)
class GradingSubmitted(GradingEvent):
    """An enterprise sent its assessment to the bureau; ``colour`` as it graded itself."""

    kind: ClassVar[str] = "standing.submitted"
    colour: str


@dataclass(frozen=True, kw_only=True)
class GradingReturned(GradingEvent):
    """The bureau sent an assessment back."""

    kind: ClassVar[str] = "standing.returned"
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class GradingAccepted(GradingEvent):
    """The bureau found the colour that holds; ``self_colour``: as the enterprise graded itself."""

    kind: ClassVar[str] = "standing.accepted"
    colour: str
    self_colour: str


@dataclass(frozen=True)
class Standing:
    """The colour that holds of an enterprise: ``red``, ``orange``, ``yellow`` or ``blue``; ``next_due_on``: its next self-assessment."""

    grading_id: UUID
    year: int
    colour: str
    score: Decimal
    next_due_on: date | None
    url: str


@dataclass(frozen=True)
class Proposal:
    """How often an item seems to hold. ``sentence``: code of ``proposing.SENTENCES``, ``names`` what it tells; ``sure``: it follows from a record
    that was judged; ``proof``: the record itself proves it."""

    count: int
    sentence: str
    names: str
    sure: bool = False
    url: str = ""
    proof: str = ""


def standing_of(enterprise_id: UUID, actor: Actor | None = None) -> Standing | None:
    """The newest accepted grading that ``actor`` may see (``None``: no check, for processes); ``None`` without one. Exercises left out."""
    from anlan.prevent.standing import queries, rules

    for row in queries.of_enterprise(enterprise_id, actor):
        if row.state == rules.ACCEPTED and not row.exercise and row.review_score is not None:
            return Standing(row.pk, row.year, row.colour, row.review_score, row.next_due_on, queries.address(row.pk))
    return None


def register_proposals(code: str, provider: Callable[[UUID, date], dict[str, Proposal]]) -> None:
    """Let a room above propose answers (accidents of the last years): ``provider(enterprise_id, day)``. Call it once, in ``ready()``."""
    from anlan.prevent.standing import proposing

    proposing.more[code] = provider


class Held(NamedTuple):
    """The colour that held of an enterprise, with the score the bureau found."""

    enterprise_id: UUID
    score: Decimal
    colour: str


def held_at(at: datetime, enterprise_ids: Collection[UUID] | None = None) -> list[Held]:
    """The newest accepted grading of each enterprise at a moment (``None``: of every one that had one). No check: for processes."""
    from anlan.prevent.standing import queries

    return [Held(*each) for each in queries.held_at(at, enterprise_ids)]
