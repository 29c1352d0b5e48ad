"""A value outside the measuring range: no measurement of the quantity, but a sign of the instrument (broken wire, saturation)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from anlan.sense.detection.watching import Bound, Column, Kind, milliseconds
from anlan.wire.criteria import Range
from anlan.wire.detections import Transition

RangeOf: TypeAlias = Callable[[Column], tuple[Column, Column]]


class OutOfRange(Kind):
    """Reached at ``value < low`` or ``value > high``, left inside. ``range_of``: measuring ranges of channels (NaN: open)."""

    kind = "RANGE"
    word = "RANGE"

    def __init__(self, range_of: RangeOf) -> None:
        super().__init__()
        self._range_of = range_of

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Range)]
        return {
            "low": [np.nan if each.low is None else each.low for each in given],
            "high": [np.nan if each.high is None else each.high for each in given],
            "sign": [1] * len(given),
            "dwell": [milliseconds(each.dwell_s) for each in given],
            "hold": [milliseconds(each.hold_s) for each in given],
        }

    def bind(self, rules: Sequence[Bound]) -> list[Transition]:
        """As :meth:`Kind.bind`; ranges that a rule leaves open are those of the instruments now."""
        found = super().bind(rules)
        low, high = self._range_of(self.channel)
        self.figures["low"] = np.where(np.isnan(self.figures["low"]), low, self.figures["low"])
        self.figures["high"] = np.where(np.isnan(self.figures["high"]), high, self.figures["high"])
        self.figures["limit"] = np.zeros(len(self))
        return found

    def _take(self, slot: Column, time: Column, value: Column, quality: Column) -> list[Transition]:
        low, high = self.figures["low"][slot], self.figures["high"][slot]
        # Comparison with an open end (NaN) is never true.
        above, below = value > high, value < low
        outside = above | below
        beyond = np.where(above, value - high, np.where(below, low - value, 0.0))
        return self.latch(slot, time, value, quality, beyond, outside, ~outside, {"low": low, "high": high})
