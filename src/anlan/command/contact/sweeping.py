"""What time alone brings about: the next way is tried, a planned roll call strikes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.command.contact import queries, services

MOST = 2000
"""So many steps in one sweep; the next sweep takes the others."""


def sweep(now: datetime, notice_id: UUID | None = None) -> int:
    """Take every step that has come (of one notice), the longest due first; how many. Twice at one moment steps once."""
    taken = 0
    due = queries.due_lines(now)
    due = due if notice_id is None else due.filter(notice_id=notice_id)
    for key in list(due.values_list("pk", flat=True)[:MOST]):
        with transaction.atomic():
            taken += services.take_step(key, now)
    return taken
