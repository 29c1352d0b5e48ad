"""The law of major hazard units: who may do what, the life of a filing with the bureau, occasions to assess anew. Pure, no clock."""

from __future__ import annotations

from datetime import date

from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

SENDABLE = ("hazardsources.inventory", "hazardsources.register")
"""What an enterprise's own system may send with an interface key."""

ACTIONS: dict[str, str] = {
    "hazardsources.view": N_("查看重大危险源单元"),
    "hazardsources.register": N_("登记和修改重大危险源单元"),
    "hazardsources.inventory": N_("填写单元物质清单"),
    "hazardsources.assess": N_("辨识、评估、分级重大危险源"),
    "hazardsources.declare": N_("提出重新评估"),
    "hazardsources.file": N_("报送重大危险源备案"),
    "hazardsources.accept": N_("办理重大危险源备案和核销"),
    "hazardsources.export": N_("导出重大危险源单元清单"),
}

PRODUCTION, STORAGE = "production", "storage"
KINDS: dict[str, str] = {PRODUCTION: N_("生产单元"), STORAGE: N_("储存单元")}
"""GB 18218-2018, 3.5 and 3.6: production units part at cut-off valves (切断阀), storage units at dikes (防火堤) or separate warehouses."""

LEVELS: dict[int, str] = {1: N_("一级"), 2: N_("二级"), 3: N_("三级"), 4: N_("四级")}
LEVEL_TONES: dict[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}

TYPED, ESTIMATED = "typed", "estimated"
PEOPLE_SOURCES: dict[str, str] = {TYPED: N_("现场调查填写"), ESTIMATED: N_("平台人口数据估算")}
BY_BOUNDARY, BY_CIRCLE = "boundary", "circle"
OUTLINES: dict[str, str] = {
    BY_BOUNDARY: N_("厂区边界外推500米"),
    BY_CIRCLE: N_("无厂区边界，以坐标为圆心500米（可能偏小，请补充厂区边界）"),
}

THREE_YEARS, REBUILT, INVENTORY, SURROUNDINGS, ACCIDENT, STANDARDS = (
    "three_years",
    "rebuilt",
    "inventory",
    "surroundings",
    "accident",
    "standards",
)
TRIGGERS: dict[str, str] = {
    THREE_YEARS: N_("评估满三年"),
    REBUILT: N_("新建、改建、扩建"),
    INVENTORY: N_("物质、数量、工艺或储存方式变化"),
    SURROUNDINGS: N_("周边环境变化"),
    ACCIDENT: N_("发生事故"),
    STANDARDS: N_("标准变化"),
}
"""Order 40 art. 11, in its order; the wording of the article stands in ``data/triggers.csv``."""
DECLARED = (REBUILT, INVENTORY, SURROUNDINGS, ACCIDENT)
"""What somebody tells; the other two the node finds by itself."""

DRAFT, SUBMITTED, RETURNED, ACCEPTED, CANCELLING = "draft", "submitted", "returned", "accepted", "cancelling"
CANCELLED, REPLACED, WITHDRAWN = "cancelled", "replaced", "withdrawn"
OPEN_STATES = (DRAFT, SUBMITTED, RETURNED)
HELD_STATES = (ACCEPTED, CANCELLING)

FILE, CANCEL_REVIEW = "hazard_file", "hazard_cancel_review"
CLOCKS: dict[str, str] = {FILE: N_("重大危险源备案"), CANCEL_REVIEW: N_("重大危险源核销审查")}

FLOW = Flow(
    code="hazard_filing",
    label=N_("重大危险源备案"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("待报送")),
        State(SUBMITTED, N_("已报送")),
        State(RETURNED, N_("已退回")),
        State(ACCEPTED, N_("已备案")),
        State(CANCELLING, N_("申请核销")),
        State(CANCELLED, N_("已核销"), final=True),
        State(REPLACED, N_("已由新备案替代"), final=True),
        State(WITHDRAWN, N_("已撤回"), final=True),
    ),
    moves=(
        Move(
            "submit",
            N_("报送备案"),
            (DRAFT, RETURNED),
            SUBMITTED,
            "hazardsources.file",
            requires=("contact_name", "contact_phone"),
            stops=(FILE,),
            announces="hazardsources.filing",
        ),
        Move(
            "accept",
            N_("同意备案"),
            (SUBMITTED,),
            ACCEPTED,
            "hazardsources.accept",
            requires=("receipt_number",),
            not_by=("submitted_by_id",),
            announces="hazardsources.filing",
        ),
        Move(
            "return",
            N_("退回补正"),
            (SUBMITTED,),
            RETURNED,
            "hazardsources.accept",
            not_by=("submitted_by_id",),
            reason_required=True,
            announces="hazardsources.filing",
        ),
        Move("recall", N_("重新评估后收回"), (SUBMITTED, RETURNED), DRAFT, "hazardsources.file", starts=(FILE,), optional=True),
        Move(
            "ask_cancel",
            N_("申请核销"),
            (ACCEPTED,),
            CANCELLING,
            "hazardsources.file",
            starts=(CANCEL_REVIEW,),
            reason_required=True,
            optional=True,
            announces="hazardsources.filing",
        ),
        Move(
            "cancel",
            N_("同意核销"),
            (CANCELLING,),
            CANCELLED,
            "hazardsources.accept",
            not_by=("cancel_asked_by_id",),
            stops=(CANCEL_REVIEW,),
            announces="hazardsources.filing",
        ),
        Move(
            "keep",
            N_("不同意核销"),
            (CANCELLING,),
            ACCEPTED,
            "hazardsources.accept",
            not_by=("cancel_asked_by_id",),
            stops=(CANCEL_REVIEW,),
            reason_required=True,
            announces="hazardsources.filing",
        ),
        Move(
            "replace", N_("由新备案替代"), (ACCEPTED, CANCELLING), REPLACED, "hazardsources.accept", stops=(CANCEL_REVIEW,), optional=True
        ),
        Move(
            "withdraw",
            N_("撤回"),
            (DRAFT, RETURNED),
            WITHDRAWN,
            "hazardsources.file",
            stops=(FILE,),
            reason_required=True,
            danger=True,
            optional=True,
        ),
    ),
    field_labels={"contact_name": N_("联系人"), "contact_phone": N_("联系电话"), "receipt_number": N_("备案编号")},
)
STATE_TONES: dict[str, str] = {
    DRAFT: "yellow",
    SUBMITTED: "blue",
    RETURNED: "orange",
    ACCEPTED: "green",
    CANCELLING: "yellow",
}
BY_THE_NODE = frozenset({"recall", "replace"})
"""Moves that follow from another deed and are no buttons."""


def severity(level: int | None) -> int:
    """0 for no major hazard source, 1 for 四级 … 4 for 一级: grows with the harm, so that grades compare."""
    return 0 if level is None else 5 - level


def years_after(day: date, years: int) -> date:
    """The same day ``years`` later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
