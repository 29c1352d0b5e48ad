"""The net of roads in compact arrays: what is kept on disk, cached by processes and searched."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from anlan.routing.classes import CODES, UNCLASSIFIED
from anlan.routing.plane import Floats, Plane
from anlan.routing.refusals import NetworkUnreadable

VERSION: Final = 1
"""Of the stored form. A file of another version is refused: the net is imported anew from its source."""
_NEWLINE = "\n"
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes and directed edges. Edges are ordered by the node they start from: those of node ``i`` are ``first[i]:first[i + 1]`` (CSR).

    A two-way road is two edges. ``road_class`` indexes :data:`anlan.routing.classes.CODES`; ``limit_kmh`` is the posted speed or 0;
    ``forbidden`` holds the bits of vehicles that may not use the edge (:data:`anlan.routing.vehicles.BITS`); ``name`` indexes ``names``, whose
    first is empty; ``way`` is the number of the feature in its source. The line of edge ``e``, both ends included, is
    ``shape[shape_first[e]:shape_first[e + 1]]`` in degrees. Nothing of it is ever written to.
    """

    longitude: Floats
    latitude: Floats
    first: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: Floats
    road_class: NDArray[np.uint8]
    limit_kmh: NDArray[np.float32]
    forbidden: NDArray[np.uint16]
    name: NDArray[np.int32]
    way: NDArray[np.int64]
    shape_first: NDArray[np.int32]
    shape: Floats
    names: tuple[str, ...] = ("",)
    _kept: dict[object, Any] = field(default_factory=dict, repr=False)

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return len(self.longitude)

    @property
    def edges(self) -> int:
        """How many directed edges."""
        return len(self.head)

    @cached_property
    def tail(self) -> NDArray[np.int32]:
        """The node each edge starts from, shape (edges,)."""
        return np.repeat(np.arange(self.nodes, dtype=np.int32), np.diff(self.first))

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, of the lines and not only the nodes."""
        (west, south), (east, north) = self.shape.min(0), self.shape.max(0)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def plane(self) -> Plane:
        """Metres about the middle of the box."""
        west, south, east, north = self.box
        return Plane((west + east) / 2, (south + north) / 2)

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The line of every edge as a shapely ``LineString`` in metres of :attr:`plane`, shape (edges,)."""
        import shapely

        owners = np.repeat(np.arange(self.edges), np.diff(self.shape_first))
        return cast("NDArray[np.object_]", shapely.linestrings(self.plane.metres(self.shape), indices=owners))

    @cached_property
    def tree(self) -> Any:
        """Index of :attr:`lines` (shapely ``STRtree``)."""
        import shapely

        return shapely.STRtree(self.lines)

    @cached_property
    def total_km(self) -> float:
        """Length of all lines in km, each road counted once although two-way roads are two edges."""
        low, high = np.minimum(self.tail, self.head).astype(np.int64), np.maximum(self.tail, self.head)
        key = np.stack([low, high, np.round(self.length_m).astype(np.int64)])
        _once, at = np.unique(key, axis=1, return_index=True)
        return float(self.length_m[at].sum() / 1000)

    def line(self, edge: int) -> Floats:
        """Degrees of one edge's line, shape (points, 2)."""
        return self.shape[self.shape_first[edge] : self.shape_first[edge + 1]]

    def kept(self, key: object, make: Callable[[], T]) -> T:
        """What was reckoned of this net before under ``key``; made now if it was not. Two threads may make it twice, which does no harm."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast("T", self._kept[key])

    def strong_part(self) -> NDArray[np.bool_]:
        """Nodes of the largest part in which every node reaches every other by the edges as they are directed, shape (nodes,)."""
        return largest_strong_part(self.first, self.head, np.ones(self.edges, np.bool_))


def largest_strong_part(first: NDArray[np.int32], head: NDArray[np.int32], usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes of the largest strongly connected part of a graph in CSR form, by the ``usable`` edges alone, shape (nodes,)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    count = len(first) - 1
    tail = np.repeat(np.arange(count), np.diff(first))
    chosen = csr_array((np.ones(int(usable.sum()), np.float64), (tail[usable], head[usable])), shape=(count, count))
    _parts, part = connected_components(chosen, directed=True, connection="strong")
    return cast("NDArray[np.bool_]", part == np.bincount(part).argmax())


def save(network: Network, path: Path) -> None:
    """Write the net as ``.npz``; the file appears whole or not at all. Raises ``OSError``."""
    arrays = {f.name: getattr(network, f.name) for f in fields(network) if f.name not in ("names", "_kept")}
    texts = {"names": network.names, "classes": CODES}
    arrays |= {key: np.frombuffer(_NEWLINE.join(value).encode(), np.uint8) for key, value in texts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, version=np.array(VERSION), **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def load(path: Path) -> Network:
    """Read what :func:`save` wrote. Raises :class:`NetworkUnreadable`; a class of road that is no longer known becomes a common road."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if int(file["version"]) != VERSION:
                raise NetworkUnreadable(file=path.name, reason=f"version {int(file['version'])}, {VERSION}")
            arrays = {f.name: file[f.name] for f in fields(Network) if f.name not in ("names", "_kept")}
            names, classes = (bytes(file[key]).decode().split(_NEWLINE) for key in ("names", "classes"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as wrong:
        raise NetworkUnreadable(file=path.name, reason=str(wrong)) from wrong
    if tuple(classes) != CODES:
        known = np.array([CODES.index(code) if code in CODES else CODES.index(UNCLASSIFIED) for code in classes], np.uint8)
        arrays["road_class"] = known[arrays["road_class"]]
    return Network(**arrays, names=tuple(names))
