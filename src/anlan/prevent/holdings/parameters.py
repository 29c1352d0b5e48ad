"""Figures of this room that no standard sets, or that its pages must name: dated rows of ``data/parameters.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from anlan.ledger.sources import DatedRule, in_force, law_day, load_rules

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure with its unit and what it means."""

    code: str
    value: Decimal
    unit: str
    label_zh: str
    label_en: str


@cache
def parameters() -> tuple[Parameter, ...]:
    """Every figure of the file."""
    return load_rules(Path(__file__).parent / "data" / "parameters.csv", Parameter)


def parameter(code: str, now: datetime) -> Parameter:
    """The figure ``code`` as it holds at ``now``. Raises ``KeyError`` for an unknown code or a day before it."""
    for row in in_force(parameters(), law_day(now)):
        if row.code == code:
            return row
    raise KeyError(code)


_UNITS = {"min": 60, "h": 3600, "d": 86400}


def span(code: str, now: datetime) -> timedelta:
    """The figure ``code`` as a length of time. Raises ``KeyError`` where its unit is none of time."""
    row = parameter(code, now)
    return timedelta(seconds=float(row.value) * _UNITS[row.unit])
