"""How strongly the surface of a pool fire's flame radiates: Mudan's fit on the diameter, and the radiant share dimmed by soot.

Mudan ``SEP = 140 e^(-0.12 D) + 20 (1 - e^(-0.12 D))`` kW/m², D in m: hydrocarbons with soot (TNO Yellow Book CPR 14E, 2005, eq. 6.19).
``SEPmax = Fs m Hc / (1 + 4 L / D)`` (eq. 6.71: all that is radiated leaves through the side and the top of a cylinder) and, with a share ζ of
its surface covered by soot that radiates 20 kW/m², ``SEP = SEPmax (1 - ζ) + 20 ζ`` (eq. 6.20). Status: secondary, the benzene example is recomputed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.flames import BURNING_FLUX, DIAMETER, HEAT_OF_COMBUSTION
from anlan.consequence.validity import Contradiction
from anlan.kernel.words import N_

MUDAN, SOOTED = "fire.mudan_sep", "fire.sooted_sep"
CLEAR_W_M2: Final = 140e3
"""Of a clear flame of hydrocarbons (Mudan)."""
SOOT_W_M2: Final = 20e3
"""Of soot."""
FADING_1_M: Final = 0.12

SOOTY_FUELS = N_("Mudan 式只适用于冒烟的烃类燃料；醇类、LNG 等清洁火焰请给出实测表面辐射功率。")


def mudan(diameter_m: float) -> float:
    """``140 e^(-0.12 D) + 20 (1 - e^(-0.12 D))`` kW/m², told in W/m²."""
    clear = float(np.exp(-FADING_1_M * diameter_m))
    return CLEAR_W_M2 * clear + SOOT_W_M2 * (1 - clear)


def greatest(radiative_fraction: float, burning_flux_kg_m2_s: float, heat_of_combustion_j_kg: float, length_to_diameter: float) -> float:
    """``SEPmax = Fs m Hc / (1 + 4 L / D)``, W/m²."""
    return radiative_fraction * burning_flux_kg_m2_s * heat_of_combustion_j_kg / (1 + 4 * length_to_diameter)


def sooted(greatest_w_m2: float, soot_fraction: float) -> float:
    """``SEPmax (1 - ζ) + 20 kW/m² ζ``, W/m²."""
    return greatest_w_m2 * (1 - soot_fraction) + SOOT_W_M2 * soot_fraction


def _run_mudan(diameter_m: float) -> Answer:
    return Answer({"emissive_power_w_m2": mudan(diameter_m)}, MUDAN_SEP.credentials, (Caution("mudan_sooty_fuels", SOOTY_FUELS),))


def _run_sooted(
    radiative_fraction: float,
    burning_flux_kg_m2_s: float,
    heat_of_combustion_j_kg: float,
    flame_length_m: float,
    diameter_m: float,
    soot_fraction: float,
) -> Answer:
    most = greatest(radiative_fraction, burning_flux_kg_m2_s, heat_of_combustion_j_kg, flame_length_m / diameter_m)
    if most < SOOT_W_M2:
        raise Contradiction(model=SOOTED, reason=N_("按辐射份额算得的表面辐射功率低于烟炱的 20 kW/m²；请核对燃烧速率、燃烧热和火焰长度"))
    return Answer({"emissive_power_w_m2": sooted(most, soot_fraction), "greatest_w_m2": most}, SOOTED_SEP.credentials)


POWER = Output("emissive_power_w_m2", "W/m²", N_("火焰表面辐射功率"))
FLAME_LENGTH = Input("flame_length_m", "m", N_("火焰长度"), low=0.0, open_low=True)

MUDAN_SEP = Model(
    code=MUDAN,
    title=N_("池火表面辐射功率（Mudan）"),
    version="1",
    citation="Mudan 1984; TNO Yellow Book CPR 14E (2005) eq. 6.19",
    inputs=(DIAMETER,),
    outputs=(POWER,),
    run=_run_mudan,
)
SOOTED_SEP = Model(
    code=SOOTED,
    title=N_("池火表面辐射功率（辐射份额与烟炱遮蔽）"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005) eq. 6.20, 6.71",
    inputs=(
        Input("radiative_fraction", "1", N_("辐射份额"), low=0.0, high=1.0, open_low=True),
        BURNING_FLUX,
        HEAT_OF_COMBUSTION,
        FLAME_LENGTH,
        DIAMETER,
        Input("soot_fraction", "1", N_("火焰表面被烟炱覆盖的份额"), low=0.0, high=1.0),
    ),
    outputs=(POWER, Output("greatest_w_m2", "W/m²", N_("无烟炱时的表面辐射功率"))),
    run=_run_sooted,
)
MODELS = (MUDAN_SEP, SOOTED_SEP)
