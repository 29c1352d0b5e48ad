"""The law of duty: kinds of shift, the handover and its two signatures, the entries of the log.

Sources: 生产安全事故应急条例 (State Council Decree 708) art. 14 (duty around the clock); 粤府办〔2012〕55号 第三条 and the duty rules of local
governments for leader, officer and log entries (secondary).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "duty.view": N_("查看值班工作台"),
    "duty.log": N_("登记值班日志"),
    "duty.hand_over": N_("值班交接"),
    "duty.plan": N_("编排值班表"),
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


class HandoverWaiting(Refusal):
    code: ClassVar[str] = "duty_handover_waiting"
    sentence: ClassVar[str] = N_("本单位已有一份未完成的交接班，请先办完或作废。")


def overlaps(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """Whether two half-open periods share a moment; a shift that starts when another ends does not overlap it."""
    return start < other_end and other_start < end
