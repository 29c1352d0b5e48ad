"""The law of looking back: life of a review and of its lessons, and what is reckoned from the timeline of an incident.

Sources: 突发事件应对法 (2024) art. 94 (the people's government finds out causes, sums up experience and lessons, and works out measures),
生产安全事故应急条例 (Decree 708) art. 24 (assessment of the emergency work). Indicators are project defaults (``data/indicators.csv``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

from anlan.command.incidents.door import TimelineLine
from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables

ACTIONS: dict[str, str] = {
    "aftermath.view": N_("查看复盘评估"),
    "aftermath.write": N_("编写复盘评估"),
    "aftermath.issue": N_("审定复盘评估、核实改进事项"),
    "aftermath.improve": N_("办理改进事项"),
}

TABLES = Tables(Path(__file__).parent / "data")
LESSON_CLOCK: Final = "lesson_due"
GROUNDS = N_("《中华人民共和国突发事件应对法》（2024年修订）第九十四条")

DRAFT, SUBMITTED, ISSUED, DROPPED = "draft", "submitted", "issued", "dropped"

REVIEW_FLOW = Flow(
    code="review",
    label=N_("复盘评估"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("编写中")),
        State(SUBMITTED, N_("待审定")),
        State(ISSUED, N_("已审定"), final=True),
        State(DROPPED, N_("已作废"), final=True),
    ),
    moves=(
        Move("submit", N_("送审"), (DRAFT,), SUBMITTED, "aftermath.write", requires=("achieved", "failed"), announces="aftermath.changed"),
        Move("return", N_("退回"), (SUBMITTED,), DRAFT, "aftermath.issue", reason_required=True, announces="aftermath.changed"),
        # Whoever wrote it does not pass it: a bureau that grades itself alone learns nothing.
        Move("issue", N_("审定"), (SUBMITTED,), ISSUED, "aftermath.issue", not_by=("submitted_by_id",), announces="aftermath.issued"),
        Move("drop", N_("作废"), (DRAFT, SUBMITTED), DROPPED, "aftermath.issue", reason_required=True, danger=True),
    ),
    field_labels={"achieved": N_("做得好的"), "failed": N_("存在的问题")},
)

OPEN, DONE, VERIFIED, STRUCK = "open", "done", "verified", "struck"

LESSON_FLOW = Flow(
    code="lesson",
    label=N_("改进事项"),
    initial=OPEN,
    states=(
        State(OPEN, N_("整改中")),
        State(DONE, N_("待核实")),
        State(VERIFIED, N_("已落实"), final=True),
        State(STRUCK, N_("已取消"), final=True),
    ),
    moves=(
        Move(
            "finish",
            N_("办结"),
            (OPEN,),
            DONE,
            "aftermath.improve",
            requires=("outcome",),
            stops=(LESSON_CLOCK,),
            announces="aftermath.changed",
        ),
        Move("verify", N_("核实"), (DONE,), VERIFIED, "aftermath.issue", not_by=("done_by_id",), announces="aftermath.changed"),
        Move("reopen", N_("退回再办"), (DONE,), OPEN, "aftermath.issue", reason_required=True, announces="aftermath.changed"),
        Move("strike", N_("取消"), (OPEN, DONE), STRUCK, "aftermath.issue", reason_required=True, danger=True),
    ),
    field_labels={"outcome": N_("落实情况")},
)


# --- tables ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CapabilityArea(DatedRule):
    """A part of the work to which indicators and lessons belong."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class IndicatorRule(DatedRule):
    """How one figure is reckoned from codes of timeline lines.

    ``interval``: minutes from the first line of ``from_code`` to the first of ``to_code`` not before it. ``share``: deadlines met of those met or missed,
    among lines whose code begins with ``from_code`` (empty: all). ``done``: lines of ``to_code`` for those of ``from_code``.
    """

    code: str
    area: str
    kind: str
    label_zh: str
    label_en: str
    from_code: str
    to_code: str


def areas(on: date) -> dict[str, CapabilityArea]:
    """Parts of the work in force on a day, by code."""
    return {row.code: row for row in TABLES.in_force("areas", CapabilityArea, on)}


def indicator_rules(on: date) -> tuple[IndicatorRule, ...]:
    """Indicators in force on a day."""
    return TABLES.in_force("indicators", IndicatorRule, on)


