"""Shapes of zones and where the cloud is when. Pure: shapely only; degrees in, metres by the sphere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, pi, radians

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from anlan.kernel.geo import EARTH_RADIUS_M, Point, haversine_m

Area = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def shape_of(area: Sequence[Sequence[Sequence[Sequence[float]]]]) -> BaseGeometry:
    """A valid shape from a multi-polygon of rings."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in area if rings and len(rings[0]) >= 3]
    return shapely.make_valid(shapely.union_all(polygons)) if polygons else shapely.MultiPolygon()


def area_of(shape: BaseGeometry) -> Area:
    """A multi-polygon of rings from the areas of a shape."""
    polygons = [part for part in _parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    return tuple(
        tuple(tuple((float(x), float(y)) for x, y in ring.coords) for ring in (part.exterior, *part.interiors)) for part in polygons
    )


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return [inner for part in shapely.get_parts([shape]) for inner in shapely.get_parts([part])]


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two points of degrees."""
    return haversine_m(Point(*a), Point(*b))


def direction(a: tuple[float, float], b: tuple[float, float]) -> str:
    """In which of eight directions ``b`` lies from ``a``."""
    east = (b[0] - a[0]) * cos(radians((a[1] + b[1]) / 2))
    return _COMPASS[round(degrees(atan2(east, b[1] - a[1])) / 45) % 8]


def circle(centre: tuple[float, float], radius_m: float) -> BaseGeometry:
    """A circle of 72 corners about a point, degrees."""
    angles = np.arange(72) * (2 * pi / 72)
    reach = degrees(radius_m / EARTH_RADIUS_M)
    x = centre[0] + reach * np.sin(angles) / max(0.05, cos(radians(centre[1])))
    return shapely.Polygon(np.column_stack([x, centre[1] + reach * np.cos(angles)]))


def farthest_m(source: tuple[float, float], shape: BaseGeometry) -> float:
    """How far a shape reaches from the source, metres."""
    corners = shapely.get_coordinates(shape)
    return max((distance_m(source, (float(x), float(y))) for x, y in corners), default=0.0)


def way_out_m(point: tuple[float, float], shape: BaseGeometry) -> float:
    """Straight way from a point inside a shape to its edge, metres; 0 outside."""
    here = shapely.Point(point)
    if not shape.intersects(here):
        return 0.0
    scale = cos(radians(point[1]))
    edge = shapely.transform(shape, lambda at: at * np.array([scale, 1.0])).boundary
    return float(edge.distance(shapely.Point(point[0] * scale, point[1])) * pi / 180 * EARTH_RADIUS_M)


@dataclass(frozen=True)
class Cloud:
    """When the effect is where: by its speed from the source, else in proportion to the time at the zone's far end, else unknown."""

    source: tuple[float, float] | None
    speed_m_s: float | None

    def arrival_s(self, point: tuple[float, float], zone_arrival_s: float | None, reach_m: float) -> float | None:
        """Seconds until the effect reaches ``point`` in a zone that reaches ``reach_m`` and is reached at its far end at ``zone_arrival_s``."""
        if self.source is None:
            return zone_arrival_s
        away = distance_m(self.source, point)
        if self.speed_m_s is not None and self.speed_m_s > 0:
            return away / self.speed_m_s
        if zone_arrival_s is None or reach_m <= 0:
            return zone_arrival_s
        return zone_arrival_s * min(1.0, away / reach_m)

    def reached(self, seconds: float, zone_arrival_s: float | None, reach_m: float) -> BaseGeometry | None:
        """The circle about the source that the effect has reached after so long; ``None`` when nobody knows."""
        if self.source is None:
            return None
        if self.speed_m_s is not None and self.speed_m_s > 0:
            return circle(self.source, max(1.0, self.speed_m_s * seconds))
        if not zone_arrival_s or reach_m <= 0:
            return None
        return circle(self.source, max(1.0, reach_m * seconds / zone_arrival_s))
