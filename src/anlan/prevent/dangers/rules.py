"""The law of hidden dangers (事故隐患): who finds, grades, orders, removes, verifies and closes, and what is refused. No Django, no clock.

Main sources: State Administration of Work Safety, Order 16 (安全生产事故隐患排查治理暂行规定, 2007) art. 3 (grades), 14 (reports), 15 (treatment
plan); Work Safety Law (2021) art. 41; 鄂安〔2010〕20号 (acceptance of listed dangers). Figures and lists are rows of ``data/*.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.kernel.flow import STAYS, Flow, Move, State
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule
from anlan.prevent.dangers import refusals

ACTIONS: dict[str, str] = {
    "dangers.view": N_("查看事故隐患"),
    "dangers.report": N_("登记事故隐患"),
    "dangers.import": N_("导入事故隐患台账"),
    "dangers.grade": N_("判定隐患等级"),
    "dangers.order": N_("下达整改要求、退回整改"),
    "dangers.rectify": N_("整改隐患"),
    "dangers.verify": N_("验收隐患整改"),
    "dangers.close": N_("隐患销号"),
    "dangers.cancel": N_("撤销误报的隐患"),
    "dangers.report_up": N_("上报重大隐患"),
    "dangers.ask_extension": N_("申请整改延期"),
    "dangers.decide_extension": N_("审批整改延期"),
    "dangers.suspend": N_("责令停产停业、恢复生产"),
    "dangers.hand_over": N_("移交隐患"),
    "dangers.supervise": N_("挂牌督办、核销"),
    "dangers.publish": N_("公开隐患信息"),
    "dangers.reward": N_("核算、登记举报奖励"),
    "dangers.sign_report": N_("签报季度、年度隐患统计"),
    "dangers.escalate": N_("隐患逾期升级（由系统办理）"),
}

SENDABLE = ("dangers.report", "dangers.grade", "dangers.order", "dangers.rectify")
"""What an enterprise's own system may send with an interface key; verifying and closing never."""

UNGRADED, GENERAL, MAJOR = "", "general", "major"
GRADES: dict[str, str] = {GENERAL: N_("一般隐患"), MAJOR: N_("重大隐患")}
GRADE_TONES: dict[str, str] = {GENERAL: "yellow", MAJOR: "red"}

SELF_CHECK, INSPECTION, TIP, ALARM, DRONE, PATROL = "self_check", "inspection", "tip", "alarm", "drone", "patrol"
SOURCES: dict[str, str] = {
    SELF_CHECK: N_("企业自查"),
    INSPECTION: N_("监管检查"),
    TIP: N_("举报"),
    ALARM: N_("监测报警"),
    DRONE: N_("无人机巡查"),
    PATROL: N_("监测抽查"),
}

SECTORS: dict[str, str] = {
    "coal": N_("煤矿"),
    "noncoal": N_("金属非金属矿山与尾矿库"),
    "hazchem": N_("化工和危险化学品"),
    "fireworks": N_("烟花爆竹"),
    "gongmao": N_("工贸"),
    "civil_explosives": N_("民用爆炸物品"),
    "other": N_("其他行业"),
}

CRITERION_LABEL = N_("判定标准条款")
NAME_LABEL = N_("姓名")

ENTERPRISE_LEVEL = 9
"""Who ordered, where no bureau did: the enterprise itself. Bureaus stand with their :class:`Level` (0 nation … 3 county)."""
SECTOR_OF: dict[str, str] = {
    "S02": "civil_explosives",
    "S26": "hazchem",
    "S27": "fireworks",
    "S28": "gongmao",
    "S46": "coal",
    "S47": "noncoal",
    "S48": "coal",
}
"""Sectors of the register of enterprises (the 51 of the compilation of March 2024) whose criteria are held here; all else is ``other``."""
BUREAU_SOURCES = (INSPECTION, TIP)
"""Sources that only a bureau may name."""
CLOCK_LABELS: dict[str, str] = {
    "grade": N_("判定隐患等级"),
    "report_major": N_("重大隐患及时上报"),
    "rectify": N_("按期整改"),
    "verify": N_("整改验收"),
    "acceptance": N_("挂牌隐患现场验收"),
    "suspension": N_("停产停业期限"),
    "listed": N_("挂牌督办期限"),
    "quarter": N_("季度隐患统计分析表"),
    "year": N_("年度隐患统计分析表"),
}
LISTED_LEVELS: dict[int, str] = {
    int(Level.NATION): N_("国家挂牌"),
    int(Level.PROVINCE): N_("省级挂牌"),
    int(Level.CITY): N_("市级挂牌"),
    int(Level.COUNTY): N_("县级挂牌"),
}

