"""Reads of occupational health, scoped to what a person's post may see."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from anlan.ground.chemicals import door as chemicals
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.prevent.health import rules
from anlan.prevent.health.models import Examination, Exposure, Result

CHINA = ZoneInfo("Asia/Shanghai")
MILLIGRAMS = "mg/m³"


def exposures(actor: Actor | None) -> QuerySet[Exposure]:
    """Factors that ``actor`` may see; all of them for ``None``."""
    rows = Exposure.objects.all()
    return rows if actor is None else visible(rows, actor, "health.view")


def keeps_factors(enterprise_id: UUID) -> bool:
    """Whether an enterprise has registered any factor in use."""
    return Exposure.objects.filter(enterprise_id=enterprise_id, in_use=True).exists()


def results(actor: Actor | None) -> QuerySet[Result]:
    """Results that ``actor`` may see, the newest first."""
    rows = Result.objects.select_related("exposure").order_by("-measured_on", "-created_at")
    return rows if actor is None else visible(rows, actor, "health.view")


def overdue_count(enterprise_id: UUID, day: date) -> int:
    """How many people's examinations are overdue at an enterprise: a number, whoever asks; who they are stands in a list of its own."""
    rows = Examination.objects.filter(enterprise_id=enterprise_id, is_done=False, due_on__lt=day)
    return sum(rows.values_list("people", flat=True))


def known_limit(chemical_code: str, kind: str, unit: str) -> tuple[Decimal, str, str] | None:
    """The limit of work that the catalogue of chemicals holds: value, source and status; ``None`` where it holds none in this unit."""
    if not chemical_code or kind == rules.OWN:
        return None
    for row in chemicals.endpoints(chemical_code):
        if row.kind == "occupational" and row.code == kind and row.unit == unit:
            return Decimal(str(row.value)), row.source, row.status
    return None


def choices_of_own(actor: Actor) -> list[tuple[str, str]]:
    """The factors of the enterprise that ``actor`` works for, to choose from."""
    rows = Exposure.objects.filter(enterprise_id=actor.enterprise_id, in_use=True).order_by("factor_key", "workplace")
    return [(str(row.pk), row.title) for row in rows]
