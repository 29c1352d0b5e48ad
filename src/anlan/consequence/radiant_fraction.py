"""Which share of its heat a hydrogen jet flame radiates: ``χ = 9.45e-9 (τ a T⁴)^0.47``.

τ in ms is how long gas stays in the flame, ``τ = 1000 (π / 12) ρf W² L fs / m`` with the width ``W = 0.17 L``; a = 0.23 1/m is the mean absorption of
hydrogen's burnt gas. Panda and Hecht (International Journal of Hydrogen Energy, 2017), after Molina, Schefer and Houf (2007); read through a public
implementation. Temperature and density are those of a stoichiometric mixture after burning: 2390 K adiabatic flame temperature, a fuel share of
0.0283 by mass, and the density of its products as an ideal gas of 24.6 g/mol. Status: secondary.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.substance import GAS_CONSTANT
from anlan.kernel.words import N_

CODE = "fire.radiant_fraction_hydrogen"
FLAME_K: Final = 2390.0
FUEL_SHARE: Final = 0.0283
"""kg of hydrogen in a kg of stoichiometric mixture with air: 2 H2 + O2 + 3.774 N2."""
PRODUCT_KG_MOL: Final = 0.024_64
"""2 H2O + 3.774 N2: (2 · 18.015 + 3.774 · 28.15) / 5.774 g/mol with the argon of the air among the nitrogen."""
ABSORPTION_1_M: Final = 0.23
WIDTH_TO_LENGTH: Final = 0.17
ONLY_HYDROGEN = N_("辐射份额式只用于氢气射流火焰，系数取自二手资料；火焰长度越可靠，结果越可靠。")


def residence_ms(flame_m: float, rate_kg_s: float, pressure_pa: float) -> float:
    """``1000 (π / 12) ρf W² L fs / m`` ms."""
    density = pressure_pa * PRODUCT_KG_MOL / (GAS_CONSTANT * FLAME_K)
    width = WIDTH_TO_LENGTH * flame_m
    return 1000 * float(np.pi) / 12 * density * width**2 * flame_m * FUEL_SHARE / rate_kg_s


def radiant_fraction(residence_ms: float) -> float:
    """``9.45e-9 (τ a T⁴)^0.47``."""
    return 9.45e-9 * (residence_ms * ABSORPTION_1_M * FLAME_K**4) ** 0.47


def _run(flame_length_m: float, rate_kg_s: float, pressure_pa: float) -> Answer:
    residence = residence_ms(flame_length_m, rate_kg_s, pressure_pa)
    values = {"residence_ms": residence, "radiative_fraction": radiant_fraction(residence)}
    return Answer(values, RADIANT_FRACTION.credentials, (Caution("radiant_fraction_hydrogen", ONLY_HYDROGEN),))


RADIANT_FRACTION = Model(
    code=CODE,
    title=N_("氢气射流火焰辐射份额"),
    version="1",
    citation="Panda and Hecht 2017; Molina, Schefer and Houf 2007",
    inputs=(
        Input("flame_length_m", "m", N_("火焰长度"), low=0.0, high=100.0, open_low=True),
        Input("rate_kg_s", "kg/s", N_("泄漏速率"), low=0.0, high=100.0, open_low=True),
        Input("pressure_pa", "Pa", N_("环境绝对压力"), low=3e4, high=1.2e5, default=101_325.0),
    ),
    outputs=(Output("residence_ms", "ms", N_("气体在火焰中的停留时间")), Output("radiative_fraction", "1", N_("辐射份额"))),
    run=_run,
)
MODELS = (RADIANT_FRACTION,)
