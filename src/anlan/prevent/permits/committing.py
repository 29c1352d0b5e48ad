"""Verbs of the daily safety commitment: owed, given, corrected, compared with what goes on, missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.flow import ReasonRequired
from anlan.ledger.changes import change
from anlan.ledger.changes import permit as permitted
from anlan.ledger.sources import law_day
from anlan.prevent.dangers import door as dangers
from anlan.prevent.permits import commitment, door, queries, refusals
from anlan.prevent.permits.models import Commitment, Permit
from anlan.sense.alarms import door as alarms

_SYSTEM = system_actor("permits")
OWING_SECTORS = ("S26",)
"""Sectors of the register whose enterprises commit each day: hazardous chemicals (应急〔2018〕74号). Whoever holds a major hazard source too."""
MOST_AT_ONCE = 1000
NATION = "000000"


def open_day(now: datetime) -> int:
    """Note for every enterprise that owes it that the commitment of this day is owed; returns how many were new. Twice opens each once."""
    day = law_day(now)
    owing = [each for each in enterprises.of_place(NATION, None, limit=1_000_000) if owes(each)]
    known = set(Commitment.objects.filter(day=day).values_list("enterprise_id", flat=True))
    fresh = [_owed(each, day, now) for each in owing if each.id not in known]
    for at in range(0, len(fresh), MOST_AT_ONCE):
        Commitment.objects.bulk_create(fresh[at : at + MOST_AT_ONCE], ignore_conflicts=True)
    return len(fresh)


def owes(enterprise: enterprises.EnterpriseSummary) -> bool:
    """Whether an enterprise commits each day."""
    return enterprise.state == "operating" and (enterprise.sector_code in OWING_SECTORS or enterprise.has_major_hazard)


def _owed(enterprise: enterprises.EnterpriseSummary, day: Any, now: datetime) -> Commitment:
    return Commitment(
        enterprise_id=enterprise.id,
        place_code=enterprise.place_code,
        classification=int(Classification.PUBLIC),
        day=day,
        due_at=queries.due_at(enterprise.place_code, day),
        created_at=now,
        updated_at=now,
    )


def known_of(enterprise_id: UUID, now: datetime) -> commitment.Known:
    """What the platform knows of an enterprise now: live permits, open major dangers, open alarms of levels 1 and 2; no exercises."""
    majors = sum(
        each.grade == "major" and each.state not in ("closed", "cancelled") for each in dangers.of_enterprise(enterprise_id, limit=500)
    )
    ringing = sum(each.level <= 2 and each.active and not each.exercise for each in alarms.alarms_for_enterprise(enterprise_id, limit=200))
    return commitment.Known(queries.live_counts(enterprise_id, now), majors, ringing)


@transaction.atomic
def give(
    enterprise_id: UUID,
    *,
    values: Mapping[str, object],
    statement: str,
    reason: str = "",
    correct: bool = False,
    actor: Actor,
    now: datetime,
) -> Commitment:
    """Publish the commitment of this day, or correct it (``correct``, with a reason). It is public at once.

    ``values`` by field code (counts, flags, ``risk_grade``). Raises ``CommitmentFieldWrong``, ``UnitsDoNotAddUp``, ``CommitmentGiven``,
    ``CommitmentReasonNeeded`` where it contradicts what the platform knows and no reason stands beside it, ``ReasonRequired``.
    """
    enterprise = enterprises.enterprise(enterprise_id, None if actor.kind == "system" else actor)
    permitted(actor, "commitments.give", place_code=enterprise.place_code, enterprise_id=enterprise.id)
    fields = queries.commitment_fields()
    commitment.check_values(values, fields)
    day = law_day(now)
    row, _fresh = Commitment.objects.select_for_update(of=("self",)).get_or_create(
        enterprise_id=enterprise.id, day=day, defaults=_defaults(enterprise, day, now)
    )
    given = row.state == Commitment.GIVEN
    if given and not correct and row.given_at is not None:
        raise refusals.CommitmentGiven(name=row.given_by_name, at=f"{row.given_at.astimezone(queries.rules.CHINA):%H:%M}")
    if given and not reason.strip():
        raise ReasonRequired(move=gettext("更正承诺"))
    found = commitment.differences(values, known_of(enterprise.id, now), fields)
    if found and not reason.strip():
        raise refusals.CommitmentReasonNeeded(differences=queries.difference_words(found))
    kept = {each.code: values.get(each.code) for each in fields if each.kind != commitment.FACT}
    with change(actor, "commitments.give", now=now, record=row) as made:
        row.state, row.given_at, row.given_by_name = Commitment.GIVEN, row.given_at if given else now, actor.name
        row.values, row.statement, row.reason = kept, statement.strip(), reason.strip()
        row.risk_grade = int(str(values["risk_grade"]))
        row.corrected += given
        row.missed = row.missed or (not given and now > row.due_at)
        row.differences, row.contradicted = _as_json(found), bool(found)
        row.save()
        made.announce(door.CommitmentGiven(**_about(row, enterprise.name, now), corrected=given))
    return row


def _defaults(enterprise: enterprises.EnterpriseSummary, day: Any, now: datetime) -> dict[str, object]:
    owed = _owed(enterprise, day, now)
    return {name: getattr(owed, name) for name in ("place_code", "classification", "due_at", "created_at", "updated_at")}


def _as_json(found: tuple[commitment.Difference, ...]) -> list[list[object]]:
    return [[each.code, each.committed, each.known] for each in found]


def _about(row: Commitment, name: str, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "enterprise_id": row.enterprise_id,
        "classification": Classification(row.classification),
        "at": now,
        "day": row.day.isoformat(),
        "title": name,
    }


@transaction.atomic
def compare(enterprise_id: UUID, now: datetime) -> tuple[commitment.Difference, ...]:
    """Compare the commitment of this day with what goes on now; a contradiction that is new is announced. Returns those that stand."""
    row = (
        Commitment.objects.select_for_update(of=("self",))
        .select_related("enterprise")
        .filter(enterprise_id=enterprise_id, day=law_day(now), state=Commitment.GIVEN)
        .first()
    )
    if row is None:
        return ()
    values = row.values | {"risk_grade": row.risk_grade}
    found = commitment.differences(values, known_of(enterprise_id, now), queries.commitment_fields())
    told = _as_json(found)
    if told == row.differences:
        return found
    fresh = [each for each in told if each not in row.differences]
    with change(_SYSTEM, "commitments.check", now=now, record=row) as made:
        row.differences, row.contradicted = told, bool(found)
        row.save(update_fields=["differences", "contradicted"])
        if fresh:
            words = queries.difference_words(found)
            made.announce(door.CommitmentContradicted(**_about(row, row.enterprise.name, now), words=words))
    return found


def sweep(now: datetime) -> int:
    """Mark every commitment whose hour passed without being given, and tell; returns how many."""
    due = Commitment.objects.filter(state=Commitment.OWED, missed=False, due_at__lte=now).order_by("due_at")
    found = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in found:
        _miss(pk, now)
    return len(found)


@transaction.atomic
def _miss(commitment_id: UUID, now: datetime) -> None:
    row = (
        Commitment.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("enterprise")
        .filter(pk=commitment_id, state=Commitment.OWED, missed=False)
        .first()
    )
    if row is None:
        return
    with change(_SYSTEM, "commitments.check", now=now, record=row) as made:
        row.missed = True
        row.save(update_fields=["missed"])
        made.announce(door.CommitmentMissed(**_about(row, row.enterprise.name, now)))


def offered(enterprise_id: UUID, now: datetime) -> dict[str, object]:
    """What the form begins with: the figures of the last commitment, counts of works asked for today, contractors, what is open."""
    last = Commitment.objects.filter(enterprise_id=enterprise_id, state=Commitment.GIVEN).order_by("-day").first()
    values: dict[str, object] = dict(last.values) if last is not None else {}
    planned = queries.planned_counts(enterprise_id, now)
    values |= {code: planned.get(code, 0) for code in commitment.PERMIT_COUNTS}
    values["major_danger"] = known_of(enterprise_id, now).major_dangers > 0
    values["contractor"] = Permit.objects.filter(
        enterprise_id=enterprise_id, closed_at__isnull=True, work__contractor=True, valid_until__gt=now
    ).exists()
    return values
