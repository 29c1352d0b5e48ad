"""Verbs upon special works before they begin: ask for permits, confirm measures, analyse the air, answer conflicts, sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.kernel.access import Actor, Classification
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.geo import Point, in_china
from anlan.ledger.changes import Change, change
from anlan.ledger.changes import permit as permitted
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.prevent.permits import conflicts, door, gas, grading, queries, refusals, rules, validity
from anlan.prevent.permits.models import Deed, GasTest, MeasureAnswer, OwnRule, Permit, Work

FIXED_FACTS = {field.name for field in fields(grading.Analysis)}


def about(row: Permit, actor: Actor, now: datetime) -> dict[str, Any]:
    """What every event says of a permit."""
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "enterprise_id": row.enterprise_id,
        "classification": Classification(row.classification),
        "at": now,
        "exercise": row.exercise,
        "title": f"{row.number} {row.title}",
        "state": row.state,
        "permit_kind": row.kind,
        "by_name": actor.name,
    }


def announced(row: Permit, move: Move, made: Change) -> Event | None:
    """The event that a move announces."""
    told = about(row, made.actor, made.now)
    if move.announces == "permits.changed":
        return door.PermitChanged(**told, move=move.code)
    if move.announces == "permits.approved":
        return door.PermitApproved(**told)
    if move.announces == "permits.paused":
        return door.PermitPaused(**told, cause=row.pause_kind, reason=str(made.facts.get("reason", "")))
    if move.announces == "permits.expired":
        return door.PermitExpired(**told, overrun=row.overrun)
    if move.announces == "permits.closed":
        return door.PermitClosed(**told)
    return None


def done_before(once: UUID | None, subject_id: UUID | None, actor: Actor, now: datetime) -> Deed | None:
    """The deed that this phone did under the same key before; ``None`` the first time, which is noted. Call inside a transaction."""
    if once is None:
        return None
    deed, fresh = Deed.objects.get_or_create(once=once, defaults={"account_id": actor.account_id, "subject_id": subject_id, "at": now})
    return None if fresh else deed


def is_late(happened_at: datetime, now: datetime) -> bool:
    """Whether a record of the spot came long after it happened (补录)."""
    return now - happened_at > timedelta(minutes=queries.parameter("late_minutes", now))


def guarded(permit_id: UUID, actor: Actor, seen: int | None) -> Permit:
    """The permit, locked, unless it changed after version ``seen``. Call inside a transaction. Raises ``NotFound``, ``ChangedMeanwhile``."""
    queries.permit(permit_id, actor)
    row = Permit.objects.select_for_update().get(pk=permit_id)
    if seen is not None and row.version != seen:
        raise refusals.ChangedMeanwhile(changes="、".join(queries.changes_since(row, seen)))
    return row


def step(
    row: Permit,
    code: str,
    *,
    actor: Actor,
    now: datetime,
    values: Mapping[str, object] | None = None,
    reason: str = "",
    after: Callable[[Permit, Move, Change], None] | None = None,
) -> Permit:
    """One move or act of the flow; when the sweep looks next is worked out anew."""

    def then(stored: Permit, move: Move, made: Change) -> None:
        if after is not None:
            after(stored, move, made)
        stored.next_look_at = next_look(stored, now)
        if stored.is_closed:
            stored.open_longitude = stored.open_latitude = None
        stored.save(update_fields=["next_look_at", "open_longitude", "open_latitude"])

    return advance(row, code, actor=actor, now=now, fields=values, reason=reason, event=announced, after=then)


def next_look(row: Permit, now: datetime) -> datetime | None:
    """When something falls due: the end, the reminder before it, a record of the air, the hour at which raising may begin."""
    if row.state not in (*rules.BEFORE_APPROVAL, *rules.LIVE_STATES):
        return None
    moments = [row.valid_until]
    if row.state in rules.LIVE_STATES and "ending" not in row.reminded:
        moments.append(row.valid_until - timedelta(minutes=queries.parameter("ending_minutes", now)))
    if row.state == rules.WORKING:
        grade = queries.grade(row.grade_code)
        if grade.kind == rules.CONFINED_SPACE and row.started_at is not None:
            last = row.gas_tests.first()
            since = max(row.started_at, last.sampled_at) if last is not None else row.started_at
            due = since + timedelta(minutes=queries.parameter("record_minutes", now))
            if row.reminded.get("record") != since.isoformat():
                moments.append(due)
        if not row.upgrade_reasons:
            moments.append(now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
    return min(moments)


# --- asking for permits ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(
    *,
    enterprise_id: UUID,
    title: str,
    location: str,
    kinds: list[str],
    applicant_unit: str,
    work_unit: str,
    hazards: str,
    planned_from: datetime,
    planned_until: datetime,
    facts: Mapping[str, object] | None = None,
    contractor: bool = False,
    day_only: bool = False,
    workers: str = "",
    method: str = "",
    longitude: float | None = None,
    latitude: float | None = None,
    exercise: bool = False,
    once: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Work:
    """Ask for the permits of one work: one for each special kind, cross-referenced by the work (4.6), each graded and timed.

    ``facts``: fields of :class:`grading.Analysis` but ``kinds``. Coordinates in degrees. With the same ``once`` a second time the work of
    the first is returned. Raises ``NotPermitted``, ``WindowWrong``, ``NoSpecialWork``, ``FactNeeded``, ``OwnRuleNeeded``, ``DayWorkOutside``,
    ``ImpossibleCoordinates``.
    """
    enterprise = enterprises.enterprise(enterprise_id, None if actor.kind == "system" else actor)
    permitted(actor, "permits.draft", place_code=enterprise.place_code, enterprise_id=enterprise.id)
    known = done_before(once, None, actor, now)
    if known is not None and known.subject_id is not None:
        return Work.objects.get(pk=known.subject_id)
    validity.check_window(planned_from, planned_until, now)
    if longitude is not None and latitude is not None:
        in_china(Point(longitude, latitude))
    else:
        longitude = latitude = None
    told = {name: value for name, value in (facts or {}).items() if name in FIXED_FACTS}
    analysis = grading.Analysis(**{**told, "kinds": frozenset(kinds)})  # type: ignore[arg-type]
    work = _work(
        enterprise,
        analysis,
        {
            "title": title.strip()[:200],
            "location": location.strip()[:160],
            "location_key": conflicts.key_of(location),
            "longitude": longitude,
            "latitude": latitude,
            "applicant_unit": applicant_unit.strip()[:120],
            "work_unit": work_unit.strip()[:120],
            "contractor": contractor,
            "hazards": hazards.strip(),
            "planned_from": planned_from,
            "planned_until": planned_until,
            "day_only": day_only,
            "exercise": exercise,
        },
        actor,
        now,
    )
    with change(actor, "permits.draft", now=now, place_code=work.place_code, enterprise_id=work.enterprise_id) as made:
        work.save(force_insert=True)
        made.subject = work
        for row in _permits(work, analysis, now):
            row.workers, row.method = workers.strip()[:300], method.strip()[:160]
            row.next_look_at = next_look(row, now)
            row.save(force_insert=True)
            open_case(row, actor=actor, now=now)
            made.announce(door.PermitChanged(**about(row, actor, now), move="open"))
    if once is not None:
        Deed.objects.filter(pk=once).update(subject_id=work.pk)
    return work


def _work(
    enterprise: enterprises.EnterpriseSummary, analysis: grading.Analysis, values: Mapping[str, object], actor: Actor, now: datetime
) -> Work:
    return Work(
        enterprise_id=enterprise.id,
        place_code=enterprise.place_code,
        classification=max(enterprise.classification, int(Classification.INTERNAL)),
        created_at=now,
        updated_at=now,
        facts=asdict(analysis) | {"kinds": sorted(analysis.kinds)},
        applicant_id=actor.account_id,
        applicant_name=actor.name,
        **values,
    )


def _permits(work: Work, analysis: grading.Analysis, now: datetime) -> list[Permit]:
    """The permits a work needs, graded, timed and numbered; temporary power last, because it ends with what it serves."""
    law = queries.law(now)
    special = queries.parameter("temp_power_special_hours", now) if analysis.temp_power_special else None
    served: list[datetime] = []
    found: list[Permit] = []
    kinds = grading.kinds_needed(analysis)
    for kind in sorted(kinds, key=lambda each: each == rules.TEMP_POWER):
        grade, base, reasons = grading.grade_for(
            kind,
            analysis,
            start=work.planned_from,
            end=work.planned_until,
            day_only=work.day_only,
            calendar=law.calendar,
            grades=law.grades,
            upgrades=law.upgrades,
        )
        end = validity.valid_until(
            grade,
            start=work.planned_from,
            wanted=work.planned_until,
            served=served,
            own_hours=queries.own_hours(work.enterprise_id, kind),
            special_hours=special,
        )
        if kind in (rules.HOT_WORK, rules.CONFINED_SPACE):
            served.append(end)
        found.append(_permit(work, kind, grade, base, reasons, end, now, analysis.opens_vessel))
    _number(found, work, now)
    return found


def _permit(
    work: Work, kind: str, grade: rules.Grade, base: rules.Grade, reasons: tuple[str, ...], end: datetime, now: datetime, opens: bool
) -> Permit:
    return Permit(
        work=work,
        enterprise_id=work.enterprise_id,
        place_code=work.place_code,
        classification=work.classification,
        created_at=now,
        updated_at=now,
        opened_at=now,
        state=rules.DRAFTED,
        exercise=work.exercise,
        kind=kind,
        grade_code=grade.code,
        base_grade_code=base.code,
        upgrade_reasons=list(reasons),
        title=work.title,
        location=work.location,
        location_key=work.location_key,
        longitude=work.longitude,
        latitude=work.latitude,
        open_longitude=work.longitude,
        open_latitude=work.latitude,
        opens_vessel=opens,
        valid_from=work.planned_from,
        valid_until=end,
        applicant_id=work.applicant_id,
        applicant_name=work.applicant_name,
    )


def _number(rows: list[Permit], work: Work, now: datetime) -> None:
    """Numbers by kind, day of asking and turn within the enterprise; two who ask at once wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"permits:{work.enterprise_id}"])
    day = law_day(now)
    for row in rows:
        head = f"{rules.SIGNS[row.kind]}-{day:%Y%m%d}-"
        used = Permit.objects.filter(enterprise_id=work.enterprise_id, number__startswith=head).count()
        row.number = f"{head}{used + 1:03d}"


