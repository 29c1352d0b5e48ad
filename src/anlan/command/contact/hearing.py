"""What this room hears: what became of a text, a call or a letter. Runs in a transaction of its own and may run twice without harm."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from anlan.command.contact import door, reaching, services, sweeping
from anlan.warn.channels import door as channels


def hear_settled(event: channels.DeliverySettled) -> None:
    """Hearer of ``channels.settled``: evidence of an attempt of this room's."""
    if event.source_kind == reaching.SOURCE:
        with transaction.atomic():
            services.hear(UUID(event.reference), event.state, event.reason, event.at)


def go_on(event: door.NoticeSent) -> None:
    """Hearer of ``contact.sent``: whoever was not told within the act of sending is told now, not at the next minute."""
    sweeping.sweep(event.at, event.subject_id)
