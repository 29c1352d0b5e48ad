"""Evaporation of a pool below its boiling point into the wind: mass transfer of Mackay and Matsugu (1973).

``km = 0.004786 u10^0.78 D^-0.11 Sc^-0.67``, ``G = km pv M / (R T)``: TNO Yellow Book CPR 14E (2005) 3.24, 3.25. Status: secondary
(coefficients seen in a publication that quotes the book). Invalid from the boiling point on, where ``pv`` reaches the pressure of the air.
The law is of forced convection and its source gives no least wind: below 1 m/s, where the Gaussian models end as well, it refuses (a
default of this project).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.pool_area import diameter
from anlan.consequence.substance import GAS_CONSTANT
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE = "release.pool_evaporation"
AIR_VISCOSITY_M2_S: Final = 1.5e-5
"""Kinematic viscosity of air near 20 °C."""
WATER_DIFFUSIVITY_M2_S: Final = 2.39e-5
WATER_KG_MOL: Final = 0.018015
"""Diffusivity of water vapour in air, from which that of others follows (ALOHA, NOAA TM NOS OR&R 43, 3.3.1). Status: secondary."""


def schmidt(molar_mass_kg_mol: float, diffusivity_m2_s: float | None = None) -> float:
    """Schmidt number ``ν / D``; without a diffusivity by Graham's law, ``D = Dw sqrt(Mw / M)`` (ALOHA 3.3.1)."""
    diffusivity = diffusivity_m2_s or WATER_DIFFUSIVITY_M2_S * math.sqrt(WATER_KG_MOL / molar_mass_kg_mol)
    return AIR_VISCOSITY_M2_S / diffusivity


def transfer_coefficient(wind_m_s: float | Figures, diameter_m: float | Figures, schmidt_number: float) -> Figures:
    """``km = 0.004786 u10^0.78 D^-0.11 Sc^-0.67`` in m/s (Yellow Book 3.24)."""
    return 0.004786 * np.asarray(wind_m_s) ** 0.78 * np.asarray(diameter_m) ** -0.11 * schmidt_number**-0.67


def flux(coefficient_m_s: float | Figures, vapour_pressure_pa: float | Figures, molar_mass_kg_mol: float, temperature_k: float) -> Figures:
    """``G = km pv M / (R T)`` in kg/(m² s) (Yellow Book 3.25)."""
    return np.asarray(coefficient_m_s) * vapour_pressure_pa * molar_mass_kg_mol / (GAS_CONSTANT * temperature_k)


def _run(
    area_m2: float | Figures,
    wind_m_s: float | Figures,
    vapour_pressure_pa: float,
    molar_mass_kg_mol: float,
    temperature_k: float,
    schmidt_number: float,
    ambient_pa: float,
) -> Answer:
    if vapour_pressure_pa >= ambient_pa:
        raise Contradiction(model=CODE, reason=N_("蒸气压已达环境压力，液池沸腾；请用沸腾液池模型，或核对沸点与蒸气压数据"))
    coefficient = transfer_coefficient(wind_m_s, diameter(area_m2), schmidt_number)
    leaves = flux(coefficient, vapour_pressure_pa, molar_mass_kg_mol, temperature_k)
    return Answer(
        {"transfer_coefficient_m_s": coefficient, "flux_kg_m2_s": leaves, "mass_rate_kg_s": leaves * area_m2},
        POOL_EVAPORATION.credentials,
        (Caution("pool_keeps_temperature", N_("液池温度视为不变，未计蒸发降温，蒸发量偏大（偏安全）。")),),
    )


POOL_EVAPORATION = Model(
    code=CODE,
    title=N_("非沸腾液池蒸发（Mackay–Matsugu）"),
    version="1",
    citation="Mackay & Matsugu 1973; TNO Yellow Book CPR 14E (2005) 3.24, 3.25",
    inputs=(
        Input("area_m2", "m²", N_("液池面积"), low=0.0, open_low=True, many=True),
        Input("wind_m_s", "m/s", N_("10 m 高处风速"), low=1.0, many=True),
        Input("vapour_pressure_pa", "Pa", N_("液池温度下的蒸气压"), low=0.0, open_low=True),
        Input("molar_mass_kg_mol", "kg/mol", N_("摩尔质量"), low=0.0, open_low=True),
        Input("temperature_k", "K", N_("液池温度"), low=0.0, open_low=True),
        Input("schmidt_number", "1", N_("施密特数"), low=0.0, open_low=True),
        Input("ambient_pa", "Pa", N_("环境绝对压力"), low=0.0, default=101_325.0, open_low=True),
    ),
    outputs=(
        Output("transfer_coefficient_m_s", "m/s", N_("传质系数")),
        Output("flux_kg_m2_s", "kg/(m² s)", N_("单位面积蒸发速率")),
        Output("mass_rate_kg_s", "kg/s", N_("蒸发速率")),
    ),
    run=_run,
)
MODELS = (POOL_EVAPORATION,)
