"""The law of incidents and responses: their states and moves, what must be said when a response starts and ends.

Source: 突发事件应对法 (2024) art. 71 (four response levels, I the gravest) and art. 72 (a started response states matter, level, expected
period and measures).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "incidents.view": N_("查看突发事件"),
    "incidents.open": N_("立案突发事件"),
    "incidents.change": N_("记录事件情况"),
    "incidents.propose_response": N_("提请启动响应"),
    "incidents.start_response": N_("批准启动响应"),
    "incidents.end_response": N_("调整、结束响应"),
    "incidents.order_task": N_("下达任务"),
    "incidents.do_task": N_("接收、办结任务"),
    "incidents.close": N_("事件结案"),
}

# --- incident --------------------------------------------------------------------------------------------------------------------

OPEN, RESPONDING, STABILISED, CLOSED = "open", "responding", "stabilised", "closed"

INCIDENT_FLOW = Flow(
    code="incident",
    label=N_("突发事件"),
    initial=OPEN,
    states=(
        State(OPEN, N_("处置中")),
        State(RESPONDING, N_("响应中")),
        State(STABILISED, N_("响应已结束")),
        State(CLOSED, N_("已结案"), final=True),
    ),
    moves=(
        Move(
            "respond",
            N_("启动响应"),
            (OPEN, STABILISED),
            RESPONDING,
            "incidents.start_response",
            announces="incidents.changed",
        ),
        Move("stabilise", N_("响应结束"), (RESPONDING,), STABILISED, "incidents.end_response", announces="incidents.changed"),
        Move(
            "close",
            N_("结案"),
            (OPEN, STABILISED),
            CLOSED,
            "incidents.close",
            requires=("closing_summary",),
            announces="incidents.closed",
        ),
    ),
    field_labels={"closing_summary": N_("结案说明")},
)

# --- response --------------------------------------------------------------------------------------------------------------------

PROPOSED, ACTIVE, ENDED, REFUSED = "proposed", "active", "ended", "refused"

RESPONSE_FLOW = Flow(
    code="response",
    label=N_("应急响应"),
    initial=PROPOSED,
    states=(
        State(PROPOSED, N_("待批准")),
        State(ACTIVE, N_("响应中")),
        State(ENDED, N_("已结束"), final=True),
        State(REFUSED, N_("未批准"), final=True),
    ),
    moves=(
        Move(
            "start",
            N_("批准启动"),
            (PROPOSED,),
            ACTIVE,
            "incidents.start_response",
            requires=("matter", "level", "expected_until", "measures", "grounds"),
            not_by=("proposed_by_id",),
            announces="incidents.response_started",
        ),
        Move(
            "refuse",
            N_("不予启动"),
            (PROPOSED,),
            REFUSED,
            "incidents.start_response",
            not_by=("proposed_by_id",),
            reason_required=True,
            danger=True,
        ),
        Move(
            "change_level",
            N_("调整级别"),
            (ACTIVE,),
            ACTIVE,
            "incidents.end_response",
            requires=("level", "expected_until"),
            reason_required=True,
            announces="incidents.changed",
        ),
        Move(
            "end",
            N_("结束响应"),
            (ACTIVE,),
            ENDED,
            "incidents.end_response",
            requires=("end_grounds",),
            announces="incidents.response_ended",
        ),
    ),
    field_labels={
        "matter": N_("响应事项"),
        "level": N_("响应级别"),
        "expected_until": N_("预计结束时间"),
        "measures": N_("响应措施"),
        "grounds": N_("启动依据"),
        "end_grounds": N_("结束依据"),
    },
)

# --- task ------------------------------------------------------------------------------------------------------------------------

ORDERED, ACCEPTED, DONE, CANCELLED = "ordered", "accepted", "done", "cancelled"

TASK_FLOW = Flow(
    code="task",
    label=N_("处置任务"),
    initial=ORDERED,
    states=(
        State(ORDERED, N_("已下达")),
        State(ACCEPTED, N_("已接收")),
        State(DONE, N_("已完成"), final=True),
        State(CANCELLED, N_("已取消"), final=True),
    ),
    moves=(
        Move("accept", N_("接收"), (ORDERED,), ACCEPTED, "incidents.do_task", announces="incidents.task_changed"),
        Move(
            "finish",
            N_("完成"),
            (ACCEPTED,),
            DONE,
            "incidents.do_task",
            requires=("outcome",),
            announces="incidents.task_changed",
        ),
        Move(
            "cancel",
            N_("取消"),
            (ORDERED, ACCEPTED),
            CANCELLED,
            "incidents.order_task",
            reason_required=True,
            danger=True,
            announces="incidents.task_changed",
        ),
    ),
    field_labels={"outcome": N_("完成情况")},
)

# I is the gravest (突发事件应对法 2024, art. 71).
RESPONSE_LEVELS: dict[str, str] = {
    "I": N_("Ⅰ级响应"),
    "II": N_("Ⅱ级响应"),
    "III": N_("Ⅲ级响应"),
    "IV": N_("Ⅳ级响应"),
}
TASK_CLOCK = "task_due"

RESPONSE_GROUNDS = N_("《中华人民共和国突发事件应对法》（2024年修订）第七十一条、第七十二条")

ENTRY_KINDS: dict[str, str] = {
    "note": N_("情况记录"),
    "decision": N_("决定"),
    "request": N_("请求支援"),
    "contact": N_("联络"),
    "system": N_("系统记录"),
}
LINK_KINDS: dict[str, str] = {"alarm": N_("报警"), "filing": N_("信息报送"), "bulletin": N_("预警信息")}

TIMELINE_KINDS: dict[str, str] = {
    "incident": N_("事件"),
    "alarm": N_("报警"),
    "filing": N_("信息报送"),
    "bulletin": N_("预警信息"),
    "response": N_("应急响应"),
    "task": N_("任务"),
    "log": N_("记录"),
    "field": N_("现场"),
    "evacuation": N_("疏散"),
}


# --- timeline --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TimelineLine:
    """One line of what happened: when, what, who, and whether a clock was met (``True``), missed (``False``) or none applied.

    ``code`` names what happened for whoever counts (``alarm.raised``, ``response.start``, ``task.finish``); it is never shown.
    """

    at: datetime
    kind: str
    title: str
    text: str = ""
    who: str = ""
    due: datetime | None = None
    met: bool | None = None
    late_minutes: int = 0
    subject_id: UUID | None = None
    address: str = ""
    code: str = ""


def in_order(lines: Iterable[TimelineLine]) -> tuple[TimelineLine, ...]:
    """Lines by time; lines of one moment keep the order in which they were gathered."""
    return tuple(sorted(lines, key=lambda line: line.at))


# --- refusals --------------------------------------------------------------------------------------------------------------------


class TasksOpen(Refusal):
    code: ClassVar[str] = "incident_tasks_open"
    sentence: ClassVar[str] = N_("还有 {count} 项任务未完成：{tasks}。请先办结，或写明理由取消。")


class ResponseRunning(Refusal):
    code: ClassVar[str] = "incident_response_running"
    sentence: ClassVar[str] = N_("该事件已有进行中或待批准的响应（{level}），请先处理该响应。")


class NoPlan(Refusal):
    code: ClassVar[str] = "incident_no_plan"
    sentence: ClassVar[str] = N_("没有找到适用于该类事件和地点的现行预案，请先选择或公布预案。")


class PeriodPassed(Refusal):
    code: ClassVar[str] = "incident_period_passed"
    sentence: ClassVar[str] = N_("预计结束时间须晚于当前时间。")
    status: ClassVar[int] = 422


class DueInThePast(Refusal):
    code: ClassVar[str] = "incident_due_in_the_past"
    sentence: ClassVar[str] = N_("任务时限须晚于当前时间。")
    status: ClassVar[int] = 422


class IncidentClosed(Refusal):
    code: ClassVar[str] = "incident_is_closed"
    sentence: ClassVar[str] = N_("该事件已结案，不能再登记。")
