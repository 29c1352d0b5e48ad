"""The tables of GB 18218-2018 as dated data: named substances, categories, β, α and levels of a day. Pure; read once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

from anlan.ledger.sources import DatedRule, in_force, load_rules
from anlan.prevent.hazardsources import refusals

DATA = Path(__file__).parent / "data"
NONE_OF_THEM = 0
"""Sequence number of a line that stands in no row of Table 1, as somebody has said."""


@dataclass(frozen=True, kw_only=True)
class NamedRow(DatedRule):
    """One row of Table 1. ``critical_t``: Q in tonnes; ``aliases`` and ``cas`` joined by ``;``.

    ``conditional``: the row holds only for a content or a state that neither name nor CAS number tells.
    """

    seq: int
    name_zh: str
    aliases: str
    name_en: str
    cas: str
    critical_t: Decimal
    conditional: bool
    article: str

    @property
    def cas_numbers(self) -> tuple[str, ...]:
        """Its CAS numbers; none for three rows."""
        return tuple(filter(None, self.cas.split(";")))

    @property
    def short_names(self) -> frozenset[str]:
        """Names that mean this row where its condition holds: aliases, and its name without what stands in brackets."""
        bare = _BRACKETS.sub("", plain(self.name_zh))
        return frozenset(map(plain, filter(None, (*self.aliases.split(";"), bare))))


@dataclass(frozen=True, kw_only=True)
class CategoryRow(DatedRule):
    """One row of Table 2: a category by its symbol, with Q in tonnes."""

    symbol: str
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str
    critical_t: Decimal
    article: str


@dataclass(frozen=True, kw_only=True)
class BetaRow(DatedRule):
    """β of a named row (``seq``, Table 3) or of a category (``symbol``, Table 4)."""

    seq: int | None
    symbol: str
    name_zh: str
    beta: Decimal
    note: str
    article: str


@dataclass(frozen=True, kw_only=True)
class AlphaRow(DatedRule):
    """α by how many people live within 500 m outside the plant boundary (Table 5); ``people_max`` is included, ``None``: no end."""

    people_min: int
    people_max: int | None
    alpha: Decimal
    article: str


@dataclass(frozen=True, kw_only=True)
class LevelRow(DatedRule):
    """One level by R (Table 6): ``r_min`` is included, ``r_below`` is not; ``None``: no end."""

    level: int
    r_min: Decimal
    r_below: Decimal | None
    article: str


@dataclass(frozen=True, kw_only=True)
class TriggerRow(DatedRule):
    """One occasion to identify, assess and grade anew (Order 40 art. 11)."""

    code: str
    name_zh: str
    name_en: str
    article: str


@dataclass(frozen=True, kw_only=True)
class ParameterRow(DatedRule):
    """One figure that is no table of the standard: a distance, a term."""

    code: str
    value: int
    unit: str
    label_zh: str
    label_en: str
    article: str


_BRACKETS = re.compile(r"[\(\[].*[\)\]]$")
_DASHES = str.maketrans({ord(dash): "-" for dash in "‐‑‒–—−﹣－"})


def plain(name: str) -> str:
    """A name as compared with others: full-width forms folded, no blanks, lower case."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_DASHES).split()).lower()


@dataclass(frozen=True)
class Tables:
    """Every table that holds on one day. ``edition``: the standard; ``since``: from which day these tables hold."""

    edition: str
    since: date
    named: tuple[NamedRow, ...]
    categories: tuple[CategoryRow, ...]
    betas: tuple[BetaRow, ...]
    alphas: tuple[AlphaRow, ...]
    levels: tuple[LevelRow, ...]

    @cached_property
    def by_seq(self) -> dict[int, NamedRow]:
        """Rows of Table 1 by their number."""
        return {row.seq: row for row in self.named}

    @cached_property
    def by_symbol(self) -> dict[str, CategoryRow]:
        """Rows of Table 2 by symbol."""
        return {row.symbol: row for row in self.categories}

    @cached_property
    def beta_by_seq(self) -> dict[int, BetaRow]:
        """Table 3 by the number in Table 1."""
        return {row.seq: row for row in self.betas if row.seq is not None}

    @cached_property
    def beta_by_symbol(self) -> dict[str, BetaRow]:
        """Table 4 by symbol."""
        return {row.symbol: row for row in self.betas if row.symbol}

    def exactly_named(self, name: str) -> tuple[NamedRow, ...]:
        """Rows whose whole name, condition included, is ``name``."""
        return tuple(row for row in self.named if plain(row.name_zh) == plain(name))

    def called(self, name: str) -> tuple[NamedRow, ...]:
        """Rows that bear ``name`` as name, alias or name without its condition."""
        return self.exactly_named(name) or tuple(row for row in self.named if plain(name) in row.short_names)

    def with_cas(self, cas: str) -> tuple[NamedRow, ...]:
        """Rows that bear the CAS number: none, one, or several with different Q."""
        return tuple(row for row in self.named if cas in row.cas_numbers)


@cache
def _read() -> tuple[tuple[NamedRow, ...], tuple[CategoryRow, ...], tuple[BetaRow, ...], tuple[AlphaRow, ...], tuple[LevelRow, ...]]:
    return (
        load_rules(DATA / "named.csv", NamedRow),
        load_rules(DATA / "categories.csv", CategoryRow),
        load_rules(DATA / "betas.csv", BetaRow),
        load_rules(DATA / "alphas.csv", AlphaRow),
        load_rules(DATA / "levels.csv", LevelRow),
    )


@cache
def on(day: date) -> Tables:
    """The tables that hold on ``day``. Raises :class:`~anlan.prevent.hazardsources.refusals.NoTablesOfDay`."""
    named, categories, betas, alphas, levels = _read()
    held = in_force(named, day)
    if not held:
        raise refusals.NoTablesOfDay(day=day.isoformat())
    since = max(row.effective_from or date.min for row in held)
    return Tables(
        held[0].source, since, held, in_force(categories, day), in_force(betas, day), in_force(alphas, day), in_force(levels, day)
    )


@cache
def triggers() -> tuple[TriggerRow, ...]:
    """The occasions to assess anew, in the order of the article."""
    return load_rules(DATA / "triggers.csv", TriggerRow)


@cache
def parameters() -> tuple[ParameterRow, ...]:
    """Every figure that is no table of the standard."""
    return load_rules(DATA / "parameters.csv", ParameterRow)


def parameter(code: str, day: date) -> ParameterRow:
    """The figure ``code`` as it holds on ``day``. Raises ``KeyError`` for an unknown code or a day before it."""
    for row in in_force(parameters(), day):
        if row.code == code:
            return row
    raise KeyError(code)
