"""From ways (lines with what they are) to a network: nodes where ways meet or end, edges between them, both directions of two-way roads.

Everything is done on whole arrays: a city is assembled within a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from anlan.routing.classes import CODES
from anlan.routing.network import Network
from anlan.routing.plane import Floats, lengths_m

FORWARD, BOTH, BACKWARD = 1, 0, -1
GRID_PER_DEGREE: Final = 1e7
"""Places closer than 10⁻⁷ degree (1 cm) are one: the precision in which OpenStreetMap keeps coordinates."""


@dataclass(frozen=True)
class Way:
    """A line of at least two points with what it is. ``points``: degrees, shape (n, 2). ``keys``: identity of each point (node numbers of
    OpenStreetMap); ways meet where keys are equal. Without keys they meet where coordinates are."""

    number: int
    points: Floats
    road_class: str
    direction: int = BOTH
    forbidden: int = 0
    limit_kmh: float = 0.0
    name: str = ""
    keys: NDArray[np.int64] | None = None


@dataclass
class Ways:
    """Gathers ways for :func:`assemble`. ``split``: whether ways are cut where they share an inner point; lines that are edges already are not."""

    split: bool = True
    _points: list[Floats] = field(default_factory=list)
    _keys: list[NDArray[np.int64]] = field(default_factory=list)
    _facts: list[tuple[int, int, int, int, float, int]] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=lambda: {"": 0})
    _class_at: dict[str, int] = field(default_factory=lambda: {code: place for place, code in enumerate(CODES)})

    def add(self, way: Way) -> None:
        """Take one way."""
        name = self._names.setdefault(" ".join(way.name.split()), len(self._names))
        self._points.append(way.points)
        self._keys.append(keys_of(way.points) if way.keys is None else way.keys)
        self._facts.append((way.number, self._class_at[way.road_class], way.direction, way.forbidden, way.limit_kmh, name))

    def __len__(self) -> int:
        return len(self._facts)

    def assemble(self) -> Network:
        """The network of all ways taken; at least one is needed."""
        return _assemble(self._points, self._keys, np.array(self._facts, np.float64), tuple(self._names), self.split)


def keys_of(points: Floats) -> NDArray[np.int64]:
    """Identity of points by their coordinates, shape (n,)."""
    whole = np.round(points * GRID_PER_DEGREE).astype(np.int64)
    return (whole[:, 0] << 32) ^ (whole[:, 1] & 0xFFFFFFFF)


def _assemble(points: Sequence[Floats], keys: Sequence[NDArray[np.int64]], facts: Floats, names: tuple[str, ...], split: bool) -> Network:
    counts = np.array([len(each) for each in points])
    owner = np.repeat(np.arange(len(points)), counts)
    place, key = np.concatenate(points), np.concatenate(keys)
    fresh = np.ones(len(key), np.bool_)
    if split:
        # A point said twice in a row is one. Edges that are drawn already stay as they are, also those without length.
        fresh[1:] = (key[1:] != key[:-1]) | (owner[1:] != owner[:-1])
    owner, place, key = owner[fresh], place[fresh], key[fresh]
    _distinct, at, point, uses = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    outer = np.ones(len(key), np.bool_)
    outer[1:-1] = (owner[1:-1] != owner[:-2]) | (owner[1:-1] != owner[2:])
    is_node = outer | ((uses[point] > 1) if split else False)
    stops = np.flatnonzero(is_node)
    same = owner[stops[1:]] == owner[stops[:-1]]
    begin, end = stops[:-1][same], stops[1:][same]
    used, of_point = np.unique(point[stops], return_inverse=True)
    node_of_stop = np.full(len(key), -1, np.int64)
    node_of_stop[stops] = of_point
    along = np.concatenate([[0.0], np.cumsum(lengths_m(place[:-1], place[1:]))])
    way = owner[begin]
    pieces = _Pieces(node_of_stop[begin], node_of_stop[end], begin, end, along[end] - along[begin], way)
    return _directed(pieces, place, facts, names, place[at[used]])


@dataclass(frozen=True)
class _Pieces:
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    length_m: Floats
    way: NDArray[np.int64]


def _directed(pieces: _Pieces, place: Floats, facts: Floats, names: tuple[str, ...], nodes: Floats) -> Network:
    """Edges of the pieces in the directions that their ways allow, ordered by the node they start from."""
    direction = facts[pieces.way, 2]
    onward, back = np.flatnonzero(direction >= 0), np.flatnonzero(direction <= 0)
    piece = np.concatenate([onward, back])
    turned = np.concatenate([np.zeros(len(onward), np.bool_), np.ones(len(back), np.bool_)])
    tail = np.where(turned, pieces.head[piece], pieces.tail[piece])
    head = np.where(turned, pieces.tail[piece], pieces.head[piece])
    order = np.argsort(tail, kind="stable")
    piece, turned, tail, head = piece[order], turned[order], tail[order], head[order]
    sizes = (pieces.end - pieces.begin + 1)[piece]
    shape_first = np.concatenate([[0], np.cumsum(sizes)])
    within = np.arange(shape_first[-1]) - np.repeat(shape_first[:-1], sizes)
    start = np.where(turned, pieces.end[piece], pieces.begin[piece])
    taken = np.repeat(start, sizes) + np.repeat(np.where(turned, -1, 1), sizes) * within
    of_way = facts[pieces.way[piece]]
    return Network(
        longitude=nodes[:, 0].copy(),
        latitude=nodes[:, 1].copy(),
        first=np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=len(nodes)))]).astype(np.int32),
        head=head.astype(np.int32),
        length_m=pieces.length_m[piece],
        road_class=of_way[:, 1].astype(np.uint8),
        limit_kmh=of_way[:, 4].astype(np.float32),
        forbidden=of_way[:, 3].astype(np.uint16),
        name=of_way[:, 5].astype(np.int32),
        way=of_way[:, 0].astype(np.int64),
        shape_first=shape_first.astype(np.int32),
        shape=place[taken],
        names=names,
    )
