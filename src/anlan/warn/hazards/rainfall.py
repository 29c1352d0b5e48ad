"""Rain summed up over the hours of a threshold, and how much of them nobody measured. Pure: readings in, figures out, no clock.

A gauge sends either the rain since its last reading (``amount``), or a counter that grows until it is set back (``total``). Where it was silent the
sum of the first is a lower bound; a counter tells what fell meanwhile at its next reading. Both say how long nobody measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CELL_S = 300
"""Readings are summed by cells of so many seconds; windows are whole hours and thus whole cells."""
LEAD_HOURS = 2
"""How long before its window a counter is looked at for what it stood at when the window began. Project default."""
AMOUNT, TOTAL = "amount", "total"
Times = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Sum:
    """Rain of a window in the gauge's unit, and the minutes of it that lie in gaps longer than a gauge may be silent."""

    value: float
    gap_minutes: int


def increments(values: Values) -> Values:
    """What a counter grew by at each reading; the first is 0, and one that stands lower than the one before was set back and has grown from 0."""
    if not values.size:
        return values
    grown = np.diff(values, prepend=values[0])
    return np.where(grown < 0.0, np.maximum(values, 0.0), grown)


def summed(times_ms: Times, values: Values, *, until_ms: int, hours: int, counted: str, silent_minutes: int) -> Sum:
    """The rain of the ``hours`` before ``until_ms``. ``times_ms`` ascending: of each cell the last reading's time; ``values``: of each cell the sum
    (``amount``) or the last reading (``total``), with those of :data:`LEAD_HOURS` before the window."""
    since_ms = until_ms - hours * 3_600_000
    rain = increments(values) if counted == TOTAL else np.maximum(values, 0.0)
    # A reading belongs to the cell that ends with it or after it: cells are counted back from the end of the window.
    within = times_ms >= since_ms
    seen = np.concatenate(([since_ms], np.clip(times_ms[within], since_ms, until_ms), [until_ms]))
    quiet = np.diff(seen)
    gaps = quiet[quiet > silent_minutes * 60_000].sum()
    return Sum(round(float(rain[within].sum()), 3), int(gaps // 60_000))
