"""How long a pool fire's flame is: Thomas 1963, in still air and in wind; Chinese handbooks write the first with the radius.

Still air ``L / D = 42 (m / (ρa √(g D)))^0.61``. Wind ``L / D = 55 (m / (ρa √(g D)))^0.67 u*^-0.21``, ``u* = u / uc`` and not below 1,
``uc = (g m D / ρa)^(1/3)``: TNO Yellow Book (CPR 14E, 2005) eq. 6.12 to 6.14, whose benzene example is recomputed. Chinese handbooks print
``h = 84 r (m / (ρ0 √(2 g r)))^0.6``; their printed example follows only with 0.61, which makes it Thomas's own equation (84 r = 42 D).
Status: secondary, recomputed.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.flames import AIR_DENSITY, BURNING_FLUX, DIAMETER, GRAVITY
from anlan.kernel.words import N_

STILL, WIND = "fire.thomas_still", "fire.thomas_wind"


def dimensionless_flux(diameter_m: float, burning_flux_kg_m2_s: float, air_kg_m3: float, gravity_m_s2: float = GRAVITY) -> float:
    """``m / (ρa √(g D))``."""
    return burning_flux_kg_m2_s / (air_kg_m3 * float(np.sqrt(gravity_m_s2 * diameter_m)))


def length_still(diameter_m: float, burning_flux_kg_m2_s: float, air_kg_m3: float, gravity_m_s2: float = GRAVITY) -> float:
    """``42 D (m / (ρa √(g D)))^0.61``, m."""
    return 42 * diameter_m * dimensionless_flux(diameter_m, burning_flux_kg_m2_s, air_kg_m3, gravity_m_s2) ** 0.61


def characteristic_wind(diameter_m: float, burning_flux_kg_m2_s: float, air_kg_m3: float) -> float:
    """``uc = (g m D / ρa)^(1/3)``, m/s (YB 6.14)."""
    return float(np.cbrt(GRAVITY * burning_flux_kg_m2_s * diameter_m / air_kg_m3))


def length_in_wind(diameter_m: float, burning_flux_kg_m2_s: float, air_kg_m3: float, wind_m_s: float) -> float:
    """``55 D (m / (ρa √(g D)))^0.67 u*^-0.21``, m, with u* not below 1 as the source says (YB 6.12, 6.13)."""
    scaled = max(wind_m_s / characteristic_wind(diameter_m, burning_flux_kg_m2_s, air_kg_m3), 1.0)
    return 55 * diameter_m * dimensionless_flux(diameter_m, burning_flux_kg_m2_s, air_kg_m3) ** 0.67 * scaled**-0.21


def _run_still(diameter_m: float, burning_flux_kg_m2_s: float, air_density_kg_m3: float) -> Answer:
    return Answer({"flame_length_m": length_still(diameter_m, burning_flux_kg_m2_s, air_density_kg_m3)}, THOMAS_STILL.credentials)


def _run_wind(diameter_m: float, burning_flux_kg_m2_s: float, air_density_kg_m3: float, wind_m_s: float) -> Answer:
    length = length_in_wind(diameter_m, burning_flux_kg_m2_s, air_density_kg_m3, wind_m_s)
    slowest = characteristic_wind(diameter_m, burning_flux_kg_m2_s, air_density_kg_m3)
    return Answer({"flame_length_m": length, "characteristic_wind_m_s": slowest}, THOMAS_WIND.credentials)


LENGTH = Output("flame_length_m", "m", N_("火焰长度"))
WIND_10M = Input("wind_m_s", "m/s", N_("10 m 高处风速"), low=0.0, high=50.0)

THOMAS_STILL = Model(
    code=STILL,
    title=N_("池火火焰高度：无风（Thomas）"),
    version="1",
    citation="Thomas 1963; TNO Yellow Book CPR 14E (2005)",
    inputs=(DIAMETER, BURNING_FLUX, AIR_DENSITY),
    outputs=(LENGTH,),
    run=_run_still,
)
THOMAS_WIND = Model(
    code=WIND,
    title=N_("池火火焰长度：有风（Thomas）"),
    version="1",
    citation="Thomas 1963; TNO Yellow Book CPR 14E (2005) eq. 6.12 to 6.14",
    inputs=(DIAMETER, BURNING_FLUX, AIR_DENSITY, WIND_10M),
    outputs=(LENGTH, Output("characteristic_wind_m_s", "m/s", N_("特征风速（低于此风速时风不影响火焰长度）"))),
    run=_run_wind,
)
MODELS = (THOMAS_STILL, THOMAS_WIND)
