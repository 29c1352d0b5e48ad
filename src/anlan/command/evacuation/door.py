"""What other rooms may ask of evacuation, and what evacuation announces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.command.evacuation.rules import Account
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["Account", "EvacuationChanged", "EvacuationClosed", "EvacuationOrdered", "EvacuationSummary", "ShelterFilled"]


@dataclass(frozen=True, kw_only=True)
class EvacuationOrdered(Event):
    """An evacuation was ordered; ``subject_id`` is the evacuation (so in every event here)."""

    kind: ClassVar[str] = "evacuation.ordered"
    action: ClassVar[str] = "evacuation.view"
    urgent: ClassVar[bool] = True
    title: str
    people: int


@dataclass(frozen=True, kw_only=True)
class EvacuationChanged(Event):
    """Where people are changed, or a place, shelter, vehicle or wave of return."""

    kind: ClassVar[str] = "evacuation.changed"
    action: ClassVar[str] = "evacuation.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class EvacuationClosed(Event):
    """An evacuation ended: nobody is away any more without being accounted for."""

    kind: ClassVar[str] = "evacuation.closed"
    action: ClassVar[str] = "evacuation.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class ShelterFilled(Event):
    """How many are at an opened shelter changed: ``people`` of this evacuation, ``facility_id`` the shelter's record."""

    kind: ClassVar[str] = "evacuation.shelter"
    action: ClassVar[str] = "evacuation.view"
    facility_id: str
    people: int


@dataclass(frozen=True)
class EvacuationSummary:
    """One evacuation as other rooms see it."""

    id: UUID
    title: str
    state: str
    state_label: str
    place_code: str
    incident_id: UUID | None
    ordered_at: datetime | None
    emptied_at: datetime | None
    closed_at: datetime | None
    account: Account
    exercise: bool
    address: str


def evacuation(evacuation_id: UUID | str, actor: Actor | None) -> EvacuationSummary:
    """One evacuation. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.command.evacuation import queries

    return queries.summary(queries.evacuation(evacuation_id, actor))


def of_incident(incident_id: UUID, actor: Actor | None) -> tuple[EvacuationSummary, ...]:
    """Evacuations of an incident, newest first."""
    from anlan.command.evacuation import queries

    return tuple(queries.summary(row) for row in queries.evacuations(actor).filter(incident_id=incident_id))


def live(actor: Actor, *, limit: int = 20) -> tuple[EvacuationSummary, ...]:
    """Evacuations ordered and not ended that ``actor`` may see, newest first."""
    from anlan.command.evacuation import queries, rules

    return tuple(queries.summary(row) for row in queries.evacuations(actor).filter(state__in=rules.LIVE)[:limit])


def prepare(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Prepare an evacuation (see ``services.prepare``); returns its id."""
    from anlan.command.evacuation import services

    return services.prepare(values, actor=actor, now=now).pk
