"""Verbs of alarms by a named person: acknowledge, note, reset, shelve, review. Raising and clearing stand in :mod:`.detecting`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.flow import Move
from anlan.ledger import flows
from anlan.ledger.changes import Change, change
from anlan.sense.alarms import detecting, moving, naming, rules, tables, timing
from anlan.sense.alarms.door import AlarmAcknowledged, AlarmNoted, AlarmReviewed, AlarmShelved
from anlan.sense.alarms.models import Alarm, AlarmNote, OwnSpan
from anlan.sense.devices.door import SensorSummary
from anlan.wire.detections import Transition


def raise_alarm(told: Transition, sensor: SensorSummary, *, actor: Actor, now: datetime) -> Alarm:
    """Enter one alarm that the detector told of; telling it again changes nothing and returns the same alarm."""
    outcome = detecting.take([told], actor=actor, now=now)
    if outcome.apart:
        raise NotFound(what=f"{outcome.apart[0].reason}: {outcome.apart[0].detail or sensor.name}")
    return outcome.raised[0] if outcome.raised else Alarm.objects.get(episode=told.episode)


def clear_alarm(told: Transition, *, actor: Actor, now: datetime) -> Alarm | None:
    """Clear one alarm that the detector told of. Telling it again changes nothing; an alarm that is not known yields ``None``."""
    outcome = detecting.take([told], actor=actor, now=now)
    return outcome.cleared[0] if outcome.cleared else Alarm.objects.filter(episode=told.episode).first()


def acknowledge(alarm: Alarm, note: str = "", *, actor: Actor, now: datetime) -> Alarm:
    """Acknowledge the alarm in the actor's name, with an optional note. Raises ``AlreadyAcknowledged``, ``NotPermitted``.

    While its condition lasts the acknowledgement holds for a time only, until somebody notes a measure.
    """
    move = rules.acknowledge_move(alarm.state, alarm.level)
    if alarm.is_acknowledged or move is None:
        at = date_format(timezone.localtime(alarm.acknowledged_at), "Y-m-d H:i:s") if alarm.acknowledged_at else ""
        raise rules.AlreadyAcknowledged(name=alarm.acknowledged_by_name, at=at)

    def write_note(locked: Alarm, _move: Move, _gathered: Change) -> None:
        if note.strip():
            _note(locked, rules.NOTE, note, actor, now)

    fields = _taken_notice(alarm, actor, now, timing.length(tables.ACKNOWLEDGEMENT, alarm.level, now))
    return flows.advance(alarm, move, actor=actor, now=now, fields=fields, event=_acknowledged, after=write_note)


def acknowledge_group(rows: QuerySet[Alarm], note: str = "", *, actor: Actor, now: datetime) -> list[Alarm]:
    """Acknowledge every alarm of ``rows`` that nobody has acknowledged, with one note for each. Raises ``NothingToAcknowledge``, ``NotPermitted``."""
    spans = {level: timing.length(tables.ACKNOWLEDGEMENT, level, now) for level in rules.LEVELS}
    moved = moving.move_all(
        rows,
        actor=actor,
        now=now,
        move_of=lambda row: rules.acknowledge_move(row.state, row.level),
        fields_of=lambda row: _taken_notice(row, actor, now, spans[row.level]),
        events_of=lambda done: _acknowledged_together(done, note, actor, now),
    )
    if not moved:
        raise rules.NothingToAcknowledge()
    return moved


def _acknowledged_together(done: Sequence[Alarm], note: str, actor: Actor, now: datetime) -> Iterable[AlarmAcknowledged]:
    if note.strip():
        AlarmNote.objects.bulk_create([_noted(row, rules.NOTE, note, actor, now) for row in done], batch_size=1000)
    return [_acknowledged_event(row, actor.name, now) for row in moving.one_of_each_group(done)]


def _taken_notice(alarm: Alarm, actor: Actor, now: datetime, holds: timedelta | None) -> dict[str, Any]:
    expires = alarm.state == rules.RAISED and holds is not None and alarm.handled_at is None
    return {
        "acknowledged_at": now,
        "acknowledged_by_id": actor.account_id,
        "acknowledged_by_name": actor.name,
        "first_acknowledged_at": alarm.first_acknowledged_at or now,
        "acknowledgement_until": now + holds if expires and holds is not None else None,
        "escalates_at": None,
    }


def add_note(alarm: Alarm, text: str, kind: str = rules.NOTE, *, actor: Actor, now: datetime) -> AlarmNote:
    """Write down what was seen or done about the alarm; possible at any time, also after it closed. Raises ``EmptyNote``.

    A measure or result keeps the acknowledgement of the alarm, and of those it explains, from expiring.
    """
    if not text.strip() or kind not in rules.NOTE_KINDS:
        raise rules.EmptyNote()
    with change(actor, "alarms.handle", now=now, record=alarm) as gathered:
        note = _note(alarm, kind, text, actor, now)
        if kind in rules.DONE_KINDS:
            _handled(alarm, now)
        gathered.facts.update({"note": str(note.pk), "kind": kind})
        gathered.announce(AlarmNoted(**naming.common(alarm, now), title=alarm.title, by_name=actor.name))
    return note


def _handled(alarm: Alarm, now: datetime) -> None:
    """The measure holds for the alarm and, at the top of a group, for all of it."""
    reached = Alarm.objects.filter(group_key=alarm.pk) if alarm.group_key == alarm.pk else Alarm.objects.filter(pk=alarm.pk)
    for row in reached.select_for_update().order_by("pk").only("pk"):
        Alarm.objects.filter(pk=row.pk, handled_at__isnull=True).update(handled_at=now)
    reached.update(acknowledgement_until=None)
    alarm.refresh_from_db(fields=["handled_at", "acknowledgement_until"])


def reset(alarm: Alarm, reason: str, *, actor: Actor, now: datetime) -> Alarm:
    """Say that equipment which does not report its own return was reset on the spot. Raises ``ResetsItself``, ``AcknowledgeFirst``, ``ReasonRequired``."""
    if alarm.kind != rules.HAPPENED:
        raise rules.ResetsItself()
    if alarm.state == rules.RAISED:
        raise rules.AcknowledgeFirst(what=rules.FLOW.move("reset").label)
    fields = {"cleared_at": now, "acknowledgement_until": None, "escalates_at": None}

    def cleared(row: Alarm, _move: Move, _gathered: Change) -> object:
        return naming.cleared_event(row, now)

    return flows.advance(alarm, rules.reset_move(alarm.level), actor=actor, now=now, fields=fields, reason=reason, event=cleared)  # type: ignore[arg-type]


def review(rows: QuerySet[Alarm], finding: str, note: str = "", *, actor: Actor, now: datetime) -> list[Alarm]:
    """Close alarms that wait for review, saying what they were. Whoever acknowledged one does not review it.

    Raises ``UnknownFinding``, ``FindingNeedsWords``, ``FourEyes``, ``WrongState``, ``NotPermitted``.
    """
    known = {row.code for row in tables.findings(timezone.localtime(now).date())}
    if finding not in known:
        raise rules.UnknownFinding()
    if finding == "other" and not note.strip():
        raise rules.FindingNeedsWords()
    fields = {
        "finding": finding,
        "review_note": note.strip(),
        "reviewed_at": now,
        "reviewed_by_id": actor.account_id,
        "reviewed_by_name": actor.name,
    }
    moved = moving.move_all(
        rows,
        actor=actor,
        now=now,
        move_of=lambda row: "review" if row.state == rules.REVIEWING else None,
        fields_of=lambda _row: fields,
        events_of=lambda done: [
            AlarmReviewed(**naming.common(row, now), title=row.title, level=row.level, finding=finding, by_name=actor.name)
            for row in moving.one_of_each_group(done)
        ],
    )
    if not moved:
        raise NotFound(what=rules.FLOW.state(rules.REVIEWING).label)
    return moved


def shelve(alarm: Alarm, minutes: int, reason: str, *, actor: Actor, now: datetime) -> Alarm:
    """Put an open alarm aside for ``minutes``; it comes back by itself. Raises ``ShelvingNeedsReason``, ``NotShelvable``, ``ShelvedTooLong``."""
    longest = timing.length(tables.SHELVING, alarm.level, now) or timedelta()
    if not reason.strip() or minutes <= 0:
        raise rules.ShelvingNeedsReason()
    if not longest:
        raise rules.NotShelvable(level=alarm.level)
    if timedelta(minutes=minutes) > longest:
        raise rules.ShelvedTooLong(level=alarm.level, longest=int(longest.total_seconds() // 60))
    values = {"shelved_until": now + timedelta(minutes=minutes), "shelved_by_name": actor.name, "shelving_reason": reason.strip()[:200]}
    return _set_aside(alarm, values | {"escalates_at": None}, actor, now)


def unshelve(alarm: Alarm, *, actor: Actor, now: datetime) -> Alarm:
    """Take an alarm back before its time; it rings again as if the time were over."""
    return _set_aside(alarm, {"shelved_until": now}, actor, now)


def _set_aside(alarm: Alarm, values: dict[str, Any], actor: Actor, now: datetime) -> Alarm:
    with change(actor, "alarms.shelve", now=now, record=alarm) as gathered:
        locked = Alarm.objects.select_for_update().get(pk=alarm.pk)
        if locked.state not in rules.OPEN_STATES:
            raise rules.NotShelvable(level=locked.level)
        for name, value in values.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(values))
        gathered.subject = locked
        until = locked.shelved_until or now
        gathered.announce(
            AlarmShelved(**naming.common(locked, now), title=locked.title, level=locked.level, until=until, by_name=actor.name)
        )
    return locked


def set_span(name: str, minutes: int, reason: str = "", *, actor: Actor, now: datetime) -> OwnSpan:
    """Put this node's own length of time in force from now on. Raises ``NotFound``, ``MinutesOutOfRange``, ``NotPermitted``."""
    if name not in timing.in_force(now):
        raise NotFound(what=name)
    if not 0 <= minutes <= timing.LONGEST_MINUTES:
        raise rules.MinutesOutOfRange(least=0, most=timing.LONGEST_MINUTES)
    with change(actor, "alarms.configure", now=now, place_code=actor.place_code) as gathered:
        own = OwnSpan(name=name, minutes=minutes, effective_from=now, set_by_name=actor.name, reason=reason.strip()[:200])
        own.save()
        gathered.subject = own
    return own


def _note(alarm: Alarm, kind: str, text: str, actor: Actor, now: datetime) -> AlarmNote:
    note = _noted(alarm, kind, text, actor, now)
    note.save()
    return note


def _noted(alarm: Alarm, kind: str, text: str, actor: Actor, now: datetime) -> AlarmNote:
    return AlarmNote(
        alarm=alarm, kind=kind, text=text.strip(), at=now, author_id=actor.account_id, author_name=actor.name, author_post=actor.post
    )


def _acknowledged(alarm: Alarm, _move: Move, gathered: Change) -> AlarmAcknowledged:
    return _acknowledged_event(alarm, gathered.actor.name, gathered.now)


def _acknowledged_event(alarm: Alarm, name: str, now: datetime) -> AlarmAcknowledged:
    return AlarmAcknowledged(**naming.common(alarm, now), title=alarm.title, level=alarm.level, by_name=name)
