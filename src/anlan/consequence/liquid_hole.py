"""A liquid that does not flash inside the opening, through a hole: Bernoulli with the head above it.

``Q = Cd A sqrt(2 ρ (p - pa) + 2 ρ² g h)``: CCPS, Guidelines for Consequence Analysis of Chemical Releases (1999) p. 40; TNO Yellow Book
CPR 14E (2005) 2.194 to 2.196; the Chinese handbooks print the same form. Status: verified against the worked example of CCPS.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.openings import AMBIENT, DISCHARGE, HOLE, LIQUID_DENSITY, PRESSURE, area
from anlan.consequence.substance import GRAVITY
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE = "release.liquid_hole"


def velocity(pressure_pa: float | Figures, ambient_pa: float, density_kg_m3: float, head_m: float | Figures) -> Figures:
    """Ideal velocity in m/s in the opening, ``sqrt(2 (p - pa) / ρ + 2 g h)`` (Bernoulli; Yellow Book 2.194).

    Raises :class:`Contradiction` where the air outside presses harder than vessel and head together.
    """
    square = 2.0 * (np.asarray(pressure_pa) - ambient_pa) / density_kg_m3 + 2.0 * GRAVITY * np.asarray(head_m)
    if np.any(square <= 0.0):
        raise Contradiction(model=CODE, reason=N_("孔口处的压力不高于环境压力，液体不会流出"))
    return np.sqrt(square)


def mass_flux(pressure_pa: float | Figures, ambient_pa: float, density_kg_m3: float, head_m: float | Figures) -> Figures:
    """Ideal mass flux in kg/(m² s), ``ρ u``."""
    return density_kg_m3 * velocity(pressure_pa, ambient_pa, density_kg_m3, head_m)


def _run(
    discharge_coefficient: float,
    hole_m: float | Figures,
    density_kg_m3: float,
    pressure_pa: float | Figures,
    ambient_pa: float,
    head_m: float | Figures,
) -> Answer:
    speed = velocity(pressure_pa, ambient_pa, density_kg_m3, head_m)
    rate = discharge_coefficient * area(hole_m) * density_kg_m3 * speed
    return Answer({"mass_rate_kg_s": rate, "velocity_m_s": speed}, LIQUID_HOLE.credentials)


LIQUID_HOLE = Model(
    code=CODE,
    title=N_("液体孔口泄漏（伯努利方程）"),
    version="1",
    citation="CCPS 1999 p. 40; TNO Yellow Book CPR 14E (2005) 2.194-2.196",
    inputs=(
        DISCHARGE,
        HOLE,
        LIQUID_DENSITY,
        PRESSURE,
        AMBIENT,
        Input("head_m", "m", N_("孔口以上液柱高度"), low=0.0, default=0.0, many=True),
    ),
    outputs=(Output("mass_rate_kg_s", "kg/s", N_("泄漏速率")), Output("velocity_m_s", "m/s", N_("孔口处理想流速"))),
    run=_run,
)
MODELS = (LIQUID_HOLE,)
