"""Reads of dispatches and of what a reader still has to confirm."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count
from django.utils.translation import get_language

from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.warn.bulletins import door as bulletins
from anlan.warn.bulletins.door import BulletinInfo
from anlan.warn.channels import gate, rules
from anlan.warn.channels.door import DispatchInfo
from anlan.warn.channels.models import Carrier, Dispatch, Message, Receipt


def label(code: str) -> str:
    """Name of a channel in the language of the request."""
    row = rules.channels().get(code)
    if row is None:
        return code
    return row.name_en if (get_language() or "").startswith("en") else row.name_zh


def dispatches(bulletin_id: UUID) -> list[DispatchInfo]:
    """See :func:`anlan.warn.channels.door.dispatches`."""
    rows = Dispatch.objects.filter(bulletin_id=bulletin_id).annotate(confirmed=Count("receipts")).order_by("sent_at", "channel")
    return [
        DispatchInfo(row.channel, label(row.channel), row.state, row.get_state_display(), row.sent_at, vars(row)["confirmed"])
        for row in rows
    ]


def messages_of(source_id: UUID) -> list[Message]:
    """Messages that a bulletin is said by."""
    return list(Message.objects.filter(source_id=source_id).order_by("approved_at"))


def is_served(channel: str, place_code: str, *, inside: bool) -> bool:
    """See :func:`anlan.warn.channels.door.is_served`."""
    rows = Carrier.objects.filter(channel=channel, enabled=True)
    return any(place_code.startswith(prefix_of(row.place_code)) and gate.takes(row, inside=inside) for row in rows)


def receipts(bulletin_id: UUID) -> list[Receipt]:
    """Who confirmed, in order."""
    return list(Receipt.objects.filter(dispatch__bulletin_id=bulletin_id))


def banner(actor: Actor) -> list[tuple[BulletinInfo, bool]]:
    """Live bulletins of the actor's jurisdiction or warning his place, each with whether he has confirmed it."""
    concerning = bulletins.live(actor, 50)
    confirmed = set(
        Receipt.objects.filter(account_id=actor.account_id, dispatch__bulletin_id__in=[b.id for b in concerning]).values_list(
            "dispatch__bulletin_id", flat=True
        )
    )
    return [(b, b.id in confirmed) for b in concerning]
