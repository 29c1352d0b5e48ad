"""The law of the live risk grade: what an index version is, how observations become a score and a grade. Pure, vectorised, without a clock.

The scale is that of 应急〔2018〕19号 turned round: the published grading starts at 100 points and takes points away; a risk score counts the points that
are missing. The inherent part is what the yearly grading took away, live factors take further points, and the published bands hold for the sum:
red from below 60 of 100, orange below 75, yellow below 90. Every weight of a live factor is a project default. This is not the ministry's own score, whose
method is not published.

Points are counted in tenths as whole numbers, so that the parts of an explanation add up to the score exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule

ACTIONS: dict[str, str] = {
    "riskpicture.view": N_("查看风险态势"),
    "riskpicture.export": N_("导出风险等级清单"),
    "riskpicture.draft": N_("起草、修改和回测风险指标体系"),
    "riskpicture.enact": N_("启用风险指标体系"),
    "riskpicture.compute": N_("计算风险等级"),
}

RED, ORANGE, YELLOW, BLUE = 1, 2, 3, 4
GRADES: dict[int, str] = {RED: N_("红色"), ORANGE: N_("橙色"), YELLOW: N_("黄色"), BLUE: N_("蓝色")}
TONES: dict[int, str] = {RED: "red", ORANGE: "orange", YELLOW: "yellow", BLUE: "blue"}
ENTERPRISE, SOURCE = "enterprise", "source"
KINDS: dict[str, str] = {ENTERPRISE: N_("企业"), SOURCE: N_("危险源")}
STEADY, GROWS, DECAYS = "steady", "grows", "decays"
AMOUNT, HOURS = "amount", "hours"
INHERENT = "inherent"
TENTHS = 10
"""Points are kept as tenths."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Group(DatedRule):
    """Factors that together take ``cap`` points at most."""

    code: str
    name_zh: str
    name_en: str
    cap: float


@dataclass(frozen=True, kw_only=True)
class Factor(DatedRule):
    """One factor: ``points`` for each unit observed, ``cap`` at most.

    ``timing``: ``steady``; ``grows`` from once to twice the points within ``hours``; ``decays`` to half within ``hours``. ``movable``: whether
    somebody can make it go away today; ``advice`` says how. ``kinds``: the kinds of subjects it counts for.
    """

    code: str
    group: str
    kinds: str
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    points: float
    cap: float
    timing: str
    hours: float | None = None
    movable: bool
    advice_zh: str = ""
    advice_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Band(DatedRule):
    """A score above ``above`` is of ``grade``; it stays so until the score is ``margin`` points below that bound."""

    grade: int
    above: float
    margin: float


@dataclass(frozen=True, kw_only=True)
class Veto(DatedRule):
    """At least ``at_least`` units (``amount``), or one that lasts so many ``hours``, of a factor make the grade no better than ``grade``."""

    code: str
    factor: str
    measure: str
    at_least: float
    grade: int
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class AreaLevel(DatedRule):
    """How the grade of an area of a level is made: ``worst_share`` of its worst enterprise, the rest of how many there are.

    ``half_load``: the load (see :class:`Load`) at which "how many" reaches half of its points.
    """

    level: str
    worst_share: float
    half_load: float


@dataclass(frozen=True, kw_only=True)
class Load(DatedRule):
    """What one enterprise of a grade adds to the load of its area, before it is weighed by exposure."""

    grade: int
    load: float


@dataclass(frozen=True, kw_only=True)
class Exposure(DatedRule):
    """The weight of an enterprise with ``staff_least`` people or more."""

    staff_least: int
    weight: float


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure of the index version."""

    code: str
    value: float
    name_zh: str
    name_en: str


TABLES: dict[str, type[Any]] = {
    "groups": Group,
    "factors": Factor,
    "bands": Band,
    "vetoes": Veto,
    "areas": AreaLevel,
    "loads": Load,
    "exposures": Exposure,
    "parameters": Parameter,
}
"""Tables of an index version, by the name of their file."""


@dataclass(frozen=True)
class Index:
    """One index version, checked."""

    version: str
    groups: tuple[Group, ...]
    factors: tuple[Factor, ...]
    bands: tuple[Band, ...]
    vetoes: tuple[Veto, ...]
    areas: tuple[AreaLevel, ...]
    loads: tuple[Load, ...]
    exposures: tuple[Exposure, ...]
    parameters: tuple[Parameter, ...]

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Column of each factor."""
        return {factor.code: at for at, factor in enumerate(self.factors)}

    @cached_property
    def by_group(self) -> tuple[tuple[Group, tuple[int, ...]], ...]:
        """Groups with the columns of their factors, gravest first as the table has them."""
        return tuple((group, tuple(at for at, f in enumerate(self.factors) if f.group == group.code)) for group in self.groups)

    def parameter(self, code: str) -> float:
        """A figure. Raises ``KeyError``."""
        return {row.code: row.value for row in self.parameters}[code]

    def area(self, level: str) -> AreaLevel:
        """How areas of a level are graded. Raises ``KeyError``."""
        return {row.level: row for row in self.areas}[level]


