"""The law of special work permits (特殊作业票): kinds, states, who acts, and the rows of the standard. No Django, no clock.

Source: GB 30871-2022 (clauses named at each rule). Figures and lists are rows of ``data/*.csv`` with article, status and dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from anlan.kernel.flow import STAYS, Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule

CHINA = ZoneInfo("Asia/Shanghai")

ACTIONS: dict[str, str] = {
    "permits.view": N_("查看特殊作业票"),
    "permits.draft": N_("申请特殊作业票"),
    "permits.confirm": N_("确认作业安全措施"),
    "permits.gas": N_("登记作业气体分析"),
    "permits.approve": N_("审批特殊作业票"),
    "permits.work": N_("开始、暂停、恢复、完成作业"),
    "permits.accept": N_("作业完工验收"),
    "permits.cancel": N_("作废特殊作业票"),
    "permits.stop": N_("责令停止作业"),
    "permits.expire": N_("作业票到期（由系统办理）"),
    "permits.set_rules": N_("设定本企业作业票时限"),
    "commitments.view": N_("查看安全承诺公告"),
    "commitments.give": N_("公告安全承诺"),
    "commitments.check": N_("核对安全承诺（由系统办理）"),
}

HOT_WORK, CONFINED_SPACE, BLIND_PLATE, WORK_AT_HEIGHT = "hot_work", "confined_space", "blind_plate", "work_at_height"
LIFTING, TEMP_POWER, EXCAVATION, ROAD_BREAK = "lifting", "temp_power", "excavation", "road_break"
KINDS: dict[str, str] = {
    HOT_WORK: N_("动火作业"),
    CONFINED_SPACE: N_("受限空间作业"),
    BLIND_PLATE: N_("盲板抽堵作业"),
    WORK_AT_HEIGHT: N_("高处作业"),
    LIFTING: N_("吊装作业"),
    TEMP_POWER: N_("临时用电作业"),
    EXCAVATION: N_("动土作业"),
    ROAD_BREAK: N_("断路作业"),
}
"""The eight special works, in the order of forms A.1 to A.8."""
SIGNS: dict[str, str] = {
    HOT_WORK: "DH",
    CONFINED_SPACE: "SX",
    BLIND_PLATE: "MB",
    WORK_AT_HEIGHT: "GC",
    LIFTING: "DZ",
    TEMP_POWER: "YD",
    EXCAVATION: "DT",
    ROAD_BREAK: "DL",
}
"""Letters by which the number of a permit tells its kind. Project default: the standard leaves numbering to the enterprise."""

OPEN_VESSEL = "open_vessel"
"""Not a special work by itself: a vessel or pipe stands open, which matters to whoever works with fire beside it."""

# --- the life of a permit --------------------------------------------------------------------------------------------------------

DRAFTED, CONFIRMED, ANALYSED, APPROVED = "drafted", "confirmed", "analysed", "approved"
WORKING, PAUSED, FINISHED = "working", "paused", "finished"
CLOSED, CANCELLED, EXPIRED = "closed", "cancelled", "expired"

BEFORE_APPROVAL = (DRAFTED, CONFIRMED, ANALYSED)
LIVE_STATES = (APPROVED, WORKING, PAUSED)
"""States in which a permit gives leave to work, or would after a break."""
OPEN_STATES = (*BEFORE_APPROVAL, *LIVE_STATES, FINISHED)
SAME_NUMBER_OPEN = N_("作业票的编号不能改动，请先办结其中一张")
"""What is to be done before two enterprises are merged that both have a permit of one number, the second one still open."""
STATE_TONES: dict[str, str] = {
    DRAFTED: "grey",
    CONFIRMED: "blue",
    ANALYSED: "blue",
    APPROVED: "green",
    WORKING: "orange",
    PAUSED: "yellow",
    FINISHED: "blue",
    CLOSED: "grey",
    CANCELLED: "grey",
    EXPIRED: "red",
}

BREAK, SUPERVISOR_LEFT, GAS, ALARM, STOPPED, UPGRADE, NOT_ACCEPTED = (
    "break", "supervisor_left", "gas", "alarm", "stopped", "upgrade", "not_accepted",
)  # fmt: skip
PAUSES: dict[str, str] = {
    BREAK: N_("作业中断"),
    SUPERVISOR_LEFT: N_("监护人离开"),
    GAS: N_("气体分析不合格"),
    ALARM: N_("附近报警"),
    STOPPED: N_("责令停止"),
    UPGRADE: N_("进入须升级管理的时段"),
    NOT_ACCEPTED: N_("验收不合格"),
}
PAUSES_BY_PEOPLE = (BREAK, SUPERVISOR_LEFT, ALARM)

FLOW = Flow(
    code="permit",
    label=N_("特殊作业票"),
    initial=DRAFTED,
    states=(
        State(DRAFTED, N_("已申请，待确认措施")),
        State(CONFIRMED, N_("措施已确认")),
        State(ANALYSED, N_("气体分析合格，待审批")),
        State(APPROVED, N_("已批准，待开工")),
        State(WORKING, N_("作业中")),
        State(PAUSED, N_("已暂停")),
        State(FINISHED, N_("已完工，待验收")),
        State(CLOSED, N_("已验收关闭"), final=True),
        State(CANCELLED, N_("已作废"), final=True),
        State(EXPIRED, N_("已过期"), final=True),
    ),
    moves=(
        Move("confirm", N_("措施确认完毕"), (DRAFTED,), CONFIRMED, "permits.confirm", announces="permits.changed"),
        Move("analyse", N_("气体分析合格"), (CONFIRMED,), ANALYSED, "permits.gas", announces="permits.changed"),
        Move("spoil", N_("气体分析不合格"), (ANALYSED,), CONFIRMED, "permits.gas", announces="permits.changed"),
        # 4.11 a: signed on the spot by whom table B.1 names for the grade; never by who asked for the permit.
        Move(
            "approve",
            N_("现场审批"),
            (CONFIRMED, ANALYSED),
            APPROVED,
            "permits.approve",
            requires=("leader_name", "supervisor_name", "briefed_by_name", "briefed_to_name"),
            not_by=("applicant_id",),
            announces="permits.approved",
        ),
        Move(
            "return", N_("退回修改"), (CONFIRMED, ANALYSED), DRAFTED, "permits.approve", reason_required=True, announces="permits.changed"
        ),
        Move("start", N_("开始作业"), (APPROVED,), WORKING, "permits.work", announces="permits.changed"),
        Move("pause", N_("暂停作业"), (WORKING,), PAUSED, "permits.work", announces="permits.paused"),
        Move("hold", N_("系统暂停作业"), (WORKING,), PAUSED, "permits.expire", reason_required=True, announces="permits.paused"),
        Move("resume", N_("恢复作业"), (PAUSED,), WORKING, "permits.work", announces="permits.changed"),
        Move("finish", N_("作业完成"), (WORKING, PAUSED), FINISHED, "permits.work", announces="permits.changed"),
        Move("accept", N_("完工验收合格"), (FINISHED,), CLOSED, "permits.accept", not_by=("finished_by_id",), announces="permits.closed"),
        Move(
            "reject",
            N_("验收不合格"),
            (FINISHED,),
            PAUSED,
            "permits.accept",
            not_by=("finished_by_id",),
            reason_required=True,
            announces="permits.paused",
        ),
        Move(
            "stop",
            N_("责令停止作业"),
            (WORKING, APPROVED),
            PAUSED,
            "permits.stop",
            reason_required=True,
            danger=True,
            announces="permits.paused",
        ),
        Move(
            "cancel",
            N_("作废"),
            (*BEFORE_APPROVAL, APPROVED, PAUSED),
            CANCELLED,
            "permits.cancel",
            reason_required=True,
            danger=True,
            announces="permits.closed",
        ),
        # 4.16: never extended. Only the sweep does this.
        Move("expire", N_("到期"), (*BEFORE_APPROVAL, *LIVE_STATES), EXPIRED, "permits.expire", announces="permits.expired"),
    ),
    acts=(
        Move("edit", N_("修改申请"), (DRAFTED,), STAYS, "permits.draft"),
        Move("mark", N_("确认安全措施"), (DRAFTED,), STAYS, "permits.confirm"),
        # Before the measures are confirmed too: what was read on the spot is kept. Afterwards for what came late.
        Move("test", N_("登记气体分析"), (*BEFORE_APPROVAL, *LIVE_STATES, FINISHED, EXPIRED), STAYS, "permits.gas"),
        # A phone without network tells afterwards that the work had ended before its time ran out.
        Move("note_finish", N_("补记完工"), (EXPIRED,), STAYS, "permits.work"),
        Move("release", N_("同意恢复作业"), (PAUSED,), STAYS, "permits.stop", reason_required=True),
        Move("answer", N_("说明作业冲突管控"), (*BEFORE_APPROVAL, *LIVE_STATES), STAYS, "permits.draft", reason_required=True),
    ),
    field_labels={
        "leader_name": N_("作业负责人"),
        "supervisor_name": N_("监护人"),
        "briefed_by_name": N_("安全交底人"),
        "briefed_to_name": N_("接受交底人"),
    },
)

# --- lines of the form -----------------------------------------------------------------------------------------------------------

YES, NOT_APPLICABLE, NO = "yes", "not_applicable", "no"
ANSWERS: dict[str, str] = {YES: N_("已落实"), NOT_APPLICABLE: N_("不涉及"), NO: N_("未落实")}

# --- rows of the standard --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Grade(DatedRule):
    """One grade of one kind of work: how long its permit lasts (hours; ``None``: the standard sets none), gas windows (minutes), who signs.

    ``rank`` grows with the danger within a kind. ``approver_posts``: kinds of posts of this platform that stand for the approver of
    table B.1, by blanks (project default: the standard names functions).
    """

    code: str
    kind: str
    grade: str
    rank: int
    name_zh: str
    name_en: str
    rule_zh: str
    rule_en: str
    valid_hours: int | None
    valid_clause: str
    sample_before_minutes: int | None
    retest_after_minutes: int | None
    gas: bool
    continuous: bool
    approver_zh: str
    approver_en: str
    approver_posts: str
    archive_zh: str
    article: str


@dataclass(frozen=True, kw_only=True)
class Measure(DatedRule):
    """One line of a form's list of safety measures; ``other``: the line in which further measures are written."""

    code: str
    kind: str
    number: int
    text_zh: str
    other: bool
    article: str


@dataclass(frozen=True, kw_only=True)
class FormField(DatedRule):
    """One field of a form; ``form`` is ``common`` or a kind."""

    code: str
    form: str
    number: int
    name_zh: str
    article: str


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure that a node may set otherwise."""

    code: str
    label_zh: str
    label_en: str
    value: int
    unit: str
    article: str


@dataclass(frozen=True, kw_only=True)
class RestDay(DatedRule):
    """A day set by hand: ``kind`` is ``holiday``, ``rest_day`` or ``workday``; it goes before the calendar."""

    day: date
    kind: str
    name_zh: str
