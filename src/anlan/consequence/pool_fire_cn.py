"""Radiation of a pool fire as Chinese assessment handbooks reckon it: a flame's surface gives a share of its heat, as from a point.

``h = 84 r (m / (ρ0 √(2 g r)))^0.61``, ``Q = (π r² + 2 π r h) m η Hc / (72 m^0.61 + 1)``, ``I = Q tc / (4 π X²)``. The handbooks print the
exponent 0.6 for the height, and their printed example (jet fuel, r = 29.2 m, 58.66 m) follows only with 0.61. Efficiency η 0.13 to 0.35 in the
same source; other values are answered with a caution. g is 9.8 m/s² there. Status: secondary (published assessment), recomputed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence import point_source
from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.flames import BURNING_FLUX, DISTANCE, HEAT_OF_COMBUSTION, RADIATION, TRANSMISSIVITY, of_transmissivity
from anlan.consequence.point_source import POINT_SOURCE_NEAR, radiation
from anlan.consequence.thomas import length_still
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

CODE = "fire.pool_cn"
GRAVITY: Final = 9.8
"""m/s², as the handbooks have it."""
STANDARD_AIR: Final = 1.293
"""kg/m³, air at 0 °C and 101 325 Pa, as the handbooks have it."""
LOWEST_EFFICIENCY, HIGHEST_EFFICIENCY = 0.13, 0.35
EFFICIENCY_RANGE = N_("效率因子 {efficiency} 超出手册给出的 {low} 至 {high}，结果仅供参考。")


def flame_height(radius_m: float, burning_flux_kg_m2_s: float, air_kg_m3: float = STANDARD_AIR) -> float:
    """``84 r (m / (ρ0 √(2 g r)))^0.61``, m: Thomas's still-air flame of the diameter 2 r."""
    return length_still(2 * radius_m, burning_flux_kg_m2_s, air_kg_m3, GRAVITY)


def radiated(radius_m: float, height_m: float, burning_flux_kg_m2_s: float, efficiency: float, heat_of_combustion_j_kg: float) -> float:
    """``(π r² + 2 π r h) m η Hc / (72 m^0.61 + 1)``, W; m in kg/(m² s)."""
    surface = np.pi * radius_m**2 + 2 * np.pi * radius_m * height_m
    return float(surface * burning_flux_kg_m2_s * efficiency * heat_of_combustion_j_kg / (72 * burning_flux_kg_m2_s**0.61 + 1))


def reach(radiated_w: float, radius_m: float, level_w_m2: float, transmissivity: float = 1.0) -> float:
    """How far from the middle of the pool a level is reached, m; not less than the pool itself."""
    return max(point_source.reach(radiated_w, level_w_m2, transmissivity), radius_m)


def _run(
    radius_m: float,
    burning_flux_kg_m2_s: float,
    heat_of_combustion_j_kg: float,
    efficiency: float,
    air_density_kg_m3: float,
    transmissivity: float,
    distance_m: Figures,
) -> Answer:
    within(distance_m, radius_m, DISTANCE.high, model=CODE, what=N_("到液池中心的距离（须在液池以外）"), unit="m")
    height = flame_height(radius_m, burning_flux_kg_m2_s, air_density_kg_m3)
    power = radiated(radius_m, height, burning_flux_kg_m2_s, efficiency, heat_of_combustion_j_kg)
    cautions = [POINT_SOURCE_NEAR, *of_transmissivity(transmissivity)]
    if not LOWEST_EFFICIENCY <= efficiency <= HIGHEST_EFFICIENCY:
        facts = {"efficiency": efficiency, "low": LOWEST_EFFICIENCY, "high": HIGHEST_EFFICIENCY}
        cautions.append(Caution("pool_fire_efficiency", EFFICIENCY_RANGE, facts))
    values = {"flame_height_m": height, "radiated_w": power, "radiation_w_m2": radiation(power, distance_m, transmissivity)}
    return Answer(values, POOL_FIRE_CN.credentials, tuple(cautions))


POOL_FIRE_CN = Model(
    code=CODE,
    title=N_("池火热辐射（国内安全评价手册）"),
    version="1",
    citation="Chinese safety assessment handbooks, as in a published jet fuel example (360docs.net/doc/0f18357146.html)",
    inputs=(
        Input("radius_m", "m", N_("液池半径"), low=0.0, open_low=True),
        BURNING_FLUX,
        HEAT_OF_COMBUSTION,
        Input("efficiency", "1", N_("效率因子"), low=0.0, high=1.0, default=0.24, open_low=True),
        Input("air_density_kg_m3", "kg/m³", N_("空气密度"), low=0.0, default=STANDARD_AIR, open_low=True),
        TRANSMISSIVITY,
        DISTANCE,
    ),
    outputs=(Output("flame_height_m", "m", N_("火焰高度")), Output("radiated_w", "W", N_("总热辐射通量")), RADIATION),
    run=_run,
)
MODELS = (POOL_FIRE_CN,)
