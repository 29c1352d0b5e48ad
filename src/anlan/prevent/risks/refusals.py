"""What is refused about risks and their checks, each with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class MethodUnknown(Refusal):
    code: ClassVar[str] = "risk_method_unknown"
    sentence: ClassVar[str] = N_("评价方法“{value}”在当天没有生效的数据，请从列表中选择。")
    status: ClassVar[int] = 422


class FactorOffScale(Refusal):
    code: ClassVar[str] = "risk_factor_off_scale"
    sentence: ClassVar[str] = N_("{factor} 不能取“{value}”，只能取：{allowed}。")
    status: ClassVar[int] = 422


class UnknownChoice(Refusal):
    code: ClassVar[str] = "risk_unknown_choice"
    sentence: ClassVar[str] = N_("“{value}”不是可选的{field}，请从列表中选择。")
    status: ClassVar[int] = 422


class LevelTooLow(Refusal):
    code: ClassVar[str] = "risk_level_too_low"
    sentence: ClassVar[str] = N_("{grade}须由“{needed}”或以上层级负责，不能只由“{given}”负责。")
    status: ClassVar[int] = 422


class ResidualWithoutMeasure(Refusal):
    code: ClassVar[str] = "risk_residual_without_measure"
    sentence: ClassVar[str] = N_("还没有管控措施，剩余风险不能低于初始风险。请先登记管控措施及其排查内容。")
    status: ClassVar[int] = 422


class ResidualAboveInitial(Refusal):
    code: ClassVar[str] = "risk_residual_above_initial"
    sentence: ClassVar[str] = N_("剩余风险（{residual}）高于初始风险（{initial}），请核对取值，或先重新评价初始风险。")
    status: ClassVar[int] = 422


class LastMeasure(Refusal):
    code: ClassVar[str] = "risk_last_measure"
    sentence: ClassVar[str] = N_("这是该风险事件的最后一条管控措施，剩余风险靠它降低。请先重新评价剩余风险，或先登记别的措施。")


class CodeTaken(Refusal):
    code: ClassVar[str] = "risk_code_taken"
    sentence: ClassVar[str] = N_("编号“{value}”已用于“{name}”，请换一个编号。")
    status: ClassVar[int] = 422


class ChangedMeanwhile(Refusal):
    code: ClassVar[str] = "risk_changed_meanwhile"
    sentence: ClassVar[str] = N_("您打开页面后，内容已被修改：{changes}。您填写的内容没有丢失，请核对后再提交。")


class Withdrawn(Refusal):
    code: ClassVar[str] = "risk_withdrawn"
    sentence: ClassVar[str] = N_("“{what}”已停用，不能再修改。")


class AnotherEnterprise(Refusal):
    code: ClassVar[str] = "risk_another_enterprise"
    sentence: ClassVar[str] = N_("所选的{what}不属于该企业，请重新选择。")
    status: ClassVar[int] = 422


class NoteNeeded(Refusal):
    code: ClassVar[str] = "risk_note_needed"
    sentence: ClassVar[str] = N_("结果为“{outcome}”时须写明情况或原因。")
    status: ClassVar[int] = 422


class KeyTaken(Refusal):
    code: ClassVar[str] = "risk_key_taken"
    sentence: ClassVar[str] = N_("该记录的标识已用于另一项排查，请重新打开页面再填。")


class ReasonNeeded(Refusal):
    code: ClassVar[str] = "risk_reason_needed"
    sentence: ClassVar[str] = N_("请写明停用的理由。")
    status: ClassVar[int] = 422


class CheckNeeded(Refusal):
    code: ClassVar[str] = "risk_check_needed"
    sentence: ClassVar[str] = N_("填了管控措施，就须填写它的{field}。")
    status: ClassVar[int] = 422


class EnterpriseUnknown(Refusal):
    code: ClassVar[str] = "risk_enterprise_unknown"
    sentence: ClassVar[str] = N_("平台上没有统一社会信用代码为“{uscc}”的企业，请核对代码。")
    status: ClassVar[int] = 422


class AssessedOtherwise(Refusal):
    code: ClassVar[str] = "risk_assessed_otherwise"
    sentence: ClassVar[str] = N_("风险事件“{title}”已登记，初始风险取值与本行不同。请在该事件的页面上重新评价，或改正本行。")
    status: ClassVar[int] = 422
