"""What hidden dangers announce, and what other rooms may ask of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class DangerEvent(Event):
    """Base: ``subject_id`` is the danger; ``grade`` empty, ``general`` or ``major``."""

    action: ClassVar[str] = "dangers.view"
    title: str
    grade: str = ""
    by_name: str = ""


@dataclass(frozen=True, kw_only=True)
class DangerFound(DangerEvent):
    """A hidden danger was registered; ``source`` a code of ``rules.SOURCES``; ``repeated``: a like one was found within a year."""

    kind: ClassVar[str] = "dangers.found"
    source: str = ""
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class DangersImported(Event):
    """A batch of ``count`` dangers came in by spreadsheet; ``subject_id`` is the first of them."""

    kind: ClassVar[str] = "dangers.imported"
    action: ClassVar[str] = "dangers.view"
    count: int


@dataclass(frozen=True, kw_only=True)
class DangerGraded(DangerEvent):
    """A danger was graded (or graded anew)."""

    kind: ClassVar[str] = "dangers.graded"


@dataclass(frozen=True, kw_only=True)
class DangerOrdered(DangerEvent):
    """Removal was ordered until ``deadline``."""

    kind: ClassVar[str] = "dangers.ordered"
    deadline: str = ""


@dataclass(frozen=True, kw_only=True)
class DangerRectified(DangerEvent):
    """The enterprise says that it removed the danger; somebody else is to verify it."""

    kind: ClassVar[str] = "dangers.rectified"


@dataclass(frozen=True, kw_only=True)
class DangerVerified(DangerEvent):
    """Somebody else verified the removal."""

    kind: ClassVar[str] = "dangers.verified"


@dataclass(frozen=True, kw_only=True)
class DangerSentBack(DangerEvent):
    """The removal was not accepted; work goes on."""

    kind: ClassVar[str] = "dangers.sent_back"
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class DangerClosed(DangerEvent):
    """A danger was closed, or cancelled as none."""

    kind: ClassVar[str] = "dangers.closed"
    cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class DangerChanged(DangerEvent):
    """Something was done upon a danger that leaves its state: ``act`` is the code of the act."""

    kind: ClassVar[str] = "dangers.changed"
    act: str = ""


@dataclass(frozen=True, kw_only=True)
class DangerListed(DangerEvent):
    """A major danger was put under listed supervision (挂牌督办) by a level (0 nation … 3 county), or taken off (``listed`` false)."""

    kind: ClassVar[str] = "dangers.listed"
    level: int
    listed: bool = True


@dataclass(frozen=True, kw_only=True)
class DangerPublished(DangerEvent):
    """A short text about a major danger may be shown to everybody; it holds no personal data."""

    kind: ClassVar[str] = "dangers.published"
    text: str


@dataclass(frozen=True, kw_only=True)
class DangerEscalated(DangerEvent):
    """A deadline nears (``overdue`` false) or has passed: holders of ``posts`` at ``at_place`` (or in the enterprise) are to be told."""

    kind: ClassVar[str] = "dangers.escalated"
    step: str
    level: str
    posts: str
    at_place: str
    overdue: bool
    deadline: str


@dataclass(frozen=True, kw_only=True)
class PeriodReportSigned(DangerEvent):
    """An enterprise signed its table of a quarter or a year; ``subject_id`` is the table."""

    kind: ClassVar[str] = "dangers.report_signed"
    period: str


@dataclass(frozen=True)
class DangerSummary:
    """One hidden danger as other rooms see it. Coordinates in degrees (CGCS2000); ``criterion``: code of the item that makes it major."""

    id: UUID
    title: str
    enterprise_id: UUID
    place_code: str
    location: str
    grade: str
    grade_label: str
    state: str
    state_label: str
    overdue: bool
    deadline: datetime | None
    found_at: datetime
    longitude: float | None
    latitude: float | None
    url: str
    criterion: str = ""
    closed: bool = False


@dataclass(frozen=True)
class PublishedDanger:
    """What the public may read of a danger: nothing by which a person could be found."""

    id: UUID
    enterprise_name: str
    place_code: str
    text: str
    published_at: datetime
    closed: bool


def danger(danger_id: UUID | str, actor: Actor | None = None) -> DangerSummary:
    """One danger, as far as ``actor`` may see it (``None``: no check, for processes). Raises ``NotFound``."""
    from anlan.prevent.dangers import queries

    return queries.summary(queries.danger(danger_id, actor))


def of_enterprise(enterprise_id: UUID, actor: Actor | None = None, *, limit: int = 50) -> tuple[DangerSummary, ...]:
    """Dangers of one enterprise, those still open first, then the newest; at most ``limit``."""
    from anlan.prevent.dangers import queries

    return tuple(queries.summary(row) for row in queries.of_enterprise(enterprise_id, actor)[:limit])


def of_source(source: str, source_id: UUID, actor: Actor | None = None) -> DangerSummary | None:
    """The danger made from an alarm (``alarm``) or a drawn point (``patrol``), if there is one that ``actor`` may see."""
    from anlan.prevent.dangers import queries

    found = queries.dangers(actor).filter(source=source, source_id=source_id).first()
    return queries.summary(found) if found is not None else None


def report_self_check(
    enterprise_id: UUID,
    *,
    source_id: UUID,
    title: str,
    location: str,
    description: str,
    found_at: datetime,
    longitude: float | None,
    latitude: float | None,
    actor: Actor,
    now: datetime,
) -> DangerSummary:
    """Register what an own check found; ``source_id`` names the result of the check, which makes one danger however often it comes.

    Coordinates in degrees, ``None``: those of the enterprise. Raises as ``services.report``.
    """
    from anlan.prevent.dangers import queries, rules, services

    return queries.summary(
        services.report(
            enterprise_id=enterprise_id,
            source=rules.SELF_CHECK,
            source_id=source_id,
            title=title,
            location=location,
            description=description,
            found_at=found_at,
            longitude=longitude,
            latitude=latitude,
            actor=actor,
            now=now,
        )
    )


def attach(danger_id: UUID, file: evidence.File, *, actor: Actor, now: datetime) -> None:
    """Attach a picture to a danger. The same picture again is the one that is there. Raises the refusals of evidence, ``NotFound``."""
    from anlan.prevent.dangers import queries

    evidence.attach(queries.danger(danger_id, actor), file, actor=actor, now=now)


def open_counts(actor: Actor) -> dict[str, dict[str, int]]:
    """Open dangers by county code (6 digits): ``{"370102": {"open": 12, "major": 2, "overdue": 3, "listed": 1}}``."""
    from anlan.prevent.dangers import statistics

    return {
        row.key: {"open": row.open, "major": row.major, "overdue": row.overdue, "listed": row.listed} for row in statistics.regions(actor)
    }


def published(place_code: str = "", *, limit: int = 50) -> tuple[PublishedDanger, ...]:
    """What was published of dangers below a place, newest first; for everybody."""
    from anlan.prevent.dangers import queries

    return queries.published(place_code, limit)


class DangerCounts(NamedTuple):
    """Open dangers of an enterprise: major ones and others (general or not graded yet), within their deadline and past it."""

    enterprise_id: UUID
    major: int
    major_overdue: int
    other: int
    other_overdue: int


def counts_at(at: datetime, enterprise_ids: Collection[UUID] | None = None) -> list[DangerCounts]:
    """Dangers that were open at a moment, by enterprise (``None``: every one that had any). Exercises left out. No check: for processes."""
    from anlan.prevent.dangers import as_of

    return as_of.counts(at, enterprise_ids)
