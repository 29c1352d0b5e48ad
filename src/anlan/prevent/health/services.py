"""Verbs of occupational health. Each is one transaction. Factors are changed, results never; of an examination only that it is due, done, to follow up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit
from anlan.ledger.sources import law_day
from anlan.prevent.health import door, queries, rules
from anlan.prevent.health.models import Examination, Exposure, Result

SYSTEM = system_actor("health")
LABELS = {"factor": N_("危害因素"), "workplace": N_("工作场所或岗位"), "unit": N_("计量单位"), "worker": N_("工号或班组")}
MOST_TOLD = 500
"""Enterprises told in one night; the rest follow the next night. Project default."""


def _own(actor: Actor, action: str) -> enterprises.EnterpriseSummary:
    if actor.enterprise_id is None:
        raise rules.EnterpriseOnly()
    enterprise = enterprises.enterprise(actor.enterprise_id)
    permit(actor, action, place_code=enterprise.place_code, enterprise_id=enterprise.id)
    return enterprise


def _base(enterprise: enterprises.EnterpriseSummary, now: datetime) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise.id,
        "place_code": enterprise.place_code,
        "classification": enterprise.classification,
        "created_at": now,
        "updated_at": now,
    }


def _event(record: Exposure | Result | Examination, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": record.pk,
        "place_code": record.place_code,
        "enterprise_id": record.enterprise_id,
        "classification": record.classification,
        "at": now,
    }


# --- factors ---------------------------------------------------------------------------------------------------------------------


def register_exposure(*, actor: Actor, now: datetime, **values: Any) -> Exposure:
    """Enter a factor at a workplace of the actor's own enterprise: ``workplace``, ``category``, ``factor``, ``chemical_code``, ``people``,
    ``protection``. Needs ``health.register``. Raises ``Invalid``, ``EnterpriseOnly``, ``NotPermitted``."""
    enterprise = _own(actor, "health.register")
    with change(actor, "health.register", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
        row = Exposure(**_base(enterprise, now), **_exposure(values))
        _check_once(row)
        row.save(force_insert=True)
        made.subject = row
        made.announce(door.HealthChanged(**_event(row, now)))
    return row


def change_exposure(exposure_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> Exposure:
    """Correct a factor. Raises as :func:`register_exposure`, and ``NotFound``."""
    with transaction.atomic():
        row = _locked(Exposure, exposure_id)
        with change(actor, "health.register", now=now, record=row) as made:
            for name, value in _exposure(values).items():
                setattr(row, name, value)
            row.in_use = bool(values.get("in_use", row.in_use))
            _check_once(row)
            row.save()
            made.announce(door.HealthChanged(**_event(row, now)))
    return row


def _exposure(values: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Refusal | str] = {}
    texts = {name: " ".join(str(values.get(name) or "").split())[:120] for name in ("factor", "workplace")}
    for name, text in texts.items():
        if not text:
            wrong[name] = rules.FieldMissing(field=gettext_lazy(LABELS[name]))
    if wrong:
        raise Invalid(wrong)
    told = {name: values.get(name) or "" for name in ("chemical_code", "protection")}
    return {**texts, **told, "category": values["category"], "people": values["people"]}


def _check_once(row: Exposure) -> None:
    same = Exposure.objects.filter(enterprise_id=row.enterprise_id, workplace=row.workplace, factor=row.factor)
    if same.exclude(pk=row.pk).exists():
        raise Invalid({"factor": rules.FactorTaken(workplace=row.workplace, factor=row.factor)})


# --- results ---------------------------------------------------------------------------------------------------------------------


def record_result(*, actor: Actor, now: datetime, **values: Any) -> Result:
    """Enter a result of a measurement: ``exposure_id``, ``measured_on``, ``limit_kind``, ``value``, ``unit``, and where the catalogue has no limit (or
    another holds) ``limit_value`` with ``limit_basis``. Over its limit it is announced. Needs ``health.register``.

    Raises ``Invalid`` naming every wrong field, ``EnterpriseOnly``, ``NotPermitted``.
    """
    enterprise = _own(actor, "health.register")
    with change(actor, "health.register", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
        row = Result(**_base(enterprise, now), by_name=actor.name, **_result(enterprise.id, values, now))
        row.over = rules.over(row.value, row.limit_value)
        row.save(force_insert=True)
        _repeat(row)
        made.subject = row
        made.announce(door.HealthChanged(**_event(row, now)))
        if row.over:
            told = {"value": f"{row.value.normalize():f} {row.unit}", "limit": f"{row.limit_value.normalize():f} {row.unit}"}
            about = {"factor": row.exposure.factor, "workplace": row.exposure.workplace}
            made.announce(door.OverLimit(**_event(row, now), **about, **told))
    return row


def _result(enterprise_id: UUID, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    wrong: dict[str, Refusal | str] = {}
    exposure = Exposure.objects.filter(pk=values.get("exposure_id") or None).first()
    if exposure is None or exposure.enterprise_id != enterprise_id:
        wrong["exposure_id"] = rules.OfAnother()
    if values["measured_on"] > law_day(now):
        wrong["measured_on"] = rules.InFuture(day=values["measured_on"])
    unit = str(values.get("unit") or "").strip().replace("m3", "m³")
    if not unit:
        wrong["unit"] = rules.FieldMissing(field=gettext_lazy(LABELS["unit"]))
    limit = _limit(exposure, values, unit, wrong)
    if wrong or exposure is None or limit is None:
        raise Invalid(wrong)
    value, basis, source, status = limit
    return {
        "exposure": exposure,
        "unit": unit,
        "limit_value": value,
        "limit_basis": basis[:300],
        "limit_source": source,
        "limit_status": status,
        **{name: values[name] for name in ("measured_on", "limit_kind", "value")},
        **{name: values.get(name) or "" for name in ("agency", "report_number")},
    }


def _limit(
    exposure: Exposure | None, values: Mapping[str, Any], unit: str, wrong: dict[str, Refusal | str]
) -> tuple[Decimal, str, str, str] | None:
    """Value, basis, source and status of the limit: as typed, else as the catalogue of chemicals has it."""
    typed, basis = values.get("limit_value"), " ".join(str(values.get("limit_basis") or "").split())
    if typed is not None:
        if not basis:
            wrong["limit_basis"] = rules.LimitWithoutBasis()
            return None
        return typed, basis, rules.ENTERED, "unverified"
    known = queries.known_limit(exposure.chemical_code, values["limit_kind"], unit) if exposure is not None else None
    if known is None:
        wrong["limit_value"] = rules.LimitNeeded(unit=unit)
        return None
    value, source, status = known
    return value, source, rules.FROM_DATA, status


def _repeat(row: Result) -> None:
    """Keep the newest day of measurement with the factor; of one day everything over the limit counts."""
    exposure = row.exposure
    newest = Result.objects.filter(exposure=exposure).order_by("-measured_on").values_list("measured_on", flat=True).first()
    exposure.last_measured = newest
    exposure.last_over = Result.objects.filter(exposure=exposure, measured_on=newest, over=True).exists()
    exposure.save()


# --- examinations ----------------------------------------------------------------------------------------------------------------


def plan_examination(*, actor: Actor, now: datetime, **values: Any) -> Examination:
    """Enter an examination that is due: ``worker`` (number or crew, no names needed), ``people``, ``kind``, ``due_on``, ``exposure_id``.
    Needs ``health.arrange``. Raises ``Invalid``, ``EnterpriseOnly``, ``NotPermitted``."""
    enterprise = _own(actor, "health.arrange")
    with change(actor, "health.arrange", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
        row = Examination(**_base(enterprise, now), **_examination(enterprise.id, values))
        row.save(force_insert=True)
        made.subject = row
        made.announce(door.HealthChanged(**_event(row, now)))
    return row


def _examination(enterprise_id: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Refusal | str] = {}
    exposure = None
    if values.get("exposure_id"):
        exposure = Exposure.objects.filter(pk=values["exposure_id"], enterprise_id=enterprise_id).first()
        if exposure is None:
            wrong["exposure_id"] = rules.OfAnother()
    worker = " ".join(str(values.get("worker") or "").split())[:60]
    if not worker:
        wrong["worker"] = rules.FieldMissing(field=gettext_lazy(LABELS["worker"]))
    if wrong:
        raise Invalid(wrong)
    return {"exposure": exposure, "worker": worker, **{name: values[name] for name in ("people", "kind", "due_on")}}


def complete_examination(examination_id: UUID, *, actor: Actor, now: datetime, done_on: date, follow_up: bool = False) -> Examination:
    """Say that an examination was done, and whether somebody must follow it up; nothing of what it found. The next one on the job is due after its
    period (data). Needs ``health.arrange``. Raises ``Invalid``, ``Done``, ``NotFound``, ``NotPermitted``."""
    with transaction.atomic():
        row = _locked(Examination, examination_id)
        with change(actor, "health.arrange", now=now, record=row) as made:
            if row.is_done:
                raise rules.Done()
            if done_on > law_day(now):
                raise Invalid({"done_on": rules.InFuture(day=done_on)})
            row.done_on, row.is_done, row.follow_up = done_on, True, follow_up
            row.save()
            if row.kind != rules.LEAVING:
                months = rules.parameter("on_job_months", done_on).value
                Examination.objects.create(
                    **_base(enterprises.enterprise(row.enterprise_id), now),
                    exposure=row.exposure,
                    worker=row.worker,
                    people=row.people,
                    kind=rules.ON_JOB,
                    due_on=rules.months_after(done_on, months),
                )
            made.announce(door.HealthChanged(**_event(row, now)))
    return row


def tell_overdue(now: datetime) -> int:
    """Tell enterprises of examinations that became overdue, each once; returns how many enterprises."""
    day = law_day(now)
    late = Examination.objects.filter(is_done=False, due_on__lt=day, told_on__isnull=True)
    keys = late.order_by("enterprise_id").values_list("enterprise_id", flat=True).distinct()[:MOST_TOLD]
    for key in list(keys):
        enterprise = enterprises.enterprise(key)
        with change(SYSTEM, "health.arrange", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
            count = late.filter(enterprise_id=key).update(told_on=day)
            made.announce(
                door.ExaminationsOverdue(
                    subject_id=enterprise.id, place_code=enterprise.place_code, enterprise_id=enterprise.id, at=now, count=count
                )
            )
    return len(keys)


def import_examinations(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Enter checked rows of a spreadsheet; returns how many."""
    for values in rows:
        plan_examination(actor=actor, now=now, **_with_exposure(values, actor))
    return len(rows)


