"""Drift against a twin: two points that measure the same thing and come to mean different things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from anlan.sense.detection.ordering import by_rank, runs
from anlan.sense.detection.watching import UNHEARD, Bound, Column, Joint, Kept, milliseconds
from anlan.wire.criteria import Criterion, Drift
from anlan.wire.detections import Transition

PARTS = 8
"""Into how many parts a window is divided."""
_OWN, _TWIN = 0, 1


class DriftAgainstTwin(Joint):
    """``|mean of the point − mean of its twin| >= difference``, each mean over all readings of the eight parts of the window before.

    It is judged when a part is complete, that is at the first reading of either point in a later part. Where either point has no reading in
    the window, nothing is judged: an alarm that stands stays.
    """

    kind = "DRIFT"
    word = "DRIFT"
    keeps = {
        "part": Kept(np.int64, UNHEARD, PARTS),
        "current": Kept(np.int64, UNHEARD),
        "own_sum": Kept(np.float64, 0, PARTS),
        "own_count": Kept(np.int32, 0, PARTS),
        "twin_sum": Kept(np.float64, 0, PARTS),
        "twin_count": Kept(np.int32, 0, PARTS),
        "newest": Kept(np.float64, np.nan),
    }

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Drift)]
        return {
            "limit": [each.difference for each in given],
            "width": [max(milliseconds(each.window_s) // PARTS, 1) for each in given],
            "sign": [1] * len(given),
            "dwell": [0] * len(given),
            "hold": [0] * len(given),
        }

    def _moved_by(self, criterion: Criterion) -> Iterable[tuple[int | None, int]]:
        twin = criterion.parameters.twin if isinstance(criterion.parameters, Drift) else None
        return [(None, _OWN)] if twin is None else [(None, _OWN), (twin, _TWIN)]

    def _take_joint(self, slot: Column, time: Column, value: Column, quality: Column, role: Column) -> list[Transition]:
        part = time // self.figures["width"][slot]
        begins = runs(slot, part)
        lengths = np.diff(np.append(begins, len(slot)))
        group = np.repeat(np.arange(len(begins)), lengths)
        own = role == _OWN
        # Sums of each group in the order of its readings, begun from what is kept, so that a cut between two readings changes no bit.
        difference = np.full(len(begins), np.nan)
        newest = np.empty(len(begins))
        rows_of = np.split(np.arange(len(slot)), begins[1:]) if len(begins) < len(slot) else None
        for at in by_rank(slot[begins]):
            heads = begins[at]
            difference[at] = self._close(slot[heads], part[heads])
            if rows_of is None:
                self._add(slot[heads], part[heads], value[heads], own[heads])
            else:
                inside = np.concatenate([rows_of[one] for one in at])
                for step in by_rank(group[inside]):
                    rows = inside[step]
                    self._add(slot[rows], part[rows], value[rows], own[rows])
            newest[at] = self.columns["newest"][slot[heads]]
        slots = slot[begins]
        measure = np.abs(difference)
        judged = ~np.isnan(measure)
        reached = judged & (measure >= self.figures["limit"][slots])
        heads = begins[judged]
        return self.latch(
            slots[judged],
            time[heads],
            newest[judged],
            quality[heads],
            measure[judged],
            reached[judged],
            ~reached[judged],
            {"difference": difference[judged]},
        )

    def _close(self, slot: Column, part: Column) -> Column:
        """Difference of the means over the eight parts before ``part`` where ``part`` is a new one, else NaN."""
        kept = self.columns
        current = kept["current"][slot]
        new = (current != UNHEARD) & (part > current)
        found = np.full(len(slot), np.nan)
        kept["current"][slot] = np.maximum(current, part)
        at = np.flatnonzero(new)
        if not len(at):
            return found
        slots = slot[at]
        inside = (kept["part"][slots] >= part[at, None] - PARTS) & (kept["part"][slots] < part[at, None]) & (kept["part"][slots] != UNHEARD)
        sums = [np.where(inside, kept[name][slots], 0).sum(axis=1) for name in ("own_sum", "own_count", "twin_sum", "twin_count")]
        both = (sums[1] > 0) & (sums[3] > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[at] = np.where(both, sums[0] / sums[1] - sums[2] / sums[3], np.nan)
        return found

    def _add(self, slot: Column, part: Column, value: Column, own: Column) -> None:
        """Take one reading of each of different slots into its part. A part older than the window's beginning is passed over."""
        kept = self.columns
        place = part % PARTS
        was = kept["part"][slot, place]
        late = was > part
        new = was < part
        for name in ("own_sum", "own_count", "twin_sum", "twin_count"):
            kept[name][slot[new], place[new]] = 0
        kept["part"][slot[new], place[new]] = part[new]
        for side, mine in (("own", own & ~late), ("twin", ~own & ~late)):
            kept[f"{side}_sum"][slot[mine], place[mine]] += value[mine]
            kept[f"{side}_count"][slot[mine], place[mine]] += 1
        kept["newest"][slot[own]] = value[own]
