"""Reads of recipients, scoped to what a person's post may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from anlan.ground.audiences.models import Recipient
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

VIEW = "audiences.view"


def recipients(actor: Actor) -> QuerySet[Recipient]:
    """Recipients that ``actor`` may see."""
    return visible(Recipient.objects.all(), actor, VIEW)


def one(recipient_id: UUID | str, actor: Actor) -> Recipient:
    """One recipient. Raises ``NotFound``."""
    found = recipients(actor).filter(pk=recipient_id).first()
    if found is None:
        raise NotFound(what=str(recipient_id))
    return found
