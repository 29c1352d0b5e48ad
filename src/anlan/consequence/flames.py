"""What models of flames ask for and tell: their common inputs, and the cautions several of them give."""

from __future__ import annotations

from typing import Final

from anlan.consequence.catalogue import Caution, Input, Output
from anlan.kernel.words import N_

GRAVITY: Final = 9.806_65
"""m/s², standard gravity (3rd CGPM 1901). Status: verified."""
FARTHEST_M: Final = 20_000.0
"""Distances a fire is asked for. Project bound: no radiation of interest comes farther."""

DIAMETER = Input("diameter_m", "m", N_("液池（等效）直径"), low=0.0, open_low=True)
BURNING_FLUX = Input("burning_flux_kg_m2_s", "kg/(m² s)", N_("单位面积燃烧速率"), low=0.0, open_low=True)
AIR_DENSITY = Input("air_density_kg_m3", "kg/m³", N_("空气密度"), low=0.0, default=1.2, open_low=True)
"""1.2 kg/m³: dry air at 294 K and 101 325 Pa."""
HEAT_OF_COMBUSTION = Input("heat_of_combustion_j_kg", "J/kg", N_("燃烧热"), low=0.0, open_low=True)
DISTANCE = Input("distance_m", "m", N_("到火焰中心的水平距离"), low=0.0, high=FARTHEST_M, many=True, open_low=True)
TRANSMISSIVITY = Input("transmissivity", "1", N_("大气透射率"), low=0.0, high=1.0, default=1.0, open_low=True)
"""1: nothing is absorbed, on the safe side. Project default."""
RADIATION = Output("radiation_w_m2", "W/m²", N_("热辐射强度"))

CLEAR_AIR: Final = N_("大气透射率取 1（不计大气吸收），远处热辐射偏高、范围偏大，偏于安全。")


def of_transmissivity(transmissivity: float) -> tuple[Caution, ...]:
    """The caution that nothing is absorbed by the air, where nothing is."""
    return (Caution("clear_air", CLEAR_AIR),) if transmissivity == 1.0 else ()
