"""Where a place lies on the roads: the nearest line a vehicle may use that is not closed, told with its distance, refused beyond a limit.

Only edges between nodes of the vehicle's largest strongly connected part count: a yard that no road leads out of would answer "no route" to everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from anlan.kernel.geo import Point as GeoPoint
from anlan.kernel.geo import haversine_m
from anlan.routing.network import Network
from anlan.routing.refusals import TooFarFromRoads
from anlan.routing.travel import Floats, Hindrances, Point, graph
from anlan.routing.vehicles import Vehicle

SNAP_LIMIT_M: Final = 2000.0
"""A place farther from every road is refused. Project default."""
SAME_LINE_M: Final = 0.5
"""The two directions of a road lie on one line: every edge as near as the nearest, within half a metre, holds the place. Project default."""


@dataclass(frozen=True)
class Held:
    """A place on an edge: ``fraction`` of its length from its start."""

    edge: int
    fraction: float


@dataclass(frozen=True)
class Snap:
    """A place on the roads: where (degrees), how far it is to there in a straight line, on which edges (both directions of a two-way road)."""

    place: Point
    point: Point
    gap_m: float
    held: tuple[Held, ...]


def snap(network: Network, place: Point, vehicle: Vehicle, hindered: Hindrances, limit_m: float = SNAP_LIMIT_M) -> Snap:
    """Put ``place`` on the roads. Raises :class:`TooFarFromRoads`, ``ImpossibleCoordinates``."""
    import shapely

    here = GeoPoint(*place)
    at = shapely.Point(network.plane.metres(place))
    usable = graph(network, vehicle).usable & ~hindered.closed
    for reach in (min(100.0, limit_m), min(400.0, limit_m), limit_m):
        near = network.tree.query(at, predicate="dwithin", distance=reach)
        near = near[usable[near]]
        if len(near):
            break
    else:
        raise TooFarFromRoads(limit=int(limit_m), vehicle=vehicle.label, longitude=place[0], latitude=place[1])
    away = shapely.distance(network.lines[near], at)
    best = np.sort(near[away <= away.min() + SAME_LINE_M])
    fractions = shapely.line_locate_point(network.lines[best], at, normalized=True)
    # A line of no length has no fractions.
    fractions = np.where(np.isfinite(fractions), fractions, 0.0)
    first = network.lines[int(near[away.argmin()])]
    on_road = network.plane.degrees(np.array(first.interpolate(first.project(at)).coords[0]))
    point = (float(on_road[0]), float(on_road[1]))
    held = tuple(Held(int(edge), float(fraction)) for edge, fraction in zip(best, fractions, strict=True))
    return Snap(place, point, haversine_m(here, GeoPoint(*point)), held)


@dataclass(frozen=True)
class Footing:
    """How a snapped place joins the graph: the node, the seconds between, the edge, the part of it (from, to fraction), the direction."""

    node: int
    seconds: float
    held: Held
    backwards: bool


def footings(
    network: Network, snapped: Snap, vehicle: Vehicle, hindered: Hindrances, seconds: Floats, *, leaving: bool
) -> tuple[Footing, ...]:
    """Ways between a snapped place and the nodes about it: ``leaving`` from the place to nodes, else from nodes to the place.

    ``seconds``: of every edge, shape (edges,). Ways that would enter a danger zone are left out.
    """
    found = []
    for held in snapped.held:
        for backwards in (False, True) if vehicle.free_of_direction else (False,):
            share = held.fraction if backwards == leaving else 1 - held.fraction
            ahead = leaving != backwards
            node = int(network.head[held.edge] if ahead else network.tail[held.edge])
            if hindered.zones and hindered.enters(part(network, held, leaving=leaving, backwards=backwards)):
                continue
            found.append(Footing(node, float(seconds[held.edge] * share), held, backwards))
    return tuple(found)


def part(network: Network, held: Held, *, leaving: bool, backwards: bool) -> Any:
    """The line (shapely, metres) gone between the place and the node, in the direction of going."""
    from shapely.ops import substring

    line, at = network.lines[held.edge], held.fraction
    if leaving:
        return substring(line, at, 0.0, normalized=True) if backwards else substring(line, at, 1.0, normalized=True)
    return substring(line, 1.0, at, normalized=True) if backwards else substring(line, 0.0, at, normalized=True)
