"""Ways to the scene side by side: the quickest, and the quickest around the zones; both to a place upwind of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.command.judgement import facts, geometry, rules, wording
from anlan.command.judgement.geometry import Area, Point
from anlan.command.judgement.inputs import BY_NAME, value_of
from anlan.command.judgement.models import Run
from anlan.command.judgement.parameters import figure
from anlan.command.judgement.wording import told
from anlan.ground.roads import door as roads
from anlan.kernel import geo
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

QUICKEST, AROUND = "quickest", "around"
WAYS = {QUICKEST: N_("最快路线（不避让影响范围）"), AROUND: N_("绕开影响范围的路线")}
GRAVEST = 2
"""Zones up to this severity are gone around: from the second level on whoever is in them without protection is harmed."""


@dataclass(frozen=True)
class Way:
    """One way: seconds and metres in all, metres within the zones it should not touch; ``refused``: why there is none."""

    code: str
    seconds: float = 0.0
    length_m: float = 0.0
    inside_m: float = 0.0
    points: tuple[Point, ...] = ()
    refused: Mapping[str, Any] | None = None


def start_asked(given: Mapping[str, str]) -> Point | None:
    """Where they set out, degrees; ``None`` when nobody asked. Raises the refusal of the coordinate that is wrong."""
    longitude, latitude = given.get("from_longitude", "").strip(), given.get("from_latitude", "").strip()
    if not longitude and not latitude:
        return None
    return float(value_of(BY_NAME["longitude"], longitude) or 0), float(value_of(BY_NAME["latitude"], latitude) or 0)


def meeting_place(run: Run) -> Point:
    """Where crews gather: so far upwind of the source; of an event without a wind the source itself."""
    source = (wording.number_of(run, "longitude") or 0.0, wording.number_of(run, "latitude") or 0.0)
    wind = wording.number_of(run, "wind_from_deg")
    if wind is None or run.kind != rules.TOXIC:
        return source
    longitude, latitude = geometry.to_degrees(source, wind, -figure("upwind_m", run.asked_at.date()), 0.0)
    return float(longitude), float(latitude)


def ways(run: Run, start: Point, vehicle: str, at: datetime) -> tuple[Way, ...]:
    """Both ways from ``start`` for a vehicle (code of ``roads``), by the roads as they are open at ``at``. Refusals stand in the way they concern."""
    grave = [zone.area for zone in facts.zones(run) if zone.severity <= GRAVEST and zone.area]
    return (
        _way(QUICKEST, run, start, vehicle, at, grave, ()),
        _way(AROUND, run, start, vehicle, at, grave, grave),
    )


def _way(code: str, run: Run, start: Point, vehicle: str, at: datetime, grave: Sequence[Area], avoid: Sequence[Area]) -> Way:
    try:
        found = roads.route(start, meeting_place(run), vehicle=vehicle, at=at, avoid=avoid, exercise=run.exercise)
    except Refusal as refusal:
        return Way(code, refused=told(refusal))
    return Way(code, found.seconds, found.length_m, inside_m(found.points, grave), tuple(found.points))


def inside_m(points: Sequence[Point], areas: Sequence[Area]) -> float:
    """Metres of a line (degrees) that lie within any of the areas."""
    from shapely import LineString, MultiPolygon, Polygon, make_valid, union_all

    if len(points) < 2 or not areas:
        return 0.0
    shape = union_all([make_valid(MultiPolygon([Polygon(polygon[0], polygon[1:]) for polygon in area])) for area in areas])
    crossed = LineString(points).intersection(shape)
    lines = [each for each in getattr(crossed, "geoms", (crossed,)) if each.geom_type == "LineString"]
    return sum(
        geo.haversine_m(geo.Point(*one), geo.Point(*other))
        for line in lines
        for one, other in zip(line.coords, line.coords[1:], strict=False)
    )
