"""What came: verified, kept once, and only then answered; worked on after that, each in a transaction of its own.

One that cannot be read or worked on is set aside with its reason and holds up nothing beside it. One from a node that is not known yet stays
with the node that sent it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import jwt
import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from anlan.federation import acknowledging, addressing, keys, outbox, refusals
from anlan.federation.envelope import MOST_BYTES, Address, Envelope, opened, signer_of
from anlan.federation.events import EnvelopeArrived
from anlan.federation.models import APPLIED, FORWARDED, JOINED, SET_ASIDE, WAITING, InboxEnvelope, Node, OutboxEnvelope
from anlan.federation.outbox import LATER, REFUSED, TAKEN, Answer
from anlan.kernel.errors import Refusal
from anlan.ledger.events import announce

log = structlog.get_logger()


@dataclass(frozen=True)
class Came:
    """An envelope to be worked on: from whom (``None``: from this node itself), and when this node had it."""

    envelope: Envelope
    origin: Node | None
    at: datetime


Handler = Callable[[Came], None]
Arrival = Callable[[OutboxEnvelope, Sequence[Address], datetime], None]
_handlers: dict[str, Handler] = {}
_arrivals: dict[str, Arrival] = {}


def join(kind: str, handler: Handler, arrival: Arrival | None = None) -> None:
    """A room says what it does with envelopes of a ``kind``, and (``arrival``) with one of its own that some of its receivers
    have worked on."""
    _handlers[kind] = handler
    if arrival is not None:
        _arrivals[kind] = arrival


def arrival_of(kind: str) -> Arrival | None:
    """What is done when one's own envelope of a kind has arrived."""
    return _arrivals.get(kind)


def take(sealed: str, came_from: Node | None, *, now: datetime) -> Answer:
    """Keep a sealed envelope and answer for it; ``came_from``: the joined node that handed it over (``None``: this node itself)."""
    try:
        envelope, origin = _verified(sealed)
        if came_from is not None and (origin is None or not addressing.may_speak_of(origin, envelope.place_code)):
            raise refusals.OutOfScope(node=origin.name if origin is not None else "", place=envelope.place_code)
        here, onward = _ways(envelope, came_from)
    except refusals.OriginUnknown as refusal:
        claimed = _claimed_id(sealed)
        return Answer(claimed, LATER, refusal.code, _words(refusal))
    except Refusal as refusal:
        return _set_aside(sealed, came_from, refusal, now)
    with transaction.atomic():
        if not _keep(envelope, sealed, came_from, WAITING if here else FORWARDED, now):
            return Answer(envelope.id, TAKEN)
        for hop, to in onward.items():
            outbox.forward(envelope, sealed, hop, to)
        if here:
            row = InboxEnvelope.objects.get(envelope_id=envelope.id)
            announce(EnvelopeArrived(subject_id=row.pk, place_code=row.place_code, at=now, exercise=row.exercise))
    return Answer(envelope.id, TAKEN)


def _ways(envelope: Envelope, came_from: Node | None) -> tuple[bool, dict[Node, list[Address]]]:
    """Whether an envelope is for a bureau of this node, and to which nodes it goes on for whom. It never goes back to where it came from.

    Raises ``NoExercises`` for one of an exercise that would go nowhere but to nodes that take none.
    """
    if came_from is None:
        return True, {}
    here, onward, held = False, dict[Node, list[Address]](), ""
    for to in envelope.to:
        hop = addressing.next_hop(to)
        if hop is None:
            here = True
        elif hop.pk == came_from.pk:
            continue
        elif envelope.exercise and not hop.takes_exercises:
            held = hop.name
        else:
            onward.setdefault(hop, []).append(to)
    if held and not here and not onward:
        raise refusals.NoExercises(node=held)
    # Both sides think that the other is nearer: better here, where somebody reads it, than nowhere.
    return here or not onward, onward


def _verified(sealed: str) -> tuple[Envelope, Node | None]:
    """The envelope and the node that wrote it. Raises ``EnvelopeMalformed``, ``OriginUnknown``, ``SignatureWrong``."""
    signer, me = signer_of(sealed), keys.identity()
    if signer == me.node_id:
        return opened(sealed, me.private.public_key()), None
    origin = Node.objects.filter(pk=signer, state=JOINED).select_related("via").first()
    if origin is None:
        raise refusals.OriginUnknown(node=keys.fingerprint(signer[: keys.ID_LENGTH]))
    return opened(sealed, keys.public_key(origin.public_key), name=origin.name), origin


