"""A limit with its own value for restoring, on any point: methane cut-off and restore, people in an area, gas levels by GB/T 50493."""

from __future__ import annotations

from collections.abc import Sequence

from anlan.sense.detection.watching import Bound, Column, Kind, milliseconds
from anlan.wire.criteria import Criterion, Limit
from anlan.wire.detections import Transition

_UPWARD = frozenset({"HH", "H"})


class Limits(Kind):
    """Upward: reached at ``value >= limit``, left at ``value < restore`` (coal-mine rule form: 断电 ≥, 复电 <). Downward mirrored."""

    kind = "LIMIT"
    word = "H"

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [bound.criterion.parameters for bound in rules]
        limits = [each for each in given if isinstance(each, Limit)]
        return {
            "limit": [each.limit for each in limits],
            "restore": [each.limit if each.restore is None else each.restore for each in limits],
            "sign": [1 if each.word in _UPWARD else -1 for each in limits],
            "dwell": [milliseconds(each.dwell_s) for each in limits],
            "hold": [milliseconds(each.hold_s) for each in limits],
        }

    def _take(self, slot: Column, time: Column, value: Column, quality: Column) -> list[Transition]:
        sign = self.figures["sign"][slot]
        reached = sign * value >= sign * self.figures["limit"][slot]
        left = sign * value < sign * self.figures["restore"][slot]
        return self.latch(slot, time, value, quality, value, reached, left & ~reached, {})

    def word_of(self, criterion: Criterion) -> str:
        """HH, H, L or LL as the rule says."""
        return criterion.parameters.word if isinstance(criterion.parameters, Limit) else self.word


def restore_side(limit: Limit) -> bool:
    """Whether the value for restoring does not lie beyond the limit (an alarm could otherwise rise and clear at one reading)."""
    if limit.restore is None:
        return True
    return limit.restore <= limit.limit if limit.word in _UPWARD else limit.restore >= limit.limit
