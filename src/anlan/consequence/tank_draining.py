"""A tank of liquid that drains through a hole: Bernoulli with a head that falls, in an upright tank under constant pressure.

With a constant cross-section the velocity in the opening falls linearly, ``u(t) = u0 - g (Cd A / At) t`` (Torricelli and the balance of volume;
TNO Yellow Book CPR 14E (2005) 2.194 to 2.196), so rate and mass have closed forms. A tank without a head (``head_m`` 0) is emptied
at a constant rate. Under a vacuum the flow ends where the pressures balance, and what is below stays inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.liquid_hole import velocity
from anlan.consequence.openings import AMBIENT, DISCHARGE, LIQUID_DENSITY, MASS, STEPS, area
from anlan.consequence.substance import GRAVITY
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "release.tank_draining"
UPRIGHT = Caution("draining_upright", N_("按等截面立式容器、内压不变计算；卧式、球形容器或密闭容器的实际速率变化不同。"))


@dataclass(frozen=True)
class Draining:
    """``begin_m_s`` and ``end_m_s``: ideal velocity in the opening at both ends; ``released_kg`` between them."""

    begin_m_s: float
    end_m_s: float
    released_kg: float
    feed_kg_m: float
    """Mass through the opening for each metre of ideal flow, ``ρ Cd A``."""

    @property
    def lasts_s(self) -> float:
        """Until nothing flows any more: released mass over the mean rate, which is that of the mean velocity."""
        return self.released_kg / (self.feed_kg_m * (self.begin_m_s + self.end_m_s) / 2.0)

    def rate(self, time_s: Figures) -> Figures:
        """Rate in kg/s, linear in time."""
        return self.feed_kg_m * (self.begin_m_s + (self.end_m_s - self.begin_m_s) * time_s / self.lasts_s)

    def released(self, time_s: Figures) -> Figures:
        """Mass in kg that has left by then."""
        change = (self.end_m_s - self.begin_m_s) / self.lasts_s
        return self.feed_kg_m * (self.begin_m_s * time_s + change * time_s**2 / 2.0)


def draining(opening_m2: float, density_kg_m3: float, pressure_pa: float, ambient_pa: float, head_m: float, mass_kg: float) -> Draining:
    """How an upright tank drains through an effective area ``Cd A``. Raises ``Contradiction`` when nothing flows out at all."""
    begin = float(velocity(pressure_pa, ambient_pa, density_kg_m3, head_m))
    push = 2.0 * (pressure_pa - ambient_pa) / density_kg_m3
    stays = 0.0 if push >= 0.0 else -push / (2.0 * GRAVITY * head_m)
    return Draining(begin, float(np.sqrt(max(push, 0.0))), mass_kg * (1.0 - stays), density_kg_m3 * opening_m2)


def _run(
    discharge_coefficient: float,
    hole_m: float,
    density_kg_m3: float,
    pressure_pa: float,
    ambient_pa: float,
    head_m: float,
    mass_kg: float,
    steps: float,
) -> Answer:
    opening = discharge_coefficient * float(area(hole_m))
    course = draining(opening, density_kg_m3, pressure_pa, ambient_pa, head_m, mass_kg)
    time = np.linspace(0.0, course.lasts_s, int(steps) + 1)
    return Answer(
        {
            "time_s": time,
            "mass_rate_kg_s": course.rate(time),
            "left_kg": np.maximum(mass_kg - course.released(time), 0.0),
            "empty_s": course.lasts_s,
        },
        TANK_DRAINING.credentials,
        (UPRIGHT,),
    )


TANK_DRAINING = Model(
    code=CODE,
    title=N_("储罐液体排空过程（立式容器）"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005) 2.194-2.196; CCPS 1999 p. 40",
    inputs=(
        DISCHARGE,
        Input("hole_m", "m", N_("孔口当量直径"), low=0.0, open_low=True),
        LIQUID_DENSITY,
        Input("pressure_pa", "Pa", N_("容器内绝对压力"), low=0.0, open_low=True),
        AMBIENT,
        Input("head_m", "m", N_("孔口以上液柱高度"), low=0.0, default=0.0),
        MASS,
        STEPS,
    ),
    outputs=(
        Output("time_s", "s", N_("时刻")),
        Output("mass_rate_kg_s", "kg/s", N_("各时刻泄漏速率")),
        Output("left_kg", "kg", N_("各时刻容器内余量")),
        Output("empty_s", "s", N_("停止流出的时间")),
    ),
    run=_run,
)
MODELS = (TANK_DRAINING,)
