"""Several points together: at least so many conditions at a time, while states hold, at the hours the rule watches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec
import numpy as np

from anlan.sense.detection.ordering import by_rank, runs
from anlan.sense.detection.watching import UNHEARD, Bound, Column, Joint, Kept, milliseconds
from anlan.wire.criteria import Combined, Condition, Criterion, Hours
from anlan.wire.detections import Transition

MOST = 80
"""Conditions and states of one rule together."""
_DAY_MIN, _MINUTE_MS = 1440, 60_000
_COMPARE = {">=": 0, ">": 1, "<=": 2, "<": 3, "==": 4, "!=": 5}


def open_at(hours: Hours | None, time_ms: Column) -> Column:
    """Where the calendar is open. A span over midnight belongs to the day on which it begins."""
    if hours is None:
        return np.ones(len(time_ms), np.bool_)
    minute = time_ms // _MINUTE_MS + hours.offset_minutes
    day, minute = minute // _DAY_MIN, minute % _DAY_MIN
    over_midnight = hours.until < hours.since
    inside = (minute >= hours.since) | (minute < hours.until) if over_midnight else (minute >= hours.since) & (minute < hours.until)
    day = np.where(over_midnight & (minute < hours.until), day - 1, day)
    # 1970-01-01 was a Thursday.
    return inside & np.isin((day + 3) % 7, hours.weekdays)


class CombinedRule(Joint):
    """Reached when at least ``least`` conditions (0: all) and every state hold and the calendar is open.

    A condition holds by its point's newest reading, at most ``age_s`` old; it is given up only beyond the hysteresis. What readings of one
    moment change is judged once. The rule speaks under its first condition's point; its facts name the value of every condition.
    """

    kind = "COMBINED"
    word = "COMBINED"
    keeps = {"holds": Kept(np.bool_, 0, MOST), "at": Kept(np.int64, UNHEARD, MOST), "seen": Kept(np.float64, np.nan, MOST)}

    def bind(self, rules: Sequence[Bound]) -> list[Transition]:
        """As :meth:`Kind.bind`; a rule has one slot, at its first condition's point."""
        single = [
            Bound(each.criterion, np.array([each.criterion.parameters.conditions[0].channel], np.int32))
            for each in rules
            if isinstance(each.criterion.parameters, Combined)
        ]
        found = super().bind(single)
        size = len(self)
        self._compare, self._limit, self._hysteresis = np.zeros((size, MOST), np.int8), np.zeros((size, MOST)), np.zeros((size, MOST))
        self._age = np.zeros((size, MOST), np.int64)
        self._is_condition, self._is_state = np.zeros((size, MOST), np.bool_), np.zeros((size, MOST), np.bool_)
        for slot in range(size):
            given = self.rules[self.rule[slot]].criterion.parameters
            for number, condition in enumerate(_all(given)):
                self._compare[slot, number] = _COMPARE[condition.compare]
                self._limit[slot, number], self._hysteresis[slot, number] = condition.limit, condition.hysteresis
                self._age[slot, number] = milliseconds(condition.age_s)
                state = number >= len(given.conditions)
                self._is_state[slot, number], self._is_condition[slot, number] = state, not state
        return found

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Combined)]
        return {
            "limit": [each.least or len(each.conditions) for each in given],
            "sign": [1] * len(given),
            "dwell": [milliseconds(each.dwell_s) for each in given],
            "hold": [milliseconds(each.hold_s) for each in given],
        }

    def _moved_by(self, criterion: Criterion) -> Iterable[tuple[int | None, int]]:
        first = criterion.parameters.conditions[0].channel if isinstance(criterion.parameters, Combined) else None
        return [(None if each.channel == first else each.channel, number) for number, each in enumerate(_all(criterion.parameters))]

    def _take_joint(self, slot: Column, time: Column, value: Column, quality: Column, role: Column) -> list[Transition]:
        begins = runs(slot, time)
        group = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(slot))))
        heads, moments = slot[begins], time[begins]
        count, said = np.zeros(len(begins)), np.zeros(len(begins), np.bool_)
        values = np.full((len(begins), MOST), np.nan)
        members = np.split(np.arange(len(slot)), begins[1:])
        for at in by_rank(heads):
            rows = np.concatenate([members[one] for one in at])
            for step in by_rank(group[rows]):
                self._note(slot[rows[step]], role[rows[step]], time[rows[step]], value[rows[step]])
            count[at], said[at] = self._judge(heads[at], moments[at])
            values[at] = self.columns["seen"][heads[at]]
        open_now = np.ones(len(begins), np.bool_)
        for first, several in groupby(range(len(begins)), key=lambda at: heads[at]):
            at = np.array(list(several))
            parameters = self.rules[self.rule[first]].criterion.parameters
            open_now[at] = open_at(parameters.hours if isinstance(parameters, Combined) else None, moments[at])
        reached = said & open_now & (count >= self.figures["limit"][heads])
        facts = {"count": count, **{f"value_{number + 1}": values[:, number] for number in range(self._widest())}}
        found = self.latch(heads, moments, values[:, 0], quality[begins], count, reached, ~reached, facts)
        return [_without_gaps(transition) for transition in found]

    def _widest(self) -> int:
        return int(self._is_condition.sum(axis=1).max(initial=0))

    def _note(self, slot: Column, number: Column, time: Column, value: Column) -> None:
        """One reading of one condition of each of different slots."""
        kept = self.columns
        compare, limit = self._compare[slot, number], self._limit[slot, number]
        # Where it holds already, it must be left by more than the hysteresis.
        give = np.where(kept["holds"][slot, number], self._hysteresis[slot, number], 0.0)
        choices = [value >= limit - give, value > limit - give, value <= limit + give, value < limit + give, value == limit, value != limit]
        kept["holds"][slot, number] = np.choose(compare, choices)
        kept["at"][slot, number], kept["seen"][slot, number] = time, value

    def _judge(self, slot: Column, time: Column) -> tuple[Column, Column]:
        kept = self.columns
        known = (kept["at"][slot] != UNHEARD) & (time[:, None] - kept["at"][slot] <= self._age[slot])
        holds = kept["holds"][slot] & known
        return (holds & self._is_condition[slot]).sum(axis=1), (holds | ~self._is_state[slot]).all(axis=1)


def _all(parameters: object) -> tuple[Condition, ...]:
    return (*parameters.conditions, *parameters.states) if isinstance(parameters, Combined) else ()


def _without_gaps(transition: Transition) -> Transition:
    facts = {name: value for name, value in transition.facts.items() if value == value}
    value = transition.value if transition.value == transition.value else 0.0
    return msgspec.structs.replace(transition, facts=facts, value=value)
