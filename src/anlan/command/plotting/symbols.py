"""The situation symbols of a board: a code table with our own drawings. Pure.

GB/T 35649-2017 (symbols of emergency plotting) was not available to the project; its code column is kept empty until somebody who has the
standard fills it, and nothing here claims to be its drawing.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from anlan.kernel.words import N_

GROUPS: dict[str, str] = {
    "force": N_("力量"),
    "place": N_("场所"),
    "supply": N_("水源与器材"),
    "hazard": N_("危险与伤亡"),
    "order": N_("管控与行动"),
}


@dataclass(frozen=True)
class Symbol:
    """One symbol: ``outline`` and ``lines`` are SVG path data in a box of 24 by 24; the first is filled, the second only drawn."""

    code: str
    group: str
    name_zh: str
    name_en: str
    tone: str
    outline: str
    lines: str
    standard_code: str
    status: str


@cache
def symbols() -> Mapping[str, Symbol]:
    """Every symbol by code, in the order of the palette (``data/symbols.csv``)."""
    with (Path(__file__).parent / "data" / "symbols.csv").open(encoding="utf-8", newline="") as file:
        rows = [Symbol(**row) for row in csv.DictReader(file)]
    return MappingProxyType({row.code: row for row in rows})
