"""What is refused about hidden dangers, each with what to do instead."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class FoundInTheFuture(Refusal):
    code: ClassVar[str] = "danger_found_in_the_future"
    sentence: ClassVar[str] = N_("发现时间不能晚于当前时间，请核对后再登记。")
    status: ClassVar[int] = 422


class UnknownCode(Refusal):
    code: ClassVar[str] = "danger_unknown_code"
    sentence: ClassVar[str] = N_("“{value}”不是可选的{field}，请从列表中选择。")
    status: ClassVar[int] = 422


class SourceNotYours(Refusal):
    code: ClassVar[str] = "danger_source_not_yours"
    sentence: ClassVar[str] = N_("来源“{source}”由监管部门登记；企业请选择“企业自查”。")
    status: ClassVar[int] = 422


class GradedAlready(Refusal):
    code: ClassVar[str] = "danger_graded_already"
    sentence: ClassVar[str] = N_("隐患已判定等级，名称、部位、发现时间和描述不再修改；如登记有误，请由人员登录撤销后重新登记。")


class StepTaken(Refusal):
    code: ClassVar[str] = "danger_step_taken"
    sentence: ClassVar[str] = N_(
        "“{field}”已经办理，报送的内容与办理的不一致，不能由系统更改；如需更改，请由人员登录办理（重新判定、申请延期、退回整改）。"
    )


class StepMissing(Refusal):
    code: ClassVar[str] = "danger_step_missing"
    sentence: ClassVar[str] = N_("还不能报送“{field}”：请在同一条内容中同时报送“{before}”。")
    status: ClassVar[int] = 422


class NotSelfFound(Refusal):
    code: ClassVar[str] = "danger_not_self_found"
    sentence: ClassVar[str] = N_("该隐患不是企业自查登记的，不能由企业系统更改；请由人员登录办理整改。")


class CriterionNeeded(Refusal):
    code: ClassVar[str] = "danger_criterion_needed"
    sentence: ClassVar[str] = N_("判定为重大隐患须选择发现当日有效的判定标准条款；没有对应条款时请写明判定理由。")
    status: ClassVar[int] = 422


class CriterionNotInForce(Refusal):
    code: ClassVar[str] = "danger_criterion_not_in_force"
    sentence: ClassVar[str] = N_("“{name}”在发现当日（{day}）不适用，请按当日有效的标准判定，或写明判定理由。")
    status: ClassVar[int] = 422


class GeneralByCriterion(Refusal):
    code: ClassVar[str] = "danger_general_by_criterion"
    sentence: ClassVar[str] = N_("所选条款是重大隐患判定标准，不能判为一般隐患；如不符合该条款，请不要选择条款。")
    status: ClassVar[int] = 422


class DeadlinePassed(Refusal):
    code: ClassVar[str] = "danger_deadline_passed"
    sentence: ClassVar[str] = N_("整改期限须晚于当前时间，请重新填写期限。")
    status: ClassVar[int] = 422


class FixesMissing(Refusal):
    code: ClassVar[str] = "danger_fixes_missing"
    sentence: ClassVar[str] = N_("重大隐患开始整改前须落实“五落实”，还缺：{fields}。")
    status: ClassVar[int] = 422


class PlanMissing(Refusal):
    code: ClassVar[str] = "danger_plan_missing"
    sentence: ClassVar[str] = N_("重大隐患须有治理方案（16号令第十五条），还缺：{fields}。")
    status: ClassVar[int] = 422


class ReportMissing(Refusal):
    code: ClassVar[str] = "danger_report_missing"
    sentence: ClassVar[str] = N_("上报重大隐患须包括三项内容（16号令第十四条），还缺：{fields}。")
    status: ClassVar[int] = 422


class OnlyMajor(Refusal):
    code: ClassVar[str] = "danger_only_major"
    sentence: ClassVar[str] = N_("“{move}”只适用于重大隐患；如应为重大隐患，请先重新判定等级。")


class MajorNeedsPlan(Refusal):
    code: ClassVar[str] = "danger_major_needs_plan"
    sentence: ClassVar[str] = N_("重大隐患不能当场销项，须下达整改要求并按治理方案整改。")


class PictureNeeded(Refusal):
    code: ClassVar[str] = "danger_picture_needed"
    sentence: ClassVar[str] = N_("提交整改完成前，请上传至少 {count} 张整改后的照片。")
    status: ClassVar[int] = 422


class NotYoursToJudge(Refusal):
    code: ClassVar[str] = "danger_not_yours_to_judge"
    sentence: ClassVar[str] = N_("该隐患由监管部门查出或责令整改，须由监管部门办理，企业不能自行验收、销号或撤销。")
    status: ClassVar[int] = 403


class ListedAbove(Refusal):
    code: ClassVar[str] = "danger_listed_above"
    sentence: ClassVar[str] = N_("该隐患已由{level}督办，须由挂牌机关或其上级办理。")
    status: ClassVar[int] = 403


class StillListed(Refusal):
    code: ClassVar[str] = "danger_still_listed"
    sentence: ClassVar[str] = N_("该隐患仍在挂牌督办，请由挂牌机关核销后再销号。")


class NotListed(Refusal):
    code: ClassVar[str] = "danger_not_listed"
    sentence: ClassVar[str] = N_("该隐患没有挂牌督办，无须办理“{move}”。")


class AlreadyListed(Refusal):
    code: ClassVar[str] = "danger_already_listed"
    sentence: ClassVar[str] = N_("该隐患已由{level}督办；只有更高一级可以提级挂牌。")


class AcceptanceNotAsked(Refusal):
    code: ClassVar[str] = "danger_acceptance_not_asked"
    sentence: ClassVar[str] = N_("挂牌督办的隐患须先由企业申请验收核销，再组织现场验收。")


class StillSuspended(Refusal):
    code: ClassVar[str] = "danger_still_suspended"
    sentence: ClassVar[str] = N_("停产停业尚未解除，请先审查并办理恢复生产，再销号。")


class NotSuspended(Refusal):
    code: ClassVar[str] = "danger_not_suspended"
    sentence: ClassVar[str] = N_("该隐患没有处于停产停业，无须恢复生产。")


class AlreadySuspended(Refusal):
    code: ClassVar[str] = "danger_already_suspended"
    sentence: ClassVar[str] = N_("该隐患已责令停产停业，期限至 {until}。")


class SuspensionTooLong(Refusal):
    code: ClassVar[str] = "danger_suspension_too_long"
    sentence: ClassVar[str] = N_("停产停业期限须晚于当前时间，且一般不超过 {months} 个月。")
    status: ClassVar[int] = 422


class ExtensionTooLate(Refusal):
    code: ClassVar[str] = "danger_extension_too_late"
    sentence: ClassVar[str] = N_("延期须在整改期限届满前申请；期限已过，请说明情况并尽快整改。")


class ExtensionNotLater(Refusal):
    code: ClassVar[str] = "danger_extension_not_later"
    sentence: ClassVar[str] = N_("新的期限须晚于现在的整改期限（{deadline}）。")
    status: ClassVar[int] = 422


class ExtensionWaiting(Refusal):
    code: ClassVar[str] = "danger_extension_waiting"
    sentence: ClassVar[str] = N_("已有一项延期申请等待审批，审批后才能再次申请。")


class ExtensionsUsedUp(Refusal):
    code: ClassVar[str] = "danger_extensions_used_up"
    sentence: ClassVar[str] = N_("该隐患已延期 {count} 次，不能再延期。")


class NoExtensionAsked(Refusal):
    code: ClassVar[str] = "danger_no_extension_asked"
    sentence: ClassVar[str] = N_("没有等待审批的延期申请。")


class OwnExtension(Refusal):
    code: ClassVar[str] = "danger_own_extension"
    sentence: ClassVar[str] = N_("延期须由下达整改要求的一方审批，申请人不能自己批准。")
    status: ClassVar[int] = 403


class PersonalData(Refusal):
    code: ClassVar[str] = "danger_personal_data"
    sentence: ClassVar[str] = N_("公开内容含有个人信息（{found}），请删去后再公开。")
    status: ClassVar[int] = 422


class NotATip(Refusal):
    code: ClassVar[str] = "danger_not_a_tip"
    sentence: ClassVar[str] = N_("只有经核实的举报才核算奖励；该隐患的来源不是举报。")


class AlreadyRewarded(Refusal):
    code: ClassVar[str] = "danger_already_rewarded"
    sentence: ClassVar[str] = N_("该举报的奖励已经核算；如有变化，请先核对登记。")


class NothingToReward(Refusal):
    code: ClassVar[str] = "danger_nothing_to_reward"
    sentence: ClassVar[str] = N_("请填写罚款金额（元）或瞒报死亡人数，须为大于 0 的数。")
    status: ClassVar[int] = 422


class AlreadyPaid(Refusal):
    code: ClassVar[str] = "danger_already_paid"
    sentence: ClassVar[str] = N_("该奖励已登记发放，不能重复登记。")


class NoSuchOrganisation(Refusal):
    code: ClassVar[str] = "danger_no_such_organisation"
    sentence: ClassVar[str] = N_("请选择接收移交的部门，或写明平台外的接收单位。")
    status: ClassVar[int] = 422


class ChangedMeanwhile(Refusal):
    code: ClassVar[str] = "danger_changed_meanwhile"
    sentence: ClassVar[str] = N_("您打开页面后，该隐患已被修改：{changes}。您填写的内容没有丢失，请核对后再提交。")


class ReportNotOver(Refusal):
    code: ClassVar[str] = "danger_report_not_over"
    sentence: ClassVar[str] = N_("“{period}”尚未结束，期满后才能签报。")


class ReportSigned(Refusal):
    code: ClassVar[str] = "danger_report_signed"
    sentence: ClassVar[str] = N_("“{period}”统计表已签报，不能重复签报。")


class EnterpriseUnknown(Refusal):
    code: ClassVar[str] = "danger_enterprise_unknown"
    sentence: ClassVar[str] = N_("没有查到信用代码为“{uscc}”的企业，或它不在您的管辖范围内；请核对代码，未登记的企业先登记。")
    status: ClassVar[int] = 422


class NumberTaken(Refusal):
    code: ClassVar[str] = "danger_number_taken"
    sentence: ClassVar[str] = N_("该企业编号“{number}”的隐患已登记，不重复导入；后续办理请在该隐患页面进行。")
    status: ClassVar[int] = 422


class NeededWhenOrdered(Refusal):
    code: ClassVar[str] = "danger_needed_when_ordered"
    sentence: ClassVar[str] = N_("已判定或已责令整改的隐患须填写“{field}”。")
    status: ClassVar[int] = 422


class NeededWhenClosed(Refusal):
    code: ClassVar[str] = "danger_needed_when_closed"
    sentence: ClassVar[str] = N_("已销号的隐患须填写“{field}”。")
    status: ClassVar[int] = 422


class RemovedNotClosed(Refusal):
    code: ClassVar[str] = "danger_removed_not_closed"
    sentence: ClassVar[str] = N_("整改完成但未销号的隐患请不填整改和验收各列，导入后由企业在隐患页面附整改后照片报送，再由他人验收。")
    status: ClassVar[int] = 422


class TimesOutOfOrder(Refusal):
    code: ClassVar[str] = "danger_times_out_of_order"
    sentence: ClassVar[str] = N_("时间顺序不对：应为发现、整改完成、销号，且不晚于现在；整改期限不早于发现时间。")
    status: ClassVar[int] = 422


class SameHand(Refusal):
    code: ClassVar[str] = "danger_same_hand"
    sentence: ClassVar[str] = N_("验收人不能是整改人，请核对。")
    status: ClassVar[int] = 422


class HandedOver(Refusal):
    code: ClassVar[str] = "danger_handed_over"
    sentence: ClassVar[str] = N_("该隐患已移交“{name}”，由其或其上级办理；如移交有误，请该单位移回。")
    status: ClassVar[int] = 403
