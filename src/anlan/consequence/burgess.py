"""How fast a pool burns, from the heat its liquid needs: ``m = 0.001 Hc / (cp (Tb - Ta) + ΔHv)``.

Burgess and Hertzberg, as in the TNO Yellow Book (CPR 14E, 2005) eq. 6.67 and Chinese assessment handbooks; read through a public worked
example (jet fuel, recomputed). Status: secondary. The equation holds for a liquid that must be heated to boil: one that boils below the
temperature of the air (liquefied gases) is refused.
"""

from __future__ import annotations

from typing import Final

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.flames import BURNING_FLUX, HEAT_OF_COMBUSTION
from anlan.consequence.validity import Contradiction
from anlan.kernel.words import N_

CODE = "fire.burgess"
COEFFICIENT: Final = 0.001
"""kg/(m² s)."""
COLD_LIQUID = N_("液体沸点低于环境温度（如液化气体），本式不适用；请改用 Babrauskas 式或实测燃烧速率")


def burning_flux(
    heat_of_combustion_j_kg: float, heat_capacity_j_kg_k: float, boiling_k: float, ambient_k: float, heat_of_vaporisation_j_kg: float
) -> float:
    """``0.001 Hc / (cp (Tb - Ta) + ΔHv)`` in kg/(m² s), for Tb >= Ta."""
    return COEFFICIENT * heat_of_combustion_j_kg / (heat_capacity_j_kg_k * (boiling_k - ambient_k) + heat_of_vaporisation_j_kg)


def _run(
    heat_of_combustion_j_kg: float, heat_capacity_j_kg_k: float, boiling_k: float, ambient_k: float, heat_of_vaporisation_j_kg: float
) -> Answer:
    if boiling_k < ambient_k:
        raise Contradiction(model=CODE, reason=COLD_LIQUID)
    flux = burning_flux(heat_of_combustion_j_kg, heat_capacity_j_kg_k, boiling_k, ambient_k, heat_of_vaporisation_j_kg)
    return Answer({"burning_flux_kg_m2_s": flux}, BURGESS.credentials)


BURGESS = Model(
    code=CODE,
    title=N_("池火燃烧速率（Burgess）"),
    version="1",
    citation="Burgess and Hertzberg; TNO Yellow Book CPR 14E (2005) eq. 6.67",
    inputs=(
        HEAT_OF_COMBUSTION,
        Input("heat_capacity_j_kg_k", "J/(kg K)", N_("液体定压比热容"), low=0.0, open_low=True),
        Input("boiling_k", "K", N_("液体沸点"), low=0.0, open_low=True),
        Input("ambient_k", "K", N_("环境温度"), low=0.0, default=293.15, open_low=True),
        Input("heat_of_vaporisation_j_kg", "J/kg", N_("汽化热"), low=0.0, open_low=True),
    ),
    outputs=(Output("burning_flux_kg_m2_s", "kg/(m² s)", BURNING_FLUX.meaning),),
    run=_run,
)
MODELS = (BURGESS,)
