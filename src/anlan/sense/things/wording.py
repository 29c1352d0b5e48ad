"""What the API says in words of others: definitions of observed properties and units. No Django."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

DEFINITION = "urn:anlan:quantity:"
"""Beginning of the definition of an ObservedProperty; its code in ``sensor_classes.csv`` follows."""

_UNITS = Path(__file__).parent / "data" / "units.csv"


@cache
def _definitions() -> dict[str, tuple[str, str]]:
    with _UNITS.open(encoding="utf-8", newline="") as rows:
        return {row["unit"]: (row["name_en"], row["ucum"]) for row in csv.DictReader(rows)}


def unit(symbol: str) -> dict[str, str]:
    """``unitOfMeasurement`` of a unit of the registry; a unit without a code of UCUM is told as it is written."""
    name, code = _definitions().get(symbol, (symbol, ""))
    return {"name": name, "symbol": symbol, "definition": f"https://ucum.org/ucum#{code}" if code else symbol}
