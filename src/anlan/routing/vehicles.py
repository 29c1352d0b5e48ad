"""Vehicles: who goes on which class of road, and how fast. Speeds are dated data (``data/speeds.csv``), project defaults, not verified.

A speed is an average from door to door: waiting at crossings is in it, turning out is not. A node may keep a table of its own in the same form.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from anlan.kernel.words import N_
from anlan.routing.classes import CODES, DATA
from anlan.routing.refusals import SpeedsUnreadable, UnknownVehicle

SPEEDS = DATA / "speeds.csv"

LABELS: dict[str, str] = {
    "fire_engine": N_("消防车"),
    "ambulance": N_("救护车"),
    "police": N_("警车"),
    "hazmat_truck": N_("危险货物运输车"),
    "bus": N_("客车"),
    "car": N_("小客车"),
    "foot": N_("步行"),
}
BITS: dict[str, int] = {code: 1 << place for place, code in enumerate(LABELS)}
"""The bit of each vehicle in an edge's ``forbidden``. Their order is part of the stored form: new vehicles go to the end."""
EMERGENCY = frozenset({"fire_engine", "ambulance", "police"})
"""On duty they are not bound by posted speeds (道路交通安全法 第五十三条, status: secondary); one-way streets are kept to all the same."""
FREE_OF_DIRECTION = frozenset({"foot"})


@dataclass(frozen=True)
class Vehicle:
    """A way of going. ``kmh``: speed on each class in the order of :data:`CODES`, 0 where it may not go."""

    code: str
    kmh: tuple[float, ...]

    @property
    def label(self) -> str:
        """Chinese source text of its name."""
        return LABELS[self.code]

    @property
    def bit(self) -> int:
        """Its bit in an edge's ``forbidden``."""
        return BITS[self.code]

    @property
    def bound_by_limits(self) -> bool:
        """Whether a posted speed lower than the table's holds for it."""
        return self.code not in EMERGENCY

    @property
    def free_of_direction(self) -> bool:
        """Whether one-way streets do not bind it."""
        return self.code in FREE_OF_DIRECTION


@dataclass(frozen=True)
class Speeds:
    """A table of speeds with its standing. ``status``: the weakest of its rows, ``unverified`` for the project's own."""

    vehicles: dict[str, Vehicle]
    valid_from: date
    status: str
    source: str


def load(path: Path, on: date | None = None) -> Speeds:
    """Read a table of speeds; of several rows of a class the newest in force on ``on`` holds. Raises :class:`SpeedsUnreadable` with the line."""
    found: dict[str, dict[str, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            _check(path, number, row)
            day = date.fromisoformat(row["valid_from"])
            if on is not None and day > on:
                continue
            if row["road_class"] not in found or found[row["road_class"]]["valid_from"] <= row["valid_from"]:
                found[row["road_class"]] = row
    if not found:
        raise SpeedsUnreadable(file=path.name, line=1, reason="no row in force")
    kmh = {code: tuple(float(found.get(road, {}).get(code) or 0) for road in CODES) for code in LABELS}
    statuses = {row["status"] for row in found.values()}
    newest = max(found.values(), key=lambda row: row["valid_from"])
    status = "verified" if statuses == {"verified"} else "secondary" if statuses <= {"verified", "secondary"} else "unverified"
    return Speeds(
        {code: Vehicle(code, speeds) for code, speeds in kmh.items()}, date.fromisoformat(newest["valid_from"]), status, newest["source"]
    )


def _check(path: Path, number: int, row: dict[str, str]) -> None:
    if row.get("road_class") not in CODES:
        raise SpeedsUnreadable(file=path.name, line=number, reason=f"road_class {row.get('road_class')!r}")
    try:
        date.fromisoformat(row.get("valid_from") or "")
        speeds = [float(text) for name, text in row.items() if name in LABELS and text]
    except ValueError as wrong:
        raise SpeedsUnreadable(file=path.name, line=number, reason=str(wrong)) from wrong
    if not all(math.isfinite(speed) and 0 <= speed <= 200 for speed in speeds):
        raise SpeedsUnreadable(file=path.name, line=number, reason="0–200 km/h")


@cache
def defaults() -> Speeds:
    """The project's own table."""
    return load(SPEEDS)


def vehicle(code: str, speeds: Speeds | None = None) -> Vehicle:
    """The vehicle ``code`` of a table (the project's own by default). Raises :class:`UnknownVehicle`."""
    found = (speeds or defaults()).vehicles.get(code)
    if found is None:
        raise UnknownVehicle(vehicle=code, known="、".join(LABELS))
    return found
