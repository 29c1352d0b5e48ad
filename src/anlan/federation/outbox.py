"""What waits to go: sealed and kept in the transaction of what it tells of, handed over lane by lane, settled by the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from anlan.federation import addressing, keys
from anlan.federation.envelope import Address, Envelope, Lane, seal
from anlan.federation.models import LinkCut, Node, OutboxEnvelope
from anlan.kernel.ids import new_id

BATCH, BATCH_BYTES = 50, 400_000
"""How many envelopes and how many bytes go in one request, and never fewer than one envelope. Project defaults."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
"""How long an envelope that the other node could not take yet waits for its next try: doubling. Project defaults."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a room sends: ``refs`` is what of its own the arrival settles."""

    kind: str
    to: tuple[Address, ...]
    lane: Lane
    subject: UUID
    place_code: str
    title: str
    body: Mapping[str, Any]
    exercise: bool = False
    refs: Mapping[str, Any] | None = None


def post(letter: Letter, *, now: datetime, cut: LinkCut | None = None) -> list[OutboxEnvelope]:
    """Seal a letter and let it wait for its links, once on each, in the caller's transaction; ``cut``: a link within this node that an exercise holds
    cut.

    Receivers that work on this node are left out where nothing is cut, and those to whom an exercise must not go. Raises ``EnvelopeMalformed`` for
    a letter that is too long.
    """
    hops: dict[Node | None, list[Address]] = {}
    for to in letter.to:
        peer = None if cut is not None else addressing.next_hop(to)
        if cut is not None or (peer is not None and (peer.takes_exercises or not letter.exercise)):
            hops.setdefault(peer, []).append(to)
    if not hops:
        return []
    me, own = keys.identity(), addressing.own()
    envelope = Envelope(
        id=new_id(),
        kind=letter.kind,
        origin=me.node_id,
        sender=own.bureau if own is not None else letter.to[0],
        to=letter.to,
        lane=letter.lane,
        subject=letter.subject,
        place_code=letter.place_code,
        title=letter.title[:200],
        made_at=now,
        exercise=letter.exercise,
        body=letter.body,
    )
    sealed = seal(envelope, me.private)
    return [_keep(envelope, sealed, peer, to, cut=cut, refs=letter.refs) for peer, to in hops.items()]


def forward(envelope: Envelope, sealed: str, peer: Node, to: Sequence[Address]) -> OutboxEnvelope:
    """Let an envelope of another node wait for its next link, as it is; a second one of the same makes nothing."""
    found = OutboxEnvelope.objects.filter(envelope_id=envelope.id, peer=peer).first()
    return found or _keep(envelope, sealed, peer, to)


def _keep(
    envelope: Envelope,
    sealed: str,
    peer: Node | None,
    to: Sequence[Address],
    *,
    cut: LinkCut | None = None,
    refs: Mapping[str, Any] | None = None,
) -> OutboxEnvelope:
    return OutboxEnvelope.objects.create(
        envelope_id=envelope.id,
        peer=peer,
        cut=cut,
        origin=envelope.origin,
        lane=int(envelope.lane),
        kind=envelope.kind,
        subject=envelope.subject,
        place_code=envelope.place_code,
        receivers=[[int(each.level), each.place_code] for each in to],
        title=envelope.title,
        exercise=envelope.exercise,
        refs=dict(refs or {}),
        sealed=sealed,
        made_at=envelope.made_at,
    )


def waiting(peer: Node | None = None) -> QuerySet[OutboxEnvelope]:
    """What has not been taken by the next node yet (``peer``: of one link), what goes first first."""
    rows = OutboxEnvelope.objects.filter(taken_at__isnull=True, refused_code="")
    return (rows if peer is None else rows.filter(peer=peer)).order_by("lane", "id")


def batch(peer: Node, now: datetime) -> list[OutboxEnvelope]:
    """What goes over a link in its next request. While anything of the flash lane waits nothing else goes: a narrow link is not shared."""
    due = waiting(peer).filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))
    taken: list[OutboxEnvelope] = []
    size = 0
    for row in due[:BATCH]:
        if taken and (size + len(row.sealed) > BATCH_BYTES or (taken[0].lane == Lane.FLASH and row.lane != Lane.FLASH)):
            break
        taken.append(row)
        size += len(row.sealed)
    return taken


def waits(peer: Node, now: datetime) -> bool:
    """Whether anything would go over a link now."""
    return waiting(peer).filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)).exists()


TAKEN, LATER, REFUSED = "taken", "later", "refused"


@dataclass(frozen=True)
class Answer:
    """What the next node says of one envelope: it keeps it (also if it had it already), cannot take it yet, or never will, and why."""

    envelope_id: UUID
    outcome: str
    code: str = ""
    words: str = ""


def settle(peer: Node, answer: Answer, now: datetime) -> None:
    """Keep what the next node said of an envelope; an answer to what is settled changes nothing."""
    row = waiting(peer).select_for_update().filter(envelope_id=answer.envelope_id).first()
    if row is None:
        return
    if answer.outcome == TAKEN:
        row.taken_at = now
    elif answer.outcome == REFUSED:
        row.refused_code, row.refused_words = answer.code[:64] or "refused", answer.words[:400]
    else:
        pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE)
        row.refused_words, row.next_try_at = answer.words[:400], now + pause
    row.attempts += 1
    row.save(update_fields=["taken_at", "refused_code", "refused_words", "attempts", "next_try_at"])


def again(peer: Node, since: datetime) -> int:
    """Let everything of a link since a moment go once more (the other node was restored from a copy); what it has it does not do twice."""
    rows = OutboxEnvelope.objects.filter(peer=peer, made_at__gte=since).filter(Q(taken_at__isnull=False) | ~Q(refused_code=""))
    return rows.update(taken_at=None, refused_code="", refused_words="", next_try_at=None, attempts=F("attempts") + 1)
