"""What other rooms may ask of field units, and what field units announce."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.wire.cot import Event as CotEvent

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


@dataclass(frozen=True, kw_only=True)
class FieldSpoken(Event):
    """A unit (``subject_id``) said something, was told something, or confirmed a message."""

    kind: ClassVar[str] = "field.spoken"
    action: ClassVar[str] = "field.view"
    callsign: str
    incident_id: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldMarked(Event):
    """A unit (``subject_id``) drew something on its map, changed it or took it away."""

    kind: ClassVar[str] = "field.marked"
    action: ClassVar[str] = "field.view"
    callsign: str


@dataclass(frozen=True, kw_only=True)
class FieldCallRaised(Event):
    """A unit calls for help; ``subject_id`` is the call."""

    kind: ClassVar[str] = "field.call"
    action: ClassVar[str] = "field.view"
    callsign: str
    unit_id: str


@dataclass(frozen=True, kw_only=True)
class FieldCallChanged(Event):
    """A call for help was taken note of or is over; ``subject_id`` is the call."""

    kind: ClassVar[str] = "field.call_changed"
    action: ClassVar[str] = "field.view"
    callsign: str
    unit_id: str


@dataclass(frozen=True)
class FieldLine:
    """One line of what happened with the units of an incident: when, in words, who; ``address``: the unit's page."""

    at: datetime
    title: str
    text: str
    who: str
    unit_id: UUID
    address: str


@dataclass(frozen=True)
class FieldUnitSummary:
    """One unit as other rooms see it; degrees; ``state``: ``calling``, ``live``, ``stale`` or ``silent`` at the moment asked for."""

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
            rules.state(row.heard_at, row.stale_at, at, calling=row.calling),
            row.exercise,
        )
        for row in rows.order_by("callsign")[:1000]
    )


def positions(unit_ids: Collection[UUID]) -> dict[UUID, tuple[float, float, datetime]]:
    """Longitude, latitude and when, of those units that ever told where they are."""
    from anlan.command.field import queries

    rows = queries.units(None).filter(pk__in=list(unit_ids), position_at__isnull=False, longitude__isnull=False, latitude__isnull=False)
    return {
        key: (longitude, latitude, at) for key, longitude, latitude, at in rows.values_list("pk", "longitude", "latitude", "position_at")
    }


def enrol(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Enrol a unit (see ``services.enrol``); returns its id."""
    from anlan.command.field import services

    return services.enrol(actor=actor, now=now, **values).pk


def unit_of(uid: str) -> UUID | None:
    """The unit whose terminal bears this name; ``None`` where none does."""
    from anlan.command.field import queries

    return queries.units(None).filter(uid=uid).values_list("pk", flat=True).first()


def hear(unit_id: UUID, events: Sequence[CotEvent], *, now: datetime) -> None:
    """Enter events as if the unit's terminal had sent them, for demonstrations."""
    from anlan.command.field import heard, purposes, queries, services

    unit = queries.one(unit_id, None)
    told = [(purposes.purpose(event, unit.uid, {unit.uid}), event) for event in events]
    services.take_in({unit.pk: [event for purpose, event in told if purpose == purposes.POSITION]}, now)
    heard.take_in({unit.pk: [each for each in told if each[0] in purposes.KEPT - {purposes.POSITION}]}, now)


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


def seen_at(incident_id: UUID, actor: Actor | None) -> tuple[FieldLine, ...]:
    """What units of an incident said, were told and called for, in order of time, as ``actor`` may see it; the newest 500."""
    from anlan.command.field import queries

    return queries.lines(incident_id, actor)
