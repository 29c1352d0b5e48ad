"""How many die of a blast's overpressure: ``Pr = a + b ln(p)``.

Eisenberg, bleeding lungs: ``-77.1 + 6.91 ln p``, p in Pa. HSE (Hurst, Nussey and Pape): ``5.13 + 1.37 ln p``, p in bar (OSD/30 prints it as 1.47 + 1.37 ln p
in psi). HyRAM's hand calculations are recomputed. Status: secondary. Probits for the head against a wall and for buildings that fall need the impulse as
well; their coefficients were not found in a free source with a printed example, so they are not in this library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence import probit
from anlan.consequence.blasts import OVERPRESSURE, OVERPRESSURE_IN
from anlan.consequence.catalogue import Answer, Caution, Input, Model
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE, LEVEL = "harm.overpressure", "harm.overpressure_level"
VERSION = "1"
CITATION = "Eisenberg 1975; HSE SPC/Tech/OSD/30 (Hurst, Nussey and Pape)"
IN_THE_OPEN = N_("只计超压本身的伤害，未计建筑倒塌、碎片和抛掷；室内人员的伤亡可能更多。概率系数取自二手资料。")
CAUTIONS = (Caution("overpressure_only", IN_THE_OPEN),)


@dataclass(frozen=True)
class BlastProbit:
    """``Pr = a + b ln(p / unit)``, the unit in Pa."""

    a: float
    b: float
    unit_pa: float

    def probit(self, overpressure_pa: ArrayLike) -> Figures:
        """Of an overpressure in Pa."""
        return probit.of_dose(self.a, self.b, np.asarray(overpressure_pa, np.float64) / self.unit_pa)

    def overpressure(self, probability: ArrayLike) -> Figures:
        """The overpressure that kills that share, Pa."""
        return probit.dose_of(self.a, self.b, probit.of_share(probability)) * self.unit_pa


PROBITS: Final[Mapping[str, BlastProbit]] = {
    "eisenberg_lung": BlastProbit(-77.1, 6.91, 1.0),
    "hse_lung": BlastProbit(5.13, 1.37, 1e5),
}


def _run(probit_set: str, overpressure_pa: Figures) -> Answer:
    told = PROBITS[probit_set].probit(overpressure_pa)
    return Answer({"probit": told, "probability": probit.share(told)}, BLAST_HARM.credentials, CAUTIONS)


def _run_level(probit_set: str, probability: Figures) -> Answer:
    return Answer({"overpressure_pa": PROBITS[probit_set].overpressure(probability)}, BLAST_LEVEL.credentials, CAUTIONS)


_SET = Input("probit_set", "", N_("超压概率系数"), choices=tuple(PROBITS))
BLAST_HARM = Model(
    code=CODE,
    title=N_("冲击波超压致死概率"),
    version=VERSION,
    citation=CITATION,
    inputs=(_SET, OVERPRESSURE_IN),
    outputs=(probit.PROBIT, probit.PROBABILITY),
    run=_run,
)
BLAST_LEVEL = Model(
    code=LEVEL,
    title=N_("致死概率对应的冲击波超压"),
    version=VERSION,
    citation=CITATION,
    inputs=(_SET, probit.SHARE),
    outputs=(OVERPRESSURE,),
    run=_run_level,
)
MODELS = (BLAST_HARM, BLAST_LEVEL)
