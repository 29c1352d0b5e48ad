"""Where a quantity that dies away with distance has fallen to a level: bisection on the logarithm of the distance, on arrays."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from anlan.consequence.validity import Figures, OutOfRange
from anlan.kernel.words import N_

Quantity = Callable[[Figures], Figures]
"""Of distances, in the shape of the distances."""

_HALVINGS = 52
"""The logarithm of the distance is known to (its range) 2⁻⁵²: as well as float64 tells distances apart."""
_LOOKS = 400


def distance_of(level: float | Figures, of: Quantity, nearest: float | Figures, farthest: float | Figures) -> Figures:
    """The distance between ``nearest`` and ``farthest`` at which ``of``, falling all the way, is at ``level``; one for each level (and its bounds).

    Whoever calls has made sure that ``of(nearest) >= level >= of(farthest)``.
    """
    wanted = np.asarray(level, np.float64)
    low, high = (np.broadcast_to(np.log(each), wanted.shape) for each in (nearest, farthest))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = of(np.exp(middle)) >= wanted
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.exp((low + high) / 2)


def outermost(level: float, of: Quantity, nearest: float, farthest: float) -> float | None:
    """The farthest distance at which ``of`` is at ``level`` or above, also where it does not fall all the way; ``None``: nowhere.

    It looks at 400 distances first, so that a hump narrower than a 400th of the range in the logarithm may be missed. Infinite where the level is
    still reached at ``farthest``.
    """
    looks = np.geomspace(nearest, farthest, _LOOKS)
    reached = np.flatnonzero(of(looks) >= level)
    if not reached.size:
        return None
    last = int(reached[-1])
    if last == _LOOKS - 1:
        return math.inf
    return float(distance_of(level, of, float(looks[last]), float(looks[last + 1])))


def within_reach(found_m: float, level: float, farthest_m: float, model: str) -> float:
    """``found_m`` if it is finite. Raises :class:`OutOfRange` where a level is reached beyond the farthest distance at which a model holds."""
    if math.isinf(found_m):
        what = N_("达到该数值的距离")
        raise OutOfRange(model=model, what=what, unit="m", low="0", high=f"{farthest_m:.6g}", value=f"> {farthest_m:.6g} ({level:.4g})")
    return found_m
