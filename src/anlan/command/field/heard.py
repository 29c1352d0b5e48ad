"""What units say, draw and call, as the port learned it: entered in order, each once, bounded; what cannot be kept is counted, never silently lost.

A message and a call are audited one by one in the port's name; a mark when it comes and when it goes, not each time it is moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.command.field import purposes, rules
from anlan.command.field.door import FieldCallChanged, FieldCallRaised, FieldMarked, FieldSpoken
from anlan.command.field.models import FieldCall, FieldMark, FieldMessage, FieldUnit
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.ledger.changes import change
from anlan.ledger.events import announce
from anlan.wire import cot
from anlan.wire.cot.event import CHAT_READ

HEAR = "field.hear"
PORT: Actor = system_actor("cot")
_ORDER = {rules.SENT: 0, rules.DELIVERED: 1, rules.READ: 2}


@dataclass
class Entered:
    """What became of a batch: messages that were spoken to the desk itself and are kept now (unit, name of the message, whose), what was refused by reason."""

    kept: list[tuple[str, str, str]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


def take_in(heard: Mapping[UUID, Sequence[tuple[str, cot.Event]]], now: datetime) -> Entered:
    """Enter what units said otherwise than where they are: pairs of a purpose (see :mod:`.purposes`) and the event, in order.

    Entering it twice changes nothing more. A piece that cannot be kept loses no other.
    """
    entered = Entered()
    verbs = {
        purposes.TALK: _talk,
        purposes.RECEIPT: _receipt,
        purposes.CALLING: _call,
        purposes.CALL_OVER: _call_over,
        purposes.MARK: _mark,
        purposes.REMOVAL: _removal,
    }
    for unit_id, events in heard.items():
        with transaction.atomic():
            unit = FieldUnit.objects.select_for_update().filter(pk=unit_id, active=True).first()
            if unit is None:
                entered.refused["field_not_enrolled"] += len(events)
                continue
            marked = False
            for purpose, event in events:
                reason = verbs[purpose](unit, event, now, entered)
                if reason:
                    entered.refused[reason] += 1
                marked = marked or purpose in (purposes.MARK, purposes.REMOVAL)
            if marked:
                announce(FieldMarked(**_about(unit, now), callsign=unit.callsign))
    return entered


def _about(unit: FieldUnit, now: datetime, subject_id: UUID | None = None) -> dict[str, Any]:
    return {
        "subject_id": subject_id or unit.pk,
        "place_code": unit.place_code,
        "classification": Classification(unit.classification),
        "at": now,
        "exercise": unit.exercise,
    }


def _of(unit: FieldUnit) -> dict[str, Any]:
    return {
        "unit": unit,
        "place_code": unit.place_code,
        "classification": unit.classification,
        "incident_id": unit.incident_id,
        "exercise": unit.exercise,
    }


def _believed(moment: datetime, now: datetime) -> datetime:
    return moment if moment <= now + rules.AHEAD_MOST else now


def _talk(unit: FieldUnit, event: cot.Event, now: datetime, entered: Entered) -> str:
    said = purposes.said(event)
    if said is None:
        return "field_message_empty"
    to_desk = said.to_id == rules.DESK_UID
    if FieldMessage.objects.filter(unit=unit, message_id=said.message_id).exists():
        # A device that missed our word sends again: it is told again.
        entered.kept += [(unit.uid, said.message_id, said.sender)] if to_desk else []
        return ""
    if unit.messages.filter(outgoing=False, at__gt=now - timedelta(minutes=1)).count() >= rules.MESSAGES_A_MINUTE:
        return "field_message_flood"
    said_at = _believed(event.time, now)
    with change(PORT, HEAR, now=now, place_code=unit.place_code) as made:
        made.subject = FieldMessage.objects.create(
            **_of(unit),
            message_id=said.message_id,
            sender=said.sender or unit.callsign,
            recipient=said.to,
            recipient_uid=said.to_id,
            text=said.text,
            cut=said.cut,
            said_at=said_at,
            at=now,
            late=now - said_at > rules.LATE_AFTER,
            state=rules.RECEIVED,
        )
        made.announce(FieldSpoken(**_about(unit, now), callsign=unit.callsign, incident_id=_text(unit.incident_id)))
    entered.kept += [(unit.uid, said.message_id, said.sender)] if to_desk else []
    return ""


def _receipt(unit: FieldUnit, event: cot.Event, now: datetime, _entered: Entered) -> str:
    row = FieldMessage.objects.select_for_update().filter(unit=unit, message_id=cot.talk.name_of(event)[:200], outgoing=True).first()
    if row is None:
        # Of a message between units: theirs alone.
        return ""
    state = rules.READ if event.type == CHAT_READ else rules.DELIVERED
    if _ORDER[state] <= _ORDER.get(row.state, -1):
        return ""
    row.state, row.delivered_at, row.sent_at = state, row.delivered_at or now, row.sent_at or now
    if state == rules.READ:
        row.read_at = now
    row.save(update_fields=["state", "delivered_at", "read_at", "sent_at"])
    announce(FieldSpoken(**_about(unit, now), callsign=unit.callsign, incident_id=_text(row.incident_id)))
    return ""


def _call(unit: FieldUnit, event: cot.Event, now: datetime, _entered: Entered) -> str:
    said = event.detail.remarks
    text = purposes.plain(said.text if said is not None else "")[:500]
    where = {"longitude": event.point.longitude, "latitude": event.point.latitude} if event.point.is_fix else {}
    last = unit.calls.select_for_update().order_by("-raised_at").first()
    if last is not None and last.ended_at is None:
        for name, value in where.items():
            setattr(last, name, value)
        last.heard_at, last.text = now, text or last.text
        last.save(update_fields=["longitude", "latitude", "heard_at", "text"])
        return ""
    ended = last.ended_at if last is not None and last.ended_how == rules.BY_DESK and last.uid == event.uid else None
    if ended is not None and now < ended + rules.CALLS_AGAIN_AFTER:
        # The terminal goes on sending what the desk has dealt with; it is raised again if that does not stop.
        return ""
    if last is not None and _believed(event.time, now) <= last.raised_at:
        # An old word of a call that is over.
        return ""
    with change(PORT, HEAR, now=now, place_code=unit.place_code) as made:
        known = {} if unit.longitude is None else {"longitude": unit.longitude, "latitude": unit.latitude}
        call = FieldCall.objects.create(
            **_of(unit),
            **(where or known),
            uid=event.uid,
            kind=event.type,
            text=text,
            raised_at=_believed(event.time, now),
            heard_at=now,
        )
        made.subject = call
        made.announce(FieldCallRaised(**_about(unit, now, call.pk), callsign=unit.callsign, unit_id=str(unit.pk)))
    _calling(unit, True)
    return ""


def _call_over(unit: FieldUnit, event: cot.Event, now: datetime, _entered: Entered) -> str:
    call = unit.calls.select_for_update().filter(ended_at__isnull=True).first()
    if call is None:
        return ""
    with change(PORT, HEAR, now=now, record=call) as made:
        call.ended_at, call.ended_how, call.ended_by_name = now, rules.BY_UNIT, unit.callsign
        call.save(update_fields=["ended_at", "ended_how", "ended_by_name"])
        made.announce(FieldCallChanged(**_about(unit, now, call.pk), callsign=unit.callsign, unit_id=str(unit.pk)))
    _calling(unit, False)
    return ""


def _calling(unit: FieldUnit, calling: bool) -> None:
    unit.calling = calling
    unit.save(update_fields=["calling"])


def _mark(unit: FieldUnit, event: cot.Event, now: datetime, _entered: Entered) -> str:
    drawn = purposes.mark(event)
    if drawn is None:
        return "field_mark_shape"
    at = _believed(event.time, now)
    row = FieldMark.objects.select_for_update().filter(uid=event.uid).first()
    if (
        row is not None
        and row.unit_id != unit.pk
        and (row.incident_id is None or row.incident_id != unit.incident_id or row.exercise != unit.exercise)
    ):
        return "field_foreign_mark"
    if row is not None and at < row.at:
        return ""
    west, south, east, north = drawn.box
    values = {
        **_of(unit),
        "cot_type": event.type,
        "title": drawn.title,
        "remarks": drawn.remarks,
        "colour": drawn.colour,
        "geometry": drawn.geometry,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "at": at,
        "stale_at": rules.holds_until(at, event.stale - event.time),
        "removed_at": None,
        "updated_at": now,
    }
    if row is not None and row.removed_at is None:
        FieldMark.objects.filter(pk=row.pk).update(**values)
        return ""
    with change(PORT, HEAR, now=now, place_code=unit.place_code) as made:
        made.subject, _fresh = FieldMark.objects.update_or_create(uid=event.uid, defaults=values)
    standing = unit.marks.filter(removed_at__isnull=True).order_by("-at", "-pk")
    surplus = list(standing.values_list("pk", flat=True)[rules.MARKS_MOST :])
    FieldMark.objects.filter(pk__in=surplus).update(removed_at=now)
    return ""


def _removal(unit: FieldUnit, event: cot.Event, now: datetime, _entered: Entered) -> str:
    uids = [link.uid for link in event.detail.links if link.uid] or [event.uid]
    for row in FieldMark.objects.select_for_update().filter(uid__in=uids, removed_at__isnull=True).order_by("pk"):
        if row.unit_id != unit.pk and (row.incident_id is None or row.incident_id != unit.incident_id or row.exercise != unit.exercise):
            return "field_foreign_mark"
        with change(PORT, HEAR, now=now, record=row) as made:
            row.removed_at = now
            row.save(update_fields=["removed_at"])
            made.facts["unit"] = unit.callsign
    return ""


def _text(value: UUID | None) -> str:
    return "" if value is None else str(value)
