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


class CodeTaken(Refusal):
    code: ClassVar[str] = "risk_source_code_taken"
    sentence: ClassVar[str] = N_("该企业已有编号为“{value}”的危险源“{name}”，请换一个编号或修改原记录。")


class UnknownKind(Refusal):
    code: ClassVar[str] = "risk_source_kind"
    sentence: ClassVar[str] = N_("“{value}”不是已知的危险源类别，可选：{known}。")
    status: ClassVar[int] = 422
