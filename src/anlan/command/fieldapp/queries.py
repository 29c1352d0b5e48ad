"""Reads of the field app, scoped to what a person's post may see; everybody sees what he sent himself."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from anlan.command.fieldapp.models import FieldReport, FieldStep
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

VIEW = "fieldapp.view"


def reports(actor: Actor | None) -> QuerySet[FieldReport]:
    """Reports that ``actor`` may see."""
    rows = FieldReport.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def own(actor: Actor, limit: int = 10) -> list[FieldReport]:
    """The newest reports that ``actor`` sent."""
    return list(FieldReport.objects.filter(sender_id=actor.account_id)[:limit])


def report(report_id: UUID | str, actor: Actor | None) -> FieldReport:
    """One report, in ``actor``'s scope or his own. Raises ``NotFound``."""
    found = reports(actor).filter(pk=report_id).first()
    if found is None and actor is not None:
        found = FieldReport.objects.filter(pk=report_id, sender_id=actor.account_id).first()
    if found is None:
        raise NotFound(what=str(report_id))
    return found


def sent(once: UUID, actor: Actor) -> FieldReport:
    """The report that ``actor`` sent under a key. Raises ``NotFound``."""
    found = FieldReport.objects.filter(once=once, sender_id=actor.account_id).first()
    if found is None:
        raise NotFound(what=str(once))
    return found


def steps(incident_id: UUID, actor: Actor) -> QuerySet[FieldStep]:
    """What people of an incident told from the field."""
    return visible(FieldStep.objects.filter(incident_id=incident_id), actor, VIEW)


def address(report_id: UUID) -> str:
    """The page of a report."""
    return reverse("fieldapp:report", args=[report_id])