# --- reckoning -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """One indicator: minutes (``interval``), or ``part`` of ``whole``. ``value`` is ``None`` when nothing of the kind happened."""

    code: str
    value: float | None
    part: int | None = None
    whole: int | None = None


def reckon(rules: Iterable[IndicatorRule], lines: Sequence[TimelineLine]) -> tuple[Figure, ...]:
    """Every indicator from the lines of an incident, in order of time."""
    firsts: dict[str, list[datetime]] = {}
    for line in lines:
        firsts.setdefault(line.code, []).append(line.at)
    return tuple(_figure(rule, firsts, lines) for rule in rules)


def _figure(rule: IndicatorRule, times: dict[str, list[datetime]], lines: Sequence[TimelineLine]) -> Figure:
    if rule.kind == "interval":
        began = min(times.get(rule.from_code, ()), default=None)
        ends = [at for at in times.get(rule.to_code, ()) if began is not None and at >= began]
        return Figure(rule.code, (min(ends) - began) / timedelta(minutes=1) if ends and began is not None else None)
    if rule.kind == "done":
        whole, part = len(times.get(rule.from_code, ())), len(times.get(rule.to_code, ()))
        return _share(rule.code, min(part, whole), whole)
    judged = [line.met for line in lines if line.met is not None and line.code.startswith(rule.from_code)]
    return _share(rule.code, sum(judged), len(judged))


def _share(code: str, part: int, whole: int) -> Figure:
    return Figure(code, part / whole if whole else None, part, whole)


@dataclass(frozen=True)
class Missed:
    """A deadline that was missed: what, who owed it, by how many minutes."""

    at: datetime
    title: str
    who: str
    late_minutes: int
    kind: str


def missed(lines: Iterable[TimelineLine]) -> tuple[Missed, ...]:
    """Every missed deadline once: what was done late is told with the doing, what was never done with its hour."""
    return tuple(Missed(line.at, line.title, line.who, line.late_minutes, line.kind) for line in lines if line.met is False)


KEPT: Final = ("incident", "response", "filing", "bulletin", "evacuation")
"""Kinds that always stand in the report; of the others those with a deadline come next, then the rest while there is room."""


def chosen(lines: Sequence[TimelineLine], most: int) -> tuple[TimelineLine, ...]:
    """At most ``most`` lines for the report, the weightiest, in order of time. What is left out stands in the spreadsheet."""
    if len(lines) <= most:
        return tuple(lines)
    weight = [
        0 if line.met is False else 1 if line.kind in KEPT else 2 if line.met is not None or line.code == "log.decision" else 3
        for line in lines
    ]
    order = sorted(range(len(lines)), key=lambda place: (weight[place], place))[:most]
    return tuple(lines[place] for place in sorted(order))


def moments(lines: Sequence[TimelineLine], most: int) -> tuple[TimelineLine, ...]:
    """Lines that a replay stops at: one a minute, the weightiest of it, at most ``most``."""
    by_minute: dict[datetime, TimelineLine] = {}
    for line in chosen(lines, max(most * 20, most)):
        minute = line.at.replace(second=0, microsecond=0)
        held = by_minute.get(minute)
        if held is None or (held.met is not False and (line.met is False or (line.kind in KEPT and held.kind not in KEPT))):
            by_minute[minute] = line
    return chosen(tuple(by_minute[minute] for minute in sorted(by_minute)), most)


# --- refusals --------------------------------------------------------------------------------------------------------------------


class IncidentStillOpen(Refusal):
    code: ClassVar[str] = "aftermath_incident_open"
    sentence: ClassVar[str] = N_("事件“{title}”仍在响应中，复盘评估可以编写，待响应结束后才能送审。")


class ReviewExists(Refusal):
    code: ClassVar[str] = "aftermath_exists"
    sentence: ClassVar[str] = N_("该事件已有复盘评估“{title}”。")


class ReviewClosed(Refusal):
    code: ClassVar[str] = "aftermath_closed"
    sentence: ClassVar[str] = N_("复盘评估已审定或作废，不能再修改；新的改进事项请另行登记。")


class BadLesson(Refusal):
    code: ClassVar[str] = "aftermath_bad_lesson"
    sentence: ClassVar[str] = N_("改进事项须写明问题、措施、责任人和晚于今天的期限。")
    status: ClassVar[int] = 422
