"""Everything in the zones gathered through the doors of the rooms that keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.command.exposure import firsthour, ground, roadsinside, rules
from anlan.command.exposure.door import (
    Band,
    CameraInView,
    Enterprise,
    ExposedZone,
    Exposure,
    Facility,
    Hazard,
    Outside,
    ZoneExposure,
)
from anlan.command.exposure.ground import Cloud
from anlan.ground.enterprises import door as enterprises
from anlan.ground.facilities import door as facilities
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.ground.population import door as population
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.sense.video import door as video

MOST = 5000
"""Records of one kind looked at in the box of the zones. Project default; a cut is told."""
CAMERAS = 60


@dataclass(frozen=True)
class Held:
    """A zone with its shape and how far it reaches from the source."""

    zone: ExposedZone
    shape: BaseGeometry
    reach_m: float


@dataclass(frozen=True)
class Asked:
    """What was asked: the zones, worst first, and the cloud."""

    held: tuple[Held, ...]
    union: BaseGeometry
    cloud: Cloud
    at: datetime
    actor: Actor | None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all zones."""
        return self.union.bounds

    def worst(self, point: tuple[float, float]) -> Held | None:
        """The worst zone that holds a point."""
        here = shapely.Point(point)
        return next((each for each in self.held if each.shape.intersects(here)), None)

    def distance(self, point: tuple[float, float]) -> float | None:
        """Metres from the source."""
        return None if self.cloud.source is None else ground.distance_m(self.cloud.source, point)

    def direction(self, point: tuple[float, float]) -> str:
        """Direction from the source, one of eight; empty without one."""
        return "" if self.cloud.source is None else ground.direction(self.cloud.source, point)

    def arrival(self, point: tuple[float, float], held: Held) -> float | None:
        """Seconds until the effect reaches the point."""
        return self.cloud.arrival_s(point, held.zone.arrival_s, held.reach_m)


def gather(
    zones: tuple[ExposedZone, ...],
    *,
    at: datetime,
    actor: Actor | None,
    source: tuple[float, float] | None,
    speed_m_s: float | None,
    source_enterprise: UUID | None,
) -> Exposure:
    """See :func:`anlan.command.exposure.door.exposure`."""
    asked = _asked(zones, at, actor, source, speed_m_s)
    people = population.people_in(ground.area_of(asked.union), at=at, actor=actor)
    night = people.night
    if asked.union.is_empty:
        return Exposure(at, night, people, (), (), (), (), (), False, (), (), (), (), False)
    here, outside = _facilities(asked, night)
    plants, cut = _enterprises(asked, night, source_enterprise)
    hazards, cut_too = _hazards(asked)
    roads = roadsinside.roads(asked.union, at)
    return Exposure(
        at=at,
        night=night,
        people=people,
        zones=tuple(_zone(asked, each, here, plants, hazards) for each in asked.held),
        facilities=here,
        enterprises=plants,
        hazards=hazards,
        roads=roads or (),
        roads_known=roads is not None,
        cameras=_cameras(asked),
        first_hour=firsthour.ranked(here, plants, hazards, _homes(asked), actor=actor, at=at),
        outside=outside,
        uncounted=_uncounted(here, plants, people),
        truncated=cut or cut_too,
    )


def _asked(
    zones: tuple[ExposedZone, ...], at: datetime, actor: Actor | None, source: tuple[float, float] | None, speed_m_s: float | None
) -> Asked:
    held = []
    for zone in zones:
        shape = ground.shape_of(zone.area)
        if not shape.is_empty:
            shapely.prepare(shape)
            held.append(Held(zone, shape, 0.0 if source is None else ground.farthest_m(source, shape)))
    held.sort(key=lambda each: (each.zone.severity, each.shape.area, each.zone.code))
    union = shapely.union_all([each.shape for each in held]) if held else shapely.MultiPolygon()
    return Asked(tuple(held), union, Cloud(source, speed_m_s), at, actor)


def _facilities(asked: Asked, night: bool) -> tuple[tuple[Facility, ...], tuple[Outside, ...]]:
    """Those that the actor may see, by worst zone and urgency of kind; the rest by county, counted without names."""
    area = ground.area_of(asked.union)
    every = facilities.inside(area, None)
    mine = {each.id for each in (every if asked.actor is None else facilities.inside(area, asked.actor))}
    found = [one for each in every if each.id in mine and (one := _facility(asked, each, night)) is not None]
    found.sort(key=lambda each: (each.severity, each.priority, _soon(each.arrival_s), each.name))
    return tuple(found), _outside([each for each in every if each.id not in mine], asked, night)


