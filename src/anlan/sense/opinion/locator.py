"""A small map of the places that posts may mean: outlines cut to a box and dots, drawn by the server. Outlines are for orientation only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from anlan.ground.places import door as places
from anlan.kernel.geo import Box

WIDTH, HEIGHT = 360, 260
_WIDEST = 5.0
"""Degrees of longitude up to which outlines of counties are drawn; beyond, the dots stand alone in a frame."""


@dataclass(frozen=True)
class Dot:
    """A candidate in the coordinates of the drawing."""

    x: float
    y: float
    code: str
    name: str
    first: bool


@dataclass(frozen=True)
class Locator:
    """The drawing: ``outlines`` are ``points`` of polygons."""

    width: int
    height: int
    outlines: tuple[str, ...]
    dots: tuple[Dot, ...]


def draw(codes: Sequence[str]) -> Locator | None:
    """The places of ``codes`` that have a point, the first marked; ``None`` when none has."""
    found = [(place, place.longitude, place.latitude) for code in codes if (place := places.place(code)) is not None]
    known = [(place, x, y) for place, x, y in found if x is not None and y is not None]
    if not known:
        return None
    box = _box([x for _place, x, _y in known], [y for _place, _x, y in known])

    def at(longitude: float, latitude: float) -> tuple[float, float]:
        return (
            round((longitude - box.west) / (box.east - box.west) * WIDTH, 1),
            round((box.north - latitude) / (box.north - box.south) * HEIGHT, 1),
        )

    outlines = places.outlines_within(box) if box.east - box.west <= _WIDEST else ()
    rings = tuple(" ".join(f"{x},{y}" for x, y in (at(*corner) for corner in polygon[0])) for shape in outlines for polygon in shape)
    dots = tuple(Dot(*at(x, y), place.code, place.name, number == 0) for number, (place, x, y) in enumerate(known))
    return Locator(WIDTH, HEIGHT, rings, dots)


def _box(longitudes: Sequence[float], latitudes: Sequence[float]) -> Box:
    """Around all points, at least half a degree high, in the drawing's proportions at that latitude."""
    middle_x, middle_y = (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2
    flat = WIDTH / HEIGHT / math.cos(math.radians(middle_y))
    high = max((max(latitudes) - min(latitudes)) * 1.3, (max(longitudes) - min(longitudes)) * 1.3 / flat, 0.5)
    return Box(middle_x - high * flat / 2, middle_y - high / 2, middle_x + high * flat / 2, middle_y + high / 2)
