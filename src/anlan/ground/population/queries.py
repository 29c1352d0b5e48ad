"""Reads of imported population, scoped to what a person's post may see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, QuerySet, Sum

from anlan.ground.places import door as places
from anlan.ground.population import rules
from anlan.ground.population.models import PopulationSource, PopulationUnit, PresenceSetting
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import prefix_of
from anlan.ledger.scope import visible

VIEW = "population.view"
CENSUS = "population_2020_census"
"""Code of the resident population among the figures of places."""


def sources(actor: Actor | None) -> QuerySet[PopulationSource]:
    """Imports that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = PopulationSource.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one(source_id: UUID | str, actor: Actor | None) -> PopulationSource:
    """One import. Raises ``NotFound``."""
    found = sources(actor).filter(pk=source_id).first()
    if found is None:
        raise NotFound(what=str(source_id))
    return found


def stamp() -> tuple[object, ...]:
    """Changes whenever an import came in or was withdrawn, or a figure of day and night was set."""
    held = PopulationSource.objects.aggregate(number=Count("pk"), out=Count("withdrawn_at"), newest=Max("created_at"))
    set_ = PresenceSetting.objects.aggregate(number=Count("pk"), newest=Max("updated_at"), total=Sum("value"))
    return (*held.values(), *set_.values())


OwnPresence = dict[str, dict[str, float]]
"""Figures of day and night by the prefix of the place they were set for."""


def own_presence() -> OwnPresence:
    """The figures of day and night that bureaus set."""
    found: OwnPresence = {}
    for place_code, code, value in PresenceSetting.objects.values_list("place_code", "code", "value"):
        found.setdefault(prefix_of(place_code), {})[code] = value
    return found


def presence_at(place_code: str, at: datetime, own: OwnPresence) -> rules.Presence:
    """The figures that hold at a place: what the nearest place above it set, else the project's default."""
    values: dict[str, float] = {}
    for prefix in sorted(own, key=len):
        if place_code.startswith(prefix):
            values |= own[prefix]
    return rules.presence(at.astimezone(rules.BEIJING).date(), values)


def in_use(county_code: str) -> tuple[PopulationSource | None, list[PopulationUnit]]:
    """The newest import with positions that holds the county, with its units there; nothing when there is none."""
    chosen = (
        PopulationSource.objects.filter(withdrawn_at=None, units__county_code=county_code)
        .exclude(kind=rules.FIGURES)
        .order_by("-year", "-created_at", "-pk")
        .first()
    )
    return (None, []) if chosen is None else (chosen, list(chosen.units.filter(county_code=county_code)))


def figure(county_code: str) -> tuple[float, int, str, str] | None:
    """People of a county with year, source and status: the newest of imported tables and the figures of places; ``None`` when unknown."""
    found = []
    rows = PopulationUnit.objects.filter(county_code=county_code, source__kind=rules.FIGURES, source__withdrawn_at=None)
    newest = rows.select_related("source").order_by("-source__year", "-source__created_at").first()
    if newest is not None:
        found.append((newest.people, newest.source.year, newest.source.source, newest.source.status))
    known = places.figure(county_code, CENSUS)
    if known is not None:
        found.append((float(known.value), known.year, known.source, known.status))
    return max(found, key=lambda each: each[1], default=None)