PLAN_PARTS: dict[str, str] = {
    "goal": N_("治理的目标和任务"),
    "method": N_("采取的方法和措施"),
    "funds": N_("经费和物资的落实"),
    "organization": N_("负责治理的机构和人员"),
    "deadline": N_("治理的时限和要求"),
    "safety": N_("安全措施和应急预案"),
}
"""The six parts of a treatment plan for a major danger (Order 16 art. 15)."""
FIVE_FIXES: dict[str, str] = {
    "responsible_name": N_("责任人"),
    "measures": N_("整改措施"),
    "funds_yuan": N_("整改资金（元）"),
    "deadline": N_("整改期限"),
    "contingency": N_("应急预案"),
}
"""五落实: responsible person, measures, funds, deadline, contingency plan."""
REPORT_PARTS: dict[str, str] = {
    "situation": N_("隐患的现状及其产生原因"),
    "harm": N_("隐患的危害程度和整改难易程度分析"),
    "plan": N_("隐患的治理方案"),
}
"""What is told at once of a major danger (Order 16 art. 14)."""

# --- the life of a hidden danger -------------------------------------------------------------------------------------------------

FOUND, GRADED, ORDERED, RECTIFYING = "found", "graded", "ordered", "rectifying"
RECTIFIED, VERIFIED, CLOSED, CANCELLED = "rectified", "verified", "closed", "cancelled"
OPEN_STATES = (FOUND, GRADED, ORDERED, RECTIFYING, RECTIFIED, VERIFIED)
WORKING_STATES = (ORDERED, RECTIFYING)
"""States in which the deadline of the order runs."""
STATE_TONES: dict[str, str] = {
    FOUND: "orange",
    GRADED: "orange",
    ORDERED: "yellow",
    RECTIFYING: "yellow",
    RECTIFIED: "blue",
    VERIFIED: "blue",
    CLOSED: "green",
    CANCELLED: "grey",
}

FLOW = Flow(
    code="danger",
    label=N_("事故隐患"),
    initial=FOUND,
    states=(
        State(FOUND, N_("待判定")),
        State(GRADED, N_("已判定，待下达整改")),
        State(ORDERED, N_("已责令整改")),
        State(RECTIFYING, N_("整改中")),
        State(RECTIFIED, N_("整改完成，待验收")),
        State(VERIFIED, N_("验收合格，待销号")),
        State(CLOSED, N_("已销号"), final=True),
        State(CANCELLED, N_("已撤销（误报）"), final=True),
    ),
    moves=(
        Move("grade", N_("判定等级"), (FOUND,), GRADED, "dangers.grade", requires=("grade",), stops=("grade",), announces="dangers.graded"),
        # Found to be graver or lighter on a second look: only before an order rests on it.
        Move("regrade", N_("重新判定"), (GRADED,), GRADED, "dangers.grade", requires=("grade",), reason_required=True),
        Move(
            "order",
            N_("下达整改要求"),
            (GRADED,),
            ORDERED,
            "dangers.order",
            requires=("order_text", "order_basis", "deadline"),
            starts=("rectify",),
            announces="dangers.ordered",
        ),
        Move("start", N_("开始整改"), (ORDERED,), RECTIFYING, "dangers.rectify", requires=("responsible_name", "measures")),
        # Order 16 art. 15: what is general is put right at once by those on the spot; no order and no plan is needed.
        Move(
            "fix_at_once",
            N_("当场整改完成"),
            (GRADED, ORDERED),
            RECTIFIED,
            "dangers.rectify",
            requires=("outcome",),
            starts=("verify",),
            stops=("rectify",),
            announces="dangers.rectified",
        ),
        Move(
            "rectify",
            N_("整改完成"),
            (RECTIFYING,),
            RECTIFIED,
            "dangers.rectify",
            requires=("outcome",),
            starts=("verify",),
            stops=("rectify",),
            announces="dangers.rectified",
        ),
        Move(
            "verify",
            N_("验收合格"),
            (RECTIFIED,),
            VERIFIED,
            "dangers.verify",
            requires=("verdict",),
            not_by=("rectified_by_id",),
            stops=("verify", "acceptance"),
            announces="dangers.verified",
        ),
        Move(
            "send_back",
            N_("验收不合格，退回整改"),
            (RECTIFIED,),
            RECTIFYING,
            "dangers.verify",
            not_by=("rectified_by_id",),
            starts=("rectify",),
            stops=("verify", "acceptance"),
            reason_required=True,
            announces="dangers.sent_back",
        ),
        Move("close", N_("销号"), (VERIFIED,), CLOSED, "dangers.close", announces="dangers.closed"),
        Move(
            "cancel",
            N_("撤销误报"),
            (FOUND, GRADED, ORDERED, RECTIFYING),
            CANCELLED,
            "dangers.cancel",
            not_by=("found_by_id",),
            reason_required=True,
            danger=True,
            announces="dangers.closed",
        ),
    ),
    acts=(
        Move("report_up", N_("上报重大隐患"), (GRADED, ORDERED, RECTIFYING), STAYS, "dangers.report_up", stops=("report_major",)),
        Move("ask_extension", N_("申请延期"), WORKING_STATES, STAYS, "dangers.ask_extension", reason_required=True),
        Move("decide_extension", N_("审批延期"), WORKING_STATES, STAYS, "dangers.decide_extension"),
        Move(
            "suspend",
            N_("责令停产停业"),
            WORKING_STATES,
            STAYS,
            "dangers.suspend",
            starts=("suspension",),
            reason_required=True,
            danger=True,
        ),
        Move(
            "resume",
            N_("同意恢复生产"),
            (*WORKING_STATES, RECTIFIED, VERIFIED),
            STAYS,
            "dangers.suspend",
            stops=("suspension",),
            reason_required=True,
        ),
        Move("hand_over", N_("移交"), (FOUND, *WORKING_STATES, GRADED, RECTIFIED), STAYS, "dangers.hand_over", reason_required=True),
        Move(
            "list",
            N_("挂牌督办"),
            (GRADED, *WORKING_STATES, RECTIFIED),
            STAYS,
            "dangers.supervise",
            starts=("listed",),
            reason_required=True,
        ),
        Move("ask_acceptance", N_("申请验收核销"), (RECTIFIED,), STAYS, "dangers.rectify", starts=("acceptance",)),
        Move(
            "delist",
            N_("核销挂牌"),
            (VERIFIED,),
            STAYS,
            "dangers.supervise",
            not_by=("rectified_by_id",),
            stops=("listed",),
            reason_required=True,
        ),
        Move("publish", N_("公开"), (*WORKING_STATES, RECTIFIED, VERIFIED, CLOSED), STAYS, "dangers.publish", requires=("public_text",)),
        Move("reward", N_("核算举报奖励"), (*WORKING_STATES, GRADED, RECTIFIED, VERIFIED, CLOSED), STAYS, "dangers.reward"),
    ),
    field_labels={
        "grade": N_("隐患等级"),
        "order_text": N_("整改要求"),
        "order_basis": N_("法律依据"),
        "deadline": N_("整改期限"),
        "responsible_name": N_("责任人"),
        "measures": N_("整改措施"),
        "outcome": N_("整改情况"),
        "verdict": N_("验收意见"),
        "public_text": N_("公开内容"),
    },
)


