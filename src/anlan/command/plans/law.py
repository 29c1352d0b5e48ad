"""What the law asks of a plan once it is written: review, filing, drills, evaluation, revision, each with its day.

Source: 生产安全事故应急预案管理办法 (Order 88 of 2016 as amended by MEM Order 2 of 2019), articles in the room's tables. Days are calendar days in
China; working days are those of :mod:`anlan.kernel.workdays`.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final

from django.utils.translation import get_language

from anlan.command.plans.standard import TABLES
from anlan.kernel import workdays
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Parameter

BUREAU: Final = "bureau"

DRILL, EVALUATION, REVISION = "drill", "evaluation", "revision"
RECORDS: dict[str, str] = {DRILL: N_("应急演练"), EVALUATION: N_("预案评估"), REVISION: N_("修订情形")}

DRILL_KINDS: dict[str, str] = {
    "tabletop": N_("桌面推演"),
    "functional": N_("单项演练"),
    "full": N_("综合演练"),
}


@dataclass(frozen=True, kw_only=True)
class _Named(DatedRule):
    code: str
    title_zh: str
    title_en: str

    @property
    def title(self) -> str:
        """In the language of the reader."""
        return self.title_en if get_language() == "en" else self.title_zh


@dataclass(frozen=True, kw_only=True)
class Subject(_Named):
    """A kind of unit: whether its plans must be reviewed (art. 21) and whether it is listed in art. 26, which art. 33 and 35 refer to."""

    review: bool
    listed: bool
    kind: str


@dataclass(frozen=True, kw_only=True)
class Material(_Named):
    """Something that is handed in when a plan is filed; ``kind``: enterprise, or both."""

    kind: str


@dataclass(frozen=True, kw_only=True)
class Trigger(_Named):
    """A reason to revise a plan; ``refile``: the revised plan must be filed again (art. 37)."""

    refile: bool


class ReviewMissing(Refusal):
    code: ClassVar[str] = "plan_review_missing"
    sentence: ClassVar[str] = N_("“{subject}”的预案必须先评审通过才能公布。请登记评审意见。")
    status: ClassVar[int] = 409


class ReviewerHasInterest(Refusal):
    code: ClassVar[str] = "plan_reviewer_interest"
    sentence: ClassVar[str] = N_("{names} 与预案编制单位有利害关系，应当回避（办法第二十二条）。请更换评审人员。")
    status: ClassVar[int] = 422


class ToldOnce(Refusal):
    code: ClassVar[str] = "plan_filing_told_once"
    sentence: ClassVar[str] = N_("需要补齐的材料已经一次性告知过，不能再次退回。请核对后予以备案。")
    status: ClassVar[int] = 409


class MaterialsMissing(Refusal):
    code: ClassVar[str] = "plan_filing_materials"
    sentence: ClassVar[str] = N_("备案材料不齐：缺少{names}。请补齐或者一次性告知申报单位。")
    status: ClassVar[int] = 422


class NotPublished(Refusal):
    code: ClassVar[str] = "plan_not_published"
    sentence: ClassVar[str] = N_("预案尚未公布，不能申请备案。请先由主要负责人签署公布。")
    status: ClassVar[int] = 409


class FiledAlready(Refusal):
    code: ClassVar[str] = "plan_filed_already"
    sentence: ClassVar[str] = N_("本版预案已经申请备案或者已经备案，不必重复申请。")
    status: ClassVar[int] = 409


def subjects(on: date) -> tuple[Subject, ...]:
    """Kinds of units in force on a day."""
    return TABLES.in_force("subjects", Subject, on)


def subject(code: str, on: date) -> Subject:
    """One kind of unit; unknown codes count as a bureau. Raises ``KeyError`` when the table has no bureau."""
    known = {row.code: row for row in subjects(on)}
    return known.get(code) or known[BUREAU]


def check_reviewed(code: str, example: bool, passed: bool | None, on: date) -> None:
    """Refuse to publish a plan whose kind of unit must have it reviewed when its last review did not carry (``None``: there was none).

    Raises ``ReviewMissing``.
    """
    who = subject(code, on)
    if who.review and not example and not passed:
        raise ReviewMissing(subject=who.title)


def parameter_row(code: str, on: date) -> Parameter:
    """A parameter with its source. Raises ``StopIteration`` for an unknown code: a fault of the table."""
    return next(row for row in TABLES.in_force("parameters", Parameter, on) if row.code == code)


def materials(kind: str, on: date) -> tuple[Material, ...]:
    """What is handed in with a plan of an enterprise or a bureau."""
    return tuple(row for row in TABLES.in_force("materials", Material, on) if row.kind in (kind, "both"))


def triggers(on: date) -> tuple[Trigger, ...]:
    """Reasons to revise."""
    return TABLES.in_force("triggers", Trigger, on)


def working_days_after(day: date, count: int) -> date:
    """The last day of a term of ``count`` working days that begins on the day after ``day``."""
    while count > 0:
        day += timedelta(days=1)
        count -= not workdays.day_of(day).off
    return day


def months_after(day: date, months: int) -> date:
    """The same day ``months`` later; the last of the month where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def file_by(issued_on: date) -> date:
    """Last day on which a plan published on ``issued_on`` may be filed (art. 26)."""
    return working_days_after(issued_on, TABLES.parameter("file_within", issued_on))


