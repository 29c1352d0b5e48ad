"""The append-only, hash-chained log of every change (GB/T 22239-2019 8.1.4.3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from anlan.kernel import chain
from anlan.kernel.access import Actor
from anlan.ledger.models import AuditEntry, AuditHead

client_address: ContextVar[str] = ContextVar("client_address", default="")
"""Address that the present request came from; set by the guard, empty in supervised processes."""


_waiting: ContextVar[list[dict[str, Any]] | None] = ContextVar("audit_waiting", default=None)


@contextmanager
def at_the_end() -> Iterator[None]:
    """Inside one long transaction: entries made in the block are appended when it ends, so that the head is locked for a moment
    only and nobody else waits for the whole of it. An exception in the block leaves no entry, as it leaves no change.
    """
    waiting: list[dict[str, Any]] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    _append_all(waiting)


@dataclass(frozen=True)
class Played:
    """What is played of the past: by which playing, and who tells the moment at which it really happens."""

    playing: str
    clock: Callable[[], datetime]


_played: ContextVar[Played | None] = ContextVar("audit_played", default=None)


@contextmanager
def played(playing: object, clock: Callable[[], datetime]) -> Iterator[None]:
    """Inside the block entries are dated when they are made, as ever; that they are an exercise's, and of which moment, stands in their content."""
    token = _played.set(Played(str(playing), clock))
    try:
        yield
    finally:
        _played.reset(token)


def _content(entry: AuditEntry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor_id": str(entry.actor_id),
        "actor_name": entry.actor_name,
        "post": entry.post,
        "address": entry.address,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "place_code": entry.place_code,
        "content": entry.content,
    }


def append(
    *,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: object,
    place_code: str,
    content: Mapping[str, object],
    at: datetime,
) -> AuditEntry | None:
    """Append one entry inside the caller's transaction. The head row is locked until that transaction ends.

    ``None`` while entries wait for :func:`at_the_end`.

    Raises ``django.db.transaction.TransactionManagementError`` outside a transaction.
    """
    if (of := _played.get()) is not None:
        content, at = {**content, "exercise": {"playing": of.playing, "moment": at}}, of.clock()
    told = {"actor": actor, "action": action, "subject_type": subject_type, "subject_id": subject_id}
    values = {**told, "place_code": place_code, "content": content, "at": at}
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append(values)
        return None
    return _append_all([values])[0]


def _append_all(several: Sequence[Mapping[str, Any]]) -> list[AuditEntry]:
    """Append entries in their order; the head is locked and moved once."""
    if not several:
        return []
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(pk=1, sequence=0, digest=chain.GENESIS)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get(pk=1)
    entries = []
    for values in several:
        entry = _entry(head.sequence + 1, head.digest, **values)
        head.sequence, head.digest = entry.sequence, entry.digest
        entries.append(entry)
    AuditEntry.objects.bulk_create(entries, batch_size=1000)
    head.save(update_fields=["sequence", "digest"])
    return entries


def _entry(
    sequence: int,
    previous: str,
    *,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: object,
    place_code: str,
    content: Mapping[str, object],
    at: datetime,
) -> AuditEntry:
    entry = AuditEntry(
        sequence=sequence,
        at=at,
        actor_id=actor.account_id,
        actor_name=actor.name[:100],
        post=actor.post[:100],
        address=client_address.get(),
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        place_code=place_code,
        # The round trip gives the very values that PostgreSQL will hand back, so that the digest can be computed again.
        content=json.loads(json.dumps(content, cls=DjangoJSONEncoder)),
        previous=previous,
    )
    entry.digest = chain.link(entry.previous, _content(entry))
    return entry


def _rows() -> Iterator[tuple[int, str, Mapping[str, object], str]]:
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=5000):
        yield entry.sequence, entry.previous, _content(entry), entry.digest


def verify() -> chain.Verdict:
    """Recompute the whole chain against one consistent view of the log."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().filter(pk=1).first()
        return chain.verify(_rows(), (head.sequence, head.digest) if head else None)
