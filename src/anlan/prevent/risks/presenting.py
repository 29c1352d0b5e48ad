"""What pages of risks show: an object with its units and events, an event with its steps and measures, methods with their sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.prevent.risks import queries, rules
from anlan.prevent.risks.models import CheckTask, Measure, RiskEvent, RiskObject, RiskUnit


@dataclass(frozen=True)
class Grade:
    """A grade as a chip, with its value; ``unverified``: a band behind it was not verified."""

    word: str
    tone: str
    value: str = ""
    unverified: bool = False


def initial(event: RiskEvent) -> Grade:
    """The grade before measures."""
    return _grade(event.initial_grade, event.initial_value, event.unverified)


def residual(event: RiskEvent) -> Grade:
    """The grade behind measures."""
    return _grade(event.residual_grade, event.residual_value, event.unverified)


def _grade(grade: int | None, value: Decimal, unverified: bool) -> Grade:
    return Grade(queries.grade_label(grade), queries.tone(grade), rules.plain(value), unverified)


def worst(row: RiskObject) -> Grade:
    """The gravest grade that remains at an object."""
    return Grade(queries.grade_label(row.residual_grade), queries.tone(row.residual_grade))


@dataclass(frozen=True)
class EventLine:
    """One event in the table of its unit."""

    event: RiskEvent
    initial: Grade
    residual: Grade
    level: str
    measures: int


@dataclass(frozen=True)
class UnitPart:
    """One unit of an object with its events."""

    unit: RiskUnit
    events: list[EventLine]


def object_page(row: RiskObject, actor: Actor) -> dict[str, Any]:
    """Everything of one object."""
    counted: dict[Any, int] = {}
    for event_id in Measure.objects.filter(event__object=row, in_use=True).values_list("event_id", flat=True):
        counted[event_id] = counted.get(event_id, 0) + 1
    events: dict[Any, list[EventLine]] = {}
    for event in RiskEvent.objects.filter(object=row, in_use=True).order_by("residual_grade", "-initial_value"):
        line = EventLine(event, initial(event), residual(event), queries.label("levels", event.level), counted.get(event.pk, 0))
        events.setdefault(event.unit_id, []).append(line)
    return {
        "object": row,
        "worst": worst(row),
        "place": places.full_name(row.place_code),
        "units": [UnitPart(unit, events.get(unit.pk, [])) for unit in RiskUnit.objects.filter(object=row)],
        "may_edit": may_edit(row, actor),
        "unverified": any(line.event.unverified for lines in events.values() for line in lines),
    }


def may_edit(row: Any, actor: Actor) -> bool:
    """Whether the actor may change what stands here."""
    where = {"place_code": row.place_code, "enterprise_id": row.enterprise_id, "classification": row.classification}
    return actor.may("risks.edit", **where)


@dataclass(frozen=True)
class MeasureLine:
    """One measure in words, with its newest check."""

    measure: Measure
    kind: str
    period: str
    level: str
    who: str
    last: CheckTask | None


def posts(actor: Actor, now: datetime) -> set[str]:
    """Kinds of posts that somebody holds in the enterprise for which he acts."""
    return {post.kind for post in people.posts_of(actor.account_id, now=now) if post.enterprise_id == actor.enterprise_id}


def who(row: Measure | CheckTask) -> str:
    """Whose check it is."""
    return row.person_name or gettext(people.post_kinds().get(row.post_kind, row.post_kind))


def event_page(event: RiskEvent, actor: Actor) -> dict[str, Any]:
    """Everything of one event: both assessments with their steps, measures with their checks."""
    method = queries.method(event.method, event.assessed_at)
    lines = []
    for measure in Measure.objects.filter(event=event, in_use=True):
        kind, period, level = (
            queries.label(table, code)
            for table, code in (("measure_classes", measure.kind), ("periods", measure.period), ("levels", measure.level))
        )
        last = CheckTask.objects.filter(measure=measure, done_at__isnull=False).order_by("-done_at").first()
        lines.append(MeasureLine(measure, kind, period, level, who(measure), last))
    assessments = [(gettext("初始风险"), initial(event), steps(method, event.initial_factors, event.initial_value), event.assessed_at)]
    if event.residual_at is not None:
        told = steps(method, event.residual_factors, event.residual_value)
        assessments.append((gettext("剩余风险"), residual(event), told, event.residual_at))
    return {
        "event": event,
        "initial": initial(event),
        "residual": residual(event),
        "assessments": assessments,
        "method": method,
        "method_label": queries.worded(method.row),
        "bands": bands(method),
        "level": queries.label("levels", event.level),
        "lines": lines,
        "enterprise": enterprises.enterprise(event.enterprise_id),
        "may_edit": event.in_use and may_edit(event, actor),
    }


def steps(method: rules.Method, factors: dict[str, str], value: Decimal) -> list[tuple[str, str, str]]:
    """The factors of one assessment: ``(factor with its name, value, meaning)``, the product last."""
    found = []
    for factor, scale in method.scales.items():
        row = next((each for each in scale if rules.plain(each.value) == factors.get(factor)), None)
        found.append((f"{factor} {queries.worded(scale[0])}", factors.get(factor, "—"), queries.worded(row, "meaning") if row else ""))
    return [*found, (method.row.formula, rules.plain(value), "")]


def bands(method: rules.Method) -> list[tuple[Grade, str, rules.BandRow]]:
    """The bands of a method: chip, values, row."""
    found, above = [], None
    for row in method.bands:
        span = f"≥ {rules.plain(row.at_least)}" + (f"，< {rules.plain(above)}" if above is not None else "")
        found.append((Grade(queries.grade_label(row.grade), queries.tone(row.grade), unverified=row.status == "unverified"), span, row))
        above = row.at_least
    return found


def methods_page(now: datetime) -> dict[str, Any]:
    """Methods, scales, bands, levels, classes and periods in force, each with source and status."""
    found = [
        (
            method,
            queries.worded(method.row),
            bands(method),
            [(queries.worded(rows[0]), factor, _meant(rows)) for factor, rows in method.scales.items()],
        )
        for method in queries.methods(now)
    ]
    levels = [(queries.worded(row), gettext(rules.GRADES[row.from_grade]), _post(row.post_kind), row) for row in queries.levels(now)]
    lists = [
        (gettext("措施类别"), [(queries.worded(row), row) for row in queries.classes(now)]),
        (gettext("排查周期"), [(queries.worded(row), row) for row in queries.periods(now)]),
    ]
    return {"methods": found, "levels": levels, "lists": lists}


def _meant(rows: Iterable[rules.ScaleRow]) -> list[tuple[str, str, rules.ScaleRow]]:
    return [(rules.plain(row.value), queries.worded(row, "meaning"), row) for row in rows]


def _post(kind: str) -> str:
    return gettext(people.post_kinds().get(kind, kind))
