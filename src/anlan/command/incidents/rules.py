"""The law of incidents and responses: their states and moves, what must be said when a response starts and ends.

Source: 突发事件应对法 (2024) art. 71 (four response levels, I the gravest) and art. 72 (a started response states matter, level, expected
period and measures).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables

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
    "incidents.appoint": N_("编成、调整指挥机构"),
    "incidents.take_command": N_("接任指挥权"),
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

ORDERED, ACCEPTED, EN_ROUTE, ON_SCENE = "ordered", "accepted", "en_route", "on_scene"
DONE, DECLINED, CANCELLED = "done", "declined", "cancelled"
OPEN_TASKS = (ORDERED, ACCEPTED, EN_ROUTE, ON_SCENE)
_CHANGED = "incidents.task_changed"

TASK_FLOW = Flow(
    code="task",
    label=N_("处置任务"),
    initial=ORDERED,
    states=(
        State(ORDERED, N_("已下达")),
        State(ACCEPTED, N_("已接收")),
        State(EN_ROUTE, N_("途中")),
        State(ON_SCENE, N_("已到场")),
        State(DONE, N_("已完成"), final=True),
        State(DECLINED, N_("已拒绝"), final=True),
        State(CANCELLED, N_("已取消"), final=True),
    ),
    moves=(
        Move("accept", N_("接收"), (ORDERED,), ACCEPTED, "incidents.do_task", announces=_CHANGED),
        Move("depart", N_("出发"), (ORDERED, ACCEPTED), EN_ROUTE, "incidents.do_task", announces=_CHANGED),
        Move("arrive", N_("到场"), (ACCEPTED, EN_ROUTE), ON_SCENE, "incidents.do_task", announces=_CHANGED),
        Move("finish", N_("完成"), (ACCEPTED, EN_ROUTE, ON_SCENE), DONE, "incidents.do_task", requires=("outcome",), announces=_CHANGED),
        Move("decline", N_("拒绝"), (ORDERED,), DECLINED, "incidents.do_task", reason_required=True, danger=True, announces=_CHANGED),
        Move("cancel", N_("取消"), OPEN_TASKS, CANCELLED, "incidents.order_task", reason_required=True, danger=True, announces=_CHANGED),
    ),
    field_labels={"outcome": N_("完成情况")},
)

# --- command structure -----------------------------------------------------------------------------------------------------------

FILLED_HOW: dict[str, str] = {
    "plan": N_("按预案"),
    "rota": N_("按值班表"),
    "appointed": N_("指定"),
    "transfer": N_("指挥权移交"),
}
COMMANDER, COMMANDER_NAME = "command", N_("总指挥")
OFFERED, TAKEN, TURNED_DOWN, WITHDRAWN = "offered", "taken", "turned_down", "withdrawn"

TRANSFER_FLOW = Flow(
    code="command_transfer",
    label=N_("指挥权移交"),
    initial=OFFERED,
    states=(
        State(OFFERED, N_("待接任")),
        State(TAKEN, N_("已接任"), final=True),
        State(TURNED_DOWN, N_("未接任"), final=True),
        State(WITHDRAWN, N_("已撤回"), final=True),
    ),
    moves=(
        Move("take", N_("接任指挥"), (OFFERED,), TAKEN, "incidents.take_command", not_by=("offered_by_id",), announces="incidents.changed"),
        Move("turn_down", N_("不予接任"), (OFFERED,), TURNED_DOWN, "incidents.take_command", reason_required=True, danger=True),
        Move("withdraw", N_("撤回移交"), (OFFERED,), WITHDRAWN, "incidents.appoint", reason_required=True, danger=True),
    ),
)

# I is the gravest (突发事件应对法 2024, art. 71).
RESPONSE_LEVELS: dict[str, str] = {
    "I": N_("Ⅰ级响应"),
    "II": N_("Ⅱ级响应"),
    "III": N_("Ⅲ级响应"),
    "IV": N_("Ⅳ级响应"),
}
TASK_CLOCK = "task_due"
ACCEPT_CLOCK = "task_accept"
ACCEPT_LABEL = N_("接收任务")

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
    "structure": N_("指挥机构"),
    "aid": N_("增援"),
    "scene": N_("现场人员管控"),
    "people": N_("人员台账"),
    "decision": N_("决策"),
    "statement": N_("信息发布"),
    "cost": N_("费用"),
    "evacuation": N_("疏散"),
    "contact": N_("通知与回执"),
    "consultation": N_("会商"),
    "minerescue": N_("矿山救护"),
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


def late_minutes(due: datetime, at: datetime) -> int:
    """Minutes late, a begun minute counting whole; nothing when in time."""
    return max(0, -int((due - at).total_seconds() // 60))


def in_order(lines: Iterable[TimelineLine]) -> tuple[TimelineLine, ...]:
    """Lines by time; lines of one moment keep the order in which they were gathered."""
    return tuple(sorted(lines, key=lambda line: line.at))


# --- dated data --------------------------------------------------------------------------------------------------------------------

TABLES = Tables(Path(__file__).parent / "data")


@dataclass(frozen=True, kw_only=True)
class LevelRule(DatedRule):
    """One condition that asks for a response level: a ``fact`` at or above a figure (levels of accident: at or below, I being 1)."""

    fact: str
    at_least: int
    level: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, kw_only=True)
class Attendance(DatedRule):
    """Who must go to the scene of an accident of a level (Order 21 of 2009, art. 18)."""

    level_code: str
    who_zh: str
    who_en: str
    article: str
    law_en: str


@dataclass(frozen=True)
class Recommended:
    """The response level that the rules ask for (empty: none does), and the conditions met, the gravest first."""

    level: str
    reasons: tuple[tuple[LevelRule, int], ...]


def recommend_level(facts: Mapping[str, int | None], on: date) -> Recommended:
    """The gravest response level whose condition ``facts`` meet on a day.

    ``facts`` holds ``accident_level`` (1 to 4), ``people_in_zone`` and ``missing``; ``None`` is unknown and meets nothing.
    """
    met = []
    for row in TABLES.in_force("response_levels", LevelRule, on):
        value = facts.get(row.fact)
        if value is None:
            continue
        if value <= row.at_least if row.fact == "accident_level" else value >= row.at_least:
            met.append((row, value))
    ranks = list(RESPONSE_LEVELS)
    met.sort(key=lambda found: ranks.index(found[0].level))
    first: dict[str, tuple[LevelRule, int]] = {}
    for row, value in met:
        first.setdefault(row.fact, (row, value))
    return Recommended(met[0][0].level if met else "", tuple(first.values()))


def attends(level_code: str, on: date) -> Attendance | None:
    """Who must attend the scene; ``None`` for an event without a level of accident."""
    return next((row for row in TABLES.in_force("attendance", Attendance, on) if row.level_code == level_code), None)


def waiting_for(codes: Iterable[str], states: Mapping[str, str]) -> tuple[str, ...]:
    """Codes of the tasks that must be done first and are not: those still open. One declined, cancelled or never ordered holds up nobody."""
    return tuple(code for code in codes if states.get(code) in OPEN_TASKS)


MOST_REMINDERS = 3
"""Whoever ordered and whoever should accept; then the duty officers; then the leaders."""


def reminders_due(accept_by: datetime, now: datetime, again: timedelta) -> int:
    """How many reminders are due for an order that nobody has accepted: the first at ``accept_by``, at most three."""
    return 0 if now < accept_by else min(MOST_REMINDERS, 1 + (now - accept_by) // again)


# --- forces ------------------------------------------------------------------------------------------------------------------------

WANTED, PROMISED, GONE_AWAY = "wanted", "promised", "gone_away"
FORCE_STATES: dict[str, str] = {
    WANTED: N_("待派"),
    PROMISED: N_("已同意，待派出"),
    ORDERED: N_("已下达"),
    ACCEPTED: N_("已接收"),
    EN_ROUTE: N_("途中"),
    ON_SCENE: N_("已到场"),
    GONE_AWAY: N_("已归还或被调走"),
}
FORCE_TONES: dict[str, str] = {WANTED: "red", PROMISED: "yellow", ORDERED: "yellow", EN_ROUTE: "blue", ON_SCENE: "green", GONE_AWAY: "red"}
SHIFT, DRIFT = timedelta(minutes=1), timedelta(minutes=3)
"""An arrival that moves by less is no news: when a road was closed or opened; when only time passed or a terminal moved (project defaults)."""


@dataclass(frozen=True)
class Force:
    """One force of an incident as its room shows it. ``shift``: whole minutes later than first expected; ``by_mouth``: somebody must still speak to it.

    ``lapsed``: certificates that have run out; ``uncovered``: hazard sources that stand uncovered while it is away, ``None``: not reckoned, those out of
    the reader's sight without a name.
    """

    name: str
    state: str
    task: str
    expected_at: datetime | None
    shift: int = 0
    unit: str = ""
    phone: str = ""
    address: str = ""
    told_through: str = ""
    by_mouth: bool = False
    lapsed: tuple[str, ...] = ()
    uncovered: tuple[str, ...] | None = None
    task_id: UUID | None = None

    @property
    def tone(self) -> str:
        """Colour of its state."""
        return FORCE_TONES.get(self.state, "")


def shift_minutes(first: datetime | None, now: datetime | None) -> int:
    """Whole minutes by which an arrival is later (below zero: earlier) than first expected."""
    return 0 if first is None or now is None else round((now - first).total_seconds() / 60)


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


class TaskWaits(Refusal):
    code: ClassVar[str] = "incident_task_waits"
    sentence: ClassVar[str] = N_("须先完成：{tasks}。请先办结这些任务，或写明理由取消。")


class NoPosition(Refusal):
    code: ClassVar[str] = "incident_no_position"
    sentence: ClassVar[str] = N_("事件没有坐标，无法按行车时间推荐力量。请先补登坐标。")
    status: ClassVar[int] = 422


class TooLateToSend(Refusal):
    code: ClassVar[str] = "incident_too_late_to_send"
    sentence: ClassVar[str] = N_("任务“{task}”已出发或已办结，不能再更换力量，请另下达任务。")


class SpokenToNobody(Refusal):
    code: ClassVar[str] = "incident_spoken_to_nobody"
    sentence: ClassVar[str] = N_("请写明口头通知了谁。")
    status: ClassVar[int] = 422


class NothingToSay(Refusal):
    code: ClassVar[str] = "incident_nothing_to_say"
    sentence: ClassVar[str] = N_("任务“{task}”不需要口头确认：本人有电话，或已经接收。")


class NobodyToReach(Refusal):
    code: ClassVar[str] = "incident_nobody_to_reach"
    sentence: ClassVar[str] = N_("{who}没有登记手机号，所在单位也没有值班电话，无法下达任务。请补登电话或改派他人。")
    status: ClassVar[int] = 422


class NotAbove(Refusal):
    code: ClassVar[str] = "incident_not_above"
    sentence: ClassVar[str] = N_("指挥权只能移交给上级单位；“{organisation}”不是本单位的上级。")
    status: ClassVar[int] = 422


class NotOffered(Refusal):
    code: ClassVar[str] = "incident_command_not_offered"
    sentence: ClassVar[str] = N_("指挥权移交给“{organisation}”，须由该单位接任。")
    status: ClassVar[int] = 403


class AlreadyHolds(Refusal):
    code: ClassVar[str] = "incident_already_holds"
    sentence: ClassVar[str] = N_("{who}已担任“{group}”负责人。")
