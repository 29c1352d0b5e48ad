"""What special work permits and commitments announce, and what other rooms may ask of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PermitEvent(Event):
    """Base: ``subject_id`` is the permit; ``state`` as it is now; ``title`` number and content."""

    action: ClassVar[str] = "permits.view"
    title: str
    state: str
    permit_kind: str
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class PermitChanged(PermitEvent):
    """A permit was drafted, confirmed, begun, resumed or finished; ``move`` is the code of what was done."""

    kind: ClassVar[str] = "permits.changed"
    move: str = ""


@dataclass(frozen=True, kw_only=True)
class PermitApproved(PermitEvent):
    """A permit was signed on the spot; it counts against the day's commitment from now on."""

    kind: ClassVar[str] = "permits.approved"


@dataclass(frozen=True, kw_only=True)
class PermitPaused(PermitEvent):
    """Work was paused, held or stopped; ``cause`` a code of ``rules.PAUSES``."""

    kind: ClassVar[str] = "permits.paused"
    cause: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PermitExpired(PermitEvent):
    """A permit ran out; ``overrun``: work under it had begun and nobody had said that it was finished."""

    kind: ClassVar[str] = "permits.expired"
    overrun: bool = False


@dataclass(frozen=True, kw_only=True)
class PermitClosed(PermitEvent):
    """A work was accepted, or its permit cancelled."""

    kind: ClassVar[str] = "permits.closed"


@dataclass(frozen=True, kw_only=True)
class PermitWarned(PermitEvent):
    """Something is due or dangerous: ``about`` is ``ending``, ``record`` or ``alarm``."""

    kind: ClassVar[str] = "permits.warned"
    about: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class CommitmentEvent(Event):
    """Base: ``subject_id`` is the commitment of ``day`` (ISO)."""

    action: ClassVar[str] = "commitments.view"
    day: str
    title: str


@dataclass(frozen=True, kw_only=True)
class CommitmentGiven(CommitmentEvent):
    """An enterprise published its commitment of the day, or corrected it."""

    kind: ClassVar[str] = "commitments.given"
    corrected: bool = False


@dataclass(frozen=True, kw_only=True)
class CommitmentMissed(CommitmentEvent):
    """The hour of publication passed without a commitment."""

    kind: ClassVar[str] = "commitments.missed"


@dataclass(frozen=True, kw_only=True)
class CommitmentContradicted(CommitmentEvent):
    """More goes on than was committed; ``words`` says what."""

    kind: ClassVar[str] = "commitments.contradicted"
    words: str


@dataclass(frozen=True)
class PermitSummary:
    """One permit as other rooms see it. Coordinates in degrees (CGCS2000)."""

    id: UUID
    number: str
    title: str
    kind: str
    kind_label: str
    grade_label: str
    enterprise_id: UUID
    place_code: str
    location: str
    state: str
    state_label: str
    tone: str
    valid_from: datetime
    valid_until: datetime
    supervisor_name: str
    longitude: float | None
    latitude: float | None
    overrun: bool
    url: str


@dataclass(frozen=True)
class PublishedCommitment:
    """What everybody may read of a day's commitment: counts and grade, the statement, who gave it."""

    enterprise_id: UUID
    day: date
    given_at: datetime
    given_by_name: str
    risk_grade: int
    statement: str
    counts: dict[str, int]


def permit(permit_id: UUID | str, actor: Actor | None = None) -> PermitSummary:
    """One permit, as far as ``actor`` may see it (``None``: no check, for processes). Raises ``NotFound``."""
    from anlan.prevent.permits import queries

    return queries.summary(queries.permit(permit_id, actor))


def today(enterprise_id: UUID, actor: Actor | None, now: datetime, *, limit: int = 50) -> tuple[PermitSummary, ...]:
    """Permits of an enterprise that are open, or whose time touches this day; what is going on first; at most ``limit``."""
    from anlan.prevent.permits import queries

    return tuple(queries.summary(row) for row in queries.of_today(enterprise_id, actor, now)[:limit])


def commitment(enterprise_id: UUID, day: date) -> PublishedCommitment | None:
    """The published commitment of a day (China): it is public by its nature, so that nobody's rights are asked. ``None``: none was given."""
    from anlan.prevent.permits import queries

    return queries.published(enterprise_id, day)


class WorkCounts(NamedTuple):
    """Works that go on in an enterprise: of the highest grades, others, and those whose permit ran out before anybody said they were finished."""

    enterprise_id: UUID
    top: int
    other: int
    overrun: int


class CommitmentMark(NamedTuple):
    """The day's commitment of an enterprise where something is wrong with it."""

    enterprise_id: UUID
    missing: bool
    contradicted: bool


def works_at(at: datetime, enterprise_ids: Collection[UUID] | None = None) -> list[WorkCounts]:
    """Works that went on at a moment, by enterprise (``None``: every one that had any). Exercises left out. No check: for processes."""
    from anlan.prevent.permits import as_of

    return as_of.works(at, enterprise_ids)


def conflicts_at(at: datetime, enterprise_ids: Collection[UUID] | None = None) -> dict[UUID, int]:
    """Conflicts between permits open at a moment that nobody had answered by then, by enterprise. No check: for processes."""
    from anlan.prevent.permits import as_of

    return as_of.conflicts_at(at, enterprise_ids)


def commitments_at(at: datetime, enterprise_ids: Collection[UUID] | None = None) -> list[CommitmentMark]:
    """Commitments of the day of a moment that were missing or are contradicted by what is known. No check: for processes."""
    from anlan.prevent.permits import as_of

    return as_of.commitments(at, enterprise_ids)
