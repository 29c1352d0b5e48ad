"""A value that does not move while readings arrive; and one that does not move while its neighbours do (a covered or blocked sensor)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from anlan.sense.detection.ordering import by_rank
from anlan.sense.detection.watching import UNHEARD, Bound, Column, Joint, Kept, Kind, milliseconds
from anlan.wire.criteria import Blocked, Criterion, Frozen
from anlan.wire.detections import Transition

STANDING: dict[str, Kept] = {
    "first_value": Kept(np.float64),
    "first_time": Kept(np.int64, UNHEARD),
    "last_time": Kept(np.int64, UNHEARD),
}


def _standing_figures(given: Sequence[Frozen | Blocked]) -> dict[str, Sequence[float]]:
    return {
        "limit": [each.for_s for each in given],
        "for": [milliseconds(each.for_s) for each in given],
        "gap": [milliseconds(each.gap_s) for each in given],
        "tolerance": [each.tolerance for each in given],
        "sign": [1] * len(given),
        "dwell": [0] * len(given),
        "hold": [0] * len(given),
    }


def _ages(kept: Mapping[str, Column], figures: Mapping[str, Column], slot: Column, time: Column, value: Column) -> Column:
    """For one reading of each of different slots: how long, in ms, the value stands. 0: it stands anew."""
    first, last = kept["first_time"][slot], kept["last_time"][slot]
    anew = first == UNHEARD
    anew |= np.abs(value - kept["first_value"][slot]) > figures["tolerance"][slot]
    anew |= time - last > figures["gap"][slot]
    kept["last_time"][slot] = time
    begins = slot[anew]
    kept["first_value"][begins], kept["first_time"][begins] = value[anew], time[anew]
    return np.where(anew, 0, time - first)


class FrozenValue(Kind):
    """Reached when every reading since a first one lay within ``tolerance`` of it for ``for_s``; left by the first reading that does not.

    A pause of more than ``gap_s`` begins anew: what says nothing is silent, not frozen.
    """

    kind = "FROZEN"
    word = "FROZEN"
    keeps = STANDING

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        return _standing_figures([each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Frozen)])

    def _take(self, slot: Column, time: Column, value: Column, quality: Column) -> list[Transition]:
        age = np.empty(len(slot), np.int64)
        for at in by_rank(slot):
            age[at] = _ages(self.columns, self.figures, slot[at], time[at], value[at])
        reached = age >= self.figures["for"][slot]
        seconds = age / 1000.0
        return self.latch(slot, time, value, quality, seconds, reached, ~reached, {"seconds": seconds})


_OWN = 0


class BlockedSensor(Joint):
    """As :class:`FrozenValue`, reached only while one of the neighbours ranged over more than ``moved`` since the value stands.

    Coal criteria of 2026, 14(7): a sensor that was covered or whose air inlet was blocked reads on, and reads the same.
    """

    kind = "BLOCKED"
    word = "BLOCKED"
    keeps = {
        **STANDING,
        "moved": Kept(np.bool_),
        "low": Kept(np.float64, 0, 32),
        "high": Kept(np.float64, 0, 32),
        "known": Kept(np.int64, UNHEARD, 32),
    }

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Blocked)]
        return {**_standing_figures(given), "wanted": [each.moved for each in given]}

    def _moved_by(self, criterion: Criterion) -> Iterable[tuple[int | None, int]]:
        parameters = criterion.parameters
        neighbours = parameters.neighbours if isinstance(parameters, Blocked) else ()
        return [(None, _OWN), *((channel, number + 1) for number, channel in enumerate(neighbours))]

    def _take_joint(self, slot: Column, time: Column, value: Column, quality: Column, role: Column) -> list[Transition]:
        age = np.zeros(len(slot), np.int64)
        moved = np.zeros(len(slot), np.bool_)
        for at in by_rank(slot):
            own = at[role[at] == _OWN]
            age[own] = _ages(self.columns, self.figures, slot[own], time[own], value[own])
            self.columns["moved"][slot[own[age[own] == 0]]] = False
            moved[own] = self.columns["moved"][slot[own]]
            other = at[role[at] != _OWN]
            self._note(slot[other], value[other], role[other] - 1)
        own = role == _OWN
        slot, time, value, quality, age, moved = (column[own] for column in (slot, time, value, quality, age, moved))
        reached = moved & (age >= self.figures["for"][slot])
        # Once said, it stays until the value moves: the neighbours may come to rest meanwhile.
        seconds = age / 1000.0
        return self.latch(slot, time, value, quality, seconds, reached, age < self.figures["for"][slot], {"seconds": seconds})

    def _note(self, slot: Column, value: Column, neighbour: Column) -> None:
        kept = self.columns
        since = kept["first_time"][slot]
        begun = kept["known"][slot, neighbour] == since
        low = np.where(begun, np.minimum(kept["low"][slot, neighbour], value), value)
        high = np.where(begun, np.maximum(kept["high"][slot, neighbour], value), value)
        kept["low"][slot, neighbour], kept["high"][slot, neighbour], kept["known"][slot, neighbour] = low, high, since
        kept["moved"][slot] |= high - low > self.figures["wanted"][slot]
