"""How much of a superheated liquid turns to vapour at once when its pressure is gone: adiabatic flash.

``f = cp (T - Tb) / ΔHv``: CCPS, Guidelines for Use of Vapor Cloud Dispersion Models (1996) eq. 4-14; CCPS 1999. With vapour leaving as it
forms, ``f = 1 - exp(-cp (T - Tb) / ΔHv)``, for large superheat. Status: verified against a worked example (n-butane).
Below the boiling point nothing flashes and the answer is 0; the linear form refuses where it would exceed 1.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE = "release.flash"
LINEAR, EXPONENTIAL = "linear", "exponential"


def superheat(
    temperature_k: float | Figures, boiling_k: float, liquid_heat_capacity_j_kg_k: float, heat_of_vaporisation_j_kg: float
) -> Figures:
    """Heat stored above the boiling point over the heat of vaporisation, ``cp (T - Tb) / ΔHv``; 0 below the boiling point."""
    above = np.maximum(np.asarray(temperature_k, np.float64) - boiling_k, 0.0)
    return above * liquid_heat_capacity_j_kg_k / heat_of_vaporisation_j_kg


def _run(
    temperature_k: float | Figures,
    boiling_point_k: float,
    liquid_heat_capacity_j_kg_k: float,
    heat_of_vaporisation_j_kg: float,
    form: str,
) -> Answer:
    heat = superheat(temperature_k, boiling_point_k, liquid_heat_capacity_j_kg_k, heat_of_vaporisation_j_kg)
    if form == EXPONENTIAL:
        return Answer({"flash_fraction": -np.expm1(-heat)}, FLASH.credentials)
    if np.any(heat > 1.0):
        raise Contradiction(model=CODE, reason=N_("过热量大于汽化热，液体将全部汽化；请按气体计算，或改用指数形式"))
    return Answer({"flash_fraction": heat}, FLASH.credentials)


FLASH = Model(
    code=CODE,
    title=N_("过热液体闪蒸比例（绝热）"),
    version="1",
    citation="CCPS, Vapor Cloud Dispersion Models (1996) eq. 4-14; CCPS 1999",
    inputs=(
        Input("temperature_k", "K", N_("释放前液体温度"), low=0.0, open_low=True, many=True),
        Input("boiling_point_k", "K", N_("环境压力下的沸点"), low=0.0, open_low=True),
        Input("liquid_heat_capacity_j_kg_k", "J/(kg K)", N_("液体定压比热容"), low=0.0, open_low=True),
        Input("heat_of_vaporisation_j_kg", "J/kg", N_("汽化热"), low=0.0, open_low=True),
        Input("form", "", N_("公式形式"), default=LINEAR, choices=(LINEAR, EXPONENTIAL)),
    ),
    outputs=(Output("flash_fraction", "1", N_("闪蒸质量分数")),),
    run=_run,
)
MODELS = (FLASH,)
