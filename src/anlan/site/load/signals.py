"""What a plant's instruments say: values that wander about their working point, rounded as instruments round them.

Each point is an Ornstein–Uhlenbeck process sampled at each message: ``x += pull * (base - x) + noise``. Instruments report a new value only
when it moved by more than their dead band, so most neighbours are equal, as in real histories.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PULL = 0.02
NOISE = 0.08
"""Standard deviation of one step, in the point's unit, for working points of 10 to 60 units."""
DEAD_BAND = 0.05


class Signals:
    """The points of one link. ``size`` points, values in units, two decimals; ``seed`` makes it repeatable."""

    def __init__(self, size: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._base = self._random.uniform(10.0, 60.0, size)
        self._present = self._base.copy()
        self._shown = np.round(self._base, 2)

    def step(self) -> NDArray[np.float64]:
        """The next values, shape (size,)."""
        self._present += PULL * (self._base - self._present) + NOISE * self._random.standard_normal(len(self._base))
        moved = np.abs(self._present - self._shown) > DEAD_BAND
        self._shown[moved] = np.round(self._present[moved], 2)
        return self._shown
