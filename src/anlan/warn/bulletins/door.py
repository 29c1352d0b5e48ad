"""What rooms above may ask of bulletins, and the events they hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.ground.audiences.door import Area, Audience
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = [
    "AUDIENCE_PAGE",
    "Addressed",
    "BulletinExpired",
    "BulletinInfo",
    "BulletinLifted",
    "BulletinPublished",
    "BulletinReturned",
    "BulletinSubmitted",
    "BulletinWords",
    "ForeignMessage",
    "ForeignWarningReceived",
    "awaiting_approval",
    "bulletin",
    "draft",
    "foreign_message",
    "hand_over_area",
    "live",
    "of_incident",
    "words",
]


@dataclass(frozen=True, kw_only=True)
class BulletinSubmitted(Event):
    """A draft awaits approval by a second person."""

    kind: ClassVar[str] = "bulletins.submitted"
    action: ClassVar[str] = "bulletins.view"
    headline: str
    level: str


@dataclass(frozen=True, kw_only=True)
class BulletinReturned(Event):
    """A bulletin was sent back to its writer."""

    kind: ClassVar[str] = "bulletins.returned"
    action: ClassVar[str] = "bulletins.view"
    headline: str
    level: str


@dataclass(frozen=True, kw_only=True)
class BulletinPublished(Event):
    """A bulletin is out (first, update or cancellation, see ``message_kind``)."""

    kind: ClassVar[str] = "bulletins.published"
    action: ClassVar[str] = "bulletins.view"
    urgent: ClassVar[bool] = True
    headline: str
    level: str
    message_kind: str = "Alert"
    incident_id: str = ""


@dataclass(frozen=True, kw_only=True)
class BulletinLifted(Event):
    """A live bulletin was lifted by a cancellation."""

    kind: ClassVar[str] = "bulletins.lifted"
    action: ClassVar[str] = "bulletins.view"
    urgent: ClassVar[bool] = True
    headline: str
    level: str


@dataclass(frozen=True, kw_only=True)
class BulletinExpired(Event):
    """A live bulletin ran out."""

    kind: ClassVar[str] = "bulletins.expired"
    action: ClassVar[str] = "bulletins.view"
    headline: str
    level: str


@dataclass(frozen=True, kw_only=True)
class ForeignWarningReceived(Event):
    """A warning of somebody else came in by a feed; the subject is the foreign warning."""

    kind: ClassVar[str] = "bulletins.foreign"
    action: ClassVar[str] = "bulletins.view"
    headline: str
    sender: str


AUDIENCE_PAGE = "bulletins.audience"
"""The page of panels beside whom a bulletin would be said to, in the editor while it is written and for whoever approves. Subject: :class:`Addressed`."""


@dataclass(frozen=True)
class Addressed:
    """Whom a bulletin would be said to, and what. ``counted``: who is there (counted once for the page and all its panels)."""

    place_code: str
    area: Area
    level: str
    exercise: bool
    counted: Audience
    issuer_name: str
    headline: str
    instruction: str


@dataclass(frozen=True)
class ForeignMessage:
    """A message of somebody else as it came: its bytes, the feed that brought it, whose officers registered that, and its identifier."""

    data: bytes
    feed: str
    place_code: str
    identifier: str
    exercise: bool


@dataclass(frozen=True)
class BulletinInfo:
    """A bulletin as other rooms see it."""

    id: UUID
    identifier: str
    headline: str
    level: str
    level_zh: str
    level_en: str
    tone: str
    state: str
    state_label: str
    message_kind: str
    place_code: str
    area_description: str
    issuer_name: str
    exercise: bool
    incident_id: UUID | None
    drafted_by_name: str
    submitted_at: datetime | None
    approved_by_name: str
    published_at: datetime | None
    expires: datetime
    opened_at: datetime
    url: str


@dataclass(frozen=True)
class BulletinWords:
    """What a published bulletin says, and where: for whoever carries it to people. ``circle``: longitude, latitude in degrees, radius in km."""

    id: UUID
    place_code: str
    level: str
    message_kind: str
    exercise: bool
    headline: str
    description: str
    instruction: str
    headline_en: str
    description_en: str
    instruction_en: str
    issuer_name: str
    area_codes: tuple[str, ...]
    circle: tuple[float, float, float] | None
    published_at: datetime
    expires: datetime
    changes_id: UUID | None
    approved_by_name: str
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = ()
    """What was drawn: polygons of one ring each, longitude and latitude in degrees."""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Words in further languages by their code: ``headline``, ``description``, ``instruction``."""


def words(bulletin_id: UUID) -> BulletinWords | None:
    """What a published bulletin says; ``None`` when there is none or it is not published."""
    from anlan.warn.bulletins import queries

    return queries.words(bulletin_id)


def bulletin(bulletin_id: UUID, actor: Actor) -> BulletinInfo | None:
    """One bulletin that ``actor`` may see, or ``None``."""
    from anlan.warn.bulletins import queries

    return queries.info(bulletin_id, actor)


def foreign_message(warning_id: UUID) -> ForeignMessage | None:
    """The message of a foreign warning (``ForeignWarningReceived``) for whoever reckons with natural hazards.

    ``None`` when it is of another kind, neither real nor an exercise, or not to be believed: its signature is broken, or missing where the
    feed's certificates are registered.
    """
    from anlan.warn.bulletins import natural

    return natural.for_hazards(warning_id)


def awaiting_approval(actor: Actor, limit: int = 20) -> list[BulletinInfo]:
    """Bulletins awaiting approval within the actor's view, oldest first."""
    from anlan.warn.bulletins import queries

    return queries.awaiting_approval(actor, limit)


def live(actor: Actor, limit: int = 20) -> list[BulletinInfo]:
    """Bulletins in force within the actor's view, highest level first."""
    from anlan.warn.bulletins import queries

    return queries.live(actor, limit)


def of_incident(incident_id: UUID, actor: Actor) -> list[BulletinInfo]:
    """Every bulletin linked to an incident that ``actor`` may see, oldest first."""
    from anlan.warn.bulletins import queries

    return queries.of_incident(incident_id, actor)


def hand_over_area(
    area: object,
    *,
    place_code: str,
    origin: str,
    actor: Actor,
    now: datetime,
    headline: str = "",
    subject: str = "",
    incident_id: UUID | None = None,
    exercise: bool = False,
) -> str:
    """Keep an area for a bulletin to be written; returns the address of the editor that starts with it.

    ``area``: polygons of rings (longitude, latitude in degrees) or GeoJSON; ``origin`` says in words where it comes from. It may have more
    vertices than a message may carry: the editor then offers it simplified. Raises the refusals of ``area.read`` and ``NotPermitted``.
    """
    from anlan.warn.bulletins import services

    return services.hand_over_area(
        area,
        place_code=place_code,
        origin=origin,
        actor=actor,
        now=now,
        headline=headline,
        subject=subject,
        incident_id=incident_id,
        exercise=exercise,
    )


def draft(*, actor: Actor, now: datetime, **content: object) -> BulletinInfo:
    """Draft a bulletin on behalf of a room above; see :func:`anlan.warn.bulletins.services.draft` for the content and refusals."""
    from anlan.warn.bulletins import queries, services

    return queries.as_info(services.draft(actor=actor, now=now, **content))  # type: ignore[arg-type]
