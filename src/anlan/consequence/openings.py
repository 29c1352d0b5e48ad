"""What every release through an opening asks for."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from anlan.consequence.catalogue import Input
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

SHARP_LIQUID: Final = 0.61
"""Discharge coefficient of a sharp-edged hole, liquid at Re > 30 000: CCPS 1999 p. 27; ALOHA (NOAA TM OR&R 43) 3.4.4.1. Status: secondary."""
SHARP_GAS: Final = 0.85
"""Discharge coefficient of a hole, choked gas: the worked example CCPS 1999 p. 47. Yellow Book and ALOHA take 0.61 to 0.62: this is on the
safe side of them. Status: verified (the example is recomputed)."""

DISCHARGE = Input("discharge_coefficient", "1", N_("流量系数"), low=0.0, high=1.0, open_low=True)
HOLE = Input("hole_m", "m", N_("孔口当量直径"), low=0.0, open_low=True, many=True)
PRESSURE = Input("pressure_pa", "Pa", N_("容器内绝对压力"), low=0.0, open_low=True, many=True)
AMBIENT = Input("ambient_pa", "Pa", N_("环境绝对压力"), low=0.0, default=101_325.0, open_low=True)
TEMPERATURE = Input("temperature_k", "K", N_("容器内温度"), low=0.0, open_low=True, many=True)
LIQUID_DENSITY = Input("density_kg_m3", "kg/m³", N_("液体密度"), low=0.0, open_low=True)
MASS = Input("mass_kg", "kg", N_("容器内存量"), low=0.0, open_low=True)
EXPONENT = Input("isentropic_exponent", "1", N_("绝热指数"), low=1.0, high=1.7, open_low=True)
"""5/3 of a monatomic ideal gas is the highest there is: a physical bound."""
STEPS = Input("steps", "1", N_("时间序列的段数"), low=4.0, high=2000.0, default=60.0)


def area(hole_m: float | Figures) -> Figures:
    """Area in m² of a round opening of diameter ``hole_m``, ``π d² / 4``."""
    return np.asarray(math.pi / 4.0 * np.square(hole_m))
