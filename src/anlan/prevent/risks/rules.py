"""The law of risks under two-fold prevention (双重预防): grades, methods, who answers, windows of checks. No Django, no clock.

Work Safety Law (2021) art. 4 and 41: risks are graded and controlled, hidden dangers found and removed. Figures are rows of ``data/*.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from math import prod
from zoneinfo import ZoneInfo

from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule
from anlan.prevent.risks import refusals

CHINA = ZoneInfo("Asia/Shanghai")

ACTIONS: dict[str, str] = {
    "risks.view": N_("查看风险分级管控"),
    "risks.edit": N_("维护风险分级管控清单"),
    "risks.import": N_("导入风险分级管控清单"),
    "risks.export": N_("导出风险分级管控清单"),
    "risks.check": N_("办理隐患排查任务"),
    "risks.sweep": N_("生成、催办隐患排查任务（由系统办理）"),
}

GRADES: dict[int, str] = {1: N_("重大风险"), 2: N_("较大风险"), 3: N_("一般风险"), 4: N_("低风险")}
"""1 is the gravest. Colours: red, orange, yellow, blue."""
TONES: dict[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
NEED_REGISTER = N_("安全风险分级管控清单")
"""What the file of every enterprise needs."""
BOARD_GRADES = (1, 2)
"""What a notice board names: major and relatively large risks."""

OPEN, DONE, MISSED, DROPPED = "open", "done", "missed", "dropped"
TASK_STATES: dict[str, str] = {OPEN: N_("待排查"), DONE: N_("已排查"), MISSED: N_("漏查"), DROPPED: N_("已取消")}
TASK_TONES: dict[str, str] = {OPEN: "blue", DONE: "green", MISSED: "red", DROPPED: "grey"}
NORMAL, ABNORMAL, NOT_APPLICABLE = "normal", "abnormal", "not_applicable"
OUTCOMES: dict[str, str] = {NORMAL: N_("正常"), ABNORMAL: N_("异常"), NOT_APPLICABLE: N_("不涉及")}
OUTCOME_TONES: dict[str, str] = {NORMAL: "green", ABNORMAL: "red", NOT_APPLICABLE: "grey"}
NEEDS_NOTE = (ABNORMAL, NOT_APPLICABLE)

LEVEL_LABEL, CLASS_LABEL, PERIOD_LABEL, OUTCOME_LABEL = N_("管控层级"), N_("措施类别"), N_("排查周期"), N_("排查结果")
METHOD_LABEL, CHECK_LABEL, POST_LABEL, PERSON_LABEL = N_("评价方法"), N_("排查内容"), N_("排查岗位"), N_("排查人")
SITE_LABEL, SOURCE_LABEL = N_("厂区"), N_("危险源")


# --- dated rows ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MethodRow(DatedRule):
    """A method of assessment; its value is the product of its factors."""

    code: str
    label_zh: str
    label_en: str
    formula: str


@dataclass(frozen=True, kw_only=True)
class ScaleRow(DatedRule):
    """One value that a factor of a method may take."""

    method: str
    factor: str
    label_zh: str
    label_en: str
    value: Decimal
    meaning_zh: str
    meaning_en: str


@dataclass(frozen=True, kw_only=True)
class BandRow(DatedRule):
    """The grade from ``at_least`` up to the next band."""

    method: str
    grade: int
    at_least: Decimal
    danger_zh: str
    danger_en: str


@dataclass(frozen=True, kw_only=True)
class LevelRow(DatedRule):
    """A level of an enterprise that answers for risks; rank 1 is the highest. A risk of ``from_grade`` is answered for here or above."""

    code: str
    label_zh: str
    label_en: str
    rank: int
    from_grade: int
    post_kind: str


@dataclass(frozen=True, kw_only=True)
class CodeRow(DatedRule):
    """One code of a list: a class of measures, a period of checks."""

    code: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure that a node may set otherwise."""

    code: str
    label_zh: str
    label_en: str
    value: int
    unit: str


# --- assessment ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Method:
    """A method as it holds on a day: its row, its scales by factor (highest value first), its bands (gravest first)."""

    row: MethodRow
    scales: Mapping[str, tuple[ScaleRow, ...]]
    bands: tuple[BandRow, ...]


@dataclass(frozen=True)
class Outcome:
    """What an assessment gives: the exact value, its grade and the band that gave it."""

    method: str
    factors: Mapping[str, Decimal]
    value: Decimal
    grade: int
    band: BandRow

    @property
    def steps(self) -> str:
        """As on paper: ``3 × 6 × 15 = 270``."""
        return f"{' × '.join(plain(value) for value in self.factors.values())} = {plain(self.value)}"


