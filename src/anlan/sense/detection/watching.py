"""What the kinds of detection have in common: which rule watches which point, what is remembered of each, and how an alarm rises and clears.

A *slot* is one rule at one point. Everything remembered is a column by slot, so that a block of readings is taken in whole columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection.ordering import Index, Rows, by_rank
from anlan.wire.criteria import Criterion, Parameters
from anlan.wire.detections import CLEAR, RAISE, Transition

NORMAL, WAITING, ACTIVE, LEAVING = 0, 1, 2, 3
UNHEARD = -1

Column: TypeAlias = NDArray[Any]
Facts: TypeAlias = Mapping[str, Column]


@dataclass(frozen=True)
class Bound:
    """A rule in force and the channels it watches, ascending. ``since_ms``: when it was said (ms since 1970 UTC; 0: not known)."""

    criterion: Criterion
    channels: NDArray[np.int32]
    since_ms: int = 0


@dataclass(frozen=True)
class Kept:
    """One column of memory: its type, its value before the first reading, and how many of it a slot has (0: one, as a flat column)."""

    dtype: type[np.generic]
    fill: float = 0
    width: int = 0

    def fresh(self, size: int) -> Column:
        """The column of ``size`` slots before the first reading."""
        return np.full((size, self.width) if self.width else size, self.fill, self.dtype)


class Raiser(msgspec.Struct, frozen=True):
    """What must be known of a rule to clear what it raised when it is gone, and to tell whether it is still the same."""

    code: str
    level: int
    word: str
    parameters: Parameters

    @classmethod
    def of(cls, criterion: Criterion, word: str) -> Raiser:
        """The raiser of a rule whose transitions are of kind ``word``."""
        return cls(criterion.code, criterion.level, word, criterion.parameters)


LATCH: dict[str, Kept] = {
    "state": Kept(np.int8),
    "since": Kept(np.int64),
    "left": Kept(np.int64),
    "raised": Kept(np.int64),
    "moment": Kept(np.int64),
    "value": Kept(np.float64),
    "peak": Kept(np.float64),
}


class Kind:
    """Detection of one kind. Subclasses say what they remember and when their condition is reached and left.

    ``columns``: memory by slot; ``figures``: what the rules say, by slot. :meth:`bind` gives a new arrangement of rules and keeps the memory
    of every pair of rule and channel that stays as it was.
    """

    kind: ClassVar[str]
    """Tag of the parameters in :mod:`anlan.wire.criteria`."""
    word: ClassVar[str]
    """Kind of the transitions."""
    keeps: ClassVar[dict[str, Kept]] = {}
    episode: ClassVar[frozenset[str]] = frozenset()
    """Names in ``keeps`` that belong to what was said, not to what was heard."""

    def __init__(self) -> None:
        self.rules: list[Bound] = []
        self.rule = np.empty(0, np.int32)
        self.index = Index(np.empty(0, np.int32))
        self.columns = self._fresh(0)
        self.figures: dict[str, Column] = {}
        self._mark = np.zeros(0, np.bool_)

    def __len__(self) -> int:
        return len(self.rule)

    @property
    def channel(self) -> NDArray[np.int32]:
        """Channel of every slot."""
        return self.index.channel

    def bind(self, rules: Sequence[Bound]) -> list[Transition]:
        """Watch by ``rules`` from now on. The transitions that clear what stands on pairs that are gone or whose rule changed."""
        old = (self.rules, self.rule, self.channel, self.columns)
        self.rules = list(rules)
        channel = np.concatenate([bound.channels for bound in self.rules] or [np.empty(0, np.int32)]).astype(np.int32)
        rule = np.repeat(np.arange(len(self.rules), dtype=np.int32), [len(bound.channels) for bound in self.rules])
        self.index = Index(channel)
        self.rule = rule[self.index.order]
        self.columns = self._fresh(len(self.rule))
        self._mark = np.zeros(len(self.rule), np.bool_)
        self.figures = {name: np.asarray(by_rule)[self.rule] for name, by_rule in self._figures(self.rules).items()}
        was, now = self._matched(*old[:3])
        for name, column in old[3].items():
            self.columns[name][now] = column[was]
        gone = np.setdiff1d(np.flatnonzero(old[3]["state"] >= ACTIVE), was)
        raisers = [Raiser.of(bound.criterion, self.word_of(bound.criterion)) for bound in old[0]]
        return [self._withdrawn(raisers[old[1][at]], int(old[2][at]), old[3], int(at)) for at in gone]

    def feed(self, rows: Rows) -> list[Transition]:
        """The transitions that ``rows`` cause. Rows are given once, in ascending time of each channel."""
        row, slot = self.index.expand(rows.channel)
        if not len(row):
            return []
        return self._take(slot, rows.time[row], rows.value[row], rows.quality[row])

    def touched(self, channels: NDArray[np.int32]) -> Column:
        """Slots that readings of ``channels`` move."""
        return np.unique(self.index.expand(channels)[1])

    def new_since(self, rules: Sequence[Bound], rule: Column, channel: Column) -> Column:
        """Slots, as a mask, whose pair of rule and channel was not among the ``rule`` and ``channel`` of ``rules``."""
        fresh = np.ones(len(self), np.bool_)
        fresh[self._matched(rules, rule, channel)[1]] = False
        return fresh

    def seed(self, other: Kind, fresh: Column) -> None:
        """Take over what ``other``, of the same kind, knows of the points of the slots in ``fresh``, but no episode of its own."""
        was, now = self._matched(other.rules, other.rule, other.channel)
        wanted = fresh[now]
        for name in self.keeps.keys() - self.episode:
            self.columns[name][now[wanted]] = other.columns[name][was[wanted]]

    def end(self, slots: Column, time: Column, value: Column) -> list[Transition]:
        """Bring ``slots`` back to normal; what was active is cleared by a reading of ``time`` and ``value``."""
        kept, found = self.columns, []
        for slot, moment, measured in zip(slots.tolist(), time.tolist(), value.tolist(), strict=True):
            if kept["state"][slot] >= ACTIVE:
                kept["moment"][slot], kept["value"][slot] = max(moment, int(kept["raised"][slot])), measured
                found.append(self._ended(slot))
        self.calm(slots)
        return found

    def calm(self, slots: Column) -> None:
        """Bring ``slots`` back to normal without a word."""
        self.columns["state"][slots] = NORMAL

    def _ended(self, slot: int) -> Transition:
        criterion = self.rules[self.rule[slot]].criterion
        ended = self._withdrawn(Raiser.of(criterion, self.word_of(criterion)), int(self.channel[slot]), self.columns, slot)
        return msgspec.structs.replace(ended, withdrawn=False, limit=float(self.figures["limit"][slot]))

    def pack(self) -> dict[str, Column]:
        """Everything remembered, as arrays for :meth:`unpack`."""
        # Columns that nothing has moved yet are left out: most of a quiet node's memory is like that.
        packed = {name: column.copy() for name, column in self.columns.items() if not self._untouched(name, column)}
        packed["rule"], packed["channel"] = self.rule, self.channel
        packed["raisers"] = np.frombuffer(
            msgspec.json.encode([Raiser.of(b.criterion, self.word_of(b.criterion)) for b in self.rules]), np.uint8
        )
        return packed

    def unpack(self, packed: Mapping[str, Column]) -> list[Transition]:
        """Take over what was packed for the pairs that are still watched as they were; the transitions that clear what stood on others.

        Call after :meth:`bind`.
        """
        raisers = msgspec.json.decode(packed["raisers"].tobytes(), type=list[Raiser])
        given = {bound.criterion.code: bound.criterion.parameters for bound in self.rules}
        stays = {raiser.code for raiser in raisers if given.get(raiser.code) == raiser.parameters}
        rule, channel = packed["rule"], packed["channel"]
        was, now = self._matched_by([raiser.code for raiser in raisers], rule, channel, stays)
        known = {**LATCH, **self.keeps}
        memory = {name: packed[name] if name in packed else kept.fresh(len(rule)) for name, kept in known.items()}
        for name, column in self.columns.items():
            if memory[name].shape[1:] == column.shape[1:]:
                column[now] = memory[name][was]
        gone = np.setdiff1d(np.flatnonzero(memory["state"] >= ACTIVE), was)
        return [self._withdrawn(raisers[rule[at]], int(channel[at]), memory, int(at)) for at in gone]

    def _untouched(self, name: str, column: Column) -> bool:
        fill = {**LATCH, **self.keeps}[name].fill
        return bool(np.isnan(column).all() if fill != fill else (column == fill).all())

    def _fresh(self, size: int) -> dict[str, Column]:
        return {name: kept.fresh(size) for name, kept in {**LATCH, **self.keeps}.items()}

    def _figures(self, rules: Sequence[Bound]) -> dict[str, Sequence[float]]:
        """Columns by rule; ``limit``, ``dwell``, ``hold`` (ms), ``sign`` (1: peak is the greatest, -1: the least) are wanted by the latch."""
        raise NotImplementedError

    def _take(self, slot: Column, time: Column, value: Column, quality: Column) -> list[Transition]:
        """Readings of slots; rows of one slot stand together in ascending time."""
        raise NotImplementedError

    def _matched(self, rules: Sequence[Bound], rule: Column, channel: Column) -> tuple[Column, Column]:
        same = {bound.criterion.code: bound.criterion.parameters for bound in rules}
        stays = {bound.criterion.code for bound in self.rules if same.get(bound.criterion.code) == bound.criterion.parameters}
        return self._matched_by([bound.criterion.code for bound in rules], rule, channel, stays)

    def _matched_by(self, codes: Sequence[str], rule: Column, channel: Column, stays: set[str]) -> tuple[Column, Column]:
        """Old and new slot numbers of the pairs of rule and channel that were and are, of the rules whose codes are in ``stays``."""
        number = {bound.criterion.code: at for at, bound in enumerate(self.rules)}
        renamed = np.array([number[code] if code in stays and code in number else -1 for code in codes], np.int64)
        if not len(rule) or not len(self.rule):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        was = np.flatnonzero(renamed[rule] >= 0)
        wide = len(self.rules)
        mine = self.channel.astype(np.int64) * wide + self.rule
        theirs = channel[was].astype(np.int64) * wide + renamed[rule[was]]
        # Slots are in order of channel and, within it, in order of rules: the keys ascend.
        place = np.minimum(np.searchsorted(mine, theirs), len(mine) - 1)
        found = mine[place] == theirs
        return was[found], place[found]

    def latch(
        self, slot: Column, time: Column, value: Column, quality: Column, measure: Column, reached: Column, left: Column, facts: Facts
    ) -> list[Transition]:
        """Raise after ``dwell``, clear after ``hold``. Rows of one slot stand together in ascending time; ``facts`` are columns of theirs."""
        concerned = reached | (self.columns["state"][slot] != NORMAL)
        if not concerned.any():
            return []
        if not concerned.all():
            # A slot that is concerned by one row is concerned by all of them: waiting ends with a row that is not reached.
            self._mark[slot[concerned]] = True
            keep = np.flatnonzero(self._mark[slot])
            self._mark[slot[concerned]] = False
            slot, time, value, quality, measure, reached, left = (
                column[keep] for column in (slot, time, value, quality, measure, reached, left)
            )
            facts = {name: column[keep] for name, column in facts.items()}
        found: list[Transition] = []
        for at in by_rank(slot):
            self._one_each(
                slot[at], time[at], value[at], quality[at], measure[at], reached[at], left[at], {n: c[at] for n, c in facts.items()}, found
            )
        return found

    def _one_each(
        self,
        slot: Column,
        time: Column,
        value: Column,
        quality: Column,
        measure: Column,
        reached: Column,
        left: Column,
        facts: Facts,
        found: list[Transition],
    ) -> None:
        kept, figures = self.columns, self.figures
        before, since, peak, leaving = (kept[name][slot] for name in ("state", "since", "peak", "left"))
        begins = reached & (before == NORMAL)
        since = np.where(begins, time, since)
        waiting = reached & (before <= WAITING)
        rises = waiting & (time - since >= figures["dwell"][slot])
        going = left & (before >= ACTIVE)
        leaving = np.where(going & (before == ACTIVE), time, leaving)
        clears = going & (time - leaving >= figures["hold"][slot])
        after = np.where(before >= ACTIVE, np.where(going, LEAVING, ACTIVE), np.where(waiting, WAITING, NORMAL))
        after = np.where(rises, ACTIVE, np.where(clears, NORMAL, after))
        more = np.where(figures["sign"][slot] > 0, np.fmax(peak, measure), np.fmin(peak, measure))
        peak = np.where(begins, measure, np.where(before != NORMAL, more, peak))
        kept["state"][slot], kept["since"][slot], kept["left"][slot], kept["peak"][slot] = after, since, leaving, peak
        kept["raised"][slot] = np.where(rises, time, kept["raised"][slot])
        kept["moment"][slot], kept["value"][slot] = time, value
        for at in np.flatnonzero(rises | clears):
            criterion = self.rules[self.rule[slot[at]]].criterion
            found.append(
                Transition(
                    change=RAISE if rises[at] else CLEAR,
                    channel=int(self.channel[slot[at]]),
                    kind=self.word_of(criterion),
                    level=criterion.level,
                    limit=float(figures["limit"][slot[at]]),
                    raised_ms=int(kept["raised"][slot[at]]),
                    time_ms=int(time[at]),
                    value=float(value[at]),
                    peak=float(peak[at]),
                    quality=int(quality[at]),
                    rule=criterion.code,
                    facts={name: _plain(column[at]) for name, column in facts.items()},
                )
            )

    def word_of(self, criterion: Criterion) -> str:
        """Kind of the transitions of ``criterion``."""
        return self.word

    def _withdrawn(self, raiser: Raiser, channel: int, columns: Mapping[str, Column], at: int) -> Transition:
        return Transition(
            change=CLEAR,
            channel=channel,
            kind=raiser.word,
            level=raiser.level,
            limit=0.0,
            raised_ms=int(columns["raised"][at]),
            time_ms=int(columns["moment"][at]),
            value=float(columns["value"][at]),
            peak=float(columns["peak"][at]),
            rule=raiser.code,
            withdrawn=True,
        )


class Joint(Kind):
    """A kind whose slots are moved by the readings of several points, taken in together in order of time.

    ``links``: one entry per slot and point that moves it; ``target``: its slot; ``role``: what the point is to the slot.
    """

    def __init__(self) -> None:
        super().__init__()
        self.links = Index(np.empty(0, np.int32))
        self.target = self.role = np.empty(0, np.int64)

    def bind(self, rules: Sequence[Bound]) -> list[Transition]:
        """As :meth:`Kind.bind`."""
        found = super().bind(rules)
        channels, targets, roles = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for number, bound in enumerate(self.rules):
            slots = np.flatnonzero(self.rule == number)
            for channel, role in self._moved_by(bound.criterion):
                moved = slots if channel is None else slots[self.channel[slots] != channel]
                channels.append(self.channel[moved] if channel is None else np.full(len(moved), channel))
                targets.append(moved)
                roles.append(np.full(len(moved), role))
        self.links = Index(np.concatenate(channels).astype(np.int32))
        self.target = np.concatenate(targets)[self.links.order]
        self.role = np.concatenate(roles)[self.links.order]
        return found

    def feed(self, rows: Rows) -> list[Transition]:
        """As :meth:`Kind.feed`."""
        row, link = self.links.expand(rows.channel)
        if not len(row):
            return []
        slot, time = self.target[link], rows.time[row]
        order = np.lexsort((self.role[link], time, slot))
        row, link, slot, time = row[order], link[order], slot[order], time[order]
        return self._take_joint(slot, time, rows.value[row], rows.quality[row], self.role[link])

    def touched(self, channels: NDArray[np.int32]) -> Column:
        """As :meth:`Kind.touched`."""
        return np.unique(self.target[self.links.expand(channels)[1]])

    def _moved_by(self, criterion: Criterion) -> Iterable[tuple[int | None, int]]:
        """Pairs of channel (``None``: the slot's own) and role. A slot's own channel named here is passed over."""
        raise NotImplementedError

    def _take_joint(self, slot: Column, time: Column, value: Column, quality: Column, role: Column) -> list[Transition]:
        """Readings of slots in order of slot, time and role."""
        raise NotImplementedError


def _plain(value: object) -> float | str:
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]


def milliseconds(seconds: float) -> int:
    """``seconds`` in whole milliseconds, as readings are timed."""
    return round(seconds * 1000)
