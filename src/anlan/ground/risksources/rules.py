"""The law of hazard sources: kinds, their attributes, levels of major hazard sources, the three who answer. No Django, no clock."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "risksources.view": N_("查看危险源"),
    "risksources.register": N_("登记危险源"),
    "risksources.change": N_("修改危险源"),
    "risksources.import": N_("批量导入危险源"),
    "risksources.export": N_("导出危险源清单"),
}

# GB 18218-2018 section 4.2.5: 一级 R >= 100 … 四级 R < 10. Entered with its basis here; computed by the room that grades.
MAJOR_LEVELS: dict[int, str] = {1: N_("一级"), 2: N_("二级"), 3: N_("三级"), 4: N_("四级")}

TRIAL, IN_USE, IDLE, MAINTENANCE, RETIRED = "trial", "in_use", "idle", "maintenance", "retired"
STATES: dict[str, str] = {
    TRIAL: N_("试运行"),
    IN_USE: N_("在用"),
    IDLE: N_("停用"),
    MAINTENANCE: N_("检修"),
    RETIRED: N_("报废"),
}


# 危险化学品企业重大危险源安全包保责任制办法（试行）, 应急厅〔2021〕12号, articles 4 to 6.
ANSWERS: dict[str, str] = {
    "principal": N_("主要负责人"),
    "technical": N_("技术负责人"),
    "operation": N_("操作负责人"),
}
NEED_ANSWERS = N_("重大危险源的三类包保责任人")


class CodeTaken(Refusal):
    code: ClassVar[str] = "risk_source_code_taken"
    sentence: ClassVar[str] = N_("该企业已有编号为“{value}”的危险源“{name}”，请换一个编号或修改原记录。")


class UnknownKind(Refusal):
    code: ClassVar[str] = "risk_source_kind"
    sentence: ClassVar[str] = N_("“{value}”不是已知的危险源类别，可选：{known}。")
    status: ClassVar[int] = 422


LABELS: dict[str, str] = {
    "code": N_("编号"),
    "name": N_("名称"),
    "kind": N_("类别"),
    "major_basis": N_("定级依据"),
}


class Missing(Refusal):
    code: ClassVar[str] = "risk_source_missing"
    sentence: ClassVar[str] = N_("请填写“{field}”。")
    status: ClassVar[int] = 422


class TextTooLong(Refusal):
    code: ClassVar[str] = "risk_source_text"
    sentence: ClassVar[str] = N_("内容有 {length} 个字，最多 {limit} 个字。")
    status: ClassVar[int] = 422


class WrongCas(Refusal):
    code: ClassVar[str] = "cas_number"
    sentence: ClassVar[str] = N_("“{value}”不是有效的 CAS 号（应形如 7782-50-5，末位为校验码）。")
    status: ClassVar[int] = 422


class WrongQuantity(Refusal):
    code: ClassVar[str] = "risk_source_quantity"
    sentence: ClassVar[str] = N_("“{value}”不是有效的数量：应为 0 至 10,000,000 之间的吨数。")
    status: ClassVar[int] = 422


class WrongLevel(Refusal):
    code: ClassVar[str] = "major_level"
    sentence: ClassVar[str] = N_("“{value}”不是重大危险源等级，应为一级、二级、三级或四级。")
    status: ClassVar[int] = 422


class LevelWithoutMark(Refusal):
    code: ClassVar[str] = "major_level_without_mark"
    sentence: ClassVar[str] = N_("填写了重大危险源等级，但没有勾选“构成重大危险源”，请核对。")
    status: ClassVar[int] = 422


class UnknownState(Refusal):
    code: ClassVar[str] = "risk_source_state"
    sentence: ClassVar[str] = N_("“{value}”不是已知的状态，可选：{known}。")
    status: ClassVar[int] = 422


class WrongDegrees(Refusal):
    code: ClassVar[str] = "risk_source_degrees"
    sentence: ClassVar[str] = N_("“{value}”不是有效的经纬度，应为十进制度数，如 117.02。")
    status: ClassVar[int] = 422


class AttributeMissing(Refusal):
    code: ClassVar[str] = "attribute_missing"
    sentence: ClassVar[str] = N_("请填写“{name}”，该类危险源必须有此项。")
    status: ClassVar[int] = 422


class AttributeWrong(Refusal):
    code: ClassVar[str] = "attribute_wrong"
    sentence: ClassVar[str] = N_("“{name}”的值“{value}”无效。")
    status: ClassVar[int] = 422


class AttributeOutOfRange(Refusal):
    code: ClassVar[str] = "attribute_out_of_range"
    sentence: ClassVar[str] = N_("“{name}”为 {value} {unit}，超出合理范围 {minimum} 至 {maximum} {unit}，请核对单位。")
    status: ClassVar[int] = 422


class AttributeNotAChoice(Refusal):
    code: ClassVar[str] = "attribute_choice"
    sentence: ClassVar[str] = N_("“{name}”的值“{value}”不在可选项中：{known}。")
    status: ClassVar[int] = 422


class NotAnAttribute(Refusal):
    code: ClassVar[str] = "attribute_unknown"
    sentence: ClassVar[str] = N_("“{kind}”没有名为“{name}”的属性。")
    status: ClassVar[int] = 422


class SiteOfAnother(Refusal):
    code: ClassVar[str] = "site_of_another"
    sentence: ClassVar[str] = N_("所选厂区不属于该企业，请重新选择厂区。")
    status: ClassVar[int] = 422


class EnterpriseUnknown(Refusal):
    code: ClassVar[str] = "risk_source_enterprise"
    sentence: ClassVar[str] = N_("没有找到统一社会信用代码为“{uscc}”的企业，请先登记企业。")
    status: ClassVar[int] = 422