@transaction.atomic
def set_own_rule(enterprise_id: UUID, *, kind: str, hours: int, basis: str, actor: Actor, now: datetime) -> OwnRule:
    """Let permits of a kind last so many hours in this enterprise; it never lengthens what the standard sets. Audited."""
    enterprise = enterprises.enterprise(enterprise_id, None if actor.kind == "system" else actor)
    found = OwnRule.objects.filter(enterprise_id=enterprise_id, kind=kind).first()
    where = {"record": found} if found is not None else {"place_code": enterprise.place_code, "enterprise_id": enterprise.id}
    with change(actor, "permits.set_rules", now=now, **where) as made:  # type: ignore[arg-type]
        row = found or OwnRule(
            enterprise_id=enterprise.id,
            place_code=enterprise.place_code,
            classification=max(enterprise.classification, 1),
            kind=kind,
            created_at=now,
        )
        row.hours, row.basis, row.set_by_name, row.updated_at = hours, basis.strip()[:200], actor.name, now
        row.full_clean(exclude=["enterprise"])
        row.save()
        made.subject = row
    return row


# --- measures --------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def mark(
    permit_id: UUID,
    *,
    answers: Mapping[int, str],
    other_measures: str | None = None,
    complete: bool = False,
    happened_at: datetime | None = None,
    once: UUID | None = None,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Permit:
    """Answer lines of the form (``{number: yes | not_applicable | no}``), each under the name of who answers; ``complete``: and hand on.

    Raises ``UnknownMeasure``, ``HappenedInTheFuture``, with ``complete`` also ``MeasuresOpen``, ``MeasureNotMet``, ``OtherMeasuresNeeded``;
    the refusals of the flow.
    """
    row = guarded(permit_id, actor, seen)
    permitted(actor, "permits.confirm", record=row)
    if done_before(once, row.pk, actor, now) is not None:
        return row
    at = checked_moment(happened_at, now)
    lines = {line.number: line for line in queries.measures(row.kind, row.opened_at)}
    for number, answer in answers.items():
        if number not in lines or answer not in rules.ANSWERS:
            raise refusals.UnknownMeasure(number=number, value=answer)

    def keep(stored: Permit, _move: Move, made: Change) -> None:
        for number, answer in answers.items():
            MeasureAnswer.objects.update_or_create(
                permit=stored,
                number=number,
                defaults={
                    "answer": answer,
                    "by_id": actor.account_id,
                    "by_name": actor.name,
                    "at": at,
                    "late": is_late(at, now),
                },
            )
        made.facts["answers"] = {str(number): answer for number, answer in answers.items()}

    values: dict[str, object] = {"last_record_at": now}
    if other_measures is not None:
        values["other_measures"] = other_measures.strip()
    row = step(row, "mark", actor=actor, now=now, values=values, after=keep)
    return _confirm(row, lines, actor, now) if complete else row


