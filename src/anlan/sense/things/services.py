"""The verbs: Things, Locations and Datastreams enter the registry through its own door, Observations the stream through the uplink's.

What the registry has no column for (descriptions, properties of the client's own) is kept beside it in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from anlan.kernel.access import Actor
from anlan.ledger.changes import change
from anlan.sense.devices import door as devices
from anlan.sense.things import bodies, queries
from anlan.sense.things.bodies import Body
from anlan.sense.things.entities import TYPES
from anlan.sense.things.models import Description, Equipment, Point
from anlan.sense.things.representing import Reading, Row
from anlan.sense.things.rules import (
    CHANGE,
    REGISTER,
    SEND,
    CreatedElsewhere,
    MalformedEntity,
    NotChangeable,
    OnlyMachines,
)
from anlan.sense.uplink import door as uplink
from anlan.wire import blocks, observations
from anlan.wire.readings import Sample


@transaction.atomic
def create_thing(body: Body, *, actor: Actor, now: datetime) -> Equipment:
    """Register a device with its position and points. Raises ``MalformedEntity``, ``NotPermitted`` and what the registry refuses."""
    places = _listed(body, "Locations")
    if len(places) > 1:
        raise MalformedEntity(reason="Locations > 1")
    values: dict[str, object] = {
        "code": bodies.code(body, "T-"),
        "name": bodies.text(body, "name", 120, needed=True),
        "device_class": "other",
        **_device_columns(body),
    }
    owner = actor.enterprise_id or bodies.enterprise(body)
    if owner is None:
        raise MalformedEntity(reason="properties/enterprise")
    if actor.kind == uplink.MACHINE:
        # What a machine enters sends behind the machine's own credential, and is in use until a person says otherwise.
        values |= {"credential_id": actor.account_id, "state": "in_use"}
    if places:
        values["longitude"], values["latitude"] = bodies.position(bodies.checked(places[0]))
    made = devices.register_device(owner, values, actor=actor, now=now)
    row = Equipment.objects.get(pk=made.id)
    _describe("Thing", row, body, actor=actor, now=now)
    if places:
        _describe("Location", row, bodies.checked(places[0]), actor=actor, now=now)
    for stream in _listed(body, "Datastreams"):
        create_datastream({**bodies.checked(stream), "Thing": {"@iot.id": str(row.pk)}}, actor=actor, now=now)
    return row


@transaction.atomic
def create_datastream(body: Body, *, actor: Actor, now: datetime) -> Point:
    """Add a measuring point to a device. Raises ``MalformedEntity``, ``UnknownObservedProperty``, ``EntityNotFound``, ``NotPermitted``."""
    if body.get("Observations"):
        raise CreatedElsewhere(entity="Observations", how="Datastreams(<id>)/Observations")
    device = queries.one(TYPES["Thing"], str(bodies.reference(body.get("Thing"))), None, actor, "Thing")
    assert isinstance(device, Equipment)
    known = bodies.observed_property(body.get("ObservedProperty"), devices.sensor_classes())
    values: dict[str, object] = {
        "code": bodies.code(body, "D-"),
        "name": bodies.text(body, "name", 120, needed=True),
        "sensor_class": known.code,
        "unit": bodies.symbol(body, known),
        **bodies.columns(body, bodies.POINT_COLUMNS),
    }
    made = devices.add_sensor(device.pk, values, actor=actor, now=now)
    row = Point.objects.select_related("device").get(pk=made.id)
    _describe("Datastream", row, body, actor=actor, now=now)
    instrument = body.get("Sensor")
    if instrument is not None:
        if "@iot.id" in bodies.checked(instrument):
            raise CreatedElsewhere(entity="Sensor", how="Datastream/Sensor")
        _describe("Sensor", row, bodies.checked(instrument), actor=actor, now=now)
    return row


@transaction.atomic
def place_thing(device: Equipment, body: Body, *, actor: Actor, now: datetime) -> Equipment:
    """Say where a device stands. Raises ``MalformedEntity``, ``NotPermitted``."""
    longitude, latitude = bodies.position(body)
    devices.change_device(device.pk, {"longitude": longitude, "latitude": latitude}, actor=actor, now=now)
    _describe("Location", device, body, actor=actor, now=now, action=CHANGE)
    device.refresh_from_db()
    return device


@transaction.atomic
def change_entity(kind: str, row: Row, body: Body, *, actor: Actor, now: datetime) -> None:
    """Change what is told of an entity. Raises ``NotChangeable``, ``MalformedEntity``, ``NotPermitted`` and what the registry refuses."""
    match kind, row:
        case "Thing", Equipment():
            if body.get("Locations"):
                raise NotChangeable(entity="Thing/Locations")
            values = _named(body, 120) | _device_columns(body)
            if values:
                devices.change_device(row.pk, values, actor=actor, now=now)
        case "Location", Equipment():
            if "location" in body:
                place_thing(row, {"location": body["location"]}, actor=actor, now=now)
        case "Datastream", Point():
            if {"observationType", "ObservedProperty", "Thing", "Sensor"} & body.keys():
                raise NotChangeable(entity="Datastream")
            values = _named(body, 120) | bodies.columns(body, bodies.POINT_COLUMNS)
            if "unitOfMeasurement" in body:
                raise NotChangeable(entity="Datastream/unitOfMeasurement")
            if values:
                devices.change_sensor(row.pk, values, actor=actor, now=now)
        case "Sensor", Point():
            pass
        case _:
            raise NotChangeable(entity=kind)
    assert isinstance(row, Equipment | Point)
    _describe(kind, row, body, actor=actor, now=now, action=CHANGE)


def observe(told: Sequence[tuple[Point, Body]], *, actor: Actor, now: datetime) -> list[tuple[int, int]]:
    """Store Observations of points; channel and time of each, in order. Durable when this returns.

    Raises ``OnlyMachines``, ``MalformedObservation``, ``NotANumber``, ``MalformedTime``, ``UnknownDevice``, ``NotStored``.
    """
    if actor.kind != uplink.MACHINE or not actor.may_somewhere(SEND):
        raise OnlyMachines()
    received = round(now.timestamp() * 1000)
    made: list[tuple[int, int]] = []
    of_device: dict[str, list[Sample]] = {}
    for point, body in told:
        at_ms, value, exercise = observed(point, body, received)
        made.append((point.channel, at_ms))
        assert point.device is not None
        of_device.setdefault(point.device.code, []).append(Sample(at_ms, {point.code: value}, exercise))
    for code, samples in of_device.items():
        uplink.observe(actor.name, code, samples, now=now)
    return made


def observed(point: Point, body: Body, received_ms: int) -> tuple[int, float, bool]:
    """Time (ms since 1970 UTC), result and mark of exercise of an Observation that the stream will use. Raises what refuses it."""
    moment, value, exercise = observations.read(body)
    at_ms = received_ms if moment is None else moment
    assert point.device is not None
    beginning = devices.beginning(point.device.commissioned_on, point.device.created_at)
    uplink.check_time(at_ms, beginning, point.sensor_class, received_ms)
    return at_ms, value, exercise


def point_of(found: object, actor: Actor) -> Point:
    """The Datastream that is referred to. Raises ``EntityNotFound``, ``MalformedEntity``."""
    row = queries.one(TYPES["Datastream"], str(bodies.reference(found)), None, actor, "Datastream")
    assert isinstance(row, Point)
    return row


def create(kind: str, near: queries.Near | None, body: Body, *, actor: Actor, now: datetime) -> Row:
    """Create an entity of ``kind``, reached from ``near`` where that is not the root. The address of the caller's choice decides the links."""
    match kind:
        case "Thing" if near is None:
            return create_thing(body, actor=actor, now=now)
        case "Datastream":
            if near is not None and isinstance(near.row, Equipment):
                body = {**body, "Thing": {"@iot.id": str(near.row.pk)}}
            return create_datastream(body, actor=actor, now=now)
        case "Location":
            if near is not None and isinstance(near.row, Equipment):
                return place_thing(near.row, body, actor=actor, now=now)
            things = _listed(body, "Things")
            if len(things) != 1:
                raise CreatedElsewhere(entity="Location", how="Things(<id>)/Locations")
            device = queries.one(TYPES["Thing"], str(bodies.reference(things[0])), None, actor, "Things")
            assert isinstance(device, Equipment)
            return place_thing(device, body, actor=actor, now=now)
        case "Observation":
            point = near.row if near is not None and isinstance(near.row, Point) else point_of(body.get("Datastream"), actor)
            ((channel, at_ms),) = observe([(point, body)], actor=actor, now=now)
            _moment, value, exercise = observations.read(body)
            assert point.device is not None
            marked = exercise and devices.exercised(point.device.pk, datetime.fromtimestamp(at_ms / 1000, UTC))
            return Reading(queries.Observed(channel, at_ms, value, blocks.EXERCISE if marked else 0), point)
        case "Sensor" | "ObservedProperty":
            raise CreatedElsewhere(entity=kind, how="Things(<id>)/Datastreams")
    raise CreatedElsewhere(entity=kind, how="Things")


