"""What other rooms may ask of public opinion, and how rooms above it tell what a topic may be about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class TopicHint(Event):
    """People write of casualties or of a registered enterprise, and no report is linked: those on duty are told, as a hint. ``number``: which time."""

    kind: ClassVar[str] = "opinion.hint"
    action: ClassVar[str] = "opinion.view"
    title: str
    number: int
    posts: int


@dataclass(frozen=True, kw_only=True)
class TopicChanged(Event):
    """A topic is new, got posts, or was arranged, judged, settled or linked."""

    kind: ClassVar[str] = "opinion.topic"
    action: ClassVar[str] = "opinion.view"
    title: str


@dataclass(frozen=True)
class Subject:
    """A filing or incident that a topic may be about, as its own room tells it. ``kind``: ``filing`` or ``incident``; ``event_kind``: a code of kinds."""

    kind: str
    label: str
    id: UUID
    title: str
    event_kind: str
    place_code: str
    occurred_at: datetime
    enterprise_id: UUID | None
    url: str


@dataclass(frozen=True)
class Asked:
    """Which subjects are asked for: below a place prefix, occurred between two moments, visible to ``actor``."""

    place_prefix: str
    since: datetime
    until: datetime
    actor: Actor


@dataclass(frozen=True)
class Guess:
    """One value that posts seem to tell, for a form: never a fact. ``why``: in words, what it was read from."""

    field: str
    value: Any
    why: str


Provider = Callable[[Asked], Iterable[Subject]]
providers: dict[str, Provider] = {}
"""By kind of subject; filled by the assembly."""


@dataclass
class Drafting:
    """Where a report is begun from a topic (a path without its query), and the action that needs; empty where no room takes reports."""

    path: Callable[[], str] | None = None
    action: str = ""


drafting = Drafting()


def register_subjects(kind: str, provider: Provider) -> None:
    """Let a room above tell its cases (``filing``, ``incident``) that lie near a topic. Called once, by the assembly."""
    providers[kind] = provider


def register_drafting(path: Callable[[], str], action: str) -> None:
    """Name the form that begins a report; it is opened with ``?opinion=<topic>`` and asks :func:`guesses`. Called once, by the assembly."""
    drafting.path, drafting.action = path, action


def guesses(topic_id: UUID | str, actor: Actor) -> tuple[Guess, ...]:
    """What a topic's posts tell, by the field names of a report. Raises ``NotFound`` when there is no such topic that ``actor`` may see."""
    from anlan.sense.opinion import guessing, queries

    return guessing.for_report(queries.topic(topic_id, actor))


def link(topic_id: UUID | str, kind: str, subject_id: UUID, title: str, *, url: str, actor: Actor, now: datetime) -> None:
    """Note that a person said what a topic is about; ``url``: the page of that. Raises ``NotFound``, ``NotPermitted``."""
    from anlan.sense.opinion import services

    services.link(topic_id, kind, subject_id, title, url=url, actor=actor, now=now)


def take(posts: Sequence[Mapping[str, Any]], *, via: str, actor: Actor, now: datetime) -> int:
    """Take posts in (see ``services.take`` for the values); how many were new."""
    from anlan.sense.opinion import services

    return services.take(posts, via=via, actor=actor, now=now).new


def judge(topic_id: UUID | str, verdict: str, *, grounds: str, actor: Actor, now: datetime, **more: str) -> None:
    """Give a verdict (see ``services.judge``)."""
    from anlan.sense.opinion import services

    services.judge(topic_id, verdict, grounds=grounds, actor=actor, now=now, **more)


def topics_like(words: str, actor: Actor | None) -> tuple[UUID, ...]:
    """Topics whose title holds ``words``, newest first."""
    from anlan.sense.opinion import queries

    return tuple(queries.topics(actor).filter(title__contains=words).values_list("pk", flat=True)[:20])
