"""Verbs of the register: objects, units, events with their two assessments, measures. Every change takes the version that was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, Refusal
from anlan.ledger.changes import change, permit
from anlan.ledger.records import Record
from anlan.prevent.risks import door, queries, refusals, rules
from anlan.prevent.risks.models import CheckTask, Measure, RiskEvent, RiskObject, RiskUnit

EDIT = "risks.edit"
POSTS = ("enterprise_principal", "enterprise_manager", "enterprise_shift_leader", "enterprise_operator")
"""Posts of an enterprise to which checks can be given."""
M = TypeVar("M", bound=Record)


def _guarded(model: type[M], key: UUID, actor: Actor, seen: int | None) -> M:
    """The record, locked, for whoever may edit it, unless it changed after version ``seen``. Call inside a transaction.

    Raises ``NotFound``, ``NotPermitted``, ``ChangedMeanwhile``.
    """
    row = queries.one(model._default_manager.select_for_update(of=("self",)), key)
    permit(actor, EDIT, record=row)
    if seen is not None and row.version != seen:
        raise refusals.ChangedMeanwhile(changes=queries.changes_since(row, seen))
    return row


def _at(row: Record | enterprises.EnterpriseSummary, enterprise_id: UUID, now: datetime) -> dict[str, Any]:
    """Where a new record of an enterprise stands, and since when."""
    return {
        "place_code": row.place_code,
        "classification": max(int(row.classification), int(Classification.INTERNAL)),
        "enterprise_id": enterprise_id,
        "created_at": now,
        "updated_at": now,
    }


def _told(row: RiskObject, actor: Actor, now: datetime) -> door.RiskChanged:
    return door.RiskChanged(
        subject_id=row.pk,
        place_code=row.place_code,
        enterprise_id=row.enterprise_id,
        classification=Classification(row.classification),
        at=now,
        title=row.name,
        residual_grade=row.residual_grade or 0,
        by_name=actor.name,
    )


def settle(object_id: UUID) -> RiskObject:
    """Work out anew how many events an object has and how grave its gravest is. Call inside the transaction that changed one."""
    row = RiskObject.objects.select_for_update().get(pk=object_id)
    found = RiskEvent.objects.filter(object_id=object_id, in_use=True).aggregate(
        events=Count("pk"), initial=Min("initial_grade"), residual=Min("residual_grade")
    )
    row.event_count, row.initial_grade, row.residual_grade = found["events"], found["initial"], found["residual"]
    row.save(update_fields=["event_count", "initial_grade", "residual_grade"])
    return row


# --- objects and units -----------------------------------------------------------------------------------------------------------


def _object_facts(enterprise_id: UUID, place_code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of an object, checked: site and hazard source belong to the enterprise, the point lies in its county. Raises ``Invalid``."""
    wrong: dict[str, Refusal | str] = {}
    told: dict[str, Any] = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
    site_id, source_id = told.get("site_id"), told.get("source_id")
    if site_id and site_id not in {site.id for site in enterprises.sites_of(enterprise_id)}:
        wrong["site_id"] = refusals.AnotherEnterprise(what=rules.SITE_LABEL)
    source = next((row for row in risksources.of_enterprise(enterprise_id) if row.id == source_id), None) if source_id else None
    if source_id and source is None:
        wrong["source_id"] = refusals.AnotherEnterprise(what=rules.SOURCE_LABEL)
    if source is not None and told.get("longitude") is None and told.get("latitude") is None:
        told["longitude"], told["latitude"] = source.longitude, source.latitude
    try:
        enterprises.check_point(place_code, told.get("longitude"), told.get("latitude"))
    except Refusal as refusal:
        wrong["longitude"] = refusal
    if wrong:
        raise Invalid(wrong)
    return told


