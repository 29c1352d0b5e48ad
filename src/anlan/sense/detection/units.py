"""Process units judged as a whole, row by row, by a model of their normal operation (:mod:`anlan.sense.detection.multivariate`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection import multivariate
from anlan.sense.detection.multivariate import Model
from anlan.sense.detection.ordering import Rows
from anlan.sense.detection.watching import UNHEARD, Bound, Column, Kind, milliseconds
from anlan.wire.criteria import Unit
from anlan.wire.detections import Transition

TOLD = 3
"""So many variables are named with their share, the largest first."""
_EARLY, _LATE = 0.9, 1.5
"""Shares of the interval: a row follows the one before no sooner than the first; after the second the window begins anew."""


class _Memory:
    """One unit: the newest reading of each variable with its quality, and the last rows of the window with the marks of all they hold."""

    def __init__(self, given: Unit) -> None:
        self.channels = np.array(given.channels, np.int64)
        self.time = np.full(len(given.channels), UNHEARD, np.int64)
        self.value = np.full(len(given.channels), np.nan)
        self.quality = np.zeros(len(given.channels), np.uint8)
        self.window = np.empty((0, len(given.channels)))
        self.marks = np.empty(0, np.uint8)
        self.last = UNHEARD

    def copied(self) -> _Memory:
        """The same, to go on apart."""
        made = copy(self)
        made.time, made.value, made.quality = self.time.copy(), self.value.copy(), self.quality.copy()
        return made


class ProcessUnit(Kind):
    """A row is formed when a reading of the unit comes at least an interval after the last row, of the newest readings of all its points.

    The rule speaks under the unit's first point; its facts are both statistics as multiples of their thresholds, and the channels that
    contribute most with their shares (``channel_1``, ``share_1``, …). What is judged carries every mark of the readings in its window.
    A unit whose model has not arrived waits.
    """

    kind = "UNIT"
    word = "UNIT"

    def __init__(self) -> None:
        super().__init__()
        self._models: dict[str, Model] = {}
        self._roots: dict[str, multivariate.Roots] = {}
        self._memory: dict[str, _Memory] = {}
        self._slots: dict[str, int] = {}
        self._wanted = np.zeros(1, np.bool_)

    def learn(self, digest: str, model: Model) -> None:
        """Take over a model, for units that name its digest."""
        self._models[digest] = model
        self._roots.pop(digest, None)

    def bind(self, rules: Sequence[Bound]) -> list[Transition]:
        """As :meth:`Kind.bind`; a rule has one slot, at its first point."""
        single = [
            Bound(each.criterion, np.array([each.criterion.parameters.channels[0]], np.int32), each.since_ms)
            for each in rules
            if isinstance(each.criterion.parameters, Unit)
        ]
        before = {bound.criterion.code: bound.criterion.parameters for bound in self.rules}
        found = super().bind(single)
        memory: dict[str, _Memory] = {}
        for bound in single:
            code, given = bound.criterion.code, bound.criterion.parameters
            if isinstance(given, Unit):
                memory[code] = self._memory[code] if before.get(code) == given and code in self._memory else _Memory(given)
        self._memory = memory
        self._slots = {self.rules[rule].criterion.code: slot for slot, rule in enumerate(self.rule.tolist())}
        inputs = np.concatenate([each.channels for each in memory.values()] or [np.zeros(0, np.int64)])
        self._wanted = np.zeros(int(inputs.max(initial=0)) + 2, np.bool_)
        self._wanted[inputs] = True
        return found

    def feed(self, rows: Rows) -> list[Transition]:
        """As :meth:`Kind.feed`."""
        at = np.flatnonzero(self._wanted[np.minimum(rows.channel, len(self._wanted) - 1)])
        if not len(at):
            return []
        at = at[np.argsort(rows.time[at], kind="stable")]
        channel, time, value, quality = rows.channel[at], rows.time[at], rows.value[at], rows.quality[at]
        found: list[Transition] = []
        for code, memory in self._memory.items():
            mine = np.isin(channel, memory.channels)
            if mine.any():
                found += self._one(code, memory, channel[mine], time[mine], value[mine], quality[mine])
        return found

    def touched(self, channels: NDArray[np.int32]) -> Column:
        """As :meth:`Kind.touched`."""
        codes = [code for code, memory in self._memory.items() if np.isin(memory.channels, channels).any()]
        return np.array(sorted(self._slots[code] for code in codes), np.int64)

    def seed(self, other: Kind, fresh: Column) -> None:
        """As :meth:`Kind.seed`; models are shared."""
        super().seed(other, fresh)
        if isinstance(other, ProcessUnit):
            self._models, self._roots = other._models, other._roots
            for code in [code for code, slot in self._slots.items() if fresh[slot] and code in other._memory]:
                self._memory[code] = other._memory[code].copied()

    def pack(self) -> dict[str, Column]:
        """As :meth:`Kind.pack`."""
        packed = super().pack()
        for code, memory in self._memory.items():
            packed |= {
                f"{code}/time": memory.time.copy(),
                f"{code}/value": memory.value.copy(),
                f"{code}/quality": memory.quality.copy(),
                f"{code}/window": memory.window.copy(),
                f"{code}/marks": memory.marks.copy(),
                f"{code}/last": np.array(memory.last),
            }
        return packed

    def unpack(self, packed: Mapping[str, Column]) -> list[Transition]:
        """As :meth:`Kind.unpack`."""
        found = super().unpack(packed)
        for code, memory in self._memory.items():
            time = packed.get(f"{code}/time")
            if time is not None and len(time) == len(memory.time):
                memory.time, memory.value, memory.quality = time.copy(), packed[f"{code}/value"].copy(), packed[f"{code}/quality"].copy()
                memory.window, memory.marks = packed[f"{code}/window"].copy(), packed[f"{code}/marks"].copy()
                memory.last = int(packed[f"{code}/last"])
        return found

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Unit)]
        # Raised by the last of so many rows, cleared by as many that are well.
        wait = [round((each.in_a_row - 1) * milliseconds(each.interval_s) * _EARLY) for each in given]
        return {"limit": [1.0] * len(given), "sign": [1] * len(given), "dwell": wait, "hold": wait}

    def _one(
        self, code: str, memory: _Memory, channel: NDArray[Any], time: NDArray[Any], value: NDArray[Any], quality: NDArray[np.uint8]
    ) -> list[Transition]:
        slot = self._slots[code]
        given = self.rules[self.rule[slot]].criterion.parameters
        assert isinstance(given, Unit)
        model = self._models.get(given.model)
        usable = model is not None and model.variables == len(memory.channels)
        interval, age = milliseconds(given.interval_s), milliseconds(given.age_s)
        place = {int(number): position for position, number in enumerate(memory.channels)}
        moments: list[int] = []
        windows: list[NDArray[np.float64]] = []
        marks: list[int] = []
        ends = np.flatnonzero(np.append(time[1:] != time[:-1], True)) + 1
        begin = 0
        for end in ends.tolist():
            for at in range(begin, end):
                position = place[int(channel[at])]
                memory.time[position], memory.value[position], memory.quality[position] = time[at], value[at], quality[at]
            begin, moment = end, int(time[end - 1])
            if memory.last != UNHEARD and moment - memory.last < _EARLY * interval:
                continue
            known = (memory.time != UNHEARD) & (moment - memory.time <= age)
            if not known.all() or model is None or not usable:
                continue
            if memory.last != UNHEARD and moment - memory.last > _LATE * interval:
                memory.window, memory.marks = memory.window[:0], memory.marks[:0]
            memory.last = moment
            memory.window = np.concatenate([memory.window, memory.value[None]])[-model.lags :]
            memory.marks = np.append(memory.marks, np.bitwise_or.reduce(memory.quality))[-model.lags :]
            if len(memory.window) == model.lags:
                moments.append(moment)
                windows.append(memory.window)
                marks.append(int(np.bitwise_or.reduce(memory.marks)))
        if not moments:
            return []
        return self._judge(slot, given.model, memory.channels, np.array(moments, np.int64), windows, np.array(marks, np.uint8))

    def _roots_of(self, digest: str) -> multivariate.Roots:
        """Reckoned at the first alarm of a model, and kept."""
        if digest not in self._roots:
            self._roots[digest] = multivariate.roots(self._models[digest])
        return self._roots[digest]

    def _judge(
        self,
        slot: int,
        digest: str,
        channels: NDArray[np.int64],
        moments: NDArray[np.int64],
        windows: list[NDArray[np.float64]],
        quality: NDArray[np.uint8],
    ) -> list[Transition]:
        model = self._models[digest]
        multiples = np.empty((len(moments), 2))
        facts = {f"{word}_{rank}": np.full(len(moments), np.nan) for rank in range(1, TOLD + 1) for word in ("channel", "share")}
        for row, window in enumerate(windows):
            found = multivariate.scores(model, window)
            multiples[row] = found.state[-1] / model.limits[0], found.residual[-1] / model.limits[1]
            if multiples[row].max() > 1.0:
                worst = multivariate.shares(model, window, self._roots_of(digest))[int(np.argmax(multiples[row]))]
                for rank, position in enumerate(np.argsort(-worst)[:TOLD].tolist(), 1):
                    facts[f"channel_{rank}"][row], facts[f"share_{rank}"][row] = channels[position], worst[position] / worst.sum()
        facts |= {"state": multiples[:, 0], "residual": multiples[:, 1]}
        measure = multiples.max(axis=1)
        reached = measure > 1.0
        found = self.latch(np.full(len(moments), slot), moments, measure, quality, measure, reached, ~reached, facts)
        return [_without_gaps(transition) for transition in found]


def _without_gaps(transition: Transition) -> Transition:
    """A row that is well blames nobody."""
    return msgspec.structs.replace(transition, facts={name: value for name, value in transition.facts.items() if value == value})
