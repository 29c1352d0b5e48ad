"""Rotas: drawn up, looked at before they hold, published into shifts, and published again when people or days change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from anlan.command.duty import door, queries, rota, rules, swapping
from anlan.command.duty.models import Absence, DutyShift, Rota
from anlan.ground.people import door as people
from anlan.kernel import workdays
from anlan.kernel.access import Actor, Classification
from anlan.ledger.changes import Change, change
from anlan.ledger.sources import law_day

LONGEST_DAYS = 366
"""A rota is for a year at most: nobody knows the holidays beyond the next notice of the State Council."""


def patterns(on: date) -> dict[str, list[rota.Turn]]:
    """Turns in force on a day, by pattern."""
    found: dict[str, list[rota.Turn]] = {}
    for turn in rota.turns():
        if turn.holds_on(on):
            found.setdefault(turn.pattern, []).append(turn)
    return found


def draw_up(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Rota:
    """Keep a new rota of the actor's place: ``name``, ``pattern``, ``starts_on``, ``ends_on``, ``rest_hours``, ``queues``. Raises as :func:`_check`."""
    _check(values, actor.place_code, now)
    with change(actor, "duty.plan", now=now, place_code=actor.place_code) as gathered:
        row = Rota(place_code=actor.place_code, organisation_id=actor.organisation_id, classification=Classification.INTERNAL)
        gathered.subject = _written(row, values)
    return row


