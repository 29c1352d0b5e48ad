"""Outlines mended, thinned and measured, and points spread inside them. Pure: numpy and shapely only.

Areas and distances are reckoned on a plane touching at the outline's middle latitude, good to a few per cent within a province,
which is enough to say how uncertain an approximate position is.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, radians, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

KM_PER_DEGREE = 111.195
"""Length of one degree of a meridian on the mean sphere."""

BAND_TOLERANCE = (0.0, 0.011, 0.022, 0.05)
"""Degrees of thinning by band: about one pixel of a 512-pixel tile at the band's highest zoom (–, 6, 5, 4).

The outlines as published have about one point per half kilometre, so that thinning for zooms above 6 would save nothing."""

Shapes = NDArray[np.object_]


def band_of(zoom: int) -> int:
    """The band that is drawn at a zoom: outlines as published from 7 on."""
    return next(band for band, lowest in ((0, 7), (1, 6), (2, 5), (3, 0)) if zoom >= lowest)


def mended(shapes: Shapes) -> Shapes:
    """Areas made valid (self-touching rings taken apart) and brought to multi-polygons."""
    return np.array([_areas_only(shape) for shape in shapely.make_valid(shapes)], dtype=object)


def _areas_only(shape: BaseGeometry) -> shapely.MultiPolygon:
    parts = [part for part in shapely.get_parts([shape]) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.MultiPolygon([polygon for part in parts for polygon in shapely.get_parts([part])])


def thinned(shapes: Shapes, band: int) -> Shapes:
    """A coverage thinned for a band. Neighbours keep sharing one border, so no gaps and no overlaps appear."""
    if band == 0:
        return shapes
    return shapely.coverage_simplify(shapes, BAND_TOLERANCE[band])


def united(shapes: Sequence[BaseGeometry] | Shapes) -> BaseGeometry:
    """One outline from neighbours of a coverage."""
    return shapely.coverage_union_all(np.array(list(shapes), dtype=object))


def area_km2(shape: BaseGeometry) -> float:
    """Area in square kilometres."""
    _, south, _, north = shape.bounds
    return float(shape.area * KM_PER_DEGREE**2 * cos(radians((south + north) / 2)))


def radius_km(shape: BaseGeometry) -> float:
    """Radius of the circle of the same area: how far off a position may be of which only the division is known."""
    return sqrt(area_km2(shape) / pi)


def inner_point(shape: BaseGeometry) -> tuple[float, float]:
    """Centre of the largest circle inside the largest part, where a label stands best; always inside the outline."""
    parts = shapely.get_parts([shape])
    largest = parts[int(np.argmax(shapely.area(parts)))]
    west, south, east, north = largest.bounds
    circle = shapely.maximum_inscribed_circle(largest, tolerance=max(east - west, north - south) / 100)
    centre = shapely.get_point(circle, 0)
    if not largest.contains(centre):
        centre = shapely.point_on_surface(largest)
    return round(float(centre.x), 6), round(float(centre.y), 6)


# The plastic number's reciprocals: the additive sequence with the lowest discrepancy known in two dimensions (Roberts 2018).
_R2 = np.array([0.7548776662466927, 0.5698402909980532])


def _candidates(shape: BaseGeometry, wanted: int) -> NDArray[np.float64]:
    """At least ``wanted`` low-discrepancy points inside the outline, longitude and latitude."""
    west, south, east, north = shape.bounds
    box = np.array([east - west, north - south])
    share = max(shape.area / (box[0] * box[1]), 1e-4)
    inside = np.empty((0, 2))
    start, batch = 1, int(wanted / share * 1.2) + 64
    shapely.prepare(shape)
    while len(inside) < wanted:
        steps = np.arange(start, start + batch)[:, None]
        points = ((0.5 + steps * _R2) % 1.0) * box + np.array([west, south])
        kept = points[shapely.contains_xy(shape, points[:, 0], points[:, 1])].astype(np.float64)
        inside = np.vstack([inside, kept])
        start += batch
    return inside


def spread_points(shape: BaseGeometry, count: int, centre: tuple[float, float]) -> list[tuple[float, float]]:
    """``count`` points spread evenly inside ``shape``, from ``centre`` outward; the same input gives the same points.

    Low-discrepancy candidates inside the outline are grouped by k-means (5 rounds, seeded farthest-first); the candidate nearest to each
    group's mean is taken, so that every point lies inside even where the mean does not.
    """
    if count == 0:
        return []
    candidates = _candidates(shape, max(24, 8 * count))
    scale = np.array([cos(radians(centre[1])), 1.0])
    plane, middle = candidates * scale, np.array(centre) * scale
    chosen = _farthest_first(plane, count, middle)
    means = plane[chosen]
    for _ in range(5):
        group = _nearest(plane, means)
        sizes = np.bincount(group, minlength=count)
        sums = np.column_stack([np.bincount(group, weights=plane[:, axis], minlength=count) for axis in (0, 1)])
        fresh = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], means)
        if np.allclose(fresh, means, atol=1e-6):
            break
        means = fresh
    taken = _one_each(plane, means)
    order = np.argsort(((plane[taken] - middle) ** 2).sum(axis=1), kind="stable")
    return [(round(float(x), 6), round(float(y), 6)) for x, y in candidates[taken][order]]


def _farthest_first(points: NDArray[np.float64], count: int, start: NDArray[np.float64]) -> list[int]:
    chosen = [int(np.argmin(((points - start) ** 2).sum(axis=1)))]
    distance = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return chosen


def _nearest(points: NDArray[np.float64], means: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argmin(((points[:, None, :] - means[None, :, :]) ** 2).sum(axis=2), axis=1)


def _one_each(points: NDArray[np.float64], means: NDArray[np.float64]) -> list[int]:
    """For each mean the nearest point that no earlier mean took."""
    free = np.ones(len(points), dtype=bool)
    taken: list[int] = []
    for mean in means:
        distance = np.where(free, ((points - mean) ** 2).sum(axis=1), np.inf)
        taken.append(int(np.argmin(distance)))
        free[taken[-1]] = False
    return taken


def polygons_of(shape: BaseGeometry) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    """Polygons of a shape as rings of (longitude, latitude), the outer one first; lines and points are left out."""
    return tuple(
        tuple(tuple((float(x), float(y)) for x, y in ring.coords) for ring in (part.exterior, *part.interiors))
        for part in shapely.get_parts([shape])
        if part.geom_type == "Polygon"
    )
