"""Quantities as people type them, as mass: tonnes and kilograms as they are, cubic metres only with a density that somebody stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from anlan.prevent.holdings import refusals

TONNE, KILOGRAM, CUBIC_METRE = "t", "kg", "m3"
UNITS: Final[tuple[str, ...]] = (TONNE, KILOGRAM, CUBIC_METRE)
_SAME: Final[Mapping[str, str]] = {
    "t": TONNE,
    "吨": TONNE,
    "kg": KILOGRAM,
    "千克": KILOGRAM,
    "公斤": KILOGRAM,
    "m3": CUBIC_METRE,
    "m³": CUBIC_METRE,
    "立方米": CUBIC_METRE,
    "方": CUBIC_METRE,
}
GRAM: Final = Decimal("0.001")
MOST_KG: Final = Decimal(10) ** 10
"""Ten million tonnes: more is a slip of the pen (project default)."""
LEAST_DENSITY, MOST_DENSITY = Decimal("0.01"), Decimal(25_000)
"""Bounds of what can be a density, kg/m³: hydrogen at 1 bar 0.08, osmium 22 600."""


@dataclass(frozen=True)
class Density:
    """A density in kg/m³ and where it is from."""

    value: Decimal
    source: str


@dataclass(frozen=True)
class Quantity:
    """A quantity as typed, and its mass in kg, rounded to the gram."""

    typed: Decimal
    unit: str
    mass_kg: Decimal
    density: Density | None = None


def number(text: object) -> Decimal | None:
    """A decimal number as typed; ``None`` where it is none (also for ``nan`` and ``inf``)."""
    try:
        found = Decimal(str(text).strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def unit_of(text: object) -> str:
    """The unit meant. Raises ``UnitMissing``, ``UnitUnknown``."""
    plain = str(text or "").strip()
    if not plain:
        raise refusals.UnitMissing()
    found = _SAME.get(plain) or _SAME.get(plain.lower())
    if found is None:
        raise refusals.UnitUnknown(value=plain)
    return found


def density_of(text: object, source: str = "") -> Density | None:
    """A stated density; ``None`` where none is. Raises ``DensityWrong``, ``DensityWithoutSource``."""
    if text is None or str(text).strip() == "":
        return None
    value = number(text)
    if value is None or not LEAST_DENSITY <= value <= MOST_DENSITY:
        raise refusals.DensityWrong(value=text)
    if not source.strip():
        raise refusals.DensityWithoutSource()
    return Density(value, source.strip())


def quantity(typed: object, unit: object, density: Density | None = None, *, zero: bool = False) -> Quantity:
    """A quantity as mass. ``zero``: nothing is allowed too, as a count may find.

    Raises ``QuantityMissing``, ``QuantityWrong``, ``QuantityNotPositive``, ``QuantityTooLarge``, ``UnitMissing``, ``UnitUnknown``, ``DensityNeeded``.
    """
    if typed is None or str(typed).strip() == "":
        raise refusals.QuantityMissing()
    value = number(typed)
    if value is None:
        raise refusals.QuantityWrong(value=typed)
    if value < 0 or (value == 0 and not zero):
        raise refusals.QuantityNotPositive(value=typed)
    meant = unit_of(unit)
    if meant == CUBIC_METRE and density is None:
        raise refusals.DensityNeeded()
    used = density if meant == CUBIC_METRE else None
    # Bounded before it is multiplied and rounded: a number with a thousand digits is no quantity.
    if value > MOST_KG:
        raise refusals.QuantityTooLarge(value=typed)
    factor = used.value if used is not None else Decimal(1000 if meant == TONNE else 1)
    mass = (value * factor).quantize(GRAM, ROUND_HALF_UP)
    if mass > MOST_KG:
        raise refusals.QuantityTooLarge(value=typed)
    if mass == 0 and not zero:
        raise refusals.QuantityNotPositive(value=typed)
    return Quantity(value.quantize(Decimal("0.000001"), ROUND_HALF_UP), meant, mass, used)


def told(mass_kg: Decimal) -> str:
    """A mass for readers: tonnes from one tonne on, else kilograms; without needless noughts."""
    shown, unit = (mass_kg / 1000, "t") if abs(mass_kg) >= 1000 else (mass_kg, "kg")
    plain = f"{shown:,.6f}".rstrip("0").rstrip(".")
    return f"{plain or '0'} {unit}"
