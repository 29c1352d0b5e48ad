"""Reads of hidden dangers: rule tables by day, dangers as far as an actor may see them, like dangers, what changed meanwhile."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import prefix_of
from anlan.ledger import sources
from anlan.ledger.clocks import ClockRule
from anlan.ledger.models import AuditEntry
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.prevent.dangers import criteria, door, escalation, periods, rewarding, rules
from anlan.prevent.dangers.models import Danger, PeriodReport

VIEW = "dangers.view"
_DATA = Path(__file__).parent / "data"
R = TypeVar("R", bound=sources.DatedRule)


@cache
def _table(name: str, row_type: type[R]) -> tuple[R, ...]:
    return sources.load_rules(_DATA / f"{name}.csv", row_type)


# A list of years asks for few days again and again.
@lru_cache(maxsize=4096)
def _in_force(name: str, row_type: type[R], day: date) -> tuple[R, ...]:
    return sources.in_force(_table(name, row_type), day)


def every_criterion() -> tuple[criteria.Criterion, ...]:
    """Items of every list, of any day."""
    return _table("criteria", criteria.Criterion)


def every_list() -> tuple[criteria.CriteriaList, ...]:
    """Every list, of any day."""
    return _table("criteria_lists", criteria.CriteriaList)


def criterion(code: str) -> criteria.Criterion | None:
    """One item by its code, of any day."""
    return next((row for row in every_criterion() if row.code == code), None)


def offered(sector: str, found_at: datetime) -> criteria.Offered:
    """What judges a danger of a sector found at a moment."""
    return _offered(sector, law_day(found_at))


@lru_cache(maxsize=4096)
def _offered(sector: str, day: date) -> criteria.Offered:
    return criteria.offered(every_list(), every_criterion(), sector=sector, day=day)


def parameter(code: str, on: datetime) -> int:
    """A figure in force on the day of ``on``. Raises ``NotFound``."""
    for row in _in_force("parameters", rules.Parameter, law_day(on)):
        if row.code == code:
            return row.value
    raise NotFound(what=code)


def clock_row(code: str, on: datetime) -> rules.ClockRow:
    """A deadline's row in force on the day of ``on``. Raises ``NotFound``."""
    for row in _in_force("clocks", rules.ClockRow, law_day(on)):
        if row.code == code:
            return row
    raise NotFound(what=code)


def clock_rule(row: rules.ClockRow) -> ClockRule:
    """The row as the ledger's clocks take it."""
    return ClockRule(
        code=row.code, label=rules.CLOCK_LABELS[row.code], article=f"{row.source} {row.article}".strip()[:200], status=row.status
    )


def period_row(kind: str, on: datetime) -> periods.PeriodRow:
    """Until when the table of a quarter or year is owed. Raises ``NotFound``."""
    for row in _in_force("period_reports", periods.PeriodRow, law_day(on)):
        if row.kind == kind:
            return row
    raise NotFound(what=kind)


def escalation_steps(on: datetime) -> tuple[escalation.EscalationStep, ...]:
    """The steps of escalation in force on the day of ``on``."""
    return _in_force("escalation", escalation.EscalationStep, law_day(on))


def every_step() -> dict[str, escalation.EscalationStep]:
    """Steps by code, of any day: for the words of what was told."""
    return {row.code: row for row in _table("escalation", escalation.EscalationStep)}


def rewards(on: datetime) -> tuple[rewarding.RewardRow, ...]:
    """Kinds of rewards in force on the day of ``on``."""
    return _in_force("rewards", rewarding.RewardRow, law_day(on))


def dangers(actor: Actor | None) -> QuerySet[Danger]:
    """Dangers that ``actor`` may see (``None``: all, for processes)."""
    rows = Danger.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW)


def danger(danger_id: UUID | str, actor: Actor | None) -> Danger:
    """One danger. Raises ``NotFound`` when there is none that ``actor`` may see."""
    found = dangers(actor).filter(pk=danger_id).first()
    if found is None:
        raise NotFound(what=str(danger_id))
    return found