def checked_moment(happened_at: datetime | None, now: datetime) -> datetime:
    """When something happened on the spot: now, or the earlier moment a phone kept. Raises ``HappenedInTheFuture`` beyond a minute."""
    if happened_at is None:
        return now
    if happened_at > now + timedelta(minutes=1):
        raise refusals.HappenedInTheFuture()
    return min(happened_at, now)


def _confirm(row: Permit, lines: Mapping[int, rules.Measure], actor: Actor, now: datetime) -> Permit:
    given = dict(row.answers.values_list("number", "answer"))
    still_open = [number for number in lines if number not in given]
    if still_open:
        raise refusals.MeasuresOpen(count=len(still_open), numbers="、".join(map(str, still_open)))
    unmet = [number for number, answer in sorted(given.items()) if answer == rules.NO]
    if unmet:
        raise refusals.MeasureNotMet(numbers="、".join(map(str, unmet)))
    if any(line.other and given[number] == rules.YES for number, line in lines.items()) and not row.other_measures:
        raise refusals.OtherMeasuresNeeded()
    row = step(row, "confirm", actor=actor, now=now)
    return _follow_gas(row, actor, now)


# --- gas -------------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def record_gas(
    permit_id: UUID,
    *,
    sampled_at: datetime,
    combustible: float | None = None,
    lel: float | None = None,
    gas_name: str = "",
    oxygen: float | None = None,
    rich: bool = False,
    toxics: list[tuple[str, float, float | None]] | None = None,
    point: str = "",
    once: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> GasTest:
    """Record one sample. Passing, it carries the permit to approval; failing, it takes it back, or stops the work that goes on.

    ``toxics``: name, mg/m³, limit (``None``: the platform's). A sample that came late judges by when it was taken. Raises
    ``SampledInTheFuture``, ``ImpossibleReading``, ``LimitNeeded``, the refusals of the flow.
    """
    row = guarded(permit_id, actor, None)
    permitted(actor, "permits.gas", record=row)
    known = done_before(once, row.pk, actor, now)
    if known is not None:
        return row.gas_tests.filter(by_id=known.account_id, received_at=known.at).first() or row.gas_tests.all()[0]
    if sampled_at > now + timedelta(minutes=1):
        raise refusals.SampledInTheFuture()
    sample = gas.Reading(min(sampled_at, now), combustible, lel, oxygen, rich, _toxics(toxics or [], now))
    gas.check_possible(sample)
    grade, law = queries.grade(row.grade_code), queries.law(now)
    wrong = gas.failures(sample, grade, law.limits)
    made: list[GasTest] = []

    def keep(stored: Permit, _move: Move, gathered: Change) -> None:
        made.append(
            GasTest.objects.create(
                permit=stored,
                sampled_at=sample.sampled_at,
                received_at=now,
                late=is_late(sample.sampled_at, now),
                point=point.strip()[:120],
                gas_name=gas_name.strip()[:60],
                combustible=combustible,
                lel=lel,
                oxygen=oxygen,
                rich=rich,
                toxics=[[each.name, each.value, each.limit] for each in sample.toxics],
                passed=not wrong,
                said=gas.describe(wrong, law.say)[:400],
                by_id=actor.account_id,
                by_name=actor.name,
            )
        )
        gathered.facts["gas"] = {"passed": not wrong, "sampled_at": sample.sampled_at.isoformat()}

    row = step(row, "test", actor=actor, now=now, values={"last_record_at": now}, after=keep)
    _follow_gas(row, actor, now)
    return made[0]


