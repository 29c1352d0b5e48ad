"""Numbers of other systems: which record an enterprise's own system means, and whether what it sends again says anything new.

One table for all rooms. A room never looks a number up by itself: :mod:`anlan.desk.sending` asks here and hands the room the record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from anlan.ledger.models import ExternalReference


@dataclass(frozen=True)
class Number:
    """A number in another system. ``source``: the account of that system; ``kind``: what sort of thing it numbers there."""

    enterprise_id: UUID
    source: str
    kind: str
    external_id: str


def digest(content: Mapping[str, object]) -> str:
    """SHA-256 (hex) of a content of plain JSON values; the order of its names does not matter."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hold(number: Number) -> ExternalReference | None:
    """What is known under a number, held until the transaction ends: who comes second with the same number waits here, also for one not known yet."""
    with connection.cursor() as cursor:
        name = json.dumps([str(number.enterprise_id), number.source, number.kind, number.external_id])
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 56))", [name])
    return find(number)


def find(number: Number) -> ExternalReference | None:
    """What is known under a number."""
    return ExternalReference.objects.filter(
        enterprise_id=number.enterprise_id, source=number.source, kind=number.kind, external_id=number.external_id
    ).first()


def find_many(numbers: Iterable[Number]) -> dict[str, ExternalReference]:
    """What is known under several numbers of one system and kind, by number; one query."""
    wanted = {each.external_id: each for each in numbers}
    if not wanted:
        return {}
    one = next(iter(wanted.values()))
    rows = ExternalReference.objects.filter(enterprise_id=one.enterprise_id, source=one.source, kind=one.kind, external_id__in=wanted)
    return {row.external_id: row for row in rows}


def number_of(record_id: UUID, like: Number) -> str | None:
    """The number that the same system already gave to a record, if any."""
    rows = ExternalReference.objects.filter(enterprise_id=like.enterprise_id, source=like.source, kind=like.kind, record_id=record_id)
    return rows.values_list("external_id", flat=True).first()


def is_numbered(record_id: UUID, kind: str) -> bool:
    """Whether any system gave a number to a record."""
    return ExternalReference.objects.filter(kind=kind, record_id=record_id).exists()


def numbers_of(record_ids: Iterable[UUID], enterprise_id: UUID, source: str, kind: str) -> dict[UUID, str]:
    """The numbers that a system gave to several records, by record; one query."""
    rows = ExternalReference.objects.filter(enterprise_id=enterprise_id, source=source, kind=kind, record_id__in=set(record_ids))
    return dict(rows.values_list("record_id", "external_id"))


def keep(number: Number, held: ExternalReference | None, *, record_id: UUID, content: str, revision: int | None, now: datetime) -> None:
    """Note what a number means now and the digest of what came; call inside the transaction of :func:`hold`.

    Raises ``IntegrityError`` when the system gave the record another number a moment ago.
    """
    if held is None:
        ExternalReference.objects.create(
            enterprise_id=number.enterprise_id,
            source=number.source,
            kind=number.kind,
            external_id=number.external_id,
            record_id=record_id,
            digest=content,
            revision=revision,
            first_at=now,
            changed_at=now,
        )
        return
    held.record_id, held.digest, held.changed_at = record_id, content, now
    held.revision = revision if revision is not None else held.revision
    held.save(update_fields=["record_id", "digest", "revision", "changed_at"])
