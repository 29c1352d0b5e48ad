"""The law of detection rules: their life with four eyes, what a rule must say, how long it may be suppressed. No Django, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.sense.detection import formula
from anlan.sense.detection.limits import restore_side
from anlan.sense.detection.virtual import circle
from anlan.wire import criteria
from anlan.wire.criteria import Colours, Combined, Configured, Drift, Limit, Parameters, Range, Virtual

ACTIONS: dict[str, str] = {
    "criteria.view": N_("查看检测规则"),
    "criteria.draft": N_("起草、修改检测规则"),
    "criteria.test": N_("用历史数据回放测试检测规则"),
    "criteria.enact": N_("启用检测规则"),
    "criteria.withdraw": N_("停用、作废检测规则"),
    "criteria.suppress": N_("抑制检测规则"),
    "replays.record": N_("登记规则回放结果"),
}

KEPT_BY_THE_NODE = "replays.record"
"""Moves that follow from a replay or a change: no post may make them, so that no page offers them."""

DRAFT, TESTED, IN_FORCE, WITHDRAWN, DISCARDED = "draft", "tested", "in_force", "withdrawn", "discarded"
EDITABLE = frozenset({DRAFT, TESTED})

FIELD_LABELS: dict[str, str] = {
    "name": N_("规则名称"),
    "kind": N_("规则类别"),
    "level": N_("报警级别"),
    "source": N_("依据"),
    "effective_from": N_("生效日期"),
    "effective_to": N_("失效日期"),
}

FLOW = Flow(
    code="criterion",
    label=N_("检测规则"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("草稿")),
        State(TESTED, N_("已测试")),
        State(IN_FORCE, N_("已启用")),
        State(WITHDRAWN, N_("已停用"), final=True),
        State(DISCARDED, N_("已作废"), final=True),
    ),
    moves=(
        Move("tested", N_("回放测试完成"), (DRAFT, TESTED), TESTED, KEPT_BY_THE_NODE),
        Move("without_history", N_("无历史数据，说明理由"), (DRAFT,), TESTED, "criteria.test", reason_required=True),
        Move("revise", N_("修改后重新测试"), (TESTED,), DRAFT, KEPT_BY_THE_NODE),
        Move(
            "enact",
            N_("启用"),
            (TESTED,),
            IN_FORCE,
            "criteria.enact",
            requires=("name", "source", "effective_from"),
            not_by=("drafted_by_id", "changed_by_id"),
            announces="criteria.changed",
        ),
        Move(
            "withdraw",
            N_("停用"),
            (IN_FORCE,),
            WITHDRAWN,
            "criteria.withdraw",
            reason_required=True,
            danger=True,
            announces="criteria.changed",
        ),
        Move("discard", N_("作废"), (DRAFT, TESTED), DISCARDED, "criteria.withdraw", reason_required=True, danger=True),
    ),
    field_labels=FIELD_LABELS,
)

KINDS: dict[str, str] = {
    "LIMIT": N_("限值与复位值"),
    "RATE": N_("变化速率"),
    "FROZEN": N_("数值不变"),
    "BLOCKED": N_("传感器被遮挡、堵塞"),
    "RANGE": N_("超出量程"),
    "DRIFT": N_("与比对测点偏离"),
    "SILENT": N_("无数据（失联）"),
    "REPEATED": N_("数据循环重复"),
    "CONFIGURED": N_("报警值设置不符"),
    "COMBINED": N_("多测点组合"),
    "COLOURS": N_("尾矿库四色预警"),
    "VIRTUAL": N_("计算测点"),
    "UNIT": N_("工艺单元整体异常"),
}
"""Kinds of rules by the words of :mod:`anlan.wire.criteria`."""
POINTS_OF_THEIR_OWN = frozenset({"COMBINED", "COLOURS", "VIRTUAL", "UNIT"})
"""Kinds whose parameters name their points; the others watch the points of a scope."""
LEARNT = frozenset({"UNIT"})
"""Kinds whose parameters come from a model: nobody writes them by hand, and only what the form asks can be changed."""
WITHOUT_HISTORY = frozenset({"CONFIGURED"})
"""Kinds that are judged by what is set, not by what was measured."""

LEVELS: dict[int, str] = {1: N_("一级（红）"), 2: N_("二级（橙）"), 3: N_("三级（黄）"), 4: N_("四级（蓝）")}
STATUSES: dict[str, str] = {"verified": N_("已核实"), "secondary": N_("二手资料"), "unverified": N_("未核实")}
STATUS_TONES: dict[str, str] = {"verified": "green"}
STATE_TONES: dict[str, str] = {IN_FORCE: "green", TESTED: "blue"}

LONGEST_SUPPRESSION = timedelta(hours=72)
"""Unless the node is set otherwise (``ANLAN_SUPPRESSION_HOURS``). Project default, no standard: a weekend of repairs."""
LONGEST_REPLAY = timedelta(days=92)
"""How much history one replay reads. Project default: a quarter."""
MOST_REPLAYED_POINTS = 500
"""How many points one replay reads. Project default."""
MOST_SCOPE_POINTS = 500
"""How many points may be named one by one; beyond that a class or a hazard source is named."""


class NoScope(Refusal):
    code: ClassVar[str] = "criterion_no_scope"
    sentence: ClassVar[str] = N_("请至少指定一个测点、测点类别或危险源。")
    status: ClassVar[int] = 422


class WrongParameters(Refusal):
    code: ClassVar[str] = "criterion_wrong_parameters"
    sentence: ClassVar[str] = N_("规则参数有误：{why}")
    status: ClassVar[int] = 422


class NotEditable(Refusal):
    code: ClassVar[str] = "criterion_not_editable"
    sentence: ClassVar[str] = N_("规则“{name}”当前为“{state}”，不能直接修改。已启用的规则请另起草修订版，测试并启用后原规则自动停用。")


class NotReplayed(Refusal):
    code: ClassVar[str] = "criterion_not_replayed"
    sentence: ClassVar[str] = N_("规则修改后还没有用历史数据回放过，不能启用。请先回放；确无历史数据的，请说明理由。")


class ImpossibleSuppression(Refusal):
    code: ClassVar[str] = "suppression_impossible"
    sentence: ClassVar[str] = N_("抑制时间不合理：{why}")
    status: ClassVar[int] = 422


class NotSuppressible(Refusal):
    code: ClassVar[str] = "suppression_not_in_force"
    sentence: ClassVar[str] = N_("只有已启用的规则才能抑制。")


class SuppressionOver(Refusal):
    code: ClassVar[str] = "suppression_over"
    sentence: ClassVar[str] = N_("该次抑制已经结束。")


class NoReason(Refusal):
    code: ClassVar[str] = "criterion_no_reason"
    sentence: ClassVar[str] = N_("请写明理由。")
    status: ClassVar[int] = 422


class ImpossibleReplay(Refusal):
    code: ClassVar[str] = "replay_impossible"
    sentence: ClassVar[str] = N_("不能按此时段回放：{why}")
    status: ClassVar[int] = 422


class ReplayRunning(Refusal):
    code: ClassVar[str] = "replay_running"
    sentence: ClassVar[str] = N_("该规则正在回放，请等它结束或先取消。")


class ModelMissing(Refusal):
    code: ClassVar[str] = "criterion_model_missing"
    sentence: ClassVar[str] = N_("没有找到该规则所用的工艺单元模型，请重新训练。")
    status: ClassVar[int] = 422


class WrittenElsewhere(Refusal):
    code: ClassVar[str] = "criterion_written_elsewhere"
    sentence: ClassVar[str] = N_("工艺单元规则由训练好的模型生成：请到“工艺单元”页面训练模型，再由模型起草规则。")
    status: ClassVar[int] = 422


class UnknownPoint(Refusal):
    code: ClassVar[str] = "criterion_unknown_point"
    sentence: ClassVar[str] = N_("没有找到测点“{point}”。请填写“设备编号/测点编号”，并先选定企业。")
    status: ClassVar[int] = 422


class Circular(Refusal):
    code: ClassVar[str] = "criterion_circular"
    sentence: ClassVar[str] = N_("计算测点互相引用，永远算不出结果：{points}。")
    status: ClassVar[int] = 422


def check(kind: str, given: object) -> Parameters:
    """The parameters of a rule, checked beyond what the message asks. Raises ``Invalid`` naming fields, ``MalformedCriterion``."""
    found = criteria.parameters(kind, given)
    wrong = {name: WrongParameters(why=why) for name, why in _wrong(found).items()}
    if wrong:
        raise Invalid(fields=wrong)
    if isinstance(found, Virtual):
        _check_formula(found)
    return found


def _wrong(found: Parameters) -> dict[str, str]:
    """What is wrong by field, in Chinese source text."""
    match found:
        case Limit() if not restore_side(found):
            return {"restore": N_("复位值不能越过限值：高限的复位值应不大于限值，低限的应不小于限值。")}
        case Range() if found.low is not None and found.high is not None and found.low >= found.high:
            return {"high": N_("上限应大于下限。")}
        case Configured() if found.h is None and found.hh is None:
            return {"h": N_("至少填写一个限值。")}
        case Combined() if found.least > len(found.conditions):
            return {"least": N_("“至少几项”超过了条件的个数。")}
        case Combined() if found.hours is not None and not found.hours.weekdays:
            return {"weekdays": N_("至少选择一天。")}
        case Combined() if found.hours is not None and found.hours.since == found.hours.until:
            return {"until": N_("起止时刻不能相同。")}
        case Colours() if any(not _ascending(each) for each in found.indicators):
            return {"indicators": N_("同一测点的蓝、黄、橙、红限值应逐级加重，且至少填写一个。")}
        case _:
            return {}


def _ascending(indicator: criteria.Indicator) -> bool:
    steps = [each for each in (indicator.blue, indicator.yellow, indicator.orange, indicator.red) if each is not None]
    return bool(steps) and steps == sorted(steps, reverse=indicator.downward)


def _check_formula(found: Virtual) -> None:
    parsed = formula.parse(found.formula)
    unknown = sorted(parsed.names - found.inputs.keys())
    if unknown:
        raise Invalid(fields={"formula": WrongParameters(why="、".join(unknown))})
    if not parsed.names:
        raise Invalid(fields={"formula": WrongParameters(why=N_("公式没有用到任何测点。"))})


def check_circle(mine: Virtual, others: Mapping[int, tuple[int, ...]]) -> None:
    """Refuse a virtual point that would wait for itself. ``others``: inputs of the virtual points in force. Raises :class:`Circular`."""
    lost = circle({**others, mine.channel: tuple(mine.inputs.values())})
    if mine.channel in lost:
        raise Circular(points="、".join(map(str, sorted(lost))))


def twin_of_itself(found: Parameters, channels: tuple[int, ...]) -> bool:
    """Whether a rule would compare its only point with itself."""
    return isinstance(found, Drift) and channels == (found.twin,)


def check_suppression(since: datetime, until: datetime, now: datetime, longest: timedelta) -> None:
    """A suppression has an end, lies ahead and is not too long. Raises :class:`ImpossibleSuppression`."""
    if until <= now:
        raise ImpossibleSuppression(why=N_("结束时间已经过去。"))
    if until <= since:
        raise ImpossibleSuppression(why=N_("结束时间不晚于开始时间。"))
    if since < now - timedelta(minutes=5):
        raise ImpossibleSuppression(why=N_("不能从过去的时间开始抑制。"))
    if until - since > longest:
        raise ImpossibleSuppression(why=N_("超过允许的最长时间。到期前可由有权限的人再次办理。"))


def check_replay(since: datetime, until: datetime, now: datetime) -> None:
    """A replay reads the past, and not too much of it. Raises :class:`ImpossibleReplay`."""
    if until <= since:
        raise ImpossibleReplay(why=N_("结束时间不晚于开始时间。"))
    if since >= now:
        raise ImpossibleReplay(why=N_("开始时间尚未到来。"))
    if until - since > LONGEST_REPLAY:
        raise ImpossibleReplay(why=N_("一次最多回放 92 天。"))
