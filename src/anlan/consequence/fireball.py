"""The fireball of a vessel of liquefied gas that bursts in a fire (BLEVE): how wide, how long, how hot around it.

``D = 5.8 M^(1/3)`` m; ``t = 0.45 M^(1/3)`` s below 30 000 kg, ``2.6 M^(1/6)`` from there on (a web copy prints 1/3 there: a misprint). The ball
touches the ground, ``F = X (D/2)² / (X² + (D/2)²)^1.5`` for a target facing it at X from the foot, ``q = SEP F τ`` with 350 kW/m². CCPS 1999 and TNO
Yellow Book (CPR 14E, 2005), read through copies. Status: secondary. A target within the fireball (X < D/2) is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.falling import outermost, within_reach
from anlan.consequence.flames import FARTHEST_M, RADIATION, TRANSMISSIVITY, of_transmissivity
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

CODE = "fire.fireball"
LARGE_KG: Final = 30_000.0
FARTHEST_DIAMETERS: Final = 1000.0
"""Project bound: nothing of interest comes farther."""
EMISSIVE_POWER: Final = 350e3
"""W/m² (CCPS)."""


def diameter(mass_kg: float) -> float:
    """``5.8 M^(1/3)``, m."""
    return 5.8 * float(np.cbrt(mass_kg))


def duration(mass_kg: float) -> float:
    """``0.45 M^(1/3)`` s, from 30 000 kg on ``2.6 M^(1/6)`` s."""
    return 0.45 * float(np.cbrt(mass_kg)) if mass_kg < LARGE_KG else 2.6 * mass_kg ** (1 / 6)


def view_factor(diameter_m: float, distance_m: Figures) -> Figures:
    """``X (D/2)² / (X² + (D/2)²)^1.5``. Raises ``OutOfRange`` within the fireball, X < D/2."""
    radius = diameter_m / 2
    x = within(distance_m, radius, np.inf, model=CODE, what=N_("到火球正下方的水平距离（须在火球以外）"), unit="m")
    return x * radius**2 / (x * x + radius**2) ** 1.5


@dataclass(frozen=True)
class Fireball:
    """A fireball that touches the ground."""

    diameter_m: float
    duration_s: float
    emissive_power_w_m2: float = EMISSIVE_POWER
    transmissivity: float = 1.0

    def radiation(self, distance_m: Figures) -> Figures:
        """W/m² on a target that faces it. Raises ``OutOfRange`` within the fireball."""
        return self.emissive_power_w_m2 * self.transmissivity * view_factor(self.diameter_m, distance_m)

    def reach(self, level_w_m2: float) -> float:
        """How far a level is reached, m; not less than the radius, within which everybody is burnt. Raises ``OutOfRange`` beyond 1000 diameters."""
        radius, farthest = self.diameter_m / 2, self.diameter_m * FARTHEST_DIAMETERS
        found = outermost(level_w_m2, self.radiation, radius * (1 + 1e-12), farthest)
        return radius if found is None else within_reach(found, level_w_m2, farthest, CODE)


def fireball(mass_kg: float, emissive_power_w_m2: float = EMISSIVE_POWER, transmissivity: float = 1.0) -> Fireball:
    """The fireball of that much liquefied gas."""
    return Fireball(diameter(mass_kg), duration(mass_kg), emissive_power_w_m2, transmissivity)


def _run(mass_kg: float, emissive_power_w_m2: float, transmissivity: float, distance_m: Figures) -> Answer:
    ball = fireball(mass_kg, emissive_power_w_m2, transmissivity)
    values = {"diameter_m": ball.diameter_m, "duration_s": ball.duration_s, "radiation_w_m2": ball.radiation(distance_m)}
    return Answer(values, FIREBALL.credentials, of_transmissivity(transmissivity))


FIREBALL = Model(
    code=CODE,
    title=N_("火球（BLEVE）热辐射"),
    version="1",
    citation="CCPS 1999; TNO Yellow Book CPR 14E (2005)",
    inputs=(
        Input("mass_kg", "kg", N_("火球中的燃料质量"), low=0.0, open_low=True),
        Input("emissive_power_w_m2", "W/m²", N_("火球表面辐射功率"), low=0.0, default=EMISSIVE_POWER, open_low=True),
        TRANSMISSIVITY,
        Input("distance_m", "m", N_("到火球正下方的水平距离"), low=0.0, high=FARTHEST_M, many=True, open_low=True),
    ),
    outputs=(Output("diameter_m", "m", N_("火球直径")), Output("duration_s", "s", N_("火球持续时间")), RADIATION),
    run=_run,
)
MODELS = (FIREBALL,)
