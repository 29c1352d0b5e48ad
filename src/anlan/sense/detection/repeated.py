"""Readings that repeat themselves: recorded once and played again and again instead of measured (coal criteria 2026, 14(2): tampered data)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anlan.sense.detection.ordering import by_rank
from anlan.sense.detection.watching import Bound, Column, Kept, Kind
from anlan.wire.criteria import LAGS, Repeated
from anlan.wire.detections import Transition


class RepeatedSequence(Kind):
    """Reached when, for some lag of 2 to 32 readings, each of the last ``readings`` readings equalled, to the bit, the one a lag before.

    A value that stands is frozen, not repeated: a lag counts only where the value moved within it.
    """

    kind = "REPEATED"
    word = "REPEATED"
    keeps = {
        "values": Kept(np.float64, np.nan, LAGS),
        "heard": Kept(np.int32),
        "equal": Kept(np.int16, 0, LAGS),
        "still": Kept(np.int16),
    }

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Repeated)]
        return {
            "limit": [each.readings for each in given],
            "sign": [1] * len(given),
            "dwell": [0] * len(given),
            "hold": [0] * len(given),
        }

    def _take(self, slot: Column, time: Column, value: Column, quality: Column) -> list[Transition]:
        longest, lag = np.empty(len(slot), np.float64), np.empty(len(slot), np.float64)
        for at in by_rank(slot):
            longest[at], lag[at] = self._longest(slot[at], value[at])
        reached = longest >= self.figures["limit"][slot]
        return self.latch(slot, time, value, quality, longest, reached, ~reached, {"readings": longest, "lag": lag})

    def _longest(self, slot: Column, value: Column) -> tuple[Column, Column]:
        """For one reading of each of different slots: the longest repetition and its lag."""
        kept = self.columns
        place = kept["heard"][slot] % LAGS
        # The value ``lag`` readings ago stands ``lag`` places before the next place of the ring.
        same = kept["values"][slot] == value[:, None]
        lags = (place[:, None] - np.arange(1, LAGS + 1)) % LAGS
        rows = np.arange(len(slot))[:, None]
        equal = np.where(same[rows, lags], np.minimum(kept["equal"][slot].astype(np.int32) + 1, 32_000), 0)
        still = np.where(equal[:, 0] > 0, np.minimum(kept["still"][slot].astype(np.int32) + 1, 32_000), 0)
        kept["equal"][slot], kept["still"][slot] = equal, still
        kept["values"][slot, place] = value
        kept["heard"][slot] = np.where(place == LAGS - 1, 0, place + 1)
        moving = still[:, None] < np.arange(1, LAGS + 1)
        counted = np.where(moving, equal, 0)[:, 1:]
        best = counted.argmax(axis=1)
        return counted[np.arange(len(slot)), best].astype(np.float64), (best + 2).astype(np.float64)
