"""What other rooms may ask of judgements, and what judgements announce."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.command.judgement.facts import AreaToLeave, PlaceToLeave, ReportFacts, ZoneFacts
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["AreaToLeave", "JudgementChanged", "JudgementRun", "JudgementSummary", "PlaceToLeave", "ReportFacts", "ZoneFacts"]


@dataclass(frozen=True, kw_only=True)
class JudgementRun(Event):
    """A run ended; ``subject_id`` is the judgement, ``run_id`` the run, ``state`` how it ended. ``automatic``: readings asked for it."""

    kind: ClassVar[str] = "judgement.run"
    action: ClassVar[str] = "judgement.view"
    title: str
    run_id: str
    number: int
    state: str
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class JudgementChanged(Event):
    """A judgement was opened or closed, or a run was asked for or called off."""

    kind: ClassVar[str] = "judgement.changed"
    action: ClassVar[str] = "judgement.view"
    title: str


@dataclass(frozen=True)
class JudgementSummary:
    """One judgement as other rooms see it. ``sentence``: the newest answer in one sentence of the reader's language; empty: there is none yet."""

    id: UUID
    title: str
    kind: str
    kind_label: str
    state: str
    state_label: str
    place_code: str
    enterprise_id: UUID | None
    alarm_id: UUID | None
    filing_id: UUID | None
    incident_id: UUID | None
    risk_source_id: UUID | None
    longitude: float | None
    latitude: float | None
    opened_at: datetime
    opened_by_name: str
    exercise: bool
    run_id: UUID | None
    run_number: int
    run_at: datetime | None
    sentence: str
    address: str


def judgement(judgement_id: UUID | str, actor: Actor | None) -> JudgementSummary:
    """One judgement. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.command.judgement import queries, wording

    return wording.summary(queries.judgement(judgement_id, actor))


def for_subject(kind: str, subject_id: UUID, actor: Actor | None) -> tuple[JudgementSummary, ...]:
    """Judgements made for an ``alarm``, ``filing``, ``incident`` or ``risk_source``, newest first."""
    from anlan.command.judgement import queries, wording

    return tuple(wording.summary(row) for row in queries.for_subject(kind, subject_id, actor))


def latest_zones(
    actor: Actor | None,
    *,
    at: datetime,
    box: tuple[float, float, float, float] | None = None,
    incident_id: UUID | None = None,
    limit: int = 100,
) -> tuple[ZoneFacts, ...]:
    """Zones of the newest answer before ``at`` of every live judgement that ``actor`` may see: in a box (west, south, east, north), or of an
    incident; the worst zone of each last, so that it lies on top."""
    from anlan.command.judgement import facts, queries

    runs = queries.latest_runs(actor, at=at, box=box, incident_id=incident_id, limit=limit)
    return tuple(zone for run in runs for zone in facts.zones(run))


def zones_of(run_id: UUID | str, actor: Actor | None = None) -> tuple[ZoneFacts, ...]:
    """Zones of one run, the worst first. Raises ``NotFound``."""
    from anlan.command.judgement import facts, queries

    return tuple(reversed(facts.zones(queries.run(run_id, actor))))


def report_facts(run_id: UUID | str, actor: Actor | None) -> ReportFacts:
    """Everything a sheet about one run needs, in plain values. Raises ``NotFound``, ``NotComputed``."""
    from anlan.command.judgement import facts, queries

    return facts.report(queries.run(run_id, actor), actor)


def area_to_leave(run_id: UUID | str, at: datetime, actor: Actor | None) -> AreaToLeave:
    """Who is to leave which place by one run, and where to, for whoever clears the area. Raises ``NotFound``."""
    from anlan.command.judgement import clearing, queries

    return clearing.area_to_leave(queries.run(run_id, actor), at)
