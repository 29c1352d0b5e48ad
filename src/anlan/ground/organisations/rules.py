"""Kinds and states of organisations, the tree's law, and the sectors with their ministries. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from anlan.kernel.errors import Refusal
from anlan.kernel.levels import Level, covers, level_of, prefix_of
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule

ACTIONS: dict[str, str] = {
    "organisations.view": N_("查看机构"),
    "organisations.create": N_("新增机构"),
    "organisations.change": N_("修改机构"),
    "organisations.dissolve": N_("撤销机构"),
    "organisations.import": N_("导入机构"),
    "organisations.export": N_("导出机构"),
}

KINDS: dict[str, str] = {
    "government": N_("人民政府"),
    "emergency_bureau": N_("应急管理部门"),
    "mine_safety_bureau": N_("矿山安全监察机构"),
    "fire_rescue": N_("消防救援机构"),
    "department": N_("政府部门"),
    "committee": N_("议事协调机构"),
    "monitoring_agency": N_("监测预报机构"),
    "rescue_team": N_("应急救援队伍"),
    "hospital": N_("医疗机构"),
    "enterprise_unit": N_("企业内设机构"),
    "technical_agency": N_("技术服务机构"),
    "community": N_("村（社区）组织"),
}

ACTIVE = "active"
DISSOLVED = "dissolved"
STATES: dict[str, str] = {ACTIVE: N_("在用"), DISSOLVED: N_("已撤销")}

DEEPEST = 12
"""Most steps from an organisation to the top of its tree."""


class UnknownPlace(Refusal):
    code: ClassVar[str] = "organisation_unknown_place"
    sentence: ClassVar[str] = N_("行政区划代码“{place_code}”不在现行代码表中，请重新选择。")
    status: ClassVar[int] = 422


class UnknownKind(Refusal):
    code: ClassVar[str] = "organisation_unknown_kind"
    sentence: ClassVar[str] = N_("“{kind}”不是可用的机构类型，可用的有：{known}。")
    status: ClassVar[int] = 422


class NameTaken(Refusal):
    code: ClassVar[str] = "organisation_name_taken"
    sentence: ClassVar[str] = N_("{place}已有名为“{name}”的在用机构。")
    status: ClassVar[int] = 422


class NameMissing(Refusal):
    code: ClassVar[str] = "organisation_name_missing"
    sentence: ClassVar[str] = N_("请填写机构名称。")
    status: ClassVar[int] = 422


class ParentMakesCycle(Refusal):
    code: ClassVar[str] = "organisation_parent_makes_cycle"
    sentence: ClassVar[str] = N_("“{parent}”是“{name}”本身或其下级，不能作为它的上级。")
    status: ClassVar[int] = 422


class ParentTooDeep(Refusal):
    code: ClassVar[str] = "organisation_parent_too_deep"
    sentence: ClassVar[str] = N_("机构层级最多 {most} 层。")
    status: ClassVar[int] = 422


class ParentBelow(Refusal):
    code: ClassVar[str] = "organisation_parent_below"
    sentence: ClassVar[str] = N_("上级机构“{parent}”所在区划不包含“{name}”的区划，请选择本地或更高一级的机构。")
    status: ClassVar[int] = 422


class ParentDissolved(Refusal):
    code: ClassVar[str] = "organisation_parent_dissolved"
    sentence: ClassVar[str] = N_("上级机构“{parent}”已撤销，请另选。")
    status: ClassVar[int] = 422


class AlreadyDissolved(Refusal):
    code: ClassVar[str] = "organisation_dissolved"
    sentence: ClassVar[str] = N_("机构“{name}”已撤销，不能再修改。")


class HasActiveChildren(Refusal):
    code: ClassVar[str] = "organisation_has_children"
    sentence: ClassVar[str] = N_("机构“{name}”还有 {count} 个在用的下级机构，请先调整它们的上级。")


class WrongPhone(Refusal):
    code: ClassVar[str] = "organisation_wrong_phone"
    sentence: ClassVar[str] = N_("电话“{phone}”不正确：只能有数字、空格和 + - ( ) 、分机号写作 转123，至少 3 位数字。")
    status: ClassVar[int] = 422


class DatesReversed(Refusal):
    code: ClassVar[str] = "organisation_dates_reversed"
    sentence: ClassVar[str] = N_("撤销日期不能早于成立日期。")
    status: ClassVar[int] = 422


class ParentUnknown(Refusal):
    code: ClassVar[str] = "organisation_parent_unknown"
    sentence: ClassVar[str] = N_("本地和上级区划中没有名为“{name}”的在用机构，请先登记上级机构。")
    status: ClassVar[int] = 422


def checked_kind(kind: str) -> str:
    """``kind`` itself. Raises :class:`UnknownKind`."""
    if kind not in KINDS:
        raise UnknownKind(kind=kind, known="、".join(KINDS))
    return kind


def checked_phone(phone: str) -> str:
    """``phone`` with full-width characters and blanks tidied; empty stays empty. Raises :class:`WrongPhone`."""
    tidy = phone.strip().replace("（", "(").replace("）", ")").replace("－", "-").replace("—", "-")
    if tidy and not (
        all((character.isascii() and character in "0123456789+-() ") or character == "转" for character in tidy)
        and sum(character.isdigit() for character in tidy) >= 3
    ):
        raise WrongPhone(phone=phone)
    return tidy


Key = TypeVar("Key")


def path_to_top(start: Key, parent_of: Callable[[Key], Key | None]) -> list[Key]:
    """``start`` and everything above it. Stops after :data:`DEEPEST` steps, so that a broken tree cannot hang a reader."""
    path, here = [start], parent_of(start)
    while here is not None and here not in path and len(path) <= DEEPEST:
        path.append(here)
        here = parent_of(here)
    return path


def check_parent(own: object | None, own_name: str, place_code: str, above: list[tuple[object, str]], parent_place: str) -> None:
    """Judge a new parent. ``above`` is the parent and everything above it as (id, name), ``own`` is ``None`` for a new organisation.

    Raises :class:`ParentMakesCycle`, :class:`ParentTooDeep`, :class:`ParentBelow`.
    """
    parent_name = above[0][1]
    if own is not None and any(own == ancestor for ancestor, _ in above):
        raise ParentMakesCycle(parent=parent_name, name=own_name)
    if len(above) >= DEEPEST:
        raise ParentTooDeep(most=DEEPEST)
    if not covers(prefix_of(parent_place), place_code):
        raise ParentBelow(parent=parent_name, name=own_name)


def level_at(place_code: str) -> Level:
    """Level of an organisation that is answerable for ``place_code``."""
    return level_of(place_code)


@dataclass(frozen=True, kw_only=True)
class Sector(DatedRule):
    """One of the sectors for which a ministry published criteria of major hidden dangers.

    ``restricted``: the criteria are classified or given out on application only.
    """

    code: str
    name_zh: str
    name_en: str
    ministry_zh: str
    ministry_en: str
    criteria_zh: str
    restricted: bool