def _listed(body: Body, name: str) -> list[Any]:
    found = body.get(name) or []
    if not isinstance(found, list):
        raise MalformedEntity(reason=name)
    return found


def _device_columns(body: Body) -> dict[str, Any]:
    """Columns of a device that properties tell. Raises ``MalformedEntity`` for a class or state that the registry does not know."""
    found = bodies.columns(body, bodies.THING_COLUMNS)
    classes, states = devices.device_codes()
    for name, column, known in (("deviceClass", "device_class", classes), ("state", "state", states)):
        if found.get(column, next(iter(known))) not in known:
            raise MalformedEntity(reason=f"properties/{name}: {', '.join(sorted(known))}")
    return found


def _named(body: Body, most: int) -> dict[str, Any]:
    return {"name": bodies.text(body, "name", most, needed=True)} if "name" in body else {}


def _describe(kind: str, row: Equipment | Point, body: Body, *, actor: Actor, now: datetime, action: str = REGISTER) -> None:
    """Keep what was said of an entity beyond the registry, as far as something was."""
    told: Mapping[str, Any] = {
        "name": bodies.text(body, "name", 200) if kind in {"Location", "Sensor"} else "",
        "description": bodies.text(body, "description", 4000),
        "encoding": bodies.text(body, "encodingType", 120) if kind == "Sensor" else "",
        "metadata": bodies.text(body, "metadata", 20_000) if kind == "Sensor" else "",
        "properties": bodies.own_properties(body),
    }
    before = Description.objects.filter(entity=kind, subject=row.pk).first()
    if not any(told.values()) and (before is None or "properties" not in body):
        return
    with change(actor, action, now=now, record=before, place_code=row.place_code, enterprise_id=row.enterprise_id) as gathered:
        kept = before or _new_description(kind, row, now)
        for name, value in told.items():
            if name == "properties":
                kept.properties = kept.properties | value
            elif value:
                setattr(kept, name, value)
        kept.save()
        gathered.subject = kept


def _new_description(kind: str, row: Equipment | Point, now: datetime) -> Description:
    return Description(
        entity=kind,
        subject=row.pk,
        enterprise_id=row.enterprise_id,
        place_code=row.place_code,
        classification=row.classification,
        created_at=now,
        updated_at=now,
    )
