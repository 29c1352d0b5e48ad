"""The law of an incident's books: people hurt and missing, decisions with their grounds, what is said to media and families, cost.

Source: 突发事件应对法 (2024) art. 7 (information is given out in one voice, in time and truly). Kinds of cost are the project's own.
Figures are told to the level above by the room of reports alone; here they are counted person by person and held against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "casebook.view": N_("查看事件台账"),
    "casebook.people": N_("查看和登记人员台账"),
    "casebook.decide": N_("登记决策"),
    "casebook.state": N_("起草、发布对外信息"),
    "casebook.approve": N_("审批对外信息"),
    "casebook.cost": N_("登记费用"),
}

# --- people ------------------------------------------------------------------------------------------------------------------------

MISSING, TRAPPED, LIGHT, SERIOUS, DEAD = "missing", "trapped", "light", "serious", "dead"
SAFE, DISCHARGED = "safe", "discharged"
LIVE = (MISSING, TRAPPED, LIGHT, SERIOUS)

PERSON_FLOW = Flow(
    code="casebook_person",
    label=N_("人员台账"),
    initial=MISSING,
    states=(
        State(MISSING, N_("失踪")),
        State(TRAPPED, N_("被困")),
        State(LIGHT, N_("轻伤")),
        State(SERIOUS, N_("重伤")),
        State(DEAD, N_("死亡")),
        State(SAFE, N_("平安"), final=True),
        State(DISCHARGED, N_("出院"), final=True),
    ),
    moves=(
        Move("trap", N_("确认被困"), (MISSING,), TRAPPED, "casebook.people"),
        Move("miss", N_("转为失踪"), (TRAPPED,), MISSING, "casebook.people"),
        Move("hurt_light", N_("轻伤"), (MISSING, TRAPPED, SERIOUS), LIGHT, "casebook.people"),
        Move("hurt_serious", N_("重伤"), (MISSING, TRAPPED, LIGHT), SERIOUS, "casebook.people"),
        Move("die", N_("死亡"), LIVE, DEAD, "casebook.people", danger=True),
        Move("safe", N_("平安"), (MISSING, TRAPPED), SAFE, "casebook.people"),
        Move("discharge", N_("出院"), (LIGHT, SERIOUS), DISCHARGED, "casebook.people"),
        # A death told in error: who corrects it says why, and the figures below show that they fell.
        Move("correct", N_("更正死亡"), (DEAD,), SERIOUS, "casebook.people", reason_required=True, danger=True),
    ),
)

ROLES: dict[str, str] = {
    "worker": N_("企业人员"),
    "resident": N_("群众"),
    "rescuer": N_("救援人员"),
    "unknown": N_("身份不明"),
}


@dataclass(frozen=True)
class Figures:
    """Casualties as the ledger of people counts them. Whoever was hurt and went home still counts as hurt."""

    deaths: int = 0
    serious_injured: int = 0
    injured: int = 0
    missing: int = 0


def figures(people: Iterable[tuple[str, str]]) -> Figures:
    """Count people given as (state now, gravest injury on the way: ``light``, ``serious`` or empty)."""
    counted = [worst if state == DISCHARGED else state for state, worst in people]
    return Figures(
        deaths=counted.count(DEAD),
        serious_injured=counted.count(SERIOUS),
        injured=counted.count(LIGHT),
        missing=counted.count(MISSING) + counted.count(TRAPPED),
    )


# --- what is said ------------------------------------------------------------------------------------------------------------------

DRAFT, SUBMITTED, APPROVED, ISSUED, DROPPED = "draft", "submitted", "approved", "issued", "dropped"
AUDIENCES: dict[str, str] = {"media": N_("媒体"), "family": N_("家属"), "public": N_("公众"), "staff": N_("参战人员")}

STATEMENT_FLOW = Flow(
    code="casebook_statement",
    label=N_("对外信息"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("起草中")),
        State(SUBMITTED, N_("待审批")),
        State(APPROVED, N_("已批准")),
        State(ISSUED, N_("已发布"), final=True),
        State(DROPPED, N_("已作废"), final=True),
    ),
    moves=(
        Move("submit", N_("送审"), (DRAFT,), SUBMITTED, "casebook.state", requires=("title", "body"), announces="casebook.changed"),
        Move(
            "approve",
            N_("批准"),
            (SUBMITTED,),
            APPROVED,
            "casebook.approve",
            not_by=("drafted_by_id",),
            announces="casebook.changed",
        ),
        Move("send_back", N_("退回"), (SUBMITTED,), DRAFT, "casebook.approve", reason_required=True, announces="casebook.changed"),
        Move("issue", N_("发布"), (APPROVED,), ISSUED, "casebook.state", requires=("spokesperson",), announces="casebook.changed"),
        Move("drop", N_("作废"), (DRAFT, SUBMITTED, APPROVED), DROPPED, "casebook.state", reason_required=True, danger=True),
    ),
    field_labels={"title": N_("标题"), "body": N_("内容"), "spokesperson": N_("发言人或发布单位")},
)

# --- cost --------------------------------------------------------------------------------------------------------------------------

COST_KINDS: dict[str, str] = {
    "people": N_("人员"),
    "equipment": N_("装备使用"),
    "supplies": N_("物资消耗"),
    "transport": N_("运输"),
    "lodging": N_("安置"),
    "medical": N_("医疗"),
    "other": N_("其他"),
}
UNIT, GOVERNMENT, OTHERS = "unit", "government", "others"
PAYERS: dict[str, str] = {"": N_("尚不清楚"), UNIT: N_("事故单位"), GOVERNMENT: N_("政府"), OTHERS: N_("其他单位或捐助")}
"""Who bears a cost. Only what the unit pays itself is its direct loss (GB 6721-2025); the room of reports holds that rule."""
COST_STATES: dict[str, str] = {"estimated": N_("估算"), "confirmed": N_("核定"), "settled": N_("已支付")}


class NothingSaid(Refusal):
    code: ClassVar[str] = "casebook_nothing_said"
    sentence: ClassVar[str] = N_("请填写{what}。")
    status: ClassVar[int] = 422


class NoAmount(Refusal):
    code: ClassVar[str] = "casebook_no_amount"
    sentence: ClassVar[str] = N_("金额须为不等于零的数，最多两位小数；冲减填负数。")
    status: ClassVar[int] = 422
