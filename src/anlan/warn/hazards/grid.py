"""The township grid: for each township and hour a combined level from hazards, what is exposed, and chains. Pure arrays, no clock.

The level of a cell is the highest of: each hazard's own level there; the result of each chain whose trigger is there and whose object is exposed;
and, where several kinds of hazard meet, the highest hazard raised. Nothing exposed never lowers a level: a signal stays a signal. Every rise is told:
:class:`Part` says which hazard, by which chain, to which level, and :func:`spans` names the parts of each stretch of hours.

Behind the rows of the townships stands one row for each county: what chains make of objects that lie somewhere in it, nobody knows in which township.
One pond without an address raises its county's row and no township: thirty orange townships for one pond would teach people to look away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
HIGHEST = 4
COMPOUND = "compound"
BY_TOWNSHIP, BY_COUNTY = "township", "county"


@dataclass(frozen=True)
class Threat:
    """One hazard over some townships and hours: rows ``townships``, hours ``first`` up to, not including, ``last`` of the grid.

    ``level`` 1–4, or one for each of ``townships`` (shaking that fades with distance).
    """

    key: str
    families: tuple[str, ...]
    level: int | NDArray[np.uint8]
    townships: Indices
    first: int
    last: int

    @property
    def levels(self) -> NDArray[np.uint8]:
        """The level of each township."""
        return np.broadcast_to(np.asarray(self.level, np.uint8), self.townships.shape)


@dataclass(frozen=True)
class Chain:
    """A chain as :mod:`.rules` reads it: ``family`` from ``level`` on, ``at_least`` of ``object`` exposed, makes ``result``."""

    code: str
    family: str
    level: int
    object: str
    at_least: float
    result: int


@dataclass(frozen=True)
class Exposure:
    """How much of an object there is. ``known``, of each township: registered there; ``shared``, of each township: what its county has is taken for
    its own (residents, of whom only the county's number is known); ``unplaced``, of each county: registered there without a township."""

    known: NDArray[np.float64]
    shared: NDArray[np.float64]
    unplaced: NDArray[np.float64]


@dataclass(frozen=True)
class Compound:
    """Where ``hazards`` kinds or more are at ``level`` or above at once, the highest is raised by ``by``."""

    hazards: int
    level: int
    by: int


@dataclass(frozen=True)
class Part:
    """Why a cell has a level: a hazard itself (``chain`` empty), a chain from it, or several at once (``chain`` = :data:`COMPOUND`, no ``key``)."""

    key: str
    chain: str
    level: int
    located: str = BY_TOWNSHIP


@dataclass(frozen=True)
class Span:
    """Hours ``first`` up to ``last`` of one row (township, or county behind them) with one level and the same parts, highest part first."""

    township: int
    first: int
    last: int
    level: int
    parts: tuple[Part, ...]


class Grid:
    """Levels of ``rows`` × ``hours`` cells and what made them."""

    def __init__(self, rows: int, hours: int) -> None:
        self.levels: NDArray[np.uint8] = np.zeros((rows, hours), np.uint8)
        self._signature: NDArray[np.uint64] = np.zeros((rows, hours), np.uint64)
        self._parts: list[tuple[Part, Indices, int, int, NDArray[np.bool_] | None]] = []
        # Marks of parts are drawn once and always the same: equal sums of marks mean equal parts (2⁻⁶⁴ apart from chance).
        self._marks = np.random.default_rng(3701)

    def add(self, part: Part, townships: Indices, first: int, last: int, where: NDArray[np.bool_] | None = None) -> None:
        """Raise cells to the level of ``part``: all hours of the townships, or those ``where`` (townships × hours of the stretch) says."""
        if not townships.size or first >= last:
            return
        mark = self._marks.integers(1, 2**63, dtype=np.uint64)
        cells = np.ix_(townships, np.arange(first, last))
        held = self.levels[cells]
        raised = np.maximum(held, part.level)
        self.levels[cells] = raised if where is None else np.where(where, raised, held)
        with np.errstate(over="ignore"):
            self._signature[cells] += mark if where is None else np.where(where, mark, np.uint64(0))
        self._parts.append((part, townships, first, last, where))

    def spans(self) -> tuple[Span, ...]:
        """Every stretch with a level, by township and hour."""
        signature = self._signature
        if not signature.size:
            return ()
        changes = np.ones(signature.shape, np.bool_)
        changes[:, 1:] = signature[:, 1:] != signature[:, :-1]
        rows, starts = np.nonzero(changes)
        ends = np.where(np.append(rows[1:], -1) == rows, np.append(starts[1:], 0), signature.shape[1])
        live = self.levels[rows, starts] > 0
        rows, starts, ends = rows[live], starts[live], ends[live]
        told = self._told(rows, starts)
        marks = signature[rows, starts]
        levels = self.levels[rows, starts]
        return tuple(
            Span(int(row), int(start), int(end), int(level), told[mark])
            for row, start, end, level, mark in zip(rows, starts, ends, levels, marks.tolist(), strict=True)
        )

    def _told(self, rows: Indices, starts: Indices) -> dict[int, tuple[Part, ...]]:
        """Parts by signature, read at one cell for each."""
        marks, one = np.unique(self._signature[rows, starts], return_index=True)
        cell_rows, cell_hours = rows[one], starts[one]
        found: list[list[Part]] = [[] for _ in marks]
        position = np.full(self.levels.shape[0], -1, np.intp)
        for part, townships, first, last, where in self._parts:
            position[townships] = np.arange(townships.size)
            at = position[cell_rows]
            hit = np.flatnonzero((at >= 0) & (cell_hours >= first) & (cell_hours < last))
            if where is not None and hit.size:
                hit = hit[where[at[hit], cell_hours[hit] - first]]
            for each in hit:
                found[each].append(part)
            position[townships] = -1
        return {
            int(mark): tuple(sorted(parts, key=lambda part: (-part.level, part.chain == "", part.chain, part.key)))
            for mark, parts in zip(marks, found, strict=True)
        }


def reckon(
    county_of: Indices,
    hours: int,
    threats: Sequence[Threat],
    exposure: Mapping[str, Exposure],
    chains: Iterable[Chain],
    compound: Compound,
) -> Grid:
    """The grid of ``hours`` columns and a row for each township and, behind them, each county; ``county_of``: the county (from 0) of each township.

    A chain whose object nobody registered anywhere adds nothing.
    """
    grid = Grid(county_of.size + int(county_of.max(initial=-1)) + 1, hours)
    by_family: dict[str, list[Chain]] = {}
    for chain in chains:
        by_family.setdefault(chain.family, []).append(chain)
    for threat in threats:
        levels = threat.levels
        for level in np.unique(levels):
            if level:
                grid.add(Part(threat.key, "", int(level)), threat.townships[levels == level], threat.first, threat.last)
        for chain in (each for family in threat.families for each in by_family.get(family, ())):
            _follow(grid, county_of, threat, levels, chain, exposure.get(chain.object))
    _meet(grid, threats, compound)
    return grid


def _follow(grid: Grid, county_of: Indices, threat: Threat, levels: NDArray[np.uint8], chain: Chain, exposed: Exposure | None) -> None:
    if exposed is None:
        return
    rows = threat.townships[levels >= chain.level]
    known = exposed.known[rows]
    sure = known >= chain.at_least
    perhaps = ~sure & (known + exposed.shared[rows] >= chain.at_least)
    # Of a county as much may be at risk as the township that has most of it, together with what has no township.
    counties, place = np.unique(county_of[rows], return_inverse=True)
    most = np.zeros(counties.size)
    np.maximum.at(most, place, known)
    unplaced = exposed.unplaced[counties]
    somewhere = county_of.size + counties[(unplaced > 0) & (most + unplaced >= chain.at_least)]
    for located, held in ((BY_TOWNSHIP, rows[sure]), (BY_COUNTY, rows[perhaps]), (BY_COUNTY, somewhere)):
        grid.add(Part(threat.key, chain.code, chain.result, located), held, threat.first, threat.last)


def _meet(grid: Grid, threats: Sequence[Threat], compound: Compound) -> None:
    """Raise cells where several kinds of hazard meet; two signals of one kind are one kind."""
    highest: dict[str, NDArray[np.uint8]] = {}
    for threat in threats:
        # A typhoon that brings wind and rain is one hazard: it counts by its first family.
        held = highest.setdefault(threat.families[0], np.zeros(grid.levels.shape, np.uint8))
        cells = np.ix_(threat.townships, np.arange(threat.first, threat.last))
        held[cells] = np.maximum(held[cells], threat.levels[:, None])
    if len(highest) < compound.hazards:
        return
    kinds = np.zeros(grid.levels.shape, np.uint8)
    top = np.zeros(grid.levels.shape, np.uint8)
    for held in highest.values():
        kinds += held >= compound.level
        top = np.maximum(top, held)
    raised = np.where(kinds >= compound.hazards, np.minimum(top + compound.by, HIGHEST), 0)
    for level in range(1, HIGHEST + 1):
        rows = np.flatnonzero((raised == level).any(axis=1))
        if rows.size:
            grid.add(Part("", COMPOUND, level), rows, 0, grid.levels.shape[1], (raised == level)[rows])
