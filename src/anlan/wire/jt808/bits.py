"""Alarm and status bits of a position, by edition of the standard, from ``data/alarm_bits.csv`` and ``data/status_bits.csv``.

Each row carries its source and whether it was held against the standard's own text. Both editions give the same place to most bits; 2019
added 15-17 (alarms) and 6, 7, 22 (status), renamed 3 and 29 and reserved 31.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Edition = Literal[2013, 2019]

_DATA = Path(__file__).parent / "data"

POSITIONED = 1 << 1
SOUTH = 1 << 2
WEST = 1 << 3
COORDINATES_ENCRYPTED = 1 << 5


@dataclass(frozen=True, slots=True)
class Bit:
    """One bit. ``word``: its permanent English name; ``name``: as the standard calls it; ``number``: 0 is the least significant."""

    number: int
    word: str
    name: str


@cache
def _table(file: str, edition: Edition) -> dict[int, Bit]:
    with (_DATA / file).open(encoding="utf-8", newline="") as rows:
        return {
            int(row["bit"]): Bit(int(row["bit"]), row["word"], row["name_zh"])
            for row in csv.DictReader(rows)
            if int(row["edition"]) == edition
        }


def _bits(file: str, mask: int, edition: Edition) -> tuple[Bit, ...]:
    known = _table(file, edition)
    return tuple(known.get(n) or Bit(n, f"reserved_bit_{n}", f"第{n}位（保留）") for n in range(32) if mask >> n & 1)


def alarm_bits(mask: int, edition: Edition) -> tuple[Bit, ...]:
    """The alarm bits that are set in ``mask`` (32 bits), least significant first; a reserved bit gets a word of its own."""
    return _bits("alarm_bits.csv", mask, edition)


@cache
def alarm_mask(edition: Edition) -> int:
    """The alarm bits that an edition names; the others are reserved."""
    return sum(1 << bit for bit in _table("alarm_bits.csv", edition))


def status_bits(mask: int, edition: Edition) -> tuple[Bit, ...]:
    """The status bits that are set in ``mask`` (32 bits), least significant first."""
    return _bits("status_bits.csv", mask, edition)
