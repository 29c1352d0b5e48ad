"""Verbs of the law of plans: reviews, filing and its check, drills, evaluations and reasons to revise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F

from anlan.command.plans import law, rules
from anlan.command.plans.models import PlanFiling, PlanRecord, PlanReview, PlanTemplate
from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.levels import parent_code
from anlan.ledger import clocks
from anlan.ledger.changes import change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import CHINA, law_day

_SWEEPER = system_actor("plans")


@dataclass(frozen=True)
class Expert:
    """One who reviews a plan: his unit, whether he has an interest in the unit that wrote it, whether he agrees."""

    name: str
    unit: str
    interest: bool
    agrees: bool


def record_review(plan: PlanTemplate, held_on: date, experts: Sequence[Expert], minutes: str, *, actor: Actor, now: datetime) -> PlanReview:
    """Keep the minutes of a review of a draft (art. 21, 22). Raises ``ReviewerHasInterest``, ``NotADraft``."""
    if plan.state != rules.DRAFT:
        raise rules.NotADraft(plan=plan.title)
    own = _unit_of(plan)
    biased = [expert.name for expert in experts if expert.interest or (own and expert.unit.strip() == own)]
    if biased:
        raise law.ReviewerHasInterest(names="、".join(biased))
    agreeing = sum(expert.agrees for expert in experts)
    with change(actor, "plans.change", now=now, record=plan) as gathered:
        row = PlanReview.objects.create(
            plan=plan,
            held_on=held_on,
            experts=[{"name": each.name, "unit": each.unit, "agrees": each.agrees} for each in experts],
            passed=law.review_passes(agreeing, len(experts), law_day(now)),
            minutes=minutes,
            by_id=actor.account_id,
            by_name=actor.name,
        )
        gathered.facts.update({"experts": len(experts), "agreeing": agreeing, "passed": row.passed})
    return row


def _unit_of(plan: PlanTemplate) -> str:
    """Name of the unit that wrote a plan; empty when it is not known."""
    if plan.enterprise_id is not None:
        return enterprises.enterprise(plan.enterprise_id).name
    return plan.organisation.name if plan.organisation is not None else ""


def file_plan(plan: PlanTemplate, materials: Iterable[str], *, actor: Actor, now: datetime) -> PlanFiling:
    """Hand a plan in force in for filing (art. 25-27); the check's clock starts. Raises ``NotPublished``, ``FiledAlready``."""
    if plan.state != rules.IN_FORCE or plan.issued_on is None or plan.example:
        raise law.NotPublished
    if plan.filings.exists():
        raise law.FiledAlready
    today = law_day(now)
    with change(actor, "plans.file", now=now, record=plan) as gathered:
        row = PlanFiling.objects.create(
            plan=plan,
            place_code=plan.place_code,
            classification=plan.classification,
            enterprise_id=plan.enterprise_id,
            state=rules.SUBMITTED,
            opened_at=now,
            submitted_on=today,
            late_days=max((today - law.file_by(plan.issued_on)).days, 0),
            check_by=law.check_by(today),
            materials=sorted(set(materials)),
            submitted_by_id=actor.account_id,
            submitted_by_name=actor.name,
        )
        open_case(row, actor=actor, now=now)
        _start_check(row, now)
        gathered.facts["late_days"] = row.late_days
    return row


def _start_check(row: PlanFiling, now: datetime) -> None:
    found = law.parameter_row("check_within", law_day(now))
    clocks.start(
        row,
        clocks.ClockRule(rules.CHECK_CLOCK, rules.CHECK_LABEL, found.source, found.status),
        since=now,
        until=datetime.combine(row.check_by + timedelta(days=1), datetime.min.time(), tzinfo=CHINA),
        owed_by=registry_of(row.plan, row.submitted_on),
    )


