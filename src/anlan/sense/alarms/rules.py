"""The law of alarms: two axes (active or cleared, acknowledged or not) as one flow table. No Django, no clock.

The four combinations and the moves between them are the basic alarm state model of ISA-18.2 / IEC 62682 §5: an alarm is closed only when the
process is back to normal *and* a named person has acknowledged it.
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
    "alarms.detect": N_("登记检测到的报警"),
}

RAISED, ACKNOWLEDGED, RETURNED, CLOSED = "raised", "acknowledged", "returned", "closed"

FLOW = Flow(
    code="alarm",
    label=N_("报警"),
    initial=RAISED,
    states=(
        State(RAISED, N_("未恢复、未确认")),
        State(ACKNOWLEDGED, N_("未恢复、已确认")),
        State(RETURNED, N_("已恢复、未确认")),
        State(CLOSED, N_("已恢复、已确认"), final=True),
    ),
    moves=(
        Move("acknowledge", N_("确认报警"), (RAISED,), ACKNOWLEDGED, "alarms.acknowledge", announces="alarms.acknowledged"),
        Move("acknowledge_returned", N_("确认报警"), (RETURNED,), CLOSED, "alarms.acknowledge", announces="alarms.acknowledged"),
        Move("clear", N_("恢复正常"), (RAISED,), RETURNED, "alarms.detect", announces="alarms.cleared"),
        Move("clear_acknowledged", N_("恢复正常"), (ACKNOWLEDGED,), CLOSED, "alarms.detect", announces="alarms.cleared"),
    ),
)

ACTIVE_STATES = frozenset({RAISED, ACKNOWLEDGED})
UNACKNOWLEDGED_STATES = frozenset({RAISED, RETURNED})
OPEN_STATES = frozenset({RAISED, ACKNOWLEDGED, RETURNED})

ACKNOWLEDGE_MOVES: dict[str, str] = {RAISED: "acknowledge", RETURNED: "acknowledge_returned"}
CLEAR_MOVES: dict[str, str] = {RAISED: "clear", ACKNOWLEDGED: "clear_acknowledged"}

NOTE, MEASURE, FEEDBACK = "note", "measure", "feedback"
NOTE_KINDS: dict[str, str] = {NOTE: N_("情况说明"), MEASURE: N_("处置措施"), FEEDBACK: N_("处置结果")}

LEVEL_COLOURS: dict[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
TOLD_LEVEL = 2
"""Alarms up to this level are told to named persons; lower ones only stand in the list. Project default."""

EVENT_GAP_S = 1800.0
"""Alarms of one enterprise that begin within this many seconds of one another's last sign of life belong to one event.

Project default, no standard: half an hour, long enough that the detectors of one release fall together."""


class AlreadyAcknowledged(Refusal):
    code: ClassVar[str] = "alarm_already_acknowledged"
    sentence: ClassVar[str] = N_("该报警已由{name}于 {at} 确认。")


class EmptyNote(Refusal):
    code: ClassVar[str] = "alarm_empty_note"
    sentence: ClassVar[str] = N_("请填写处置情况。")
    status: ClassVar[int] = 422
