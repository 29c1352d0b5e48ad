"""What is refused about gradings, each with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class NotCounted(Refusal):
    code: ClassVar[str] = "standing_not_counted"
    sentence: ClassVar[str] = N_("“{item}”应填 0 至 {most} 的整数，“{value}”不能识别。")
    status: ClassVar[int] = 422


class Contradiction(Refusal):
    code: ClassVar[str] = "standing_contradiction"
    sentence: ClassVar[str] = N_("“{item}”与“{other}”不能同时成立，请只保留一项。")
    status: ClassVar[int] = 422


class ProofMissing(Refusal):
    code: ClassVar[str] = "standing_proof_missing"
    sentence: ClassVar[str] = N_("加分项“{item}”须写明证明材料。")
    status: ClassVar[int] = 422


class DifferenceUnexplained(Refusal):
    code: ClassVar[str] = "standing_difference_unexplained"
    sentence: ClassVar[str] = N_("对“{item}”的认定与企业自评不同，请写明理由。")
    status: ClassVar[int] = 422


class NothingToMend(Refusal):
    code: ClassVar[str] = "standing_nothing_to_mend"
    sentence: ClassVar[str] = N_("退回须至少对一个项目写明理由，企业才知道改什么。")
    status: ClassVar[int] = 422


class NotHazchem(Refusal):
    code: ClassVar[str] = "standing_not_hazchem"
    sentence: ClassVar[str] = N_(
        "该指南适用于危险化学品生产、储存企业，“{name}”的行业领域不是化工和危险化学品。请先核对企业档案中的行业领域。"
    )


class YearTaken(Refusal):
    code: ClassVar[str] = "standing_year_taken"
    sentence: ClassVar[str] = N_("“{name}” {year} 年的自评已经有了，请打开原有的自评继续填写。")


class NotEditable(Refusal):
    code: ClassVar[str] = "standing_not_editable"
    sentence: ClassVar[str] = N_("自评当前为“{state}”，不能再修改；需要改的，请监管部门退回。")


class ChangedMeanwhile(Refusal):
    code: ClassVar[str] = "standing_changed_meanwhile"
    sentence: ClassVar[str] = N_("{name} 刚刚修改过这份自评。您填写的内容仍在表单中，请核对后再保存。")


class NotForEnterprise(Refusal):
    code: ClassVar[str] = "standing_bureau_only"
    sentence: ClassVar[str] = N_("审核由监管部门办理，企业不能审核自己的自评。")
    status: ClassVar[int] = 403
