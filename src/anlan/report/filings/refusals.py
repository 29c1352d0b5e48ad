"""What information reporting refuses, and what to do about it."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class ContentMissing(Refusal):
    code: ClassVar[str] = "filing_content_missing"
    sentence: ClassVar[str] = N_("报送前还须填写，或注明“暂不清楚”：{fields}（{article}）。")
    status: ClassVar[int] = 422


class FallingCasualties(Refusal):
    code: ClassVar[str] = "filing_casualties_fall"
    sentence: ClassVar[str] = N_("伤亡人数比上一版减少，须写明核减理由。")
    status: ClassVar[int] = 422


class NothingChanged(Refusal):
    code: ClassVar[str] = "filing_nothing_changed"
    sentence: ClassVar[str] = N_("续报内容与上一版完全相同，请修改后再报。")
    status: ClassVar[int] = 422


class NotYourStep(Refusal):
    code: ClassVar[str] = "filing_not_your_step"
    sentence: ClassVar[str] = N_("该信息当前应由{holder}办理，您所在层级不能代办。")
    status: ClassVar[int] = 403


class NoLevelAbove(Refusal):
    code: ClassVar[str] = "filing_no_level_above"
    sentence: ClassVar[str] = N_("该信息已到达最高一级，无须再上报。")


class FinalReportNeeded(Refusal):
    code: ClassVar[str] = "filing_final_report_needed"
    sentence: ClassVar[str] = N_("办结前须先提交终报。")


class NoSuchFlash(Refusal):
    code: ClassVar[str] = "filing_no_flash_owed"
    sentence: ClassVar[str] = N_("当前没有应由您办理的电话快报。")


class InTheFuture(Refusal):
    code: ClassVar[str] = "filing_in_the_future"
    sentence: ClassVar[str] = N_("“{field}”不能晚于当前时间。")
    status: ClassVar[int] = 422


class NotANumberOfPeople(Refusal):
    code: ClassVar[str] = "filing_not_a_count"
    sentence: ClassVar[str] = N_("“{field}”应为不小于 0 的整数；不清楚时请勾选“暂不清楚”。")
    status: ClassVar[int] = 422


class WindowClosed(Refusal):
    code: ClassVar[str] = "filing_casualty_window_closed"
    sentence: ClassVar[str] = N_("伤亡变化期已于 {until} 结束，伤亡数字已锁定；期内发生的变化请填写变化时间后补报。")


class MergedIntoItself(Refusal):
    code: ClassVar[str] = "filing_merged_into_itself"
    sentence: ClassVar[str] = N_("不能并入自身，也不能并入已办结、已核销或已并入他处的信息。")
    status: ClassVar[int] = 422


class ExerciseAndReal(Refusal):
    code: ClassVar[str] = "filing_exercise_and_real"
    sentence: ClassVar[str] = N_("演练信息与真实信息不能合并。")
    status: ClassVar[int] = 422


class WindowOpen(Refusal):
    code: ClassVar[str] = "filing_casualty_window_open"
    sentence: ClassVar[str] = N_("有人员伤亡或下落不明，伤亡变化期至 {until}，期满后方可办结；期内变化须当日续报。")


class InstructionsBelowOpen(Refusal):
    code: ClassVar[str] = "filing_instructions_below_open"
    sentence: ClassVar[str] = N_("转下级办理的批示还有 {count} 件未办结。")


class NoEvidence(Refusal):
    code: ClassVar[str] = "filing_mark_without_evidence"
    sentence: ClassVar[str] = N_("认定{kind}须写明事实并附证据。")
    status: ClassVar[int] = 422


class AlreadyTold(Refusal):
    code: ClassVar[str] = "filing_already_told"
    sentence: ClassVar[str] = N_("“{label}”已由{who}登记办理。")


class NoBureau(Refusal):
    code: ClassVar[str] = "filing_no_bureau"
    sentence: ClassVar[str] = N_("没有找到{place}的应急管理部门，请先在机构中登记。")


class LossFromLedger(Refusal):
    code: ClassVar[str] = "filing_loss_from_ledger"
    sentence: ClassVar[str] = N_("直接经济损失由损失台账合计得出，请在信息页的“经济损失”中登记，不要另填。")
    status: ClassVar[int] = 422


class TypeIsFinal(Refusal):
    code: ClassVar[str] = "filing_type_is_final"
    sentence: ClassVar[str] = N_("事故类型已认定，更改须写明理由。")
    status: ClassVar[int] = 422


class NoLossSource(Refusal):
    code: ClassVar[str] = "filing_loss_without_source"
    sentence: ClassVar[str] = N_("“{item}”填了金额，请写明来源（如票据、评估报告、企业财务）。")
    status: ClassVar[int] = 422


class NotAnAmount(Refusal):
    code: ClassVar[str] = "filing_loss_not_an_amount"
    sentence: ClassVar[str] = N_("“{item}”应为不小于 0 的金额（万元，最多四位小数）；不清楚时请留空。")
    status: ClassVar[int] = 422


class NobodySpokenWith(Refusal):
    code: ClassVar[str] = "filing_flash_with_nobody"
    sentence: ClassVar[str] = N_("请填写对方接话人姓名；无人接听不算电话快报。")
    status: ClassVar[int] = 422


class NoMomentOfFlash(Refusal):
    code: ClassVar[str] = "filing_flash_moment"
    sentence: ClassVar[str] = N_("通话时间应在获知时间 {since} 之后，且不能晚于当前时间。")
    status: ClassVar[int] = 422


class BegunAlready(Refusal):
    code: ClassVar[str] = "filing_begun_already"
    sentence: ClassVar[str] = N_("这份草稿正在保存，请稍后再试。")
