"""Faults of duty: a shift that nobody handed over, hours that nobody held, things that rang too long. Found by time alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from anlan.command.duty import door, queries, rules
from anlan.command.duty.models import DutyShift, Fault, Handover, Ring, Rota
from anlan.ground.people import door as people
from anlan.kernel.access import system_actor
from anlan.ledger.changes import change
from anlan.ledger.sources import law_day

_KEEPER = system_actor("duty")
LOOK_BACK = timedelta(hours=6)
"""How far back a sweep looks, so that a node that was down for a while misses nothing."""


def sweep(now: datetime) -> int:
    """Write down the faults of the last hours that are not written yet; how many are new."""
    return sum([*_handovers(now), *_gaps(now), *_unanswered(now)])


def _note(
    kind: str, occasion: str, *, place_code: str, at: datetime, now: datetime, who: str = "", detail: str = "", exercise: bool = False
) -> bool:
    if Fault.objects.filter(occasion=occasion).exists():
        return False
    with change(_KEEPER, "duty.plan", now=now, place_code=place_code) as gathered:
        gathered.subject = fault = Fault.objects.create(
            kind=kind, occasion=occasion, place_code=place_code, happened_at=at, who=who, detail=detail[:200], exercise=exercise
        )
        gathered.announce(
            door.FaultFound(subject_id=fault.pk, place_code=place_code, at=now, exercise=exercise, fault=kind, detail=fault.detail)
        )
    return True


def _handovers(now: datetime) -> Iterable[bool]:
    """Officers' shifts that ended with no handover signed by who left, or not received; whoever goes on himself owes none."""
    grace = timedelta(minutes=rules.TABLES.parameter("handover_grace_minutes", law_day(now)))
    ended = DutyShift.objects.select_related("account").filter(
        kind="officer", ends_at__lte=now - grace, ends_at__gt=now - grace - LOOK_BACK
    )
    for shift in ended:
        around = DutyShift.objects.filter(
            place_code=shift.place_code, kind="officer", starts_at__lte=shift.ends_at, ends_at__gt=shift.ends_at
        )
        if around.filter(account_id=shift.account_id).exists():
            continue
        signed = Handover.objects.filter(
            place_code=shift.place_code, handed_at__gt=shift.starts_at, handed_at__lte=shift.ends_at + grace, received_at__isnull=False
        )
        if not signed.exists():
            yield _note(
                "handover",
                f"handover:{shift.pk}",
                place_code=shift.place_code,
                at=shift.ends_at,
                now=now,
                who=shift.account.display_name,
                detail=f"{rules.moment_words(shift.starts_at)} – {rules.moment_words(shift.ends_at)}",
            )


def _gaps(now: datetime) -> Iterable[bool]:
    """Hours in which fewer people are on duty than needed, at places that have a rota in force."""
    day = law_day(now)
    held = Rota.objects.filter(published_at__isnull=False, starts_on__lte=day, ends_on__gte=day)
    for place_code in held.values_list("place_code", flat=True).distinct():
        for gap in queries.gaps(place_code, now, now + timedelta(minutes=1)):
            yield _note("gap", f"gap:{place_code}:{gap.kind}:{day}", place_code=place_code, at=now, now=now, detail=gap.kind)


def _unanswered(now: datetime) -> Iterable[bool]:
    """What rang until the leader or the bureau above had to be told."""
    for row in Ring.objects.filter(updated_at__gt=now - LOOK_BACK, told__contains=[{"whom": "leader"}]):
        yield _note(
            "unanswered",
            f"unanswered:{row.pk}",
            place_code=row.place_code,
            at=row.since,
            now=now,
            who=_named(row, now),
            detail=row.title,
            exercise=row.exercise,
        )


def _named(row: Ring, now: datetime) -> str:
    """Who was to answer: the officers on duty when it began to ring."""
    return "、".join(each.name for each in queries.on_duty(row.place_code, row.since, kind="officer"))


def planners(place_code: str, now: datetime) -> set[UUID]:
    """Who plans duty at a place."""
    return {each.account_id for each in people.holders_of("duty_leader", place_code, now=now)}
