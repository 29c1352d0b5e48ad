"""A cold liquid boiling on solid ground: the heat it takes from the ground, which cools beneath it.

``G = k (Ts - Tl) / (ΔHv sqrt(π a t))``: CCPS 1999 p. 63 eq. 2.38, 2.39; one-dimensional conduction into a half-space with a step in surface
temperature. Mean over the first ``t``: twice the flux at ``t``. Status: verified by derivation. Heat from air and sun is not in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE = "release.pool_boiling"
SOIL, CONCRETE, DRY_SAND, MOIST_SAND = "soil", "concrete", "dry_sand", "moist_sand"
GROUNDS: Final[Mapping[str, tuple[float, float]]] = {
    SOIL: (8.64, 4.13e-6),
    CONCRETE: (8.28, 3.74e-6),
    DRY_SAND: (2.34, 1.74e-6),
    MOIST_SAND: (5.31, 3.02e-6),
}
"""Conductivity in W/(m K) and diffusivity in m²/s of a ground, with the correction (about nine times the conductivity) that experiments ask
for: ALOHA (NOAA TM NOS OR&R 43) Table 9, after Briscoe and Shaw 1980. Status: secondary."""


def strength(
    conductivity_w_m_k: float, diffusivity_m2_s: float, ground_k: float, liquid_k: float, heat_of_vaporisation_j_kg: float
) -> float:
    """``k (Ts - Tl) / (ΔHv sqrt(π a))`` in kg/(m² s^½): the flux times the root of the time since the liquid arrived."""
    return conductivity_w_m_k * (ground_k - liquid_k) / (heat_of_vaporisation_j_kg * math.sqrt(math.pi * diffusivity_m2_s))


def boiled(strength_kg_m2_s05: float, from_s: Figures, to_s: Figures) -> Figures:
    """Mass in kg/m² boiled off between two ages of a wetted spot, ``2 b (sqrt(t2) - sqrt(t1))``: the integral of ``b / sqrt(t)``."""
    return 2.0 * strength_kg_m2_s05 * (np.sqrt(to_s) - np.sqrt(from_s))


def _run(
    time_s: float | Figures,
    ground_temperature_k: float,
    liquid_temperature_k: float,
    heat_of_vaporisation_j_kg: float,
    conductivity_w_m_k: float,
    diffusivity_m2_s: float,
) -> Answer:
    if ground_temperature_k <= liquid_temperature_k:
        raise Contradiction(model=CODE, reason=N_("地面不比液体热，液池不会因地面传热沸腾；请用非沸腾液池蒸发模型"))
    b = strength(conductivity_w_m_k, diffusivity_m2_s, ground_temperature_k, liquid_temperature_k, heat_of_vaporisation_j_kg)
    now = b / np.sqrt(time_s)
    return Answer(
        {"flux_kg_m2_s": now, "mean_flux_kg_m2_s": 2.0 * now},
        POOL_BOILING.credentials,
        (Caution("pool_ground_heat_only", N_("沸腾液池只计地面传热，未计空气和日照传热；时间越长，偏低越多。")),),
    )


POOL_BOILING = Model(
    code=CODE,
    title=N_("沸腾（低温）液池蒸发：地面导热"),
    version="1",
    citation="CCPS 1999 p. 63 eq. 2.38, 2.39",
    inputs=(
        Input("time_s", "s", N_("液体接触地面的时间"), low=0.0, open_low=True, many=True),
        Input("ground_temperature_k", "K", N_("地面温度"), low=0.0, open_low=True),
        Input("liquid_temperature_k", "K", N_("液体沸点"), low=0.0, open_low=True),
        Input("heat_of_vaporisation_j_kg", "J/kg", N_("汽化热"), low=0.0, open_low=True),
        Input("conductivity_w_m_k", "W/(m K)", N_("地面导热系数"), low=0.0, default=GROUNDS[SOIL][0], open_low=True),
        Input("diffusivity_m2_s", "m²/s", N_("地面热扩散率"), low=0.0, default=GROUNDS[SOIL][1], open_low=True),
    ),
    outputs=(
        Output("flux_kg_m2_s", "kg/(m² s)", N_("该时刻蒸发速率")),
        Output("mean_flux_kg_m2_s", "kg/(m² s)", N_("到该时刻的平均蒸发速率")),
    ),
    run=_run,
)
MODELS = (POOL_BOILING,)
