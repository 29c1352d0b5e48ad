"""The fireball of a tank farm as Chinese assessment handbooks reckon it, and how hot it must be to harm for as long as it lasts.

``R = 2.9 W^(1/3)`` m, ``t = 0.45 W^(1/3)`` s; W is 0.5, 0.7 or 0.9 of what is stored in one, two or more tanks. The radiation that kills or burns half of
those who stay for t follows from the probits at 5 (:mod:`thermal_harm`). Published assessment of a liquefied petroleum gas depot, recomputed; the shares
stand in a second one. Status: secondary.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence import thermal_harm
from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.fireball import Fireball
from anlan.kernel.words import N_

CODE = "fire.fireball_cn"
SHARES: Final = {"one": 0.5, "two": 0.7, "more": 0.9}
"""Of the inventory, by the number of tanks."""


def radius(mass_kg: float) -> float:
    """``2.9 W^(1/3)``, m."""
    return 2.9 * float(np.cbrt(mass_kg))


def duration(mass_kg: float) -> float:
    """``0.45 W^(1/3)``, s."""
    return 0.45 * float(np.cbrt(mass_kg))


def fireball(inventory_kg: float, tanks: str, transmissivity: float = 1.0) -> Fireball:
    """The fireball with the Chinese size and duration. Its radiation over distance is that of :mod:`fireball`, for want of a Chinese form in a source."""
    mass = SHARES[tanks] * inventory_kg
    return Fireball(2 * radius(mass), duration(mass), transmissivity=transmissivity)


def _run(inventory_kg: float, tanks: str) -> Answer:
    mass = SHARES[tanks] * inventory_kg
    seconds = duration(mass)
    half = {
        f"{name}_w_m2": float(thermal_harm.PROBITS[code].flux(0.5, seconds))
        for name, code in (("death", "cn_death"), ("second_degree", "cn_second_degree"), ("first_degree", "cn_first_degree"))
    }
    values = {"mass_kg": mass, "radius_m": radius(mass), "duration_s": seconds, **half}
    return Answer(values, FIREBALL_CN.credentials, thermal_harm.CAUTIONS)


FIREBALL_CN = Model(
    code=CODE,
    title=N_("火球（国内安全评价手册）"),
    version="1",
    citation="Chinese safety assessment handbooks, as in published examples (haowendang.cn; jycdxd.com 152754)",
    inputs=(
        Input("inventory_kg", "kg", N_("罐区储存总量"), low=0.0, open_low=True),
        Input("tanks", "", N_("储罐数量：一个 one、两个 two、多个 more"), choices=tuple(SHARES)),
    ),
    outputs=(
        Output("mass_kg", "kg", N_("火球中的燃料质量")),
        Output("radius_m", "m", N_("火球半径")),
        Output("duration_s", "s", N_("火球持续时间")),
        Output("death_w_m2", "W/m²", N_("半数死亡的热辐射强度")),
        Output("second_degree_w_m2", "W/m²", N_("半数二度烧伤的热辐射强度")),
        Output("first_degree_w_m2", "W/m²", N_("半数一度烧伤的热辐射强度")),
    ),
    run=_run,
)
MODELS = (FIREBALL_CN,)
