"""What other rooms may ask of places. Names and points of provinces, cities and counties come from memory, without a query."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import shapely

from anlan.ground.places import index, queries
from anlan.ground.places.geometry import polygons_of
from anlan.ground.places.index import FigureInfo, PlaceInfo, Townships
from anlan.kernel.geo import Box, Point
from anlan.kernel.levels import Level

if TYPE_CHECKING:
    import numpy as np
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "FigureInfo",
    "PlaceInfo",
    "Townships",
    "ancestors",
    "bounds",
    "children",
    "counties_at",
    "county_at",
    "exists",
    "figure",
    "figures",
    "full_name",
    "outline",
    "outlines",
    "outlines_within",
    "place",
    "place_name",
    "resolve",
    "search",
    "townships",
    "value",
    "values",
]


def place(code: str) -> PlaceInfo | None:
    """The place of a code, in force or not; ``None`` when the code was never in the list."""
    return index.current().place(code)


def place_name(code: str) -> str:
    """Name of a place for display: 历下区. An unknown code is shown as it is, the nation as 全国."""
    return index.current().name(code)


def full_name(code: str) -> str:
    """Name with all its upper places: 山东省济南市历下区. An unknown code is shown as it is."""
    return index.current().full_name(code)


def exists(code: str) -> bool:
    """Whether ``code`` is in the code list in force (34 provinces, 333 cities, 2,847 counties, 38,749 townships, the nation)."""
    return index.current().in_force(code)


def townships() -> Townships:
    """Every township in force with its point, as arrays; from memory. Not to be changed by the caller."""
    return index.current().townships


def children(code: str) -> tuple[PlaceInfo, ...]:
    """Places in force one step below, by code. Below a municipality these are its districts (the list has no pseudo city)."""
    return index.current().children(code)


def ancestors(code: str) -> tuple[PlaceInfo, ...]:
    """Upper places from the province down, without the nation and without the place itself."""
    return index.current().ancestors(code)


def resolve(code: str, on: date) -> PlaceInfo | None:
    """The place in force today that bore ``code`` on the day ``on``: 370181 (章丘市) in 2010 is today's 370114 (章丘区).

    ``None`` when the place was abolished without a successor or the code was never given.
    """
    return index.current().resolve(code, on)


def county_at(longitude: float, latitude: float) -> PlaceInfo | None:
    """The county that holds a point in CGCS2000/WGS-84 degrees.

    Where the code list knows no county (东莞, 中山, 儋州, 嘉峪关, Hong Kong, Macao, Taiwan, areas outside the list) the answer is the
    lowest division known there; at sea and abroad it is ``None``. Shifted coordinates of web maps (GCJ-02, BD-09) cannot be told
    from true ones and must be converted before they get here. Raises :class:`ImpossibleCoordinates` outside the world.
    """
    point = Point(longitude, latitude)
    return index.current().county_at(point.longitude, point.latitude)


def counties_at(longitudes: np.ndarray, latitudes: np.ndarray) -> tuple[str | None, ...]:
    """Codes of the counties that hold many points (degrees) at once, as :func:`county_at` answers for one; ``None`` in no county."""
    return index.current().counties_at(longitudes, latitudes)


def outlines(shape: BaseGeometry) -> dict[str, BaseGeometry]:
    """Outlines of the counties that meet ``shape`` (degrees), by code; from memory. Not to be changed by the caller."""
    return index.current().outlines(shape)


def outline(code: str) -> dict[str, object] | None:
    """The published outline of a province, city or county as a GeoJSON geometry in degrees; ``None`` when none is known."""
    return queries.outline(code)


def bounds(code: str) -> Box | None:
    """West, south, east, north of a place in degrees; ``None`` when no outline is known."""
    return index.current().bounds(code)


def outlines_within(box: Box) -> tuple[tuple[tuple[tuple[tuple[float, float], ...], ...], ...], ...]:
    """Outlines of counties cut to a box, for a map behind other things: each polygons of rings in degrees."""
    frame = shapely.box(box.west, box.south, box.east, box.north)
    return tuple(polygons_of(shapely.intersection(shape, frame)) for shape in index.current().outlines(frame).values())


def search(text: str, limit: int = 20, *, level: Level | None = None, within: str = "") -> tuple[PlaceInfo, ...]:
    """Places in force by name, short name, pinyin, initials or code, best first. ``within`` is a place prefix (``3701``)."""
    return queries.search(text, limit, level=level, within=within)


def figures(code: str) -> tuple[FigureInfo, ...]:
    """All dated facts about a place, newest first."""
    return queries.figures(code)


def figure(code: str, figure_code: str) -> FigureInfo | None:
    """The newest figure of that kind for a place, with year, unit, source and status; ``None`` when not known."""
    return next((item for item in queries.figures(code) if item.figure_code == figure_code), None)


def value(code: str, figure_code: str) -> Decimal | None:
    """Only the value of :func:`figure`."""
    found = figure(code, figure_code)
    return found.value if found else None


def values(figure_code: str, level: Level) -> dict[str, float]:
    """The newest figure of that kind of every place of a level, by code; places without one are left out."""
    return queries.values(figure_code, level)
