"""The law of judgements: what may be asked, the life of a judgement and of a run, and what is refused.

A judgement (研判) is the question "how far, how bad, how long" about one event. A run is one answer to it and never changes.
"""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "judgement.view": N_("查看研判"),
    "judgement.run": N_("建立研判并计算"),
}

# --- life ------------------------------------------------------------------------------------------------------------------------

LIVE, CLOSED = "live", "closed"

FLOW = Flow(
    code="judgement",
    label=N_("研判"),
    initial=LIVE,
    states=(State(LIVE, N_("研判中")), State(CLOSED, N_("已结束"), final=True)),
    moves=(Move("close", N_("结束研判"), (LIVE,), CLOSED, "judgement.run", reason_required=True, announces="judgement.changed"),),
)

WAITING, RUNNING, DONE, REFUSED, CANCELLED, FAILED = "waiting", "running", "done", "refused", "cancelled", "failed"
RUN_STATES: dict[str, str] = {
    WAITING: N_("排队中"),
    RUNNING: N_("计算中"),
    DONE: N_("已算出"),
    REFUSED: N_("未能计算"),
    CANCELLED: N_("已取消"),
    FAILED: N_("程序出错"),
}
RUN_TONES = {DONE: "green", REFUSED: "orange", FAILED: "red"}
UNFINISHED = (WAITING, RUNNING)
FINISHED = (DONE, REFUSED, CANCELLED, FAILED)

# --- what may be asked -----------------------------------------------------------------------------------------------------------

TOXIC, POOL_FIRE, JET_FIRE, FIREBALL, CLOUD_BLAST, TNT = "toxic", "pool_fire", "jet_fire", "fireball", "cloud_blast", "tnt"
KINDS: dict[str, str] = {
    TOXIC: N_("有毒气体泄漏扩散"),
    POOL_FIRE: N_("池火"),
    JET_FIRE: N_("喷射火"),
    FIREBALL: N_("火球（BLEVE）"),
    CLOUD_BLAST: N_("蒸气云爆炸"),
    TNT: N_("爆炸物（TNT）爆炸"),
}

HOLE, WHOLE, RATE = "hole", "whole", "rate"
RELEASES: dict[str, str] = {
    HOLE: N_("从孔口泄漏"),
    WHOLE: N_("全部存量瞬间泄漏"),
    RATE: N_("已知进入空气的速率"),
}

ORIGINS: dict[str, str] = {
    "typed": N_("人工填写"),
    "record": N_("危险源档案"),
    "sensor": N_("实时监测"),
    "alarm": N_("报警"),
    "filing": N_("信息报送"),
    "incident": N_("突发事件"),
    "reckoned": N_("推算"),
    "default": N_("默认值"),
    "before": N_("上次计算"),
}
"""Where a figure of the form comes from. What is typed wins over all else; what nobody gave is a default and says so."""

LINKS: dict[str, str] = {
    "alarm": N_("报警"),
    "filing": N_("信息报送"),
    "incident": N_("突发事件"),
    "risk_source": N_("危险源"),
}

EVACUATION_LABELS: dict[str, str] = {
    "severity": N_("撤离到哪一级范围"),
    "means": N_("转移方式"),
    "curve": N_("出发过程"),
    "vehicles": N_("客车数量"),
    "seats": N_("每车座位"),
}
EVACUATION_UNITS: dict[str, str] = {"vehicles": N_("辆"), "seats": N_("座")}

TO_BE_LEFT = 2
"""Zones down to this severity are left when nobody says otherwise: whoever stays in them without protection is harmed for good."""

# --- refusals --------------------------------------------------------------------------------------------------------------------


class NothingGiven(Refusal):
    code: ClassVar[str] = "judgement_nothing_given"
    sentence: ClassVar[str] = N_("请填写“{what}”（{unit}）。没有这项数据不能计算。")
    status: ClassVar[int] = 422


