"""叫应: whom no channel reached is called by people, village first, then township, then county, until a human says that he was reached.

Opening and rising are the dispatcher's and bulk; an attempt is a person's act and audited one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import transaction

from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.door import Recipient
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.ids import new_id
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.ledger.events import announce
from anlan.warn.channels import rules
from anlan.warn.channels.door import CallsRose, MessageMoved
from anlan.warn.channels.models import Call, CallAttempt, CallState, Message

VILLAGE, TOWNSHIP, COUNTY = 0, 1, 2
TIERS: dict[int, str] = {VILLAGE: N_("村（居）"), TOWNSHIP: N_("乡镇（街道）"), COUNTY: N_("县级")}
TOLD, VISITED, NO_ANSWER, BUSY, WRONG_NUMBER = "told", "visited", "no_answer", "busy", "wrong_number"
OUTCOMES: dict[str, str] = {
    TOLD: N_("电话告知，本人已确认"),
    VISITED: N_("上门告知，本人已确认"),
    NO_ANSWER: N_("无人接听"),
    BUSY: N_("占线、关机"),
    WRONG_NUMBER: N_("号码错误"),
}
REACHED = (TOLD, VISITED)


class UnknownOutcome(Refusal):
    code: ClassVar[str] = "channels.unknown_outcome"
    sentence: ClassVar[str] = N_("请选择联系结果。")
    status: ClassVar[int] = 422


class AlreadyEnded(Refusal):
    code: ClassVar[str] = "channels.call_ended"
    sentence: ClassVar[str] = N_("这次叫应已经结束，无须再联系。")


def is_called(message: Message, role: str) -> bool:
    """Whether somebody of a role is called by people when no channel reached him."""
    rule = rules.calling(message.level)
    row = audiences.roles().get(role)
    if row is not None and row.channel:
        return False  # A board is not called; its operator is a recipient of his own.
    return rule.called == "everybody" or (rule.called == "duty" and row is not None and row.duty)


def open_calls(message: Message, unreached: Sequence[tuple[Recipient, str]], *, now: datetime) -> int:
    """Open calls for those who are called at the message's level; how many are new. Inside the caller's transaction."""
    rule = rules.calling(message.level)
    rows = [
        Call(
            id=new_id(),
            place_code=recipient.place_code,
            message=message,
            recipient_id=recipient.id,
            name=recipient.name,
            role=recipient.role,
            phone=recipient.phone,
            needs=recipient.needs,
            longitude=recipient.longitude,
            latitude=recipient.latitude,
            why=why,
            tier=VILLAGE,
            rises_at=now + timedelta(minutes=rule.village_minutes),
            created_at=now,
            updated_at=now,
        )
        for recipient, why in unreached
        if is_called(message, recipient.role)
    ]
    if not rows:
        return 0
    before = Call.objects.filter(message=message).count()
    Call.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    made = Call.objects.filter(message=message).count() - before
    if made:
        _tell(message, Counter(row.place_code for row in rows), VILLAGE, now)
    return made


def rise(*, now: datetime, limit: int = 5000) -> int:
    """Whoever was not reached in time goes one step up, to the township and then to the county, where he stays until a human reaches him; how many."""
    with transaction.atomic():
        due = Call.objects.select_for_update(skip_locked=True, of=("self",)).select_related("message")
        late = list(due.filter(state=CallState.WAITING, rises_at__lte=now).order_by("rises_at")[:limit])
        by_message: dict[UUID, tuple[Message, Counter[str], int]] = {}
        for call in late:
            call.tier = min(call.tier + 1, COUNTY)
            wait = rules.calling(call.message.level).township_minutes
            call.rises_at = now + timedelta(minutes=wait) if call.tier < COUNTY else None
            call.updated_at = now
            message, places, highest = by_message.get(call.message_id, (call.message, Counter(), 0))
            places[call.place_code] += 1
            by_message[call.message_id] = (message, places, max(highest, call.tier))
        Call.objects.bulk_update(late, ["tier", "rises_at", "updated_at"], batch_size=1000)
        for message, places, tier in by_message.values():
            _tell(message, places, tier, now)
    return len(late)


def _tell(message: Message, places: Counter[str], tier: int, now: datetime) -> None:
    """Those who call are told how many wait for them: for each county one event, which the rooms hear and staff are sent a message by."""
    counties: Counter[str] = Counter()
    for place, people in places.items():
        counties[place[:6]] += people
    for county, people in counties.items():
        announce(
            CallsRose(
                subject_id=message.pk, place_code=county, at=now, exercise=message.exercise, tier=tier, people=people, title=message.title
            )
        )


def attempt(call_id: UUID, *, outcome: str, note: str = "", actor: Actor, now: datetime) -> Call:
    """Record that ``actor`` tried to reach somebody; ``told`` and ``visited`` end the call, everything else leaves it waiting.

    Needs ``channels.call`` at the person's place. Raises ``NotFound``, :class:`UnknownOutcome`, :class:`AlreadyEnded`.
    """
    if outcome not in OUTCOMES:
        raise UnknownOutcome
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("message").filter(pk=call_id).first()
        if call is None:
            raise NotFound(what=str(call_id))
        with change(actor, "channels.call", now=now, record=call) as made:
            if call.state != CallState.WAITING:
                raise AlreadyEnded
            CallAttempt.objects.create(
                call=call, at=now, account_id=actor.account_id, by_name=actor.name, outcome=outcome, note=" ".join(note.split())[:200]
            )
            if outcome in REACHED:
                call.state, call.reached_at, call.reached_by, call.rises_at = CallState.REACHED, now, actor.name, None
                call.updated_at = now
                call.save()
            made.facts["outcome"] = outcome
            made.announce(MessageMoved(subject_id=call.message_id, place_code=call.place_code, at=now, exercise=call.message.exercise))
    return call


def reached_by_channel(message_ids: Sequence[UUID], *, now: datetime) -> int:
    """End the calls of people whom a channel reached after all (a late receipt): nobody is sent to a door for nothing; how many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_call c SET state = 'reached', reached_at = %s, reached_by = '', rises_at = NULL, updated_at = %s "
            "WHERE c.state = 'waiting' AND c.message_id = ANY(%s) AND EXISTS (SELECT 1 FROM channels_delivery d WHERE d.recipient_id = c.recipient_id "
            "AND d.message_id = c.message_id AND (d.state = 6 OR (d.state = 5 AND NOT d.needs_confirmation)))",
            [now, now, list(message_ids)],
        )
        return int(cursor.rowcount)


def end_calls(message: Message, *, now: datetime) -> int:
    """Nobody needs to be called any more; how many calls end. Inside the caller's transaction."""
    return Call.objects.filter(message=message, state=CallState.WAITING).update(state=CallState.ENDED, rises_at=None, updated_at=now)


def end_expired(*, now: datetime) -> int:
    """Calls of messages that have run out end: what was warned of is over; how many."""
    late = Call.objects.filter(state=CallState.WAITING, message__expires__lte=now)
    return late.update(state=CallState.ENDED, rises_at=None, updated_at=now)


def forget(recipient_id: UUID, *, now: datetime) -> int:
    """Erase what calls keep of a recipient; how many."""
    return Call.objects.filter(recipient_id=recipient_id).update(
        recipient_id=None, name="", phone="", needs="", longitude=None, latitude=None, state=CallState.ENDED, rises_at=None, updated_at=now
    )
