"""The data files of the room as they stand: chemicals, their figures, limits, isolation distances; each row with source and status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from anlan.ground.chemicals import rules
from anlan.ledger.sources import DatedRule, load_rules

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Entry(DatedRule):
    """One chemical. ``aliases`` joined by semicolons; ``guide``: number of the emergency guide; ``stands_in``: a pure substance that engineers
    take for this mixture when they reckon."""

    code: str
    name_zh: str
    name_en: str
    aliases: str
    formula: str
    cas: str
    un: str
    hazard_class: str
    guide: str
    form: str
    stands_in: str

    @property
    def all_names(self) -> tuple[str, ...]:
        """Chinese and English name and every alias, as written."""
        return (self.name_zh, self.name_en, *(name for name in self.aliases.split(";") if name))


@dataclass(frozen=True, kw_only=True)
class FigureRow(DatedRule):
    """One figure of a chemical; ``at_k``: the temperature it belongs to."""

    chemical: str
    field: str
    value: float
    unit: str
    at_k: float | None


@dataclass(frozen=True, kw_only=True)
class LimitRow(DatedRule):
    """One limit of concentration: ``level`` 1 to 3 or empty, breathed for ``minutes`` (0: at no moment)."""

    chemical: str
    scheme: str
    level: str
    minutes: int
    value: float
    unit: str

    @property
    def code(self) -> str:
        """``AEGL-2``, ``IDLH``."""
        return f"{self.scheme}-{self.level}" if self.level else self.scheme


@dataclass(frozen=True, kw_only=True)
class RegulatedRow(DatedRule):
    """That a chemical stands on the list of specially regulated hazardous chemicals, by which notice and under which number."""

    chemical: str
    notice: str
    entry: int


@cache
def entries() -> tuple[Entry, ...]:
    """Every chemical in the order of the table."""
    return load_rules(DATA / "chemicals.csv", Entry)


@cache
def by_code() -> Mapping[str, Entry]:
    """Every chemical by its code."""
    return {each.code: each for each in entries()}


def entry(code: str) -> Entry:
    """The chemical of that code. Raises :class:`~anlan.ground.chemicals.rules.UnknownChemical`."""
    try:
        return by_code()[code]
    except KeyError:
        raise rules.UnknownChemical(code=code) from None


@dataclass(frozen=True, kw_only=True)
class LeftOutRow(DatedRule):
    """A figure that the library has and this room does not take; ``source`` says why."""

    chemical: str
    field: str


@cache
def left_out() -> frozenset[tuple[str, str]]:
    """Chemical and field of the figures that are not taken from the library, for a reason told in ``figures_left_out.csv``."""
    return frozenset((row.chemical, row.field) for row in load_rules(DATA / "figures_left_out.csv", LeftOutRow))


@cache
def _figures() -> Mapping[str, tuple[FigureRow, ...]]:
    found: defaultdict[str, list[FigureRow]] = defaultdict(list)
    for name in ("figures.csv", "figures_of_record.csv"):
        for row in load_rules(DATA / name, FigureRow):
            found[row.chemical].append(row)
    return {code: tuple(rows) for code, rows in found.items()}


def figures(code: str) -> tuple[FigureRow, ...]:
    """The figures held for a chemical; those read elsewhere than in the library (``figures_of_record.csv``) come last."""
    return _figures().get(code, ())


@cache
def _limits() -> Mapping[str, tuple[LimitRow, ...]]:
    found: defaultdict[str, list[LimitRow]] = defaultdict(list)
    for row in load_rules(DATA / "endpoints.csv", LimitRow):
        found[row.chemical].append(row)
    return {code: tuple(rows) for code, rows in found.items()}


def limits(code: str) -> tuple[LimitRow, ...]:
    """Limits of concentration in this room's own table; those of ``consequence.toxic_levels`` are beside them in ``toxicity``."""
    return _limits().get(code, ())


@cache
def _regulated() -> Mapping[str, RegulatedRow]:
    return {row.chemical: row for row in load_rules(DATA / "regulated.csv", RegulatedRow)}


def regulated(code: str) -> RegulatedRow | None:
    """Its line on the list of specially regulated hazardous chemicals (重点监管的危险化学品名录), or ``None``."""
    return _regulated().get(code)


@cache
def version() -> str:
    """What the data files hold, as a digest: mirrored rows are renewed when it changes."""
    return sha256(b"".join(path.read_bytes() for path in sorted(DATA.glob("*.csv")))).hexdigest()[:16]
