"""The net in force as vector tiles (Mapbox Vector Tile 2.1): a faint drawing under other layers, from the node itself."""

from __future__ import annotations

from collections import OrderedDict
from math import pi
from threading import Lock
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from anlan.ground.roads import rules
from anlan.routing.classes import CODES
from anlan.routing.network import Network

LAYER: Final = "road-net"
SHALLOWEST, DEEPEST = 9, 14
"""Zooms with tiles: above, a browser enlarges the deepest; below, a net is a blot."""
EXTENT: Final = 4096
BUFFER: Final = 64
ALL_FROM_ZOOM: Final = 12
"""From here every road is drawn, before only the main ones."""
_MAIN = frozenset({"motorway", "trunk", "primary", "secondary"})
_MIDDLE_FROM_ZOOM, _MIDDLE = 11, _MAIN | {"motorway_link", "trunk_link", "primary_link", "tertiary"}
_KEPT = 256
_tiles: OrderedDict[tuple[UUID, int, int, int], bytes] = OrderedDict()
_lock = Lock()


def tile(net_id: UUID, network: Network, z: int, x: int, y: int) -> bytes:
    """One tile; empty bytes where no road shows. Raises :class:`NoSuchTile`. The last tiles are kept by the process."""
    if not (SHALLOWEST <= z <= DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z):
        raise rules.NoSuchTile(z=z, x=x, y=y, shallowest=SHALLOWEST, deepest=DEEPEST)
    key = (net_id, z, x, y)
    with _lock:
        if key in _tiles:
            _tiles.move_to_end(key)
            return _tiles[key]
    made = _draw(network, z, x, y)
    with _lock:
        _tiles[key] = made
        while len(_tiles) > _KEPT:
            _tiles.popitem(last=False)
    return made


def _draw(network: Network, z: int, x: int, y: int) -> bytes:
    import mapbox_vector_tile
    import shapely

    hits = _near(network, z, x, y)
    if not len(hits):
        return b""
    points = np.concatenate([network.line(int(each)) for each in hits])
    owner = np.repeat(np.arange(len(hits)), (network.shape_first[hits + 1] - network.shape_first[hits]))
    cut = shapely.clip_by_rect(
        shapely.linestrings(_units(points, z, x, y), indices=owner), -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER
    )
    cut = shapely.simplify(cut, 2.0)
    classes, seen = network.road_class[hits], ~shapely.is_empty(cut)
    drawn = []
    # One feature for each class: a tile of a town has thousands of roads, and nobody picks them.
    for number in np.unique(classes[seen]):
        lines = shapely.get_parts(cut[seen & (classes == number)])
        code = CODES[int(number)]
        drawn.append({"geometry": shapely.multilinestrings(lines), "properties": {"road_class": code, "main": code in _MAIN}})
    if not drawn:
        return b""
    return bytes(mapbox_vector_tile.encode([{"name": LAYER, "features": drawn}], default_options={"extents": EXTENT, "y_coord_down": True}))


def _near(network: Network, z: int, x: int, y: int) -> NDArray[np.intp]:
    """Edges about the tile that its zoom shows, of a two-way road one of the two."""
    shown = _shown(network, z)
    west, south, east, north = network.kept(("boxes",), lambda: _boxes(network))[shown].T
    margin = BUFFER / EXTENT
    left, top = _corner(z, x - margin, y - margin)
    right, bottom = _corner(z, x + 1 + margin, y + 1 + margin)
    return shown[(east >= left) & (west <= right) & (north >= bottom) & (south <= top)]


def _shown(network: Network, z: int) -> NDArray[np.intp]:
    band = "all" if z >= ALL_FROM_ZOOM else "middle" if z >= _MIDDLE_FROM_ZOOM else "main"

    def make() -> NDArray[np.intp]:
        wanted = {"all": frozenset(CODES), "middle": _MIDDLE, "main": _MAIN}[band]
        classes = np.isin(network.road_class, [number for number, code in enumerate(CODES) if code in wanted])
        return np.flatnonzero(classes & network.kept(("once",), lambda: _once(network)))

    return network.kept(("shown", band), make)


def _once(network: Network) -> NDArray[np.bool_]:
    """Edges without those that lead back along another one: same ends, same class, same length."""
    low, high = np.minimum(network.tail, network.head), np.maximum(network.tail, network.head)
    key = np.stack([low, high, network.road_class, np.round(network.length_m).astype(np.int64)])
    _keys, at = np.unique(key, axis=1, return_index=True)
    found = np.zeros(network.edges, np.bool_)
    found[at] = True
    return found


def _boxes(network: Network) -> NDArray[np.float64]:
    """West, south, east, north of every edge's line, shape (edges, 4)."""
    starts = network.shape_first[:-1]
    low, high = np.minimum.reduceat(network.shape, starts), np.maximum.reduceat(network.shape, starts)
    return np.concatenate([low, high], axis=1)


def _corner(z: int, column: float, line: float) -> tuple[float, float]:
    """Longitude and latitude at a place between tiles, in degrees."""
    latitude = np.degrees(np.arctan(np.sinh(pi * (1 - 2 * line / 2**z))))
    return column / 2**z * 360 - 180, float(latitude)


def _units(line: NDArray[np.float64], z: int, x: int, y: int) -> NDArray[np.float64]:
    """Degrees as units of the tile, y downward."""
    across = (line[:, 0] / 360 + 0.5) * 2**z - x
    down = (0.5 - np.arcsinh(np.tan(np.radians(line[:, 1]))) / (2 * pi)) * 2**z - y
    return np.stack([across, down], axis=-1) * EXTENT
