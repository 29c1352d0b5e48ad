"""Areas reached within so many minutes.

Method: every stretch of road reached in time is laid on a grid of squares (100 m, larger where the area would need more than 600 to a side); squares
that a reached stretch crosses count as reached, gaps of two squares between them are closed, and the outline is simplified by half a square.
What lies farther than about two squares from a reached road is never inside. Holes smaller than four squares are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from anlan.routing.network import Network
from anlan.routing.plane import Area, Floats
from anlan.routing.routes import one_to_all
from anlan.routing.snapping import SNAP_LIMIT_M, footings, part, snap
from anlan.routing.travel import Bools, Hindrances, Point, clear, edge_seconds, graph
from anlan.routing.vehicles import Vehicle

SQUARE_M: Final = 100.0
MOST_SQUARES: Final = 600
LEAST_HOLE_SQUARES: Final = 4


def isochrones(
    network: Network,
    start: Point,
    minutes: Sequence[float],
    vehicle: Vehicle,
    hindered: Hindrances | None = None,
    *,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> tuple[Area, ...]:
    """For each of ``minutes`` the area reached from ``start`` within it, degrees. Raises :class:`TooFarFromRoads`."""
    hindered = hindered or clear(network)
    per_edge = edge_seconds(network, vehicle)
    times = one_to_all(network, start, vehicle, hindered, snap_limit_m=snap_limit_m)
    snapped = snap(network, start, vehicle, hindered, snap_limit_m)
    leaving = footings(network, snapped, vehicle, hindered, per_edge, leaving=True)
    near = [(part(network, each.held, leaving=True, backwards=each.backwards), each.seconds) for each in leaving]
    areas = []
    for limit in minutes:
        reached = _reached(network, vehicle, hindered, times.seconds, 60 * limit)
        first = [_first_part(line, 60 * limit, seconds) for line, seconds in near]
        areas.append(_outline(network, np.concatenate([reached, *first, network.plane.metres([snapped.point])])))
    return tuple(areas)


def _reached(network: Network, vehicle: Vehicle, hindered: Hindrances, times: Floats, limit_s: float) -> Floats:
    """Places along every stretch reached in time, at most half a square apart, metres, shape (n, 2)."""
    found = graph(network, vehicle)
    weights = hindered.seconds(found)
    tails = np.repeat(np.arange(network.nodes), np.diff(found.first))
    left = limit_s - times[tails]
    gone = np.flatnonzero((left > 0) & np.isfinite(weights))
    share = np.minimum(1.0, left[gone] / np.maximum(weights[gone], 1e-9))
    return _places(network, found.edge[gone], share, found.backwards[gone])


def _places(network: Network, edge: Any, share: Floats, backwards: Bools) -> Floats:
    metres = network.kept("metres", lambda: network.plane.metres(network.shape))
    sizes = np.diff(network.shape_first)[edge] - 1
    owner = np.repeat(np.arange(len(edge)), sizes)
    start = network.shape_first[:-1][edge][owner] + np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    begin, end = metres[start], metres[start + 1]
    length = np.hypot(*(end - begin).T)
    before = np.cumsum(length) - length
    whole = np.bincount(owner, length, minlength=len(edge))
    before -= np.repeat((np.cumsum(whole) - whole), sizes)
    reach = (share * whole)[owner]
    turned = backwards[owner]
    low = np.where(turned, np.clip(whole[owner] - reach - before, 0, length), 0.0)
    high = np.where(turned, length, np.clip(reach - before, 0, length))
    kept = high >= low
    begin, end, length, low, high = begin[kept], end[kept], np.maximum(length[kept], 1e-9), low[kept], high[kept]
    counts = np.maximum(2, np.ceil((high - low) / (SQUARE_M / 2)).astype(np.int64) + 1)
    at = np.repeat(np.arange(len(counts)), counts)
    step = (np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)) / (counts[at] - 1)
    fraction = (low[at] + step * (high - low)[at]) / length[at]
    return begin[at] + (end - begin)[at] * fraction[:, None]


def _first_part(line: Any, limit_s: float, seconds: float) -> Floats:
    """Places on the stretch between the start and its first node."""
    share = 1.0 if seconds <= 0 else min(1.0, limit_s / seconds)
    count = max(2, int(line.length * share / (SQUARE_M / 2)) + 2)
    return np.array([line.interpolate(each, normalized=True).coords[0] for each in np.linspace(0, share, count)])


def _outline(network: Network, places: Floats) -> Area:
    import shapely
    from scipy.ndimage import binary_closing

    low, high = places.min(0), places.max(0)
    square = max(SQUARE_M, float((high - low).max()) / MOST_SQUARES)
    margin = 3
    column, row = ((places - low) // square).astype(np.int64).T + margin
    grid = np.zeros((row.max() + margin + 1, column.max() + margin + 1), np.bool_)
    grid[row, column] = True
    grid = binary_closing(grid, np.ones((3, 3), np.bool_))
    stepped = np.diff(np.pad(grid, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (rows, west), (_same, east) = np.nonzero(stepped == 1), np.nonzero(stepped == -1)
    corner = low - margin * square
    boxes = shapely.box(corner[0] + west * square, corner[1] + rows * square, corner[0] + east * square, corner[1] + (rows + 1) * square)
    outline = shapely.simplify(shapely.union_all(boxes), square / 2, preserve_topology=True)
    polygons = []
    for polygon in shapely.get_parts(outline):
        holes = [hole for hole in polygon.interiors if shapely.Polygon(hole).area >= LEAST_HOLE_SQUARES * square**2]
        polygons.append(tuple(_ring(network, ring) for ring in (polygon.exterior, *holes)))
    return tuple(polygons)


def _ring(network: Network, ring: Any) -> tuple[Point, ...]:
    return tuple((round(float(x), 6), round(float(y), 6)) for x, y in network.plane.degrees(np.array(ring.coords)))
