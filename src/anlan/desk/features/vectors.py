"""Vector tiles of collections (Mapbox Vector Tile 2.1): the features that the actor sees in the tile, cut at its edge."""

from __future__ import annotations

from math import atan, degrees, pi, sinh
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from django.http import QueryDict
from shapely.geometry import shape

from anlan.desk.features import grid
from anlan.desk.features.declare import Asked, Box, Collection, Feature
from anlan.kernel.access import Actor

EXTENT = 4096
BUFFER = 128
"""Units beyond the tile's edge that are still drawn, so that outlines and marks are not cut at the seams."""
MOST_IN_TILE = 5_000
_UNITS_A_PIXEL = EXTENT / grid.PIXELS


def tile_of(found: Collection, actor: Actor, z: int, row: int, col: int, params: QueryDict) -> bytes:
    """The tile of a collection; its one layer bears the collection's code. Empty bytes where nothing is seen."""
    if found.tile is not None:
        return found.tile(actor, z, col, row, params)
    asked = Asked(boxes=(box_of(z, row, col),), limit=MOST_IN_TILE, filters=params)
    return encoded(found.code, found.page(actor, asked).features, z, row, col)


def box_of(z: int, row: int, col: int) -> Box:
    """A tile with its buffer in degrees."""
    margin = BUFFER / EXTENT

    def latitude(at: float) -> float:
        return degrees(atan(sinh(pi * (1 - 2 * at / 2**z))))

    def longitude(at: float) -> float:
        return at / 2**z * 360 - 180

    return (
        max(-180.0, longitude(col - margin)),
        latitude(min(row + 1 + margin, 2**z)),
        min(180.0, longitude(col + 1 + margin)),
        latitude(max(row - margin, 0)),
    )


def encoded(name: str, features: Any, z: int, row: int, col: int) -> bytes:
    """Features as one layer of a tile; empty bytes when none of them shows."""
    edge = (-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    drawn = []
    for feature in features:
        if feature.geometry is None:
            continue
        placed = shapely.transform(shape(feature.geometry), lambda corners: grid.pixels(np.asarray(corners), z, row, col) * _UNITS_A_PIXEL)
        cut = shapely.clip_by_rect(placed, *edge) if placed.geom_type != "Point" else placed
        if not cut.is_empty:
            drawn.append({"geometry": cut, "properties": _told(feature)})
    if not drawn:
        return b""
    layers = [{"name": name, "features": drawn}]
    return bytes(mapbox_vector_tile.encode(layers, default_options={"extents": EXTENT, "y_coord_down": True}))


def _told(feature: Feature) -> dict[str, Any]:
    """What a tile tells of a feature: plain values, with its id, by which ``/items/{id}`` tells the rest."""
    plain = {name: value for name, value in feature.properties.items() if isinstance(value, str | int | float | bool) and name != "url"}
    return {**plain, "id": feature.id}
