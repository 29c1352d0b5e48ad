"""The law of natural hazards: levels, kinds of hazard and how long a signal holds, as dated data; when a record is late. No Django, no clock.

Levels are 0 (none), 1 blue, 2 yellow, 3 orange, 4 red: 突发事件应对法 (2024) art. 63 has the four colours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables, in_force, law_day

ACTIONS: dict[str, str] = {
    "hazards.view": N_("查看自然灾害信号和乡镇风险"),
    "hazards.intake": N_("导入灾害信号、地震和热点"),
    "hazards.configure": N_("设置信号来源和雨量水位阈值"),
    "hazards.estimate": N_("录入和取消地震预警估计"),
    "hazards.subscribe": N_("登记地震预警自动处置"),
    "hazards.acknowledge": N_("确认自动处置已执行"),
}

NONE, BLUE, YELLOW, ORANGE, RED = range(5)
COLOURS: dict[int, str] = {NONE: "green", BLUE: "blue", YELLOW: "yellow", ORANGE: "orange", RED: "red"}
"""Tone of a level; no signal is the calm one."""
LEVELS: dict[int, str] = {NONE: N_("无信号"), BLUE: N_("蓝色"), YELLOW: N_("黄色"), ORANGE: N_("橙色"), RED: N_("红色")}
STATUSES: dict[str, str] = {"verified": N_("已核实"), "secondary": N_("二手资料"), "unverified": N_("未核实")}

SIGNAL, GAUGE, QUAKE, HOTSPOT = "signal", "gauge", "quake", "hotspot"
SOURCES: dict[str, str] = {SIGNAL: N_("预警信号"), GAUGE: N_("雨量水位"), QUAKE: N_("地震"), HOTSPOT: N_("热点")}

FLOOD, EARTHQUAKE, WILDFIRE, RAINSTORM = "11A00", "11C00", "11G00", "11B03"
OTHER = "other"
WINDOWS: tuple[int, ...] = (0, 1, 3, 6, 12, 24)
"""Hours that rain may be summed up over; 0 is the reading as it comes. The windows of the rainstorm signals, and 1 h and 24 h of hydrology."""
CLASS_PER_CENT: dict[str, int] = {"low": 0, "nominal": 30, "high": 80}
"""Where the classes of VIIRS begin among the percentages of MODIS; see ``data/confidence.csv``."""
CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class Hazard(DatedRule):
    """One kind of hazard by its event code. ``families``: what chains ask for, parted by blanks; a typhoon brings wind and rain."""

    code: str
    name_zh: str
    name_en: str
    families: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """Families one by one."""
        return tuple(self.families.split())


@dataclass(frozen=True, kw_only=True)
class Validity(DatedRule):
    """How long a signal of a level holds that names no end."""

    hazard: str
    level: int
    hours: int


@dataclass(frozen=True, kw_only=True)
class ChainRule(DatedRule):
    """A chain: hazards of a family from ``level`` on, where ``object`` is exposed at least ``at_least`` times, make ``result``."""

    code: str
    family: str
    level: int
    object: str
    at_least: float
    result: int
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, kw_only=True)
class Object(DatedRule):
    """Something exposed that chains ask for: ``register`` says where it is kept (``risksources``, ``enterprises``, ``people``), ``sought`` which."""

    code: str
    register: str
    sought: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class IntensityLevel(DatedRule):
    """The level that shaking of an intensity (GB/T 17742-2020, degrees) is."""

    intensity: int
    level: int


@dataclass(frozen=True, kw_only=True)
class Confidence(DatedRule):
    """A class of confidence of a hot spot, from so many per cent on, and the level it is."""

    code: str
    at_least: int
    level: int


@dataclass(frozen=True, kw_only=True)
class Retention(DatedRule):
    """How many days something of this room is kept."""

    code: str
    days: int


@dataclass(frozen=True, kw_only=True)
class OwnWarning(DatedRule):
    """What a bureau itself may warn of where a chain's object, or a family of hazards, is the reason. Weather signals are the weather service's
    (气象灾害防御条例 第三十条)."""

    code: str
    event_code: str


@dataclass(frozen=True, kw_only=True)
class RainStandard(DatedRule):
    """From ``value`` mm of rain in ``hours`` on the weather service gives a rainstorm signal of ``level``."""

    level: int
    hours: int
    value: float


@dataclass(frozen=True, kw_only=True)
class AttenuationRegion(DatedRule):
    """The region of ``consequence.yu_2013`` of places with a prefix; no prefix: abroad and at sea."""

    prefix: str
    region: str


@dataclass(frozen=True, kw_only=True)
class CrustLayer(DatedRule):
    """A layer of the crust from ``top_km`` down."""

    top_km: float
    p_km_s: float
    s_km_s: float


TABLES = Tables(Path(__file__).parent / "data")
table, parameter = TABLES.rows, TABLES.parameter


@cache
def hazards() -> dict[str, Hazard]:
    """Kinds of hazard by event code."""
    return {row.code: row for row in table("hazards", Hazard)}


def families_of(code: str) -> tuple[str, ...]:
    """Families of an event code; an unknown one is accepted and is ``other``."""
    found = hazards().get(code)
    return found.kinds if found else (OTHER,)


def chains(on: date) -> tuple[ChainRule, ...]:
    """The chains in force on a day."""
    return in_force(table("chains", ChainRule), on)


def retention(on: date) -> tuple[Retention, ...]:
    """How long things are kept, in force on a day."""
    return in_force(table("retention", Retention), on)


def own_warning(chain_codes: Iterable[str]) -> str:
    """The event code of the warning that a bureau gives because of chains: of the first object that has one, else of the first family; else empty."""
    codes = {row.code: row.event_code for row in table("warnings", OwnWarning)}
    known = {row.code: row for row in table("chains", ChainRule)}
    found = [known[code] for code in chain_codes if code in known]
    named = [*(row.object for row in found), *(row.family for row in found)]
    return next((codes[name] for name in named if name in codes), "")


def rain_standard(on: date) -> tuple[RainStandard, ...]:
    """The weather service's rainstorm signals as rain in hours, in force on a day."""
    return in_force(table("rain_standard", RainStandard), on)


