"""Reads of information reporting: rule tables by day, and filings as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import Level
from anlan.ledger import sources
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.report.filings import rules
from anlan.report.filings.models import Filing, FilingReduction, FilingStep, FilingVersion, Instruction

_DATA = Path(__file__).parent / "data"
_CHINA = ZoneInfo("Asia/Shanghai")
R = TypeVar("R", bound=sources.DatedRule)


@cache
def _table(name: str, row_type: type[R]) -> tuple[R, ...]:
    return sources.load_rules(_DATA / f"{name}.csv", row_type)


def accident_levels(on: date) -> tuple[rules.AccidentLevel, ...]:
    """Accident levels in force on ``on``."""
    return sources.in_force(_table("accident_levels", rules.AccidentLevel), on)


def near_misses(on: date) -> tuple[rules.NearMissRule, ...]:
    """Criteria of serious near misses in force on ``on``."""
    return sources.in_force(_table("serious_near_misses", rules.NearMissRule), on)


def reporting_steps(on: date) -> tuple[rules.ReportingStep, ...]:
    """Reporting duties in force on ``on``."""
    return sources.in_force(_table("reporting_steps", rules.ReportingStep), on)


def event_kinds(on: date) -> tuple[rules.EventKind, ...]:
    """Kinds of events that can be reported on ``on``."""
    return sources.in_force(_table("kinds", rules.EventKind), on)


def required_content(on: date) -> tuple[rules.RequiredField, ...]:
    """Items a report must hold on ``on``."""
    return sources.in_force(_table("required_content", rules.RequiredField), on)


def flash_duties(level: Level, on: date) -> list[rules.ReportingStep]:
    """Telephone flashes that a bureau of ``level`` may owe to another bureau."""
    rows = reporting_steps(on)
    return [row for row in rows if row.kind == "phone" and row.sender == level.name and row.receiver in Level.__members__]


def flash_content(on: date) -> tuple[rules.RequiredField, ...]:
    """What is told in a telephone flash on ``on`` (Order 21 art. 10)."""
    return sources.in_force(_table("flash_content", rules.RequiredField), on)


def accident_types(on: date) -> tuple[rules.AccidentType, ...]:
    """Types of accident in force on ``on``; all of one standard."""
    return sources.in_force(_table("accident_types", rules.AccidentType), on)


def every_type() -> dict[str, rules.AccidentType]:
    """Types of accident by code, of any day and standard."""
    return {row.code: row for row in _table("accident_types", rules.AccidentType)}


def types_of_kind(kind: str, on: date) -> rules.TypesOfKind | None:
    """Types that go with a kind of event on ``on``; ``None`` where the kind is no accident of work."""
    return next((row for row in sources.in_force(_table("types_of_kind", rules.TypesOfKind), on) if row.kind == kind), None)


def loss_items(on: date) -> tuple[rules.LossItem, ...]:
    """Items of loss in force on ``on``, direct ones first; all of one standard."""
    return sources.in_force(_table("loss_items", rules.LossItem), on)


def parameter(code: str, on: date) -> int:
    """A figure of this room in force on a day."""
    return next(row.value for row in sources.in_force(_table("parameters", sources.Parameter), on) if row.code == code)


def filings(actor: Actor | None) -> QuerySet[Filing]:
    """Filings that ``actor`` may see, newest event first (``None``: all, for processes)."""
    rows = Filing.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, "filings.view")


def filing(filing_id: UUID | str, actor: Actor | None) -> Filing:
    """One filing. Raises ``NotFound`` when there is none that ``actor`` may see."""
    found = filings(actor).filter(pk=filing_id).first()
    if found is None:
        raise NotFound(what=str(filing_id))
    return found


def arrived(key: UUID | None, actor: Actor) -> bool:
    """Whether a supplement with this key was taken already: what waited for a network may come twice."""
    own = {"pk": key, "filing__in": filings(actor)}
    return key is not None and (FilingVersion.objects.filter(**own).exists() or FilingReduction.objects.filter(**own).exists())


def to_sign(filing: Filing, level: Level) -> QuerySet[FilingStep]:
    """Steps that have reached a level and that it has not signed for, oldest first; what is still on its way cannot be signed for."""
    return filing.steps.filter(received_at__isnull=True, delivered_at__isnull=False, receiver_level=level).order_by("sequence")


def judge(seen: rules.Consequences, occurred_at: datetime) -> rules.Judgement:
    """Judge consequences by the rules of the day of the event."""
    day = law_day(occurred_at)
    return rules.judge(seen, accident_levels(day), near_misses(day))


def open_filings(actor: Actor) -> QuerySet[Filing]:
    """Filings that are neither closed nor struck off, newest event first."""
    return filings(actor).exclude(state__in=rules.OVER)


def event_kind(code: str, on: date) -> rules.EventKind | None:
    """One kind of event by its code."""
    return next((row for row in event_kinds(on) if row.code == code), None)


def step_labels() -> dict[str, rules.ReportingStep]:
    """Reporting duties by code, of any day: for the words on clocks that were started under them."""
    return {row.code: row for row in _table("reporting_steps", rules.ReportingStep)}


def every_kind() -> dict[str, rules.EventKind]:
    """Kinds of events by code, of any day."""
    return {row.code: row for row in _table("kinds", rules.EventKind)}


def every_level() -> dict[str, rules.AccidentLevel]:
    """Accident levels by code, of any day: names and colours."""
    return {row.code: row for row in _table("accident_levels", rules.AccidentLevel)}


def accidents(since: datetime, until: datetime, enterprise_ids: Collection[UUID] | None) -> list[tuple[UUID, datetime, int]]:
    """See :func:`anlan.report.filings.door.accidents`."""
    rows = Filing.objects.filter(occurred_at__gte=since, occurred_at__lte=until, exercise=False, enterprise__isnull=False)
    rows = rows.exclude(state__in=(rules.DRAFT, rules.WITHDRAWN, rules.MERGED)).order_by()
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    levels = every_level()
    told = rows.values_list("enterprise_id", "occurred_at", "level_code")
    return [(enterprise, at, 5 - levels[code].rank if code in levels else 1) for enterprise, at, code in told if enterprise is not None]


def open_instructions(actor: Actor) -> QuerySet[Instruction]:
    """Instructions not answered on open filings that ``actor`` may see, nearest day first, those without a day last."""
    rows = Instruction.objects.select_related("filing").filter(done_at__isnull=True, filing__in=open_filings(actor))
    return rows.order_by(F("due").asc(nulls_last=True), "at")
