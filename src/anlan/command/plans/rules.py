"""The law of plans: kinds, life of a plan, and how a plan becomes tasks.

Sources: 生产安全事故应急预案管理办法 (Order 88 of 2016, amended by MEM Order 2 of 2019) art. 6 (types), 26 (filing within 20 working days),
35 (evaluation every 3 years); GB/T 29639-2020 (structure).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.levels import covers, prefix_of
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "plans.view": N_("查看应急预案"),
    "plans.change": N_("编制应急预案"),
    "plans.issue": N_("公布、停用应急预案"),
}

PLAN_TYPES: dict[str, str] = {
    "general": N_("综合应急预案"),
    "special": N_("专项应急预案"),
    "site": N_("现场处置方案"),
    "department": N_("部门应急预案"),
}

# I is the gravest (突发事件应对法 2024, art. 71).
RESPONSE_LEVELS: dict[str, str] = {
    "I": N_("Ⅰ级响应"),
    "II": N_("Ⅱ级响应"),
    "III": N_("Ⅲ级响应"),
    "IV": N_("Ⅳ级响应"),
}

DRAFT, IN_FORCE, RETIRED = "draft", "in_force", "retired"

FLOW = Flow(
    code="plan",
    label=N_("应急预案"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("编制中")),
        State(IN_FORCE, N_("现行有效")),
        State(RETIRED, N_("已停用"), final=True),
    ),
    moves=(
        Move("issue", N_("公布"), (DRAFT,), IN_FORCE, "plans.issue", requires=("title", "trigger", "issued_on")),
        Move("retire", N_("停用"), (DRAFT, IN_FORCE), RETIRED, "plans.issue", reason_required=True, danger=True),
    ),
    field_labels={"title": N_("预案名称"), "trigger": N_("启动条件"), "issued_on": N_("公布日期")},
)


class NoActions(Refusal):
    code: ClassVar[str] = "plan_without_actions"
    sentence: ClassVar[str] = N_("预案“{plan}”在{level}下没有可执行的行动，不能据此启动响应。")


class MalformedTemplate(Refusal):
    code: ClassVar[str] = "plan_template_malformed"
    sentence: ClassVar[str] = N_("预案文件“{file}”有误：{why}。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Candidate:
    """A plan as far as choosing needs it."""

    id: object
    kind: str
    place_code: str
    edition: int


def choose(plans: Iterable[Candidate], kind: str, place_code: str) -> Candidate | None:
    """The plan for an event of ``kind`` at ``place_code``: the most local one that covers the place, then the newest edition."""
    fitting = [plan for plan in plans if plan.kind == kind and covers(prefix_of(plan.place_code), place_code)]
    return max(fitting, key=lambda plan: (len(prefix_of(plan.place_code)), plan.edition), default=None)


@dataclass(frozen=True)
class ActionRow:
    """One action of a plan."""

    code: str
    levels: str
    role_name: str
    filled_by: str
    text: str
    deadline_min: int
    resource: str
    done_when: str
    group: str = ""


@dataclass(frozen=True)
class TaskDraft:
    """A task that a plan gives at a level: what, by whom, until when, and when it is done."""

    code: str
    title: str
    role: str
    post: str
    due: datetime
    resource: str
    done_when: str
    group: str = ""
    depends_on: tuple[str, ...] = ()
    form: str = ""
    capability: str = ""


@dataclass(frozen=True)
class PlanGroup:
    """One group of the command structure (现场指挥部): its code, the group above it (empty: the top), and what fills it.

    ``filled_by`` is a kind of post (code or label) or a unit, as the plan says it.
    """

    code: str
    name: str
    parent: str
    role_code: str
    filled_by: str
    duties: str


def tasks_at(actions: Iterable[ActionRow], level: str, started_at: datetime) -> tuple[TaskDraft, ...]:
    """Tasks of the actions due at ``level``, each with its deadline counted from the start of the response."""
    return tuple(
        TaskDraft(
            code=row.code,
            title=row.text,
            role=row.role_name,
            post=row.filled_by,
            due=started_at + timedelta(minutes=row.deadline_min),
            resource=row.resource,
            done_when=row.done_when,
            group=row.group,
        )
        for row in actions
        if level in row.levels.split(";")
    )
