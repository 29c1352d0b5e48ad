"""What is refused about special work permits and safety commitments, each with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class NoSpecialWork(Refusal):
    code: ClassVar[str] = "permit_no_special_work"
    sentence: ClassVar[str] = N_("按填写的内容不涉及特殊作业，不需要办理作业票；如涉及，请勾选作业内容。")
    status: ClassVar[int] = 422


class FactNeeded(Refusal):
    code: ClassVar[str] = "permit_fact_needed"
    sentence: ClassVar[str] = N_("办理{kind}须填写：{field}。")
    status: ClassVar[int] = 422


class OwnRuleNeeded(Refusal):
    code: ClassVar[str] = "permit_own_rule_needed"
    sentence: ClassVar[str] = N_("国家标准未规定{kind}票的有效时间，请先由企业安全管理人员设定本企业的时限。")
    status: ClassVar[int] = 422


class WindowWrong(Refusal):
    code: ClassVar[str] = "permit_window_wrong"
    sentence: ClassVar[str] = N_("作业结束时间须晚于开始时间，且不能早于现在，请核对。")
    status: ClassVar[int] = 422


class DayWorkOutside(Refusal):
    code: ClassVar[str] = "permit_day_work_outside"
    sentence: ClassVar[str] = N_("选了“只在工作日白天作业”，但开始时间是{reasons}。请改时间，或取消该选项按升级管理办理。")
    status: ClassVar[int] = 422


class NotYetValid(Refusal):
    code: ClassVar[str] = "permit_not_yet_valid"
    sentence: ClassVar[str] = N_("作业票 {number} 自 {at} 起有效，还不能作业。")


class PermitExpired(Refusal):
    code: ClassVar[str] = "permit_expired"
    sentence: ClassVar[str] = N_("作业票 {number} 已于 {at} 到期，须立即停止作业。作业票不能延期，请重新办理（GB 30871 4.16）。")


class NotApproved(Refusal):
    code: ClassVar[str] = "permit_not_approved"
    sentence: ClassVar[str] = N_("作业票 {number} 尚未批准，不能作业。")


class UpgradeNeeded(Refusal):
    code: ClassVar[str] = "permit_upgrade_needed"
    sentence: ClassVar[str] = N_("现在是{reasons}，{grade}须升级管理，本票未按升级办理，不能作业。请另办作业票（GB 30871 5.1.1）。")


class GasMissing(Refusal):
    code: ClassVar[str] = "permit_gas_missing"
    sentence: ClassVar[str] = N_("还没有气体分析结果，请先取样分析（开始作业前 {minutes} 分钟内）。")


class GasFailed(Refusal):
    code: ClassVar[str] = "permit_gas_failed"
    sentence: ClassVar[str] = N_("{at} 的气体分析不合格：{failures}。须停止作业、撤出人员，处理后重新取样。")


class GasTooOld(Refusal):
    code: ClassVar[str] = "permit_gas_too_old"
    sentence: ClassVar[str] = N_("气体分析取样于 {at}，已超过 {minutes} 分钟，请重新取样分析后再开始。")


class GasOtherDay(Refusal):
    code: ClassVar[str] = "permit_gas_other_day"
    sentence: ClassVar[str] = N_("动火作业每天开始前都须进行气体分析，最近一次取样于 {at}，请重新取样。")


class GasAfterBreak(Refusal):
    code: ClassVar[str] = "permit_gas_after_break"
    sentence: ClassVar[str] = N_("作业中断超过 {minutes} 分钟，须重新进行气体分析后才能继续。")


class ImpossibleReading(Refusal):
    code: ClassVar[str] = "permit_impossible_reading"
    sentence: ClassVar[str] = N_("“{quantity}”的读数 {value} 不可能，请核对仪器和单位。")
    status: ClassVar[int] = 422


class SampledInTheFuture(Refusal):
    code: ClassVar[str] = "permit_sampled_in_the_future"
    sentence: ClassVar[str] = N_("取样时间晚于现在，请核对手机时间后再填。")
    status: ClassVar[int] = 422


class LimitNeeded(Refusal):
    code: ClassVar[str] = "permit_limit_needed"
    sentence: ClassVar[str] = N_("本平台没有“{name}”的接触限值，请填写限值和依据。")
    status: ClassVar[int] = 422


class MeasuresOpen(Refusal):
    code: ClassVar[str] = "permit_measures_open"
    sentence: ClassVar[str] = N_("还有 {count} 项安全措施未确认（第 {numbers} 项），请逐项选择“已落实”或“不涉及”。")
    status: ClassVar[int] = 422


class MeasureNotMet(Refusal):
    code: ClassVar[str] = "permit_measure_not_met"
    sentence: ClassVar[str] = N_("第 {numbers} 项安全措施未落实，落实后才能继续办理。")


class UnknownMeasure(Refusal):
    code: ClassVar[str] = "permit_unknown_measure"
    sentence: ClassVar[str] = N_("作业票上没有第 {number} 项措施，或选项“{value}”不存在，请刷新页面。")
    status: ClassVar[int] = 422


class OtherMeasuresNeeded(Refusal):
    code: ClassVar[str] = "permit_other_measures_needed"
    sentence: ClassVar[str] = N_("选了“其他安全措施”，请写明措施内容。")
    status: ClassVar[int] = 422


class NoAlteration(Refusal):
    code: ClassVar[str] = "permit_no_alteration"
    sentence: ClassVar[str] = N_("作业票批准后不能涂改（GB 30871 4.18）。内容、地点或时间有变化，请作废本票并重新办理（4.16）。")


class ApproverWrong(Refusal):
    code: ClassVar[str] = "permit_approver_wrong"
    sentence: ClassVar[str] = N_("{grade}由{approver}审批，您的岗位不能审批。")
    status: ClassVar[int] = 403


class SignatureWrong(Refusal):
    code: ClassVar[str] = "permit_signature_wrong"
    sentence: ClassVar[str] = N_("签字未通过：密码不正确，请重新输入本人的登录密码。")
    status: ClassVar[int] = 422


class ConflictOpen(Refusal):
    code: ClassVar[str] = "permit_conflict_open"
    sentence: ClassVar[str] = N_("同一地点有 {count} 项作业冲突还未说明管控措施：{conflicts}。请逐项写明后再审批。")


class SupervisorAway(Refusal):
    code: ClassVar[str] = "permit_supervisor_away"
    sentence: ClassVar[str] = N_("监护人不在现场，作业票已收回。监护人到场并由其本人或负责人确认后才能继续（GB 30871 4.10 f）。")
    status: ClassVar[int] = 422


class StoppedByOrder(Refusal):
    code: ClassVar[str] = "permit_stopped_by_order"
    sentence: ClassVar[str] = N_("作业已被责令停止，须由有权责令的人员同意后才能恢复。")
    status: ClassVar[int] = 403


class NotStopped(Refusal):
    code: ClassVar[str] = "permit_not_stopped"
    sentence: ClassVar[str] = N_("该作业没有被责令停止，不需要同意恢复；请由现场人员直接恢复作业。")


class StoppedByBureau(Refusal):
    code: ClassVar[str] = "permit_stopped_by_bureau"
    sentence: ClassVar[str] = N_("作业由监管部门责令停止，须由监管部门同意后才能恢复。")
    status: ClassVar[int] = 403


class HappenedInTheFuture(Refusal):
    code: ClassVar[str] = "permit_happened_in_the_future"
    sentence: ClassVar[str] = N_("发生时间晚于现在，请核对手机时间后再提交。")
    status: ClassVar[int] = 422


class ChangedMeanwhile(Refusal):
    code: ClassVar[str] = "permit_changed_meanwhile"
    sentence: ClassVar[str] = N_("您填写期间作业票已被他人改动（{changes}），您填的内容还在页面上，请核对后再提交。")


class CommitmentGiven(Refusal):
    code: ClassVar[str] = "commitment_given"
    sentence: ClassVar[str] = N_("今天的安全承诺已由 {name} 于 {at} 公告。情况有变化，请用“更正承诺”并说明原因。")


class CommitmentFieldWrong(Refusal):
    code: ClassVar[str] = "commitment_field_wrong"
    sentence: ClassVar[str] = N_("“{field}”应填 {range}，请改正。")
    status: ClassVar[int] = 422


class CommitmentReasonNeeded(Refusal):
    code: ClassVar[str] = "commitment_reason_needed"
    sentence: ClassVar[str] = N_("承诺与平台记录不一致：{differences}。请改正，或写明原因后再公告。")
    status: ClassVar[int] = 422


class UnitsDoNotAddUp(Refusal):
    code: ClassVar[str] = "commitment_units_do_not_add_up"
    sentence: ClassVar[str] = N_("运行套数与停车套数之和不能大于生产装置套数，请核对。")
    status: ClassVar[int] = 422


class SignatureTooOften(Refusal):
    code: ClassVar[str] = "permit_signature_too_often"
    sentence: ClassVar[str] = N_("签字尝试过于频繁，请一分钟后再试。")
    status: ClassVar[int] = 429
