"""The law of the chemicals room: what may be done in it, the words of its data files, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from anlan.consequence.substance import FIGURES
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {"chemicals.view": N_("查看化学品资料与应急处置卡"), "chemicals.load": N_("载入化学品资料")}

PURE, SOLUTION, MIXTURE = "pure", "solution", "mixture"
FORMS: Final[Mapping[str, str]] = {PURE: N_("纯物质"), SOLUTION: N_("溶液"), MIXTURE: N_("混合物")}

STATUSES: Final[Mapping[str, str]] = {"verified": N_("已核实"), "secondary": N_("二手资料"), "unverified": N_("未核实")}
STATUS_TONES: Final[Mapping[str, str]] = {"verified": "green"}

HAZARDS: Final[Mapping[str, str]] = {
    "1.1D": N_("爆炸品"),
    "2.1": N_("易燃气体"),
    "2.2": N_("非易燃无毒气体"),
    "2.3": N_("毒性气体"),
    "3": N_("易燃液体"),
    "4.1": N_("易燃固体、自反应物质"),
    "4.2": N_("易于自燃的物质"),
    "4.3": N_("遇水放出易燃气体的物质"),
    "5.1": N_("氧化性物质"),
    "5.2": N_("有机过氧化物"),
    "6.1": N_("毒性物质"),
    "8": N_("腐蚀性物质"),
}
"""Classes and divisions of dangerous goods (GB 6944-2012, clause 4; the same as in the UN Model Regulations)."""


def main_class(hazard_class: str) -> str:
    """The class before the brackets of ``2.3 (5.1, 8)``: the main danger; empty where there is none."""
    return hazard_class.partition(" ")[0]


OTHER_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "melting_point_k": (N_("熔点"), "K"),
    "flash_point_k": (N_("闪点"), "K"),
    "autoignition_k": (N_("引燃温度"), "K"),
    "lower_flammability_percent": (N_("爆炸下限（体积分数）"), "%"),
    "upper_flammability_percent": (N_("爆炸上限（体积分数）"), "%"),
    "heat_of_combustion_j_kg": (N_("燃烧热（低热值）"), "J/kg"),
    "antoine_a": (N_("安托万常数 A"), "1"),
    "antoine_b": (N_("安托万常数 B"), "K"),
    "antoine_c": (N_("安托万常数 C"), "K"),
    "antoine_low_k": (N_("安托万方程适用温度下限"), "K"),
    "antoine_high_k": (N_("安托万方程适用温度上限"), "K"),
    "critical_quantity_t": (N_("重大危险源临界量"), "t"),
}
FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    **{name: told for name, told in FIGURES.items() if name != "vapour_pressure_at_k"},
    **OTHER_FIELDS,
}
"""Every figure that the data may hold: meaning and unit, by the name of its field. Those of ``Substance`` keep their names."""

SCHEMES: Final[Mapping[str, str]] = {
    "AEGL-3": N_("可能危及生命或致死"),
    "AEGL-2": N_("可能造成不可逆或严重的健康影响，或妨碍逃生"),
    "AEGL-1": N_("可能明显不适，脱离后恢复"),
    "ERPG-3": N_("1 小时内可能危及生命"),
    "ERPG-2": N_("1 小时内可能造成严重影响或妨碍防护行动"),
    "ERPG-1": N_("1 小时内轻微不适"),
    "IDLH": N_("立即威胁生命和健康的浓度"),
    "MAC": N_("职业接触最高容许浓度"),
    "PC-STEL": N_("职业接触短时间容许浓度"),
    "PC-TWA": N_("职业接触时间加权平均容许浓度"),
    "LFL": N_("爆炸下限"),
    "LFL-50": N_("爆炸下限的一半"),
}
"""Limits of concentration, worst first within each scheme, and what they mean."""

TOXIC, FLAMMABLE, OCCUPATIONAL = "toxic", "flammable", "occupational"
LFL_SHARE: Final = 0.5
"""``LFL-50``: half the lower flammability limit of an averaged cloud, since parts of it are richer. Status: project default."""


class UnknownChemical(Refusal):
    code: ClassVar[str] = "chemical_unknown"
    sentence: ClassVar[str] = N_("化学品资料中没有“{code}”。请按名称、CAS 号或 UN 号检索，或改选其他化学品。")
    status: ClassVar[int] = 404


class NoCard(Refusal):
    code: ClassVar[str] = "chemical_no_card"
    sentence: ClassVar[str] = N_("“{name}”还没有应急处置卡。请按其安全技术说明书处置，并请专业人员指导。")
    status: ClassVar[int] = 404
