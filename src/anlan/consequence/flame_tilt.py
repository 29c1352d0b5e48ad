"""How far wind tilts a pool fire's flame from upright: ``tan θ / cos θ = 0.666 Fr^0.333 Re^0.117``.

``Fr = u² / (g D)``, ``Re = u D / ν``: TNO Yellow Book (CPR 14E, 2005) eq. 6.16, 6.68 to 6.70. Its benzene example prints Fr = 0.0545, a
misprint: its own tilt of 50.83° follows from 0.06006. Status: secondary, recomputed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.flames import DIAMETER, GRAVITY
from anlan.consequence.thomas import WIND_10M
from anlan.kernel.words import N_

CODE = "fire.flame_tilt"
VISCOSITY: Final = 1.5e-5
"""m²/s, kinematic viscosity of air at about 293 K. The tilt hardly depends on it (power 0.117)."""


def froude(diameter_m: float, wind_m_s: float) -> float:
    """``Fr = u² / (g D)``."""
    return wind_m_s**2 / (GRAVITY * diameter_m)


def reynolds(diameter_m: float, wind_m_s: float, viscosity_m2_s: float) -> float:
    """``Re = u D / ν``."""
    return wind_m_s * diameter_m / viscosity_m2_s


def tilt_parameter(diameter_m: float, wind_m_s: float, viscosity_m2_s: float) -> float:
    """``tan θ / cos θ = 0.666 Fr^0.333 Re^0.117``."""
    return 0.666 * froude(diameter_m, wind_m_s) ** 0.333 * reynolds(diameter_m, wind_m_s, viscosity_m2_s) ** 0.117


def tilt(diameter_m: float, wind_m_s: float, viscosity_m2_s: float = VISCOSITY) -> float:
    """θ from upright, rad, in [0, π/2): ``sin θ = (√(4 c² + 1) - 1) / (2 c)`` in the form that does not cancel for a small c."""
    c = tilt_parameter(diameter_m, wind_m_s, viscosity_m2_s)
    return float(np.arcsin(2 * c / (np.sqrt(4 * c * c + 1) + 1)))


def _run(diameter_m: float, wind_m_s: float, viscosity_m2_s: float) -> Answer:
    return Answer({"tilt_deg": float(np.degrees(tilt(diameter_m, wind_m_s, viscosity_m2_s)))}, FLAME_TILT.credentials)


FLAME_TILT = Model(
    code=CODE,
    title=N_("池火火焰倾角"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005) eq. 6.16, 6.68 to 6.70",
    inputs=(
        DIAMETER,
        WIND_10M,
        Input("viscosity_m2_s", "m²/s", N_("空气运动黏度"), low=0.0, default=VISCOSITY, open_low=True),
    ),
    outputs=(Output("tilt_deg", "°", N_("火焰偏离竖直方向的角度")),),
    run=_run,
)
MODELS = (FLAME_TILT,)
