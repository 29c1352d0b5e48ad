"""What other rooms may ask of reviews, and what they announce."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ReviewChanged(Event):
    """A review or one of its lessons changed; ``subject_id`` is the review."""

    kind: ClassVar[str] = "aftermath.changed"
    action: ClassVar[str] = "aftermath.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class ReviewIssued(Event):
    """A review was passed: its figures stand."""

    kind: ClassVar[str] = "aftermath.issued"
    action: ClassVar[str] = "aftermath.view"
    title: str


@dataclass(frozen=True)
class LessonSummary:
    """One lesson as other rooms see it; ``late``: its day has passed and it is not done."""

    id: UUID
    review_title: str
    problem: str
    measure: str
    owner_name: str
    due: date
    state_label: str
    late: bool
    address: str


def open_lessons(actor: Actor, now: datetime, *, limit: int = 50) -> tuple[LessonSummary, ...]:
    """Lessons not done that ``actor`` may see, nearest day first."""
    from anlan.review.aftermath import queries

    return queries.open_lessons(actor, now, limit=limit)