def _homes(asked: Asked) -> list[tuple[ExposedZone, population.PeopleInside]]:
    """People of each zone who are in no worse one."""
    parts, worse = [], shapely.MultiPolygon()
    for each in asked.held:
        parts.append(ground.area_of(shapely.difference(each.shape, worse)))
        worse = shapely.union(worse, each.shape)
    people = population.people_in_each(parts, at=asked.at, actor=asked.actor)
    return [(each.zone, inside) for each, inside in zip(asked.held, people, strict=True)]


def _soon(arrival_s: float | None) -> float:
    return -1.0 if arrival_s is None else arrival_s


def _facility(asked: Asked, each: facilities.Facility, night: bool) -> Facility | None:
    point = (each.longitude, each.latitude)
    held = asked.worst(point)
    if held is None:
        return None
    return Facility(
        id=each.id,
        kind=each.kind,
        name=each.name,
        place_code=each.place_code,
        longitude=each.longitude,
        latitude=each.latitude,
        people=each.people_at(asked.at, night=night),
        priority=each.priority,
        role=each.role,
        contact_name=each.contact_name,
        contact_phone=each.contact_phone,
        state=each.state,
        zone=held.zone.code,
        severity=held.zone.severity,
        effect=held.zone.effect,
        distance_m=asked.distance(point),
        direction=asked.direction(point),
        arrival_s=asked.arrival(point, held),
        way_out_m=ground.way_out_m(point, held.shape),
    )


def _outside(others: Sequence[facilities.Facility], asked: Asked, night: bool) -> tuple[Outside, ...]:
    """Counties of the zones that the actor does not answer for: what is there is counted without names, and the bureau to ask is named."""
    if asked.actor is None:
        return ()
    counted: dict[str, list[facilities.Facility]] = {
        code: [] for code in places.outlines(asked.union) if not asked.actor.may("facilities.view", place_code=code)
    }
    for each in others:
        counted.setdefault(each.place_code[:6], []).append(each)
    bureaus = organisations.bureaus_of(counted)
    found = []
    for code, rows in sorted(counted.items()):
        bureau = bureaus.get(code)
        there = sum(each.people_at(asked.at, night=night) or 0 for each in rows)
        name = bureau.name if bureau is not None else ""
        found.append(Outside(code, places.full_name(code), len(rows), there, name, bureau.duty_phone if bureau is not None else ""))
    return tuple(found)


def _enterprises(asked: Asked, night: bool, source_enterprise: UUID | None) -> tuple[tuple[Enterprise, ...], bool]:
    rows = enterprises.within(asked.box, asked.actor, limit=MOST)
    shares: dict[str, float] = {}
    found = []
    for each in rows:
        if each.longitude is None or each.latitude is None or each.state in ("closed", "revoked", "deregistered"):
            continue
        point = (each.longitude, each.latitude)
        held = asked.worst(point)
        if held is None:
            continue
        staff = None if each.staff_count is None else round(each.staff_count * _share(shares, each.place_code, asked, night))
        found.append(
            Enterprise(
                id=each.id,
                name=each.name,
                place_code=each.place_code,
                longitude=each.longitude,
                latitude=each.latitude,
                staff=staff,
                has_major_hazard=each.has_major_hazard,
                zone=held.zone.code,
                severity=held.zone.severity,
                effect=held.zone.effect,
                distance_m=asked.distance(point),
                direction=asked.direction(point),
                arrival_s=asked.arrival(point, held),
                is_source=each.id == source_enterprise,
            )
        )
    found.sort(key=lambda each: (not each.is_source, each.severity, _soon(each.arrival_s), each.name))
    return tuple(found), len(rows) == MOST


def _share(known: dict[str, float], place_code: str, asked: Asked, night: bool) -> float:
    """The share of staff that is there, asked once per place."""
    if place_code not in known:
        known[place_code] = population.staff_share(asked.at, night=night, place_code=place_code)
    return known[place_code]


