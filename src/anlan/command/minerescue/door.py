"""What other rooms may ask of mine rescue, and what it announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["GasDangerous", "MineRescueChanged", "MineRescueSummary"]


@dataclass(frozen=True, kw_only=True)
class MineRescueChanged(Event):
    """Something of an operation changed; ``subject_id`` is the operation (so in every event here)."""

    kind: ClassVar[str] = "minerescue.changed"
    action: ClassVar[str] = "minerescue.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class GasDangerous(Event):
    """Air that can explode, or nearly, was reported from a place; ``report_id`` is the report, ``inside`` how many people are underground."""

    kind: ClassVar[str] = "minerescue.gas"
    action: ClassVar[str] = "minerescue.view"
    urgent: ClassVar[bool] = True
    title: str
    place: str
    report_id: str
    inside: int


@dataclass(frozen=True)
class MineRescueSummary:
    """One operation: squads and people underground, who must turn back now, until when nobody may go in (``None``: nothing forbids it)."""

    id: UUID
    title: str
    state_label: str
    closed_at: datetime | None
    squads: int
    people: int
    turning: int
    held_until: datetime | None
    exercise: bool
    address: str


def of_incident(incident_id: UUID, actor: Actor | None, now: datetime) -> MineRescueSummary | None:
    """The operation of an incident; ``None`` when there is none that ``actor`` may see."""
    from anlan.command.minerescue import queries

    row = queries.operations(actor).filter(incident_id=incident_id).first()
    return None if row is None else queries.summary(row, now)