def _claimed_id(sealed: str) -> UUID:
    """What the sender calls an envelope that cannot be verified: enough to answer for it."""
    try:
        claims = jwt.decode(sealed, options={"verify_signature": False})
        return UUID(claims["id"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError):
        return UUID(bytes=sha256(sealed.encode()).digest()[:16])


def _keep(envelope: Envelope, sealed: str, came_from: Node | None, state: str, now: datetime) -> bool:
    """Whether it is new; the table, not a window of time, tells."""
    try:
        with transaction.atomic():
            InboxEnvelope.objects.create(
                envelope_id=envelope.id,
                origin=envelope.origin,
                came_from=came_from,
                lane=int(envelope.lane),
                kind=envelope.kind,
                subject=envelope.subject,
                place_code=envelope.place_code,
                title=envelope.title,
                exercise=envelope.exercise,
                sealed=sealed,
                taken_at=now,
                state=state,
            )
    except IntegrityError:
        return False
    return True


def _set_aside(sealed: str, came_from: Node | None, refusal: Refusal, now: datetime) -> Answer:
    """Keep the text as it came, with the reason. The id it claims may be another's: it is kept under one of its own."""
    claimed = _claimed_id(sealed)
    row, _made = InboxEnvelope.objects.get_or_create(
        envelope_id=UUID(bytes=sha256(sealed.encode()).digest()[:16]),
        defaults={
            "origin": "",
            "came_from": came_from,
            "lane": 1,
            "kind": "",
            "subject": claimed,
            "place_code": came_from.place_code if came_from is not None else "000000",
            "title": "",
            "sealed": sealed.replace("\x00", "")[:MOST_BYTES],
            "taken_at": now,
            "state": SET_ASIDE,
            "settled_at": now,
            "refused_code": refusal.code,
            "refused_words": _words(refusal),
        },
    )
    log.warning("envelope_set_aside", code=refusal.code, row=str(row.pk), came_from=came_from.name if came_from else "")
    return Answer(claimed, REFUSED, refusal.code, _words(refusal))


def _words(refusal: Refusal) -> str:
    return refusal.message(gettext)[:400]


def hear_arrived(event: EnvelopeArrived) -> None:
    """Work on an envelope that is kept; heard again it does nothing."""
    work(event.subject_id, now=event.at)


def work(row_id: UUID, *, now: datetime) -> InboxEnvelope | None:
    """Hand a kept envelope to its room and tell its sender what became of it; what is refused is set aside with the reason.

    One that was set aside may be worked on again. Whatever is no refusal goes up, and the row waits on.
    """
    row = InboxEnvelope.objects.select_for_update().filter(pk=row_id, state__in=(WAITING, SET_ASIDE)).first()
    if row is None:
        return None
    if not row.origin:
        return _come_in_again(row, now)
    refused: Refusal | None = None
    try:
        envelope, origin = _verified(row.sealed)
        handler = _handlers.get(envelope.kind)
        if handler is None:
            raise refusals.KindUnknown(kind=envelope.kind)
        with transaction.atomic():
            handler(Came(envelope, origin, row.taken_at))
    except Refusal as refusal:
        refused = refusal
    row.state, row.settled_at = (SET_ASIDE if refused else APPLIED), now
    row.refused_code, row.refused_words = (refused.code, _words(refused)) if refused else ("", "")
    row.save(update_fields=["state", "settled_at", "refused_code", "refused_words"])
    if refused is None or refused.code != refusals.EnvelopeMalformed.code:
        acknowledging.post(row, now=now)
    return row


def _come_in_again(row: InboxEnvelope, now: datetime) -> InboxEnvelope | None:
    """One that was refused at the door is asked the same again there: a person who tries again lets in nothing that is still out of scope."""
    answer = take(row.sealed, row.came_from, now=now)
    if answer.outcome != TAKEN:
        row.refresh_from_db()
        return row
    kept = InboxEnvelope.objects.get(envelope_id=answer.envelope_id)
    row.delete()
    return work(kept.pk, now=now) or kept
