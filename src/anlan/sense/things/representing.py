"""Entities as JSON (OGC 18-088, 8 and 9.2.3): identifiers, links, properties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anlan.ground.places import door as places
from anlan.sense.devices.door import SensorClass
from anlan.sense.stream.door import Observed
from anlan.sense.things.entities import TYPES, EntityType, written
from anlan.sense.things.models import Description, Equipment, Point
from anlan.sense.things.rules import GEOJSON, HTML, OM_MEASUREMENT
from anlan.sense.things.wording import DEFINITION, unit
from anlan.wire import observations


@dataclass(frozen=True)
class Reading:
    """An Observation: a stored reading and the point it is of."""

    observed: Observed
    point: Point


Row = Equipment | Point | SensorClass | Reading


class Book:
    """What clients said of entities, read once for a page of them."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, UUID], Description | None] = {}

    def read(self, kind: str, subjects: Iterable[UUID]) -> None:
        """Learn what is said of some devices or points as entities of ``kind``."""
        missing = [subject for subject in subjects if (kind, subject) not in self._told]
        if missing:
            self._told |= {(kind, subject): None for subject in missing}
            self._told |= {(kind, row.subject): row for row in Description.objects.filter(entity=kind, subject__in=missing)}

    def of(self, kind: str, subject: UUID) -> Description | None:
        """What is said of one."""
        self.read(kind, (subject,))
        return self._told[kind, subject]


def key_of(kind: EntityType, row: Row) -> str | int:
    """The identifier of a row as an entity of ``kind``."""
    match row:
        case Point():
            return row.channel
        case SensorClass():
            return row.code
        case Reading():
            return observations.identifier(row.observed.channel, row.observed.at_ms)
    return str(row.id)


def self_link(base: str, kind: EntityType, row: Row) -> str:
    """The address of an entity."""
    return f"{base}/{kind.plural}({written(kind, key_of(kind, row))})"


def entity(base: str, kind: EntityType, row: Row, book: Book, select: tuple[str, ...] = ()) -> dict[str, Any]:
    """One entity. ``select``: names of what to tell; empty: everything."""
    link = self_link(base, kind, row)
    told = {"@iot.id": key_of(kind, row), "@iot.selfLink": link, **properties(kind, row, book)}
    links = {f"{name}@iot.navigationLink": f"{link}/{name}" for name in kind.links}
    if not select:
        return told | links
    wanted = {"@iot.id" if name == "id" else name.partition("/")[0] for name in select}
    chosen = {name: value for name, value in told.items() if name in wanted}
    return chosen | {name: value for name, value in links.items() if name.partition("@")[0] in wanted}


def properties(kind: EntityType, row: Row, book: Book) -> dict[str, Any]:
    """The properties of an entity in the order of the standard."""
    match row:
        case Equipment():
            return _of_equipment(kind.name, row, book)
        case Point():
            return _of_point(kind.name, row, book)
        case SensorClass():
            return {
                "name": row.name_zh,
                "definition": f"{DEFINITION}{row.code}",
                "description": f"{row.name_en}: {row.quantity}",
                "properties": {"unit": row.unit, "nameEn": row.name_en},
            }
    return observations.told(row.observed.at_ms, row.observed.value, row.observed.quality)


def _of_equipment(kind: str, row: Equipment, book: Book) -> dict[str, Any]:
    if kind == "HistoricalLocation":
        return {"time": observations.instant(round(row.created_at.timestamp() * 1000))}
    told = book.of(kind, row.id)
    name = (told.name if told else "") or row.name
    described = {"name": name, "description": (told.description if told else "") or row.location_note or row.name}
    own = dict(told.properties) if told else {}
    match kind:
        case "Thing":
            return described | {"properties": own | _equipment_properties(row)}
        case "Location":
            return described | {"encodingType": GEOJSON, "location": position(row), "properties": own}
    placed = own | {"placeCode": row.place_code, "place": places.full_name(row.place_code)}
    return described | {"encodingType": GEOJSON, "feature": position(row) or _of_place(row.place_code), "properties": placed}


def _equipment_properties(row: Equipment) -> dict[str, Any]:
    return {
        "code": row.code,
        "deviceClass": row.device_class,
        "state": row.state,
        "manufacturer": row.manufacturer,
        "modelNumber": row.model_number,
        "enterprise": str(row.enterprise_id),
        "placeCode": row.place_code,
    }


def _of_point(kind: str, row: Point, book: Book) -> dict[str, Any]:
    told = book.of(kind, row.id)
    name = row.name if kind == "Datastream" else (told.name if told else "") or row.name
    described = {"name": name, "description": (told.description if told else "") or row.name}
    own = dict(told.properties) if told else {}
    known = own | {
        "code": row.code,
        "decimals": row.decimals,
        "rangeLow": row.range_low,
        "rangeHigh": row.range_high,
        "inUse": row.in_use,
        "placeCode": row.place_code,
    }
    if kind == "Sensor":
        told_metadata = told.metadata if told else ""
        encoding = (told.encoding if told else "") or HTML
        return described | {"encodingType": encoding, "metadata": told_metadata or f"/sensors/{row.id}/", "properties": known}
    stream = {"unitOfMeasurement": unit(row.unit), "observationType": OM_MEASUREMENT}
    area = position(row.device) if row.device is not None else None
    return described | stream | ({"observedArea": area} if area else {}) | {"properties": known}


def position(row: Equipment) -> dict[str, Any] | None:
    """The device's position as GeoJSON; ``None`` when it is not known."""
    if row.longitude is None or row.latitude is None:
        return None
    return {"type": "Point", "coordinates": [row.longitude, row.latitude]}


def _of_place(code: str) -> dict[str, Any] | None:
    """The middle of the place that is answerable, where a device's own position is not known."""
    box = places.bounds(code)
    return None if box is None else {"type": "Point", "coordinates": [box.centre.longitude, box.centre.latitude]}


def data_arrays(base: str, found: Iterable[Reading], select: tuple[str, ...]) -> list[dict[str, Any]]:
    """Observations as arrays by Datastream (OGC 18-088, 13)."""
    kind = TYPES["Observation"]
    components = [name for name in ("id", *kind.properties) if not select or name in select]
    by_stream: dict[int, list[list[Any]]] = {}
    for reading in found:
        told = {"id": key_of(kind, reading), **properties(kind, reading, Book())}
        by_stream.setdefault(reading.observed.channel, []).append([told.get(name) for name in components])
    return [
        {
            "Datastream@iot.navigationLink": f"{base}/Datastreams({channel})",
            "components": components,
            "dataArray@iot.count": len(rows),
            "dataArray": rows,
        }
        for channel, rows in by_stream.items()
    ]