def method_of(code: str, methods: Sequence[MethodRow], scales: Sequence[ScaleRow], bands: Sequence[BandRow]) -> Method:
    """One method from the rows in force. Raises :class:`refusals.MethodUnknown`."""
    row = next((each for each in methods if each.code == code), None)
    if row is None:
        raise refusals.MethodUnknown(value=code)
    by_factor: dict[str, list[ScaleRow]] = {}
    for each in scales:
        if each.method == code:
            by_factor.setdefault(each.factor, []).append(each)
    ordered = {factor: tuple(sorted(rows, key=lambda each: -each.value)) for factor, rows in by_factor.items()}
    return Method(row, ordered, tuple(sorted((each for each in bands if each.method == code), key=lambda each: -each.at_least)))


def assess(method: Method, given: Mapping[str, object]) -> Outcome:
    """The grade of a risk: the product of its factors, each a value of its scale, exact. Raises :class:`refusals.FactorOffScale`."""
    factors: dict[str, Decimal] = {}
    for factor, scale in method.scales.items():
        allowed = {row.value for row in scale}
        value = _number(given.get(factor))
        if value not in allowed:
            told = "、".join(plain(row.value) for row in scale)
            raise refusals.FactorOffScale(factor=factor, value=str(given.get(factor) or ""), allowed=told)
        factors[factor] = value
    value = Decimal(prod(factors.values()))
    band = next(row for row in method.bands if value >= row.at_least)
    return Outcome(method.row.code, factors, value, band.grade, band)


def _number(given: object) -> Decimal:
    try:
        return Decimal(str(given).strip())
    except InvalidOperation:
        return Decimal(-1)


def plain(value: Decimal) -> str:
    """A number without needless zeros."""
    return f"{value.normalize():f}"


def check_residual(initial: Outcome, residual: Outcome, *, measures: int) -> None:
    """What remains is never more than what was there, and less only where measures take it away.

    Raises :class:`refusals.ResidualAboveInitial`, :class:`refusals.ResidualWithoutMeasure`.
    """
    if residual.value > initial.value or residual.grade < initial.grade:
        raise refusals.ResidualAboveInitial(residual=plain(residual.value), initial=plain(initial.value))
    if not measures and residual.value < initial.value:
        raise refusals.ResidualWithoutMeasure()


def needed_level(grade: int, levels: Sequence[LevelRow]) -> LevelRow:
    """The lowest level that may answer for a risk of ``grade``: the higher the risk, the higher the level."""
    fitting = [row for row in levels if row.from_grade <= grade]
    return max(fitting, key=lambda row: row.rank)


def check_level(grade: int, code: str, levels: Sequence[LevelRow]) -> LevelRow:
    """The level named ``code``, if it stands high enough. Raises :class:`refusals.UnknownChoice`, :class:`refusals.LevelTooLow`."""
    given = next((row for row in levels if row.code == code), None)
    if given is None:
        raise refusals.UnknownChoice(value=code, field=LEVEL_LABEL)
    needed = needed_level(grade, levels)
    if given.rank > needed.rank:
        raise refusals.LevelTooLow(grade=GRADES[grade], needed=needed.label_zh, given=given.label_zh)
    return given


# --- windows of checks -----------------------------------------------------------------------------------------------------------

_SHIFT_HOURS = 8
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def window(period: str, moment: datetime) -> tuple[datetime, datetime]:
    """The window of ``period`` in which ``moment`` lies, by the calendar of China: from (included) and until (not included).

    Raises ``ValueError`` for an unknown period.
    """
    local = moment.astimezone(CHINA)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "shift":
        start = day + timedelta(hours=local.hour // _SHIFT_HOURS * _SHIFT_HOURS)
        return start, start + timedelta(hours=_SHIFT_HOURS)
    if period == "day":
        return day, day + timedelta(days=1)
    if period == "week":
        start = day - timedelta(days=local.weekday())
        return start, start + timedelta(days=7)
    if period not in _MONTHS:
        raise ValueError(f"unknown period {period!r}")
    months = _MONTHS[period]
    start = day.replace(day=1, month=(local.month - 1) // months * months + 1)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start, start.replace(year=year, month=month + 1)


def first_look(period: str, since: datetime) -> datetime:
    """When a new measure is first checked: in this window where at least half of it is left, else from the next one on."""
    start, end = window(period, since)
    return since if (end - since) * 2 >= end - start else end


def check_outcome(outcome: str, note: str) -> None:
    """A result is one of three; what is abnormal or does not apply is told in words. Raises ``UnknownChoice``, ``NoteNeeded``."""
    if outcome not in OUTCOMES:
        raise refusals.UnknownChoice(value=outcome, field=OUTCOME_LABEL)
    if outcome in NEEDS_NOTE and not note.strip():
        raise refusals.NoteNeeded(outcome=OUTCOMES[outcome])


def is_late(done_at: datetime, received_at: datetime, after_minutes: int) -> bool:
    """Whether a result arrived long after it was made (补录)."""
    return received_at - done_at > timedelta(minutes=after_minutes)
