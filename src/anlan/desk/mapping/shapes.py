"""Areas that somebody drew or named, and the buffer around them. Degrees in, degrees out; metres in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import cos, isfinite, pi, radians
from typing import Any, ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from anlan.kernel.errors import Refusal
from anlan.kernel.geo import EARTH_RADIUS_M
from anlan.kernel.words import N_

MOST_CORNERS = 5_000
"""Corners of a drawn area. Project default: far more than anybody draws, few enough to be looked through at once."""
MOST_RADIUS_M = 200_000.0
"""Widest buffer. Project default; within it the flat reckoning is right to some tenths of a percent."""
_CORNERS_A_QUARTER = 16
_KINDS = frozenset({"Point", "LineString", "Polygon", "MultiPolygon"})

PlaceOutline = Callable[[str], Mapping[str, Any] | None]
_outline: list[PlaceOutline] = []


class BadShape(Refusal):
    code: ClassVar[str] = "bad_shape"
    sentence: ClassVar[str] = N_(
        "图形无效：应为 GeoJSON 的点、线或面，坐标为“经度, 纬度”（度），顶点不超过 {most} 个，面的边线不能自相交。"
    )
    status: ClassVar[int] = 422


class BadRadius(Refusal):
    code: ClassVar[str] = "bad_radius"
    sentence: ClassVar[str] = N_("半径无效：应为 1–{most} 米之间的数字。")
    status: ClassVar[int] = 422


class NoArea(Refusal):
    code: ClassVar[str] = "no_area"
    sentence: ClassVar[str] = N_("点和线没有面积，请再填写半径（米）。")
    status: ClassVar[int] = 422


class NoOutline(Refusal):
    code: ClassVar[str] = "no_outline"
    sentence: ClassVar[str] = N_("没有行政区“{place}”的边界，请改用画图或坐标。")
    status: ClassVar[int] = 422


def use_outlines(outline: PlaceOutline) -> None:
    """Say where outlines of places come from: a place code gives a GeoJSON geometry in degrees, or ``None``. Called by the assembly."""
    _outline[:] = [outline]


def area_of(given: Any, radius: Any = None, place: str = "") -> BaseGeometry:
    """The area that is meant: a drawn geometry (GeoJSON object or its text) or a named place, with a buffer of ``radius`` metres around it.

    Raises :class:`BadShape`, :class:`BadRadius`, :class:`NoArea`, :class:`NoOutline`.
    """
    drawn = _named(place) if place else _drawn(given)
    wide = _radius(radius)
    if wide:
        drawn = buffered(drawn, wide)
    if drawn.geom_type not in ("Polygon", "MultiPolygon"):
        raise NoArea
    return drawn


def geojson(area: BaseGeometry) -> dict[str, Any]:
    """An area as GeoJSON, to a millionth of a degree."""
    return dict(mapping(shapely.set_precision(area, 1e-6)))


def _named(place: str) -> BaseGeometry:
    found = _outline[0](place) if _outline else None
    if found is None:
        raise NoOutline(place=place[:20])
    return shape(found)


def _drawn(given: Any) -> BaseGeometry:
    try:
        told = json.loads(given) if isinstance(given, str) else given
        if not isinstance(told, Mapping) or told.get("type") not in _KINDS:
            raise BadShape(most=MOST_CORNERS)
        drawn = shape(told)
        corners = shapely.get_coordinates(drawn)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError) as wrong:
        raise BadShape(most=MOST_CORNERS) from wrong
    if drawn.is_empty or not 0 < len(corners) <= MOST_CORNERS or not np.isfinite(corners).all():
        raise BadShape(most=MOST_CORNERS)
    if (np.abs(corners) > (180.0, 85.0)).any() or not drawn.is_valid:
        raise BadShape(most=MOST_CORNERS)
    return drawn


def _radius(given: Any) -> float:
    if given in (None, "", 0, "0"):
        return 0.0
    try:
        found = float(given)
    except (TypeError, ValueError) as wrong:
        raise BadRadius(most=int(MOST_RADIUS_M)) from wrong
    if not isfinite(found) or not 1.0 <= found <= MOST_RADIUS_M:
        raise BadRadius(most=int(MOST_RADIUS_M))
    return found


def buffered(drawn: BaseGeometry, metres: float) -> BaseGeometry:
    """Everything within ``metres`` of a geometry, reckoned flat around its middle (equirectangular, metres to both sides)."""
    west, south, east, north = drawn.bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    degree = EARTH_RADIUS_M * pi / 180
    scale = np.array([degree * cos(radians(middle[1])), degree])

    def flat(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return (corners - middle) * scale

    def round_again(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return corners / scale + middle

    return shapely.transform(shapely.transform(drawn, flat).buffer(metres, quad_segs=_CORNERS_A_QUARTER), round_again)
