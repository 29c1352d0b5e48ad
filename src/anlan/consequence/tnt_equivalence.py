"""The mass of TNT that blasts like a cloud of fuel: ``W = k α Wf Qf / Q_TNT``.

k = 1.8 is the factor of a blast on the ground in Chinese handbooks; some pages leave it out, so it is an input (1: without). It must not be counted twice:
curves of blasts on the ground (Kingery and Bulmash for hemispheres) hold it already. α = 0.04, Q_TNT = 4520 kJ/kg: published Chinese assessments,
recomputed. Status: secondary. Multi-energy and Baker-Strehlow-Tang are not in this library: no free digitised source of their curves was found.
"""

from __future__ import annotations

from typing import Final

from anlan.consequence.blasts import TNT_J_KG
from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.kernel.words import N_

CODE = "blast.tnt_equivalence"
GROUND_FACTOR: Final = 1.8
YIELD: Final = 0.04
GROUND_COUNTED = N_(
    "当量已含地面爆炸系数 {factor}：请配合自由空气曲线（Kinney-Graham 或手册超压式）使用；Kingery-Bulmash 半球曲线已含地面反射，应取系数 1。"
)


def equivalent(fuel_kg: float, heat_of_combustion_j_kg: float, tnt_yield: float, ground_factor: float, tnt_j_kg: float) -> float:
    """``k α Wf Qf / Q_TNT``, kg."""
    return ground_factor * tnt_yield * fuel_kg * heat_of_combustion_j_kg / tnt_j_kg


def _run(fuel_kg: float, heat_of_combustion_j_kg: float, tnt_yield: float, ground_factor: float, tnt_j_kg: float) -> Answer:
    tnt = equivalent(fuel_kg, heat_of_combustion_j_kg, tnt_yield, ground_factor, tnt_j_kg)
    cautions = (Caution("ground_counted", GROUND_COUNTED, {"factor": ground_factor}),) if ground_factor != 1 else ()
    return Answer({"tnt_kg": tnt}, TNT_EQUIVALENCE.credentials, cautions)


TNT_EQUIVALENCE = Model(
    code=CODE,
    title=N_("蒸气云爆炸 TNT 当量"),
    version="1",
    citation="Chinese safety assessment handbooks, as in published examples (haowendang.cn; zzretl.com)",
    inputs=(
        Input("fuel_kg", "kg", N_("蒸气云中的燃料质量"), low=0.0, open_low=True),
        Input("heat_of_combustion_j_kg", "J/kg", N_("燃烧热"), low=0.0, open_low=True),
        Input("tnt_yield", "1", N_("蒸气云当量系数"), low=0.0, high=1.0, default=YIELD, open_low=True),
        Input("ground_factor", "1", N_("地面爆炸系数（1 为不计）"), low=1.0, high=2.0, default=GROUND_FACTOR),
        Input("tnt_j_kg", "J/kg", N_("TNT 爆热"), low=4.0e6, high=5.0e6, default=TNT_J_KG),
    ),
    outputs=(Output("tnt_kg", "kg", N_("TNT 当量")),),
    run=_run,
)
MODELS = (TNT_EQUIVALENCE,)