# --- dated figures ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ClockRow(DatedRule):
    """A deadline: so many days, hours or months after ``counted_from``; none of them: the case itself says until when."""

    code: str
    days: int | None
    hours: int | None
    months: int | None
    counted_from: str
    article: str

    def until(self, since: datetime) -> datetime:
        """When it ends. Raises ``ValueError`` for a row whose end the case names."""
        if self.months:
            return add_months(since, self.months)
        if not (self.days or self.hours):
            raise ValueError(f"the case names the end of {self.code}")
        return since + timedelta(days=self.days or 0, hours=self.hours or 0)


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure that a node may set otherwise."""

    code: str
    label_zh: str
    label_en: str
    value: int
    unit: str


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and time so many months later (or earlier); the last day of the month where that day is missing."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month)


# --- checks ----------------------------------------------------------------------------------------------------------------------


def missing_fixes(values: Mapping[str, object]) -> tuple[str, ...]:
    """Which of the five fixes are not filled; 0 yuan is an answer."""
    return tuple(name for name in FIVE_FIXES if values.get(name) in (None, ""))


def missing_parts(plan: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Which parts of a plan or a report are empty."""
    return tuple(name for name in wanted if not str(plan.get(name) or "").strip())


def check_plan(values: Mapping[str, object], plan: Mapping[str, str]) -> None:
    """A major danger is not worked on without the five fixes and the six parts of its plan. Raises :class:`FixesMissing`, :class:`PlanMissing`."""
    if fixes := missing_fixes(values):
        raise refusals.FixesMissing(fields="、".join(FIVE_FIXES[name] for name in fixes), names=list(fixes))
    if parts := missing_parts(plan, PLAN_PARTS):
        raise refusals.PlanMissing(fields="、".join(PLAN_PARTS[name] for name in parts), names=[f"plan_{name}" for name in parts])


def check_standing(*, by_level: int, ordered_level: int | None, listed_level: int | None) -> None:
    """Whoever judges the removal stands no lower than who ordered it and who listed it.

    ``by_level``: :class:`Level` of a bureau's officer, :data:`ENTERPRISE_LEVEL` for the enterprise's own people; a bureau's order is
    judged by a bureau, a listed danger by the level that listed it or one above. Raises :class:`NotYoursToJudge`, :class:`ListedAbove`.
    """
    if by_level == ENTERPRISE_LEVEL and ordered_level not in (None, ENTERPRISE_LEVEL):
        raise refusals.NotYoursToJudge()
    if listed_level is not None and by_level > listed_level:
        raise refusals.ListedAbove(level=LISTED_LEVELS[listed_level])


def is_late(found_at: datetime, registered_at: datetime, after_hours: int) -> bool:
    """Whether a danger was registered long after it was found (补录)."""
    return registered_at - found_at > timedelta(hours=after_hours)


def is_overdue(state: str, deadline: datetime | None, now: datetime) -> bool:
    """Whether the deadline of the order has passed without the danger being removed."""
    return state in WORKING_STATES and deadline is not None and now > deadline


def object_key(text: str) -> str:
    """A place or object as it is compared with others: no blanks and punctuation, lower case, at most 80 characters."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())[:80]
