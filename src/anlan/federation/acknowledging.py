"""The word back to the node that wrote an envelope: its receiver has worked on it, or set it aside and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from anlan.federation import addressing, keys, outbox
from anlan.federation.envelope import Address, Lane, moment_of
from anlan.federation.models import InboxEnvelope, Node, OutboxEnvelope
from anlan.federation.refusals import EnvelopeMalformed, OutOfScope

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
            to=(origin.bureau,),
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
            # Also of an exercise's envelope: it tells its own sender alone, who else would wait for it for ever where no exercises go back.
            exercise=False,
        ),
        now=now,
    )


def take(came: Came) -> None:
    """The receiver of one's own envelope tells what became of it. Raises ``OutOfScope`` when somebody else does, ``EnvelopeMalformed``."""
    body = came.envelope.body
    try:
        envelope_id, at = UUID(body["envelope"]), moment_of(body["at"])
        code, words = str(body.get("code", "")), str(body.get("words", ""))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
        raise EnvelopeMalformed(why=f"{type(wrong).__name__}: {wrong}"[:200]) from wrong
    rows = OutboxEnvelope.objects.filter(envelope_id=envelope_id, origin=keys.identity().node_id)
    origin = came.origin
    if origin is None or not any(_answers_for(origin, to) for row in rows for to in row.to):
        raise OutOfScope(node=origin.name if origin is not None else "", place=came.envelope.place_code)
    # A clock of the other node that is wrong neither arrives before it was sent nor in the future.
    _settle(rows, min(at, came.at), code, words, by=origin)


def _answers_for(node: Node, to: Address) -> bool:
    """Whether the bureau works on the node; for one that works nowhere, whoever kept what it was sent."""
    return node.serves(to) or addressing.node_of(to) is None


def _settle(rows: QuerySet[OutboxEnvelope], at: datetime, code: str, words: str, *, by: Node | None = None) -> None:
    """``by``: the node that tells; ``None``: this one, of all receivers."""
    from anlan.federation import inbox

    for row in rows.select_for_update():
        told = [to for to in row.to if to.key not in row.arrivals and (by is None or _answers_for(by, to))]
        if not told:
            continue
        row.taken_at = row.taken_at or at
        if code:
            row.refused_code, row.refused_words = code[:64], words[:400]
        else:
            moment = max(at, row.made_at)
            row.arrivals.update({to.key: moment.isoformat() for to in told})
            row.refused_code, row.refused_words = "", ""
            if len(row.arrivals) == len({to.key for to in row.to}):
                row.arrived_at = moment
        row.save(update_fields=["taken_at", "arrivals", "arrived_at", "refused_code", "refused_words"])
        heard = inbox.arrival_of(row.kind)
        if heard is not None and not code:
            heard(row, told, max(at, row.made_at))