@cache
def objects() -> dict[str, Object]:
    """What chains ask for, by code."""
    return {row.code: row for row in table("objects", Object)}


def sought_in(register: str) -> dict[str, Object]:
    """What chains ask for in a register, by what is sought there: a kind of hazard source, a sector of enterprises."""
    return {code: thing for thing in objects().values() if thing.register == register for code in thing.sought.split()}


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour of ``moment``."""
    return moment.replace(minute=0, second=0, microsecond=0)


def ends_at(hazard: str, level: int, starts: datetime) -> datetime:
    """When a signal ends that names no end: after the time of its kind and level in 中国气象局令第16号, else after the project's default."""
    day = law_day(starts)
    for row in in_force(table("validity", Validity), day):
        if (row.hazard, row.level) == (hazard, level):
            return starts + timedelta(hours=row.hours)
    return starts + timedelta(hours=parameter("validity_hours", day))


def is_late(sent: datetime, received: datetime) -> bool:
    """Whether a message came so long after it was sent that readers must be told."""
    return received - sent > timedelta(minutes=parameter("late_minutes", law_day(received)))


def is_ahead(sent: datetime, received: datetime) -> bool:
    """Whether a message says to be sent later than any clock's error explains."""
    return sent - received > timedelta(minutes=parameter("ahead_minutes", law_day(received)))


def level_of_intensity(intensity: float, on: date) -> int:
    """Level of shaking of an intensity, 0 below the first row."""
    rows = in_force(table("intensity_levels", IntensityLevel), on)
    return max((row.level for row in rows if intensity >= row.intensity - 0.5), default=NONE)


def confidence_of(per_cent: int, on: date) -> Confidence:
    """The class of confidence of a hot spot."""
    rows = in_force(table("confidence", Confidence), on)
    return max((row for row in rows if per_cent >= row.at_least), key=lambda row: row.at_least)


def common_place(codes: Iterable[str]) -> str:
    """The lowest division that holds all places by their digits: two counties of a city → the city; nothing → the nation."""
    held = [code[:6] if code[6:] in ("", "000") else code for code in codes]
    if not held:
        return "000000"
    if len(set(held)) == 1:
        return held[0]
    for digits in (6, 4, 2):
        heads = {code[:digits] for code in held}
        if len(heads) == 1 and not next(iter(heads)).endswith("00"):
            return next(iter(heads)).ljust(6, "0")
    return "000000"
