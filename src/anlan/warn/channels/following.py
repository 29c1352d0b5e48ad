"""What follows when nothing was heard: the next channel of the person's ladder, and when there is none, people who call.

A delivery says by ``follow_at`` when it is looked at again. A receipt clears it. What is due is taken in batches; whoever was reached meanwhile by any
channel is left in peace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.door import Recipient
from anlan.warn.channels import calling, engine, planning, rules
from anlan.warn.channels.models import Batch, Message
from anlan.warn.channels.rules import State


@dataclass(frozen=True, slots=True)
class _Due:
    id: int
    message_id: UUID
    recipient_id: UUID | None
    channel: str
    state: int
    step: int
    attempts: int


_DUE = """
SELECT d.id, d.message_id, d.recipient_id, d.channel, d.state, d.step, d.attempts
FROM channels_batch b JOIN channels_delivery d ON d.id = ANY(b.ids) AND d.batch_id = b.id
WHERE b.id = ANY(%s) AND d.follow_at <= %s FOR UPDATE OF d SKIP LOCKED
"""
_LOOK_AGAIN = """
UPDATE channels_batch b SET look_at = (
  SELECT GREATEST(min(d.follow_at), %s) FROM channels_delivery d WHERE d.id = ANY(b.ids) AND d.batch_id = b.id AND d.follow_at IS NOT NULL)
WHERE b.id = ANY(%s)
"""
_REACHED = """
SELECT DISTINCT message_id, recipient_id FROM channels_delivery
WHERE recipient_id = ANY(%s) AND message_id = ANY(%s) AND (state = 6 OR (state = 5 AND NOT needs_confirmation))
"""
_TRIED = "SELECT message_id, recipient_id, channel FROM channels_delivery WHERE recipient_id = ANY(%s) AND message_id = ANY(%s)"


def follow(*, now: datetime, batches: int = 10) -> int:
    """Look at what is due in so many batches; how many batches were looked at. One transaction; run it again until it says 0.

    Where sending twice does no harm, what stayed unknown for the channel's wait is sent again; everybody else climbs on.
    """
    with transaction.atomic():
        waiting = Batch.objects.select_for_update(skip_locked=True).filter(look_at__lte=now).order_by("look_at")
        chosen = list(waiting.values_list("pk", flat=True)[:batches])
        if not chosen:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [chosen, now])
            due = [_Due(*row) for row in cursor.fetchall()]
            again = [each.id for each in due if _may_be_sent_again(each)]
            engine.plan_again(again, now)
            left = [each for each in due if each.id not in set(again)]
            cursor.execute("UPDATE channels_delivery SET follow_at = NULL WHERE id = ANY(%s)", [[each.id for each in left]])
        _go_on(left, now)
        with connection.cursor() as cursor:
            # Later than now in any case: what somebody else has locked is looked at in the next round.
            cursor.execute(_LOOK_AGAIN, [now + timedelta(seconds=1), chosen])
    return len(chosen)


def _may_be_sent_again(each: _Due) -> bool:
    kind = rules.channels()[each.channel]
    return each.state == State.UNKNOWN and kind.when_unknown == "resend" and each.attempts < rules.MOST_ATTEMPTS


def _go_on(due: Sequence[_Due], now: datetime) -> None:
    ids = list({each.recipient_id for each in due if each.recipient_id is not None})
    messages = Message.objects.in_bulk({each.message_id for each in due})
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [ids, list(messages)])
        reached = set(cursor.fetchall())
        cursor.execute(_TRIED, [ids, list(messages)])
        tried = set(cursor.fetchall())
    known = audiences.by_ids(ids)
    unreached: dict[UUID, list[tuple[Recipient, str]]] = {}
    rows: list[tuple[object, ...]] = []
    for each in due:
        message, recipient = messages[each.message_id], known.get(each.recipient_id) if each.recipient_id else None
        # Who was erased, was reached, or is warned of something that is over, is not tried again.
        if (
            recipient is None
            or (each.message_id, each.recipient_id) in reached
            or message.state != Message.SENDING
            or message.expires <= now
        ):
            continue
        left = [
            step
            for step in planning.steps_of(message, recipient)
            if step.step > each.step and (each.message_id, each.recipient_id, step.channel) not in tried
        ]
        if left:
            rows.append(planning.row_of(message, recipient, left[0], rules.channels()[left[0].channel].address, now))
        else:
            unreached.setdefault(each.message_id, []).append((recipient, rules.why_not(State(each.state))))
    planning.add_rows(rows)
    for message_id, people in unreached.items():
        calling.open_calls(messages[message_id], people, now=now)