class NoNumber(Refusal):
    code: ClassVar[str] = "judgement_no_number"
    sentence: ClassVar[str] = N_("“{what}”应填数字（{unit}），现为“{given}”。")
    status: ClassVar[int] = 422


class BeyondBounds(Refusal):
    code: ClassVar[str] = "judgement_beyond_bounds"
    sentence: ClassVar[str] = N_("“{what}”须在 {low} 至 {high} {unit} 之间，现为 {given}。请核对。")
    status: ClassVar[int] = 422


class NotAboveNothing(Refusal):
    code: ClassVar[str] = "judgement_not_above_nothing"
    sentence: ClassVar[str] = N_("“{what}”须大于 {low} {unit}，现为 {given}。请核对。")
    status: ClassVar[int] = 422


class NoSuchChoice(Refusal):
    code: ClassVar[str] = "judgement_no_such_choice"
    sentence: ClassVar[str] = N_("“{what}”没有“{given}”这一项。请在 {known} 中选择。")
    status: ClassVar[int] = 422


class NoMoment(Refusal):
    code: ClassVar[str] = "judgement_no_moment"
    sentence: ClassVar[str] = N_("“{what}”应填年月日时分，现为“{given}”。")
    status: ClassVar[int] = 422


class UnknownKind(Refusal):
    code: ClassVar[str] = "judgement_unknown_kind"
    sentence: ClassVar[str] = N_("没有“{kind}”这一类研判。请在 {known} 中选择。")
    status: ClassVar[int] = 422


class UnknownChemical(Refusal):
    code: ClassVar[str] = "judgement_unknown_chemical"
    sentence: ClassVar[str] = N_("化学品数据中没有“{given}”。请改用其名称、CAS 号或 UN 号，或先在化学品数据中补充。")
    status: ClassVar[int] = 422


class SeveralChemicals(Refusal):
    code: ClassVar[str] = "judgement_several_chemicals"
    sentence: ClassVar[str] = N_("档案登记的“{registered}”可能是：{candidates}。请选定其中一种再计算，系统不代为猜测。")
    status: ClassVar[int] = 422


class NoEndpoint(Refusal):
    code: ClassVar[str] = "judgement_no_endpoint"
    sentence: ClassVar[str] = N_(
        "{chemical}没有可用的毒性限值（接触 {minutes} min），无法划定范围。请改用其他接触时间，或补充限值并注明来源。"
    )
    status: ClassVar[int] = 422


class UnknownPlace(Refusal):
    code: ClassVar[str] = "judgement_unknown_place"
    sentence: ClassVar[str] = N_("没有行政区划代码“{given}”。请填写 6 位县级或 9 位乡镇代码。")
    status: ClassVar[int] = 422


class IsClosed(Refusal):
    code: ClassVar[str] = "judgement_is_closed"
    sentence: ClassVar[str] = N_("该研判已结束，不能再计算。需要时请新建研判。")


class StillRunning(Refusal):
    code: ClassVar[str] = "judgement_still_running"
    sentence: ClassVar[str] = N_("第 {number} 次计算还没有结束。请等它算完，或先取消。")


class AlreadyFinished(Refusal):
    code: ClassVar[str] = "judgement_already_finished"
    sentence: ClassVar[str] = N_("第 {number} 次计算已经结束，不能取消。")


class TookTooLong(Refusal):
    code: ClassVar[str] = "judgement_took_too_long"
    sentence: ClassVar[str] = N_("计算超过 {seconds} s 未完成，已停止，没有结果。请简化情景后重试。")


class NotComputed(Refusal):
    code: ClassVar[str] = "judgement_not_computed"
    sentence: ClassVar[str] = N_("还没有算出结果，请先计算。")


class NothingDetects(Refusal):
    code: ClassVar[str] = "judgement_nothing_detects"
    sentence: ClassVar[str] = N_("泄漏点周围 {distance_km} km 内没有 {minutes} min 以内的有毒气体读数，无法反算泄漏速率。")
    status: ClassVar[int] = 422
