"""Law of the first hour: how those in a zone are ranked and what each is told to do. Pure, never reads the clock.

The score is a weighted mean of four shares between 0 and 1: how bad the zone is, how soon it arrives, whether people can leave by themselves, how
many they are. All weights and times are project defaults in ``data/ranking.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import log1p
from pathlib import Path

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

_DATA = Path(__file__).parent / "data"

MOVE, SHELTER, STAND_BY, SECURE, STOP_INTAKE, KEEP_SHUT = "move", "shelter", "stand_by", "secure", "stop_intake", "keep_shut"
DOINGS: dict[str, str] = {
    MOVE: N_("立即转移"),
    SHELTER: N_("就地避险：关门窗、停通风"),
    STAND_BY: N_("通知待命，关好门窗"),
    SECURE: N_("控制危险源，撤出无关人员"),
    STOP_INTAKE: N_("停止取水并监测"),
    KEEP_SHUT: N_("不启用，已安置人员转出"),
}
"""What those on a line are told to do."""

TOXIC, HEAT, BLAST, FLAMMABLE = "toxic", "heat", "blast", "flammable"
EFFECTS: dict[str, str] = {TOXIC: N_("中毒"), HEAT: N_("热辐射"), BLAST: N_("爆炸冲击波"), FLAMMABLE: N_("可燃云")}
HARDENED = frozenset({HEAT, BLAST, FLAMMABLE})
"""Effects from which a house of ordinary build gives no refuge close by: people are led away whatever the time."""

WORST, SERIOUS, SLIGHT = 1, 2, 3
_SEVERITY_SHARE = {WORST: 1.0, SERIOUS: 0.6, SLIGHT: 0.2}
_PRIORITY_SHARE = {1: 1.0, 2: 0.7, 3: 0.4, 4: 0.1}

BANDS_S: tuple[float, ...] = (300.0, 900.0, 1800.0, 3600.0)
"""Ends of the bands of arrival in seconds: to 5, 15, 30, 60 minutes, and later. Project default."""

REASON_SOURCE = N_("事故单位，人员离危险最近")
REASON_HAZARD = N_("影响区内的危险源，可能引发连锁事故")
REASON_HOUSES = N_("没有登记到具体村（居）的居民，由属地应急管理部门组织通知")
REASON_STAFF = N_("单位人员，能自行撤离")
REASON_UNCOUNTED = N_("人数没有统计，请先核实")
REASON_LATE = N_("来不及转移：到达时间短于通知和撤离所需时间")
REASON_TIME = N_("来得及转移：到达前能够通知并撤离")


@dataclass(frozen=True, kw_only=True)
class RankingRow(DatedRule):
    """One figure of the ranking."""

    code: str
    value: float
    unit: str
    note_zh: str
    note_en: str


@lru_cache
def ranking_rows() -> tuple[RankingRow, ...]:
    """The figures as they stand in the file."""
    return load_rules(_DATA / "ranking.csv", RankingRow)


@lru_cache
def figures(on: date) -> dict[str, float]:
    """The figures in force on ``on``, by code."""
    return {row.code: row.value for row in in_force(ranking_rows(), on)}


def urgency(arrival_s: float | None, half_s: float) -> float:
    """1 at once, one half at ``half_s``, towards 0 later; a time nobody knows is taken as at once."""
    return 1.0 if arrival_s is None else half_s / (half_s + max(0.0, arrival_s))


def score(figures: dict[str, float], *, severity: int, arrival_s: float | None, priority: int, people: float | None) -> float:
    """How early somebody is told, 0 to 1: higher is earlier. ``severity``: 1 worst, 2 serious, 3 and more slight; ``priority``: 1 to 4.

    Never falls when the zone is worse, the arrival sooner, the kind less able to leave, the people more. A number nobody knows counts in full.
    """
    many = 1.0 if people is None else min(1.0, log1p(max(0.0, people)) / log1p(figures["many_people"]))
    return (
        figures["weight_severity"] * _SEVERITY_SHARE.get(severity, _SEVERITY_SHARE[SLIGHT])
        + figures["weight_urgency"] * urgency(arrival_s, figures["urgent_s"])
        + figures["weight_priority"] * _PRIORITY_SHARE.get(priority, _PRIORITY_SHARE[4])
        + figures["weight_people"] * many
    )


def needed_s(figures: dict[str, float], role: str, way_out_m: float) -> float:
    """Seconds from judgement until people of a role are out: told, gathered, walked ``way_out_m``."""
    prepare = figures.get(f"prepare_{role}_s", figures["prepare_staff_s"])
    return figures["tell_s"] + prepare + way_out_m / figures["walk_m_s"]


def doing(effect: str, severity: int, arrival_s: float | None, needed: float) -> tuple[str, str]:
    """What people are told to do, and why by time (empty where time does not decide).

    A slight zone: stand by. Heat, blast and flammable clouds: move. Toxic clouds: move only when all are out before it arrives, since nobody is
    worse off than in the open; else shelter in place.
    """
    if severity >= SLIGHT:
        return STAND_BY, ""
    if effect in HARDENED:
        return MOVE, ""
    if arrival_s is not None and arrival_s >= needed:
        return MOVE, REASON_TIME
    return SHELTER, REASON_LATE


def band_of(arrival_s: float) -> int:
    """Number of the band of arrival, 0 the first."""
    return sum(arrival_s > end for end in BANDS_S)
