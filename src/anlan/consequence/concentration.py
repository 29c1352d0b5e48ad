"""Concentrations in kilograms per cubic metre, milligrams per cubic metre and parts per million by volume.

Parts per million need the molar mass, and the temperature and pressure of the air: ``ppm = C R T / (p M) 1e6`` (ideal gas).
"""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

GAS_CONSTANT = 8.314462618
"""J/(mol K), CODATA 2018."""
AIR_KG_MOL = 0.0289652
"""Molar mass of dry air, kg/mol (US Standard Atmosphere 1976: 28.9644 g/mol; present value of the composition 28.9652)."""
KG_M3, MG_M3, PPM = "kg/m³", "mg/m³", "ppm"


class UnitRefused(Refusal):
    code: ClassVar[str] = "concentration_unit"
    sentence: ClassVar[str] = N_("浓度限值的单位“{unit}”不能换算。请用 kg/m³、mg/m³ 或 ppm；用 ppm 时须给出摩尔质量。")
    status: ClassVar[int] = 422


def air_density(temperature_k: float, pressure_pa: float) -> float:
    """Of dry air, kg/m³: ``p M / (R T)``."""
    return pressure_pa * AIR_KG_MOL / (GAS_CONSTANT * temperature_k)


def kg_m3_of_ppm(molar_kg: float, temperature_k: float, pressure_pa: float) -> float:
    """How many kg/m³ one ppm by volume is; molar mass in kg/mol."""
    return 1e-6 * pressure_pa * molar_kg / (GAS_CONSTANT * temperature_k)


def in_kg_m3(value: float, unit: str, *, molar_kg: float | None, temperature_k: float, pressure_pa: float) -> float:
    """``value`` in ``unit`` as kg/m³. Raises :class:`UnitRefused` for another unit, or for ppm without a molar mass."""
    if unit == KG_M3:
        return value
    if unit == MG_M3:
        return value * 1e-6
    if unit == PPM and molar_kg is not None:
        return value * kg_m3_of_ppm(molar_kg, temperature_k, pressure_pa)
    raise UnitRefused(unit=unit)