def _toxics(given: list[tuple[str, float, float | None]], now: datetime) -> tuple[gas.Toxic, ...]:
    limits = {name: row.limit_mg_m3 for row in queries.toxic_limits(now) for name in (row.code, row.name_zh)}
    found = []
    for name, value, limit in given:
        bound = limit if limit is not None else limits.get(name.strip())
        if bound is None:
            raise refusals.LimitNeeded(name=name)
        found.append(gas.Toxic(name.strip()[:60], value, bound))
    return tuple(found)


def _follow_gas(row: Permit, actor: Actor, now: datetime) -> Permit:
    """Move the permit as its newest sample says."""
    grade = queries.grade(row.grade_code)
    last = row.gas_tests.first()
    if not grade.gas and last is None:
        return row
    passed = last is not None and last.passed
    if passed and row.state == rules.CONFIRMED and grade.gas:
        return step(row, "analyse", actor=actor, now=now)
    if last is not None and not passed and row.state == rules.ANALYSED:
        return step(row, "spoil", actor=actor, now=now)
    if last is not None and not passed and row.state == rules.WORKING:
        values = {"pause_kind": rules.GAS, "paused_at": now}
        return step(row, "hold", actor=people.system("permits"), now=now, values=values, reason=last.said or gettext("气体分析不合格"))
    return row