def check_by(submitted_on: date) -> date:
    """Last day of the check; after it a plan counts as filed (art. 28)."""
    return working_days_after(submitted_on, TABLES.parameter("check_within", submitted_on))


def drill_rule(plan_type: str, who: Subject) -> str:
    """The parameter that says how many months may pass between two drills (art. 32, 33)."""
    if who.kind == BUREAU:
        return "drill_bureau"
    if who.listed:
        return "drill_listed"
    return "drill_site" if plan_type == "site" else "drill_unit"


def review_passes(agreeing: int, experts: int, on: date) -> bool:
    """Whether a review carried: at least two thirds of the experts agree (GB/T 29639-2020, 4.8). Nobody there: not carried."""
    return experts > 0 and agreeing * 3 >= experts * TABLES.parameter("agree_thirds", on)


@dataclass(frozen=True)
class Duty:
    """Something owed for a plan and until when; ``source`` is the article."""

    code: str
    label: str
    due: date
    source: str

    def overdue(self, day: date) -> bool:
        """Whether the last day has passed."""
        return day > self.due


LABELS: dict[str, str] = {
    "file": N_("申请备案"),
    "drill": N_("组织演练"),
    "evaluate": N_("评估预案"),
    "revise": N_("修订预案"),
}


@dataclass(frozen=True)
class Standing:
    """What is known of a plan in force: when it was published, filed, and what was recorded (kind, day)."""

    plan_type: str
    subject: Subject
    issued_on: date
    submitted_on: date | None
    records: tuple[tuple[str, date], ...]


def owed(plan: Standing, on: date) -> tuple[Duty, ...]:
    """What is owed for a plan in force, the earliest first.

    Filing until it is applied for; the next drill and the next evaluation counted from the last one (at first from publication); revision at once
    when a reason was recorded, until the next edition is in force.
    """
    found = []
    if plan.submitted_on is None:
        found.append(Duty("file", LABELS["file"], file_by(plan.issued_on), _source("file_within", on)))
    rule = drill_rule(plan.plan_type, plan.subject)
    found.append(Duty("drill", LABELS["drill"], months_after(_last(plan, DRILL), TABLES.parameter(rule, on)), _source(rule, on)))
    if plan.subject.listed or plan.subject.review:
        due = months_after(_last(plan, EVALUATION), TABLES.parameter("evaluate", on))
        found.append(Duty("evaluate", LABELS["evaluate"], due, _source("evaluate", on)))
    reasons = sorted(day for kind, day in plan.records if kind == REVISION)
    if reasons:
        found.append(Duty("revise", LABELS["revise"], reasons[0], triggers(on)[0].source))
    return tuple(sorted(found, key=lambda duty: duty.due))


def _last(plan: Standing, kind: str) -> date:
    return max((day for known, day in plan.records if known == kind), default=plan.issued_on)


def _source(code: str, on: date) -> str:
    return parameter_row(code, on).source
