"""Lines of an inventory as they are typed, and what they say once read: substance, row or category, tonnes. Pure.

What cannot be read is kept as it was typed beside the reason; it never drops out of a list, since a sum without it would be too low.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from anlan.kernel.words import N_
from anlan.prevent.hazardsources import refusals
from anlan.prevent.hazardsources.tables import NONE_OF_THEM, CategoryRow, NamedRow, Tables

PURE, SAME_CLASS, NEW_CLASS = "", "same", "new"
MIXTURES: dict[str, str] = {
    PURE: N_("纯物质"),
    SAME_CLASS: N_("混合物，与纯物质危险类别相同（按纯物质整体计）"),
    NEW_CLASS: N_("混合物，危险类别已变（按自身类别计）"),
}
"""GB 18218-2018, 4.2.3: a mixture of the class of its pure substance counts whole as that substance, any other by its own class."""

TONNES: dict[str, Fraction] = {
    "t": Fraction(1),
    "吨": Fraction(1),
    "kg": Fraction(1, 1000),
    "千克": Fraction(1, 1000),
    "公斤": Fraction(1, 1000),
}
MOST_TONNES = 10_000_000
MOST_LINES = 200
_SPLIT = re.compile(r"[\s,;，；、/]+")

Known = Callable[[str, str], bool]
"""Whether a chemical of this name or CAS number is known at all."""


@dataclass(frozen=True)
class Line:
    """One line as typed, all texts. ``quantity``: design maximum (设计最大量) in ``unit``; ``seq``: row of Table 1, ``0`` for none of them;
    ``symbols``: categories of Table 2 such as ``W5.3 J5``; ``mixture``: a key of :data:`MIXTURES`; ``note``: tank, state, anything."""

    substance: str = ""
    cas: str = ""
    quantity: str = ""
    unit: str = ""
    seq: str = ""
    symbols: str = ""
    mixture: str = PURE
    note: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was typed that names or weighs anything."""
        return not (self.substance or self.cas or self.quantity or self.seq)

    def told(self) -> dict[str, str]:
        """As kept."""
        return asdict(self)


LIMITS: dict[str, int] = {"substance": 120, "cas": 20, "quantity": 40, "unit": 10, "seq": 6, "symbols": 60, "mixture": 8, "note": 120}


def line_of(values: Mapping[str, object]) -> Line:
    """A line from a form, a file or a message: every value as trimmed text; unknown keys are left out.

    Raises ``FieldTooLong``: nothing is cut off.
    """
    texts = {name: " ".join(str(values.get(name) if values.get(name) is not None else "").split()) for name in LIMITS}
    for name, text in texts.items():
        if len(text) > LIMITS[name]:
            raise refusals.FieldTooLong(field=name, limit=LIMITS[name])
    return Line(**texts)


@dataclass(frozen=True)
class Entry:
    """One line as read. ``row``: of Table 1, ``None`` where it goes by category; ``category``: the row of Table 2 with the lowest Q;
    ``categories``: every category that was named; ``tonnes``: exact."""

    number: int
    substance: str
    tonnes: Fraction
    row: NamedRow | None
    category: CategoryRow | None
    categories: tuple[CategoryRow, ...]
    mixture: str

    @property
    def critical_t(self) -> Decimal:
        """Q in tonnes: of the named row, else the lowest of the categories (4.1.2)."""
        chosen = self.row or self.category
        assert chosen is not None  # reading a line gives it one of the two
        return chosen.critical_t


def read(number: int, line: Line, tables: Tables, known: Known = lambda _name, _cas: False) -> Entry:
    """What ``line`` (the ``number``-th, from 1) says by the tables of its day.

    Raises a :class:`~anlan.prevent.hazardsources.refusals.LineRefused` that names the line and what is missing.
    """
    if not (line.substance or line.cas):
        raise refusals.SubstanceMissing(line=number)
    name = line.substance or line.cas
    tonnes = _tonnes(number, name, line)
    if line.mixture not in MIXTURES:
        raise refusals.MixtureUnknown(line=number, substance=name, value=line.mixture)
    categories = _categories(number, name, line.symbols, tables)
    row = None if line.mixture == NEW_CLASS else _row(number, name, line, tables)
    if row is None and not categories:
        if line.mixture == NEW_CLASS:
            raise refusals.MixtureNeedsSymbols(line=number, substance=name)
        if line.seq == "" and not known(line.substance, line.cas):
            raise refusals.SubstanceUnknown(line=number, substance=name)
        raise refusals.SymbolsNeeded(line=number, substance=name)
    lowest = min(categories, key=lambda each: (each.critical_t, each.symbol)) if categories else None
    return Entry(number, name, tonnes, row, None if row else lowest, categories, line.mixture)


