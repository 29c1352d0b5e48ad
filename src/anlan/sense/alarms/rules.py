"""The law of alarms: two axes (active or cleared, acknowledged or not) and the review of grave ones as one flow table. No Django, no clock.

The four combinations and the moves between them are the basic alarm state model of ISA-18.2 / IEC 62682 §5: an alarm is over only when the
process is back to normal *and* a named person has acknowledged it. Here a grave one (red, orange) is then reviewed by a second person, who
says what it was; an acknowledgement after which nothing was done expires, and the alarm rings again.
"""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "alarms.view": N_("查看报警"),
    "alarms.acknowledge": N_("确认报警"),
    "alarms.handle": N_("填写报警处置情况"),
    "alarms.review": N_("复核并关闭红色、橙色报警"),
    "alarms.shelve": N_("搁置报警"),
    "alarms.configure": N_("修改报警规则的时限"),
    "alarms.apart": N_("查看和重新识别无法识别的检测消息"),
    "alarms.detect": N_("登记检测到的报警"),
}

RAISED, ACKNOWLEDGED, RETURNED, REVIEWING, CLOSED = "raised", "acknowledged", "returned", "reviewing", "closed"

FLOW = Flow(
    code="alarm",
    label=N_("报警"),
    initial=RAISED,
    states=(
        State(RAISED, N_("未恢复、未确认")),
        State(ACKNOWLEDGED, N_("未恢复、已确认")),
        State(RETURNED, N_("已恢复、未确认")),
        State(REVIEWING, N_("已恢复、待复核")),
        State(CLOSED, N_("已恢复、已确认"), final=True),
    ),
    moves=(
        Move("acknowledge", N_("确认报警"), (RAISED,), ACKNOWLEDGED, "alarms.acknowledge", announces="alarms.acknowledged"),
        Move("acknowledge_returned", N_("确认报警"), (RETURNED,), CLOSED, "alarms.acknowledge", announces="alarms.acknowledged"),
        Move("acknowledge_grave", N_("确认报警"), (RETURNED,), REVIEWING, "alarms.acknowledge", announces="alarms.acknowledged"),
        Move("clear", N_("恢复正常"), (RAISED,), RETURNED, "alarms.detect", announces="alarms.cleared"),
        Move("clear_acknowledged", N_("恢复正常"), (ACKNOWLEDGED,), CLOSED, "alarms.detect", announces="alarms.cleared"),
        Move("clear_grave", N_("恢复正常"), (ACKNOWLEDGED,), REVIEWING, "alarms.detect", announces="alarms.cleared"),
        Move("expire", N_("确认失效、再次报警"), (ACKNOWLEDGED,), RAISED, "alarms.detect", announces="alarms.raised"),
        Move("reset", N_("人工复位"), (ACKNOWLEDGED,), CLOSED, "alarms.handle", announces="alarms.cleared", reason_required=True),
        Move("reset_grave", N_("人工复位"), (ACKNOWLEDGED,), REVIEWING, "alarms.handle", announces="alarms.cleared", reason_required=True),
        Move(
            "review",
            N_("复核关闭"),
            (REVIEWING,),
            CLOSED,
            "alarms.review",
            requires=("finding",),
            not_by=("acknowledged_by_id",),
            announces="alarms.reviewed",
        ),
    ),
    field_labels={"finding": N_("原因认定")},
)

ACTIVE_STATES = frozenset({RAISED, ACKNOWLEDGED})
UNACKNOWLEDGED_STATES = frozenset({RAISED, RETURNED})
OPEN_STATES = frozenset({RAISED, ACKNOWLEDGED, RETURNED})
"""What still needs somebody at the desk; one that waits for review only is over for the desk."""

GRAVE_LEVEL = 2
"""Alarms up to this level (red, orange) are closed by a second person. Project default, no standard."""
LEVELS = (1, 2, 3, 4)


def acknowledge_move(state: str, level: int) -> str | None:
    """The move by which an alarm in ``state`` is acknowledged; ``None`` where it cannot be."""
    if state == RAISED:
        return "acknowledge"
    if state == RETURNED:
        return "acknowledge_grave" if level <= GRAVE_LEVEL else "acknowledge_returned"
    return None


def clear_move(state: str, level: int) -> str | None:
    """The move by which an alarm in ``state`` is cleared; ``None`` where it is already."""
    if state == RAISED:
        return "clear"
    if state == ACKNOWLEDGED:
        return "clear_grave" if level <= GRAVE_LEVEL else "clear_acknowledged"
    return None


def reset_move(level: int) -> str:
    """The move by which a person says that the equipment was reset."""
    return "reset_grave" if level <= GRAVE_LEVEL else "reset"


ACKNOWLEDGING = frozenset({"acknowledge", "acknowledge_returned", "acknowledge_grave"})
CLEARING = frozenset({"clear", "clear_acknowledged", "clear_grave"})

