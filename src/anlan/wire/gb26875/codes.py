"""The lists of GB/T 26875.3-2011 (tables 2–6, 8.2.1), as data: commands, types, systems, parts, states, measured quantities, operations."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a list. ``word``: the permanent name here; ``name``: the standard's."""

    number: int
    word: str
    name: str


@dataclass(frozen=True, slots=True)
class Bit(Code):
    """One bit of a state. ``active_when``: its value while the state lasts; ``on_change``: told only when it changes, not when first seen."""

    active_when: int
    on_change: bool


@dataclass(frozen=True, slots=True)
class Quantity(Code):
    """One kind of measured value (table 6): ``digits`` behind the point; ``least`` and ``most`` in ``unit``: the standard's valid range."""

    unit: str
    digits: int
    least: float
    most: float


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with resources.files("anlan.wire.gb26875").joinpath("data", "gb26875_codes.csv").open(encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


@cache
def names(of: str) -> dict[int, Code]:
    """One of ``command``, ``unit``, ``system``, ``part``, ``facility_operation``, ``device_operation``, by number."""
    return {int(row["code"]): Code(int(row["code"]), row["word"], row["name_zh"]) for row in _rows() if row["list"] == of}


@cache
def bits(of: str) -> tuple[Bit, ...]:
    """The bits of ``system_state``, ``part_state`` or ``device_state``, lowest first. Reserved bits are not among them."""
    return tuple(
        Bit(int(row["code"]), row["word"], row["name_zh"], int(row["active_when"]), row["told"] == "change")
        for row in _rows()
        if row["list"] == of
    )


@cache
def quantities() -> dict[int, Quantity]:
    """Kinds of measured values by number. 128–255 are the makers' own and not among them."""
    return {
        int(row["code"]): Quantity(
            int(row["code"]),
            row["word"],
            row["name_zh"],
            row["unit"],
            len(row["scale"].partition(".")[2]),
            float(row["least"]),
            float(row["most"]),
        )
        for row in _rows()
        if row["list"] == "analog"
    }


def name_of_part(system: int, part: int) -> str:
    """What a part is called: by its own type, else by its system's, else by the numbers."""
    found = names("part").get(part) if part else None
    found = found or names("system").get(system)
    return found.name if found else f"{system}/{part}"
