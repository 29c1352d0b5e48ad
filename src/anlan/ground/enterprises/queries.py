"""Reads of the enterprise file; every list that a person sees is scoped to what the person's post may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from anlan.ground.enterprises.models import Enterprise, EnterpriseContact, Site
from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.ledger.scope import visible

VIEW = "enterprises.view"


def enterprises(actor: Actor | None) -> QuerySet[Enterprise]:
    """Enterprises that ``actor`` may see; all of them for ``None`` (processes, labels)."""
    rows = Enterprise.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def sites(actor: Actor | None) -> QuerySet[Site]:
    """Plant areas that ``actor`` may see; all of them for ``None``."""
    rows = Site.objects.select_related("enterprise")
    return rows if actor is None else visible(rows, actor, VIEW)


def within(box: tuple[float, float, float, float], actor: Actor | None) -> QuerySet[Enterprise]:
    """Enterprises whose point lies in ``box`` = west, south, east, north (degrees)."""
    west, south, east, north = box
    return enterprises(actor).filter(longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north)


def of_place(place_code: str, actor: Actor | None) -> QuerySet[Enterprise]:
    """Enterprises of a place and everything below it."""
    return enterprises(actor).filter(place_code__startswith=prefix_of(place_code))


def contacts(enterprise_id: UUID) -> QuerySet[EnterpriseContact]:
    """People to call at an enterprise who are still in office."""
    return EnterpriseContact.objects.filter(enterprise_id=enterprise_id, is_current=True)


def may_see_phones(enterprise_id: UUID, actor: Actor) -> bool:
    """Whether telephone numbers of this enterprise's people are shown in full to ``actor``."""
    row = Enterprise.objects.filter(pk=enterprise_id).values("place_code").first()
    return row is not None and actor.may("enterprises.view_contacts", place_code=row["place_code"], enterprise_id=enterprise_id)
