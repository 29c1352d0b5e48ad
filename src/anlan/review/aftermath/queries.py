"""Reads of reviews: the record, its lines, its figures and what they were elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from anlan.command.incidents import door as incidents
from anlan.command.incidents.door import TimelineLine
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.review.aftermath import rules
from anlan.review.aftermath.door import LessonSummary
from anlan.review.aftermath.models import Lesson, Review


def reviews(actor: Actor | None) -> QuerySet[Review]:
    """Reviews that ``actor`` may see, newest incident first."""
    rows = Review.objects.all()
    return rows if actor is None else visible(rows, actor, "aftermath.view")


def review(review_id: UUID | str, actor: Actor | None) -> Review:
    """One review. Raises ``NotFound``."""
    found = reviews(actor).filter(pk=review_id).first()
    if found is None:
        raise NotFound(what=str(review_id))
    return found


def of_incident(incident_id: UUID, actor: Actor | None) -> Review | None:
    """The review of an incident, if there is one that was not dropped."""
    return reviews(actor).filter(incident_id=incident_id).exclude(state=rules.DROPPED).first()


def lesson(row: Review, lesson_id: UUID | str) -> Lesson:
    """One lesson of a review. Raises ``NotFound``."""
    found = row.lessons.select_related("review").filter(pk=lesson_id).first()
    if found is None:
        raise NotFound(what=str(lesson_id))
    return found


def open_lessons(actor: Actor, now: datetime, *, limit: int) -> tuple[LessonSummary, ...]:
    """Lessons not done, nearest day first."""
    rows = visible(Lesson.objects.select_related("review"), actor, "aftermath.view").filter(state=rules.OPEN).order_by("due")[:limit]
    today = law_day(now)
    return tuple(
        LessonSummary(
            row.pk,
            row.review.title,
            row.problem,
            row.measure,
            row.owner_name,
            row.due,
            row.get_state_label(),
            row.due < today,
            address(row.review_id),
        )
        for row in rows
    )


def lines(row: Review, actor: Actor, now: datetime) -> tuple[TimelineLine, ...]:
    """The timeline of the incident as ``actor`` may see it."""
    return incidents.timeline(row.incident_id, actor, now)


def figures(row: Review, found: Sequence[TimelineLine]) -> list[dict[str, Any]]:
    """Indicators of a review: kept ones once it is issued, else reckoned from the lines. Keys ``code``, ``value``, ``part``, ``whole``."""
    if row.state == rules.ISSUED:
        return list(row.figures)
    return plain(rules.reckon(rules.indicator_rules(law_day(row.happened_at)), found))


def plain(found: Sequence[rules.Figure]) -> list[dict[str, Any]]:
    """Figures as the record keeps them."""
    return [{"code": each.code, "value": each.value, "part": each.part, "whole": each.whole} for each in found]


def elsewhere(row: Review, actor: Actor) -> dict[str, float]:
    """Median of each indicator over the other issued reviews of the same kind that ``actor`` may see; exercises are held against exercises."""
    others = reviews(actor).filter(state=rules.ISSUED, kind=row.kind, exercise=row.exercise).exclude(pk=row.pk)
    found: dict[str, list[float]] = {}
    for kept in others.values_list("figures", flat=True)[:200]:
        for each in kept:
            if each["value"] is not None:
                found.setdefault(each["code"], []).append(each["value"])
    return {code: median(values) for code, values in found.items()}


def address(review_id: UUID) -> str:
    """Address of the review's page."""
    return reverse("aftermath:detail", args=[review_id])