@transaction.atomic
def register_object(enterprise_id: UUID, *, actor: Actor, now: datetime, **facts: Any) -> RiskObject:
    """Register an object: ``code``, ``name``, and optionally ``location``, ``site_id``, ``source_id``, ``longitude``, ``latitude``
    (degrees; by default those of its hazard source), ``responsible_name``.

    Raises ``NotFound``, ``NotPermitted``, ``CodeTaken``, ``Invalid``.
    """
    enterprise = enterprises.enterprise(enterprise_id, None if actor.kind == "system" else actor)
    permit(actor, EDIT, place_code=enterprise.place_code, enterprise_id=enterprise.id)
    told = _object_facts(enterprise.id, enterprise.place_code, facts)
    _free(RiskObject.objects.filter(enterprise_id=enterprise.id), told["code"])
    row = RiskObject(**_at(enterprise, enterprise.id, now), **told)
    with change(actor, EDIT, now=now, place_code=row.place_code, enterprise_id=row.enterprise_id) as made:
        row.save(force_insert=True)
        made.subject = row
        made.announce(_told(row, actor, now))
    return row


def _free(rows: Any, code: str, but: UUID | None = None) -> None:
    taken = rows.filter(code=code).exclude(pk=but).first()
    if taken is not None:
        raise Invalid({"code": refusals.CodeTaken(value=code, name=taken.name)})


@transaction.atomic
def change_object(object_id: UUID, *, seen: int | None = None, actor: Actor, now: datetime, **facts: Any) -> RiskObject:
    """Correct an object, or take it out of use (``in_use``): then its checks rest. Raises as :func:`register_object`, ``ChangedMeanwhile``."""
    row = _guarded(RiskObject, object_id, actor, seen)
    told = _object_facts(row.enterprise_id, row.place_code, facts)
    _free(RiskObject.objects.filter(enterprise_id=row.enterprise_id), told.get("code", row.code), row.pk)
    used = row.in_use
    with change(actor, EDIT, now=now, record=row) as made:
        for name, value in told.items():
            setattr(row, name, value)
        row.save()
        if used != row.in_use:
            _rest_checks(Measure.objects.filter(event__object=row, event__in_use=True), row.in_use, now)
        made.announce(_told(row, actor, now))
    return row


def _rest_checks(measures: Any, in_use: bool, now: datetime) -> None:
    """Checks of measures begin anew, or rest: what waits is dropped, what was done stays."""
    for measure in measures.filter(in_use=True):
        measure.next_task_at = rules.first_look(measure.period, now) if in_use else None
        measure.save(update_fields=["next_task_at"])
    if not in_use:
        CheckTask.objects.filter(measure__in=measures, state=rules.OPEN).update(state=rules.DROPPED, overdue=False)


@transaction.atomic
def add_unit(object_id: UUID, *, code: str, name: str, responsible_name: str = "", actor: Actor, now: datetime) -> RiskUnit:
    """Add a unit to an object. Raises ``NotFound``, ``NotPermitted``, ``CodeTaken``, ``Withdrawn``."""
    row = _guarded(RiskObject, object_id, actor, None)
    if not row.in_use:
        raise refusals.Withdrawn(what=row.name)
    _free(row.units, code.strip())  # type: ignore[attr-defined]
    facts = {"code": code.strip(), "name": name.strip(), "responsible_name": responsible_name.strip()}
    unit = RiskUnit(object=row, **_at(row, row.enterprise_id, now), **facts)
    with change(actor, EDIT, now=now, place_code=unit.place_code, enterprise_id=unit.enterprise_id) as made:
        unit.save(force_insert=True)
        made.subject = unit
        made.announce(_told(row, actor, now))
    return unit


@transaction.atomic
def change_unit(
    unit_id: UUID, *, code: str, name: str, responsible_name: str = "", seen: int | None = None, actor: Actor, now: datetime
) -> RiskUnit:
    """Correct a unit. Raises ``NotFound``, ``NotPermitted``, ``CodeTaken``, ``ChangedMeanwhile``."""
    unit = _guarded(RiskUnit, unit_id, actor, seen)
    _free(RiskUnit.objects.filter(object_id=unit.object_id), code.strip(), unit.pk)
    with change(actor, EDIT, now=now, record=unit) as made:
        unit.code, unit.name, unit.responsible_name = code.strip(), name.strip(), responsible_name.strip()
        unit.save()
        made.announce(_told(unit.object, actor, now))
    return unit


# --- events and their assessments ------------------------------------------------------------------------------------------------


def _outcome(method: str, factors: Mapping[str, object], now: datetime) -> rules.Outcome:
    return rules.assess(queries.method(method, now), factors)


