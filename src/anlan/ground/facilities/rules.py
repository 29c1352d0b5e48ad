"""Law of facilities (重要防护目标): actions, states, bounds, refusals, and when somebody is there. Pure, never reads the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, load_rules

_DATA = Path(__file__).parent / "data"

ACTIONS: dict[str, str] = {
    "facilities.view": N_("查看重要防护目标"),
    "facilities.register": N_("登记重要防护目标"),
    "facilities.change": N_("修改重要防护目标"),
    "facilities.import": N_("批量导入重要防护目标"),
    "facilities.export": N_("导出重要防护目标"),
}

OPEN, FULL, CLOSED = "open", "full", "closed"
STATES: dict[str, str] = {OPEN: N_("开放"), FULL: N_("已满"), CLOSED: N_("关闭")}
"""``open``: in use (a shelter: takes people in); ``full``: a shelter that takes nobody more; ``closed``: nobody is there."""

MOST_PEOPLE = 1_000_000
"""More than that at one facility is a slip of the hand. Project default."""

SETTLEMENT, PUPILS, RESIDENTS, PATIENTS, VISITORS, STAFF, SHELTER, NOBODY = (
    "settlement",
    "pupils",
    "residents",
    "patients",
    "visitors",
    "staff",
    "shelter",
    "none",
)
ROLES = frozenset({SETTLEMENT, PUPILS, RESIDENTS, PATIENTS, VISITORS, STAFF, SHELTER, NOBODY})

PRIORITIES: dict[int, str] = {1: N_("最先"), 2: N_("优先"), 3: N_("其次"), 4: N_("一般")}


@dataclass(frozen=True, kw_only=True)
class KindRow(DatedRule):
    """One kind of facility. ``priority``: 1 (first) to 4; ``school_days``: people are there on school days only."""

    code: str
    name_zh: str
    name_en: str
    role: str
    school_days: bool
    priority: int
    reason_zh: str
    reason_en: str


class UnknownKind(Refusal):
    code: ClassVar[str] = "facilities.unknown_kind"
    sentence: ClassVar[str] = N_("没有“{value}”这一类防护目标，可填：{known}。")
    status: ClassVar[int] = 422


class UnknownState(Refusal):
    code: ClassVar[str] = "facilities.unknown_state"
    sentence: ClassVar[str] = N_("没有“{value}”这一状态，可填：{known}。")
    status: ClassVar[int] = 422


class WrongCount(Refusal):
    code: ClassVar[str] = "facilities.wrong_count"
    sentence: ClassVar[str] = N_("“{value}”不是人数或床位数，应为 0 到 {most} 的整数。")
    status: ClassVar[int] = 422


class WrongPosition(Refusal):
    code: ClassVar[str] = "facilities.wrong_position"
    sentence: ClassVar[str] = N_("经度或纬度“{value}”不是数字。请填十进制度，如 117.0514。")
    status: ClassVar[int] = 422


class PositionMissing(Refusal):
    code: ClassVar[str] = "facilities.position_missing"
    sentence: ClassVar[str] = N_("请填经度和纬度：没有位置就不能判断是否在影响区内。")
    status: ClassVar[int] = 422


class OutsideItsPlace(Refusal):
    code: ClassVar[str] = "facilities.outside_its_place"
    sentence: ClassVar[str] = N_("该坐标在{found}，不在{place}，请检查坐标或区划。")
    status: ClassVar[int] = 422


class NameMissing(Refusal):
    code: ClassVar[str] = "facilities.name_missing"
    sentence: ClassVar[str] = N_("请填名称。")
    status: ClassVar[int] = 422


class MoreThanRoom(Refusal):
    code: ClassVar[str] = "facilities.more_than_room"
    sentence: ClassVar[str] = N_("已安置 {occupied} 人超过容纳人数 {capacity} 人，请核对后再填。")
    status: ClassVar[int] = 422


class AlreadyThere(Refusal):
    code: ClassVar[str] = "facilities.already_there"
    sentence: ClassVar[str] = N_("“{name}”已在该区划登记过，请修改原记录。")
    status: ClassVar[int] = 409


@lru_cache
def kinds() -> tuple[KindRow, ...]:
    """Every kind, in the order of the table."""
    rows = load_rules(_DATA / "kinds.csv", KindRow)
    wrong = [row.code for row in rows if row.role not in ROLES or row.priority not in PRIORITIES]
    if wrong:
        raise ValueError(f"kinds.csv: unknown role or priority: {wrong}")
    return rows


def kind(value: object) -> KindRow:
    """The kind with this code or Chinese name. Raises :class:`UnknownKind`."""
    text = str(value or "").strip()
    found = next((row for row in kinds() if text in (row.code, row.name_zh)), None)
    if found is None:
        raise UnknownKind(value=text, known="、".join(row.name_zh for row in kinds()))
    return found


def row_of(code: str) -> KindRow:
    """The row of a stored kind; a code that the table no longer knows is treated as the last row, "other"."""
    return next((row for row in kinds() if row.code == code), kinds()[-1])


def count(value: object) -> int | None:
    """A number of people or beds; empty for unknown, which is not zero. Raises :class:`WrongCount`."""
    if value is None or value == "":
        return None
    try:
        found = float(str(value).strip())
    except ValueError:
        raise WrongCount(value=value, most=MOST_PEOPLE) from None
    if not (0 <= found <= MOST_PEOPLE and found == int(found)):
        raise WrongCount(value=value, most=MOST_PEOPLE)
    return int(found)


def state(value: object) -> str:
    """A state by its code or word; empty is ``open``. Raises :class:`UnknownState`."""
    text = str(value or OPEN).strip()
    found = {label: code for code, label in STATES.items()}.get(text, text)
    if found not in STATES:
        raise UnknownState(value=text, known="、".join(STATES.values()))
    return found


def shelter_state(asked: str, occupied: int | None, capacity: int | None) -> str:
    """State of a shelter once ``occupied`` of ``capacity`` people are in it. Raises :class:`MoreThanRoom`."""
    if occupied is None or capacity is None:
        return asked
    if occupied > capacity:
        raise MoreThanRoom(occupied=occupied, capacity=capacity)
    return FULL if asked == OPEN and occupied == capacity and capacity > 0 else asked


# When pupils are there. Project defaults: term dates differ by province and year, a bureau that knows better enters other numbers of people.
SCHOOL_FROM, SCHOOL_UNTIL = time(7, 30), time(18, 0)
HOLIDAYS: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = (((1, 20), (2, 20)), ((7, 5), (8, 31)))
"""First and last day (month, day) of the winter and the summer holidays. Project default."""


def in_term(day: date) -> bool:
    """Whether schools are in term on ``day`` (project default of the holidays)."""
    return not any(first <= (day.month, day.day) <= last for first, last in HOLIDAYS)


def people_there(
    role: str, school_days: bool, day_count: int | None, night_count: int | None, *, night: bool, school_time: bool
) -> int | None:
    """How many are at a facility; ``None`` when nobody has counted.

    Facilities of school days: by day only in school time, else the night count (boarders), 0 where none is given. All others: the day or the
    night count, and where only one of the two is given that one for people who live there, 0 by night for those who only visit.
    """
    if school_days:
        if not night and school_time:
            return day_count
        return (night_count or 0) if day_count is not None or night_count is not None else None
    if night:
        if night_count is not None:
            return night_count
        if role in (SETTLEMENT, RESIDENTS, PATIENTS):
            return day_count
        return 0 if day_count is not None else None
    if day_count is not None:
        return day_count
    return night_count if role in (SETTLEMENT, RESIDENTS, PATIENTS) else None
