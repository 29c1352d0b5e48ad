"""Figures of judgement that no regulation prescribes, as dated data with source and status (``data/parameters.csv``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from anlan.ledger.sources import DatedRule, load_rules


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure in ``unit``, with its name in both languages."""

    code: str
    value: float
    unit: str
    name_zh: str
    name_en: str


@cache
def parameters() -> tuple[Parameter, ...]:
    """Every row of the table."""
    return load_rules(Path(__file__).parent / "data" / "parameters.csv", Parameter)


def parameter(code: str, on: date) -> Parameter:
    """The figure in force on a day. Raises ``KeyError`` for a code or a day without one: a fault of the table."""
    for row in parameters():
        if row.code == code and row.holds_on(on):
            return row
    raise KeyError(f"{code} on {on:%Y-%m-%d}")


def figure(code: str, on: date) -> float:
    """Its value."""
    return parameter(code, on).value