def _texts(outcome: rules.Outcome) -> dict[str, str]:
    return {name: rules.plain(value) for name, value in outcome.factors.items()}


def _assessed(event: RiskEvent, outcome: rules.Outcome, actor: Actor, now: datetime) -> None:
    """Both grades as the first assessment gives them: nothing is taken away before somebody says what takes it."""
    event.method = outcome.method
    event.initial_factors, event.initial_value, event.initial_grade = _texts(outcome), outcome.value, outcome.grade
    event.residual_factors, event.residual_value, event.residual_grade = _texts(outcome), outcome.value, outcome.grade
    event.residual_at, event.assessed_at, event.assessed_by_name = None, now, actor.name
    event.unverified = outcome.band.status == "unverified"


@transaction.atomic
def add_event(
    unit_id: UUID,
    *,
    title: str,
    consequence: str = "",
    method: str,
    factors: Mapping[str, object],
    level: str,
    responsible_name: str = "",
    actor: Actor,
    now: datetime,
) -> RiskEvent:
    """Add what may go wrong at a unit with its initial assessment (``factors`` by name, as text or number) and who answers for it.

    Raises ``NotFound``, ``NotPermitted``, ``MethodUnknown``, ``FactorOffScale``, ``UnknownChoice``, ``LevelTooLow``, ``CodeTaken``.
    """
    unit = _guarded(RiskUnit, unit_id, actor, None)
    if not unit.object.in_use:
        raise refusals.Withdrawn(what=unit.object.name)
    outcome = _outcome(method, factors, now)
    rules.check_level(outcome.grade, level, queries.levels(now))
    _free_title(unit.pk, title.strip())
    facts = {"title": title.strip(), "consequence": consequence.strip(), "level": level, "responsible_name": responsible_name.strip()}
    event = RiskEvent(unit=unit, object_id=unit.object_id, **_at(unit, unit.enterprise_id, now), **facts)
    _assessed(event, outcome, actor, now)
    with change(actor, EDIT, now=now, place_code=event.place_code, enterprise_id=event.enterprise_id) as made:
        event.save(force_insert=True)
        made.subject = event
        made.facts["steps"] = outcome.steps
        made.announce(_told(settle(event.object_id), actor, now))
    return event


def _free_title(unit_id: UUID, title: str, but: UUID | None = None) -> None:
    if RiskEvent.objects.filter(unit_id=unit_id, title=title, in_use=True).exclude(pk=but).exists():
        raise Invalid({"title": refusals.CodeTaken(value=title, name=title)})


def _event(event_id: UUID, actor: Actor, seen: int | None) -> RiskEvent:
    event = _guarded(RiskEvent, event_id, actor, seen)
    if not event.in_use:
        raise refusals.Withdrawn(what=event.title)
    return event


