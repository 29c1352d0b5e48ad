"""Which edges a closure closes: about a point, along a line, within an area. Each answers a mask of edges, shape (edges,)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from anlan.routing.network import Network
from anlan.routing.plane import Area
from anlan.routing.travel import Bools, Point, geometry

ALONG_WIDTH_M: Final = 25.0
"""How far a drawn line may lie from the road it means. Project default: half the width of a large road with the error of a finger."""
ALONG_SHARE: Final = 0.6
"""Share of the covered piece of a road that must run with the line; a crossing road runs across it and stays open. Project default."""
ALONG_LEAST_M: Final = 20.0
"""A road of which the line covers less is not meant, unless that is half of it. Project default."""


def near_point(network: Network, point: Point, radius_m: float) -> Bools:
    """Edges that come within ``radius_m`` of ``point``."""
    import shapely

    found = np.zeros(network.edges, np.bool_)
    found[network.tree.query(shapely.Point(network.plane.metres(point)), predicate="dwithin", distance=radius_m)] = True
    return found


def along_line(network: Network, line: Sequence[Point], width_m: float = ALONG_WIDTH_M) -> Bools:
    """Edges that run along ``line`` (at least two points) within ``width_m``; roads that only cross it stay open."""
    import shapely

    found = np.zeros(network.edges, np.bool_)
    drawn = shapely.LineString(network.plane.metres(line))
    band = drawn.buffer(width_m, cap_style="flat")
    near = network.tree.query(band, predicate="intersects")
    if not len(near):
        return found
    pieces = shapely.intersection(network.lines[near], band)
    covered = shapely.length(pieces)
    with_line = np.array([_runs_with(piece, drawn) for piece in pieces])
    enough = covered >= np.minimum(ALONG_LEAST_M, shapely.length(network.lines[near]) / 2)
    found[near] = enough & (with_line >= ALONG_SHARE * covered) & (covered > 0)
    return found


def _runs_with(piece: Any, drawn: Any) -> float:
    """Metres by which ``piece`` advances along ``drawn``."""
    import shapely

    total = 0.0
    for each in shapely.get_parts(piece):
        if each.geom_type != "LineString":
            continue
        corners = shapely.line_locate_point(drawn, shapely.points(shapely.get_coordinates(each)))
        total += float(np.abs(np.diff(corners)).sum())
    return total


def within(network: Network, area: Area) -> Bools:
    """Edges that lie in or cross ``area``."""
    found = np.zeros(network.edges, np.bool_)
    zone = geometry(network, area)
    if not zone.is_empty:
        found[network.tree.query(zone, predicate="intersects")] = True
    return found
