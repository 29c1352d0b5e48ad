"""How many people live within 500 m outside the plant boundary, by the node's population data, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil, cos, radians
from typing import Any

from shapely import affinity
from shapely.geometry import MultiPolygon, Point, Polygon, shape
from shapely.geometry.base import BaseGeometry

from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.population import door as population
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import refusals, rules, tables
from anlan.prevent.hazardsources.models import HazardUnit
from anlan.prevent.hazardsources.queries import CHINA

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of mean radius R1; within 0.6 % of the ellipsoid."""
SLEEPING_HOUR = 2
"""Residents are counted where they live, so the question is put for the night."""
ENOUGH = 100
"""From here on α does not grow: what nobody counted beside it changes nothing (Table 5)."""


@dataclass(frozen=True)
class Surroundings:
    """An estimate. ``people`` rounded up; ``basis`` as kept with an assessment: outline, methods, places, what is not known."""

    people: int
    basis: dict[str, Any]
    area: population.Area


def estimate(unit: HazardUnit, actor: Actor | None, now: datetime) -> Surroundings:
    """People within 500 m of the plant boundary, the plant itself left out; without a boundary within 500 m of the unit's point.

    Raises ``PlaceNotKnown`` without either, ``PeopleNotKnown`` where a county in reach was never counted and α may depend on it.
    """
    outline, area = ring(unit, now)
    at = now.astimezone(CHINA).replace(hour=SLEEPING_HOUR, minute=0, second=0, microsecond=0)
    found = population.people_in(area, at=at, actor=actor)
    people = ceil(found.total - 1e-6)
    if found.unknown and people < ENOUGH:
        raise refusals.PeopleNotKnown(places="、".join(places.place_name(code) for code in found.unknown))
    basis = {
        "outline": outline,
        "at": at.isoformat(),
        "estimate": round(found.total, 1),
        "methods": list(found.method),
        "places": [
            {"code": row.place_code, "name": row.name, "people": round(row.people, 1), "method": row.method, "status": row.status}
            for row in found.by_place[:20]
        ],
        "unknown": list(found.unknown),
    }
    return Surroundings(max(people, 0), basis, area)


def ring(unit: HazardUnit, now: datetime) -> tuple[str, population.Area]:
    """What counts as "outside the boundary within 500 m": kind of outline and the area in degrees. Raises ``PlaceNotKnown``."""
    reach = tables.parameter("surroundings_m", law_day(now)).value
    boundary = _boundary(unit)
    if boundary is not None:
        around, plant, kind = boundary.centroid, boundary, rules.BY_BOUNDARY
    elif unit.longitude is not None and unit.latitude is not None:
        around = plant = Point(unit.longitude, unit.latitude)
        kind = rules.BY_CIRCLE
    else:
        raise refusals.PlaceNotKnown(unit=unit.name)
    factor = cos(radians(around.y)) * METRES_PER_DEGREE
    flat = affinity.scale(plant, factor, METRES_PER_DEGREE, origin=(around.x, around.y))
    outside = flat.buffer(reach, quad_segs=32).difference(flat)
    back = affinity.scale(outside, 1 / factor, 1 / METRES_PER_DEGREE, origin=(around.x, around.y))
    return kind, _area(back)


def _boundary(unit: HazardUnit) -> BaseGeometry | None:
    """The plant boundary: that of the unit's site, else of the enterprise's only or main site."""
    sites = [enterprises.site(unit.site_id)] if unit.site_id else list(enterprises.sites_of(unit.enterprise_id))
    for site in sites:
        if site.boundary:
            found = shape(site.boundary)
            if not found.is_empty:
                return found if found.is_valid else found.buffer(0)
        if site.is_main:
            break
    return None


def _area(found: BaseGeometry) -> population.Area:
    polygons = list(found.geoms) if isinstance(found, MultiPolygon) else [found]
    return tuple(
        tuple(tuple((float(x), float(y)) for x, y, *_ in line.coords) for line in (polygon.exterior, *polygon.interiors))
        for polygon in polygons
        if isinstance(polygon, Polygon)
    )
