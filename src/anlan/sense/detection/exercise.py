"""Exercises (演练) judged apart from reality: the same rules over the points that send readings of an exercise, in a memory of their own.

Reality is judged as if exercises sent nothing. Beside it the rules concerned are judged once more, over readings of both kinds: what a drill
sends, and what the other points of the same rules really measure. What they say carries the mark, and is said only while a point of theirs is
*drilled*, that is while the newest reading of it is one of an exercise. With its next real reading a point is back in reality; what the exercise
said of it is cleared. docs/adr/0039.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection.ordering import Rows, fresh_rows
from anlan.sense.detection.virtual import VirtualPoints
from anlan.sense.detection.watching import UNHEARD, Bound, Column, Kind
from anlan.wire.blocks import EXERCISE, Block, concatenate, empty
from anlan.wire.criteria import Blocked, Colours, Combined, Drift, Unit, Virtual
from anlan.wire.detections import Transition

Rules = Mapping[str, Sequence[Bound]]


def named_by(bound: Bound) -> tuple[int, ...]:
    """Channels that a rule names itself, besides those it watches each for itself."""
    match bound.criterion.parameters:
        case Combined(conditions=conditions, states=states):
            return tuple(each.channel for each in (*conditions, *states))
        case Colours(indicators=indicators):
            return tuple(each.channel for each in indicators)
        case Unit(channels=channels):
            return tuple(channels)
        case Virtual(inputs=inputs):
            return tuple(inputs.values())
        case Drift(twin=twin):
            return (twin,)
        case Blocked(neighbours=neighbours):
            return tuple(neighbours)
    return ()


class Exercises:
    """What exercises say. ``kinds``: makes kinds that know nothing yet. It costs nothing before the first reading of an exercise comes."""

    def __init__(self, kinds: Callable[[], tuple[Kind, ...]]) -> None:
        self._make = kinds
        self._kinds: tuple[Kind, ...] = ()
        self._virtual = VirtualPoints()
        self._rules: Rules = {}
        self._parts: set[int] = set()
        self._drilled: set[int] = set()
        self._wanted = np.zeros(1, np.bool_)
        self._last = np.empty(0, np.int64)

    @property
    def stand(self) -> bool:
        """Whether any point is drilled."""
        return bool(self._drilled)

    def settle(self, rules: Rules, reality: Sequence[Kind], virtual: VirtualPoints) -> list[Transition]:
        """Judge by ``rules``, by kind, from now on; what stands on something that is gone is cleared."""
        self._rules = rules
        return self._arrange(reality, virtual) if self.stand else []

    def judge(
        self, block: Block, last_time: NDArray[np.int64], reality: Sequence[Kind], virtual: VirtualPoints
    ) -> tuple[list[Transition], Block]:
        """What readings of exercises in ``block`` cause, and what is reckoned from them. Call before ``reality`` takes its readings.

        ``last_time``: by channel, the time of the newest real reading before ``block``.
        """
        marked = (block.quality & EXERCISE) != 0
        found: list[Transition] = []
        if marked.any():
            new = set(np.unique(block.channel[marked]).tolist()) - self._parts
            if new:
                self._parts |= new
                found += self._arrange(reality, virtual)
        mine = self._wanted[np.minimum(block.channel, len(self._wanted) - 1)]
        if not mine.any():
            return found, empty()
        self._know(last_time)
        rows = fresh_rows(block if mine.all() else block.where(mine), self._last)
        np.maximum.at(self._last, rows.channel, rows.time)
        reckoned: list[Block] = []
        for part in _segments(rows):
            found += self._turn(part)
            said, derived = self._take(part)
            found += said
            reckoned.append(derived)
        if not self.stand:
            self._forget()
        return found, concatenate(reckoned)

    def pack(self) -> dict[str, NDArray[Any]]:
        """Everything remembered, as arrays for :meth:`unpack`; nothing where no point is drilled."""
        if not self.stand:
            return {}
        heard = np.flatnonzero(self._last != UNHEARD)
        packed: dict[str, NDArray[Any]] = {
            "parts": np.array(sorted(self._parts), np.int64),
            "drilled": np.array(sorted(self._drilled), np.int64),
            "heard": heard,
            "last": self._last[heard],
        }
        packed |= {f"{kind.kind}.{name}": column for kind in self._kinds if len(kind) for name, column in kind.pack().items()}
        return packed | {f"VIRTUAL.{name}": column for name, column in self._virtual.pack().items()}

    def unpack(self, packed: Mapping[str, NDArray[Any]], reality: Sequence[Kind], virtual: VirtualPoints) -> list[Transition]:
        """Take over what was packed. Call after :meth:`settle` and after ``reality`` was unpacked."""
        if "drilled" not in packed:
            return []
        self._parts, self._drilled = set(packed["parts"].tolist()), set(packed["drilled"].tolist())
        found = self._arrange(reality, virtual)
        self._last = np.full(int(packed["heard"].max(initial=-1)) + 1, UNHEARD, np.int64)
        self._last[packed["heard"]] = packed["last"]
        for kind in self._kinds:
            if mine := _of(kind.kind, packed):
                found += kind.unpack(mine)
        if mine := _of("VIRTUAL", packed):
            self._virtual.unpack(mine)
        return _marked(found)

    def _arrange(self, reality: Sequence[Kind], virtual: VirtualPoints) -> list[Transition]:
        """Bind the rules that points in exercises concern; what is bound anew begins with what reality knows of its points."""
        self._kinds = self._kinds or self._make()
        parts = self._reached()
        found: list[Transition] = []
        wanted = set(self._parts)
        real = {kind.kind: kind for kind in reality}
        for kind in self._kinds:
            rules = [each for bound in self._rules.get(kind.kind, ()) if (each := _part_of(bound, parts)) is not None]
            before = (kind.rules, kind.rule, kind.channel)
            found += kind.bind(rules)
            kind.seed(real[kind.kind], kind.new_since(*before))
            wanted.update(*(named_by(bound) for bound in rules), *(bound.channels.tolist() for bound in rules))
        virtuals = [each for bound in self._rules.get("VIRTUAL", ()) if (each := _part_of(bound, parts)) is not None]
        known = self._virtual.codes()
        self._virtual.bind(virtuals)
        self._virtual.seed(virtual, self._virtual.codes() - known)
        wanted.update(*(named_by(bound) for bound in virtuals))
        self._wanted = np.zeros(max(wanted, default=-1) + 2, np.bool_)
        self._wanted[sorted(wanted)] = True
        return _marked(found)

    def _reached(self) -> set[int]:
        """Channels in exercises, and virtual points reckoned from such."""
        reached, grows = set(self._parts), True
        while grows:
            before = len(reached)
            for bound in self._rules.get("VIRTUAL", ()):
                if isinstance(bound.criterion.parameters, Virtual) and not reached.isdisjoint(named_by(bound)):
                    reached.add(bound.criterion.parameters.channel)
            grows = len(reached) > before
        return reached

    def _know(self, last_time: NDArray[np.int64]) -> None:
        """No reading counts that is older than what its point really measured last."""
        extra = max(len(last_time), len(self._wanted)) - len(self._last)
        if extra > 0:
            self._last = np.concatenate([self._last, np.full(extra, UNHEARD, np.int64)])
        size = len(last_time)
        self._last[:size] = np.maximum(self._last[:size], last_time)

    def _turn(self, rows: Rows) -> list[Transition]:
        """Points that begin an exercise or are back in reality with ``rows``; what was said of the latter is cleared."""
        marked = (rows.quality & EXERCISE) != 0
        back = ~marked & np.isin(rows.channel, sorted(self._drilled)) if self._drilled else np.zeros(len(rows), np.bool_)
        before = np.array(sorted(self._drilled), np.int32)
        self._drilled |= set(rows.channel[marked].tolist())
        if not back.any():
            return []
        self._drilled -= set(rows.channel[back].tolist())
        # The first real reading of each point; rows of one channel ascend in time.
        ended, first = np.unique(rows.channel[back], return_index=True)
        time, value = rows.time[back][first], rows.value[back][first]
        still = np.array(sorted(self._drilled), np.int32)
        found: list[Transition] = []
        for kind in self._kinds:
            slots = np.setdiff1d(np.intersect1d(kind.touched(before), kind.touched(ended)), kind.touched(still))
            if len(slots):
                place = np.minimum(np.searchsorted(ended, kind.channel[slots]), len(ended) - 1)
                own = ended[place] == kind.channel[slots]
                found += kind.end(slots, np.where(own, time[place], time.max()), np.where(own, value[place], kind.columns["value"][slots]))
        return _marked(found)

    def _take(self, rows: Rows) -> tuple[list[Transition], Block]:
        if not self._drilled:
            return [], empty()
        drilled = np.array(sorted(self._drilled), np.int32)
        found: list[Transition] = []
        for kind in self._kinds:
            if not len(kind):
                continue
            said = kind.feed(rows)
            quiet = np.ones(len(kind), np.bool_)
            quiet[kind.touched(drilled)] = False
            # Where no point is drilled only the memory is kept up; an exercise begins from normal.
            kind.calm(np.flatnonzero(quiet))
            if said:
                heard = {(int(kind.channel[at]), kind.rules[kind.rule[at]].criterion.code) for at in np.flatnonzero(~quiet)}
                found += [each for each in said if (each.channel, each.rule) in heard]
        derived = self._virtual.derive(rows, drilled=self._drilled)
        return _marked(found), Block(derived.channel, derived.time, derived.value, derived.quality | np.uint8(EXERCISE))

    def _forget(self) -> None:
        self._kinds, self._virtual = (), VirtualPoints()
        self._parts, self._wanted, self._last = set(), np.zeros(1, np.bool_), np.empty(0, np.int64)


def _part_of(bound: Bound, parts: set[int]) -> Bound | None:
    """The rule as far as points in exercises move it, ``None`` where they do not."""
    if not parts.isdisjoint(named_by(bound)):
        return bound
    if isinstance(bound.criterion.parameters, (Combined, Colours, Unit, Virtual)):
        return None
    channels = bound.channels[np.isin(bound.channels, sorted(parts))]
    return Bound(bound.criterion, channels, bound.since_ms) if len(channels) else None


def _segments(rows: Rows) -> Iterable[Rows]:
    """``rows`` in parts, one after the other in time and as few as go, so that within each part every channel is drilled throughout or not at all."""
    marked = (rows.quality & EXERCISE) != 0
    flips = np.flatnonzero((rows.channel[1:] == rows.channel[:-1]) & (marked[1:] != marked[:-1])) + 1
    if not len(flips):
        return [rows] if len(rows) else []
    # Between a reading and the next of its channel of the other kind there must be a cut. What is of one moment stays together.
    cuts = [int(rows.time.min())]
    for after in flips[np.argsort(rows.time[flips], kind="stable")].tolist():
        if rows.time[after - 1] >= cuts[-1]:
            cuts.append(int(rows.time[after]))
    parts = np.searchsorted(np.array(cuts), rows.time, side="right") - 1
    return [_where(rows, parts == number) for number in range(len(cuts))]


def _where(rows: Rows, mask: Column) -> Rows:
    return Rows(rows.channel[mask], rows.time[mask], rows.value[mask], rows.quality[mask], rows.single)


def _marked(found: Iterable[Transition]) -> list[Transition]:
    return [msgspec.structs.replace(each, quality=each.quality | EXERCISE) for each in found]


def _of(kind: str, packed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name.partition(".")[2]: column for name, column in packed.items() if name.startswith(f"{kind}.")}
