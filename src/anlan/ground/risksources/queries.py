"""Reads of hazard sources, scoped to what a person's post may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from anlan.ground.risksources import rules
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible

VIEW = "risksources.view"

UNANSWERED = Q(principal_name="") | Q(technical_name="") | Q(operation_name="")
"""Hazard sources that do not name all three who answer for them."""


def risk_sources(actor: Actor | None) -> QuerySet[RiskSource]:
    """Hazard sources that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = RiskSource.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def of_enterprise(enterprise_id: UUID, actor: Actor | None) -> QuerySet[RiskSource]:
    """Hazard sources of one enterprise that are not retired, by code."""
    return risk_sources(actor).filter(enterprise_id=enterprise_id).exclude(state=rules.RETIRED).order_by("code")


def within(box: tuple[float, float, float, float], actor: Actor | None) -> QuerySet[RiskSource]:
    """Hazard sources whose point lies in ``box`` = west, south, east, north (degrees)."""
    west, south, east, north = box
    return risk_sources(actor).filter(longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north)


def in_use(rows: QuerySet[RiskSource]) -> QuerySet[RiskSource]:
    """Of ``rows`` those that are not retired."""
    return rows.exclude(state=rules.RETIRED)


def counts_by_place() -> dict[tuple[str, str], int]:
    """See :func:`anlan.ground.risksources.door.counts_by_place`."""
    rows = in_use(RiskSource.objects.order_by()).values("kind", "place_code").annotate(number=Count("pk"))
    return {(kind, place): number for kind, place, number in rows.values_list("kind", "place_code", "number")}