def _hazards(asked: Asked) -> tuple[tuple[Hazard, ...], bool]:
    """The domino list: worst grade first (ungraded last), then the worse zone, then the nearest."""
    rows = risksources.within(asked.box, asked.actor, limit=MOST)
    inside = []
    for each in rows:
        if each.longitude is not None and each.latitude is not None and each.state != "retired":
            held = asked.worst((each.longitude, each.latitude))
            if held is not None:
                inside.append((each, held, (each.longitude, each.latitude)))
    names = enterprises.names({each.enterprise_id for each, _, _ in inside})
    found = [
        Hazard(
            id=each.id,
            enterprise_id=each.enterprise_id,
            enterprise_name=names.get(each.enterprise_id, ""),
            code=each.code,
            name=each.name,
            kind=each.kind,
            substance_name=each.substance_name,
            quantity_t=None if each.quantity_t is None else float(each.quantity_t),
            major_level=each.major_level,
            longitude=point[0],
            latitude=point[1],
            zone=held.zone.code,
            severity=held.zone.severity,
            effect=held.zone.effect,
            distance_m=asked.distance(point),
            arrival_s=asked.arrival(point, held),
        )
        for each, held, point in inside
    ]
    found.sort(key=lambda each: (each.major_level or 9, each.severity, each.distance_m or 0.0, each.code))
    return tuple(found), len(rows) == MOST


def _cameras(asked: Asked) -> tuple[CameraInView, ...]:
    """Cameras in the zones, and those near the source; on line first, then the nearest."""
    west, south, east, north = asked.box
    near = None
    if asked.cloud.source is not None:
        near = ground.circle(asked.cloud.source, rules.figures(asked.at.astimezone(facilities.BEIJING).date())["camera_reach_m"])
        bounds = near.bounds
        west, south, east, north = min(west, bounds[0]), min(south, bounds[1]), max(east, bounds[2]), max(north, bounds[3])
    found = []
    for each in video.cameras_within((west, south, east, north), asked.actor, limit=MOST):
        if each.longitude is None or each.latitude is None:
            continue
        point = (each.longitude, each.latitude)
        held = asked.worst(point)
        if held is not None or (near is not None and near.intersects(shapely.Point(point))):
            zone = held.zone.code if held is not None else ""
            found.append(CameraInView(each.id, each.name, each.line, point[0], point[1], zone, asked.distance(point)))
    found.sort(key=lambda each: (each.line != "online", each.distance_m or 0.0, each.name))
    return tuple(found[:CAMERAS])


def _zone(
    asked: Asked, held: Held, here: tuple[Facility, ...], plants: tuple[Enterprise, ...], hazards: tuple[Hazard, ...]
) -> ZoneExposure:
    def inside(rows: Sequence[Facility | Enterprise | Hazard]) -> int:
        return sum(held.shape.intersects(shapely.Point(each.longitude, each.latitude)) for each in rows)

    people = population.people_in(held.zone.area, at=asked.at, actor=asked.actor)
    return ZoneExposure(held.zone, people, inside(here), inside(plants), inside(hazards), _bands(asked, held, people.total, here))


def _bands(asked: Asked, held: Held, total: float, here: tuple[Facility, ...]) -> tuple[Band, ...]:
    """People of a zone by when the effect reaches them; empty when nobody knows when."""
    counts = [0] * (len(rules.BANDS_S) + 1)
    for each in here:
        if each.arrival_s is not None and held.shape.intersects(shapely.Point(each.longitude, each.latitude)):
            counts[rules.band_of(each.arrival_s)] += 1
    circles = [asked.cloud.reached(end, held.zone.arrival_s, held.reach_m) for end in rules.BANDS_S]
    parts = [ground.area_of(shapely.intersection(held.shape, reached)) for reached in circles if reached is not None]
    if len(parts) < len(circles):
        return ()
    reached_before, found, start = 0.0, [], 0.0
    for end, number, inside in zip(rules.BANDS_S, counts, population.people_in_each(parts, at=asked.at), strict=False):
        there = min(total, inside.total)
        found.append(Band(start, end, max(0.0, there - reached_before), number))
        reached_before, start = max(reached_before, there), end
    found.append(Band(start, None, max(0.0, total - reached_before), counts[-1]))
    return tuple(found)


def _uncounted(here: tuple[Facility, ...], plants: tuple[Enterprise, ...], people: population.PeopleInside) -> tuple[str, ...]:
    """Of whom nobody knows how many they are."""
    return (
        *(places.full_name(code) for code in people.unknown),
        *(each.name for each in here if each.people is None and each.role != "none"),
        *(each.name for each in plants if each.staff is None),
    )
