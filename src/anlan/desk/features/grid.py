"""The tile matrix set WebMercatorQuad (OGC 17-083r4, annex D.1): tiles counted from the north-west corner, 256 pixels a side."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.desk.features.refusals import NoSuchMapTile

DEEPEST = 18
"""Zooms offered to other systems: a pixel of 0.6 m, finer than any zone or coordinate is known."""
PIXELS = 256
HALF_WORLD_M = math.pi * 6_378_137.0
"""Half the side of the square in metres (EPSG:3857)."""
CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
_PIXEL_M = 0.00028
"""Side of a standard pixel by which scale denominators are told (OGC 07-057r7, 6.1)."""


def check(z: int, row: int, col: int, deepest: int = DEEPEST) -> None:
    """Raise :class:`NoSuchMapTile` for a tile outside the set, or deeper than is offered."""
    if not (0 <= z <= deepest and 0 <= row < 2**z and 0 <= col < 2**z):
        raise NoSuchMapTile(z=z, row=row, col=col, deepest=deepest)


def pixels(coordinates: NDArray[np.float64], z: int, row: int, col: int) -> NDArray[np.float64]:
    """Degrees (longitude, latitude) to pixels of a tile: x to the east, y to the south, from its north-west corner."""
    side = PIXELS * 2.0**z
    sine = np.sin(np.radians(np.clip(coordinates[:, 1], -85.06, 85.06)))
    x = (coordinates[:, 0] / 360.0 + 0.5) * side - col * PIXELS
    y = (0.5 - np.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * side - row * PIXELS
    return np.column_stack([x, y])


def matrices() -> list[dict[str, Any]]:
    """Every zoom: identifier, scale denominator, metres a pixel, tiles a side."""
    found = []
    for z in range(DEEPEST + 1):
        cell = 2 * HALF_WORLD_M / (PIXELS * 2**z)
        found.append(
            {
                "id": str(z),
                "scaleDenominator": cell / _PIXEL_M,
                "cellSize": cell,
                "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
                "tileWidth": PIXELS,
                "tileHeight": PIXELS,
                "matrixWidth": 2**z,
                "matrixHeight": 2**z,
            }
        )
    return found


def definition() -> dict[str, Any]:
    """The set as JSON (17-083r4, 7.1)."""
    return {
        "id": "WebMercatorQuad",
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices(),
    }
