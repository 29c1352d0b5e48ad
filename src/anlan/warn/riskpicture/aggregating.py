"""Grades of areas: the worst enterprise, and how many bad ones there are, weighted by the people at work there. Pure.

``score = worst_share · worst + (1 − worst_share) · 100 · (1 − 2^(−load / half_load))`` where the load sums what each enterprise's grade counts, times the weight
of its exposure. The sum saturates, so that a further enterprise never lowers an area's score and a large one is not red for its size: ``half_load`` grows
with the level. Bands and hysteresis are those of enterprises.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.warn.riskpicture import rules
from anlan.warn.riskpicture.rules import Index, Integers

WIDTHS = {"nation": 0, "province": 2, "city": 4, "county": 6, "township": 9}
"""Digits of a place code by level."""


@dataclass(frozen=True)
class Tally:
    """What is summed of an area's enterprises: how many of each grade, their load, the worst score (tenths), the sum of scores."""

    counts: tuple[int, int, int, int]
    load: float
    worst: int


def empty() -> Tally:
    """An area without enterprises."""
    return Tally((0, 0, 0, 0), 0.0, 0)


def together(first: Tally, second: Tally) -> Tally:
    """Two areas as one."""
    counts = tuple(a + b for a, b in zip(first.counts, second.counts, strict=True))
    return Tally((counts[0], counts[1], counts[2], counts[3]), first.load + second.load, max(first.worst, second.worst))


def exposure(index: Index, staff: Integers) -> rules.Floats:
    """The weight of each enterprise by the number of its people (0: not known)."""
    found = np.zeros(len(staff))
    for row in sorted(index.exposures, key=lambda each: each.staff_least):
        found[staff >= row.staff_least] = row.weight
    return found


def load(index: Index, grade: Integers, weight: rules.Floats) -> rules.Floats:
    """What each enterprise adds to the load of its area."""
    by_grade = np.zeros(len(rules.GRADES) + 1)
    for row in index.loads:
        by_grade[row.grade] = row.load
    return by_grade[grade] * weight


def scores(index: Index, level: str, worst: Integers, loads: rules.Floats) -> Integers:
    """Scores of areas of one level, in tenths."""
    row = index.area(level)
    many = 100 * rules.TENTHS * (1 - np.exp2(-loads / row.half_load))
    return np.rint(row.worst_share * worst + (1 - row.worst_share) * many).astype(np.int64)


def grades(index: Index, score: Integers, previous: Integers) -> Integers:
    """Grades of areas, held as those of enterprises are."""
    return rules.steadied(rules.banded(index, score), rules.banded(index, score, lenient=False), previous)
