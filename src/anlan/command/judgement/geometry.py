"""Between metres along the wind and degrees on the map.

Models tell places as metres downwind (x) and to the left of the wind (y). A wind is named by where it comes **from**, clockwise from north
(meteorological convention, GB/T 35227-2017), so that the cloud goes the opposite way. Degrees are of CGCS2000; the plane is the azimuthal
equidistant projection about the source (pyproj), exact in distance and direction from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Point = tuple[float, float]
Ring = tuple[Point, ...]
Area = tuple[tuple[Ring, ...], ...]
"""Polygons, each an outer ring and its holes, in degrees (longitude, latitude)."""
DIGITS = 6
"""Decimals of a degree that are kept: a tenth of a metre."""
FINENESS = 1500
"""A ring may be off by its size over this; an outline of some tens of points is drawn and exchanged quickly."""


@lru_cache(maxsize=256)
def _plane(longitude: float, latitude: float) -> Any:
    from pyproj import Transformer

    local = f"+proj=aeqd +lat_0={latitude!r} +lon_0={longitude!r} +ellps=GRS80 +units=m +no_defs"
    return Transformer.from_crs(local, "EPSG:4490", always_xy=True)


def heading(wind_from_deg: float) -> float:
    """Where the wind blows to, degrees clockwise from north, 0 up to 360."""
    return (wind_from_deg + 180.0) % 360.0


def to_degrees(source: Point, wind_from_deg: float, x_m: ArrayLike, y_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes of places told by metres downwind and to the left of the wind."""
    x, y = np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)
    towards = np.radians(heading(wind_from_deg))
    east = x * np.sin(towards) - y * np.cos(towards)
    north = x * np.cos(towards) + y * np.sin(towards)
    longitude, latitude = _plane(*source).transform(east, north)
    return np.asarray(longitude), np.asarray(latitude)


def to_metres(
    source: Point, wind_from_deg: float, longitude: ArrayLike, latitude: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metres downwind and to the left of the wind of places in degrees: the inverse of :func:`to_degrees`."""
    east, north = _plane(*source).transform(np.asarray(longitude, np.float64), np.asarray(latitude, np.float64), direction="INVERSE")
    towards = np.radians(heading(wind_from_deg))
    return np.asarray(east * np.sin(towards) + north * np.cos(towards)), np.asarray(north * np.sin(towards) - east * np.cos(towards))


def ring_in_degrees(source: Point, wind_from_deg: float, ring: ArrayLike) -> Ring:
    """A ring of (x, y) in metres as (longitude, latitude), rounded."""
    places = np.asarray(ring, np.float64)
    longitude, latitude = to_degrees(source, wind_from_deg, places[:, 0], places[:, 1])
    return tuple((round(float(lon), DIGITS), round(float(lat), DIGITS)) for lon, lat in zip(longitude, latitude, strict=True))


def joined(polygons: Iterable[Sequence[ArrayLike]]) -> Any:
    """The union (shapely, metres) of polygons given as rings, the first of each outside; faults of single rings are mended.

    Raises ``ValueError`` for a figure that is no number: NaN never reaches a map.
    """
    from shapely import Polygon, make_valid, union_all

    shapes = []
    for rings in polygons:
        arrays = [np.asarray(ring, np.float64) for ring in rings]
        if not all(np.isfinite(each).all() for each in arrays):
            raise ValueError("a ring holds a figure that is no number")
        if len(arrays[0]) >= 4:
            shapes.append(make_valid(Polygon(arrays[0], arrays[1:])))
    return union_all(shapes)


def area_in_degrees(source: Point, wind_from_deg: float, shape: Any) -> Area:
    """A shapely area in metres as polygons in degrees, simplified by a little of its size; lines and points that are left over fall away."""
    if shape.is_empty:
        return ()
    west, south, east, north = shape.bounds
    thin = shape.simplify(max(east - west, north - south) / FINENESS)
    parts = [each for each in getattr(thin, "geoms", (thin,)) if each.geom_type == "Polygon" and each.area > 0]
    return tuple(tuple(ring_in_degrees(source, wind_from_deg, ring.coords) for ring in (part.exterior, *part.interiors)) for part in parts)


def box_of(area: Area) -> tuple[float, float, float, float] | None:
    """West, south, east, north of an area in degrees; ``None`` of nothing."""
    places = [place for polygon in area for place in polygon[0]]
    if not places:
        return None
    return (
        min(place[0] for place in places),
        min(place[1] for place in places),
        max(place[0] for place in places),
        max(place[1] for place in places),
    )
