"""How many are burnt or die of heat radiation: ``Pr = a + b ln(D)``, thermal dose ``D = t q^(4/3)`` in (W/m²)^(4/3) s.

Coefficients of TNO (CPR 18E, 1999, and Chinese handbooks for death), Tsao and Perry, Eisenberg, Lees (half of the dose, for people in ordinary clothes) and of
Chinese handbooks for burns of the second and first degree; compiled by HSE SPC/Tech/OSD/30 and HyRAM's tests, and a Chinese assessment, which are
recomputed. Status: secondary. The exposure is what is given; nobody is taken to escape unless it is given so (:mod:`escape_exposure`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence import probit
from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE, LEVEL = "harm.thermal", "harm.thermal_level"
VERSION = "1"
CITATION = "HSE SPC/Tech/OSD/30 Tables 17, 18; TNO Purple Book CPR 18E (1999) eq. 5.4; Chinese safety assessment handbooks"
POWER: Final = 4 / 3
NO_ESCAPE = N_("按给定暴露时间全程受热计算，未考虑人员逃离、衣物和遮蔽；概率系数取自二手资料。")
CAUTIONS = (Caution("thermal_no_escape", NO_ESCAPE),)


def dose(radiation_w_m2: ArrayLike, seconds: ArrayLike) -> Figures:
    """Thermal dose ``t q^(4/3)``, (W/m²)^(4/3) s."""
    return np.asarray(seconds, np.float64) * np.asarray(radiation_w_m2, np.float64) ** POWER


@dataclass(frozen=True)
class ThermalProbit:
    """``Pr = a + b ln(share of the dose that counts × D)``."""

    a: float
    b: float
    counted: float = 1.0

    def probit(self, thermal_dose: ArrayLike) -> Figures:
        """Of a dose in (W/m²)^(4/3) s."""
        return probit.of_dose(self.a, self.b, self.counted * np.asarray(thermal_dose, np.float64))

    def flux(self, probability: ArrayLike, seconds: ArrayLike) -> Figures:
        """The steady radiation that harms that share in that time, W/m²."""
        wanted = probit.dose_of(self.a, self.b, probit.of_share(probability)) / self.counted
        return (wanted / np.asarray(seconds, np.float64)) ** (1 / POWER)


PROBITS: Final[Mapping[str, ThermalProbit]] = {
    "cn_death": ThermalProbit(-37.23, 2.56),
    "cn_second_degree": ThermalProbit(-43.14, 3.0188),
    "cn_first_degree": ThermalProbit(-39.83, 3.0186),
    "tno": ThermalProbit(-37.23, 2.56),
    "tsao_perry": ThermalProbit(-36.38, 2.56),
    "eisenberg": ThermalProbit(-38.48, 2.56),
    "lees": ThermalProbit(-29.02, 1.99, counted=0.5),
}


def _run(probit_set: str, radiation_w_m2: Figures, exposure_s: Figures) -> Answer:
    thermal = dose(radiation_w_m2, exposure_s)
    told = PROBITS[probit_set].probit(thermal)
    return Answer({"thermal_dose": thermal, "probit": told, "probability": probit.share(told)}, THERMAL_HARM.credentials, CAUTIONS)


def _run_level(probit_set: str, exposure_s: Figures, probability: Figures) -> Answer:
    return Answer({"radiation_w_m2": PROBITS[probit_set].flux(probability, exposure_s)}, THERMAL_LEVEL.credentials, CAUTIONS)


_SET = Input("probit_set", "", N_("热剂量概率系数（cn_ 为国内手册：死亡、二度烧伤、一度烧伤）"), choices=tuple(PROBITS))
_EXPOSURE = Input("exposure_s", "s", N_("受热时间"), low=0.0, high=3600.0, many=True, open_low=True)
_RADIATION = N_("热辐射强度")
THERMAL_HARM = Model(
    code=CODE,
    title=N_("热辐射伤害概率"),
    version=VERSION,
    citation=CITATION,
    inputs=(_SET, Input("radiation_w_m2", "W/m²", _RADIATION, low=0.0, high=1e6, many=True, open_low=True), _EXPOSURE),
    outputs=(Output("thermal_dose", "(W/m²)^(4/3)·s", N_("热剂量")), probit.PROBIT, probit.PROBABILITY),
    run=_run,
)
THERMAL_LEVEL = Model(
    code=LEVEL,
    title=N_("伤害概率对应的热辐射强度"),
    version=VERSION,
    citation=CITATION,
    inputs=(_SET, _EXPOSURE, probit.SHARE),
    outputs=(Output("radiation_w_m2", "W/m²", _RADIATION),),
    run=_run_level,
)
MODELS = (THERMAL_HARM, THERMAL_LEVEL)
