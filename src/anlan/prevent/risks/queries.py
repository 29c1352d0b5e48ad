"""Reads of risks: rule tables by day, objects, events, tasks as far as an actor may see them, and what changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger import sources
from anlan.ledger.models import AuditEntry
from anlan.ledger.records import Record
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.prevent.risks import door, rules
from anlan.prevent.risks.models import CheckResult, CheckTask, Measure, RiskEvent, RiskObject, RiskUnit

VIEW = "risks.view"
_DATA = Path(__file__).parent / "data"
R = TypeVar("R", bound=sources.DatedRule)
M = TypeVar("M", bound=Record)

# --- rule tables by day ----------------------------------------------------------------------------------------------------------


@cache
def _table(name: str, row_type: type[R]) -> tuple[R, ...]:
    return sources.load_rules(_DATA / f"{name}.csv", row_type)


def _in_force(name: str, row_type: type[R], on: datetime) -> tuple[R, ...]:
    return sources.in_force(_table(name, row_type), law_day(on))


def methods(on: datetime) -> tuple[rules.Method, ...]:
    """Every method in force."""
    rows = _in_force("methods", rules.MethodRow, on)
    scales, bands = _in_force("scales", rules.ScaleRow, on), _in_force("bands", rules.BandRow, on)
    return tuple(rules.method_of(row.code, rows, scales, bands) for row in rows)


def method(code: str, on: datetime) -> rules.Method:
    """One method in force. Raises ``MethodUnknown``."""
    rows = _in_force("methods", rules.MethodRow, on)
    return rules.method_of(code, rows, _in_force("scales", rules.ScaleRow, on), _in_force("bands", rules.BandRow, on))


def levels(on: datetime) -> tuple[rules.LevelRow, ...]:
    """Levels that answer for risks, the highest first."""
    return tuple(sorted(_in_force("levels", rules.LevelRow, on), key=lambda row: row.rank))


def classes(on: datetime) -> tuple[rules.CodeRow, ...]:
    """Classes of control measures."""
    return _in_force("measure_classes", rules.CodeRow, on)


def periods(on: datetime) -> tuple[rules.CodeRow, ...]:
    """Periods of checks, the shortest first."""
    return _in_force("periods", rules.CodeRow, on)


def parameter(code: str, on: datetime) -> int:
    """A figure in force on the day of ``on``. Raises ``NotFound``."""
    for row in _in_force("parameters", rules.Parameter, on):
        if row.code == code:
            return row.value
    raise NotFound(what=code)


def worded(row: object, name: str = "label") -> str:
    """The words of a rule row in the language of the request: ``label_zh`` or ``label_en``."""
    english = str(getattr(row, f"{name}_en", "") or "")
    return english if get_language() == "en" and english else str(getattr(row, f"{name}_zh"))


@cache
def _labels(table: str, language: str) -> Mapping[str, str]:
    types: dict[str, type[Any]] = {"levels": rules.LevelRow, "methods": rules.MethodRow}
    return {row.code: worded(row) for row in _table(table, types.get(table, rules.CodeRow))}  # type: ignore[attr-defined]


def label(table: str, code: str) -> str:
    """The word of a code of ``levels``, ``methods``, ``measure_classes`` or ``periods``, of any day."""
    return _labels(table, get_language() or "").get(code, code)


def grade_label(grade: int | None) -> str:
    """A grade in the language of the request."""
    return gettext(rules.GRADES[grade]) if grade else gettext("未评价")


def tone(grade: int | None) -> str:
    """The colour of a grade; grey where none was assessed."""
    return rules.TONES.get(grade or 0, "grey")


# --- records ---------------------------------------------------------------------------------------------------------------------


def _seen(rows: QuerySet[M], actor: Actor | None) -> QuerySet[M]:
    return rows if actor is None else visible(rows, actor, VIEW)


def objects(actor: Actor | None) -> QuerySet[RiskObject]:
    """Objects that ``actor`` may see (``None``: all, for processes)."""
    return _seen(RiskObject.objects.select_related("enterprise"), actor)


def events(actor: Actor | None) -> QuerySet[RiskEvent]:
    """Events that ``actor`` may see."""
    return _seen(RiskEvent.objects.select_related("enterprise", "object", "unit"), actor)


def tasks(actor: Actor | None) -> QuerySet[CheckTask]:
    """Checks that ``actor`` may see."""
    return _seen(CheckTask.objects.select_related("enterprise", "object"), actor)


def one(rows: QuerySet[M], key: UUID | str) -> M:
    """One of the rows. Raises ``NotFound``."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(what=str(key))
    return found


