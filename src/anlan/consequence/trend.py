"""Whether a zone grows, stays or shrinks, from its last three runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

GROWING, STEADY, SHRINKING, UNCLEAR = "growing", "steady", "shrinking", "unclear"
RUNS = 3
CHANGE = 0.10
"""A change of less than this share of the larger value is none. Project default."""


class TooFewRuns(Refusal):
    code: ClassVar[str] = "trend_too_few_runs"
    sentence: ClassVar[str] = N_("判断趋势至少需要最近 {needed} 次计算结果，现有 {have} 次。请在下一次计算后再看。")
    status: ClassVar[int] = 422


def trend(areas_m2: Sequence[float]) -> str:
    """Of the areas of a zone (or reaches), oldest first; the last three count. Both steps up or level, and the whole up: growing; likewise
    shrinking; no step: steady; up and down: unclear. A zone that is gone has the area 0. Raises :class:`TooFewRuns`."""
    last = [float(each) for each in areas_m2[-RUNS:]]
    if len(last) < RUNS:
        raise TooFewRuns(needed=RUNS, have=len(last))
    changes = {_change(last[0], last[1]), _change(last[1], last[2])} - {0}
    if len(changes) == 2:
        return UNCLEAR
    whole = changes.pop() if changes else _change(last[0], last[2])
    return {1: GROWING, 0: STEADY, -1: SHRINKING}[whole]


def _change(before: float, after: float) -> int:
    if abs(after - before) <= CHANGE * max(abs(before), abs(after)):
        return 0
    return 1 if after > before else -1