def flaws(index: Index) -> tuple[str, ...]:
    """What makes an index version unusable, one code with its row each; empty where it is sound."""
    found: list[str] = []
    groups, codes = {row.code for row in index.groups}, [row.code for row in index.factors]
    found += [f"factor_twice:{code}" for code in sorted({code for code in codes if codes.count(code) > 1})]
    found += [f"factor_group:{row.code}" for row in index.factors if row.group not in groups]
    found += [f"factor_points:{row.code}" for row in index.factors if row.points < 0 or row.cap < 0]
    timed = (GROWS, DECAYS)
    found += [f"factor_timing:{row.code}" for row in index.factors if row.timing not in (STEADY, *timed)]
    found += [f"factor_hours:{row.code}" for row in index.factors if row.timing in timed and not (row.hours and row.hours > 0)]
    found += [f"factor_kinds:{row.code}" for row in index.factors if not set(row.kinds.split()) <= set(KINDS) or not row.kinds]
    found += [f"group_cap:{row.code}" for row in index.groups if row.cap < 0]
    bounds = {row.grade: row.above for row in index.bands}
    if set(bounds) != {RED, ORANGE, YELLOW} or not bounds[RED] > bounds[ORANGE] > bounds[YELLOW] >= 0:
        found.append("bands")
    found += [f"band_margin:{row.grade}" for row in index.bands if row.margin < 0]
    found += [
        f"veto:{row.code}"
        for row in index.vetoes
        if row.factor not in codes or row.grade not in GRADES or row.measure not in (AMOUNT, HOURS)
    ]
    found += [f"area:{row.level}" for row in index.areas if not 0 <= row.worst_share <= 1 or row.half_load <= 0]
    loads = {row.grade: row.load for row in index.loads}
    if set(loads) != set(GRADES) or not loads[RED] >= loads[ORANGE] >= loads[YELLOW] >= loads[BLUE] >= 0:
        found.append("loads")
    if not any(row.staff_least == 0 for row in index.exposures) or any(row.weight < 0 for row in index.exposures):
        found.append("exposures")
    known = {row.code for row in index.parameters}
    found += [f"parameter:{code}" for code in ("ceiling", "note_points", "horizon_h") if code not in known]
    return tuple(found)


@dataclass(frozen=True)
class Subjects:
    """Subjects of one kind in columns: what is graded, whose it is, where it lies, the level of its major hazard source, people at work."""

    kind: str
    ids: tuple[UUID, ...]
    enterprise_ids: tuple[UUID, ...]
    place_codes: tuple[str, ...]
    major_levels: tuple[int | None, ...]

    @cached_property
    def rows(self) -> dict[UUID, int]:
        """Row of each subject."""
        return {each: row for row, each in enumerate(self.ids)}

    @cached_property
    def owners(self) -> frozenset[UUID]:
        """Every enterprise that the subjects are of."""
        return frozenset(self.enterprise_ids)


class Observed(NamedTuple):
    """What a factor found of one subject: ``amount`` units since ``since_s`` (seconds since 1970 UTC; ``None``: without age)."""

    factor: str
    subject: int
    amount: float
    since_s: float | None = None


@dataclass(frozen=True)
class Observations:
    """Many of them in columns: row of the subject, column of the factor, units, age in hours."""

    subject: Integers
    factor: Integers
    amount: Floats
    hours: Floats


def columns(index: Index, observed: Sequence[Observed], now_s: float) -> Observations:
    """Observations in columns. What names a factor that the index does not have is left out: another version may count it."""
    known = [each for each in observed if each.factor in index.position]
    ages = [0.0 if each.since_s is None else max(0.0, (now_s - each.since_s) / 3600) for each in known]
    return Observations(
        np.array([each.subject for each in known], dtype=np.int64),
        np.array([index.position[each.factor] for each in known], dtype=np.int64),
        np.array([max(0.0, each.amount) for each in known], dtype=np.float64),
        np.array(ages, dtype=np.float64),
    )


