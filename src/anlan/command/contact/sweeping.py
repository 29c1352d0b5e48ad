"""What time alone brings about: the next way is tried, a planned roll call strikes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.command.contact import queries, services

MOST = 2000
"""So many steps in one sweep; the next sweep takes the others."""


def sweep(now: datetime) -> int:
    """Take every step that has come; how many. Twice at one moment steps once."""
    taken = 0
    for key in list(queries.due_lines(now).values_list("pk", flat=True)[:MOST]):
        with transaction.atomic():
            taken += services.take_step(key, now)
    return taken
