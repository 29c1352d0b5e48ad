"""The law of occupational health: who may do what, kinds of factors, limits and examinations, and when a result is over its limit. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

ACTIONS: dict[str, str] = {
    "health.view": N_("查看职业病危害因素和检测结果"),
    "health.register": N_("登记职业病危害因素和检测结果"),
    "health.people": N_("查看职业健康检查安排"),
    "health.arrange": N_("安排和登记职业健康检查"),
    "health.export": N_("导出职业健康台账"),
}

CATEGORIES: Final[Mapping[str, str]] = {
    "dust": N_("粉尘"),
    "chemical": N_("化学因素"),
    "physical": N_("物理因素"),
    "radiation": N_("放射性因素"),
    "biological": N_("生物因素"),
    "other": N_("其他因素"),
}
"""Categories of the catalogue of factors (职业病危害因素分类目录). The catalogue itself was not at hand: its single factors are typed."""

NEED_FACTORS = N_("职业病危害因素")
"""What the file of an enterprise needs in the trades of ``data/needed_in.csv``."""

MAC, TWA, STEL, OWN = "MAC", "PC-TWA", "PC-STEL", "OWN"
LIMIT_KINDS: Final[Mapping[str, str]] = {
    MAC: N_("最高容许浓度 MAC"),
    TWA: N_("时间加权平均容许浓度 PC-TWA"),
    STEL: N_("短时间接触容许浓度 PC-STEL"),
    OWN: N_("其他限值"),
}
FROM_DATA, ENTERED = "data", "entered"
LIMIT_SOURCES: Final[Mapping[str, str]] = {FROM_DATA: N_("平台资料"), ENTERED: N_("企业填写")}


@dataclass(frozen=True, kw_only=True)
class NeededIn(DatedRule):
    """A trade (sector of the register) whose enterprises keep their factors."""

    sector: str


@cache
def needed_in(sector: str, day: date) -> bool:
    """Whether enterprises of a trade keep factors: a default of this project, since who must declare them is decided by what is at work there."""
    rows = load_rules(Path(__file__).parent / "data" / "needed_in.csv", NeededIn)
    return any(row.sector == sector for row in in_force(rows, day))


PRE_JOB, ON_JOB, LEAVING = "pre_job", "on_job", "leaving"
EXAMINATIONS: Final[Mapping[str, str]] = {PRE_JOB: N_("上岗前"), ON_JOB: N_("在岗期间"), LEAVING: N_("离岗时")}


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure that the law of this room needs."""

    code: str
    value: int
    unit: str
    label_zh: str
    label_en: str


@cache
def parameters() -> tuple[Parameter, ...]:
    """Every figure of the file."""
    return load_rules(Path(__file__).parent / "data" / "parameters.csv", Parameter)


def parameter(code: str, day: date) -> Parameter:
    """The figure ``code`` as it holds on ``day``. Raises ``KeyError``."""
    for row in in_force(parameters(), day):
        if row.code == code:
            return row
    raise KeyError(code)


def over(value: Decimal, limit: Decimal | None) -> bool:
    """Whether a result is over its limit; a result that equals it is not."""
    return limit is not None and value > limit


def figure(cell: str) -> Decimal:
    """A figure of a spreadsheet: a number from zero on. Raises :class:`FieldWrong`."""
    try:
        found = Decimal(cell)
    except InvalidOperation as error:
        raise FieldWrong(field=cell, value=cell) from error
    if not found.is_finite() or not 0 <= found < 10**10:
        raise FieldWrong(field=cell, value=cell)
    return found.quantize(Decimal("0.0001"))


def months_after(day: date, months: int) -> date:
    """The same day of the month some months later; the last day of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Unprocessable(Refusal):
    status: ClassVar[int] = 422


class FieldMissing(Unprocessable):
    code: ClassVar[str] = "health_field_missing"
    sentence: ClassVar[str] = N_("请填写“{field}”。")


class FieldWrong(Unprocessable):
    code: ClassVar[str] = "health_field_wrong"
    sentence: ClassVar[str] = N_("“{field}”的值“{value}”无效，请核对后重新填写。")


class EnterpriseOnly(Refusal):
    code: ClassVar[str] = "health_enterprise_only"
    sentence: ClassVar[str] = N_("职业健康台账由企业自己登记，请用企业岗位登录后填写。")
    status: ClassVar[int] = 403


class FactorTaken(Refusal):
    code: ClassVar[str] = "health_factor_taken"
    sentence: ClassVar[str] = N_("“{workplace}”的“{factor}”已经登记过，请直接修改或登记检测结果。")


class OfAnother(Unprocessable):
    code: ClassVar[str] = "health_of_another"
    sentence: ClassVar[str] = N_("所选危害因素不属于本企业，请重新选择。")


class LimitNeeded(Unprocessable):
    code: ClassVar[str] = "health_limit_needed"
    sentence: ClassVar[str] = N_("资料中没有该因素这一类限值（{unit}），请填写限值和依据（标准名称和条款）。")


class LimitWithoutBasis(Unprocessable):
    code: ClassVar[str] = "health_limit_without_basis"
    sentence: ClassVar[str] = N_("填写了限值，还须写明依据（标准名称和条款）。")


class InFuture(Unprocessable):
    code: ClassVar[str] = "health_in_future"
    sentence: ClassVar[str] = N_("日期 {day} 在将来，请填写已经完成的日期。")


class Done(Refusal):
    code: ClassVar[str] = "health_done"
    sentence: ClassVar[str] = N_("这次检查已登记完成，不能再改；有误请联系平台管理员在审计日志中核对。")


class FactorUnknown(Unprocessable):
    code: ClassVar[str] = "health_factor_unknown"
    sentence: ClassVar[str] = N_("本企业没有登记“{workplace}”的“{factor}”，请先登记危害因素。")
