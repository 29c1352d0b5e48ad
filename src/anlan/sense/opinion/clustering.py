"""Which topic a post belongs to, and why. Pure: a post, the topics of the time around it and how alike its text is to their posts.

A post joins a topic where its text is a copy of one there, or where kind, time and place (or enterprise) agree. Everything that agreed is told as a
reason; nothing is learnt and nothing is weighed that a person could not check by looking at the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel.levels import Level, covers, level_of, prefix_of

HOUR = timedelta(hours=1)
RELATED: tuple[frozenset[str], ...] = (
    frozenset({"fire", "explosion"}),
    frozenset({"hazchem_leak", "poisoning"}),
    frozenset({"hazchem_leak", "explosion"}),
)
"""Kinds of which one accident is often told as either."""
NEARLY = 40
"""Characters of a reason's figures that are told."""


@dataclass(frozen=True)
class Figures:
    """The figures of ``data/parameters.csv`` that joining needs: hours, and shares of one."""

    window: timedelta
    near: timedelta
    copy: float
    alike: float


@dataclass(frozen=True)
class Candidate:
    """What of a post decides. ``places``: every place it may mean, best first; ``enterprise_id``: the one it names, if any."""

    kind: str
    exercise: bool
    places: tuple[str, ...]
    enterprise_id: UUID | None
    published_at: datetime
    happened: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class Standing:
    """What of a topic decides. ``place``: empty where none is told."""

    id: UUID
    kind: str
    exercise: bool
    place: str
    enterprise_id: UUID | None
    enterprise_name: str
    first_at: datetime
    last_at: datetime
    happened: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class Joined:
    """The answer: a topic, or ``None`` for one of its own; with the reasons (codes of ``rules.JOIN_REASONS`` and their facts)."""

    topic_id: UUID | None
    reasons: tuple[dict[str, Any], ...]


def choose(post: Candidate, topics: Sequence[Standing], alike: Mapping[UUID, float], figures: Figures) -> Joined:
    """The topic with the most that agrees. ``alike``: the greatest likeness (0 to 1) to a post of each topic."""
    best: tuple[tuple[float, ...], Joined] | None = None
    for topic in topics:
        reasons, weight = _agreement(post, topic, alike.get(topic.id, 0.0), figures)
        if reasons and (best is None or weight > best[0]):
            best = (weight, Joined(topic.id, tuple(reasons)))
    return best[1] if best is not None else Joined(None, ({"code": "first", "facts": {}},))


def _agreement(post: Candidate, topic: Standing, likeness: float, figures: Figures) -> tuple[list[dict[str, Any]], tuple[float, ...]]:
    apart = distance(post.published_at, topic)
    place = shared_place(post.places, topic.place)
    if post.exercise != topic.exercise or apart > figures.window or (post.places and topic.place and place is None):
        return [], ()
    copied = likeness >= figures.copy
    same_enterprise = post.enterprise_id is not None and post.enterprise_id == topic.enterprise_id
    other_enterprise = post.enterprise_id is not None and topic.enterprise_id is not None and not same_enterprise
    related = is_related(post.kind, topic.kind)
    exact = place is not None and level_of(place) >= Level.COUNTY
    in_time = _in_time(post, topic, apart, figures)
    joins = copied or (
        related
        and in_time
        and not other_enterprise
        and (same_enterprise or (exact and (post.kind == topic.kind or likeness >= figures.alike / 2)) or likeness >= figures.alike)
    )
    if not joins:
        return [], ()
    reasons = [_told("copy" if copied else "alike", percent=round(likeness * 100))] if copied or likeness >= figures.alike else []
    if post.kind and related:
        reasons.append(_told("kind", kind=post.kind))
    if place is not None:
        reasons.append(_told("place", place=place))
    if same_enterprise:
        reasons.append(_told("enterprise", name=topic.enterprise_name))
    reasons.append(_told("time", hours=int(apart / HOUR)))
    return reasons, (copied, same_enterprise, exact, post.kind == topic.kind, likeness, -apart / HOUR)


def _told(code: str, **facts: object) -> dict[str, Any]:
    return {"code": code, "facts": facts}


def distance(moment: datetime, topic: Standing) -> timedelta:
    """How far a moment lies outside a topic's span of posts."""
    return max(moment - topic.last_at, topic.first_at - moment, timedelta(0))


def is_related(one: str, other: str) -> bool:
    """Whether two kinds may be one event."""
    return one == other or any({one, other} <= pair for pair in RELATED)


def _in_time(post: Candidate, topic: Standing, apart: timedelta, figures: Figures) -> bool:
    """Told times must lie near each other; where one tells none, the publishing must."""
    if post.happened is None or topic.happened is None:
        return apart <= figures.near
    gap = max(post.happened[0] - topic.happened[1], topic.happened[0] - post.happened[1], timedelta(0))
    return gap <= figures.near


def shared_place(places: Sequence[str], place: str) -> str | None:
    """The finer of a topic's place and the first of a post's places that holds it or lies in it; ``None`` where they have nothing in common."""
    if not place:
        return None
    for code in places:
        if covers(prefix_of(place), code):
            return code
        if covers(prefix_of(code), place):
            return place
    return None
