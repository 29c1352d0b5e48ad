"""The Web Mercator square in which tiles are counted: x to the east, y to the south, both from 0 to 1."""

from __future__ import annotations

from math import atan, degrees, log, pi, radians, sin, sinh

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
EDGE = 85.051129
"""Latitude at which the square ends."""


def world_x(longitude: float) -> float:
    """Degrees to the square."""
    return longitude / 360 + 0.5


def world_y(latitude: float) -> float:
    """Degrees to the square, cut off at its edge."""
    sine = sin(radians(max(-EDGE, min(EDGE, latitude))))
    return 0.5 - log((1 + sine) / (1 - sine)) / (4 * pi)


def latitude_of(y: float) -> float:
    """The latitude of a place in the square, degrees."""
    return degrees(atan(sinh(pi * (1 - 2 * y))))


def tile_box(z: int, x: int, y: int, margin: float = 0.0) -> Box:
    """A tile in degrees, widened on every side by ``margin`` (share of its side)."""
    side = 2**z
    return (
        ((x - margin) / side - 0.5) * 360,
        latitude_of((y + 1 + margin) / side),
        ((x + 1 + margin) / side - 0.5) * 360,
        latitude_of((y - margin) / side),
    )
