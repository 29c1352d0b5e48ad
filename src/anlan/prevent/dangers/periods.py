"""Quarters and years of the table that Order 16 art. 14 asks for, and until when it is owed. Pure; days and moments of China."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from anlan.kernel.errors import NotFound
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule

CHINA = ZoneInfo("Asia/Shanghai")
QUARTER, YEAR = "quarter", "year"


@dataclass(frozen=True, kw_only=True)
class PeriodRow(DatedRule):
    """Until which day of the month after the period the table is owed (that day included)."""

    code: str
    label_zh: str
    label_en: str
    kind: str
    last_day: int
    article: str


@dataclass(frozen=True)
class Period:
    """A quarter (``2026Q3``) or a year (``2026``); ``first`` and ``last`` are days of it."""

    code: str
    kind: str
    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time.min, CHINA)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, CHINA)

    def due(self, row: PeriodRow) -> datetime:
        """Until when the table is owed: the end of ``last_day`` in the first month after the period."""
        return datetime.combine((self.last + timedelta(days=1)).replace(day=row.last_day), time.max, CHINA)


def quarter(year: int, number: int) -> Period:
    """A quarter, ``number`` 1 to 4."""
    first = date(year, 3 * number - 2, 1)
    after = date(year + (number == 4), 1 if number == 4 else 3 * number + 1, 1)
    return Period(f"{year}Q{number}", QUARTER, first, after - timedelta(days=1))


def year(number: int) -> Period:
    """A calendar year."""
    return Period(str(number), YEAR, date(number, 1, 1), date(number, 12, 31))


def parse(code: str) -> Period:
    """The period of a code. Raises ``NotFound``."""
    years, _, number = code.partition("Q")
    if len(years) == 4 and years.isascii() and years.isdigit() and int(years) >= 1000:
        if "Q" not in code:
            return year(int(years))
        if number in ("1", "2", "3", "4"):
            return quarter(int(years), int(number))
    raise NotFound(what=code)


def current(moment: datetime) -> tuple[Period, Period]:
    """The quarter and the year that ``moment`` lies in."""
    day = moment.astimezone(CHINA).date()
    return quarter(day.year, (day.month + 2) // 3), year(day.year)


def over(moment: datetime) -> tuple[Period, ...]:
    """The newest quarter that is over at ``moment``, and in the first quarter also the year before."""
    day = moment.astimezone(CHINA).date()
    number = (day.month + 2) // 3
    if number > 1:
        return (quarter(day.year, number - 1),)
    return (quarter(day.year - 1, 4), year(day.year - 1))


OWED, SIGNED = "owed", "signed"
FLOW = Flow(
    code="danger_report",
    label=N_("隐患统计分析表"),
    initial=OWED,
    states=(State(OWED, N_("待签报")), State(SIGNED, N_("已签报"), final=True)),
    moves=(
        Move(
            "sign",
            N_("签报"),
            (OWED,),
            SIGNED,
            "dangers.sign_report",
            requires=("analysis", "principal_name"),
            stops=(QUARTER, YEAR),
            announces="dangers.report_signed",
        ),
    ),
    field_labels={"analysis": N_("统计分析"), "principal_name": N_("主要负责人")},
)
"""The table is worked out by the platform and signed by the unit's principal (art. 14)."""
