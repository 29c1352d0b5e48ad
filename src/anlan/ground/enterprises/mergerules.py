"""The law of merging two files of one enterprise: states, who may, which values may be chosen and which are proposed. Pure; no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from anlan.ground.enterprises.duplicates import body_holds
from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.levels import covers, parent_code, prefix_of
from anlan.kernel.words import N_

OPEN, DISMISSED, DONE = "open", "dismissed", "merged"
CANDIDATE_STATES: dict[str, str] = {OPEN: N_("待核对"), DISMISSED: N_("不是同一家"), DONE: N_("已合并")}

PROPOSED, MERGED, RETURNED, WITHDRAWN = "proposed", "merged", "returned", "withdrawn"
TONES: dict[str, str] = {PROPOSED: "orange", MERGED: "green", RETURNED: "yellow"}
ACTION = "enterprises.merge"

FLOW = Flow(
    code="enterprise_merging",
    label=N_("企业合并"),
    initial=PROPOSED,
    states=(
        State(PROPOSED, N_("待确认")),
        State(MERGED, N_("已合并"), final=True),
        State(RETURNED, N_("已退回"), final=True),
        State(WITHDRAWN, N_("已撤回"), final=True),
    ),
    moves=(
        Move(
            "confirm",
            N_("确认合并"),
            (PROPOSED,),
            MERGED,
            ACTION,
            not_by=("proposed_by_id",),
            announces="enterprises.merged",
            danger=True,
        ),
        Move("return", N_("退回"), (PROPOSED,), RETURNED, ACTION, not_by=("proposed_by_id",), reason_required=True),
        Move("withdraw", N_("撤回"), (PROPOSED,), WITHDRAWN, ACTION, reason_required=True, optional=True),
    ),
)

PARTS: dict[str, tuple[str, ...]] = {
    "uscc": ("uscc",),
    "name": ("name",),
    "short_name": ("short_name",),
    "place_code": ("place_code",),
    "legal_representative": ("legal_representative",),
    "registered_address": ("registered_address",),
    "point": ("longitude", "latitude"),
    "industry_code": ("industry_code", "industry_division"),
    "sector_code": ("sector_code",),
    "scale": ("scale",),
    "state": ("state",),
    "staff_count": ("staff_count",),
    "founded_on": ("founded_on",),
    "supervisor": ("supervisor_id",),
    "business_scope": ("business_scope",),
}
"""What is chosen as one when two files are laid side by side, and the columns it consists of."""

ONLY_ONE, NEWER, CHECKED, KEPT = "only_one", "newer", "checked", "kept"
WHY: dict[str, str] = {
    ONLY_ONE: N_("只有这一方填写"),
    NEWER: N_("这一方更新或确认得晚"),
    CHECKED: N_("另一方的代码通不过 GB 11714 校验"),
    KEPT: N_("保留方原有"),
}


class MergeWithItself(Refusal):
    code: ClassVar[str] = "merge_with_itself"
    sentence: ClassVar[str] = N_("请选择两家不同的企业。")
    status: ClassVar[int] = 422


class MergePending(Refusal):
    code: ClassVar[str] = "merge_pending"
    sentence: ClassVar[str] = N_("“{name}”已有一项待确认的合并，请先办完那一项。")


class MergeReasonNeeded(Refusal):
    code: ClassVar[str] = "merge_reason_needed"
    sentence: ClassVar[str] = N_("请写明合并的理由，如“录入时代码输错，实为同一家”。")
    status: ClassVar[int] = 422


class DismissalReasonNeeded(Refusal):
    code: ClassVar[str] = "dismissal_reason_needed"
    sentence: ClassVar[str] = N_("请写明为什么不是同一家，以后就不再提示。")
    status: ClassVar[int] = 422


class CandidateSettled(Refusal):
    code: ClassVar[str] = "candidate_settled"
    sentence: ClassVar[str] = N_("这一对企业已核对过（{state}），请刷新页面查看。")


class MergeElsewhere(Refusal):
    code: ClassVar[str] = "merge_elsewhere"
    sentence: ClassVar[str] = N_("两家企业不全在您的管辖范围内，请报共同的上级部门合并。")
    status: ClassVar[int] = 403


class MergeOutdated(Refusal):
    code: ClassVar[str] = "merge_outdated"
    sentence: ClassVar[str] = N_("提出合并以后档案又有改动，确认的内容已不是当时核对的内容，请退回后重新核对提出。")


class MergeBlocked(Refusal):
    code: ClassVar[str] = "merge_blocked"
    sentence: ClassVar[str] = N_("现在还不能合并：{why}。")


class AccountsStillThere(Refusal):
    code: ClassVar[str] = "merge_accounts"
    sentence: ClassVar[str] = N_(
        "并入方还有人持有企业岗位：{people}。账号权限不能随合并转移，请安全保密管理员先收回岗位，需要的在保留方重新授予"
    )


class SameNumberStillOpen(Refusal):
    code: ClassVar[str] = "merge_same_number"
    sentence: ClassVar[str] = N_("两家都有{what} {numbers}，{advice}")


@dataclass(frozen=True)
class Side:
    """One of two files: its columns, and when somebody last said that they are right or changed them."""

    values: Mapping[str, Any]
    told_at: datetime


@dataclass(frozen=True)
class Proposal:
    """Whose value of a part survives (``survivor`` or ``loser``) unless somebody chooses otherwise, and why (a code of :data:`WHY`)."""

    part: str
    side: str
    why: str
    differs: bool


def proposals(survivor: Side, loser: Side) -> tuple[Proposal, ...]:
    """For each part of the file: what only one side has, then the code that can be right, then what was told later, survives."""
    found = []
    for part, columns in PARTS.items():
        kept, other = (tuple(side.values.get(column) for column in columns) for side in (survivor, loser))
        has, other_has = any(value not in (None, "") for value in kept), any(value not in (None, "") for value in other)
        side, why = "survivor", KEPT
        if has != other_has:
            side, why = ("survivor" if has else "loser"), ONLY_ONE
        elif part == "uscc" and body_holds(str(kept[0])) != body_holds(str(other[0])):
            side, why = ("survivor" if body_holds(str(kept[0])) else "loser"), CHECKED
        elif part not in ("uscc", "state", "place_code") and kept != other:
            # Code, state and place decide what the law asks of a file: nothing but a person changes those.
            side, why = ("loser" if loser.told_at > survivor.told_at else "survivor"), NEWER
        found.append(Proposal(part, side, why, kept != other))
    return tuple(found)


def common_place(one: str, other: str) -> str:
    """The lowest place that holds both. Raises ``MalformedPlaceCode``."""
    place = one
    while not covers(prefix_of(place), other) and (upper := parent_code(place)) is not None:
        place = upper
    return place
