"""Four colours of a tailings pond from its monitoring items.

Design gives each point four limits; the colour of an item is that of its worst point, and several points of one colour count as the next
graver one; the colour of the pond is that of its worst item (docs/detection.md gives clause and status of the figures).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection.ordering import Index, Rows, runs
from anlan.sense.detection.watching import ACTIVE, NORMAL, UNHEARD, Bound, Column, Kept, Kind, milliseconds
from anlan.wire.criteria import Colours
from anlan.wire.detections import CLEAR, RAISE, Transition

BLUE, YELLOW, ORANGE, RED = 1, 2, 3, 4
"""Gravity; the platform's level is ``5 - gravity``."""
NAMES = ("", "blue", "yellow", "orange", "red")
MOST = 2000


def gravity_of(colours: Colours, points: Column, items: Column) -> int:
    """Gravity of the pond (0: none) from the gravity of its points; ``items``: number of each point's item."""
    by_item = np.zeros((int(items.max(initial=-1)) + 1, 5), np.int64)
    np.add.at(by_item, (items, points), 1)
    worst = np.zeros(len(by_item), np.int64)
    for gravity in (BLUE, YELLOW, ORANGE, RED):
        worst[by_item[:, gravity] > 0] = gravity
    for gravity, several in ((BLUE, colours.blue_points), (YELLOW, colours.yellow_points), (ORANGE, colours.orange_points)):
        if several:
            graver = by_item[:, gravity] >= several
            worst[graver] = np.maximum(worst[graver], gravity + 1)
    pond = int(worst.max(initial=0))
    if colours.blue_items and (worst == BLUE).sum() >= colours.blue_items:
        pond = max(pond, YELLOW)
    return pond


