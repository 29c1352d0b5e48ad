"""Identification and grading of one unit by GB 18218-2018: S = Σ q/Q, R = α Σ β·q/Q, level by R; every step as on paper. Pure.

Sums are exact fractions, so that neither the order of lines nor splitting one in two can move a unit over a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from anlan.prevent.hazardsources import inventory, refusals, tables
from anlan.prevent.hazardsources.inventory import Entry, Known, Line
from anlan.prevent.hazardsources.refusals import LineRefused
from anlan.prevent.hazardsources.tables import BetaRow, Tables

PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Step:
    """One line of the calculation sheet. Quantities in tonnes; figures as texts, ``ratio`` and ``product`` rounded down to four places.

    ``basis``: the row that gave Q (``表1-12`` or ``表2-W5.3``); ``beta_basis``: the row that gave β (``表3-12``, the number in Table 1, or ``表4-W5.3``).
    ``symbols``: every category that was named for the line.
    """

    number: int
    substance: str
    row_zh: str
    row_en: str
    basis: str
    critical_t: str
    quantity_t: str
    ratio: str
    beta: str
    beta_basis: str
    product: str
    symbols: tuple[str, ...]
    mixture: str
    status: str


@dataclass(frozen=True)
class Reckoning:
    """The answer for one unit. ``s``, ``sum_beta``, ``r`` are exact and hold the good lines only; ``level`` 1 (一级) to 4 (四级), ``None`` where
    the unit is no major hazard source, or where ``refused`` says that lines are missing from the sums (``complete`` is false)."""

    edition: str
    tables_since: date
    steps: tuple[Step, ...]
    refused: tuple[LineRefused, ...]
    s: Fraction
    sum_beta: Fraction
    people: int
    alpha: Decimal
    r: Fraction
    is_major: bool
    level: int | None

    @property
    def complete(self) -> bool:
        """Whether every line is in the sums."""
        return not self.refused

    @property
    def told(self) -> dict[str, Any]:
        """The steps as kept with an assessment."""
        return {
            "edition": self.edition,
            "tables_since": self.tables_since.isoformat(),
            "steps": [asdict(step) | {"symbols": list(step.symbols)} for step in self.steps],
            "s": shown(self.s),
            "sum_beta": shown(self.sum_beta),
            "people": self.people,
            "alpha": f"{self.alpha.normalize():f}",
            "r": shown(self.r),
        }


def shown(value: Fraction) -> str:
    """A figure of the sheet: four decimal places, rounded down, so that 0.99996 never reads as the limit 1."""
    return f"{rounded(value):f}"


def rounded(value: Fraction) -> Decimal:
    """:func:`shown` as a number."""
    whole = value.numerator * 10_000 // value.denominator
    return (Decimal(whole) / 10_000).quantize(PLACES, rounding=ROUND_FLOOR)


def reckon(lines: Sequence[Line], people: int, day: date, known: Known = lambda _name, _cas: False) -> Reckoning:
    """Identify and grade one unit by the tables of ``day``. ``people``: residents within 500 m outside the plant boundary.

    Lines that cannot be read stand in ``refused``, one reason each; the others are reckoned with. Raises ``NoTablesOfDay``, ``PeopleWrong``.
    """
    held = tables.on(day)
    factor = alpha(people, held)
    steps: list[Step] = []
    refused: list[LineRefused] = []
    s = sum_beta = Fraction(0)
    for number, line in enumerate(lines, 1):
        try:
            entry = inventory.read(number, line, held, known)
            row = beta(entry, held)
        except LineRefused as refusal:
            refused.append(refusal)
            continue
        ratio = entry.tonnes / Fraction(entry.critical_t)
        product = Fraction(row.beta) * ratio
        s, sum_beta = s + ratio, sum_beta + product
        steps.append(_step(entry, row, ratio, product))
    r = Fraction(factor) * sum_beta
    major = s >= 1
    grade = level(r, held) if major and not refused else None
    return Reckoning(held.edition, held.since, tuple(steps), tuple(refused), s, sum_beta, people, factor, r, major, grade)


def beta(entry: Entry, held: Tables) -> BetaRow:
    """β of a line: Table 3 by its row, else Table 4 by category.

    Of several categories the highest β counts: the standard names the lowest Q and leaves β open, so that the safe reading is taken.
    Raises ``SymbolsNeededForRow`` for a named substance outside Table 3 whose category nobody named.
    """
    if entry.row is not None and entry.row.seq in held.beta_by_seq:
        return held.beta_by_seq[entry.row.seq]
    if not entry.categories:
        assert entry.row is not None  # a line without a row has a category, else reading it was refused
        raise refusals.SymbolsNeededForRow(line=entry.number, substance=entry.substance, seq=entry.row.seq)
    return max((held.beta_by_symbol[each.symbol] for each in entry.categories), key=lambda each: each.beta)


def alpha(people: int, held: Tables) -> Decimal:
    """α by the people who live within 500 m outside the plant boundary (Table 5). Raises ``PeopleWrong`` for a negative number."""
    for row in held.alphas:
        if row.people_min <= people and (row.people_max is None or people <= row.people_max):
            return row.alpha
    raise refusals.PeopleWrong(value=people)


def level(r: Fraction, held: Tables) -> int:
    """The level of a major hazard source by R (Table 6), 1 the highest."""
    for row in held.levels:
        if r >= Fraction(row.r_min) and (row.r_below is None or r < Fraction(row.r_below)):
            return row.level
    raise ValueError(f"no level for R = {r}")


def _step(entry: Entry, row: BetaRow, ratio: Fraction, product: Fraction) -> Step:
    chosen = entry.row or entry.category
    assert chosen is not None
    if entry.row is not None:
        basis, name_zh, name_en = f"表1-{entry.row.seq}", entry.row.name_zh, entry.row.name_en
    else:
        assert entry.category is not None
        basis = f"表2-{entry.category.symbol}"
        name_zh = f"{entry.category.name_zh}（{entry.category.description_zh}）"
        name_en = f"{entry.category.name_en} ({entry.category.description_en})"
    return Step(
        number=entry.number,
        substance=entry.substance,
        row_zh=name_zh,
        row_en=name_en,
        basis=basis,
        critical_t=f"{chosen.critical_t.normalize():f}",
        quantity_t=_exact(entry.tonnes),
        ratio=shown(ratio),
        beta=f"{row.beta.normalize():f}",
        beta_basis=f"表4-{row.symbol}" if row.symbol else f"表3-{row.seq}",
        product=shown(product),
        symbols=tuple(each.symbol for each in entry.categories),
        mixture=entry.mixture,
        status=chosen.status,
    )


def _exact(value: Fraction) -> str:
    """Tonnes as typed: at most 16 places after kilograms were converted, never in powers of ten."""
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"
