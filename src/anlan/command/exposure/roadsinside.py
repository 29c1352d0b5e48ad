"""Roads in an area by name and class, from the net in force."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import numpy as np
import shapely
from django.utils.translation import gettext
from shapely.geometry.base import BaseGeometry

from anlan.command.exposure.door import RoadInside
from anlan.ground.roads import door as roadnet

MOST_LISTED = 200
WALKED = frozenset({"footway", "path", "steps", "cycleway"})
"""Ways that no vehicle closes; left out of the list."""


def roads(area: BaseGeometry, at: datetime) -> tuple[RoadInside, ...] | None:
    """Names, classes and metres inside ``area`` (degrees), the greatest class first; ``None`` without a net in force.

    A road drawn in both directions counts once.
    """
    net = roadnet.network(at)
    if net is None:
        return None
    from anlan.routing.classes import CODES, LABELS

    tail = np.repeat(np.arange(net.nodes), np.diff(net.first))
    west, south, east, north = area.bounds
    ends = [(net.longitude[nodes], net.latitude[nodes]) for nodes in (tail, net.head)]
    low_x, high_x = np.minimum(ends[0][0], ends[1][0]), np.maximum(ends[0][0], ends[1][0])
    low_y, high_y = np.minimum(ends[0][1], ends[1][1]), np.maximum(ends[0][1], ends[1][1])
    spare = 0.005  # A bent road may leave the box of its ends; half a kilometre is more than any block's bend.
    near = np.nonzero((high_x >= west - spare) & (low_x <= east + spare) & (high_y >= south - spare) & (low_y <= north + spare))[0]
    pairs = np.column_stack([np.minimum(tail[near], net.head[near]), np.maximum(tail[near], net.head[near]), net.way[near]])
    edges = near[np.unique(pairs, axis=0, return_index=True)[1]] if len(near) else near
    if not len(edges):
        return ()
    counts = net.shape_first[edges + 1] - net.shape_first[edges]
    owner = np.repeat(np.arange(len(edges)), counts)
    points = np.concatenate([np.arange(net.shape_first[edge], net.shape_first[edge + 1]) for edge in edges])
    lines = shapely.linestrings(net.shape[points], indices=owner)
    drawn = np.asarray(shapely.length(lines), dtype=np.float64)
    held = np.nonzero(shapely.intersects(area, lines) & (drawn > 0))[0]
    shares = np.asarray(shapely.length(shapely.intersection(lines[held], area))) / drawn[held]
    lengths: dict[tuple[str, str], float] = defaultdict(float)
    for edge, share in zip(edges[held], shares, strict=True):
        road_class = CODES[int(net.road_class[edge])]
        if road_class not in WALKED:
            lengths[net.names[int(net.name[edge])], road_class] += float(net.length_m[edge]) * float(share)
    order = {code: number for number, code in enumerate(CODES)}
    listed = sorted(lengths.items(), key=lambda each: (order[each[0][1]], -each[1], each[0][0]))
    return tuple(RoadInside(name, kind, gettext(LABELS[kind]), metres) for (name, kind), metres in listed if metres >= 1)[:MOST_LISTED]
