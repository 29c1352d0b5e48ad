"""How fast a pool of a known fuel burns, from its diameter: ``m = m∞ (1 - e^(-kβ D))``.

Babrauskas 1983, as in the TNO Yellow Book (CPR 14E, 2005) eq. 6.66 and Table 6.5; coefficients read through a public copy of that table.
Status: secondary. Alcohols burn with a clear flame, and their rate does not depend on the diameter (no kβ).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.flames import BURNING_FLUX, DIAMETER
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "fire.babrauskas"
FUELS: Final[Mapping[str, tuple[float, float | None]]] = {
    "gasoline": (0.055, 2.1),
    "lng": (0.078, 1.1),
    "benzene": (0.085, 2.7),
    "methanol": (0.015, None),
}
"""``m∞`` in kg/(m² s) and ``kβ`` in 1/m (``None``: none). Secondary."""
SMALLEST_M: Final = 0.2
"""Narrower pools do not burn turbulently. Babrauskas; from memory, unverified."""
SECONDARY = N_("Babrauskas 燃烧速率系数取自 TNO 黄皮书表 6.5 的转载，尚未与原著核对。")


def burning_flux(limiting_kg_m2_s: float, extinction_1_m: float | None, diameter_m: Figures) -> Figures:
    """``m∞ (1 - e^(-kβ D))`` in kg/(m² s); ``m∞`` without a kβ."""
    diameter = np.asarray(diameter_m, np.float64)
    if extinction_1_m is None:
        return np.full(diameter.shape, limiting_kg_m2_s)
    return -limiting_kg_m2_s * np.expm1(-extinction_1_m * diameter)


def _run(fuel: str, diameter_m: float) -> Answer:
    flux = burning_flux(*FUELS[fuel], np.asarray(diameter_m))
    return Answer({"burning_flux_kg_m2_s": flux}, BABRAUSKAS.credentials, (Caution("babrauskas_secondary", SECONDARY),))


BABRAUSKAS = Model(
    code=CODE,
    title=N_("池火燃烧速率（Babrauskas）"),
    version="1",
    citation="Babrauskas 1983; TNO Yellow Book CPR 14E (2005) eq. 6.66, Table 6.5",
    inputs=(
        Input("fuel", "", N_("燃料"), choices=tuple(FUELS)),
        Input("diameter_m", "m", DIAMETER.meaning, low=SMALLEST_M, many=True),
    ),
    outputs=(Output("burning_flux_kg_m2_s", "kg/(m² s)", BURNING_FLUX.meaning),),
    run=_run,
)
MODELS = (BABRAUSKAS,)
