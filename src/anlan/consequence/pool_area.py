"""How wide a pool of liquid spreads: spilled at once to a layer or a bund, or growing while it is fed.

At once: ``A = V / δ`` (EPA 550-B-99-009: 1 cm; TNO Yellow Book CPR 14E (2005) 6.6.3: 0.5 to 2 cm by ground), or the bund. Fed at a rate ``q``
in m³/s: ``dA/dt = sqrt(8 π g V)``, from ``dr/dt = sqrt(2 g d)`` of Briscoe and Shaw (1980) as ALOHA uses it (NOAA TM NOS OR&R 43, 3.4.4.2),
hence ``A = (2/3) sqrt(8 π g q t³)``. Status: secondary. The form ``A = (π/4) sqrt(2048/81 q t³)`` quoted of Woodward (1998) eq. 4.38 is kept
as printed: its units do not come out (a factor g/π seems to be lost), it is unverified and its answers say so.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.substance import GRAVITY
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

NO_BUND_M2: Final = 1.0e9
"""Stands for open ground: no spill spreads as far."""
LAYER_M: Final = 0.01
"""Depth of an unbounded pool: 1 cm, EPA 550-B-99-009 (worst case). Status: secondary. ALOHA stops at 5 mm."""
BRISCOE_SHAW, WOODWARD = "briscoe_shaw", "woodward"
BUND = Input("bund_m2", "m²", N_("围堰面积（无围堰则不填）"), low=0.0, default=NO_BUND_M2, open_low=True)
LAYER = Input("layer_m", "m", N_("液层最小厚度"), low=0.0, default=LAYER_M, open_low=True)


def layer_area(volume_m3: float | Figures, layer_m: float, bund_m2: float) -> Figures:
    """Area in m² of a volume at its least depth, or the bund that holds it: ``min(V / δ, A_bund)``."""
    return np.minimum(np.asarray(volume_m3) / layer_m, bund_m2)


def diameter(area_m2: float | Figures) -> Figures:
    """Diameter in m of the round pool of that area, ``sqrt(4 A / π)``."""
    return np.sqrt(4.0 * np.asarray(area_m2) / math.pi)


def spreading(volume_m3: float | Figures) -> Figures:
    """How fast the area of a pool of that volume grows, in m²/s: ``sqrt(8 π g V)`` (Briscoe and Shaw 1980)."""
    return np.sqrt(8.0 * math.pi * GRAVITY * np.asarray(volume_m3))


def fed_area(feed_m3_s: float, time_s: float | Figures) -> Figures:
    """Area in m² of a pool fed for ``time_s`` at a constant rate: ``(2/3) sqrt(8 π g q t³)``, the integral of :func:`spreading`."""
    return 2.0 / 3.0 * np.sqrt(8.0 * math.pi * GRAVITY * feed_m3_s * np.asarray(time_s) ** 3)


def fed_area_woodward(feed_m3_s: float, time_s: float | Figures) -> Figures:
    """Area in m² as quoted of Woodward (1998) eq. 4.38: ``(π/4) sqrt(2048/81 q t³)``. Unverified; its units do not come out."""
    return math.pi / 4.0 * np.sqrt(2048.0 / 81.0 * feed_m3_s * np.asarray(time_s) ** 3)


def _spill(volume_m3: float | Figures, layer_m: float, bund_m2: float) -> Answer:
    area = layer_area(volume_m3, layer_m, bund_m2)
    return Answer(
        {"area_m2": area, "diameter_m": diameter(area), "depth_m": np.asarray(volume_m3) / area},
        POOL_SPILL.credentials,
        depth_caution(float(np.max(np.asarray(volume_m3) / area)), layer_m),
    )


def depth_caution(depth_m: float, layer_m: float) -> tuple[Caution, ...]:
    """A bund is taken as high enough: say how deep the liquid stands in it."""
    if depth_m <= layer_m * (1.0 + 1e-9):
        return ()
    return (Caution("pool_depth", N_("围堰内液深约 {depth} m；围堰低于此高度会漫溢，请核对。"), {"depth": f"{depth_m:.2f}"}),)


def _growth(feed_m3_s: float, time_s: float | Figures, law: str, layer_m: float, bund_m2: float) -> Answer:
    free = fed_area(feed_m3_s, time_s) if law == BRISCOE_SHAW else fed_area_woodward(feed_m3_s, time_s)
    area = np.minimum(free, layer_area(feed_m3_s * np.asarray(time_s), layer_m, bund_m2))
    cautions = (
        () if law == BRISCOE_SHAW else (Caution("pool_growth_unverified", N_("该扩展公式转引自文献，量纲不符，未经核实，仅供对照。")),)
    )
    return Answer({"area_m2": area, "free_area_m2": free, "diameter_m": diameter(area)}, POOL_GROWTH.credentials, cautions)


POOL_SPILL = Model(
    code="release.pool_spill",
    title=N_("瞬时泄漏的液池面积"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005) 6.6.3; EPA 550-B-99-009 (1 cm)",
    inputs=(Input("volume_m3", "m³", N_("泄漏体积"), low=0.0, open_low=True, many=True), LAYER, BUND),
    outputs=(Output("area_m2", "m²", N_("液池面积")), Output("diameter_m", "m", N_("当量直径")), Output("depth_m", "m", N_("液深"))),
    run=_spill,
)
POOL_GROWTH = Model(
    code="release.pool_growth",
    title=N_("连续泄漏的液池扩展（重力铺展）"),
    version="1",
    citation="Briscoe & Shaw 1980 as in ALOHA, NOAA TM NOS OR&R 43 (2013) 3.4.4.2; Woodward 1998 eq. 4.38 (quoted)",
    inputs=(
        Input("feed_m3_s", "m³/s", N_("进入液池的体积流量"), low=0.0, open_low=True),
        Input("time_s", "s", N_("泄漏开始后的时间"), low=0.0, open_low=True, many=True),
        Input("law", "", N_("扩展公式"), default=BRISCOE_SHAW, choices=(BRISCOE_SHAW, WOODWARD)),
        LAYER,
        BUND,
    ),
    outputs=(
        Output("area_m2", "m²", N_("液池面积")),
        Output("free_area_m2", "m²", N_("不受限时的面积")),
        Output("diameter_m", "m", N_("当量直径")),
    ),
    run=_growth,
)
MODELS = (POOL_SPILL, POOL_GROWTH)
