"""Law of population: actions, kinds of imports, methods, dated shares of day and night, refusals. Pure, never reads the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

BEIJING = ZoneInfo("Asia/Shanghai")
_DATA = Path(__file__).parent / "data"

ACTIONS: dict[str, str] = {
    "population.view": N_("查看人口分布"),
    "population.import": N_("导入人口数据"),
    "population.withdraw": N_("停用导入的人口数据"),
    "population.configure": N_("调整昼夜人口比例"),
}

OUTLINES, POINTS, CELLS, FIGURES = "outlines", "points", "cells", "figures"
KINDS: dict[str, str] = {
    OUTLINES: N_("带人口的边界（GeoJSON 面）"),
    POINTS: N_("带人口的点（GeoJSON 点）"),
    CELLS: N_("人口网格（CSV：经度、纬度、人数）"),
    FIGURES: N_("县级人口表（CSV：代码、人口）"),
}
STATUSES: dict[str, str] = {"verified": N_("已核对原文"), "secondary": N_("据二手资料"), "unverified": N_("未核实")}

EVEN, WITHIN_OUTLINE, AT_POINT, BY_CELL, SETTLEMENT, REST, COUNTED = "even", "outline", "point", "cell", "settlement", "rest", "counted"
METHODS: dict[str, str] = {
    EVEN: N_("县级人口按面积均匀散布"),
    WITHIN_OUTLINE: N_("导入的边界内按面积均匀散布"),
    AT_POINT: N_("导入的点"),
    BY_CELL: N_("县级人口按导入的网格分配"),
    SETTLEMENT: N_("已登记村（居）的人口，散布在其周围"),
    REST: N_("县级人口减去已定位的人口，其余按面积均匀散布"),
    COUNTED: N_("学校、医院等防护目标和企业的在场人数"),
}
"""How the people of a line were found; told with every answer."""

MOST_ROWS = 100_000
MOST_MB = 60
MOST_FAULTS = 200


class WrongFile(Refusal):
    code: ClassVar[str] = "population.wrong_file"
    sentence: ClassVar[str] = N_("读不懂这个文件：{reason}。边界和点用 GeoJSON，网格和县级表用 UTF-8 编码的 CSV。")
    status: ClassVar[int] = 422


class NothingGood(Refusal):
    code: ClassVar[str] = "population.nothing_good"
    sentence: ClassVar[str] = N_("文件中没有一行可用，没有导入。第一处问题：{first}")
    status: ClassVar[int] = 422


class FileTooBig(Refusal):
    code: ClassVar[str] = "population.file_too_big"
    sentence: ClassVar[str] = N_("文件超过 {limit}，请按县拆分后分别导入。")
    status: ClassVar[int] = 422


class SourceMissing(Refusal):
    code: ClassVar[str] = "population.source_missing"
    sentence: ClassVar[str] = N_("请填名称、出处和年份：研判结果要说明人口从哪里来。")
    status: ClassVar[int] = 422


class WrongChoice(Refusal):
    code: ClassVar[str] = "population.wrong_choice"
    sentence: ClassVar[str] = N_("“{value}”不是可选的数据种类或核实状态，请从列表中选择。")
    status: ClassVar[int] = 422


class AlreadyWithdrawn(Refusal):
    code: ClassVar[str] = "population.already_withdrawn"
    sentence: ClassVar[str] = N_("“{name}”已经停用。")
    status: ClassVar[int] = 409


class ReasonMissing(Refusal):
    code: ClassVar[str] = "population.reason_missing"
    sentence: ClassVar[str] = N_("请写明理由。")
    status: ClassVar[int] = 422


class WrongMoment(Refusal):
    code: ClassVar[str] = "population.wrong_moment"
    sentence: ClassVar[str] = N_("“{value}”不是时刻。请写 ISO 8601 时间，例如 2026-11-26T08:00:00+08:00。")
    status: ClassVar[int] = 400


class WrongShare(Refusal):
    code: ClassVar[str] = "population.wrong_share"
    sentence: ClassVar[str] = N_("“{value}”不能用：应为 {low} 到 {high} 之间的数。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, kw_only=True)
class PresenceRow(DatedRule):
    """One figure of day and night, in ``unit``."""

    code: str
    value: float
    unit: str
    note_zh: str
    note_en: str


BOUNDS: dict[str, tuple[float, float]] = {
    "day_from": (0, 12),
    "day_until": (12, 24),
    "staff_day": (0, 1),
    "staff_night": (0, 1),
    "settlement_radius": (1, 5000),
    "uncovered_share": (0, 1),
}
"""What a bureau may set each figure to."""


@lru_cache
def presence_rows() -> tuple[PresenceRow, ...]:
    """The figures as they stand in the file."""
    return load_rules(_DATA / "presence.csv", PresenceRow)


@dataclass(frozen=True)
class Presence:
    """The figures in force: hours of the day, shares of staff, metres."""

    day_from: float
    day_until: float
    staff_day: float
    staff_night: float
    settlement_radius: float
    uncovered_share: float

    def is_night(self, at: datetime) -> bool:
        """Whether people are taken to be at home at ``at``."""
        local = at.astimezone(BEIJING)
        hour = local.hour + local.minute / 60
        return not self.day_from <= hour < self.day_until


def presence(on: date, own: dict[str, float] | None = None) -> Presence:
    """The figures in force on ``on``, those that the bureau set itself (``own``) first."""
    values = {row.code: row.value for row in in_force(presence_rows(), on)}
    return Presence(**{**values, **(own or {})})


@dataclass(frozen=True, kw_only=True)
class DensityRow(DatedRule):
    """One class of people per km² on the map: its lower bound and how the legend writes it."""

    low: float
    unit: str
    label: str


@lru_cache
def density_rows() -> tuple[DensityRow, ...]:
    """The classes as they stand in the file, thinnest first."""
    return load_rules(_DATA / "density_classes.csv", DensityRow)


def density_class(people: float, area_km2: float) -> int:
    """Number of the class of ``people`` on ``area_km2`` (above zero), from 0."""
    density = people / area_km2
    return max(number for number, row in enumerate(density_rows()) if density >= row.low)


def rounded(people: float) -> int:
    """An estimate as it is shown: two significant digits above 100, to the ten above 20, whole below. Zero only where nobody is."""
    if people <= 0:
        return 0
    if people < 20:
        return max(1, round(people))
    if people < 100:
        return round(people / 10) * 10
    step = 10 ** (len(str(int(people))) - 2)
    return round(people / step) * step
