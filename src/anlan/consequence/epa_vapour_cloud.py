"""How far a burning cloud is felt at 1 psi: the worst case of the EPA, ``d = 17 (0.1 Wf Hc / Hc_TNT)^(1/3)``.

EPA 550-B-99-009 Appendix C, d in m, Wf in kg, Hc_TNT = 4680 kJ/kg; from memory, **unverified**. 1 psi is the endpoint of 40 CFR 68.22(a)(2)(i).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.kernel.words import N_

CODE = "blast.epa_vapour_cloud"
PSI_PA: Final = 6_894.757_293_168
"""Pa in one pound-force per square inch, exact by definition to these digits."""
TNT_J_KG: Final = 4.68e6
YIELD: Final = 0.1
UNVERIFIED = N_("EPA 1 psi 距离式尚未与 EPA 550-B-99-009 附录 C 原文核对。")


def distance(fuel_kg: float, heat_of_combustion_j_kg: float) -> float:
    """``17 (0.1 Wf Hc / Hc_TNT)^(1/3)``, m."""
    return 17 * float(np.cbrt(YIELD * fuel_kg * heat_of_combustion_j_kg / TNT_J_KG))


def _run(fuel_kg: float, heat_of_combustion_j_kg: float) -> Answer:
    values = {"distance_m": distance(fuel_kg, heat_of_combustion_j_kg), "overpressure_pa": PSI_PA}
    return Answer(values, EPA_VAPOUR_CLOUD.credentials, (Caution("epa_cloud_unverified", UNVERIFIED),))


EPA_VAPOUR_CLOUD = Model(
    code=CODE,
    title=N_("蒸气云爆炸 1 psi 距离（EPA 最坏情形）"),
    version="1",
    citation="EPA 550-B-99-009 Appendix C",
    inputs=(
        Input("fuel_kg", "kg", N_("蒸气云中的燃料质量"), low=0.0, open_low=True),
        Input("heat_of_combustion_j_kg", "J/kg", N_("燃烧热"), low=0.0, open_low=True),
    ),
    outputs=(Output("distance_m", "m", N_("1 psi 超压的距离")), Output("overpressure_pa", "Pa", N_("冲击波超压"))),
    run=_run,
)
MODELS = (EPA_VAPOUR_CLOUD,)
