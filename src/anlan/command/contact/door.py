"""What other rooms may ask of contact, and what it announces."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.command.contact.rules import Reachable, Tally
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["ContactAnswered", "ContactUnanswered", "NoticeChanged", "NoticeSent", "Reachable", "Receipt", "Receipts", "Saying", "Tally"]


@dataclass(frozen=True, kw_only=True)
class NoticeChanged(Event):
    """A notice was sent, moved on or ended; ``subject_id`` is the notice (so in every event here)."""

    kind: ClassVar[str] = "contact.changed"
    action: ClassVar[str] = "contact.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class NoticeSent(Event):
    """A notice was sent to more people than are told within the act itself: the worker goes on at once."""

    kind: ClassVar[str] = "contact.sent"
    action: ClassVar[str] = "contact.view"
    urgent: ClassVar[bool] = True
    title: str


@dataclass(frozen=True, kw_only=True)
class ContactAnswered(Event):
    """Somebody confirmed or answered. ``subject_type`` and ``about`` name what the notice was about."""

    kind: ClassVar[str] = "contact.answered"
    action: ClassVar[str] = "contact.view"
    title: str
    who: str
    channel: str
    subject_type: str = ""
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class ContactUnanswered(Event):
    """Every way to somebody was tried and nobody confirmed, or nobody is on the post."""

    kind: ClassVar[str] = "contact.unanswered"
    action: ClassVar[str] = "contact.view"
    urgent: ClassVar[bool] = True
    title: str
    who: str
    line_id: str
    nobody: bool = False
    subject_type: str = ""
    about: str = ""


@dataclass(frozen=True)
class Saying:
    """What is to be said. ``step_minutes``: how long a confirmation is waited for before the next channel; ``None``: the rule in force."""

    title: str
    body: str = ""
    exercise: bool = False
    step_minutes: int | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of one receiver."""

    name: str
    post: str
    state: str
    state_label: str
    told_at: datetime | None
    told_by: str
    confirmed_at: datetime | None
    confirmed_by: str
    confirmed_name: str
    answer: str
    key: str = ""


@dataclass(frozen=True)
class Receipts:
    """A notice with what became of everybody."""

    notice_id: UUID
    title: str
    at: datetime
    by: str
    state: str
    address: str
    tally: Tally
    lines: tuple[Receipt, ...]


DutyTeller = Callable[[str, datetime], Iterable[Reachable]]
"""``teller(place_code, now)``: who is on duty at exactly a place."""


def join_duty(teller: DutyTeller) -> None:
    """Let the room that keeps the roster tell who is on duty. Call it once, in ``ready()``."""
    from anlan.command.contact import resolving

    resolving.duty_tellers.append(teller)


def tell(
    saying: Saying,
    whom: Sequence[str],
    channels: Sequence[str],
    *,
    ask_receipt: bool = True,
    subject: tuple[str, UUID, str] | None = None,
    meeting: tuple[UUID, datetime] | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Tell people and posts: ``whom`` are keys (``account:<id>``, ``duty:<place>``, ``organisation:<id>``, ``contact:<id>``, ``enterprise:<id>``,
    ``resource:<id>``, ``group:<id>``), ``channels`` of ``page``, ``sms``, ``voice``, ``email`` in the order in which they are tried.

    ``subject``: label of a model, id and title of what it is about. ``meeting``: id and hour of the meeting into whose room a link is sent. Raises ``NobodyChosen``, ``NoChannel``, ``BadKey``, ``NotPermitted``.
    """
    from anlan.command.contact import services

    more = {"conference": True, "meeting_id": meeting[0], "meeting_at": meeting[1]} if meeting is not None else None
    return services.tell(saying, whom, channels, ask_receipt=ask_receipt, subject=subject, actor=actor, now=now, more=more).pk


def meeting_link(meeting_id: UUID, name: str, at: datetime) -> str:
    """The address by which ``name`` joins the room of a meeting that begins at ``at``; empty without a conference server."""
    from anlan.command.contact import conference

    return conference.link(conference.Server.of(os.environ), conference.room_name(meeting_id), name, at)


def as_invited(keys: Sequence[str], now: datetime) -> tuple[Reachable, ...]:
    """Who is meant by keys, one line for each; a post stays the post. Groups are told by their members. Raises ``BadKey``."""
    from anlan.command.contact import resolving

    return tuple(resolving.as_invited(keys, now))


def sorts(actor: Actor, text: str, now: datetime) -> Sequence[Any]:
    """Whom ``actor`` may choose, by sort, as ``contact/_sorts.html`` shows them."""
    from anlan.command.contact import choosing

    return choosing.sorts(actor, text, now)


def receipts(notice_id: UUID | str, actor: Actor | None) -> Receipts:
    """What became of a notice. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.command.contact import queries

    return queries.receipts(queries.notice(notice_id, actor))


def about(subject_id: UUID, actor: Actor | None) -> tuple[Receipts, ...]:
    """Notices about one thing, newest first."""
    from anlan.command.contact import queries

    return tuple(queries.receipts(row) for row in queries.notices(actor).filter(subject_id=subject_id))


def unanswered(actor: Actor, since: datetime) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Titles of the notices and roll calls sent since a moment, each with the names of those whom no way reached."""
    from anlan.command.contact import queries

    return tuple((row.title, tuple(names)) for row, names in queries.unanswered(actor, since))