def result(key: UUID | str, actor: Actor | None) -> CheckResult:
    """One result of a check that ``actor`` may see. Raises ``NotFound``."""
    return one(_seen(CheckResult.objects.select_related("task"), actor), key)


def units(actor: Actor | None) -> QuerySet[RiskUnit]:
    """Units that ``actor`` may see."""
    return _seen(RiskUnit.objects.select_related("object"), actor)


def measures(actor: Actor | None) -> QuerySet[Measure]:
    """Measures that ``actor`` may see."""
    return _seen(Measure.objects.select_related("event__object", "event__unit"), actor)


def mine(actor: Actor, kinds: set[str]) -> Q:
    """The condition of checks that wait for this person: named to him, or to one of the posts he holds and to nobody by name."""
    return Q(person_id=actor.account_id) | Q(person_id__isnull=True, post_kind__in=kinds)


def day_list(actor: Actor, kinds: set[str], now: datetime) -> QuerySet[CheckTask]:
    """Checks of the own enterprise that wait for this person, the most urgent first; with those done since the day began."""
    waiting = Q(state=rules.OPEN, window_from__lte=now) | Q(done_at__gte=rules.window("day", now)[0])
    return tasks(actor).filter(mine(actor, kinds), waiting, enterprise_id=actor.enterprise_id).order_by("due_at", "id")


def keeps_register(enterprise_id: UUID) -> bool:
    """Whether an enterprise has assessed any event in use."""
    return RiskEvent.objects.filter(enterprise_id=enterprise_id, in_use=True).exists()


def counts(enterprise_id: UUID) -> dict[int, int]:
    """Events in use of an enterprise by residual grade."""
    rows = RiskEvent.objects.filter(enterprise_id=enterprise_id, in_use=True).order_by().values_list("residual_grade")
    return dict(rows.annotate(Count("pk")))


def changes_since(record: Model, version: int) -> str:
    """Who changed which fields after the version somebody read, newest first, in one line."""
    entries = AuditEntry.objects.filter(subject_type=record._meta.label_lower, subject_id=str(record.pk)).order_by("-sequence")
    labels = {field.name: str(getattr(field, "verbose_name", field.name)) for field in record._meta.concrete_fields}
    told = []
    for entry in entries[: max(0, getattr(record, "version", 0) - version)]:
        changed = (entry.content or {}).get("changed") or {}
        names = "、".join(labels[name] for name in list(changed)[:6] if name in labels)
        told.append(f"{entry.actor_name} {entry.at.astimezone(rules.CHINA):%H:%M} {names}".strip())
    return "；".join(told)


# --- addresses and the door's view -----------------------------------------------------------------------------------------------


def object_url(key: UUID) -> str:
    """The page of an object."""
    return reverse("risks:object", args=[key])


def event_url(key: UUID) -> str:
    """The page of an event."""
    return reverse("risks:event", args=[key])


def task_url(key: UUID) -> str:
    """The page of a check."""
    return reverse("risks:check", args=[key])


def summary(row: RiskObject) -> door.RiskObjectSummary:
    """The door's view of an object."""
    return door.RiskObjectSummary(
        id=row.pk,
        enterprise_id=row.enterprise_id,
        code=row.code,
        name=row.name,
        location=row.location,
        initial_grade=row.initial_grade,
        residual_grade=row.residual_grade,
        grade_label=grade_label(row.residual_grade),
        tone=tone(row.residual_grade),
        events=row.event_count,
        responsible_name=row.responsible_name,
        longitude=row.longitude,
        latitude=row.latitude,
        url=object_url(row.pk),
    )
