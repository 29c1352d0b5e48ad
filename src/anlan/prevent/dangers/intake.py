"""The spreadsheet of hidden dangers: which state a row of another system's list stands in, and what it lacks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.words import N_
from anlan.prevent.dangers import criteria, refusals, rules

ORDER_FIELDS = ("order_text", "order_basis", "deadline")
REMOVAL_FIELDS = ("outcome", "rectified_at", "rectified_by_name", "verdict", "verified_by_name", "closed_at")
"""What a closed danger must tell: removed by whom and when, accepted by whom, closed when."""
LABELS: dict[str, str] = {
    "uscc": N_("统一社会信用代码"),
    "number": N_("隐患编号"),
    "title": N_("隐患名称"),
    "location": N_("部位或设备"),
    "found_at": N_("发现时间"),
    "description": N_("隐患描述"),
    "source": N_("来源"),
    "sector": N_("行业领域"),
    "grade": N_("隐患等级"),
    "criterion": N_("判定标准条款"),
    "grade_reason": N_("判定理由"),
    "order_text": N_("整改要求"),
    "order_basis": N_("法律依据"),
    "deadline": N_("整改期限"),
    "responsible_name": N_("责任人"),
    "outcome": N_("整改情况"),
    "rectified_at": N_("整改完成时间"),
    "rectified_by_name": N_("整改人"),
    "verdict": N_("验收意见"),
    "verified_by_name": N_("验收人"),
    "closed_at": N_("销号时间"),
}
"""Columns of the spreadsheet in their order."""
HELP: dict[str, str] = {
    "number": N_("原系统或台账中的编号；同一企业的同一编号只登记一次"),
    "source": N_("不填：企业填报为“企业自查”，监管部门填报为“监管检查”"),
    "sector": N_("不填：按企业的行业领域"),
    "criterion": N_("重大隐患填写发现当日有效的条款编码、条款号或原文；没有对应条款时填写判定理由"),
    "deadline": N_("与整改要求、法律依据一起填写：隐患已责令整改"),
    "closed_at": N_("已销号的隐患填写，并填写整改和验收情况"),
}


def state_of(values: Mapping[str, Any]) -> str:
    """The state in which a row stands: found, graded, ordered or closed.

    A row that says of a danger that it was removed and not that it was closed is refused: such a removal is reported and accepted here, with a
    picture. Raises ``Invalid`` naming what is missing, ``RemovedNotClosed``.
    """
    removal = [name for name in REMOVAL_FIELDS if values.get(name)]
    if values.get("closed_at"):
        _all_of((*REMOVAL_FIELDS, "grade"), values, refusals.NeededWhenClosed)
        return rules.CLOSED
    if removal:
        raise Invalid({removal[0]: refusals.RemovedNotClosed()})
    if any(values.get(name) for name in ORDER_FIELDS):
        _all_of((*ORDER_FIELDS, "grade"), values, refusals.NeededWhenOrdered)
        return rules.ORDERED
    return rules.GRADED if values.get("grade") else rules.FOUND


def _all_of(names: tuple[str, ...], values: Mapping[str, Any], refusal: Callable[..., Refusal]) -> None:
    missing: dict[str, Refusal | str] = {name: refusal(field=LABELS[name]) for name in names if not values.get(name)}
    if missing:
        raise Invalid(missing)


def check_times(values: Mapping[str, Any], now: datetime) -> None:
    """Found, removed, closed, in this order and none of it to come. Raises ``Invalid``."""
    wrong: dict[str, Refusal | str] = {}
    before = values["found_at"]
    if before > now:
        wrong["found_at"] = refusals.FoundInTheFuture()
    for name in ("rectified_at", "closed_at"):
        at = values.get(name)
        if at is None:
            continue
        if at < before or at > now:
            wrong[name] = refusals.TimesOutOfOrder()
        before = max(before, at)
    deadline = values.get("deadline")
    if deadline is not None and deadline < values["found_at"]:
        wrong["deadline"] = refusals.TimesOutOfOrder()
    if wrong:
        raise Invalid(wrong)


def check_people(values: Mapping[str, Any]) -> None:
    """Nobody accepts what he removed. Raises ``Invalid`` with ``SameHand``."""
    if values.get("closed_at") and values.get("verified_by_name") == values.get("rectified_by_name"):
        raise Invalid({"verified_by_name": refusals.SameHand()})


def criterion_of(text: str, judged_by: criteria.Offered) -> str:
    """The code of the item that ``text`` names by code, article or wording among those in force; ``text`` itself where it names none."""
    for item in judged_by.criteria:
        if text in (item.code, item.article, item.text_zh):
            return item.code
    return text


def check_grade(values: Mapping[str, Any], judged_by: criteria.Offered, *, day: date, known: tuple[criteria.Criterion, ...]) -> None:
    """The grade of a row by the list of the day it was found. Raises ``Invalid`` with the refusals of :func:`criteria.check_grade`."""
    if not values.get("grade"):
        if values.get("criterion"):
            raise Invalid({"grade": refusals.NeededWhenOrdered(field=LABELS["grade"])})
        return
    try:
        criteria.check_grade(
            values["grade"], values.get("criterion") or "", values.get("grade_reason") or "", judged_by, day=day, known=known
        )
    except Refusal as refusal:
        raise Invalid({"criterion": refusal}) from refusal
