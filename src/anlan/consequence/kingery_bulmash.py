"""Overpressure of a hemisphere of TNT on the ground: Kingery and Bulmash 1984, in the polynomials of Swisdak 1994.

``ln p[kPa] = A + B ln Z + C ln²Z + D ln³Z + E ln⁴Z``, ``Z = R / W^(1/3)`` from 0.2 to 198.5 m/kg^(1/3), in three pieces. Ground reflection is in the
curve: the charge must not be multiplied for it. Coefficients carried over from a survey, their range from memory: **unverified** (no printed example
was found). Where the pieces meet they differ by less than 1 %: at 23.8 the curve jumps up by 0.7 %, and of the distances of an overpressure between the
farthest is told.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.blasts import Curve, cube_root_scale, pair
from anlan.consequence.catalogue import Caution, Credentials, Input
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "blast.kingery_bulmash"
PIECES: Final = (
    (2.9, (7.2106, -2.1069, -0.3229, 0.1117, 0.0685)),
    (23.8, (7.5938, -3.0523, 0.40977, 0.0261, -0.01267)),
    (198.5, (6.0536, -1.4066)),
)
"""Up to this scaled distance: coefficients of ``ln p`` in rising powers of ``ln Z``."""
UNVERIFIED = N_("Kingery-Bulmash（Swisdak 1994）系数尚未与原著核对，请与 Kinney-Graham 结果对照使用。")


def overpressure(scaled: Figures) -> Figures:
    """Pa at a scaled distance in m/kg^(1/3)."""
    logarithm = np.log(np.asarray(scaled, np.float64))
    told = [np.polynomial.polynomial.polyval(logarithm, coefficients) for _, coefficients in PIECES]
    near, middle = (logarithm <= np.log(end) for end, _ in PIECES[:2])
    return 1e3 * np.exp(np.where(near, told[0], np.where(middle, told[1], told[2])))


CURVE = Curve(
    by=Credentials(CODE, "1", "Kingery and Bulmash 1984; Swisdak 1994 (simplified polynomials, hemispherical surface burst)"),
    overpressure=lambda scaled, ambient_pa: overpressure(scaled),
    nearest=0.2,
    farthest=PIECES[-1][0],
    unit="m/kg^(1/3)",
    scale=cube_root_scale,
    seams=tuple(end for end, _ in PIECES[:-1]),
)
MODELS = pair(
    CURVE,
    N_("冲击波超压（Kingery-Bulmash，地面半球）"),
    N_("冲击波超压的距离（Kingery-Bulmash，地面半球）"),
    Input("tnt_kg", "kg", N_("TNT 当量（不含地面爆炸系数）"), low=0.0, open_low=True),
    None,
    (Caution("kingery_bulmash_unverified", UNVERIFIED),),
)
