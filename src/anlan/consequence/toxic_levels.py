"""Concentrations that harm people by how long they are breathed, as dated rule data (``data/toxic_levels.csv``), each with source and status."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar

from anlan.consequence.validity import within
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

FILE = Path(__file__).parent / "data" / "toxic_levels.csv"
VERIFIED, SECONDARY, UNVERIFIED = "verified", "secondary", "unverified"


class NoToxicLevel(Refusal):
    code: ClassVar[str] = "toxic_level_unknown"
    sentence: ClassVar[str] = N_(
        "没有 {substance} 的 {scheme}-{level}（接触 {minutes} min）限值。请改用其他级别或时长，或在限值表中补充并注明来源。"
    )
    status: ClassVar[int] = 404


@dataclass(frozen=True)
class ToxicLevel:
    """One limit: ``value`` in ``unit`` when breathed for ``duration_min``; ``None``: the scheme gives none. ``substance`` a code, ``cas`` its
    registry number; in force from and to, ``None``: not bounded."""

    substance: str
    cas: str
    name_zh: str
    name_en: str
    scheme: str
    level: str
    duration_min: float
    value: float | None
    unit: str
    source: str
    status: str
    effective_from: date | None
    effective_to: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force."""
        return (self.effective_from is None or self.effective_from <= day) and (self.effective_to is None or day < self.effective_to)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def toxic_levels() -> tuple[ToxicLevel, ...]:
    """Every row of the table, in its order."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            ToxicLevel(
                row["substance"],
                row["cas"],
                row["name_zh"],
                row["name_en"],
                row["scheme"],
                row["level"],
                float(row["duration_min"]),
                float(row["value"]) if row["value"] else None,
                row["unit"],
                row["source"],
                row["status"],
                _day(row["effective_from"]),
                _day(row["effective_to"]),
            )
            for row in csv.DictReader(lines)
        )


def toxic_level(substance: str, level: str, exposure_min: float, *, on: date, scheme: str = "AEGL") -> ToxicLevel:
    """The limit for a substance (code or CAS number) breathed for that long: of the shortest tabulated duration that is not shorter.

    So 20 minutes take the limit of 30, which is lower. Raises :class:`NoToxicLevel` for an unknown substance or level, a level without a
    figure, or an exposure longer than any tabulated; ``NotFinite``, ``OutOfRange``.
    """
    minutes = float(within(exposure_min, 0.0, 1e6, model="toxic_levels", what=N_("接触时间"), unit="min", open_low=True))
    rows = [
        each
        for each in toxic_levels()
        if substance in (each.substance, each.cas)
        and each.scheme == scheme
        and each.level == level
        and each.duration_min >= minutes
        and each.holds_on(on)
    ]
    found = min(rows, key=lambda each: each.duration_min, default=None)
    if found is None or found.value is None:
        raise NoToxicLevel(substance=substance, scheme=scheme, level=level, minutes=f"{minutes:g}")
    return found