def _tonnes(number: int, name: str, line: Line) -> Fraction:
    facts = {"line": number, "substance": name}
    if not line.quantity:
        raise refusals.QuantityMissing(**facts)
    if not line.unit:
        raise refusals.UnitMissing(**facts)
    factor = TONNES.get(line.unit.lower())
    if factor is None:
        raise refusals.UnitUnknown(**facts, value=line.unit)
    try:
        amount = Decimal(line.quantity)
    except InvalidOperation:
        raise refusals.QuantityWrong(**facts, value=line.quantity) from None
    if not amount.is_finite():
        raise refusals.QuantityWrong(**facts, value=line.quantity)
    if amount <= 0:
        raise refusals.QuantityNotPositive(**facts, value=line.quantity)
    # An exponent of a million digits would be an honest Decimal and an endless Fraction.
    if amount.adjusted() > 12:
        raise refusals.QuantityTooLarge(**facts, value=line.quantity, most=MOST_TONNES)
    if amount.adjusted() < -12:
        raise refusals.QuantityNotPositive(**facts, value=line.quantity)
    tonnes = Fraction(amount) * factor
    if tonnes > MOST_TONNES:
        raise refusals.QuantityTooLarge(**facts, value=line.quantity, most=MOST_TONNES)
    return tonnes


def _categories(number: int, name: str, symbols: str, tables: Tables) -> tuple[CategoryRow, ...]:
    found: dict[str, CategoryRow] = {}
    for symbol in filter(None, _SPLIT.split(symbols.upper())):
        row = tables.by_symbol.get(symbol)
        if row is None:
            known = "、".join(tables.by_symbol)
            raise refusals.SymbolUnknown(line=number, substance=name, value=symbol, known=known)
        found[symbol] = row
    return tuple(found[symbol] for symbol in tables.by_symbol if symbol in found)


def _row(number: int, name: str, line: Line, tables: Tables) -> NamedRow | None:
    """The row of Table 1 that a line means; ``None`` when it means none of them."""
    if line.seq:
        return _chosen(number, name, line, tables)
    by_name = tables.called(line.substance) if line.substance else ()
    by_cas = tables.with_cas(line.cas) if line.cas else ()
    both = tuple(row for row in by_name if row in by_cas)
    if by_name and by_cas and not both:
        raise refusals.NameContradictsCas(line=number, substance=name, cas=line.cas, by_name=_listed(by_name), by_cas=_listed(by_cas))
    if line.cas and not by_cas and any(row.cas_numbers for row in by_name) and not tables.exactly_named(line.substance):
        row = next(row for row in by_name if row.cas_numbers)
        raise refusals.RowContradictsCas(
            line=number, substance=name, cas=line.cas, seq=row.seq, row=row.name_zh, known="、".join(row.cas_numbers)
        )
    candidates = both or by_name or by_cas
    if len(candidates) > 1:
        raise refusals.SeveralRows(line=number, substance=name, candidates=_listed(candidates), seqs=[row.seq for row in candidates])
    if not candidates:
        return None
    (row,) = candidates
    if row.conditional and row not in tables.exactly_named(line.substance):
        raise refusals.ConditionUnclear(line=number, substance=name, seq=row.seq, row=row.name_zh)
    return row


def _chosen(number: int, name: str, line: Line, tables: Tables) -> NamedRow | None:
    seq = int(line.seq) if line.seq.isascii() and line.seq.isdigit() else -1
    if seq == NONE_OF_THEM:
        return None
    row = tables.by_seq.get(seq)
    if row is None:
        raise refusals.RowUnknown(line=number, substance=name, value=line.seq, most=max(tables.by_seq))
    if line.cas and row.cas_numbers and line.cas not in row.cas_numbers:
        raise refusals.RowContradictsCas(
            line=number, substance=name, cas=line.cas, seq=seq, row=row.name_zh, known="、".join(row.cas_numbers)
        )
    return row


def _listed(rows: tuple[NamedRow, ...]) -> str:
    return "；".join(f"{row.seq} {row.name_zh} {row.critical_t.normalize():f} t" for row in rows)
