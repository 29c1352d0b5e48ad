"""Reads of major hazard units: scoped to what a person's post may see, with the inventory in force and what would follow from it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.urls import reverse

from anlan.ground.chemicals import door as chemicals
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import door, grading, inventory
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.hazardsources.models import Assessment, Filing, HazardUnit, InventoryVersion, Reassessment, UnitSource

VIEW = "hazardsources.view"
CHINA = ZoneInfo("Asia/Shanghai")


def units(actor: Actor | None) -> QuerySet[HazardUnit]:
    """Units that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = HazardUnit.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def unit(unit_id: UUID | str, actor: Actor | None) -> HazardUnit:
    """One unit. Raises ``NotFound``."""
    found = units(actor).select_related("enterprise", "site").filter(pk=unit_id).first()
    if found is None:
        raise NotFound(what=str(unit_id))
    return found


def of_enterprise(enterprise_id: UUID, actor: Actor | None) -> QuerySet[HazardUnit]:
    """Units of an enterprise, the gravest first."""
    return units(actor).filter(enterprise_id=enterprise_id).order_by(F("major_level").asc(nulls_last=True), "code")


def by_code(enterprise_id: UUID, code: str, actor: Actor | None) -> HazardUnit | None:
    """The unit that bears this code at the enterprise."""
    return units(actor).filter(enterprise_id=enterprise_id, code=code).first()


def unit_of_source(source_id: UUID, actor: Actor | None) -> HazardUnit | None:
    """The unit that a hazard source belongs to."""
    return units(actor).filter(members__source_id=source_id).first()


def sources_of(unit_id: UUID) -> tuple[risksources.RiskSourceSummary, ...]:
    """The hazard sources of a unit, by code."""
    ids = list(UnitSource.objects.filter(unit_id=unit_id).values_list("source_id", flat=True))
    return tuple(sorted(risksources.risk_sources(ids).values(), key=lambda each: each.code))


def newest_inventory(unit_id: UUID) -> InventoryVersion | None:
    """The inventory in force."""
    return InventoryVersion.objects.filter(unit_id=unit_id).order_by("-number").first()


def newest_assessment(unit_id: UUID) -> Assessment | None:
    """The assessment in force."""
    return Assessment.objects.filter(unit_id=unit_id).order_by("-number").first()


def lines_of(version: InventoryVersion | None) -> tuple[Line, ...]:
    """The lines of an inventory as typed."""
    return () if version is None else tuple(Line(**line) for line in version.lines)


def open_reassessments(unit_id: UUID) -> QuerySet[Reassessment]:
    """What asks to assess a unit anew."""
    return Reassessment.objects.filter(unit_id=unit_id, closed_at__isnull=True)


def filings(actor: Actor | None) -> QuerySet[Filing]:
    """Filings that ``actor`` may see; all of them for ``None``."""
    rows = Filing.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def filing(filing_id: UUID, actor: Actor | None) -> Filing:
    """One filing. Raises ``NotFound``."""
    found = filings(actor).filter(pk=filing_id).first()
    if found is None:
        raise NotFound(what=str(filing_id))
    return found


def known_chemical(name: str, cas: str) -> bool:
    """Whether the catalogue of chemicals knows it by name or CAS number."""
    return any(chemicals.find(text) is not None for text in (name, cas) if text)


def reckon(lines: Sequence[Line], people: int, now: datetime) -> grading.Reckoning:
    """Identify and grade by the tables of today. Raises as :func:`grading.reckon`."""
    return grading.reckon(lines, people, law_day(now), known_chemical)


def trial(unit_id: UUID, people: int | None, now: datetime) -> grading.Reckoning | None:
    """What the inventory in force would give with ``people`` (``None``: those of the last assessment); ``None`` without inventory or people."""
    version = newest_inventory(unit_id)
    last = newest_assessment(unit_id)
    people = people if people is not None else (last.people if last is not None else None)
    return None if version is None or people is None else reckon(lines_of(version), people, now)


def lines_of_register(unit_id: UUID) -> tuple[Line, ...]:
    """A first inventory from the register: substance and design maximum of each hazard source of the unit."""
    return tuple(
        inventory.line_of(
            {
                "substance": row.substance_name,
                "cas": row.substance_cas,
                "quantity": f"{row.design_max_t.normalize():f}" if row.design_max_t is not None else "",
                "unit": "t",
                "note": f"{row.code} {row.name}"[: inventory.LIMITS["note"]],
            }
        )
        for row in sources_of(unit_id)
        if row.substance_name or row.substance_cas
    )


def summary(row: HazardUnit) -> door.HazardUnitSummary:
    """A unit for other rooms."""
    return door.HazardUnitSummary(
        id=row.pk,
        enterprise_id=row.enterprise_id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        place_code=row.place_code,
        longitude=row.longitude,
        latitude=row.latitude,
        is_major=row.is_major,
        major_level=row.major_level,
        s=row.s,
        r=row.r,
        assessed_at=row.assessed_at,
        next_due_on=row.next_due_on,
        to_reassess=row.to_reassess,
        filing_state=row.filing_state,
        url=address(row.pk),
    )


def address(unit_id: UUID) -> str:
    """The page of a unit."""
    return reverse("hazardsources:unit", args=[unit_id])
