"""Verbs of evidence. Bytes are safe on disk before the row that names them is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, models, transaction

from anlan.ground.evidence import rules, store
from anlan.ground.evidence.door import ExhibitAttached, File, Subject
from anlan.ground.evidence.models import Exhibit
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.kernel.geo import Point, in_china
from anlan.ledger.changes import change, permit

_UNOWNED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class SubjectRef:
    """The record that a file belongs to."""

    type: str
    id: UUID
    place_code: str
    enterprise_id: UUID | None
    classification: int


@dataclass(frozen=True)
class Facts:
    """What is known of a file besides its bytes; times aware, coordinates in degrees."""

    caption: str = ""
    classification: Classification | int | None = None
    origin: str = rules.UPLOAD
    device: str = ""
    taken_at: datetime | None = None
    longitude: float | None = None
    latitude: float | None = None


def subject_of(record: Subject) -> SubjectRef:
    """The reference of a record; an enterprise counts as its own enterprise."""
    label = record._meta.label_lower if isinstance(record, models.Model) else type(record).__name__.lower()
    enterprise_id = record.pk if label == "enterprises.enterprise" else getattr(record, "enterprise_id", None)
    return SubjectRef(label, record.pk, record.place_code, enterprise_id, int(record.classification))


def attach(subject: SubjectRef, file: File, *, actor: Actor, now: datetime, facts: Facts | None = None) -> Exhibit:
    """Keep a file and tie it to a record; see :func:`anlan.ground.evidence.door.attach`."""
    facts = facts or Facts()
    access = max(subject.classification, int(facts.classification or 0))
    permit(
        actor,
        "evidence.attach",
        place_code=subject.place_code,
        enterprise_id=subject.enterprise_id,
        classification=subject.classification,
    )
    if facts.longitude is not None and facts.latitude is not None:
        in_china(Point(facts.longitude, facts.latitude))
    filename = safe_name(file.name or "")
    kept = store.keep(file, filename)
    exhibit = Exhibit(
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.row.media_type,
        kind=kept.row.kind,
        filename=filename,
        caption=" ".join(facts.caption.split())[:200],
        subject_type=subject.type,
        subject_id=subject.id,
        enterprise_id=subject.enterprise_id,
        place_code=subject.place_code,
        classification=access,
        origin=facts.origin,
        added_by_id=actor.account_id,
        added_by_name=actor.name[:80],
        device=facts.device[:120],
        taken_at=facts.taken_at,
        longitude=facts.longitude,
        latitude=facts.latitude,
        created_at=now,
        updated_at=now,
    )
    return _record(exhibit, subject, actor, now)


def _record(exhibit: Exhibit, subject: SubjectRef, actor: Actor, now: datetime) -> Exhibit:
    """Write the row once; the same bytes on the same record give the exhibit that is there."""
    same = Exhibit.objects.filter(subject_type=subject.type, subject_id=subject.id, sha256=exhibit.sha256)
    if (known := same.first()) is not None:
        return known
    try:
        with change(actor, "evidence.attach", now=now, place_code=subject.place_code, enterprise_id=subject.enterprise_id) as made:
            exhibit.save(force_insert=True)
            made.subject = exhibit
            made.announce(
                ExhibitAttached(
                    subject_id=exhibit.pk,
                    place_code=exhibit.place_code,
                    enterprise_id=exhibit.enterprise_id,
                    classification=Classification(exhibit.classification),
                    at=now,
                    record_type=subject.type,
                    record_id=str(subject.id),
                )
            )
    except IntegrityError:
        # The same file was sent twice at the same moment.
        return same.get()
    return exhibit


def raise_class(exhibit_id: UUID | str, classification: Classification, *, reason: str, actor: Actor, now: datetime) -> Exhibit:
    """Raise the access class of an exhibit. Needs ``evidence.classify``. Raises ``AccessClassNotRaised``, ``ReasonMissing``."""
    with transaction.atomic():
        exhibit = Exhibit.objects.select_for_update().filter(pk=exhibit_id).first()
        if exhibit is None:
            raise NotFound(what=str(exhibit_id))
        with change(actor, "evidence.classify", now=now, record=exhibit) as made:
            if classification <= exhibit.classification:
                raise rules.AccessClassNotRaised(present=Classification(exhibit.classification).label)
            if not reason.strip():
                raise rules.ReasonMissing
            exhibit.classification = int(classification)
            exhibit.save(update_fields=["classification"])
            made.facts["reason"] = reason.strip()
    return exhibit


def note_reading(exhibit: Exhibit, *, actor: Actor, now: datetime) -> None:
    """Write into the audit that somebody took a sensitive exhibit out of the store. Raises ``NotPermitted``."""
    with change(actor, "evidence.view", now=now, record=exhibit) as made:
        made.facts["sha256"] = exhibit.sha256


def safe_name(name: str) -> str:
    """The name of a file without folders, control characters and bidirectional tricks, at most 200 characters, ending kept."""
    base = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in unicodedata.normalize("NFC", base) if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = clean.rpartition(".")
    if len(clean) > 200 and dot:
        return stem[: 199 - len(ending)] + dot + ending
    return clean[:200] or "unnamed"


def damaged() -> Iterator[tuple[str, int]]:
    """Re-hash every file that an exhibit names; yields hash and number of exhibits of those missing or changed."""
    counts = Exhibit.objects.order_by("sha256").values("sha256").annotate(exhibits=models.Count("id"))
    for row in counts.iterator(chunk_size=1000):
        if not store.is_whole(row["sha256"]):
            yield row["sha256"], row["exhibits"]


def sweep(*, now: datetime) -> int:
    """Delete files older than a day that no exhibit names (uploads whose record was never written); returns how many."""
    removed = 0
    for sha256, changed_at in list(store.names()):
        old = now.timestamp() - changed_at > _UNOWNED_AFTER.total_seconds()
        if old and not Exhibit.objects.filter(sha256=sha256).exists():
            store.remove_unowned(sha256)
            removed += 1
    return removed
