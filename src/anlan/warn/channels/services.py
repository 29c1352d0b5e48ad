"""Sending bulletins out and taking receipts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.ledger.changes import change
from anlan.warn.bulletins import door as bulletins
from anlan.warn.bulletins.door import BulletinPublished
from anlan.warn.channels import rules
from anlan.warn.channels.door import ReceiptGiven
from anlan.warn.channels.models import Dispatch, DispatchState, Receipt

log = structlog.get_logger()


def send_published(event: Event) -> None:
    """Hearer of ``bulletins.published``: record each channel that the bulletin goes out on. Hearing twice sends once.

    Both channels of this node pull: the page reads live bulletins, subscribers read the feed. They are out as soon as the
    publishing transaction has committed, so the time of sending is the time of publishing.
    """
    if not isinstance(event, BulletinPublished):
        raise TypeError(f"cannot hear {event.kind}")
    with transaction.atomic():
        for kind in rules.channels_for(event.exercise):
            Dispatch.objects.get_or_create(
                bulletin_id=event.subject_id, channel=kind.code, defaults={"state": DispatchState.SENT, "sent_at": event.at}
            )
    log.info("bulletin_dispatched", bulletin=str(event.subject_id), exercise=event.exercise)


def confirm(bulletin_id: UUID, *, actor: Actor, now: datetime) -> Receipt:
    """The actor confirms having read a bulletin in the page; confirming twice keeps the first time. Raises :class:`NotFound`."""
    bulletin = bulletins.bulletin(bulletin_id, actor)
    if bulletin is None or bulletin.published_at is None:
        raise NotFound(what=str(bulletin_id))
    with change(actor, "bulletins.view", now=now, place_code=bulletin.place_code) as gathered:
        # Whoever is quicker than the delivery job still gets a receipt: the dispatch is made here when it is not there yet.
        dispatch, _made = Dispatch.objects.get_or_create(
            bulletin_id=bulletin_id,
            channel=rules.IN_PAGE.code,
            defaults={"state": DispatchState.SENT, "sent_at": bulletin.published_at},
        )
        receipt, fresh = Receipt.objects.get_or_create(
            dispatch=dispatch,
            account_id=actor.account_id,
            defaults={"account_name": actor.name, "post": actor.post, "confirmed_at": now},
        )
        gathered.subject = receipt
        if fresh:
            gathered.announce(
                ReceiptGiven(subject_id=bulletin_id, place_code=bulletin.place_code, at=now, by=actor.name, exercise=bulletin.exercise)
            )
    return receipt
