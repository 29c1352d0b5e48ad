"""Live risk of the demonstration: everybody graded as things stood on some days of the last month, and now, so that trends have something to show."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from anlan.warn.riskpicture import living, running, waiting

DAYS_BACK = (20, 9, 3, 1, 0)


def build(plant: UUID, *, now: datetime) -> int:
    """Grade every enterprise and hazard source from the records of each day. Returns how many are graded."""
    living.live_index(now)
    number = 0
    for back in DAYS_BACK:
        running.note_everybody(now - timedelta(days=back))
        number = waiting.take(now=now - timedelta(days=back))
    return number
