"""The heat a cloud of fuel mixed just right with air sets free: what multi-energy methods and Baker-Strehlow-Tang begin with.

``x = 0.20946 / (0.20946 + n)``, n mol of oxygen for one of fuel, and ``E = x V p Hc / (R T)`` of an ideal gas. Crowl and Louvar's way in a public worked
example (butane), recomputed. Status: verified by derivation. It is no blast: the curves that follow in those methods are not in this library.
"""

from __future__ import annotations

from typing import Final

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.substance import GAS_CONSTANT
from anlan.kernel.words import N_

CODE = "blast.cloud_energy"
OXYGEN: Final = 0.209_46
"""Volume fraction in dry air (US Standard Atmosphere 1976: 0.209476)."""


def stoichiometric_fraction(oxygen_per_fuel: float) -> float:
    """Volume fraction of fuel that just uses up the oxygen."""
    return OXYGEN / (OXYGEN + oxygen_per_fuel)


def _run(volume_m3: float, temperature_k: float, pressure_pa: float, heat_of_combustion_j_mol: float, oxygen_per_fuel: float) -> Answer:
    fraction = stoichiometric_fraction(oxygen_per_fuel)
    moles = fraction * volume_m3 * pressure_pa / (GAS_CONSTANT * temperature_k)
    return Answer({"stoichiometric_fraction": fraction, "energy_j": moles * heat_of_combustion_j_mol}, CLOUD_ENERGY.credentials)


CLOUD_ENERGY = Model(
    code=CODE,
    title=N_("化学计量蒸气云的燃烧能量"),
    version="1",
    citation="Crowl and Louvar; ideal gas",
    inputs=(
        Input("volume_m3", "m³", N_("混合气云体积"), low=0.0, open_low=True),
        Input("temperature_k", "K", N_("气温"), low=0.0, default=288.15, open_low=True),
        Input("pressure_pa", "Pa", N_("环境绝对压力"), low=0.0, default=101_325.0, open_low=True),
        Input("heat_of_combustion_j_mol", "J/mol", N_("摩尔燃烧热"), low=0.0, open_low=True),
        Input("oxygen_per_fuel", "1", N_("每摩尔燃料完全燃烧所需氧的摩尔数"), low=0.0, open_low=True),
    ),
    outputs=(Output("stoichiometric_fraction", "1", N_("化学计量体积分数")), Output("energy_j", "J", N_("燃烧能量"))),
    run=_run,
)
MODELS = (CLOUD_ENERGY,)
