"""Geometry that needs no database and no library: points, boxes, distance.

Coordinates are CGCS2000 geographic degrees (EPSG:4490), treated as equal to WGS-84: the two differ by centimetres. The shifted
system of public Chinese web maps (GCJ-02) is not accepted anywhere; it is off by hundreds of metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, isfinite, radians, sin, sqrt
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the ellipsoid in metres (IUGG)."""

CHINA_BOX = (73.4, 3.3, 135.2, 53.7)
"""West, south, east, north of the national territory with its seas, degrees."""


class ImpossibleCoordinates(Refusal):
    code: ClassVar[str] = "impossible_coordinates"
    sentence: ClassVar[str] = N_(
        "坐标（经度 {longitude}，纬度 {latitude}）不可能：经度应在 73.4–135.2，纬度应在 3.3–53.7 之间，请检查是否填反。"
    )
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Point:
    """A place on earth in degrees. Raises :class:`ImpossibleCoordinates` when outside the world."""

    longitude: float
    latitude: float

    def __post_init__(self) -> None:
        if not (isfinite(self.longitude) and isfinite(self.latitude) and abs(self.longitude) <= 180 and abs(self.latitude) <= 90):
            raise ImpossibleCoordinates(longitude=self.longitude, latitude=self.latitude)


def in_china(point: Point) -> Point:
    """``point`` itself when it lies in the national box. Raises :class:`ImpossibleCoordinates`."""
    west, south, east, north = CHINA_BOX
    if not (west <= point.longitude <= east and south <= point.latitude <= north):
        raise ImpossibleCoordinates(longitude=point.longitude, latitude=point.latitude)
    return point


def haversine_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres on a sphere of mean radius (haversine formula); error below 0.6 %."""
    lat1, lat2 = radians(a.latitude), radians(b.latitude)
    half_lat, half_lon = (lat2 - lat1) / 2, radians(b.longitude - a.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord)))


@dataclass(frozen=True)
class Box:
    """A rectangle along meridians and parallels, degrees. It never crosses the date line."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        """Whether ``point`` lies in the box, its edges included."""
        return self.west <= point.longitude <= self.east and self.south <= point.latitude <= self.north

    @property
    def centre(self) -> Point:
        """Middle of the box."""
        return Point((self.west + self.east) / 2, (self.south + self.north) / 2)
