"""What other rooms may ask of field units, and what field units announce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class FieldUnitChanged(Event):
    """A unit was enrolled or changed; ``subject_id`` is the unit."""

    kind: ClassVar[str] = "field.changed"
    action: ClassVar[str] = "field.view"
    callsign: str


@dataclass(frozen=True, kw_only=True)
class FieldUnitsMoved(Event):
    """Units of a place sent positions; ``subject_id`` is one of them. Told at most once a batch and place."""

    kind: ClassVar[str] = "field.moved"
    action: ClassVar[str] = "field.view"
    count: int


@dataclass(frozen=True)
class FieldUnitSummary:
    """One unit as other rooms see it; degrees; ``state``: ``live``, ``stale`` or ``silent`` at the moment asked for."""

    id: UUID
    callsign: str
    team: str
    place_code: str
    incident_id: UUID | None
    longitude: float | None
    latitude: float | None
    position_at: datetime | None
    state: str
    exercise: bool


def units(actor: Actor | None, *, at: datetime, incident_id: UUID | None = None) -> tuple[FieldUnitSummary, ...]:
    """Units in use that ``actor`` may see, of an incident (``None``: all), by callsign; at most 1,000."""
    from anlan.command.field import queries, rules

    rows = queries.units(actor).filter(active=True)
    if incident_id is not None:
        rows = rows.filter(incident_id=incident_id)
    return tuple(
        FieldUnitSummary(
            row.pk,
            row.callsign,
            row.team,
            row.place_code,
            row.incident_id,
            row.longitude,
            row.latitude,
            row.position_at,
            rules.state(row.heard_at, row.stale_at, at),
            row.exercise,
        )
        for row in rows.order_by("callsign")[:1000]
    )


def send_shape(
    source: str,
    name: str,
    ring: Ring,
    *,
    severity: int,
    place_code: str,
    incident_id: UUID | None = None,
    exercise: bool = False,
    remarks: str = "",
    now: datetime,
    lasts: timedelta | None = None,
) -> str:
    """Put a closed ring (longitude, latitude) on the maps of the units it concerns; returns its uid. The same ``source`` and ``name`` replace it;
    an older one than stands there is not sent (empty uid)."""
    from anlan.command.field import sending

    shape = sending.Shape(name, tuple((float(x), float(y)) for x, y in ring), severity, remarks)
    sent = sending.send(
        source, [shape], place_code=place_code, incident_id=incident_id, exercise=exercise, now=now, lasts=lasts, keep_others=True
    )
    return sent[0] if sent else ""
