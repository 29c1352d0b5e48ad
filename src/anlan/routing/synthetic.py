"""Nets of roads made by rule, for measurements and tests: a grid whose every tenth line is a main road, jittered so that no two ways tie."""

from __future__ import annotations

import numpy as np

from anlan.routing.assembly import BOTH, FORWARD, Way, Ways
from anlan.routing.network import Network
from anlan.routing.travel import Point


def grid(
    columns: int, rows: int, *, corner: Point = (116.6, 36.3), spacing_deg: float = 0.0025, one_way_every: int = 0, seed: int = 1
) -> Network:
    """A grid of ``columns`` × ``rows`` nodes; with ``one_way_every`` each so many-th street is one-way. Deterministic."""
    chance = np.random.default_rng(seed)
    jitter = chance.uniform(-0.25, 0.25, (rows, columns, 2)) * spacing_deg
    x = corner[0] + np.arange(columns) * spacing_deg
    y = corner[1] + np.arange(rows) * spacing_deg
    place = np.stack(np.meshgrid(x, y), axis=-1) + jitter
    ways = Ways()
    for number in range(rows + columns):
        row = number < rows
        line = place[number] if row else place[:, number - rows]
        index = number if row else number - rows
        road_class = "primary" if index % 10 == 0 else "secondary" if index % 5 == 0 else "residential"
        one_way = bool(one_way_every) and index % one_way_every == one_way_every - 1
        ways.add(Way(number + 1, line, road_class, FORWARD if one_way else BOTH, name=f"{'E' if row else 'N'}{index}"))
    return ways.assemble()
