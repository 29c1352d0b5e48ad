"""What other rooms may ask of consultations, and what consultations announce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ConsultationChanged(Event):
    """A consultation was called, moved on, or something of it was written down; ``subject_id`` is the consultation (so in every event here)."""

    kind: ClassVar[str] = "consultation.changed"
    action: ClassVar[str] = "consultation.view"
    title: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ConsultationSigned(Event):
    """Minutes were signed: the first edition, or a corrected one."""

    kind: ClassVar[str] = "consultation.signed"
    action: ClassVar[str] = "consultation.view"
    title: str
    edition: int


@dataclass(frozen=True)
class ConsultationSummary:
    """One consultation as other rooms see it. ``decisions``: those that stand."""

    id: UUID
    title: str
    state: str
    state_label: str
    place_code: str
    incident_id: UUID | None
    bulletin_id: UUID | None
    starts_at: datetime
    chair_name: str
    decisions: int
    edition: int
    exercise: bool
    address: str


def consultation(consultation_id: UUID | str, actor: Actor | None) -> ConsultationSummary:
    """One consultation. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.command.consultation import queries

    return queries.summary(queries.consultation(consultation_id, actor))


def of_incident(incident_id: UUID, actor: Actor | None) -> tuple[ConsultationSummary, ...]:
    """Consultations about an incident, newest first."""
    from anlan.command.consultation import queries

    return tuple(queries.summary(row) for row in queries.consultations(actor).filter(incident_id=incident_id))


def of_bulletin(bulletin_id: UUID, actor: Actor | None) -> tuple[ConsultationSummary, ...]:
    """Consultations about a warning, newest first."""
    from anlan.command.consultation import queries

    return tuple(queries.summary(row) for row in queries.consultations(actor).filter(bulletin_id=bulletin_id))


def call(values: Mapping[str, Any], whom: Sequence[str], *, actor: Actor, now: datetime) -> UUID:
    """Call a consultation (see ``services.call``); returns its id."""
    from anlan.command.consultation import services

    return services.call(values, whom, actor=actor, now=now).pk
