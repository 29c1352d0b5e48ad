"""Screening of a toxic liquefied gas that boils off in still air: the hemisphere its vapour would fill at a dangerous concentration.

``V = 22.4 W c (t - t0) / (M q) · (273 + t0) / 273`` m³ and ``R = (100 V / C% / 2.0944)^(1/3)`` m: W in kg, c in kJ/(kg °C), q in kJ/kg, temperatures in °C, M in
g/mol; 2.0944 = 2 π / 3. Chinese handbooks, as in a published chlorine example, recomputed (its radii are rounded). The vapour keeps its boiling temperature, and
only what flashes off counts. Status: secondary. It knows no wind, no dilution beyond the hemisphere and no time: it is for a first look, and every
answer says so.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE = "screening.vapour_hemisphere"
MOLAR_M3_KMOL: Final = 22.4
ICE_K: Final = 273.0
"""0 °C as the handbooks round it."""
HEMISPHERE: Final = 2.0944
"""2 π / 3 as they round it."""
SCREENING = N_("静风半球法只用于快速筛查：不计风、扩散和时间，不能用于划定疏散范围；请用扩散模型复核。")


def flashed_vapour(
    mass_kg: float,
    heat_capacity_kj_kg_k: float,
    temperature_c: float,
    boiling_c: float,
    molar_g_mol: float,
    heat_of_vaporisation_kj_kg: float,
) -> float:
    """Volume of what flashes off, m³ at its boiling temperature."""
    flashed = mass_kg * heat_capacity_kj_kg_k * (temperature_c - boiling_c) / heat_of_vaporisation_kj_kg
    return MOLAR_M3_KMOL * flashed / molar_g_mol * (ICE_K + boiling_c) / ICE_K


def radius(vapour_m3: float, volume_percent: Figures) -> Figures:
    """Of the hemisphere in which it is diluted to a concentration, m."""
    return np.cbrt(vapour_m3 * 100 / np.asarray(volume_percent, np.float64) / HEMISPHERE)


def _run(
    mass_kg: float,
    heat_capacity_kj_kg_k: float,
    temperature_c: float,
    boiling_c: float,
    molar_g_mol: float,
    heat_of_vaporisation_kj_kg: float,
    volume_percent: Figures,
) -> Answer:
    if temperature_c <= boiling_c:
        raise Contradiction(model=CODE, reason=N_("储存温度不高于沸点，液体不会闪蒸；请改用液池蒸发模型"))
    if heat_capacity_kj_kg_k * (temperature_c - boiling_c) > heat_of_vaporisation_kj_kg:
        raise Contradiction(model=CODE, reason=N_("过热量超过汽化热，闪蒸量会大于存量；请核对比热容、温度和汽化热"))
    vapour = flashed_vapour(mass_kg, heat_capacity_kj_kg_k, temperature_c, boiling_c, molar_g_mol, heat_of_vaporisation_kj_kg)
    values = {"vapour_m3": vapour, "radius_m": radius(vapour, volume_percent)}
    return Answer(values, VAPOUR_HEMISPHERE.credentials, (Caution("screening_only", SCREENING),))


VAPOUR_HEMISPHERE = Model(
    code=CODE,
    title=N_("液化毒气静风半球法（仅供筛查）"),
    version="1",
    citation="Chinese safety assessment handbooks, as in a published chlorine example (2862.com.cn)",
    inputs=(
        Input("mass_kg", "kg", N_("液化气体存量"), low=0.0, open_low=True),
        Input("heat_capacity_kj_kg_k", "kJ/(kg K)", N_("液体定压比热容"), low=0.0, open_low=True),
        Input("temperature_c", "°C", N_("储存温度"), low=-273.0, high=200.0, open_low=True),
        Input("boiling_c", "°C", N_("标准沸点"), low=-273.0, high=200.0, open_low=True),
        Input("molar_g_mol", "g/mol", N_("摩尔质量"), low=0.0, open_low=True),
        Input("heat_of_vaporisation_kj_kg", "kJ/kg", N_("汽化热"), low=0.0, open_low=True),
        Input("volume_percent", "%", N_("危险浓度（体积百分数）"), low=0.0, high=100.0, many=True, open_low=True),
    ),
    outputs=(Output("vapour_m3", "m³", N_("闪蒸蒸气体积")), Output("radius_m", "m", N_("半球半径"))),
    run=_run,
)
MODELS = (VAPOUR_HEMISPHERE,)
