"""Reads of field units, scoped to what a person's post may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from anlan.command.field.models import FieldPosition, FieldStranger, FieldUnit
from anlan.command.field.rules import Account
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

VIEW = "field.view"
TRACK_SHOWN = 100


def units(actor: Actor | None) -> QuerySet[FieldUnit]:
    """Field units that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = FieldUnit.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one(unit_id: UUID | str, actor: Actor | None) -> FieldUnit:
    """One field unit. Raises ``NotFound``."""
    found = units(actor).filter(pk=unit_id).first()
    if found is None:
        raise NotFound(what=str(unit_id))
    return found


def track(unit: FieldUnit, limit: int = TRACK_SHOWN) -> QuerySet[FieldPosition]:
    """The newest positions of a unit's track."""
    return unit.track.order_by("-at")[:limit]


def strangers(limit: int = 200) -> QuerySet[FieldStranger]:
    """Terminals that were turned away, the newest first."""
    return FieldStranger.objects.order_by("-last_at")[:limit]


def accounts() -> dict[str, Account]:
    """Units that may come in, by uid."""
    return {
        row.uid: Account(row.pk, row.uid, row.callsign, row.fingerprint, row.place_code, row.incident_id, row.exercise)
        for row in FieldUnit.objects.filter(active=True).only("uid", "callsign", "fingerprint", "place_code", "incident_id", "exercise")
    }
