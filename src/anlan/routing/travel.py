"""Times over the net: what one vehicle may use, what is closed or dangerous, where a place lies on the roads, and the search itself (Dijkstra).

Closing is by edges: whoever closes a road names its edges (:mod:`closing`). A danger zone may be left but not entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from anlan.routing.network import Network, largest_strong_part
from anlan.routing.plane import Area, Floats
from anlan.routing.vehicles import Vehicle

Bools = NDArray[np.bool_]
Point = tuple[float, float]
KMH_PER_MS: Final = 3.6


@dataclass(frozen=True, eq=False)
class Graph:
    """The arcs one vehicle may use, ordered by the node they start from (CSR). ``edge`` names the edge of each arc, ``backwards`` whether it is
    gone against its direction (on foot). ``usable``, shape (edges,): edges between nodes of the largest strongly connected part ``core``."""

    first: NDArray[np.int32]
    head: NDArray[np.int32]
    seconds: Floats
    edge: NDArray[np.int32]
    backwards: Bools
    core: Bools
    usable: Bools

    def turned(self) -> Graph:
        """The same arcs gone the other way, for searches towards a place."""
        tail = np.repeat(np.arange(len(self.first) - 1, dtype=np.int32), np.diff(self.first))
        order = np.argsort(self.head, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(self.head, minlength=len(self.first) - 1))]).astype(np.int32)
        return Graph(first, tail[order], self.seconds[order], self.edge[order], self.backwards[order], self.core, self.usable)


def edge_seconds(network: Network, vehicle: Vehicle) -> Floats:
    """Seconds along every edge, infinite where the vehicle may not go, shape (edges,)."""
    kmh = np.asarray(vehicle.kmh)[network.road_class]
    if vehicle.bound_by_limits:
        kmh = np.where(network.limit_kmh > 0, np.minimum(kmh, network.limit_kmh), kmh)
    barred = (kmh <= 0) | ((network.forbidden & vehicle.bit) != 0)
    return np.where(barred, np.inf, network.length_m * KMH_PER_MS / np.where(barred, 1.0, kmh))


def graph(network: Network, vehicle: Vehicle) -> Graph:
    """The graph of ``vehicle``, reckoned once for each network and table of speeds."""
    return network.kept(("graph", vehicle), lambda: _graph(network, vehicle))


def graph_turned(network: Network, vehicle: Vehicle) -> Graph:
    """:meth:`Graph.turned`, reckoned once."""
    return network.kept(("turned", vehicle), lambda: graph(network, vehicle).turned())


def _graph(network: Network, vehicle: Vehicle) -> Graph:
    seconds, edge = edge_seconds(network, vehicle), np.arange(network.edges, dtype=np.int32)
    first, head, backwards = network.first, network.head, np.zeros(network.edges, np.bool_)
    if vehicle.free_of_direction:
        tails = np.concatenate([network.tail, network.head])
        order = np.argsort(tails, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=network.nodes))]).astype(np.int32)
        head = np.concatenate([network.head, network.tail])[order]
        seconds, edge = np.concatenate([seconds, seconds])[order], np.concatenate([edge, edge])[order]
        backwards = np.repeat([False, True], network.edges)[order]
    core = largest_strong_part(first, head, np.isfinite(seconds))
    usable = np.isfinite(edge_seconds(network, vehicle)) & core[network.tail] & core[network.head]
    return Graph(first, head, seconds, edge, backwards, core, usable)


@dataclass(frozen=True, eq=False)
class Hindrances:
    """What stands in the way now. ``closed``, shape (edges,): edges nobody uses. ``onward`` and ``backward``: edges that enter a danger zone when
    gone in their direction or against it. ``zones``: the zones in metres of the network's plane (shapely)."""

    closed: Bools
    onward: Bools
    backward: Bools
    zones: tuple[Any, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything in the way."""
        return bool(self.closed.any() or self.zones)

    def seconds(self, found: Graph) -> Floats:
        """Seconds of the arcs with what is in the way infinite, shape (arcs,)."""
        if not self.any:
            return found.seconds
        entering = np.where(found.backwards, self.backward[found.edge], self.onward[found.edge])
        return np.where(self.closed[found.edge] | entering, np.inf, found.seconds)

    def enters(self, line: Any) -> bool:
        """Whether going along ``line`` (shapely, metres) enters a zone: it meets one without starting in it, or comes back into it."""
        return any(_enters(zone, line) for zone in self.zones)

    def holds(self, point: Any) -> bool:
        """Whether a zone holds ``point`` (shapely, metres)."""
        return any(bool(zone.covers(point)) for zone in self.zones)


def _enters(zone: Any, line: Any) -> bool:
    import shapely

    if not zone.intersects(line):
        return False
    if not zone.covers(shapely.get_point(line, 0)):
        return True
    return bool(shapely.get_num_geometries(zone.intersection(line)) > 1)


def clear(network: Network) -> Hindrances:
    """Nothing in the way."""
    none = np.zeros(network.edges, np.bool_)
    return network.kept("clear", lambda: Hindrances(none, none, none))


def hindrances(network: Network, *, closed: Bools | None = None, avoid: Sequence[Area] = ()) -> Hindrances:
    """What is in the way: ``closed`` edges, shape (edges,), and danger zones in degrees. Nothing is ever in the way of leaving a zone."""
    none = clear(network)
    zones = tuple(zone for zone in (geometry(network, area) for area in avoid) if not zone.is_empty)
    if closed is None and not zones:
        return none
    onward, backward = none.onward.copy(), none.backward.copy()
    for zone in zones:
        _mark_entering(network, zone, onward, backward)
    return Hindrances(none.closed if closed is None else closed, onward, backward, zones)


def geometry(network: Network, area: Area) -> Any:
    """An area in degrees as one valid shapely geometry in metres of the network's plane. Rings of less than three places are left out."""
    import shapely

    polygons = [
        shapely.Polygon(network.plane.metres(rings[0]), [network.plane.metres(hole) for hole in rings[1:] if len(hole) > 2])
        for rings in area
        if rings and len(rings[0]) > 2
    ]
    found = shapely.union_all(shapely.make_valid(np.array(polygons, object))) if polygons else shapely.Polygon()
    shapely.prepare(found)
    return found


def _mark_entering(network: Network, zone: Any, onward: Bools, backward: Bools) -> None:
    import shapely

    met = network.tree.query(zone, predicate="intersects")
    if not len(met):
        return
    lines = network.lines[met]
    pieces = shapely.get_num_geometries(shapely.intersection(lines, zone))
    for marked, end in ((onward, 0), (backward, -1)):
        starts_inside = shapely.covers(zone, shapely.get_point(lines, end))
        marked[met] |= ~starts_inside | (pieces > 1)


def search(
    found: Graph, seconds: Floats, seeds: Sequence[tuple[int, float]], *, paths: bool = False, limit_s: float = np.inf
) -> tuple[Floats, NDArray[np.int32] | None]:
    """Seconds to every node from ``seeds`` (node, seconds already gone), infinite where none leads, and the node before each (``paths``).

    The seeds hang on one node more, numbered ``nodes``; a node before which that one stands was reached straight from its seed.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    count = len(found.first) - 1
    if not seeds:
        return np.full(count, np.inf), np.full(count, -9999, np.int32) if paths else None
    head = np.concatenate([found.head, np.array([node for node, _ in seeds], found.head.dtype)])
    weight = np.concatenate([seconds, [gone for _, gone in seeds]])
    first = np.append(found.first, found.first[-1] + len(seeds)).astype(np.int32)
    matrix = csr_array((weight, head, first), shape=(count + 1, count + 1))
    answer = dijkstra(matrix, directed=True, indices=count, return_predecessors=paths, limit=limit_s)
    if not paths:
        return cast("Floats", answer[:count]), None
    times, before = answer
    return times[:count], before[:count]


@dataclass(frozen=True, eq=False)
class Times:
    """Seconds from a place to every node, infinite where no road leads, shape (nodes,); ``gap_m``: from the place to the road."""

    seconds: Floats
    gap_m: float
    snapped: Point = field(default=(0.0, 0.0))