def redraw(row: Rota, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Rota:
    """Change a rota. One that holds already changes no shift until it is published again. Raises as :func:`_check`."""
    _check(values, row.place_code, now)
    with change(actor, "duty.plan", now=now, record=row):
        _written(row, values)
    return row


def _written(row: Rota, values: Mapping[str, Any]) -> Rota:
    for name in ("name", "pattern", "starts_on", "ends_on", "rest_hours"):
        setattr(row, name, values[name])
    row.queues = {kind: [str(each) for each in values["queues"].get(kind, ())] for kind in rules.SHIFT_KINDS}
    row.save()
    return row


def _check(values: Mapping[str, Any], place_code: str, now: datetime) -> None:
    """Raises ``UnknownPattern``, ``RotaTooLong``, ``NobodyQueued``, ``NotOnThePost``."""
    if not 0 <= (values["ends_on"] - values["starts_on"]).days < LONGEST_DAYS:
        raise rules.RotaTooLong(days=LONGEST_DAYS)
    turns = patterns(values["starts_on"]).get(values["pattern"])
    if not turns:
        raise rules.UnknownPattern(pattern=values["pattern"])
    for kind in dict(chain.from_iterable(turn.needs for turn in turns)):
        queue = values["queues"].get(kind, ())
        if not queue:
            raise rules.NobodyQueued(kind=rules.SHIFT_KINDS[kind])
        for account_id in queue:
            check_post(UUID(str(account_id)), kind, place_code, now)


def check_post(account_id: UUID, kind: str, place_code: str, now: datetime) -> None:
    """Raise ``NotOnThePost`` unless somebody holds a post at the place by which he may take a shift of ``kind``."""
    if account_id not in {each.account_id for each in queries.candidates(kind, place_code, now)}:
        raise rules.NotOnThePost(who=people.account_name(account_id), kind=rules.SHIFT_KINDS[kind])


def planned(row: Rota, now: datetime) -> list[rota.Shift]:
    """The whole rota as it would stand if it were published now; what has begun, was exchanged or arranged by hand stays."""
    queues = {
        (kind, kind_of_day): [UUID(each) for each in row.queues.get(kind, ())]
        for kind in rules.SHIFT_KINDS
        for kind_of_day in workdays.KINDS
    }
    days = [row.starts_on + timedelta(days=n) for n in range((row.ends_on - row.starts_on).days + 1)]
    everybody = set(chain.from_iterable(queues.values()))
    return rota.plan(
        days,
        patterns(row.starts_on).get(row.pattern, []),
        queues,
        away=_away(row, everybody),
        rest=timedelta(hours=row.rest_hours),
        standing=_standing(row, now),
    )


def _span(row: Rota) -> tuple[datetime, datetime]:
    """All moments at which a shift of the rota may lie, with a day to spare on either side for the rest between shifts."""
    midnight = datetime.min.time()
    first = datetime.combine(row.starts_on, midnight, rota.CHINA)
    return first - timedelta(days=2), datetime.combine(row.ends_on, midnight, rota.CHINA) + timedelta(days=4)


def _away(row: Rota, everybody: Iterable[UUID]) -> list[rota.Away]:
    since, until = _span(row)
    absences = Absence.objects.filter(account_id__in=list(everybody), starts_at__lt=until, ends_at__gt=since)
    elsewhere = DutyShift.objects.filter(account_id__in=list(everybody), starts_at__lt=until, ends_at__gt=since)
    return [
        *(rota.Away(each.account_id, each.starts_at, each.ends_at, each.why) for each in absences),
        *(rota.Away(each.account_id, each.starts_at, each.ends_at) for each in elsewhere.exclude(place_code=row.place_code)),
    ]


def _standing(row: Rota, now: datetime) -> list[rota.Shift]:
    since, until = _span(row)
    there = DutyShift.objects.filter(place_code=row.place_code, starts_at__lt=until, ends_at__gt=since).order_by("starts_at", "pk")
    return [
        rota.Shift(each.kind, each.starts_at, each.ends_at, each.account_id)
        for each in there
        if each.starts_at <= now or each.swapped or each.rota_id != row.pk
    ]


def publish(row: Rota, *, actor: Actor, now: datetime) -> Rota:
    """Put the rota in force: shifts that have not begun and were not exchanged are made, taken away or given to others. Raises ``RotasOverlap``.

    Whoever gains or loses a shift is told, and whoever plans is told of turns that nobody takes.
    """
    with change(actor, "duty.plan", now=now, record=row) as gathered:
        _refuse_overlap(row)
        wanted = [each for each in planned(row, now) if each.starts > now and not each.standing]
        added, removed = _write(row, [each for each in wanted if each.who is not None], now)
        swapping.void_lost(row.place_code, actor=actor, now=now)
        row.published_at, row.published_by_name = now, actor.name
        row.save(update_fields=["published_at", "published_by_name"])
        gathered.facts.update({"added": sum(added.values()), "removed": sum(removed.values())})
        _announce(row, added, removed, [each for each in wanted if each.who is None], gathered, now)
    return row


def _refuse_overlap(row: Rota) -> None:
    others = Rota.objects.filter(
        place_code=row.place_code, published_at__isnull=False, starts_on__lte=row.ends_on, ends_on__gte=row.starts_on
    )
    other = others.exclude(pk=row.pk).first()
    if other is not None:
        raise rules.RotasOverlap(name=other.name, start=str(other.starts_on), end=str(other.ends_on))


def _write(row: Rota, wanted: list[rota.Shift], now: datetime) -> tuple[Counter[Any], Counter[Any]]:
    """Make the shifts that are wanted and take away the others; how many each person gained and lost."""
    missing = Counter((each.kind, each.starts, each.ends, each.who) for each in wanted)
    gone = []
    for each in row.shifts.select_for_update().filter(starts_at__gt=now, swapped=False):
        key = (each.kind, each.starts_at, each.ends_at, each.account_id)
        if missing[key]:
            missing[key] -= 1
        else:
            gone.append(each)
    row.shifts.filter(pk__in=[each.pk for each in gone]).delete()
    fresh = [
        DutyShift(
            place_code=row.place_code,
            organisation_id=row.organisation_id,
            classification=row.classification,
            rota=row,
            kind=kind,
            starts_at=starts,
            ends_at=ends,
            account_id=who,
        )
        for kind, starts, ends, who in missing.elements()
    ]
    DutyShift.objects.bulk_create(fresh)
    return Counter(each.account_id for each in fresh), Counter(each.account_id for each in gone)


def _announce(row: Rota, added: Counter[Any], removed: Counter[Any], gaps: list[rota.Shift], gathered: Change, now: datetime) -> None:
    about = {"subject_id": row.pk, "place_code": row.place_code, "at": now}
    gathered.announce(
        door.RotaPublished(**about, name=row.name, gaps=len(gaps), first_gap=min(each.starts for each in gaps).isoformat() if gaps else "")
    )
    for who in sorted({*added, *removed}, key=str):
        nearest = queries.next_shift(who, now)
        gathered.announce(
            door.ShiftsChanged(
                **about,
                account_id=str(who),
                added=added[who],
                removed=removed[who],
                next_at=nearest.starts_at.isoformat() if nearest is not None else "",
            )
        )


def note_absence(*, account_id: UUID | str, starts_at: datetime, ends_at: datetime, why: str = "", actor: Actor, now: datetime) -> Absence:
    """Note that somebody who does duty at the actor's place cannot come. Raises ``ShiftEndsBeforeItStarts``, ``NotOnThePost``."""
    if ends_at <= starts_at:
        raise rules.ShiftEndsBeforeItStarts
    check_post(UUID(str(account_id)), "deputy", actor.place_code, now)
    with change(actor, "duty.plan", now=now, place_code=actor.place_code) as gathered:
        gathered.subject = absence = Absence.objects.create(
            place_code=actor.place_code, account_id=account_id, starts_at=starts_at, ends_at=ends_at, why=why.strip()
        )
    return absence


def change_absence(
    absence_id: UUID, *, account_id: UUID | str, starts_at: datetime, ends_at: datetime, why: str = "", actor: Actor, now: datetime
) -> Absence:
    """Correct an absence. Raises ``ShiftEndsBeforeItStarts``, ``NotOnThePost``, ``NotFound``."""
    if ends_at <= starts_at:
        raise rules.ShiftEndsBeforeItStarts
    absence = queries.absence(absence_id, actor)
    check_post(UUID(str(account_id)), "deputy", absence.place_code, now)
    with change(actor, "duty.plan", now=now, record=absence):
        absence.account_id, absence.starts_at, absence.ends_at, absence.why = UUID(str(account_id)), starts_at, ends_at, why.strip()
        absence.save()
    return absence


def holds_today(place_code: str, at: datetime) -> Rota | None:
    """The published rota of a place that covers a moment."""
    day = law_day(at)
    return Rota.objects.filter(place_code=place_code, published_at__isnull=False, starts_on__lte=day, ends_on__gte=day).first()
