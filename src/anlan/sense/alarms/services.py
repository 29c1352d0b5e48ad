"""Verbs of alarms: raise and clear (by the process that hears the detector), acknowledge and note (by a named person)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from anlan.kernel.access import Actor
from anlan.kernel.flow import Move
from anlan.kernel.ids import new_id
from anlan.ledger import flows
from anlan.ledger.changes import Change, change
from anlan.sense.alarms import queries, rules
from anlan.sense.alarms.door import AlarmAcknowledged, AlarmCleared, AlarmNoted, AlarmRaised
from anlan.sense.alarms.models import Alarm, AlarmNote
from anlan.sense.devices.door import SensorSummary
from anlan.wire.blocks import EXERCISE, LATE
from anlan.wire.detections import Transition


def raise_alarm(told: Transition, sensor: SensorSummary, *, actor: Actor, now: datetime) -> Alarm:
    """Enter the alarm that the detector told of; telling it again changes nothing and returns the same alarm."""
    known = Alarm.objects.filter(episode=told.episode).first()
    if known is not None:
        return known
    raised_at, pk = _moment(told.raised_ms), new_id()
    with change(actor, "alarms.detect", now=now, place_code=sensor.place_code, enterprise_id=sensor.enterprise_id) as gathered:
        alarm = Alarm(
            id=pk,
            place_code=sensor.place_code,
            classification=sensor.classification,
            created_at=now,
            updated_at=now,
            state=rules.RAISED,
            exercise=bool(told.quality & EXERCISE),
            opened_at=now,
            episode=told.episode,
            enterprise_id=sensor.enterprise_id,
            device_id=sensor.device_id,
            sensor_id=sensor.id,
            risk_source_id=sensor.risk_source_id,
            event_key=queries.event_of(sensor.enterprise_id, raised_at) or pk,
            kind=told.kind,
            level=told.level,
            title=_title(told, sensor),
            unit=sensor.unit,
            limit=told.limit,
            value=told.value,
            peak=told.peak,
            raised_at=raised_at,
            received_at=now,
            late=bool(told.quality & LATE),
            longitude=sensor.longitude,
            latitude=sensor.latitude,
        )
        alarm.save()
        flows.open_case(alarm, actor=actor, now=now)
        gathered.subject = alarm
        gathered.announce(
            AlarmRaised(**_common(alarm, now), title=alarm.title, level=alarm.level, sensor_id=alarm.sensor_id, event_key=alarm.event_key)
        )
    return alarm


def clear_alarm(told: Transition, *, actor: Actor, now: datetime) -> Alarm | None:
    """Clear the alarm that the detector told of. Telling it again changes nothing; an alarm that is not known yields ``None``."""
    alarm = Alarm.objects.filter(episode=told.episode).first()
    if alarm is None or not alarm.is_active:
        return alarm
    fields = {"cleared_at": _moment(told.time_ms), "cleared_value": told.value, "peak": told.peak}
    return flows.advance(alarm, rules.CLEAR_MOVES[alarm.state], actor=actor, now=now, fields=fields, event=_cleared)


def acknowledge(alarm: Alarm, note: str = "", *, actor: Actor, now: datetime) -> Alarm:
    """Acknowledge the alarm in the actor's name, with an optional note. Raises ``AlreadyAcknowledged``, ``NotPermitted``."""
    if alarm.is_acknowledged or alarm.state not in rules.ACKNOWLEDGE_MOVES:
        at = date_format(timezone.localtime(alarm.acknowledged_at), "Y-m-d H:i:s") if alarm.acknowledged_at else ""
        raise rules.AlreadyAcknowledged(name=alarm.acknowledged_by_name, at=at)
    fields = {"acknowledged_at": now, "acknowledged_by_id": actor.account_id, "acknowledged_by_name": actor.name}

    def write_note(locked: Alarm, _move: Move, _gathered: Change) -> None:
        if note.strip():
            _note(locked, rules.NOTE, note, actor, now)

    return flows.advance(
        alarm, rules.ACKNOWLEDGE_MOVES[alarm.state], actor=actor, now=now, fields=fields, event=_acknowledged, after=write_note
    )


def add_note(alarm: Alarm, text: str, kind: str = rules.NOTE, *, actor: Actor, now: datetime) -> AlarmNote:
    """Write down what was seen or done about the alarm; possible at any time, also after it closed. Raises ``EmptyNote``."""
    if not text.strip() or kind not in rules.NOTE_KINDS:
        raise rules.EmptyNote()
    with change(actor, "alarms.handle", now=now, record=alarm) as gathered:
        note = _note(alarm, kind, text, actor, now)
        gathered.facts.update({"note": str(note.pk), "kind": kind})
        gathered.announce(AlarmNoted(**_common(alarm, now), title=alarm.title, by_name=actor.name))
    return note


def _note(alarm: Alarm, kind: str, text: str, actor: Actor, now: datetime) -> AlarmNote:
    return AlarmNote.objects.create(
        alarm=alarm, kind=kind, text=text.strip(), at=now, author_id=actor.account_id, author_name=actor.name, author_post=actor.post
    )


def _common(alarm: Alarm, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": alarm.pk,
        "place_code": alarm.place_code,
        "enterprise_id": alarm.enterprise_id,
        "classification": alarm.classification,
        "exercise": alarm.exercise,
        "at": now,
    }


def _cleared(alarm: Alarm, _move: Move, gathered: Change) -> AlarmCleared:
    return AlarmCleared(**_common(alarm, gathered.now), title=alarm.title, level=alarm.level)


def _acknowledged(alarm: Alarm, _move: Move, gathered: Change) -> AlarmAcknowledged:
    return AlarmAcknowledged(**_common(alarm, gathered.now), title=alarm.title, level=alarm.level, by_name=gathered.actor.name)


def _title(told: Transition, sensor: SensorSummary) -> str:
    """What is where and how much, in the words of the plant: the same in every language."""
    return f"{sensor.name} {told.kind} {told.value:.{sensor.decimals}f} {sensor.unit}".strip()[:200]


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