def timed(index: Index, factor: Integers, hours: Floats) -> Floats:
    """By how much age multiplies the points of each observation: 1 when steady, 1 to 2 when growing, 1 to 0 when decaying."""
    kind = np.array([{STEADY: 0, GROWS: 1, DECAYS: 2}[row.timing] for row in index.factors])[factor]
    span = np.array([row.hours or 1.0 for row in index.factors])[factor]
    grown = 1 + np.minimum(hours / span, 1)
    decayed = np.exp2(-hours / span)
    return np.select([kind == 1, kind == 2], [grown, decayed], 1.0)


@dataclass(frozen=True)
class Result:
    """Grades of n subjects by m factors; points in tenths.

    ``raw``: points before any cap; ``parts``: what each factor adds after its own cap and its group's; ``over``: what the ceiling of the score
    takes off, so that ``parts.sum(axis=1) - over == score``. ``vetoes``: which of the index's vetoes hold.
    """

    amount: Floats
    hours: Floats
    raw: Floats
    parts: Integers
    over: Integers
    score: Integers
    grade: Integers
    vetoes: NDArray[np.bool_]


def grade(index: Index, number: int, seen: Observations, previous: Integers) -> Result:
    """Grade ``number`` subjects. ``previous``: the grade each had (0: none yet), which hysteresis holds on to."""
    shape = (number, len(index.factors))
    amount, raw, hours = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    where = (seen.subject, seen.factor)
    points = np.array([row.points for row in index.factors])[seen.factor] if len(seen.factor) else np.zeros(0)
    np.add.at(amount, where, seen.amount)
    np.add.at(raw, where, seen.amount * points * timed(index, seen.factor, seen.hours))
    np.maximum.at(hours, where, seen.hours)
    parts = _capped(index, raw)
    total = parts.sum(axis=1)
    score = np.minimum(total, round(index.parameter("ceiling") * TENTHS))
    held = _vetoed(index, amount, hours)
    return Result(amount, hours, raw, parts, total - score, score, _graded(index, score, held, previous), held)


def _capped(index: Index, raw: Floats) -> Integers:
    """Points after the cap of each factor and of its group, in tenths. In a group the factors that stand first are counted first."""
    own = np.rint(np.minimum(raw, [row.cap for row in index.factors]) * TENTHS).astype(np.int64)
    parts = np.zeros_like(own)
    for group, members in index.by_group:
        if members:
            filled = np.minimum(np.cumsum(own[:, members], axis=1), round(group.cap * TENTHS))
            parts[:, members] = np.diff(filled, axis=1, prepend=0)
    return parts


def _vetoed(index: Index, amount: Floats, hours: Floats) -> NDArray[np.bool_]:
    held = np.zeros((len(amount), len(index.vetoes)), dtype=bool)
    for at, veto in enumerate(index.vetoes):
        column = index.position[veto.factor]
        measured = amount[:, column] if veto.measure == AMOUNT else np.where(amount[:, column] > 0, hours[:, column], -1.0)
        held[:, at] = measured >= veto.at_least
    return held


def banded(index: Index, score: Integers, *, lenient: bool = True) -> Integers:
    """The grade of each score by the bounds alone; not ``lenient``: by the bounds less their margins, at which a grade is let go."""
    found = np.full(len(score), BLUE, dtype=np.int64)
    for band in sorted(index.bands, key=lambda row: -row.grade):
        bound = round((band.above - (0 if lenient else band.margin)) * TENTHS)
        found[score > bound] = band.grade
    return found


def steadied(plain: Integers, sticky: Integers, previous: Integers) -> Integers:
    """A grade gets worse at once; it gets better only as far as the score lies under the bound by its margin."""
    return np.where((previous == 0) | (plain <= previous), plain, np.maximum(previous, sticky))


def _graded(index: Index, score: Integers, held: NDArray[np.bool_], previous: Integers) -> Integers:
    found = steadied(banded(index, score), banded(index, score, lenient=False), previous)
    for at, veto in enumerate(index.vetoes):
        found = np.where(held[:, at], np.minimum(found, veto.grade), found)
    return found


def look_again_s(index: Index, result: Result) -> Floats:
    """Seconds until time alone may have changed each score by a noticeable part; infinite where nothing grows or decays.

    A twentieth of the factor's hours, five minutes at least and a day at most: the sweep regrades no subject before that.
    """
    found = np.full(len(result.score), np.inf)
    for at, factor in enumerate(index.factors):
        if factor.timing == STEADY or not factor.hours:
            continue
        step = min(max(factor.hours * 3600 / 20, 300.0), 86400.0)
        running = (result.amount[:, at] > 0) & (result.raw[:, at] >= 0.5 / TENTHS)
        if factor.timing == GROWS:
            longest = max([factor.hours, *(v.at_least for v in index.vetoes if v.factor == factor.code and v.measure == HOURS)])
            running &= result.hours[:, at] <= longest
        found[running] = np.minimum(found[running], step)
    return found
