"""The word back to the node that wrote an envelope: its receiver has worked on it, or set it aside and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from anlan.federation import keys, outbox
from anlan.federation.envelope import Address, Lane
from anlan.federation.models import InboxEnvelope, Node, OutboxEnvelope
from anlan.federation.refusals import EnvelopeMalformed, OutOfScope
from anlan.kernel.levels import Level

if TYPE_CHECKING:
    from anlan.federation.inbox import Came

KIND = "federation.acknowledgement"


def post(row: InboxEnvelope, *, now: datetime) -> None:
    """Acknowledge an envelope to its origin; an acknowledgement itself is not acknowledged."""
    if row.kind == KIND:
        return
    if row.origin == keys.identity().node_id:
        mine = OutboxEnvelope.objects.filter(envelope_id=row.envelope_id, cut__isnull=False)
        _settle(mine, row.taken_at, row.refused_code, row.refused_words)
        return
    origin = Node.objects.filter(pk=row.origin).first()
    if origin is None:
        return
    outbox.post(
        outbox.Letter(
            kind=KIND,
            to=Address(Level(origin.level), origin.place_code),
            lane=Lane.FLASH,
            subject=row.subject,
            place_code=row.place_code,
            title=row.title,
            body={
                "envelope": str(row.envelope_id),
                "at": row.taken_at.isoformat(),
                "code": row.refused_code,
                "words": row.refused_words,
            },
            exercise=row.exercise,
        ),
        now=now,
    )


def take(came: Came) -> None:
    """The receiver of one's own envelope tells what became of it. Raises ``OutOfScope`` when somebody else does, ``EnvelopeMalformed``."""
    body = came.envelope.body
    try:
        envelope_id, at = UUID(body["envelope"]), datetime.fromisoformat(body["at"])
        code, words = str(body.get("code", "")), str(body.get("words", ""))
    except (KeyError, TypeError, ValueError) as wrong:
        raise EnvelopeMalformed(why=str(wrong)) from wrong
    rows = OutboxEnvelope.objects.filter(envelope_id=envelope_id, origin=keys.identity().node_id)
    for row in rows:
        if came.origin is None or not came.origin.serves(row.to):
            raise OutOfScope(node=came.origin.name if came.origin else "", place=row.to_place)
    # A clock of the other node that is wrong neither arrives before it was sent nor in the future.
    _settle(rows, min(at, came.at), code, words)


def _settle(rows: QuerySet[OutboxEnvelope], at: datetime, code: str, words: str) -> None:
    from anlan.federation import inbox

    for row in rows.select_for_update():
        if row.arrived_at is not None:
            continue
        row.taken_at = row.taken_at or at
        if code:
            row.refused_code, row.refused_words = code[:64], words[:400]
        else:
            row.arrived_at, row.refused_code, row.refused_words = max(at, row.made_at), "", ""
        row.save(update_fields=["taken_at", "arrived_at", "refused_code", "refused_words"])
        heard = inbox.arrival_of(row.kind)
        if heard is not None and row.arrived_at is not None:
            heard(row, row.arrived_at)
