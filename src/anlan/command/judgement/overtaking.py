"""Whether the cloud overtakes people on their way: when it comes to each place, and when they must have set out. Pure.

The cloud of a zone is known at certain moments (:data:`reckoning.FRAMES_MIN`). A place is taken to be reached at the last moment at which it was still
free, which is early rather than late; one that the cloud passes between two moments, by its distance against that of the far end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from anlan.command.judgement.geometry import Area, Point
from anlan.routing.plane import Floats, lengths_m

EVERY_M: Final = 50.0
MOST_POINTS: Final = 800
"""A way is looked at every so many metres, at most at so many points. Project defaults."""


@dataclass(frozen=True)
class Coming:
    """A cloud on its way: the ``area`` it will reach, where it stands at ``frames`` (minutes after the beginning, area), when it is at the far end
    (seconds after the beginning) and how far that is from the ``source``; ``elapsed_s``: how long ago it began."""

    area: Area
    frames: tuple[tuple[float, Area], ...]
    arrival_s: float
    reach_m: float
    source: Point
    elapsed_s: float


def arrivals(coming: Coming, points: Floats) -> Floats:
    """Seconds after the beginning at which the cloud comes to ``points`` (n, 2, degrees), infinite where it never does, shape (n,)."""
    import shapely

    inside = shapely.intersects_xy(_shape(coming.area), points[:, 0], points[:, 1])
    away = lengths_m(np.broadcast_to(np.array(coming.source), points.shape), points)
    found = np.where(inside, coming.arrival_s * np.minimum(away / max(coming.reach_m, 1.0), 1.0), np.inf)
    open_still, free_s = inside.copy(), 0.0
    for minutes, area in coming.frames:
        if area and open_still.any():
            there = open_still & shapely.intersects_xy(_shape(area), points[:, 0], points[:, 1])
            found[there] = free_s
            open_still &= ~there
        free_s = 60.0 * minutes
    return found


def out_before(coming: Coming, line: Sequence[Point], before_s: float, road_s: float, after_s: float) -> float:
    """Seconds from now until which whoever goes along ``line`` must have set out not to be overtaken; below 0 when it is too late.

    ``line``: door, road, door; ``before_s`` and ``after_s``: on foot at both ends; ``road_s``: in between, at an even speed.
    """
    points = np.array(line, np.float64)
    steps = lengths_m(points[:-1], points[1:])
    gone = np.concatenate([[0.0], np.cumsum(steps)])
    road = np.clip(gone - steps[0], 0.0, max(gone[-2] - steps[0], 0.0)) if len(points) > 2 else np.zeros(len(points))
    at_s = before_s * np.minimum(gone / max(steps[0], 1e-9), 1.0) + road_s * road / max(float(road.max()), 1e-9)
    at_s[-1] = before_s + road_s + after_s
    count = int(min(max(gone[-1] / EVERY_M, 2), MOST_POINTS))
    along = np.unique(np.concatenate([np.linspace(0.0, gone[-1], count), gone]))
    seen = np.stack([np.interp(along, gone, points[:, 0]), np.interp(along, gone, points[:, 1])], axis=1)
    spare = arrivals(coming, seen) - np.interp(along, gone, at_s)
    return float(spare.min()) - coming.elapsed_s


def _shape(area: Area) -> Any:
    import shapely

    shape = shapely.make_valid(shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in area]))
    shapely.prepare(shape)
    return shape