def import_results(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Enter checked rows of a spreadsheet in the order of their days; returns how many."""
    for values in sorted(rows, key=lambda each: each["measured_on"]):
        record_result(actor=actor, now=now, **_with_exposure(values, actor))
    return len(rows)


def resolve_results(rows: Sequence[dict[str, Any]], *, actor: Actor, now: datetime) -> Mapping[int, tuple[str, Refusal]]:
    """Judge each row by itself before anything is written: its factor, its limit. Returns what is refused by index, with the column."""
    refused: dict[int, tuple[str, Refusal]] = {}
    for index, row in enumerate(rows):
        try:
            enterprise = _own(actor, "health.register")
            row |= {"enterprise_id": enterprise.id, "place_code": enterprise.place_code}
            _result(enterprise.id, _with_exposure(row, actor), now)
        except Invalid as refusal:
            name, why = next(iter(refusal.fields.items()))
            refused[index] = ("factor" if name == "exposure_id" else name, why if isinstance(why, Refusal) else refusal)
        except Refusal as refusal:
            refused[index] = ("factor", refusal)
    return refused


def resolve_examinations(rows: Sequence[dict[str, Any]], *, actor: Actor, now: datetime) -> Mapping[int, tuple[str, Refusal]]:
    """The same for examinations."""
    refused: dict[int, tuple[str, Refusal]] = {}
    for index, row in enumerate(rows):
        try:
            enterprise = _own(actor, "health.arrange")
            row |= {"enterprise_id": enterprise.id, "place_code": enterprise.place_code}
            _examination(enterprise.id, _with_exposure(row, actor))
        except Refusal as refusal:
            refused[index] = ("factor", refusal)
    return refused


def _with_exposure(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """A row with the factor that it names by workplace and factor. Raises ``FactorUnknown``; a row that names none has none."""
    workplace, factor = str(values.get("workplace") or ""), str(values.get("factor") or "")
    if not workplace and not factor:
        return dict(values)
    found = Exposure.objects.filter(enterprise_id=actor.enterprise_id, workplace=workplace, factor=factor).first()
    if found is None:
        raise rules.FactorUnknown(workplace=workplace, factor=factor)
    return {**values, "exposure_id": str(found.pk)}


def _locked(model: Any, key: UUID) -> Any:
    found = model.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(what=str(key))
    return found