def registry_of(plan: PlanTemplate, on: date) -> str:
    """Where a plan is filed: a bureau's with the government of its own level (art. 25), a unit's with the bureau of its county (art. 26)."""
    if law.subject(plan.subject, on).kind == law.BUREAU:
        return f"{places.place_name(plan.place_code)}人民政府"
    return _bureau(plan.place_code)


def copied_to(plan: PlanTemplate, on: date) -> str:
    """The upper bureau that a bureau's plan is copied to (art. 25); empty for plans of units and of the nation."""
    above = parent_code(plan.place_code)
    return _bureau(above) if above is not None and law.subject(plan.subject, on).kind == law.BUREAU else ""


def _bureau(place_code: str) -> str:
    found = organisations.bureau_of(place_code)
    return found.name if found is not None else place_code


def missing_materials(row: PlanFiling) -> tuple[law.Material, ...]:
    """What was not handed in."""
    kind = law.subject(row.plan.subject, row.submitted_on).kind
    return tuple(each for each in law.materials(kind, row.submitted_on) if each.code not in row.materials)


def tell_missing(row: PlanFiling, note: str, *, actor: Actor, now: datetime) -> PlanFiling:
    """Tell the unit once, and completely, what is missing (art. 28). Raises ``ToldOnce`` the second time."""
    if row.told_at is not None:
        raise law.ToldOnce
    codes = [each.code for each in missing_materials(row)]
    return advance(row, "tell", actor=actor, now=now, reason=note, fields={"told_at": now, "missing": codes, "told_note": note})


def complete(row: PlanFiling, materials: Iterable[str], *, actor: Actor, now: datetime) -> PlanFiling:
    """Hand in what was missing; the check begins anew."""
    today = law_day(now)
    fields = {"materials": sorted({*row.materials, *materials}), "check_by": law.check_by(today)}
    return advance(row, "complete", actor=actor, now=now, fields=fields, after=lambda locked, *_others: _start_check(locked, now))


def accept(row: PlanFiling, *, actor: Actor, now: datetime) -> PlanFiling:
    """Enter the plan in the register (备案登记表). Raises ``MaterialsMissing``."""
    if lacking := missing_materials(row):
        raise law.MaterialsMissing(names="、".join(each.title for each in lacking))
    return _register(row, "accept", actor, now)


def _register(row: PlanFiling, move: str, actor: Actor, now: datetime) -> PlanFiling:
    today, county = law_day(now), row.place_code[:6]
    office = registry_of(row.plan, today)

    def number_it(locked: PlanFiling, *_others: object) -> None:
        with connection.cursor() as cursor:  # numbers of a county are given one at a time
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"plans:{county}"])
        given = PlanFiling.objects.filter(number__startswith=f"{county}-{today.year}-").count()
        locked.number = f"{county}-{today.year}-{given + 1:04d}"
        locked.save(update_fields=["number"])
        PlanTemplate.objects.filter(pk=locked.plan_id).update(filed_on=today, filed_with=office, version=F("version") + 1)

    fields = {"filed_on": today, "filed_with": office, "by_silence": move == "silence"}
    return advance(row, move, actor=actor, now=now, fields=fields, after=number_it)


def sweep(now: datetime) -> int:
    """Enter in the register what nobody checked in time: silence counts as filed (art. 28). Returns how many."""
    today = law_day(now)
    rows = list(PlanFiling.objects.filter(state=rules.SUBMITTED, check_by__lt=today).select_related("plan"))
    for row in rows:
        _register(row, "silence", _SWEEPER, now)
    return len(rows)


def record(plan: PlanTemplate, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> PlanRecord:
    """Keep a drill, an evaluation or a reason to revise: ``kind``, ``day``, ``how`` (kind of drill or reason), ``note``."""
    with change(actor, "plans.change", now=now, record=plan) as gathered:
        row = PlanRecord.objects.create(plan=plan, by_id=actor.account_id, by_name=actor.name, recorded_at=now, **values)
        gathered.facts.update({"kind": row.kind, "day": row.day.isoformat(), "how": row.how})
    return row
