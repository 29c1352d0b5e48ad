"""Answers to rooms that asked: whoever gave a saying a reference hears what became of each delivery to its named receivers.

Watched deliveries are compared with what was told of them, so that it does not matter which way the news came: the carrier's answer, a receipt that was
fetched or pushed, time that ran out, a hand that stopped it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from anlan.ledger.events import announce_all
from anlan.warn.channels.door import DeliverySettled
from anlan.warn.channels.engine import EARLIEST_BEFORE
from anlan.warn.channels.models import Message
from anlan.warn.channels.rules import State

_NEWS = """
SELECT w.delivery_id, w.message_id, d.place_code, d.state, d.channel, d.reason, d.heard_at
FROM channels_watch w JOIN channels_delivery d ON d.id = w.delivery_id
WHERE d.state BETWEEN 4 AND 8 AND d.state <> w.told ORDER BY w.delivery_id LIMIT %s FOR UPDATE OF w SKIP LOCKED
"""


def watch(message: Message) -> None:
    """Remember every delivery that the message has now, if it names a reference. Inside the caller's transaction."""
    if not message.reference:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_watch (delivery_id, message_id, told) SELECT id, message_id, 0 FROM channels_delivery WHERE message_id = %s",
            [message.pk],
        )


def tell_settled(*, now: datetime, limit: int = 1000) -> int:
    """Announce what is newly known of watched deliveries; how many. One transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEWS, [limit])
        news = cursor.fetchall()
        if not news:
            return 0
        messages = Message.objects.in_bulk({row[1] for row in news})
        announce_all(
            [
                DeliverySettled(
                    subject_id=message_id,
                    place_code=place,
                    at=heard_at or now,
                    exercise=messages[message_id].exercise,
                    reference=messages[message_id].reference,
                    source_kind=messages[message_id].source_kind,
                    state=State(state).name.lower(),
                    channel=channel,
                    reason=reason,
                )
                for _id, message_id, place, state, channel, reason, heard_at in news
            ]
        )
        cursor.execute(
            "UPDATE channels_watch w SET told = n.state FROM unnest(%s::bigint[], %s::smallint[]) AS n(id, state) WHERE w.delivery_id = n.id",
            [[row[0] for row in news], [row[3] for row in news]],
        )
    return len(news)


def forget(*, now: datetime) -> int:
    """Watch no longer what its receiver confirmed, and what ran out so long ago that no receipt for it comes; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM channels_watch w USING channels_message m WHERE m.id = w.message_id AND (w.told = 6 OR m.expires < %s)",
            [now - EARLIEST_BEFORE],
        )
        return int(cursor.rowcount)
