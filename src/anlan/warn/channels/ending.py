"""The end of a message: when every delivery has ended, nobody waits to be tried elsewhere and nobody waits to be called."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from anlan.ledger.events import announce_all
from anlan.warn.channels.door import MessageMoved
from anlan.warn.channels.models import Message

_ENDED = """
SELECT m.id FROM channels_message m WHERE m.id = ANY(%s)
  AND NOT EXISTS (SELECT FROM channels_call c WHERE c.message_id = m.id AND c.state = 'waiting')
  AND NOT EXISTS (SELECT FROM channels_delivery d WHERE d.message_id = m.id AND (d.state IN (0, 1, 9) OR d.follow_at IS NOT NULL))
"""


class Endings:
    """Looks which messages have ended; a large one, whose deliveries take a second to walk through, less often."""

    EVERY_S, PEOPLE_PER_S = 5, 10_000

    def __init__(self) -> None:
        self._next: dict[UUID, datetime] = {}

    def look(self, *, now: datetime) -> int:
        """Mark what has ended as done; how many messages. One transaction."""
        open_ones = dict(Message.objects.filter(state=Message.SENDING, planned_at__isnull=False).values_list("pk", "people"))
        due = [key for key in open_ones if self._next.get(key, now) <= now]
        self._next = {key: at for key, at in self._next.items() if key in open_ones}
        for key in due:
            self._next[key] = now + timedelta(seconds=max(self.EVERY_S, open_ones[key] / self.PEOPLE_PER_S))
        return mark_done(due, now=now) if due else 0


def mark_done(candidates: list[UUID], *, now: datetime) -> int:
    """Mark those of ``candidates`` that have ended; how many. A message whose deliveries somebody is just changing waits for the next look."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ENDED, [candidates])
            ended = [row[0] for row in cursor.fetchall()]
        rows = list(Message.objects.select_for_update(skip_locked=True).filter(pk__in=ended, state=Message.SENDING)) if ended else []
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(state=Message.DONE, updated_at=now)
        announce_all([MessageMoved(subject_id=row.pk, place_code=row.place_code, at=now, exercise=row.exercise) for row in rows])
    return len(rows)
