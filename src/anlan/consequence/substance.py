"""A pure substance as the release models need it: each figure optional, each with its unit; a figure a model needs and nobody gave is a refusal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from anlan.consequence.validity import NoFigure, OutOfRange, within
from anlan.kernel.words import N_

GAS_CONSTANT: Final = 8.314_462_618
"""J/(mol K), exact since the SI of 2019 (CODATA 2018). Status: verified."""
GRAVITY: Final = 9.806_65
"""m/s², standard gravity (3rd CGPM 1901). Status: verified."""
ATMOSPHERE_PA: Final = 101_325.0
"""Pa, the pressure of a normal boiling point."""
AIR_KG_MOL: Final = 0.028_965
"""kg/mol, dry air. Status: verified."""

FIGURES: Final[Mapping[str, tuple[str, str]]] = {
    "molar_mass_kg_mol": (N_("摩尔质量"), "kg/mol"),
    "boiling_point_k": (N_("标准沸点"), "K"),
    "liquid_density_kg_m3": (N_("液体密度"), "kg/m³"),
    "heat_of_vaporisation_j_kg": (N_("沸点下的汽化热"), "J/kg"),
    "liquid_heat_capacity_j_kg_k": (N_("液体定压比热容"), "J/(kg K)"),
    "gas_heat_capacity_j_kg_k": (N_("气体定压比热容"), "J/(kg K)"),
    "isentropic_exponent": (N_("绝热指数"), "1"),
    "critical_temperature_k": (N_("临界温度"), "K"),
    "critical_pressure_pa": (N_("临界压力"), "Pa"),
    "vapour_pressure_pa": (N_("饱和蒸气压"), "Pa"),
    "vapour_pressure_at_k": (N_("蒸气压对应的温度"), "K"),
    "diffusivity_m2_s": (N_("蒸气在空气中的扩散系数"), "m²/s"),
}
"""Every figure of a substance: its meaning and unit, by the name of its field."""


@dataclass(frozen=True)
class Antoine:
    """``log10(p/Pa) = a - b / (T/K + c)`` between ``low_k`` and ``high_k``. Tables in mmHg or bar and °C must be converted first."""

    a: float
    b: float
    c: float
    low_k: float
    high_k: float

    def holds_at(self, temperature_k: float) -> bool:
        """Whether the fit was made for this temperature."""
        return self.low_k <= temperature_k <= self.high_k

    def pressure(self, temperature_k: float) -> float:
        """Vapour pressure in Pa. Raises :class:`OutOfRange` beyond the temperatures of the fit."""
        if not self.holds_at(temperature_k):
            raise OutOfRange(
                model="antoine", what=N_("温度"), unit="K", low=f"{self.low_k:g}", high=f"{self.high_k:g}", value=f"{temperature_k:g}"
            )
        return 10.0 ** (self.a - self.b / (temperature_k + self.c))


@dataclass(frozen=True)
class Substance:
    """Figures of one pure substance, in SI units. ``None``: not known. ``sources``: where a figure is from, by the name of its field.

    ``liquid_density_kg_m3`` and ``liquid_heat_capacity_j_kg_k`` at the temperature of storage, ``heat_of_vaporisation_j_kg`` at the boiling
    point. ``vapour_pressure_pa`` at ``vapour_pressure_at_k``: one measured point, where no Antoine fit is known.
    Raises ``NotFinite``, ``OutOfRange`` for a figure that cannot be one.
    """

    code: str
    name: str = ""
    molar_mass_kg_mol: float | None = None
    boiling_point_k: float | None = None
    liquid_density_kg_m3: float | None = None
    heat_of_vaporisation_j_kg: float | None = None
    liquid_heat_capacity_j_kg_k: float | None = None
    gas_heat_capacity_j_kg_k: float | None = None
    isentropic_exponent: float | None = None
    critical_temperature_k: float | None = None
    critical_pressure_pa: float | None = None
    vapour_pressure_pa: float | None = None
    vapour_pressure_at_k: float | None = None
    diffusivity_m2_s: float | None = None
    antoine: Antoine | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, (meaning, unit) in FIGURES.items():
            value = getattr(self, name)
            if value is not None:
                low = 1.0 if name == "isentropic_exponent" else 0.0
                within(value, low, math.inf, model=self.code, what=meaning, unit=unit, open_low=True)

    def need(self, name: str, model: str) -> float:
        """The figure of that field. Raises :class:`NoFigure`, which names the model that asked, when it is not known."""
        value = getattr(self, name)
        if value is None:
            meaning, unit = FIGURES[name]
            raise NoFigure(model=model, what=meaning, unit=unit)
        return float(value)

    def gas_exponent(self, model: str) -> float:
        """Isentropic exponent k: given, or of an ideal gas from its heat capacity, ``k = cp / (cp - R/M)``. Raises :class:`NoFigure`."""
        if self.isentropic_exponent is not None:
            return float(self.isentropic_exponent)
        if self.gas_heat_capacity_j_kg_k is not None and self.molar_mass_kg_mol is not None:
            capacity, specific = self.gas_heat_capacity_j_kg_k, GAS_CONSTANT / self.molar_mass_kg_mol
            if capacity > specific:
                return capacity / (capacity - specific)
        return self.need("isentropic_exponent", model)

    def gas_density(self, temperature_k: float, pressure_pa: float, model: str) -> float:
        """Density of the pure vapour in kg/m³ as an ideal gas, ``p M / (R T)``."""
        return ideal_gas_density(pressure_pa, temperature_k, self.need("molar_mass_kg_mol", model))

    def boiling_at(self, pressure_pa: float, model: str) -> float:
        """Boiling point in K at ``pressure_pa``: the normal one moved by Clausius and Clapeyron, ``1/T = 1/Tb - R ln(p/101325) / (M ΔHv)``.

        Water boils at 361 K in Lhasa. At 101 325 Pa only the normal boiling point is needed. Raises :class:`NoFigure`.
        """
        normal = self.need("boiling_point_k", model)
        if pressure_pa == ATMOSPHERE_PA:
            return normal
        return 1.0 / (1.0 / normal - math.log(pressure_pa / ATMOSPHERE_PA) / self._slope_k(model))

    def vapour_pressure(self, temperature_k: float, model: str) -> tuple[float, bool]:
        """Vapour pressure in Pa, and whether it is of an Antoine fit that holds there.

        Otherwise by Clausius and Clapeyron from the measured point or the normal boiling point, with a constant heat of vaporisation:
        exact at that point, a few per cent off within some 30 K of it. Raises :class:`NoFigure`.
        """
        if self.antoine is not None and self.antoine.holds_at(temperature_k):
            return self.antoine.pressure(temperature_k), True
        if self.vapour_pressure_pa is not None and self.vapour_pressure_at_k is not None:
            if math.isclose(self.vapour_pressure_at_k, temperature_k, abs_tol=0.5):
                return self.vapour_pressure_pa, True
            anchor_pa, anchor_k = self.vapour_pressure_pa, self.vapour_pressure_at_k
        else:
            anchor_pa, anchor_k = ATMOSPHERE_PA, self.need("boiling_point_k", model)
        return anchor_pa * clausius_clapeyron(temperature_k, anchor_k, self._slope_k(model)), False

    def pressure_near_boiling(self, temperature_k: float, ambient_pa: float, model: str) -> float:
        """Vapour pressure in Pa of a liquid at or below its boiling point in air of ``ambient_pa``, where it equals that pressure."""
        return ambient_pa * clausius_clapeyron(temperature_k, self.boiling_at(ambient_pa, model), self._slope_k(model))

    def _slope_k(self, model: str) -> float:
        return self.need("heat_of_vaporisation_j_kg", model) * self.need("molar_mass_kg_mol", model) / GAS_CONSTANT


def ideal_gas_density(pressure_pa: float, temperature_k: float, molar_mass_kg_mol: float) -> float:
    """``ρ = p M / (R T)`` in kg/m³."""
    return pressure_pa * molar_mass_kg_mol / (GAS_CONSTANT * temperature_k)


def clausius_clapeyron(temperature_k: float, anchor_k: float, slope_k: float) -> float:
    """Ratio of the vapour pressures at ``temperature_k`` and ``anchor_k``: ``exp(-s (1/T - 1/T0))``, ``s = ΔHv M / R`` in K, constant."""
    return math.exp(-slope_k * (1.0 / temperature_k - 1.0 / anchor_k))
