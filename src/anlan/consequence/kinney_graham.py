"""Overpressure of TNT in free air: Kinney and Graham 1985.

``Δp / p0 = 808 (1 + (Z/4.5)²) / √((1 + (Z/0.048)²)(1 + (Z/0.32)²)(1 + (Z/1.35)²))``, ``Z = R / W^(1/3)``, 0.05 to 40 m/kg^(1/3). As printed by
Guzas and Earls (2010) eq. 5; a published table (CBU 2020) is recomputed: it prints the formula with 800 and 0.049, but its column follows with 808
and 0.048. Status: secondary, recomputed.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.blasts import Curve, cube_root_scale, pair
from anlan.consequence.catalogue import Credentials, Input
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "blast.kinney_graham"


def ratio(scaled: Figures) -> Figures:
    """``Δp / p0`` at a scaled distance in m/kg^(1/3)."""
    fading = (1 + (scaled / 0.048) ** 2) * (1 + (scaled / 0.32) ** 2) * (1 + (scaled / 1.35) ** 2)
    return 808 * (1 + (scaled / 4.5) ** 2) / np.sqrt(fading)


CURVE = Curve(
    by=Credentials(CODE, "1", "Kinney and Graham 1985, Explosive Shocks in Air; Guzas and Earls 2010 eq. 5"),
    overpressure=lambda scaled, ambient_pa: ratio(scaled) * ambient_pa,
    nearest=0.05,
    farthest=40.0,
    unit="m/kg^(1/3)",
    scale=cube_root_scale,
)
MODELS = pair(
    CURVE,
    N_("冲击波超压（Kinney-Graham，自由空气）"),
    N_("冲击波超压的距离（Kinney-Graham，自由空气）"),
    Input("tnt_kg", "kg", N_("TNT 当量（可含地面爆炸系数）"), low=0.0, open_low=True),
    Input("ambient_pa", "Pa", N_("环境绝对压力"), low=3e4, high=1.2e5, default=101_325.0),
    (),
)
