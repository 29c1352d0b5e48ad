"""Mapbox Vector Tile 2.1, written from arrays: whole layers at a time, without a Python step for each vertex.

The library ``mapbox-vector-tile`` takes one vertex at a time and needs half a second for a tile with all counties; its message classes are
used, its geometry encoder is not. Tests decode what is written here with the library. Pure: shapes in, bytes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Properties = dict[str, str | int]

_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 15
_POINT, _LINE, _POLYGON = 1, 2, 3


def add_layer(tile: Any, name: str, extent: int, shapes: NDArray[np.object_], properties: Sequence[Properties]) -> None:
    """Append a layer to a tile message. ``shapes`` are all points, all lines or all areas, in tile units, y downward.

    Coordinates are rounded to whole units; rings and lines that shrink to nothing are left out, and features of which nothing remains.
    A layer without features is not written.
    """
    kind = _kind(shapes)
    layer = tile.layers.add()
    layer.name, layer.version, layer.extent = name, 2, extent
    keys: dict[str, int] = {}
    values: dict[str | int, int] = {}
    for number, geometry in enumerate(_geometries(shapes, kind)):
        if not geometry:
            continue
        feature = layer.features.add()
        feature.type = kind
        feature.geometry.extend(geometry)
        for key, value in properties[number].items():
            feature.tags.extend((keys.setdefault(key, len(keys)), values.setdefault(value, len(values))))
    if not layer.features:
        del tile.layers[-1]
        return
    layer.keys.extend(keys)
    for value in values:
        written = layer.values.add()
        if isinstance(value, str):
            written.string_value = value
        else:
            written.int_value = value


def new_tile() -> Any:
    """An empty tile message; ``SerializeToString()`` gives its bytes."""
    return cast("Any", vector_tile_pb2).tile()


def _kind(shapes: NDArray[np.object_]) -> int:
    dimension = int(shapely.get_dimensions(shapes).max(initial=0))
    return (_POINT, _LINE, _POLYGON)[dimension]


def _geometries(shapes: NDArray[np.object_], kind: int) -> list[list[int]]:
    """The command stream of every shape; empty where nothing remains."""
    pieces, owner = shapely.get_parts(shapes, return_index=True)
    outer = np.ones(len(pieces), dtype=bool)
    if kind == _POLYGON:
        pieces, part = shapely.get_rings(pieces, return_index=True)
        owner, outer = owner[part], np.diff(part, prepend=-1) != 0
    coordinates, piece = shapely.get_coordinates(pieces, return_index=True)
    units = np.rint(coordinates).astype(np.int64)
    units, piece = _without_repetitions(units, piece, kind)
    units, piece = _oriented(units, piece, outer) if kind == _POLYGON else _long_enough(units, piece, kind)
    # Steps run on from piece to piece within a shape and begin anew, at the tile's corner, with the next shape.
    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    shape_of = owner[piece]
    anew = np.diff(shape_of, prepend=-1) != 0
    steps[anew] = units[anew]
    zigzag = ((steps << 1) ^ (steps >> 63)).ravel().tolist()
    streams: list[list[int]] = [[] for _ in range(len(shapes))]
    starts = np.flatnonzero(np.diff(piece, prepend=-1)).tolist()
    for begin, end in pairwise([*starts, len(piece)]):
        _write(streams[shape_of[begin]], zigzag[2 * begin : 2 * end], kind)
    return streams


def _write(stream: list[int], steps: list[int], kind: int) -> None:
    """Append the commands of one piece."""
    stream.append(_MOVE_TO | 1 << 3)
    stream.extend(steps[:2])
    if kind != _POINT:
        stream.append(_LINE_TO | (len(steps) // 2 - 1) << 3)
        stream.extend(steps[2:])
    if kind == _POLYGON:
        stream.append(_CLOSE_PATH)


def _without_repetitions(units: Ints, piece: Ints, kind: int) -> tuple[Ints, Ints]:
    """Vertices that differ from the one before in their piece; rings without the vertex that closes them."""
    if kind == _POINT:
        return units, piece
    first = np.diff(piece, prepend=-1) != 0
    kept = first | np.any(np.diff(units, axis=0, prepend=0) != 0, axis=1)
    units, piece = units[kept], piece[kept]
    if kind == _POLYGON:
        starts, last = _ends(piece)
        closing = np.zeros(len(piece), dtype=bool)
        closing[last] = (units[last] == units[starts]).all(axis=1) & (last != starts)
        units, piece = units[~closing], piece[~closing]
    return units, piece


def _ends(piece: Ints) -> tuple[Ints, Ints]:
    """Positions of the first and of the last vertex of every piece."""
    starts = np.flatnonzero(np.diff(piece, prepend=-1))
    return starts, np.append(starts[1:], len(piece)) - 1


def _long_enough(units: Ints, piece: Ints, kind: int) -> tuple[Ints, Ints]:
    kept = np.bincount(piece, minlength=1)[piece] >= kind
    return units[kept], piece[kept]


def _oriented(units: Ints, piece: Ints, outer: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Outer rings clockwise on the screen (positive area with y downward), holes the other way; rings without area are left out.

    A hole goes with the ring around it.
    """
    if not len(piece):
        return units, piece
    starts, last = _ends(piece)
    following = np.arange(1, len(piece) + 1)
    following[last] = starts
    cross = units[:, 0] * units[following, 1] - units[following, 0] * units[:, 1]
    doubled = np.zeros(len(outer), dtype=np.int64)
    doubled[piece[starts]] = np.add.reduceat(cross, starts)
    around = np.maximum.accumulate(np.where(outer, np.arange(len(outer)), 0))
    kept = (doubled != 0) & (doubled[around] != 0)
    lengths = last - starts + 1
    position = np.arange(len(piece))
    mirrored = np.repeat(starts + last, lengths) - position
    units = units[np.where(((doubled > 0) != outer)[piece], mirrored, position)]
    return units[kept[piece]], piece[kept[piece]]
