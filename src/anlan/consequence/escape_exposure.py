"""How long somebody who runs from a fire is in its heat: ``t = t0 + x / v``.

GOST R 12.3.047-98: 5 s until the fire is noticed and 5 m/s from there on, over the distance to where the radiation does not exceed 4 kW/m²; figures read in a
worked example, the layout of the equation from memory. Status: **unverified**, told as a caution. The whole time counts at the radiation of the place where he
stood, which is more than he gets. It is for grown people who can run over open ground; for others, and for a fireball, take the whole duration.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "harm.escape_exposure"
NOTICED_S: Final = 5.0
RUNNING_M_S: Final = 5.0
SAFE_W_M2: Final = 4e3
"""Radiation at which the run ends, W/m²."""
ABLE_PEOPLE = N_(
    "逃离时间式（GOST R 12.3.047-98）尚未与原文核对，只适用于能跑动的成年人和开阔场地；老人、儿童、病人和火球请按全部持续时间计算。"
)


def exposure(distance_m: Figures, noticed_s: float = NOTICED_S, running_m_s: float = RUNNING_M_S) -> Figures:
    """``t0 + x / v``, s; x from where somebody stands to where the radiation is bearable."""
    return noticed_s + np.asarray(distance_m, np.float64) / running_m_s


def _run(distance_m: Figures, noticed_s: float, running_m_s: float) -> Answer:
    cautions = (Caution("escape_able_people", ABLE_PEOPLE),)
    return Answer({"exposure_s": exposure(distance_m, noticed_s, running_m_s)}, ESCAPE_EXPOSURE.credentials, cautions)


ESCAPE_EXPOSURE = Model(
    code=CODE,
    title=N_("逃离火场的受热时间"),
    version="1",
    citation="GOST R 12.3.047-98",
    inputs=(
        Input("distance_m", "m", N_("到热辐射不超过 4 kW/m² 处的距离"), low=0.0, high=2000.0, many=True),
        Input("noticed_s", "s", N_("发现火情的时间"), low=0.0, high=600.0, default=NOTICED_S),
        Input("running_m_s", "m/s", N_("奔跑速度"), low=0.0, high=8.0, default=RUNNING_M_S, open_low=True),
    ),
    outputs=(Output("exposure_s", "s", N_("受热时间")),),
    run=_run,
)
MODELS = (ESCAPE_EXPOSURE,)
