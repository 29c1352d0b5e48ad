"""A local plane in metres over a net of roads, lengths along the earth, and bearings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.kernel.geo import EARTH_RADIUS_M

Floats = NDArray[np.float64]
Ring = tuple[tuple[float, float], ...]
Area = tuple[tuple[Ring, ...], ...]
"""Polygons of rings in degrees: the first ring of each polygon is its outside."""
METRES_PER_DEGREE: Final = EARTH_RADIUS_M * math.pi / 180


@dataclass(frozen=True)
class Plane:
    """East and north in metres from a point (equirectangular). Over 4° of latitude lengths to the east are off by up to 3 %: good enough for
    widths and closeness; lengths of roads are always reckoned along the earth by :func:`lengths_m`."""

    longitude: float
    latitude: float

    @property
    def _east(self) -> float:
        return METRES_PER_DEGREE * math.cos(math.radians(self.latitude))

    def metres(self, degrees: ArrayLike) -> Floats:
        """Degrees, shape (…, 2), as metres of the same shape."""
        found = np.asarray(degrees, np.float64)
        return np.stack([(found[..., 0] - self.longitude) * self._east, (found[..., 1] - self.latitude) * METRES_PER_DEGREE], axis=-1)

    def degrees(self, metres: ArrayLike) -> Floats:
        """Metres, shape (…, 2), as degrees of the same shape."""
        found = np.asarray(metres, np.float64)
        return np.stack([found[..., 0] / self._east + self.longitude, found[..., 1] / METRES_PER_DEGREE + self.latitude], axis=-1)


def lengths_m(start: Floats, end: Floats) -> Floats:
    """Great-circle lengths in metres between points in degrees, both of shape (n, 2) (haversine on the mean radius, error below 0.6 %)."""
    start, end = np.radians(start), np.radians(end)
    half = (end - start) / 2
    chord = np.sin(half[..., 1]) ** 2 + np.cos(start[..., 1]) * np.cos(end[..., 1]) * np.sin(half[..., 0]) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, chord)))


def bearing_deg(start: ArrayLike, end: ArrayLike) -> float:
    """Direction from ``start`` to ``end`` (degrees of longitude and latitude), degrees clockwise from north, 0 to 360."""
    (lon1, lat1), (lon2, lat2) = np.asarray(start, np.float64), np.asarray(end, np.float64)
    east = (lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return math.degrees(math.atan2(east, lat2 - lat1)) % 360