HAPPENED = "HAPPENED"
LIMIT_KINDS = frozenset({"HH", "H", "L", "LL"})
KINDS: dict[str, str] = {
    "HH": N_("高高限"),
    "H": N_("高限"),
    "L": N_("低限"),
    "LL": N_("低低限"),
    "RATE": N_("变化过快"),
    "FROZEN": N_("读数不变"),
    "BLOCKED": N_("疑似堵塞、遮挡"),
    "RANGE": N_("超出量程"),
    "DRIFT": N_("与参照测点偏离"),
    "SILENT": N_("测点无数据"),
    "LINK": N_("链路中断"),
    "REPEATED": N_("读数循环重复"),
    "CONFIGURED": N_("阈值设置不符合规定"),
    "COMBINED": N_("组合条件"),
    "COLOURS": N_("综合预警等级"),
    "UNIT": N_("工艺单元整体异常"),
    HAPPENED: N_("设备事件"),
}
"""Every kind of alarm: the words of the detector, and what equipment itself reports."""

MALFORMED, UNKNOWN_KIND, UNKNOWN_SENDER, IMPOSSIBLE = "malformed", "unknown_kind", "unknown_sender", "impossible"
APART_REASONS: dict[str, str] = {
    MALFORMED: N_("报文无法识别"),
    UNKNOWN_KIND: N_("报警类别未知"),
    UNKNOWN_SENDER: N_("测点或设备未登记"),
    IMPOSSIBLE: N_("内容不合理"),
}

NOTE, MEASURE, FEEDBACK = "note", "measure", "feedback"
NOTE_KINDS: dict[str, str] = {NOTE: N_("情况说明"), MEASURE: N_("处置措施"), FEEDBACK: N_("处置结果")}
DONE_KINDS = frozenset({MEASURE, FEEDBACK})
"""Notes that say something was done: they keep an acknowledgement from expiring."""

LEVEL_COLOURS: dict[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
TOLD_LEVEL = 2
"""Alarms up to this level are told to named persons; lower ones only stand in the list. Project default."""

EVENT_GAP_S = 1800.0
"""Alarms of one enterprise that begin within this many seconds of one another's last sign of life belong to one event.

Project default, no standard: half an hour, long enough that the detectors of one release fall together."""


class AlreadyAcknowledged(Refusal):
    code: ClassVar[str] = "alarm_already_acknowledged"
    sentence: ClassVar[str] = N_("该报警已由{name}于 {at} 确认。")


class NothingToAcknowledge(Refusal):
    code: ClassVar[str] = "alarm_nothing_to_acknowledge"
    sentence: ClassVar[str] = N_("这一组报警都已有人确认，请刷新页面查看最新状态。")


class EmptyNote(Refusal):
    code: ClassVar[str] = "alarm_empty_note"
    sentence: ClassVar[str] = N_("请填写处置情况。")
    status: ClassVar[int] = 422


class ResetsItself(Refusal):
    code: ClassVar[str] = "alarm_resets_itself"
    sentence: ClassVar[str] = N_("该报警由测点读数触发，读数恢复后自动解除，不能人工复位。如读数不实，请登记检修或调整阈值。")


class AcknowledgeFirst(Refusal):
    code: ClassVar[str] = "alarm_acknowledge_first"
    sentence: ClassVar[str] = N_("请先确认报警，再执行“{what}”。")


class UnknownFinding(Refusal):
    code: ClassVar[str] = "alarm_unknown_finding"
    sentence: ClassVar[str] = N_("请从列表中选择原因认定。")
    status: ClassVar[int] = 422


class FindingNeedsWords(Refusal):
    code: ClassVar[str] = "alarm_finding_needs_words"
    sentence: ClassVar[str] = N_("原因认定为“其他”时，请在复核说明中写明原因。")
    status: ClassVar[int] = 422


class NotShelvable(Refusal):
    code: ClassVar[str] = "alarm_not_shelvable"
    sentence: ClassVar[str] = N_("{level} 级报警不允许搁置，请确认并处置。")


class ShelvedTooLong(Refusal):
    code: ClassVar[str] = "alarm_shelved_too_long"
    sentence: ClassVar[str] = N_("{level} 级报警每次最多搁置 {longest} 分钟，请改短时间。")
    status: ClassVar[int] = 422


class ShelvingNeedsReason(Refusal):
    code: ClassVar[str] = "alarm_shelving_needs_reason"
    sentence: ClassVar[str] = N_("搁置报警必须写明理由和时长（分钟）。")
    status: ClassVar[int] = 422


class MinutesOutOfRange(Refusal):
    code: ClassVar[str] = "alarm_minutes_out_of_range"
    sentence: ClassVar[str] = N_("时限应为 {least} 到 {most} 分钟的整数。")
    status: ClassVar[int] = 422
