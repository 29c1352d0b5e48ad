"""The law of sector packs: what their tables hold, whose enterprises they concern, which version holds on a day, how answers are read.

A pack is data: a folder of tables. No Django, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import ClassVar, Protocol, TypeVar

from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule

ACTIONS: dict[str, str] = {
    "packs.view": N_("查看行业包"),
    "packs.load": N_("装入行业包（由运维人员用命令行办理）"),
    "packs.fill": N_("填写企业行业信息、设定适用的行业包"),
}

CODE = re.compile(r"[a-z][a-z0-9_]{1,18}")
ROW_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.()-]{0,39}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
SECTOR_CODE = re.compile(r"[A-Z][A-Z0-9]{1,15}")

BY_SECTOR, BY_MARK = "sector", "marked"
APPLIES: dict[str, str] = {BY_SECTOR: N_("按企业行业领域自动适用"), BY_MARK: N_("由人逐家设定")}
"""How a pack finds its enterprises: by their sector (and industry), or because somebody said so (dust, ammonia: no register says it)."""

TEXT, NUMBER, INTEGER, DATE, YES_NO, CHOICE = "text", "number", "integer", "date", "yes_no", "choice"
FIELD_TYPES: dict[str, str] = {
    TEXT: N_("文字"),
    NUMBER: N_("数值"),
    INTEGER: N_("整数"),
    DATE: N_("日期"),
    YES_NO: N_("是或否"),
    CHOICE: N_("单选"),
}
PERIODS: dict[str, str] = {
    "shift": N_("每班"),
    "day": N_("每日"),
    "week": N_("每周"),
    "month": N_("每月"),
    "quarter": N_("每季度"),
    "half_year": N_("每半年"),
    "year": N_("每年"),
    "visit": N_("每次检查"),
}
USES: dict[str, str] = {"inspection": N_("监管检查"), "own_check": N_("企业自查"), "both": N_("检查与自查")}
STATUSES: dict[str, str] = {"verified": N_("已核实"), "secondary": N_("二手资料"), "unverified": N_("未核实")}
STATUS_TONES: dict[str, str] = {"verified": "green", "secondary": "blue", "unverified": "orange"}
SENSOR_KINDS: dict[str, str] = {
    "LIMIT": N_("达到限值"),
    "RATE": N_("每分钟变化量达到限值"),
    "SILENT": N_("超过时间无数据"),
    "FROZEN": N_("超过时间数值不变"),
    "RANGE": N_("超出量程"),
}
"""Kinds of detection rules that one row can say; the others need points or models that no pack can know."""
COMPARISONS = (">=", "<=")
TIMES_SENT = 5
"""A point is called silent when so many times its interval passed. Project default."""


# --- rows of the tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FieldRow(DatedRule):
    """One further fact of an enterprise of the sector. ``choices``: ``code=中文|English`` separated by ``;``."""

    code: str
    name_zh: str
    name_en: str
    type: str
    unit: str = ""
    choices: str = ""
    required: bool = False
    help_zh: str = ""
    help_en: str = ""

    def options(self) -> tuple[tuple[str, str, str], ...]:
        """Code, Chinese and English of each choice. Raises ``ValueError`` naming the part that cannot be read."""
        found = []
        for part in filter(None, (each.strip() for each in self.choices.split(";"))):
            code, equals, words = part.partition("=")
            chinese, bar, english = words.partition("|")
            if not (equals and bar and code.strip() and chinese.strip() and english.strip()):
                raise ValueError(part)
            found.append((code.strip(), chinese.strip(), english.strip()))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class ChecklistRow(DatedRule):
    """One item to check: what, how it is proved, by which article, how often. ``criterion``: item of ``criteria.csv`` that failing it meets."""

    code: str
    group_zh: str
    group_en: str
    what_zh: str
    what_en: str
    proof_zh: str
    proof_en: str
    article: str
    period: str
    use: str
    criterion: str = ""


@dataclass(frozen=True, kw_only=True)
class ListRow(DatedRule):
    """One published list of major hidden dangers. ``complete``: every item of it is held."""

    code: str
    name_zh: str
    name_en: str
    document: str
    complete: bool
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True, kw_only=True)
class CriterionRow(DatedRule):
    """One item of a list; the columns are those of the criteria of hidden dangers."""

    code: str
    list: str
    item: str
    article: str
    group_zh: str
    text_zh: str
    text_en: str
    complete: bool


@dataclass(frozen=True, kw_only=True)
class SensorRow(DatedRule):
    """One template of a detection rule. ``threshold`` in ``unit``; for SILENT and FROZEN in seconds. ``level``: 1 (gravest) to 4."""

    code: str
    name_zh: str
    name_en: str
    quantity: str
    place_zh: str
    place_en: str
    kind: str
    comparison: str = ""
    threshold: float | None = None
    unit: str = ""
    level: int
    article: str = ""
    dwell_s: float | None = None
    hold_s: float | None = None
    note_zh: str = ""
    note_en: str = ""


Row = FieldRow | ChecklistRow | ListRow | CriterionRow | SensorRow
TABLES: dict[str, type[DatedRule]] = {
    "fields": FieldRow,
    "checklists": ChecklistRow,
    "criteria_lists": ListRow,
    "criteria": CriterionRow,
    "sensor_rules": SensorRow,
}
"""Files of a pack (``<name>.csv``) and what their rows are; each may be missing, and the page then says that the pack holds none."""
TABLE_LABELS: dict[str, str] = {
    "fields": N_("企业行业信息项"),
    "checklists": N_("检查清单"),
    "criteria_lists": N_("判定标准文件"),
    "criteria": N_("重大事故隐患判定条款"),
    "sensor_rules": N_("监测规则模板"),
}


@dataclass(frozen=True, kw_only=True)
class NewSector:
    """A sector that only this pack knows."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """``pack.toml``. ``industries``: prefixes of GB/T 4754 codes that narrow the sectors; ``criteria_from`` and ``rules_from``: lists and
    groups of ready-made rules that the rooms of hidden dangers and of detection hold themselves; ``note``: what the pack does not hold."""

    code: str
    name_zh: str
    name_en: str
    version: str
    effective_from: date
    sectors: tuple[str, ...]
    source: str
    status: str
    applies: str = BY_SECTOR
    industries: tuple[str, ...] = ()
    new_sectors: tuple[NewSector, ...] = ()
    criteria_from: tuple[str, ...] = ()
    criteria_groups: tuple[str, ...] = ()
    rules_from: tuple[str, ...] = ()
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Content:
    """A whole pack: its head and its tables by name."""

    head: Head
    tables: Mapping[str, tuple[DatedRule, ...]]


# --- whose, and when -------------------------------------------------------------------------------------------------------------


def concerns(head: Head, *, sector: str, industry: str, mark: bool | None) -> bool:
    """Whether a pack concerns an enterprise: what somebody said (``mark``) goes before what its sector and industry say."""
    if mark is not None:
        return mark
    if head.applies == BY_MARK or sector not in head.sectors:
        return False
    return not head.industries or any(industry.startswith(prefix) for prefix in head.industries)


class Versioned(Protocol):
    """A loaded version: the day from which it holds."""

    @property
    def in_force_from(self) -> date: ...


V = TypeVar("V", bound=Versioned)


def of_day(versions: Iterable[V], day: date) -> V | None:
    """The version that holds on ``day``: the one that began last; ``None`` before the first."""
    begun = [each for each in versions if each.in_force_from <= day]
    return max(begun, key=lambda each: each.in_force_from, default=None)


def begins(effective_from: date, *, today: date, first: bool) -> date:
    """The day from which a version holds. A later version never begins before it was loaded, so that what was judged stays judged."""
    return effective_from if first else max(effective_from, today)


# --- answers ---------------------------------------------------------------------------------------------------------------------


def answer(field: FieldRow, value: object) -> str | float | int | bool | None:
    """One answer as it is kept (dates as ``YYYY-MM-DD``), ``None`` for none.

    Raises :class:`AnswerMissing`, :class:`AnswerUnreadable`, :class:`AnswerUnknown`.
    """
    text = value.isoformat() if isinstance(value, date) else "" if value is None else str(value).strip()
    if not text:
        if field.required:
            raise AnswerMissing(field=field.name_zh)
        return None
    try:
        match field.type:
            case "number":
                number = Decimal(text)
                if not number.is_finite():
                    raise AnswerUnreadable(field=field.name_zh, value=text)
                return float(number)
            case "integer":
                return int(text)
            case "date":
                return date.fromisoformat(text).isoformat()
    except (ValueError, InvalidOperation) as wrong:
        raise AnswerUnreadable(field=field.name_zh, value=text) from wrong
    if field.type == YES_NO:
        known = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}
        if text.lower() not in known:
            raise AnswerUnreadable(field=field.name_zh, value=text)
        return known[text.lower()]
    if field.type == CHOICE and text not in {code for code, _zh, _en in field.options()}:
        raise AnswerUnknown(field=field.name_zh, value=text)
    return text[:500]


def answers(fields: Iterable[FieldRow], given: Mapping[str, object]) -> dict[str, str | float | int | bool]:
    """The answers to ``fields``; what is empty is left out. Raises ``Invalid`` naming every field that cannot be kept."""
    kept: dict[str, str | float | int | bool] = {}
    wrong: dict[str, Refusal | str] = {}
    for field in fields:
        try:
            value = answer(field, given.get(field.code))
        except Refusal as refusal:
            wrong[field.code] = refusal
        else:
            if value is not None:
                kept[field.code] = value
    if wrong:
        raise Invalid(fields=wrong)
    return kept


# --- refusals --------------------------------------------------------------------------------------------------------------------


class AnswerMissing(Refusal):
    code: ClassVar[str] = "pack_answer_missing"
    sentence: ClassVar[str] = N_("“{field}”必须填写。")
    status: ClassVar[int] = 422


class AnswerUnreadable(Refusal):
    code: ClassVar[str] = "pack_answer_unreadable"
    sentence: ClassVar[str] = N_("“{field}”填写的“{value}”无法识别，请按该项的类型填写。")
    status: ClassVar[int] = 422


class AnswerUnknown(Refusal):
    code: ClassVar[str] = "pack_answer_unknown"
    sentence: ClassVar[str] = N_("“{field}”没有“{value}”这一选项，请从列表中选择。")
    status: ClassVar[int] = 422


class PackBroken(Refusal):
    code: ClassVar[str] = "pack_broken"
    sentence: ClassVar[str] = N_("行业包有 {count} 处错误，未装入。第一处：{first}")
    status: ClassVar[int] = 422


class VersionTaken(Refusal):
    code: ClassVar[str] = "pack_version_taken"
    sentence: ClassVar[str] = N_("行业包“{pack}”的 {version} 版已装入，内容不同。已装入的版本不再改动：请改用新的版本号。")


class VersionTooEarly(Refusal):
    code: ClassVar[str] = "pack_version_too_early"
    sentence: ClassVar[str] = N_("行业包“{pack}”的 {version} 版自 {day} 起执行，不晚于现有 {other} 版的起始日 {since}。请改为之后的日期。")


class SectorTaken(Refusal):
    code: ClassVar[str] = "pack_sector_taken"
    sentence: ClassVar[str] = N_("行业领域代码 {sector} 已由行业包“{pack}”定义，请换一个代码。")


class NotConcerned(Refusal):
    code: ClassVar[str] = "pack_not_concerned"
    sentence: ClassVar[str] = N_("行业包“{pack}”不适用于该企业。如确属该行业，请先在企业档案“行业信息”中设为适用，并写明理由。")


class MarkNeedsReason(Refusal):
    code: ClassVar[str] = "pack_mark_reason"
    sentence: ClassVar[str] = N_("请写明为什么适用或不适用该行业包。")
    status: ClassVar[int] = 422


class FactsChanged(Refusal):
    code: ClassVar[str] = "pack_facts_changed"
    sentence: ClassVar[str] = N_("{name} 于 {at} 已修改过这些信息（{fields}）。您填写的内容仍在表单中，请核对后再保存。")
