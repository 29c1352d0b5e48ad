"""A burning jet: how long its flame is, and what it radiates as from a point in the middle of the flame. Rough.

``L = 18.5 m^0.41`` (m in kg/s, L in m) stands in a public web table of 0.1 to 100 kg/s without the fuels and trials behind it: secondary and rough,
within 6 % of that table and within 15 % of one hydrogen jet of about 1 kg/s (Ekoto et al. 2014, first flame). Radiation is told along the axis of the flame, beyond
its tip, where a jet hits hardest: a circle of that reach about the opening holds the flame whichever way it points. No solid flame: the frustum of
Chamberlain (1987) was not found in a free source.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence import point_source
from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.flames import FARTHEST_M, HEAT_OF_COMBUSTION, RADIATION, TRANSMISSIVITY, of_transmissivity
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

CODE = "fire.jet"
COEFFICIENT: Final = 18.5
EXPONENT: Final = 0.41
SLOWEST_KG_S, FASTEST_KG_S = 0.1, 100.0
"""Where the table begins and ends."""
ROUGH_LENGTH = N_("喷射火长度取自二手经验式（18.5·m^0.41），未区分燃料，属粗略估计；处置时应留足余量。")


def length(rate_kg_s: float) -> float:
    """``18.5 m^0.41``, m."""
    return COEFFICIENT * rate_kg_s**EXPONENT


def radiation(radiated_w: float, flame_m: float, distance_m: Figures, transmissivity: float = 1.0) -> Figures:
    """W/m² at a distance from the opening along the axis, beyond the tip: as from a point at half the length of the flame."""
    return point_source.radiation(radiated_w, np.asarray(distance_m, np.float64) - flame_m / 2, transmissivity)


def reach(radiated_w: float, flame_m: float, level_w_m2: float, transmissivity: float = 1.0) -> float:
    """How far from the opening a level is reached, m; not less than the flame itself reaches."""
    return max(point_source.reach(radiated_w, level_w_m2, transmissivity) + flame_m / 2, flame_m)


def _run(rate_kg_s: float, heat_of_combustion_j_kg: float, radiative_fraction: float, transmissivity: float, distance_m: Figures) -> Answer:
    flame = length(rate_kg_s)
    within(distance_m, flame, FARTHEST_M, model=CODE, what=N_("到喷口的距离（须在火焰以外）"), unit="m", open_low=True)
    radiated = radiative_fraction * rate_kg_s * heat_of_combustion_j_kg
    values = {"flame_length_m": flame, "radiated_w": radiated, "radiation_w_m2": radiation(radiated, flame, distance_m, transmissivity)}
    cautions = (Caution("jet_length_rough", ROUGH_LENGTH), point_source.POINT_SOURCE_NEAR, *of_transmissivity(transmissivity))
    return Answer(values, JET_FIRE.credentials, cautions)


JET_FIRE = Model(
    code=CODE,
    title=N_("喷射火：火焰长度与热辐射（粗略）"),
    version="1",
    citation="midstreamcalculator.com, jet fire fundamentals (L = 18.5 m^0.41); point source",
    inputs=(
        Input("rate_kg_s", "kg/s", N_("泄漏速率"), low=SLOWEST_KG_S, high=FASTEST_KG_S),
        HEAT_OF_COMBUSTION,
        Input("radiative_fraction", "1", N_("辐射份额"), low=0.0, high=1.0, open_low=True),
        TRANSMISSIVITY,
        Input("distance_m", "m", N_("沿射流方向到喷口的距离"), low=0.0, high=FARTHEST_M, many=True, open_low=True),
    ),
    outputs=(Output("flame_length_m", "m", N_("火焰长度")), Output("radiated_w", "W", N_("总热辐射通量")), RADIATION),
    run=_run,
)
MODELS = (JET_FIRE,)
