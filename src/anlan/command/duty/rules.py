"""The law of duty: kinds of shift, the handover and its two signatures, the entries of the log.

Sources: 生产安全事故应急条例 (State Council Decree 708) art. 14 (duty around the clock); 粤府办〔2012〕55号 第三条 and the duty rules of local
governments for leader, officer and log entries (secondary).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import CHINA, Tables

ACTIONS: dict[str, str] = {
    "duty.view": N_("查看值班工作台"),
    "duty.log": N_("登记值班日志"),
    "duty.hand_over": N_("值班交接"),
    "duty.plan": N_("编排值班表"),
    "duty.swap": N_("申请换班"),
    "duty.issue": N_("签发值班日报和要情"),
}

SHIFT_KINDS: dict[str, str] = {"leader": N_("带班领导"), "officer": N_("值班员"), "deputy": N_("副班")}

ALARM_LEVELS: dict[int, str] = {1: N_("一级 · 红"), 2: N_("二级 · 橙"), 3: N_("三级 · 黄"), 4: N_("四级 · 蓝")}

ENTRY_KINDS: dict[str, str] = {
    "call": N_("来电"),
    "document": N_("文电"),
    "event": N_("事件动态"),
    "handled": N_("处理事项"),
    "memo": N_("备忘"),
    "instruction": N_("批示"),
    "handover": N_("交接班"),
}

RING_KINDS: dict[str, str] = {"filing": N_("待签收信息"), "clock": N_("到期未报"), "alarm": N_("报警无人应答"), "call": N_("未办结的来电")}
FAULT_KINDS: dict[str, str] = {"handover": N_("未按时交接班"), "gap": N_("岗位无人值守"), "unanswered": N_("未及时应答")}
WHOM: dict[str, str] = {"officer": N_("值班员"), "deputy": N_("副班"), "leader": N_("带班领导"), "upper": N_("上级值班员")}

DIGEST: dict[str, tuple[str, Callable[[Any, datetime], Iterable[dict[str, Any]]]]] = {}
"""What other rooms tell whoever takes over: label and teller by code; filled by ``door.join_digest``."""

TABLES = Tables(Path(__file__).parent / "data")

PREPARED, HANDED, RECEIVED, DROPPED = "prepared", "handed", "received", "dropped"

HANDOVER_FLOW = Flow(
    code="handover",
    label=N_("交接班"),
    initial=PREPARED,
    states=(
        State(PREPARED, N_("待交班人签字")),
        State(HANDED, N_("待接班人签字")),
        State(RECEIVED, N_("已交接"), final=True),
        State(DROPPED, N_("已作废"), final=True),
    ),
    moves=(
        Move("hand", N_("交班签字"), (PREPARED,), HANDED, "duty.hand_over", announces="duty.handed"),
        # Two signatures are two people.
        Move(
            "receive",
            N_("接班签字"),
            (HANDED,),
            RECEIVED,
            "duty.hand_over",
            not_by=("handed_by_id",),
            announces="duty.received",
        ),
        Move("drop", N_("作废"), (PREPARED, HANDED), DROPPED, "duty.hand_over", reason_required=True, danger=True),
    ),
)


ASKED, AGREED, APPLIED, DECLINED, REFUSED, WITHDRAWN, VOID = "asked", "agreed", "applied", "declined", "refused", "withdrawn", "void"

SWAP_FLOW = Flow(
    code="swap",
    label=N_("换班"),
    initial=ASKED,
    states=(
        State(ASKED, N_("待对方同意")),
        State(AGREED, N_("待审批")),
        State(APPLIED, N_("已换班"), final=True),
        State(DECLINED, N_("对方未同意"), final=True),
        State(REFUSED, N_("未批准"), final=True),
        State(WITHDRAWN, N_("已撤回"), final=True),
        State(VOID, N_("已失效"), final=True),
    ),
    moves=(
        Move("agree", N_("同意换班"), (ASKED,), AGREED, "duty.swap", not_by=("asked_by_id",), announces="duty.swap_changed"),
        Move("decline", N_("不同意"), (ASKED,), DECLINED, "duty.swap", not_by=("asked_by_id",), danger=True, announces="duty.swap_changed"),
        Move("withdraw", N_("撤回"), (ASKED, AGREED), WITHDRAWN, "duty.swap", announces="duty.swap_changed"),
        # Whoever plans decides, and never about himself.
        Move("approve", N_("批准"), (AGREED,), APPLIED, "duty.plan", not_by=("asked_by_id", "asked_of_id"), announces="duty.swap_changed"),
        Move(
            "refuse",
            N_("不批准"),
            (AGREED,),
            REFUSED,
            "duty.plan",
            not_by=("asked_by_id", "asked_of_id"),
            reason_required=True,
            danger=True,
            announces="duty.swap_changed",
        ),
        Move("void", N_("失效"), (ASKED, AGREED), VOID, "duty.plan", reason_required=True, announces="duty.swap_changed"),
    ),
)

ANSWERING, FILED, JOINED, NOTED, NO_EVENT = "answering", "filed", "joined", "noted", "no_event"

CALL_FLOW = Flow(
    code="call",
    label=N_("电话接报"),
    initial=ANSWERING,
    states=(
        State(ANSWERING, N_("接听中")),
        State(FILED, N_("已填报"), final=True),
        State(JOINED, N_("已并入"), final=True),
        State(NOTED, N_("已登记"), final=True),
        State(NO_EVENT, N_("误拨或无效"), final=True),
    ),
    moves=(
        Move("file", N_("生成信息"), (ANSWERING,), FILED, "duty.log", announces="duty.call"),
        Move("join", N_("并入已有信息"), (ANSWERING,), JOINED, "duty.log", announces="duty.call"),
        Move("note", N_("只登记日志"), (ANSWERING,), NOTED, "duty.log", announces="duty.call"),
        Move("end", N_("误拨或无效"), (ANSWERING,), NO_EVENT, "duty.log", reason_required=True, announces="duty.call"),
    ),
)

DRAFT, ISSUED, VOIDED = "draft", "issued", "voided"
REPORT_KINDS: dict[str, str] = {"daily": N_("值班日报"), "brief": N_("要情")}

REPORT_FLOW = Flow(
    code="duty_report",
    label=N_("值班日报"),
    initial=DRAFT,
    states=(State(DRAFT, N_("草稿")), State(ISSUED, N_("已签发"), final=True), State(VOIDED, N_("已作废"), final=True)),
    moves=(
        Move("issue", N_("签发"), (DRAFT,), ISSUED, "duty.issue", announces="duty.report_issued"),
        Move("void", N_("作废"), (DRAFT,), VOIDED, "duty.log", reason_required=True, danger=True),
    ),
)

PLANNED_ANEW = N_("值班表已调整，原班次不再存在")

POSTS_OF: dict[str, tuple[str, ...]] = {
    "leader": ("duty_leader",),
    "officer": ("duty_officer", "duty_leader"),
    "deputy": ("duty_officer", "duty_leader"),
}
"""Who may take a shift of a kind, by the posts held at the place."""


class ShiftEndsBeforeItStarts(Refusal):
    code: ClassVar[str] = "duty_shift_ends_before_it_starts"
    sentence: ClassVar[str] = N_("班次结束时间须晚于开始时间。")
    status: ClassVar[int] = 422


class EmptyEntry(Refusal):
    code: ClassVar[str] = "duty_empty_entry"
    sentence: ClassVar[str] = N_("请填写日志内容。")
    status: ClassVar[int] = 422


class DoubleBooked(Refusal):
    code: ClassVar[str] = "duty_double_booked"
    sentence: ClassVar[str] = N_("{who}在该时段已有值班安排（{start} 至 {end}）。")


class NobodyQueued(Refusal):
    code: ClassVar[str] = "duty_nobody_queued"
    sentence: ClassVar[str] = N_("{kind}没有轮值人员，请至少安排一人。")
    status: ClassVar[int] = 422


class UnknownPattern(Refusal):
    code: ClassVar[str] = "duty_unknown_pattern"
    sentence: ClassVar[str] = N_("没有名为“{pattern}”的班制。")
    status: ClassVar[int] = 422


class RotaTooLong(Refusal):
    code: ClassVar[str] = "duty_rota_too_long"
    sentence: ClassVar[str] = N_("轮值表须从起始日期起不超过 {days} 天，截止日期不早于起始日期。")
    status: ClassVar[int] = 422


class RotasOverlap(Refusal):
    code: ClassVar[str] = "duty_rotas_overlap"
    sentence: ClassVar[str] = N_("本单位在该时段已发布轮值表“{name}”（{start} 至 {end}），请先调整日期。")


class NotOnThePost(Refusal):
    code: ClassVar[str] = "duty_not_on_the_post"
    sentence: ClassVar[str] = N_("{who}不任{kind}岗位，安排后该时段将少于规定人数。")
    status: ClassVar[int] = 422


class ShiftBegun(Refusal):
    code: ClassVar[str] = "duty_shift_begun"
    sentence: ClassVar[str] = N_("该班次已开始或已过，不能换班。")


class SwapWithOneself(Refusal):
    code: ClassVar[str] = "duty_swap_with_oneself"
    sentence: ClassVar[str] = N_("不能与本人换班，请选择其他人。")
    status: ClassVar[int] = 422


class NotYourShift(Refusal):
    code: ClassVar[str] = "duty_not_your_shift"
    sentence: ClassVar[str] = N_("该班次不属于{who}，请刷新后重新选择。")


class NotAskedOfYou(Refusal):
    code: ClassVar[str] = "duty_swap_not_yours"
    sentence: ClassVar[str] = N_("该换班申请须由{who}答复。")
    status: ClassVar[int] = 403


class CallOver(Refusal):
    code: ClassVar[str] = "duty_call_over"
    sentence: ClassVar[str] = N_("该来电已办结，不能再修改；如有补充请登记日志或续报。")


class CallWithoutPlace(Refusal):
    code: ClassVar[str] = "duty_call_without_place"
    sentence: ClassVar[str] = N_("请先问清并填写事发地点和事件类别。")
    status: ClassVar[int] = 422


class ReportIssued(Refusal):
    code: ClassVar[str] = "duty_report_issued"
    sentence: ClassVar[str] = N_("“{title}”已签发，不能再修改；请另拟一份。")


class AlreadyAnswered(Refusal):
    code: ClassVar[str] = "duty_already_answered"
    sentence: ClassVar[str] = N_("该事项已由{who}应答。")


class HandoverWaiting(Refusal):
    code: ClassVar[str] = "duty_handover_waiting"
    sentence: ClassVar[str] = N_("本单位已有一份未完成的交接班，请先办完或作废。")


def overlaps(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """Whether two half-open periods share a moment; a shift that starts when another ends does not overlap it."""
    return start < other_end and other_start < end


def moment_words(moment: datetime) -> str:
    """A moment in China as it stands in sentences and titles."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
