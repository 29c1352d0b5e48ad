"""The law of licences and certificates: kinds with validity and lead, when one falls due, how it stands on a day. Pure; no clock."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, load_rules

UNIT, PERSON = "unit", "person"
HOLDERS: dict[str, str] = {UNIT: N_("单位证照"), PERSON: N_("人员证书")}
VALID, EXPIRING, EXPIRED = "valid", "expiring", "expired"
STANDINGS: dict[str, str] = {VALID: N_("有效"), EXPIRING: N_("即将到期"), EXPIRED: N_("已过期")}
LICENCES = frozenset(
    {"work_safety_permit", "hazchem_business", "hazchem_use", "hazchem_registration", "fireworks_wholesale", "fireworks_retail"}
)
"""Documents without which a unit may not do what it does: any one in force meets the need of a licence."""
MANAGER = "manager_assessment"
PRINCIPAL_POST = "主要负责人"
"""How a certificate of the kind :data:`MANAGER` says that it is the principal's; the others are those of safety managers."""


@dataclass(frozen=True, kw_only=True)
class CertificateKind(DatedRule):
    """A kind of licence or certificate. ``validity_months``, ``review_months``: what a new one is offered; ``lead_days``: warned so long before."""

    code: str
    holder: str
    name_zh: str
    name_en: str
    validity_months: int | None = None
    review_months: int | None = None
    lead_days: int = 60
    issuer_zh: str = ""


class UnknownCertificateKind(Refusal):
    code: ClassVar[str] = "certificate_kind"
    sentence: ClassVar[str] = N_("没有“{value}”这类证照，请从列表中选择。")
    status: ClassVar[int] = 422


class CertificateBackwards(Refusal):
    code: ClassVar[str] = "certificate_backwards"
    sentence: ClassVar[str] = N_("有效期至 {until} 早于发证日期 {issued}，请对照证书核对。")
    status: ClassVar[int] = 422


class CertificateWithoutEnd(Refusal):
    code: ClassVar[str] = "certificate_without_end"
    sentence: ClassVar[str] = N_("请填写有效期至或复审日期，否则到期无法提醒。")
    status: ClassVar[int] = 422


class CertificateTaken(Refusal):
    code: ClassVar[str] = "certificate_taken"
    sentence: ClassVar[str] = N_("该企业已登记编号 {number} 的{kind}，请修改原记录；换发新证的，先把旧证标为停用。")


@cache
def kinds() -> tuple[CertificateKind, ...]:
    """Every kind, in the order of the table."""
    return load_rules(Path(__file__).parent / "data" / "certificates.csv", CertificateKind)


def kind(code: str) -> CertificateKind:
    """One kind by its code, or by its Chinese or English name as spreadsheets have it. Raises :class:`UnknownCertificateKind`."""
    text = code.strip()
    found = next((row for row in kinds() if text in (row.code, row.name_zh, row.name_en)), None)
    if found is None:
        raise UnknownCertificateKind(value=text)
    return found


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later; the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_on(valid_until: date | None, review_due: date | None) -> date | None:
    """The last day on which it holds as it is: its end or its review, whichever comes first."""
    return min((day for day in (valid_until, review_due) if day is not None), default=None)


def standing(due: date | None, today: date, lead_days: int) -> str:
    """How a certificate stands on ``today``; it still holds on the day it falls due. Without such a day it counts as valid."""
    if due is None or due > today + timedelta(days=lead_days):
        return VALID
    return EXPIRED if due < today else EXPIRING


def check_dates(issued_on: date | None, valid_until: date | None, review_due: date | None) -> None:
    """Raise :class:`CertificateBackwards` or :class:`CertificateWithoutEnd` for days that cannot be."""
    end = due_on(valid_until, review_due)
    if end is None:
        raise CertificateWithoutEnd()
    if issued_on is not None and end < issued_on:
        raise CertificateBackwards(until=end.isoformat(), issued=issued_on.isoformat())


def certified_principals(held: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    """Who holds a principal's certificate among ``held``: (kind, post, name) of certificates in use."""
    return tuple(dict.fromkeys(name.strip() for kind, post, name in held if kind == MANAGER and post.strip().startswith(PRINCIPAL_POST)))


def principals_differ(named: Collection[str], certified: Collection[str]) -> bool:
    """Whether none of those ``named`` as principal is among those ``certified``; not where either is unknown."""
    return bool(named) and bool(certified) and not {name.strip() for name in named} & set(certified)


def masked_number(number: str) -> str:
    """The number of a person's certificate with all but its last four characters hidden: it often is the number of his identity card.

    Hidden from everybody, on pages, in lists, exports and on paper alike; who may change the certificate reads it in its form.
    """
    return "*" * max(len(number) - 4, 0) + number[-4:]
