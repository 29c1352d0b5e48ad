"""The law of plans: kinds, life of a plan, and how a plan becomes tasks.

Sources: 生产安全事故应急预案管理办法 (Order 88 of 2016, amended by MEM Order 2 of 2019) art. 6 (types), 26 (filing within 20 working days),
35 (evaluation every 3 years); GB/T 29639-2020 (structure).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    "plans.file": N_("申请预案备案"),
    "plans.accept": N_("核对、登记预案备案"),
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


SUBMITTED, INCOMPLETE, FILED = "submitted", "incomplete", "filed"

FILING_FLOW = Flow(
    code="plan_filing",
    label=N_("预案备案"),
    initial=SUBMITTED,
    states=(
        State(SUBMITTED, N_("待核对")),
        State(INCOMPLETE, N_("待补齐")),
        State(FILED, N_("已备案"), final=True),
    ),
    moves=(
        Move("tell", N_("一次性告知"), (SUBMITTED,), INCOMPLETE, "plans.accept", reason_required=True, stops=("plans.check",)),
        Move("complete", N_("补齐材料"), (INCOMPLETE,), SUBMITTED, "plans.file"),
        Move("accept", N_("予以备案"), (SUBMITTED,), FILED, "plans.accept", stops=("plans.check",)),
        Move("silence", N_("逾期视为备案"), (SUBMITTED,), FILED, "plans.accept", stops=("plans.check",)),
    ),
)
CHECK_CLOCK, CHECK_LABEL = "plans.check", N_("核对预案备案材料")


class NoActions(Refusal):
    code: ClassVar[str] = "plan_without_actions"
    sentence: ClassVar[str] = N_("预案“{plan}”在{level}下没有可执行的行动，不能据此启动响应。")


class MalformedTemplate(Refusal):
    code: ClassVar[str] = "plan_template_malformed"
    sentence: ClassVar[str] = N_("预案文件“{file}”有误：{why}。")
    status: ClassVar[int] = 422


class NotADraft(Refusal):
    code: ClassVar[str] = "plan_not_a_draft"
    sentence: ClassVar[str] = N_("预案“{plan}”已不在编制中，不能直接修改。请先建立新的一版。")
    status: ClassVar[int] = 409


class CodeTaken(Refusal):
    code: ClassVar[str] = "plan_code_taken"
    sentence: ClassVar[str] = N_("编号“{code}”第 {edition} 版或更新的版次已经存在。请换一个编号，或者继续编制已有的版次。")
    status: ClassVar[int] = 409


class ReadAlready(Refusal):
    code: ClassVar[str] = "plan_file_read_already"
    sentence: ClassVar[str] = N_("“{name}”已经导入过本预案。请在导入记录中继续确认。")
    status: ClassVar[int] = 409


class StepDecided(Refusal):
    code: ClassVar[str] = "plan_import_decided"
    sentence: ClassVar[str] = N_("此项已由 {who} 处理。请刷新页面查看。")
    status: ClassVar[int] = 409


class StillUsed(Refusal):
    code: ClassVar[str] = "plan_role_in_use"
    sentence: ClassVar[str] = N_("角色“{role}”还有行动或下级组，请先调整后再删除。")
    status: ClassVar[int] = 409


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
    depends_on: tuple[str, ...] = ()
    form: str = ""
    capability: str = ""


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
    """Tasks of the actions due at ``level``, each with its deadline counted from the start of the response.

    A task waits only for tasks that are given at the same level.
    """
    due = [row for row in actions if level in listed(row.levels)]
    given = {row.code for row in due}
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
            depends_on=tuple(code for code in row.depends_on if code in given),
            form=row.form,
            capability=row.capability,
        )
        for row in due
    )


def listed(text: str) -> tuple[str, ...]:
    """The codes of a ``;``-separated column."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


def structure_of(groups: Iterable[tuple[PlanGroup, str]], level: str) -> tuple[PlanGroup, ...]:
    """The groups set up at ``level`` (each given with its ``;``-separated levels, empty: all); the first one commands.

    A group whose parent is not set up at the level reports to the next one above that is.
    """
    rows = list(groups)
    if not rows:
        return ()
    top = rows[0][0].code
    above = {group.code: group.parent or top for group, _levels in rows}
    present = {group.code for group, levels in rows if group.code == top or not levels or level in listed(levels)}

    def over(code: str) -> str:
        seen = {code}
        parent = above.get(code, top)
        while parent not in present and parent not in seen:
            seen.add(parent)
            parent = above.get(parent, top)
        return parent if parent in present else top

    return tuple(replace(group, parent="" if group.code == top else over(group.code)) for group, _levels in rows if group.code in present)


def circle(before: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The codes that wait for one another in a circle (each maps to what must be done before it); empty when there is no circle."""
    left = {code: set(needed) & set(before) for code, needed in before.items()}
    while ready := [code for code, needed in left.items() if not needed]:
        for code in ready:
            del left[code]
        for needed in left.values():
            needed.difference_update(ready)
    return tuple(sorted(left))