class PondColours(Kind):
    """A graver colour is told at once, a lighter one when it held for ``hold_s`` (then the gravest seen meanwhile).

    Each colour is an episode COLOURS of its own level: the one before is cleared as the next is raised.
    """

    kind = "COLOURS"
    word = "COLOURS"
    keeps = {
        "told": Kept(np.int8),
        "lighter_since": Kept(np.int64, UNHEARD),
        "lighter": Kept(np.int8),
        "points": Kept(np.int8, 0, MOST),
    }
    episode = frozenset({"told", "lighter_since", "lighter"})

    def __init__(self) -> None:
        super().__init__()
        self._links = Index(np.empty(0, np.int32))
        self._slot = self._number = np.empty(0, np.int64)

    def bind(self, rules: Sequence[Bound]) -> list[Transition]:
        """As :meth:`Kind.bind`; a pond has one slot, at its first indicator's point."""
        single = [
            Bound(each.criterion, np.array([each.criterion.parameters.indicators[0].channel], np.int32))
            for each in rules
            if isinstance(each.criterion.parameters, Colours)
        ]
        found = super().bind(single)
        given = [self.rules[number].criterion.parameters for number in self.rule]
        ponds = [each for each in given if isinstance(each, Colours)]
        channels = np.array([one.channel for pond in ponds for one in pond.indicators], np.int32)
        self._links = Index(channels)
        sizes = [len(pond.indicators) for pond in ponds]
        self._slot = np.repeat(np.arange(len(ponds)), sizes)[self._links.order]
        self._number = np.concatenate([np.arange(size) for size in sizes] or [np.zeros(0, np.int64)])[self._links.order]
        self._items, self._bounds = [], []
        for pond in ponds:
            names = sorted({one.item for one in pond.indicators})
            self._items.append(np.array([names.index(one.item) for one in pond.indicators]))
            self._bounds.append(_bounds(pond))
        return found

    def touched(self, channels: NDArray[np.int32]) -> Column:
        """As :meth:`Kind.touched`."""
        return np.unique(self._slot[self._links.expand(channels)[1]])

    def calm(self, slots: Column) -> None:
        """As :meth:`Kind.calm`."""
        super().calm(slots)
        for name in self.episode:
            self.columns[name][slots] = self.keeps[name].fill

    def _ended(self, slot: int) -> Transition:
        kept = self.columns
        return self._say(CLEAR, slot, int(kept["told"][slot]), int(kept["moment"][slot]), float(kept["value"][slot]), 0)

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        given = [each.criterion.parameters for each in rules if isinstance(each.criterion.parameters, Colours)]
        return {"hold": [milliseconds(each.hold_s) for each in given]}

    def feed(self, rows: Rows) -> list[Transition]:
        """As :meth:`Kind.feed`."""
        row, link = self._links.expand(rows.channel)
        found: list[Transition] = []
        if not len(row):
            return found
        slot, time = self._slot[link], rows.time[row]
        order = np.lexsort((self._number[link], time, slot))
        row, slot, time, number = row[order], slot[order], time[order], self._number[link][order]
        begins = runs(slot, time)
        for first, last in zip(begins, np.append(begins[1:], len(slot)), strict=True):
            one, moment = int(slot[first]), int(time[first])
            points = self.columns["points"][one]
            for at in range(first, last):
                sign, bounds = self._bounds[one]
                points[number[at]] = int((sign[number[at]] * rows.value[row[at]] >= bounds[number[at]]).sum())
            found += self._turn(one, moment, float(rows.value[row[first]]), int(rows.quality[row[first]]))
        return found

    def _turn(self, slot: int, moment: int, value: float, quality: int) -> list[Transition]:
        kept = self.columns
        given = self.rules[self.rule[slot]].criterion.parameters
        if not isinstance(given, Colours):
            return []
        items = self._items[slot]
        pond = gravity_of(given, kept["points"][slot][: len(items)], items)
        told = int(kept["told"][slot])
        if pond == told:
            kept["lighter_since"][slot] = UNHEARD
            return []
        if pond < told:
            if kept["lighter_since"][slot] == UNHEARD:
                kept["lighter_since"][slot], kept["lighter"][slot] = moment, pond
            kept["lighter"][slot] = max(int(kept["lighter"][slot]), pond)
            if moment - kept["lighter_since"][slot] < self.figures["hold"][slot]:
                return []
            pond = int(kept["lighter"][slot])
        kept["lighter_since"][slot] = UNHEARD
        found = [self._say(CLEAR, slot, told, moment, value, quality)] if told else []
        kept["told"][slot], kept["state"][slot] = pond, ACTIVE if pond else NORMAL
        if pond:
            kept["raised"][slot] = moment
            found.append(self._say(RAISE, slot, pond, moment, value, quality))
        kept["moment"][slot], kept["value"][slot], kept["peak"][slot] = moment, value, pond
        return found

    def _say(self, change: str, slot: int, gravity: int, moment: int, value: float, quality: int) -> Transition:
        points = self.columns["points"][slot]
        return Transition(
            change=change,
            channel=int(self.channel[slot]),
            kind=self.word,
            level=5 - gravity,
            limit=float(gravity),
            raised_ms=int(self.columns["raised"][slot]),
            time_ms=moment,
            value=value,
            peak=float(gravity),
            quality=quality,
            rule=self.rules[self.rule[slot]].criterion.code,
            facts={
                "colour": NAMES[gravity],
                **{f"{NAMES[each]}_points": float((points == each).sum()) for each in (RED, ORANGE, YELLOW, BLUE)},
            },
        )


def _bounds(pond: Colours) -> tuple[Column, Column]:
    """Sign and ascending limits of each point; a point's gravity is the number of limits reached, counting those not used as the next graver."""
    sign = np.array([-1.0 if one.downward else 1.0 for one in pond.indicators])
    limits = np.array([[_or_nan(each) for each in (one.blue, one.yellow, one.orange, one.red)] for one in pond.indicators])
    limits = limits * sign[:, None]
    for gravity in (2, 1, 0):
        limits[:, gravity] = np.where(np.isnan(limits[:, gravity]), limits[:, gravity + 1], limits[:, gravity])
    return sign, np.where(np.isnan(limits), np.inf, limits)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
