"""Reads of exhibits, scoped to what a person's post may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from anlan.ground.evidence.models import Exhibit
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

VIEW = "evidence.view"


def exhibits(actor: Actor | None) -> QuerySet[Exhibit]:
    """Exhibits that ``actor`` may see (place, enterprise and access class); all of them for ``None`` (processes)."""
    rows = Exhibit.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def for_subject(subject_type: str, subject_id: UUID | str, actor: Actor | None) -> QuerySet[Exhibit]:
    """Exhibits of one record, oldest first."""
    return exhibits(actor).filter(subject_type=subject_type.lower(), subject_id=subject_id).order_by("created_at", "pk")


def exhibit(exhibit_id: UUID | str, actor: Actor | None) -> Exhibit:
    """One exhibit. Raises ``NotFound`` also when ``actor`` may not see it: its existence is not told."""
    found = exhibits(actor).filter(pk=exhibit_id).first()
    if found is None:
        raise NotFound(what=str(exhibit_id))
    return found
