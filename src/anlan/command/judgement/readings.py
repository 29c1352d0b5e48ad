"""Fresh readings near a place: who measures what, how far away, how old. What is doubtful, in maintenance or too old is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.geo import Point, haversine_m
from anlan.sense.devices import door as devices
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE, OUT_OF_RANGE

_PAGE = 10_000
NEAREST_ASKED = 60
"""So many of the nearest points are asked for their newest value."""


@dataclass(frozen=True)
class Reading:
    """One fresh value of a measuring point in its own unit; ``distance_m`` from the place asked about, 0 where the point itself has no place."""

    sensor_id: UUID
    name: str
    device_id: UUID
    device_name: str
    sensor_class: str
    unit: str
    value: float
    at: datetime
    distance_m: float
    longitude: float | None
    latitude: float | None
    risk_source_id: UUID | None
    enterprise_id: UUID

    @property
    def full_name(self) -> str:
        """Device and point."""
        return self.name if self.device_name in self.name else f"{self.device_name} {self.name}"


def fresh(
    classes: Iterable[str],
    place: Point | None,
    actor: Actor,
    *,
    now: datetime,
    age: timedelta,
    within_m: float = float("inf"),
    enterprise_id: UUID | None = None,
    risk_source_id: UUID | None = None,
    exercise: bool = False,
) -> tuple[Reading, ...]:
    """Newest readings not older than ``age`` of points that ``actor`` may see, the nearest first. Readings marked as of an exercise count only
    for an exercise. Raises ``StoreSilent``.
    """
    points = _points(classes, place, actor, within_m, enterprise_id, risk_source_id)
    if not points:
        return ()
    newest = devices.latest(point.id for _away, point in points)
    unusable = OUT_OF_RANGE | MAINTENANCE | DOUBTFUL | (0 if exercise else EXERCISE)
    found = []
    for away, point in points:
        if point.id not in newest:
            continue
        at, value, quality = newest[point.id]
        if quality & unusable or not now - age <= at <= now + timedelta(minutes=1):
            continue
        found.append(
            Reading(
                point.id,
                point.name,
                point.device_id,
                point.device_name,
                point.sensor_class,
                point.unit,
                value,
                at,
                away,
                point.longitude,
                point.latitude,
                point.risk_source_id,
                point.enterprise_id,
            )
        )
    return tuple(found)


def _points(
    classes: Iterable[str],
    place: Point | None,
    actor: Actor,
    within_m: float,
    enterprise_id: UUID | None,
    risk_source_id: UUID | None,
) -> Sequence[tuple[float, devices.ListedPoint]]:
    found = []
    for code in classes:
        for point in _every(actor, code, enterprise_id):
            if risk_source_id is not None and point.risk_source_id != risk_source_id:
                continue
            away = _distance(place, point)
            if away <= within_m:
                found.append((away, point))
    found.sort(key=lambda each: (each[0], str(each[1].id)))
    return found[:NEAREST_ASKED]


def _every(actor: Actor, code: str, enterprise_id: UUID | None) -> Iterator[devices.ListedPoint]:
    """Every point of a class, page by page."""
    offset = 0
    while True:
        page = devices.points(actor, sensor_class=code, enterprise_id=enterprise_id, offset=offset, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        offset += _PAGE


def _distance(place: Point | None, point: devices.ListedPoint) -> float:
    if place is None:
        return 0.0
    if point.longitude is None or point.latitude is None:
        return float("inf")
    return haversine_m(place, Point(point.longitude, point.latitude))
