"""The elements of SL 651-2014 (appendix C, table C.1) and the states of a station (table 58), as data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Form = Literal["bcd", "step", "status", "text", "picture", "rain12", "level12"]


@dataclass(frozen=True, slots=True)
class Element:
    """One kind of data. ``guide``: its first byte; ``symbol``: its letters in ASCII frames, and the point code here.

    ``definition``: the usual second byte (five bits: bytes of data, three bits: decimals), ``None`` where the station alone decides.
    """

    guide: int
    symbol: str
    name: str
    unit: str
    form: Form
    definition: int | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One bit of the station's status word. ``told``: always, only when it ``change``-s, or never, being no disturbance."""

    bit: int
    word: str
    name: str
    active_when: int
    told: Literal["always", "change", "never"]


def _rows(name: str) -> list[dict[str, str]]:
    with resources.files("anlan.wire.sl651").joinpath("data", name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@cache
def elements() -> dict[int, Element]:
    """Elements by guide byte."""
    found = {}
    for row in _rows("sl651_elements.csv"):
        definition = int(row["definition"], 16) if row["definition"] else None
        guide = int(row["guide"], 16)
        found[guide] = Element(guide, row["symbol"], row["name_zh"], row["unit"], row["form"], definition)  # pyrefly: ignore
    return found


@cache
def by_symbol() -> dict[str, Element]:
    """Elements by the letters of ASCII frames."""
    return {element.symbol: element for element in elements().values()}


@cache
def conditions() -> tuple[Condition, ...]:
    """The bits of the status word (element 45H), lowest first."""
    return tuple(
        Condition(int(row["bit"]), row["word"], row["name_zh"], int(row["active_when"]), row["told"])  # pyrefly: ignore
        for row in _rows("sl651_station_status.csv")
    )


def symbol(guide: int, extension: int | None = None) -> str:
    """The point code of an element: its letters, or for one that the standard leaves to the user its digits (``76H``, ``FF03H``)."""
    if extension is not None:
        return f"FF{extension:02X}H"
    known = elements().get(guide)
    return known.symbol if known else f"{guide:02X}H"
