"""Warned areas as polygons: read from GeoJSON, mended, measured, thinned and cut. Pure: shapely, pyproj and numpy only.

Positions are CGCS2000 degrees, longitude first. An area is kept as a multi-polygon without holes, since a CAP polygon (CAP-v1.2 §3.2.4) has
one ring: whoever stands in a hole is warned with the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, isfinite, radians
from typing import Any, ClassVar

import numpy as np
import shapely
from pyproj import Geod
from shapely import MultiPolygon, Polygon
from shapely.geometry import LinearRing
from shapely.geometry.base import BaseGeometry

from anlan.kernel.errors import Refusal
from anlan.kernel.geo import CHINA_BOX
from anlan.kernel.words import N_

DIGITS = 6
"""Decimals of a degree that are kept: a tenth of a metre."""
MOST_POSITIONS = 50_000
"""Bound of what is read at all, against slips; far above any drawing (project default)."""
_METRES_PER_DEGREE = 111_195.0
_LEAST_KM2 = 1e-6
_PLACE = re.compile(r"\[(\S+) (\S+)\]")
_GEOD = Geod(ellps="GRS80")


class AreaUnreadable(Refusal):
    code: ClassVar[str] = "bulletin_area_unreadable"
    sentence: ClassVar[str] = N_("范围无法识别：{why}")
    status: ClassVar[int] = 422

    def message(self, translate: object = None) -> str:
        """The reason is source text too and is translated with the sentence."""
        if not callable(translate):
            return super().message()
        return str(translate(self.sentence)).format(why=translate(str(self.facts.get("why", ""))))


class AreaCrossesItself(Refusal):
    code: ClassVar[str] = "bulletin_area_crosses_itself"
    sentence: ClassVar[str] = N_(
        "画出的范围自己与自己相交（经度 {longitude}，纬度 {latitude} 附近），不知道哪边在内，请重画或移动该处顶点。"
    )
    status: ClassVar[int] = 422


class AreaCrossesDateLine(Refusal):
    code: ClassVar[str] = "bulletin_area_crosses_date_line"
    sentence: ClassVar[str] = N_("范围跨越 180° 经线，多数接收系统会把它画反，请改画或分成两个范围。")
    status: ClassVar[int] = 422


class AreaNotInChina(Refusal):
    code: ClassVar[str] = "bulletin_area_not_in_china"
    sentence: ClassVar[str] = N_("顶点（经度 {longitude}，纬度 {latitude}）不在我国范围内。")
    status: ClassVar[int] = 422


class AreaProbablySwapped(Refusal):
    code: ClassVar[str] = "bulletin_area_swapped"
    sentence: ClassVar[str] = N_("顶点（经度 {longitude}，纬度 {latitude}）不在我国范围内，对调后却在：经度和纬度填反了。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class ReadArea:
    """What was read. ``holes`` were filled; ``joined`` polygons touched or overlapped and became one."""

    shape: MultiPolygon
    holes: int = 0
    joined: int = 0


@dataclass(frozen=True)
class Simplified:
    """An outline with fewer vertices that still holds the whole of the drawn one. ``added_km2``: what is warned besides."""

    shape: MultiPolygon
    vertices: int
    tolerance_m: float
    added_km2: float


def read(told: str | Mapping[str, Any]) -> ReadArea:
    """The area of a GeoJSON geometry, feature or collection (RFC 7946), rings closed where they were left open.

    Raises :class:`AreaUnreadable`, :class:`AreaCrossesItself`, :class:`AreaCrossesDateLine`, :class:`AreaNotInChina`,
    :class:`AreaProbablySwapped`.
    """
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except ValueError:
            raise AreaUnreadable(why=N_("不是 GeoJSON。")) from None
    polygons = list(_polygons(told))
    if not polygons:
        raise AreaUnreadable(why=N_("里面没有面。"))
    if sum(len(ring) for rings in polygons for ring in rings) > MOST_POSITIONS:
        raise AreaUnreadable(why=N_("顶点过多，请先在制图软件中简化。"))
    outlines = [_ring(rings[0]) for rings in polygons]
    holes = sum(len(rings) - 1 for rings in polygons)
    shape = (
        MultiPolygon([Polygon(outlines[0])]) if len(outlines) == 1 else _multi(shapely.unary_union([Polygon(ring) for ring in outlines]))
    )
    # Polygons that touch along a ring leave a hole between them.
    holes += sum(len(part.interiors) for part in shape.geoms)
    whole = filled(shape)
    if area_km2(whole) < _LEAST_KM2:
        raise AreaUnreadable(why=N_("画出的范围没有面积。"))
    return ReadArea(whole, holes, len(outlines) - len(whole.geoms))


def _polygons(told: Any) -> Iterable[Sequence[Any]]:
    kind = told.get("type") if isinstance(told, Mapping) else None
    if kind == "Feature":
        yield from _polygons(told.get("geometry"))
    elif kind == "FeatureCollection":
        for feature in told.get("features") or ():
            yield from _polygons(feature)
    elif kind == "GeometryCollection":
        for geometry in told.get("geometries") or ():
            yield from _polygons(geometry)
    elif kind in {"Polygon", "MultiPolygon"}:
        coordinates = told.get("coordinates")
        for rings in [coordinates] if kind == "Polygon" else _listed(coordinates):
            if rings_of := _listed(rings):
                yield rings_of
    else:
        raise AreaUnreadable(why=N_("只接受面（Polygon、MultiPolygon）。"))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise AreaUnreadable(why=N_("坐标的层次不对。"))
    return list(value)


def _ring(told: Any) -> list[tuple[float, float]]:
    ring = [_position(each) for each in _listed(told)]
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    ring = [ring[0], *(after for before, after in pairwise(ring) if after != before)] if ring else ring
    if len(ring) < 4:
        raise AreaUnreadable(why=N_("一个面至少要有三个不同的顶点。"))
    if any(abs(longitude) > 180 for longitude, _ in ring) or any(abs(b[0] - a[0]) > 180 for a, b in pairwise(ring)):
        raise AreaCrossesDateLine
    for longitude, latitude in ring:
        _in_china(longitude, latitude)
    if not LinearRing(ring).is_simple:
        place = _PLACE.search(str(shapely.is_valid_reason(Polygon(ring))))
        longitude, latitude = (f"{float(place[1]):.4f}", f"{float(place[2]):.4f}") if place else ("—", "—")
        raise AreaCrossesItself(longitude=longitude, latitude=latitude)
    return ring


def _position(told: Any) -> tuple[float, float]:
    if not isinstance(told, list | tuple) or len(told) < 2 or any(isinstance(part, bool) for part in told[:2]):
        raise AreaUnreadable(why=N_("顶点应为 [经度, 纬度]。"))
    try:
        longitude, latitude = float(told[0]), float(told[1])
    except (TypeError, ValueError, OverflowError):
        raise AreaUnreadable(why=N_("顶点应为 [经度, 纬度]。")) from None
    if not (isfinite(longitude) and isfinite(latitude)):
        raise AreaUnreadable(why=N_("顶点应为 [经度, 纬度]。"))
    return round(longitude, DIGITS), round(latitude, DIGITS)


def _in_china(longitude: float, latitude: float) -> None:
    west, south, east, north = CHINA_BOX
    if west <= longitude <= east and south <= latitude <= north:
        return
    swapped = west <= latitude <= east and south <= longitude <= north
    raise (AreaProbablySwapped if swapped else AreaNotInChina)(longitude=longitude, latitude=latitude)


def _multi(shape: BaseGeometry) -> MultiPolygon:
    """Areas of a geometry alone, as a multi-polygon; lines and points that a union left are dropped."""
    parts = [part for part in shapely.get_parts([shape]) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return MultiPolygon([polygon for part in parts for polygon in shapely.get_parts([part]) if not polygon.is_empty])


def filled(shape: MultiPolygon) -> MultiPolygon:
    """``shape`` without its holes."""
    return _multi(shapely.unary_union([Polygon(part.exterior) for part in shape.geoms]))


def vertices(shape: MultiPolygon) -> int:
    """Corners of all rings; the closing repetition does not count."""
    return sum(len(part.exterior.coords) - 1 for part in shape.geoms)


def area_km2(shape: BaseGeometry) -> float:
    """Area on the ellipsoid GRS 80 in square kilometres."""
    return abs(_GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]) / 1e6 if not shape.is_empty else 0.0


def geojson(shape: MultiPolygon) -> dict[str, Any]:
    """The area as a GeoJSON MultiPolygon, rounded to what is kept."""

    def ring(part: Polygon) -> list[list[float]]:
        return [[round(float(x), DIGITS), round(float(y), DIGITS)] for x, y in part.exterior.coords]

    return {"type": "MultiPolygon", "coordinates": [[ring(part)] for part in shape.geoms]}


def stored(told: Mapping[str, Any]) -> MultiPolygon:
    """The shape of an area that :func:`geojson` wrote and :func:`read` had accepted before."""
    return MultiPolygon([Polygon(rings[0]) for rings in told["coordinates"]])


def circle(longitude: float, latitude: float, radius_km: float) -> Polygon:
    """A circle about a point as a polygon of 64 corners that holds the whole circle."""
    stretch = 1 / cos(np.pi / 64)
    angles = np.linspace(0, 360, 64, endpoint=False)
    count = len(angles)
    x, y, _ = _GEOD.fwd([longitude] * count, [latitude] * count, angles, [radius_km * 1000 * stretch] * count)
    return Polygon(list(zip(x, y, strict=True)))


def simplified(shape: MultiPolygon, limit: int) -> Simplified:
    """``shape`` with at most ``limit`` vertices (at least 8) and nobody in it lost.

    The outline is thinned by a tolerance (Douglas and Peucker 1973, topology kept) and then set outward by as much: what thinning cut off
    lies within the tolerance. The least tolerance that suffices is taken.
    """
    centre = shape.centroid
    scale = np.array([_METRES_PER_DEGREE * cos(radians(centre.y)), _METRES_PER_DEGREE])
    flat = shapely.transform(shape, lambda positions: positions * scale)
    tolerance, found = _least_tolerance(flat, max(limit, 8))
    multi = _multi(shapely.transform(found, lambda positions: np.round(positions / scale, DIGITS)))
    return Simplified(multi, vertices(multi), round(tolerance, 1), max(0.0, area_km2(multi) - area_km2(shape)))


def _least_tolerance(flat: BaseGeometry, limit: int) -> tuple[float, MultiPolygon]:
    too_fine, tolerance = 0.0, 1.0
    found = _thinner(flat, tolerance)
    while vertices(found) > limit:
        too_fine, tolerance = tolerance, tolerance * 2
        found = _thinner(flat, tolerance)
    for _ in range(5):
        middle = (too_fine + tolerance) / 2
        tried = _thinner(flat, middle)
        if vertices(tried) <= limit:
            tolerance, found = middle, tried
        else:
            too_fine = middle
    return tolerance, found


def _thinner(flat: BaseGeometry, tolerance: float) -> MultiPolygon:
    thinned = shapely.simplify(flat, tolerance, preserve_topology=True)
    # Thinning with its topology kept may cut off a little more than the tolerance, and GEOS sets out by up to a hundredth less.
    reach = tolerance * 1.02 + 0.3
    while True:
        wider = filled(_multi(shapely.buffer(thinned, reach, join_style="mitre", mitre_limit=2.0)))
        if shapely.covers(shapely.buffer(wider, -0.2), flat):
            return wider
        reach *= 1.25


def beyond(shape: BaseGeometry, bounds: BaseGeometry, tolerance_km: float) -> BaseGeometry:
    """What of ``shape`` lies farther than ``tolerance_km`` outside ``bounds``; empty when nothing does."""
    if shapely.covers(bounds, shape):
        return Polygon()
    near = shapely.buffer(shapely.intersection(bounds, _frame(shape, tolerance_km)), tolerance_km * 1000 / _METRES_PER_DEGREE)
    return shapely.difference(shape, near)


def _frame(shape: BaseGeometry, margin_km: float) -> BaseGeometry:
    west, south, east, north = shape.bounds
    margin = 2 * margin_km * 1000 / _METRES_PER_DEGREE / cos(radians(min(80.0, max(abs(south), abs(north)))))
    return shapely.box(west - margin, south - margin, east + margin, north + margin)


def cut_to(shape: MultiPolygon, bounds: BaseGeometry) -> MultiPolygon:
    """``shape`` within ``bounds``, without holes; empty when they do not meet."""
    return filled(_multi(shapely.intersection(shape, bounds)))
