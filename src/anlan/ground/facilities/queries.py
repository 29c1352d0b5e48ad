"""Reads of facilities, scoped to what a person's post may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Max, QuerySet, Sum

from anlan.ground.facilities.models import Facility
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

VIEW = "facilities.view"


def facilities(actor: Actor | None) -> QuerySet[Facility]:
    """Facilities that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = Facility.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one(facility_id: UUID | str, actor: Actor | None) -> Facility:
    """One facility. Raises ``NotFound``."""
    found = facilities(actor).filter(pk=facility_id).first()
    if found is None:
        raise NotFound(what=str(facility_id))
    return found


def within(box: tuple[float, float, float, float], actor: Actor | None) -> QuerySet[Facility]:
    """Facilities whose point lies in ``box`` = west, south, east, north (degrees), its edges included."""
    west, south, east, north = box
    return facilities(actor).filter(longitude__range=(west, east), latitude__range=(south, north))


def stamp(place_prefix: str) -> tuple[object, ...]:
    """Changes whenever a facility of the place was entered, changed or taken out: how many, the newest change and the sum of versions."""
    rows = Facility.objects.filter(place_code__startswith=place_prefix)
    return tuple(rows.aggregate(number=Count("pk"), newest=Max("updated_at"), versions=Sum("version")).values())
