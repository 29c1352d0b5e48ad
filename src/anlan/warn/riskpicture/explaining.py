"""Why a subject has its grade, and what would better it: the smallest single changes, else pairs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from anlan.warn.riskpicture import rules
from anlan.warn.riskpicture.rules import Index, Observations

MOST_UNITS = 50
"""Observations of one factor that are tried one by one; beyond that only all of them at once."""


@dataclass(frozen=True)
class Step:
    """Let go of ``count`` of the ``total`` observations of a factor, those that weigh most."""

    factor: str
    count: int
    total: int


@dataclass(frozen=True)
class Relief:
    """What leads to a better grade."""

    grade: int
    score: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Outlook:
    """What would better a grade. ``best``: the grade left once everything is done that somebody can do today."""

    singles: tuple[Relief, ...]
    pairs: tuple[Relief, ...]
    best: int
    best_score: int


Change = tuple[tuple[int, int], ...]
"""Column of a factor and how many of its observations go, heaviest first."""


def outlook(index: Index, seen: Observations, present: int) -> Outlook:
    """What would better the grade ``present`` of one subject whose observations are ``seen``, by the same rule that graded it."""
    weight = seen.amount * rules.timed(index, seen.factor, seen.hours) if len(seen.factor) else seen.amount
    heaviest = np.argsort(-weight, kind="stable")
    members = {
        at: heaviest[seen.factor[heaviest] == at]
        for at, factor in enumerate(index.factors)
        if factor.movable and bool((seen.factor == at).any())
    }
    everything: Change = tuple((at, len(rows)) for at, rows in members.items())
    if not members:
        (best,) = _tried(index, seen, members, [()], present)
        return Outlook((), (), best[0], best[1])
    tries: list[Change] = [((at, count),) for at, rows in members.items() for count in _counts(len(rows))]
    found = _tried(index, seen, members, [*tries, everything], present)
    singles = _smallest(index, members, tries, found[:-1], present)
    pairs: tuple[Relief, ...] = ()
    if not singles and len(members) > 1:
        both: list[Change] = [
            ((a, some), (b, len(members[b])))
            for first, second in combinations(members, 2)
            for a, b in ((first, second), (second, first))
            for some in _counts(len(members[a]))
        ]
        pairs = _smallest(index, members, both, _tried(index, seen, members, both, present), present)
    return Outlook(singles, pairs, *found[-1])


def _counts(total: int) -> Sequence[int]:
    return range(1, total + 1) if total <= MOST_UNITS else (total,)


def _tried(
    index: Index, seen: Observations, members: dict[int, rules.Integers], changes: Sequence[Change], present: int
) -> list[tuple[int, int]]:
    """Grade and score after each change, reckoned in one go: a row for each."""
    kept = np.ones((len(changes), len(seen.factor)), dtype=bool)
    for row, change in enumerate(changes):
        for at, count in change:
            kept[row, members[at][:count]] = False
    rows, which = np.nonzero(kept)
    part = Observations(rows, seen.factor[which], seen.amount[which], seen.hours[which])
    result = rules.grade(index, len(changes), part, np.full(len(changes), present))
    return list(zip(result.grade.tolist(), result.score.tolist(), strict=True))


def _smallest(
    index: Index, members: dict[int, rules.Integers], changes: Sequence[Change], found: Sequence[tuple[int, int]], present: int
) -> tuple[Relief, ...]:
    """Of the changes that better the grade the one with the fewest observations for each set of factors, best grade first."""
    least: dict[frozenset[int], Relief] = {}
    for change, (reached, score) in zip(changes, found, strict=True):
        if reached <= present:
            continue
        steps = tuple(Step(index.factors[at].code, count, len(members[at])) for at, count in change)
        key = frozenset(at for at, _ in change)
        relief = Relief(reached, score, steps)
        if key not in least or _effort(relief) < _effort(least[key]):
            least[key] = relief
    return tuple(sorted(least.values(), key=lambda each: (_effort(each), -each.grade)))


def _effort(relief: Relief) -> int:
    return sum(step.count for step in relief.steps)
