"""Objects of a board as plain geometry: circles and sectors as polygons, heads of arrows, bounds. Pure.

Circles are drawn on a sphere of mean radius; at 100 km that differs from the ellipsoid by less than half a percent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import asin, atan2, cos, degrees, pi, radians, sin
from typing import Any

from anlan.command.plotting.drawing import Drawn
from anlan.kernel.geo import EARTH_RADIUS_M

Position = tuple[float, float]
CORNERS = 64
"""Corners of a full circle."""


def destination(start: Position, bearing_deg: float, distance_m: float) -> Position:
    """Where one arrives from ``start`` (longitude, latitude) along a great circle; bearing in degrees clockwise from north."""
    longitude, latitude, bearing, angle = radians(start[0]), radians(start[1]), radians(bearing_deg), distance_m / EARTH_RADIUS_M
    to_latitude = asin(max(-1.0, min(1.0, sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(bearing))))
    east = atan2(sin(bearing) * sin(angle) * cos(latitude), cos(angle) - sin(latitude) * sin(to_latitude))
    to_longitude = (longitude + east + 3 * pi) % (2 * pi) - pi
    return round(degrees(to_longitude), 7), round(degrees(to_latitude), 7)


def circle(centre: Position, radius_m: float) -> tuple[Position, ...]:
    """A closed ring, counter-clockwise as RFC 7946 asks of outer rings."""
    ring = [destination(centre, -360.0 * each / CORNERS, radius_m) for each in range(CORNERS)]
    return (*ring, ring[0])


def sector(centre: Position, radius_m: float, from_deg: float, to_deg: float) -> tuple[Position, ...]:
    """The closed ring of a sector that opens clockwise from one bearing to the other; equal bearings make the full circle."""
    width = (to_deg - from_deg) % 360
    if width == 0:
        return circle(centre, radius_m)
    steps = max(2, round(CORNERS * width / 360))
    arc = [destination(centre, to_deg - width * each / steps, radius_m) for each in range(steps + 1)]
    return (centre, *arc, centre)


def geometry_of(drawn: Drawn) -> Mapping[str, Any]:
    """GeoJSON of an object as it is to be drawn."""
    fields = drawn.fields
    kept = fields["geometry"]
    if drawn.kind not in ("circle", "sector"):
        return kept
    centre = (float(kept["coordinates"][0]), float(kept["coordinates"][1]))
    edges = (0.0, 0.0) if drawn.kind == "circle" else (fields["from"], fields["to"])
    ring = sector(centre, fields["radius"], *edges)
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in ring]]}


def positions(geometry: Mapping[str, Any]) -> list[Position]:
    """Every position of a geometry that a board holds."""
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        return [tuple(coordinates)]
    line: Iterable[Any] = coordinates if geometry["type"] == "LineString" else coordinates[0]
    return [tuple(each) for each in line]


def meets(geometry: Mapping[str, Any], box: tuple[float, float, float, float]) -> bool:
    """Whether the bounds of a geometry meet a box (west, south, east, north)."""
    longitudes, latitudes = zip(*positions(geometry), strict=True)
    west, south, east, north = box
    return max(longitudes) >= west and min(longitudes) <= east and max(latitudes) >= south and min(latitudes) <= north
