"""Blast and its radii as Chinese assessment handbooks reckon them.

``Δp / p0 = 0.137 Z⁻³ + 0.119 Z⁻² + 0.269 Z⁻¹ - 0.019``, ``Z = R (p0 / E)^(1/3)``, ``E = W Q_TNT``; death ``R = 13.6 (W / 1000)^0.37``; serious injury
where Δp is 44 kPa, minor where it is 17 kPa; property ``R = K W^(1/3) / (1 + (3175 / W)²)^(1/6)`` with K = 5.6 (second degree of damage). Published
assessment of a liquefied petroleum gas depot, recomputed; a second one prints radii that do not follow from its own equation. p0 is 101 300 Pa there.
Status: secondary. The handbooks name no range of Z: the curve is used down to 0.05 and as far as it tells more than 1 kPa (project bound; it turns
negative near Z = 14).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.blasts import TNT_J_KG, Curve, pair
from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE, RADII = "blast.chinese_blast", "blast.chinese_radii"
VERSION = "1"
CITATION = "Chinese safety assessment handbooks, as in published examples (haowendang.cn; zzretl.com)"
AMBIENT_PA: Final = 101_300.0
SERIOUS_PA, MINOR_PA = 44e3, 17e3
PROPERTY_K: Final = 5.6
NEAREST: Final = 0.05
FARTHEST: Final = 9.3
"""At 101 300 Pa the curve tells 1.1 kPa there."""
RANGE_UNKNOWN = N_("手册未给出超压式的适用范围；式中常数项为负，超压较低时误差大，请与 Kinney-Graham 结果对照。")


def ratio(scaled: Figures) -> Figures:
    """``Δp / p0`` at the energy-scaled distance Z."""
    return 0.137 * scaled**-3.0 + 0.119 * scaled**-2.0 + 0.269 / scaled - 0.019


def energy_scale(tnt_kg: float, ambient_pa: float) -> float:
    """``(E / p0)^(1/3)``, m, with ``E = W Q_TNT``."""
    return float(np.cbrt(tnt_kg * TNT_J_KG / ambient_pa))


def death_radius(tnt_kg: float) -> float:
    """``13.6 (W / 1000)^0.37``, m: half of those outside die at its edge."""
    return 13.6 * (tnt_kg / 1000) ** 0.37


def property_radius(tnt_kg: float, factor: float = PROPERTY_K) -> float:
    """``K W^(1/3) / (1 + (3175 / W)²)^(1/6)``, m."""
    return factor * float(np.cbrt(tnt_kg)) / (1 + (3175 / tnt_kg) ** 2) ** (1 / 6)


CURVE = Curve(
    by=Credentials(CODE, VERSION, CITATION),
    overpressure=lambda scaled, ambient_pa: ratio(scaled) * ambient_pa,
    nearest=NEAREST,
    farthest=FARTHEST,
    unit="1",
    scale=energy_scale,
)


def _run_radii(tnt_kg: float, ambient_pa: float, serious_pa: float, minor_pa: float, property_factor: float) -> Answer:
    if minor_pa >= serious_pa:
        raise Contradiction(model=RADII, reason=N_("轻伤超压应小于重伤超压"))
    serious, minor = CURVE.reach(np.array([serious_pa, minor_pa]), tnt_kg, ambient_pa)
    values = {
        "death_m": death_radius(tnt_kg),
        "serious_m": float(serious),
        "minor_m": float(minor),
        "property_m": property_radius(tnt_kg, property_factor),
    }
    return Answer(values, CHINESE_RADII.credentials, (Caution("chinese_blast_range", RANGE_UNKNOWN),))


_CHARGE = Input("tnt_kg", "kg", N_("TNT 当量（可含地面爆炸系数）"), low=0.0, open_low=True)
_AMBIENT = Input("ambient_pa", "Pa", N_("环境绝对压力"), low=3e4, high=1.2e5, default=AMBIENT_PA)
CHINESE_RADII = Model(
    code=RADII,
    title=N_("爆炸伤害半径（国内安全评价手册）"),
    version=VERSION,
    citation=CITATION,
    inputs=(
        _CHARGE,
        _AMBIENT,
        Input("serious_pa", "Pa", N_("重伤超压"), low=0.0, default=SERIOUS_PA, open_low=True),
        Input("minor_pa", "Pa", N_("轻伤超压"), low=0.0, default=MINOR_PA, open_low=True),
        Input("property_factor", "m/kg^(1/3)", N_("财产损失破坏系数 K"), low=0.0, high=100.0, default=PROPERTY_K, open_low=True),
    ),
    outputs=(
        Output("death_m", "m", N_("死亡半径")),
        Output("serious_m", "m", N_("重伤半径")),
        Output("minor_m", "m", N_("轻伤半径")),
        Output("property_m", "m", N_("财产损失半径")),
    ),
    run=_run_radii,
)
MODELS = (
    *pair(
        CURVE,
        N_("冲击波超压（国内安全评价手册）"),
        N_("冲击波超压的距离（国内安全评价手册）"),
        _CHARGE,
        _AMBIENT,
        (Caution("chinese_blast_range", RANGE_UNKNOWN),),
    ),
    CHINESE_RADII,
)
