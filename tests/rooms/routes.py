"""A net of two roads for tests of who arrives when."""

from __future__ import annotations

import numpy as np

from anlan.routing.assembly import Way, Ways
from anlan.routing.network import Network


def two_ways(scene: tuple[float, float]) -> Network:
    """R7 leads to the scene (degrees) from 8 km in the west; 1.3 km before it R8 leaves for a way around, six minutes longer for a fire engine."""
    x, y = scene
    fork, north = x - 0.0145, y + 0.0165
    ways = Ways()
    ways.add(Way(1, np.array([(x - 0.09, y), (fork, y), (x, y)]), "primary", name="R7"))
    ways.add(Way(2, np.array([(fork, y), (fork, north), (x, north), (x, y)]), "secondary", name="R8"))
    return ways.assemble()