@transaction.atomic
def change_event(
    event_id: UUID,
    *,
    title: str,
    consequence: str = "",
    method: str,
    factors: Mapping[str, object],
    level: str,
    responsible_name: str = "",
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> RiskEvent:
    """Correct an event or assess it anew. Another initial value makes the residual one equal to it until that is assessed again.

    Raises as :func:`add_event`, ``ChangedMeanwhile``, ``Withdrawn``.
    """
    event = _event(event_id, actor, seen)
    outcome = _outcome(method, factors, now)
    rules.check_level(outcome.grade, level, queries.levels(now))
    _free_title(event.unit_id, title.strip(), event.pk)
    with change(actor, EDIT, now=now, record=event) as made:
        if (event.method, event.initial_factors) != (outcome.method, _texts(outcome)):
            _assessed(event, outcome, actor, now)
            made.facts["steps"] = outcome.steps
        event.title, event.consequence = title.strip(), consequence.strip()
        event.level, event.responsible_name = level, responsible_name.strip()
        event.save()
        made.announce(_told(settle(event.object_id), actor, now))
    return event


@transaction.atomic
def assess_residual(event_id: UUID, *, factors: Mapping[str, object], seen: int | None = None, actor: Actor, now: datetime) -> RiskEvent:
    """What remains of a risk behind its measures, by the method of its initial assessment.

    Raises ``FactorOffScale``, ``ResidualWithoutMeasure``, ``ResidualAboveInitial``, ``ChangedMeanwhile``, ``Withdrawn``.
    """
    event = _event(event_id, actor, seen)
    outcome = _outcome(event.method, factors, now)
    initial = _outcome(event.method, event.initial_factors, event.assessed_at)
    rules.check_residual(initial, outcome, measures=event.measures.filter(in_use=True).count())  # type: ignore[attr-defined]
    with change(actor, EDIT, now=now, record=event) as made:
        event.residual_factors, event.residual_value, event.residual_grade = _texts(outcome), outcome.value, outcome.grade
        event.residual_at = now
        event.unverified = "unverified" in (initial.band.status, outcome.band.status)
        event.save()
        made.facts["steps"] = outcome.steps
        made.announce(_told(settle(event.object_id), actor, now))
    return event


@transaction.atomic
def retire_event(event_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> RiskEvent:
    """Take an event out of use: it counts no more and its checks rest. Raises ``ReasonNeeded``, ``Withdrawn``, ``ChangedMeanwhile``."""
    event = _event(event_id, actor, seen)
    if not reason.strip():
        raise refusals.ReasonNeeded()
    with change(actor, EDIT, now=now, record=event) as made:
        event.in_use = False
        event.save()
        made.facts["reason"] = reason.strip()
        _rest_checks(Measure.objects.filter(event=event), False, now)
        made.announce(_told(settle(event.object_id), actor, now))
    return event


# --- measures --------------------------------------------------------------------------------------------------------------------


def _measure_facts(event: RiskEvent, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Facts of a measure, checked. Raises ``Invalid`` with what is wrong of each."""
    facts: dict[str, Any] = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
    wrong: dict[str, Refusal | str] = {}
    codes = {"kind": (queries.classes(now), rules.CLASS_LABEL), "period": (queries.periods(now), rules.PERIOD_LABEL)}
    for name, (rows, label) in codes.items():
        if facts[name] not in {row.code for row in rows}:
            wrong[name] = refusals.UnknownChoice(value=facts[name], field=label)
    level = next((row for row in queries.levels(now) if row.code == facts["level"]), None)
    if level is None:
        wrong["level"] = refusals.UnknownChoice(value=facts["level"], field=rules.LEVEL_LABEL)
    facts["post_kind"] = facts.get("post_kind") or (level.post_kind if level is not None else "")
    if facts["post_kind"] not in POSTS:
        wrong["post_kind"] = refusals.UnknownChoice(value=facts["post_kind"], field=rules.POST_LABEL)
    person_id = facts.get("person_id") or None
    known: dict[UUID, str] = {key: name for _kind, key, name in colleagues(event.enterprise_id, now)}
    if person_id is not None and person_id not in known:
        wrong["person_id"] = refusals.AnotherEnterprise(what=rules.PERSON_LABEL)
    facts["person_id"], facts["person_name"] = person_id, known.get(person_id, "") if person_id else ""
    if wrong:
        raise Invalid(wrong)
    return facts


def colleagues(enterprise_id: UUID, now: datetime) -> list[tuple[str, UUID, str]]:
    """Who holds a post of the enterprise to which checks can be given: ``(kind of post, account, name)``."""
    return [
        (kind, holder.account_id, holder.name) for kind in POSTS for holder in people.holders_in_enterprise(kind, enterprise_id, now=now)
    ]


@transaction.atomic
def add_measure(event_id: UUID, *, actor: Actor, now: datetime, **facts: Any) -> Measure:
    """Add a measure: ``kind``, ``text``, ``check_text`` (what to look at), ``period``, ``level``, and ``post_kind`` or ``person_id``.

    Its first check falls into this window where at least half of it is left. Raises ``NotFound``, ``NotPermitted``, ``Withdrawn``, ``Invalid``.
    """
    event = _event(event_id, actor, None)
    told = _measure_facts(event, facts, now)
    measure = Measure(event=event, **_at(event, event.enterprise_id, now), **told)
    if event.object.in_use:
        measure.next_task_at = rules.first_look(measure.period, now)
    with change(actor, EDIT, now=now, place_code=measure.place_code, enterprise_id=measure.enterprise_id) as made:
        measure.save(force_insert=True)
        made.subject = measure
        made.announce(_told(event.object, actor, now))
    return measure


@transaction.atomic
def change_measure(measure_id: UUID, *, seen: int | None = None, actor: Actor, now: datetime, **facts: Any) -> Measure:
    """Correct a measure. Checks made before keep what they asked; another period holds from its next window on.

    Raises as :func:`add_measure`, ``ChangedMeanwhile``.
    """
    measure = _guarded(Measure, measure_id, actor, seen)
    if not measure.in_use:
        raise refusals.Withdrawn(what=measure.text)
    told = _measure_facts(measure.event, facts, now)
    period = measure.period
    with change(actor, EDIT, now=now, record=measure) as made:
        for name, value in told.items():
            setattr(measure, name, value)
        if measure.period != period and measure.next_task_at is not None:
            measure.next_task_at = rules.first_look(measure.period, now)
        measure.save()
        made.announce(_told(measure.event.object, actor, now))
    return measure


@transaction.atomic
def retire_measure(measure_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Measure:
    """Take a measure out of use. The last one of an event whose residual risk rests on it stays. Raises ``LastMeasure``, ``ReasonNeeded``."""
    measure = _guarded(Measure, measure_id, actor, seen)
    if not measure.in_use:
        raise refusals.Withdrawn(what=measure.text)
    if not reason.strip():
        raise refusals.ReasonNeeded()
    event = RiskEvent.objects.select_for_update().get(pk=measure.event_id)
    others = event.measures.filter(in_use=True).exclude(pk=measure.pk).exists()  # type: ignore[attr-defined]
    if event.in_use and not others and event.residual_value < event.initial_value:
        raise refusals.LastMeasure()
    with change(actor, EDIT, now=now, record=measure) as made:
        measure.in_use, measure.next_task_at = False, None
        measure.save()
        made.facts["reason"] = reason.strip()
        measure.tasks.filter(state=rules.OPEN).update(state=rules.DROPPED, overdue=False)  # type: ignore[attr-defined]
        made.announce(_told(event.object, actor, now))
    return measure


# --- spreadsheet -----------------------------------------------------------------------------------------------------------------


def import_rows(rows: list[dict[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows: one event, or one measure of an event, a row. What is known by its code or title is kept and added to.

    Raises the refusals of the verbs above; the caller's transaction keeps all rows or none.
    """
    for row in rows:
        enterprise = enterprises.by_uscc(row["uscc"], actor)
        if enterprise is None:
            raise Invalid({"uscc": refusals.EnterpriseUnknown(uscc=row["uscc"])})
        event = _imported_event(enterprise.id, row, actor, now)
        if row.get("measure") and not event.measures.filter(text=row["measure"], in_use=True).exists():  # type: ignore[attr-defined]
            facts = {name: row.get(name) or "" for name in ("kind", "check_text", "period")}
            add_measure(event.pk, text=row["measure"], level=row.get("measure_level") or event.level, **facts, actor=actor, now=now)
        residual = row.get("residual") or {}
        if residual and residual != event.residual_factors:
            assess_residual(event.pk, factors=residual, actor=actor, now=now)
    return len(rows)


def _imported_event(enterprise_id: UUID, row: Mapping[str, Any], actor: Actor, now: datetime) -> RiskEvent:
    thing = RiskObject.objects.filter(enterprise_id=enterprise_id, code=row["object_code"]).first()
    if thing is None:
        facts = {"code": row["object_code"], "name": row["object_name"], "location": row.get("location") or ""}
        thing = register_object(enterprise_id, **facts, actor=actor, now=now)
    unit = RiskUnit.objects.filter(object=thing, code=row["unit_code"]).first()
    if unit is None:
        unit = add_unit(thing.pk, code=row["unit_code"], name=row["unit_name"], actor=actor, now=now)
    event = RiskEvent.objects.filter(unit=unit, title=row["title"], in_use=True).first()
    if event is not None:
        if (event.method, event.initial_factors) != (row["method"], row["initial"]):
            raise Invalid({"initial": refusals.AssessedOtherwise(title=event.title)})
        return event
    facts = {name: row.get(name) or "" for name in ("title", "consequence", "method", "level", "responsible_name")}
    return add_event(unit.pk, factors=row["initial"], **facts, actor=actor, now=now)
