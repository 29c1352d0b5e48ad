"""The law of process units: what a unit must say before a model can be learnt of it. No Django, no clock.

Every figure here is a project default: no standard says how much normal operation is enough. What the methods need is in
:mod:`anlan.sense.detection.multivariate`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import ClassVar

from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.words import N_
from anlan.sense.detection.multivariate import LAGS, LEAST_ROWS_OF_VARIABLE

ACTIONS: dict[str, str] = {
    "units.view": N_("查看工艺单元"),
    "units.change": N_("登记、修改工艺单元"),
    "units.train": N_("训练工艺单元模型"),
}

CVA, PCA = "cva", "pca"
METHODS: dict[str, str] = {CVA: N_("典型变量分析（CVA）"), PCA: N_("主元分析（PCA）")}

LEAST_POINTS, MOST_POINTS = 2, 500
LEAST_INTERVAL_S, MOST_INTERVAL_S = 1.0, 86_400.0
INTERVAL_S, AGE_S, QUANTILE = 60.0, 3600.0, 0.99
LEAST_QUANTILE, MOST_QUANTILE = 0.9, 0.9999
MOST_PERIODS = 50
LONGEST_PERIODS = timedelta(days=400)
"""All normal periods together."""
MOST_CELLS = 5_000_000
"""Moments times points of one training: it is then made in minutes and fits the memory of a small node."""
MOST_CELLS_SHOWN = 1_000_000
"""Moments times points that a page reckons."""
LARGEST_MODEL_BYTES = 8 * 2**20 - 4096
"""What one message of the stream carries beside its headers."""

BEIJING = timezone(timedelta(hours=8))
_PERIOD = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[ T](\d{1,2}:\d{2})\s*(?:至|到|—|–|~|～|-)\s*(\d{4}-\d{1,2}-\d{1,2})[ T](\d{1,2}:\d{2})\Z")

GAP, MARKED, WORK, EXCLUDED = "gap", "marked", "work", "excluded"
LEFT_OUT: dict[str, str] = {
    GAP: N_("缺数据"),
    MARKED: N_("读数存疑、检修或演练"),
    WORK: N_("设备检修、校准期间"),
    EXCLUDED: N_("人工排除"),
}
"""Why a moment was left out of the training, in the order in which they are counted."""


@dataclass(frozen=True)
class Period:
    """A stretch of time [since, until)."""

    since: datetime
    until: datetime


class WrongPoints(Refusal):
    code: ClassVar[str] = "unit_wrong_points"
    sentence: ClassVar[str] = N_("一个工艺单元应有 {least} 至 {most} 个测点，现在是 {found} 个。")
    status: ClassVar[int] = 422


class UnknownPoint(Refusal):
    code: ClassVar[str] = "unit_unknown_point"
    sentence: ClassVar[str] = N_("该企业没有测点“{point}”，请填写“设备编号/测点编号”。")
    status: ClassVar[int] = 422


class UnknownRiskSource(Refusal):
    code: ClassVar[str] = "unit_unknown_risk_source"
    sentence: ClassVar[str] = N_("所选危险源不属于该企业。")
    status: ClassVar[int] = 422


class WrongPeriod(Refusal):
    code: ClassVar[str] = "unit_wrong_period"
    sentence: ClassVar[str] = N_("时段“{text}”无法识别或不合理。每行一段，例如：2026-11-01 00:00 至 2026-11-08 00:00。")
    status: ClassVar[int] = 422


class NoPeriod(Refusal):
    code: ClassVar[str] = "unit_no_period"
    sentence: ClassVar[str] = N_("请至少填写一段正常运行时段。")
    status: ClassVar[int] = 422


class TooManyPeriods(Refusal):
    code: ClassVar[str] = "unit_too_many_periods"
    sentence: ClassVar[str] = N_("最多 {most} 段，合计最长 {days} 天。")
    status: ClassVar[int] = 422


class WrongFigure(Refusal):
    code: ClassVar[str] = "unit_wrong_figure"
    sentence: ClassVar[str] = N_("应在 {least} 与 {most} 之间。")
    status: ClassVar[int] = 422


class NoName(Refusal):
    code: ClassVar[str] = "unit_no_name"
    sentence: ClassVar[str] = N_("请填写工艺单元名称。")
    status: ClassVar[int] = 422


class UnknownMethod(Refusal):
    code: ClassVar[str] = "unit_unknown_method"
    sentence: ClassVar[str] = N_("请从列表中选择训练方法。")
    status: ClassVar[int] = 422


class TrainingRunning(Refusal):
    code: ClassVar[str] = "unit_training_running"
    sentence: ClassVar[str] = N_("该工艺单元正在训练，请等它结束或先取消。")


class TooManyRows(Refusal):
    code: ClassVar[str] = "unit_too_many_rows"
    sentence: ClassVar[str] = N_("所选时段共 {rows} 个时刻，这么多测点一次训练最多 {most} 个。请缩短时段、减少测点或加大判断间隔。")
    status: ClassVar[int] = 422


class TooLittleHistory(Refusal):
    code: ClassVar[str] = "unit_too_little_history"
    sentence: ClassVar[str] = N_(
        "可用的正常数据只有 {rows} 个时刻，{points} 个测点至少需要 {needed} 个：还差约 {hours} 小时正常运行数据。请增加时段，或减少测点。"
    )
    status: ClassVar[int] = 422


class SilentPoints(Refusal):
    code: ClassVar[str] = "unit_silent_points"
    sentence: ClassVar[str] = N_("以下测点在所选时段从未有读数：{points}。请移除这些测点，或另选时段。")
    status: ClassVar[int] = 422


class NothingMoved(Refusal):
    code: ClassVar[str] = "unit_nothing_moved"
    sentence: ClassVar[str] = N_("所选时段内所有测点的读数都没有变化，无法训练。请检查测点，或另选时段。")
    status: ClassVar[int] = 422


class ModelTooLarge(Refusal):
    code: ClassVar[str] = "unit_model_too_large"
    sentence: ClassVar[str] = N_("模型有 {megabytes} MB，超过消息上限 8 MB。请减少测点，或拆成两个工艺单元。")
    status: ClassVar[int] = 422


class NoVersion(Refusal):
    code: ClassVar[str] = "unit_no_version"
    sentence: ClassVar[str] = N_("该工艺单元还没有训练好的模型，请先训练。")


class ChangedSinceTraining(Refusal):
    code: ClassVar[str] = "unit_point_gone"
    sentence: ClassVar[str] = N_("模型所用的部分测点已停用或不再属于该企业，请重新训练。")


def periods(text: str) -> tuple[Period, ...]:
    """Stretches of time as a person writes them, one a line, in the time of China. Raises :class:`WrongPeriod`."""
    found = []
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        match = _PERIOD.match(line)
        try:
            ends = [datetime.strptime(f"{match[day]} {match[day + 1]}", "%Y-%m-%d %H:%M") for day in (1, 3)] if match else []  # noqa: DTZ007
        except ValueError:
            ends = []
        if len(ends) != 2 or ends[1] <= ends[0]:
            raise WrongPeriod(text=line[:60])
        found.append(Period(*(end.replace(tzinfo=BEIJING) for end in ends)))
    return tuple(sorted(found, key=lambda each: each.since))


def written(given: Sequence[Period]) -> str:
    """The inverse of :func:`periods`."""
    form = "%Y-%m-%d %H:%M"
    return "\n".join(f"{each.since.astimezone(BEIJING):{form}} 至 {each.until.astimezone(BEIJING):{form}}" for each in given)


def check_periods(normal: Sequence[Period], excluded: Sequence[Period]) -> None:
    """Some normal operation, no moment of it twice, not too much. Raises ``Invalid`` naming fields."""
    if not normal:
        raise Invalid(fields={"periods": NoPeriod()})
    whole = sum((each.until - each.since for each in normal), timedelta())
    if len(normal) > MOST_PERIODS or whole > LONGEST_PERIODS:
        raise Invalid(fields={"periods": TooManyPeriods(most=MOST_PERIODS, days=LONGEST_PERIODS.days)})
    if len(excluded) > MOST_PERIODS:
        raise Invalid(fields={"exclusions": TooManyPeriods(most=MOST_PERIODS, days=LONGEST_PERIODS.days)})
    ordered = sorted(normal, key=lambda each: each.since)
    for before, after in itertools.pairwise(ordered):
        if after.since < before.until:
            raise Invalid(fields={"periods": WrongPeriod(text=written([after]))})


def check_figures(name: str, points: int, interval_s: float, age_s: float, quantile: float, method: str) -> None:
    """What the form says in figures. Raises ``Invalid`` naming fields."""
    wrong: dict[str, Refusal | str] = {}
    if not name.strip():
        wrong["name"] = NoName()
    if not LEAST_POINTS <= points <= MOST_POINTS:
        wrong["points"] = WrongPoints(least=LEAST_POINTS, most=MOST_POINTS, found=points)
    if not LEAST_INTERVAL_S <= interval_s <= MOST_INTERVAL_S:
        wrong["interval_s"] = WrongFigure(least=LEAST_INTERVAL_S, most=MOST_INTERVAL_S)
    elif not interval_s <= age_s <= 31_536_000:
        wrong["age_s"] = WrongFigure(least=interval_s, most=31_536_000)
    if not LEAST_QUANTILE <= quantile <= MOST_QUANTILE:
        wrong["quantile"] = WrongFigure(least=LEAST_QUANTILE, most=MOST_QUANTILE)
    if method not in METHODS:
        wrong["method"] = UnknownMethod()
    if wrong:
        raise Invalid(fields=wrong)


def check_rows(normal: Sequence[Period], interval_s: float, points: int) -> int:
    """How many moments the periods have. Raises :class:`TooManyRows`."""
    rows = sum(int((each.until - each.since).total_seconds() // interval_s) for each in normal)
    if rows * points > MOST_CELLS:
        raise TooManyRows(rows=rows, most=MOST_CELLS // points)
    return rows


def check_enough(rows: int, points: int, interval_s: float) -> None:
    """Enough normal moments for so many points. Raises :class:`TooLittleHistory`, which says how much is missing."""
    needed = LEAST_ROWS_OF_VARIABLE * points
    if rows < needed:
        hours = max(0.1, math.ceil((needed - rows) * interval_s / 360) / 10)
        raise TooLittleHistory(rows=rows, points=points, needed=needed, hours=hours)


def lags_of(points: int) -> int:
    """How many moments CVA looks back on: :data:`LAGS`, fewer where the model of so many points would outgrow a message (8·(points·lags)² bytes)."""
    return max(1, min(LAGS, math.isqrt(LARGEST_MODEL_BYTES // 8 - 2 * points) // points))
