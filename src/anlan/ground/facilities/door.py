"""What other rooms may ask of facilities (重要防护目标): schools, hospitals, nursing homes, shelters, villages, markets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from anlan.ground.facilities import rules
from anlan.ground.facilities.rules import KindRow
from anlan.kernel import workdays
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.geo import Point, haversine_m

Area = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
Box = tuple[float, float, float, float]
BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class FacilityRegistered(Event):
    """A facility came into the file; ``subject_id`` is its id."""

    kind: ClassVar[str] = "facilities.registered"
    action: ClassVar[str] = "facilities.view"
    name: str


@dataclass(frozen=True, kw_only=True)
class FacilityChanged(Event):
    """A facility changed; ``state``: open, full or closed."""

    kind: ClassVar[str] = "facilities.changed"
    action: ClassVar[str] = "facilities.view"
    name: str
    state: str


@dataclass(frozen=True)
class Facility:
    """One facility as other rooms see it. Coordinates in degrees; numbers of people are ``None`` while nobody has counted.

    ``priority``: 1 (told first) to 4; ``role``: pupils, residents, patients, visitors, staff, settlement, shelter or none.
    """

    id: UUID
    kind: str
    name: str
    place_code: str
    longitude: float
    latitude: float
    people_day: int | None
    people_night: int | None
    capacity: int | None
    occupied: int | None
    beds: int | None
    state: str
    contact_name: str
    contact_phone: str
    address: str
    classification: int
    counted_on: date | None
    source_note: str

    @property
    def row(self) -> KindRow:
        """The row of its kind: names, role, priority and reason with source and status."""
        return rules.row_of(self.kind)

    @property
    def role(self) -> str:
        """Who is there: pupils, residents, patients, visitors, staff, settlement, shelter, none."""
        return self.row.role

    @property
    def priority(self) -> int:
        """1 (told first) to 4."""
        return self.row.priority

    @property
    def room_left(self) -> int | None:
        """How many more a shelter takes; 0 when closed or full, ``None`` when nobody knows."""
        if self.state != rules.OPEN:
            return 0
        return None if self.capacity is None else max(0, self.capacity - (self.occupied or 0))

    def people_at(self, at: datetime, *, night: bool) -> int | None:
        """How many are there at ``at``: pupils on school days only. A closed facility holds nobody; ``None`` when nobody has counted."""
        if self.state == rules.CLOSED:
            return 0
        row = self.row
        if row.role == rules.SHELTER:
            return self.occupied or 0
        return rules.people_there(row.role, row.school_days, self.people_day, self.people_night, night=night, school_time=school_time(at))


def kinds() -> tuple[KindRow, ...]:
    """Every kind of facility with priority, reason, source and status."""
    return rules.kinds()


def kind_name(code: str) -> str:
    """Name of a kind in the language of the request."""
    from anlan.ground.facilities import wording

    return wording.kind_label(code)


def reason(code: str) -> str:
    """Why a kind is told early or late, in the language of the request."""
    from anlan.ground.facilities import wording

    return wording.reason(code)


def school_time(at: datetime) -> bool:
    """Whether pupils are at school: a working day (with its official shifts where the calendar knows the year) in term, 07:30–18:00."""
    local = at.astimezone(BEIJING)
    if not rules.SCHOOL_FROM <= local.time() < rules.SCHOOL_UNTIL or not rules.in_term(local.date()):
        return False
    return not workdays.day_of(local.date()).off


def facility(facility_id: UUID | str, actor: Actor | None = None) -> Facility:
    """One facility, as far as ``actor`` may see it. Raises ``NotFound``."""
    from anlan.ground.facilities import queries

    return _summary(queries.one(facility_id, actor))


def inside(area: Area, actor: Actor | None, kinds: Sequence[str] | None = None) -> tuple[Facility, ...]:
    """Facilities whose point lies in ``area`` or on its edge, the most urgent kinds first, then by name. An empty area holds none."""
    import shapely

    from anlan.ground.facilities import queries

    shape = _shape(area)
    if shape.is_empty:
        return ()
    rows = queries.within(shape.bounds, actor)
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    found = [_summary(row) for row in rows]
    shapely.prepare(shape)
    held = [each for each in found if shape.intersects(shapely.Point(each.longitude, each.latitude))]
    return tuple(sorted(held, key=lambda each: (each.priority, each.name, str(each.id))))


def visible(ids: Collection[str], actor: Actor) -> frozenset[str]:
    """Those of the facilities ``ids`` that ``actor`` may see, for readers of what was reckoned for everybody."""
    from anlan.ground.facilities import queries

    if not ids:
        return frozenset()
    return frozenset(str(pk) for pk in queries.facilities(actor).filter(pk__in=list(ids)).values_list("pk", flat=True))


def nearest(point: tuple[float, float], kind: str, limit: int, actor: Actor | None, *, within_km: float = 200.0) -> tuple[Facility, ...]:
    """The ``limit`` nearest facilities of a kind that are not closed, by straight distance, at most ``within_km`` away."""
    from anlan.ground.facilities import queries

    here, reach = Point(*point), 2.5
    while True:
        half = min(reach, within_km) / 111.2
        wide = half / 0.58  # A degree of longitude at 54° N, the northern end of the country, is 0.58 of one of latitude.
        box = (point[0] - wide, point[1] - half, point[0] + wide, point[1] + half)
        found = []
        for row in queries.within(box, actor).filter(kind=kind).exclude(state=rules.CLOSED):
            distance = haversine_m(here, Point(row.longitude, row.latitude)) / 1000
            if distance <= min(reach, within_km):
                found.append((distance, row.name, row))
        if len(found) >= limit or reach >= within_km:
            return tuple(_summary(row) for _, _, row in sorted(found, key=lambda each: each[:2])[:limit])
        reach *= 3


def shelters(box: Box, actor: Actor | None) -> tuple[Facility, ...]:
    """Shelters in ``box`` (west, south, east, north) with their state and room, open ones first, then by name."""
    from anlan.ground.facilities import queries

    order = list(rules.STATES)
    found = [_summary(row) for row in queries.within(box, actor).filter(kind="shelter")]
    return tuple(sorted(found, key=lambda each: (order.index(each.state), each.name, str(each.id))))


def of_place(place_prefix: str, actor: Actor | None = None) -> tuple[Facility, ...]:
    """Facilities below a place prefix (``370114``), by name."""
    from anlan.ground.facilities import queries

    return tuple(_summary(row) for row in queries.facilities(actor).filter(place_code__startswith=place_prefix).order_by("name", "pk"))


def stamp(place_prefix: str) -> tuple[object, ...]:
    """A value that changes whenever a facility of the place changes, for readers that keep what they reckoned."""
    from anlan.ground.facilities import queries

    return queries.stamp(place_prefix)


def register_facility(*, actor: Actor, now: datetime, **values: Any) -> Facility:
    """Enter a facility (see ``services.register_facility`` for the fields and refusals)."""
    from anlan.ground.facilities import services

    return _summary(services.register_facility(actor=actor, now=now, **values))


def set_shelter(facility_id: UUID | str, *, occupied: int, state: str = "", actor: Actor, now: datetime) -> Facility:
    """Say how many people a shelter has taken in, and whether it is open. Raises as ``services.change_facility`` does."""
    from anlan.ground.facilities import services

    return _summary(services.set_shelter(facility_id, occupied=occupied, state=state, actor=actor, now=now))


def _shape(area: Area) -> Any:
    import shapely

    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in area if rings and len(rings[0]) >= 3]
    return shapely.make_valid(shapely.MultiPolygon(polygons))


_FIELDS = tuple(Facility.__dataclass_fields__)


def _summary(row: object) -> Facility:
    return Facility(**{name: getattr(row, name) for name in _FIELDS})
