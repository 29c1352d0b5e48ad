"""Verbs of people towards units: write to one, take note of a call for help, end it; and what the port tells of messages under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.command.field import purposes, rules
from anlan.command.field.door import FieldCallChanged, FieldSpoken
from anlan.command.field.models import FieldCall, FieldMessage, FieldUnit
from anlan.command.field.sending import EXERCISE_MARK
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.kernel.ids import new_id
from anlan.ledger.changes import change
from anlan.ledger.events import announce
from anlan.wire import cot

ANSWER = "field.answer"


def say(unit_id: UUID | str, text: str, *, actor: Actor, now: datetime) -> FieldMessage:
    """Write to a unit, into the room in which it last spoke, or else directly; sent as soon as its terminal is there.

    Raises ``NotFound``, ``NotPermitted``, ``MessageEmpty``, ``MessageTooLong``, ``UnitOutOfUse``.
    """
    written = purposes.plain(text)
    with transaction.atomic():
        unit = FieldUnit.objects.select_for_update().filter(pk=unit_id).first()
        if unit is None:
            raise NotFound(what=str(unit_id))
        with change(actor, ANSWER, now=now, record=unit) as made:
            if not written:
                raise rules.MessageEmpty
            if len(written) > rules.LONGEST_MESSAGE:
                raise rules.MessageTooLong(size=len(written), most=rules.LONGEST_MESSAGE)
            if not unit.active:
                raise rules.UnitOutOfUse(callsign=unit.callsign)
            room, room_id = _where(unit)
            row = FieldMessage.objects.create(
                unit=unit,
                place_code=unit.place_code,
                classification=unit.classification,
                incident_id=unit.incident_id,
                exercise=unit.exercise,
                outgoing=True,
                message_id=f"{rules.OWN_PREFIX}{new_id()}",
                sender=f"{actor.name} {actor.post}".strip()[:160],
                recipient=room,
                recipient_uid=room_id,
                text=written,
                said_at=now,
                at=now,
                author_id=actor.account_id,
                state=rules.QUEUED,
            )
            made.facts |= {"message": str(row.pk), "text": written}
            made.announce(_spoken(unit, now))
    return row


def _where(unit: FieldUnit) -> tuple[str, str]:
    """Room and its id: where the unit last spoke with everybody, else the unit itself."""
    last = unit.messages.filter(outgoing=False).order_by("-at").first()
    if last is not None and last.recipient_uid == cot.talk.EVERYBODY:
        return cot.talk.EVERYBODY, cot.talk.EVERYBODY
    return unit.callsign, unit.uid


def _spoken(unit: FieldUnit, now: datetime) -> FieldSpoken:
    incident = "" if unit.incident_id is None else str(unit.incident_id)
    return FieldSpoken(
        subject_id=unit.pk,
        place_code=unit.place_code,
        classification=Classification(unit.classification),
        at=now,
        exercise=unit.exercise,
        callsign=unit.callsign,
        incident_id=incident,
    )


def waiting(now: datetime, most: int = 200) -> list[tuple[UUID, str, bytes]]:
    """Messages on their way: id, uid of the terminal, bytes; the oldest first. What waited longer than :data:`rules.TALK_LASTS` is given up."""
    queued = FieldMessage.objects.filter(state=rules.QUEUED)
    queued.filter(at__lt=now - rules.TALK_LASTS).update(state=rules.EXPIRED)
    rows = queued.filter(unit__active=True).select_related("unit").order_by("at", "pk")[:most]
    return [(row.pk, row.unit.uid, cot.encode(_event(row, now))) for row in rows]


def _event(row: FieldMessage, now: datetime) -> cot.Event:
    sender = cot.talk.Party(rules.DESK_UID, row.sender)
    to = cot.talk.Party(row.recipient_uid, row.recipient)
    text = f"{EXERCISE_MARK}{row.text}" if row.exercise else row.text
    return cot.talk.message(row.message_id, sender, to, text, at=row.said_at, lasts=rules.TALK_LASTS)


def sent(ids: Sequence[UUID], now: datetime) -> None:
    """Note that messages were written to their terminals."""
    with transaction.atomic():
        rows = list(FieldMessage.objects.select_for_update().filter(pk__in=ids, state=rules.QUEUED).select_related("unit"))
        FieldMessage.objects.filter(pk__in=[row.pk for row in rows]).update(state=rules.SENT, sent_at=now)
        for unit in {row.unit_id: row.unit for row in rows}.values():
            announce(_spoken(unit, now))


def again(uids: Sequence[str], now: datetime) -> int:
    """Terminals came again: what was written to them a short time before and not confirmed may have been lost with the link, and is sent again.

    A message bears its name: a device that has it shows it once. Returns how many.
    """
    rows = FieldMessage.objects.filter(unit__uid__in=uids, state=rules.SENT, sent_at__gt=now - rules.SENT_AGAIN_WITHIN)
    return rows.update(state=rules.QUEUED)


def take_call(call_id: UUID | str, *, actor: Actor, now: datetime) -> FieldCall:
    """Take note of a call for help in one's own name; the second who does so changes nothing. Raises ``NotFound``, ``NotPermitted``, ``CallEnded``."""
    with transaction.atomic():
        call = _open(call_id)
        with change(actor, ANSWER, now=now, record=call) as made:
            if call.taken_at is None:
                call.taken_at, call.taken_by_id, call.taken_by_name = now, actor.account_id, actor.name[:100]
                call.save(update_fields=["taken_at", "taken_by_id", "taken_by_name"])
            made.announce(_changed(call, now))
    return call


def end_call(call_id: UUID | str, outcome: str, *, actor: Actor, now: datetime) -> FieldCall:
    """End a call for help whose terminal does not: with what was found. Raises as :func:`take_call` does, and ``OutcomeMissing``."""
    written = purposes.plain(outcome)[:500]
    with transaction.atomic():
        call = _open(call_id)
        with change(actor, ANSWER, now=now, record=call) as made:
            if not written:
                raise rules.OutcomeMissing
            call.ended_at, call.ended_how, call.ended_by_name, call.outcome = now, rules.BY_DESK, actor.name[:100], written
            if call.taken_at is None:
                call.taken_at, call.taken_by_id, call.taken_by_name = now, actor.account_id, actor.name[:100]
            call.save()
            FieldUnit.objects.filter(pk=call.unit_id).update(calling=False)
            made.announce(_changed(call, now))
    return call


def _open(call_id: UUID | str) -> FieldCall:
    # The unit first: the port takes the same lock before it enters what the unit says.
    found = FieldCall.objects.filter(pk=call_id).values_list("unit_id", flat=True).first()
    if found is None:
        raise NotFound(what=str(call_id))
    FieldUnit.objects.select_for_update().get(pk=found)
    call = FieldCall.objects.select_for_update().select_related("unit").get(pk=call_id)
    if call.ended_at is not None:
        raise rules.CallEnded
    return call


def _changed(call: FieldCall, now: datetime) -> FieldCallChanged:
    return FieldCallChanged(
        subject_id=call.pk,
        place_code=call.place_code,
        classification=Classification(call.classification),
        at=now,
        exercise=call.exercise,
        callsign=call.unit.callsign,
        unit_id=str(call.unit_id),
    )
