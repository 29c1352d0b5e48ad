"""What rings on the desk: reports to sign for, deadlines missed, alarms and calls left alone; it goes on until somebody answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from anlan.command.duty import door, escalation, queries, rules
from anlan.command.duty.models import Ring
from anlan.ground.people import door as people
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.levels import parent_code
from anlan.ledger.changes import change
from anlan.ledger.models import Clock
from anlan.ledger.sources import law_day

_BELL = system_actor("duty")


def ring(
    kind: str, subject_id: UUID, *, occasion: str, title: str, url: str, place_code: str, since: datetime, exercise: bool = False
) -> Ring | None:
    """Let something ring at a place; the same ``occasion`` rings once (then the answer is ``None``)."""
    wanted = escalation.steps(kind, law_day(since))
    if not wanted or Ring.objects.filter(occasion=occasion).exists():
        return None
    with change(_BELL, "duty.log", now=since, place_code=place_code) as gathered:
        row = Ring.objects.create(
            kind=kind,
            subject_id=subject_id,
            occasion=occasion,
            title=title[:160],
            url=url,
            place_code=place_code,
            since=since,
            next_at=wanted[0].at(since),
            exercise=exercise,
        )
        gathered.subject = row
        gathered.announce(_event(row, since))
    return row


def _event(row: Ring, now: datetime) -> door.RingChanged:
    return door.RingChanged(
        subject_id=row.pk, place_code=row.place_code, at=now, exercise=row.exercise, answered=row.answered_at is not None
    )


def answer(row: Ring, *, actor: Actor, now: datetime) -> Ring:
    """Somebody takes it: it rings no more, in his name. Raises ``AlreadyAnswered``."""
    with change(actor, "duty.log", now=now, record=row) as gathered:
        locked = Ring.objects.select_for_update().get(pk=row.pk)
        if locked.answered_at is not None:
            raise rules.AlreadyAnswered(who=locked.answered_by_name)
        _end(row, actor.name, now, actor.account_id)
        gathered.announce(_event(row, now))
    return row


def _end(row: Ring, who: str, now: datetime, account_id: UUID | None) -> None:
    row.answered_at, row.answered_by_name, row.answered_by_id, row.next_at = now, who, account_id, None
    row.save(update_fields=["answered_at", "answered_by_name", "answered_by_id", "next_at"])


def settle(subject_id: UUID, who: str, now: datetime, *, kind: str, place_code: str = "") -> int:
    """What rang was done elsewhere (signed for, closed, filed): it rings no more; how many did. ``place_code`` limits it to one desk."""
    open_rings = Ring.objects.filter(subject_id=subject_id, kind=kind, answered_at__isnull=True)
    found = list(open_rings.filter(place_code=place_code) if place_code else open_rings)
    for row in found:
        with change(_BELL, "duty.log", now=now, record=row) as gathered:
            _end(row, who, now, None)
            gathered.announce(_event(row, now))
    return len(found)


def ringing(now: datetime) -> QuerySet[Ring]:
    """What is due to go a step on."""
    return Ring.objects.filter(answered_at__isnull=True, next_at__lte=now).order_by("next_at")


def sweep(now: datetime) -> int:
    """Take every step that is due; how many rings went on. Twice at one moment tells nobody twice."""
    return sum(_go_on(key, now) for key in list(ringing(now).values_list("pk", flat=True)))


def _go_on(key: UUID, now: datetime) -> bool:
    with transaction.atomic():
        row = ringing(now).select_for_update(skip_locked=True).filter(pk=key).first()
        if row is None:
            return False
        if row.kind == "clock" and _met(row):
            settle(row.subject_id, "", now, kind="clock", place_code=row.place_code)
            return False
        return _tell(row, now)


def _met(row: Ring) -> bool:
    return not Clock.objects.filter(subject_id=row.subject_id, met_at__isnull=True, state="missed").exists()


def _tell(row: Ring, now: datetime) -> bool:
    taken = [each["whom"] for each in row.told]
    wanted = escalation.steps(row.kind, law_day(row.since))
    found = escalation.onward(wanted, taken, row.since, now, lambda whom: _there(whom, row.place_code, now))
    with change(_BELL, "duty.log", now=now, record=row) as gathered:
        for each in found.told:
            reached: list[tuple[UUID, str]] = list(each.people)  # type: ignore[arg-type]
            row.told.append({"whom": each.step.whom, "at": now.isoformat(), "names": [name for _key, name in reached]})
            gathered.announce(
                door.RingWentOn(
                    subject_id=row.pk,
                    place_code=row.place_code,
                    at=now,
                    exercise=row.exercise,
                    title=row.title,
                    whom=each.step.whom,
                    accounts=tuple(str(key) for key, _name in reached),
                )
            )
        row.next_at = found.next_at
        row.save(update_fields=["told", "next_at"])
    return bool(found.told)


def _there(whom: str, place_code: str, now: datetime) -> tuple[object, ...]:
    """Ids and names of those on the post at this moment; at the bureau above its officers, on the roster or, without one, by their post."""
    if whom != escalation.UPPER:
        return tuple((each.account_id, each.name) for each in queries.on_duty(place_code, now, kind=whom))
    above = parent_code(place_code)
    if above is None:
        return ()
    on = queries.on_duty(above, now, kind=escalation.OFFICER)
    return tuple((each.account_id, each.name) for each in on or people.holders_of("duty_officer", above, now=now))
