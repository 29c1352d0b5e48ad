"""What follows when nothing was heard: the next channel of the person's ladder, and when there is none, people who call.

A delivery says by ``follow_at`` when it is looked at again. A receipt clears it. What is due is taken in batches; whoever was reached meanwhile by any
channel is left in peace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.door import Recipient
from anlan.warn.channels import calling, planning, rules
from anlan.warn.channels.models import Message
from anlan.warn.channels.rules import State


@dataclass(frozen=True, slots=True)
class _Due:
    id: int
    message_id: UUID
    recipient_id: UUID | None
    channel: str
    state: int
    step: int


_DUE = """
SELECT id, message_id, recipient_id, channel, state, step FROM channels_delivery
WHERE follow_at <= %s AND NOT (state = 2 AND channel = ANY(%s)) ORDER BY follow_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
_REACHED = """
SELECT DISTINCT message_id, recipient_id FROM channels_delivery
WHERE recipient_id = ANY(%s) AND message_id = ANY(%s) AND (state = 6 OR (state = 5 AND NOT needs_confirmation))
"""
_TRIED = "SELECT message_id, recipient_id, channel FROM channels_delivery WHERE recipient_id = ANY(%s) AND message_id = ANY(%s)"


def follow(*, now: datetime, limit: int = 5000) -> int:
    """Look at what is due; how many deliveries were followed. One transaction; run it again until it says 0."""
    harmless = [code for code, kind in rules.channels().items() if kind.when_unknown == "resend"]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [now, harmless, limit])
            due = [_Due(*row) for row in cursor.fetchall()]
            if not due:
                return 0
            cursor.execute("UPDATE channels_delivery SET follow_at = NULL WHERE id = ANY(%s)", [[each.id for each in due]])
        _go_on(due, now)
    return len(due)


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