def of_enterprise(enterprise_id: UUID, actor: Actor | None) -> QuerySet[Danger]:
    """Dangers of an enterprise: open ones first, the newest first."""
    return dangers(actor).filter(enterprise_id=enterprise_id).order_by(F("closed_at").desc(nulls_first=True), "-found_at")


def like(danger: Danger, months: int) -> QuerySet[Danger]:
    """Like dangers of the same enterprise found in the ``months`` before (or with) this one: same item, or same place or object.

    What was cancelled as none does not count, nor does an exercise beside what is real.
    """
    same = Q()
    if danger.criterion:
        same |= Q(criterion=danger.criterion)
    if danger.location_key:
        same |= Q(location_key=danger.location_key)
    if not same:
        return Danger.objects.none()
    since = rules.add_months(danger.found_at, -months)
    rows = Danger.objects.filter(same, enterprise_id=danger.enterprise_id, exercise=danger.exercise)
    return rows.filter(found_at__range=(since, danger.found_at)).exclude(pk=danger.pk).exclude(state=rules.CANCELLED).order_by("-found_at")


def changes_since(danger: Danger, version: int) -> list[tuple[str, str, list[str]]]:
    """Who changed which fields after the version somebody read: ``(name, HH:MM, [field labels])``, newest first."""
    entries = AuditEntry.objects.filter(subject_type=danger._meta.label_lower, subject_id=str(danger.pk)).order_by("-sequence")
    labels = {field.name: str(getattr(field, "verbose_name", field.name)) for field in danger._meta.concrete_fields}
    found = []
    for entry in entries[: max(0, danger.version - version)]:
        changed = (entry.content or {}).get("changed") or {}
        names = [labels[name] for name, pair in changed.items() if name in labels and _told(pair)]
        at = entry.at.astimezone(periods.CHINA)
        found.append((entry.actor_name, f"{at:%H:%M}", names[:6]))
    return found


def _told(pair: object) -> bool:
    return isinstance(pair, list) and any(value not in (None, "", [], {}) for value in pair)


def reports(actor: Actor | None) -> QuerySet[PeriodReport]:
    """Tables of quarters and years that ``actor`` may see."""
    rows = PeriodReport.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW)


def report(report_id: UUID | str, actor: Actor | None) -> PeriodReport:
    """One table. Raises ``NotFound``."""
    found = reports(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound(what=str(report_id))
    return found


def published(place_code: str, limit: int) -> tuple[door.PublishedDanger, ...]:
    """What was published, newest first."""
    rows = Danger.objects.filter(published_at__isnull=False, exercise=False).select_related("enterprise")
    if place_code:
        rows = rows.filter(place_code__startswith=prefix_of(place_code))
    return tuple(
        door.PublishedDanger(row.pk, row.enterprise.name, row.place_code, row.public_text, row.published_at, row.is_closed)
        for row in rows.order_by("-published_at")[:limit]
        if row.published_at is not None
    )


def address(danger_id: UUID) -> str:
    """The page of a danger."""
    return reverse("dangers:detail", args=[danger_id])


def grade_label(grade: str) -> str:
    """A grade in the language of the request."""
    return gettext(rules.GRADES[grade]) if grade else gettext("待判定")


def worded(row: object, name: str = "label") -> str:
    """The words of a rule row in the language of the request: ``label_zh`` or ``label_en``."""
    english = str(getattr(row, f"{name}_en", "") or "")
    return english if get_language() == "en" and english else str(getattr(row, f"{name}_zh"))


def summary(row: Danger) -> door.DangerSummary:
    """The door's view of a danger."""
    return door.DangerSummary(
        id=row.pk,
        title=row.title,
        enterprise_id=row.enterprise_id,
        place_code=row.place_code,
        location=row.location,
        grade=row.grade,
        grade_label=grade_label(row.grade),
        state=row.state,
        state_label=row.get_state_label(),
        overdue=row.overdue,
        deadline=row.deadline,
        found_at=row.found_at,
        longitude=row.longitude,
        latitude=row.latitude,
        url=address(row.pk),
        criterion=row.criterion,
        closed=row.closed_at is not None,
    )
