"""Rate of change per minute, over a window or from one reading to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anlan.sense.detection.ordering import by_rank, runs
from anlan.sense.detection.watching import UNHEARD, Bound, Column, Kept, Kind, milliseconds
from anlan.wire.criteria import Rate
from anlan.wire.detections import Transition

PARTS = 8
"""Into how many parts a window is divided."""
_RING = 2 * PARTS
_SIGNS = {"up": 1, "down": -1, "both": 0}
_MINUTE_MS = 60_000.0


class RateOfChange(Kind):
    """``rate = (value − earlier) / (time − its time) × 60,000 ms``.

    Time is divided into parts of an eighth of the window; of each part the first reading is kept. *Earlier* is the kept reading of the part
    eight parts before, or of the next older one that has any, at most fifteen parts before: the window is between seven eighths and twice as
    long as said, and never shorter than readings allow. Without such a reading there is no rate (the point was away, or is new).
    With a window of 0, *earlier* is the reading before, however old.
    """

    kind = "RATE"
    word = "RATE"
    keeps = {"kept_time": Kept(np.int64, UNHEARD, _RING), "kept_value": Kept(np.float64, 0, _RING)}

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Rate)]
        return {
            "limit": [each.per_minute for each in given],
            "side": [_SIGNS[each.direction] for each in given],
            "part": [max(milliseconds(each.window_s) // PARTS, 1) if each.window_s else 0 for each in given],
            "sign": [1] * len(given),
            "dwell": [milliseconds(each.dwell_s) for each in given],
            "hold": [milliseconds(each.hold_s) for each in given],
        }

    def _take(self, slot: Column, time: Column, value: Column, quality: Column) -> list[Transition]:
        width = self.figures["part"][slot]
        if not width.all():
            # A step is a window whose every reading is a part of its own: parts are counted by readings, not by time.
            return self._windows_and_steps(slot, time, value, quality, width)
        rate = self._rates(slot, time, value, width)
        return self._judge(slot, time, value, quality, rate)

    def _windows_and_steps(self, slot: Column, time: Column, value: Column, quality: Column, width: Column) -> list[Transition]:
        rate = np.full(len(slot), np.nan)
        windows = np.flatnonzero(width)
        if len(windows):
            rate[windows] = self._rates(slot[windows], time[windows], value[windows], width[windows])
        steps = np.flatnonzero(width == 0)
        rate[steps] = self._steps(slot[steps], time[steps], value[steps])
        return self._judge(slot, time, value, quality, rate)

    def _judge(self, slot: Column, time: Column, value: Column, quality: Column, rate: Column) -> list[Transition]:
        side = self.figures["side"][slot]
        measure = np.where(side == 0, np.abs(rate), side * rate)
        reached = measure >= self.figures["limit"][slot]
        return self.latch(slot, time, value, quality, measure, reached, ~reached, {"per_minute": rate})

    def _steps(self, slot: Column, time: Column, value: Column) -> Column:
        kept_time, kept_value = self.columns["kept_time"], self.columns["kept_value"]
        begins = runs(slot)
        earlier_time, earlier_value = np.empty_like(time), np.empty_like(value)
        earlier_time[1:], earlier_value[1:] = time[:-1], value[:-1]
        earlier_time[begins], earlier_value[begins] = kept_time[slot[begins], 0], kept_value[slot[begins], 0]
        ends = np.append(begins[1:], len(slot)) - 1
        kept_time[slot[ends], 0], kept_value[slot[ends], 0] = time[ends], value[ends]
        known = earlier_time != UNHEARD
        return np.where(known, (value - earlier_value) / np.where(known, time - earlier_time, 1) * _MINUTE_MS, np.nan)

    def _rates(self, slot: Column, time: Column, value: Column, width: Column) -> Column:
        part = time // width
        begins = runs(slot, part)
        lengths = np.diff(np.append(begins, len(slot)))
        head, cell, wide = slot[begins], part[begins], width[begins]
        earlier_time, earlier_value = np.empty(len(begins), np.int64), np.empty(len(begins))
        # Readings of one part share their earlier reading; parts of one slot are taken one after the other.
        for at in by_rank(head):
            earlier_time[at], earlier_value[at] = self._earlier(head[at], cell[at], wide[at])
            self._keep(head[at], cell[at], wide[at], time[begins[at]], value[begins[at]])
        if len(begins) != len(slot):
            earlier_time, earlier_value = np.repeat(earlier_time, lengths), np.repeat(earlier_value, lengths)
        known = earlier_time != UNHEARD
        return np.where(known, (value - earlier_value) / np.where(known, time - earlier_time, 1) * _MINUTE_MS, np.nan)

    def _earlier(self, slot: Column, cell: Column, width: Column) -> tuple[Column, Column]:
        kept_time, kept_value = self.columns["kept_time"], self.columns["kept_value"]
        found_time, found_value = np.full(len(slot), UNHEARD, np.int64), np.zeros(len(slot))
        wanted = np.arange(len(slot))
        for back in range(PARTS, _RING):
            place = (cell[wanted] - back) % _RING
            at = kept_time[slot[wanted], place]
            there = (at != UNHEARD) & (at // width[wanted] == cell[wanted] - back)
            hit = wanted[there]
            found_time[hit], found_value[hit] = at[there], kept_value[slot[hit], place[there]]
            wanted = wanted[~there]
            if not len(wanted):
                break
        return found_time, found_value

    def _keep(self, slot: Column, cell: Column, width: Column, time: Column, value: Column) -> None:
        kept_time, kept_value = self.columns["kept_time"], self.columns["kept_value"]
        place = cell % _RING
        at = kept_time[slot, place]
        first = (at == UNHEARD) | (at // width != cell)
        slot, place = slot[first], place[first]
        kept_time[slot, place], kept_value[slot, place] = time[first], value[first]
