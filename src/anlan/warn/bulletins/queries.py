"""Reads of bulletins, scoped."""

from __future__ import annotations

import json
from uuid import UUID

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import NATION
from anlan.ledger.scope import visible
from anlan.warn.bulletins import rules
from anlan.warn.bulletins.door import BulletinInfo, BulletinWords
from anlan.warn.bulletins.models import Bulletin, ForeignWarning, HandedArea


def seen_by(actor: Actor) -> QuerySet[Bulletin]:
    """Bulletins that ``actor`` may see: those of his jurisdiction, and the published ones of any issuer that warn his place.

    A city's warning for the whole city reaches the duty officers of its counties, whose prefix does not cover the city.
    """
    every = Bulletin.objects.all()
    if not actor.may_somewhere("bulletins.view"):
        return every.none()
    return every.filter(Q(pk__in=visible(every, actor, "bulletins.view").values("pk")) | _warns(actor.place_code))


def _warns(place_code: str) -> Q:
    """Published, and its area names the place or one above it, or its circle or what was drawn may touch it (by boxes, rather too much than
    too little)."""
    above = [place_code, NATION, *(place.code for place in places.ancestors(place_code))]
    condition = Q(pk__in=[])
    for code in above:
        condition |= Q(area_codes__contains=[code])
    box = places.bounds(place_code)
    if box is not None:
        reach = F("circle_radius_km") / KM_PER_DEGREE
        condition |= Q(
            circle_longitude__gte=box.west - reach,
            circle_longitude__lte=box.east + reach,
            circle_latitude__gte=box.south - reach,
            circle_latitude__lte=box.north + reach,
        )
        condition |= Q(area_west__lte=box.east, area_east__gte=box.west, area_south__lte=box.north, area_north__gte=box.south)
    return condition & Q(published_at__isnull=False)


KM_PER_DEGREE = 65.0
"""A degree of longitude at 54° north, the least that a degree measures anywhere in the country."""


def find(bulletin_id: UUID, actor: Actor) -> Bulletin:
    """One bulletin within the actor's view. Raises :class:`NotFound`, also when it exists elsewhere."""
    found = seen_by(actor).filter(pk=bulletin_id).select_related("changes").first()
    if found is None:
        raise NotFound(what=str(bulletin_id))
    return found


def handed(handed_id: str, actor: Actor) -> dict[str, object]:
    """What the editor starts with from an area that another room handed over. Raises :class:`NotFound`."""
    try:
        wanted = UUID(handed_id)
    except ValueError:
        raise NotFound(what=handed_id) from None
    found = visible(HandedArea.objects.all(), actor, "bulletins.draft").filter(pk=wanted).first()
    if found is None:
        raise NotFound(what=handed_id)
    names = ("headline", "subject", "incident_id", "exercise")
    return {name: getattr(found, name) for name in names} | {
        "area": json.dumps(found.area, separators=(",", ":")),
        "area_drawn": json.dumps(found.area, separators=(",", ":")),
        "area_origin": found.origin,
    }


def foreign(foreign_id: str, actor: Actor) -> ForeignWarning:
    """A warning of somebody else within the actor's view. Raises :class:`NotFound`."""
    try:
        wanted = UUID(foreign_id)
    except ValueError:
        raise NotFound(what=foreign_id) from None
    found = visible(ForeignWarning.objects.all(), actor, "bulletins.view").filter(pk=wanted).first()
    if found is None:
        raise NotFound(what=foreign_id)
    return found


def as_info(bulletin: Bulletin) -> BulletinInfo:
    """The door's view of a bulletin."""
    row = rules.level(bulletin.level)
    return BulletinInfo(
        id=bulletin.pk,
        identifier=bulletin.identifier or "",
        headline=bulletin.headline,
        level=bulletin.level,
        level_zh=row.name_zh,
        level_en=row.name_en,
        tone=row.tone,
        state=bulletin.state,
        state_label=bulletin.get_state_label(),
        message_kind=bulletin.message_kind,
        place_code=bulletin.place_code,
        area_description=bulletin.area_description,
        issuer_name=bulletin.issuer_name,
        exercise=bulletin.exercise,
        incident_id=bulletin.incident_id,
        drafted_by_name=bulletin.drafted_by_name,
        submitted_at=bulletin.submitted_at,
        approved_by_name=bulletin.approved_by_name,
        published_at=bulletin.published_at,
        expires=bulletin.expires,
        opened_at=bulletin.opened_at,
        url=reverse("bulletins:detail", args=[bulletin.pk]),
    )


def info(bulletin_id: UUID, actor: Actor) -> BulletinInfo | None:
    """See :func:`anlan.warn.bulletins.door.bulletin`."""
    found = seen_by(actor).filter(pk=bulletin_id).first()
    return as_info(found) if found else None


def words(bulletin_id: UUID) -> BulletinWords | None:
    """See :func:`anlan.warn.bulletins.door.words`."""
    found = Bulletin.objects.filter(pk=bulletin_id, published_at__isnull=False).first()
    if found is None:
        return None
    named = {name: getattr(found, name) for name in BulletinWords.__dataclass_fields__ if name not in {"area_codes", "polygons"}}
    return BulletinWords(**named, area_codes=tuple(found.area_codes), polygons=polygons_of(found))


def polygons_of(bulletin: Bulletin) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    """What was drawn: polygons of one ring each, longitude and latitude in degrees."""
    coordinates = (bulletin.area or {}).get("coordinates", [])
    return tuple(tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings) for rings in coordinates)


def awaiting_approval(actor: Actor, limit: int) -> list[BulletinInfo]:
    """See :func:`anlan.warn.bulletins.door.awaiting_approval`."""
    return [as_info(b) for b in seen_by(actor).filter(state="pending").order_by("submitted_at")[:limit]]


def live(actor: Actor, limit: int) -> list[BulletinInfo]:
    """See :func:`anlan.warn.bulletins.door.live`."""
    rank = Case(*(When(level=row.code, then=Value(row.number)) for row in rules.levels()), default=Value(9), output_field=IntegerField())
    rows = seen_by(actor).filter(state="published").exclude(message_kind="Cancel").order_by(rank, "-published_at")
    return [as_info(b) for b in rows[:limit]]


def of_incident(incident_id: UUID, actor: Actor) -> list[BulletinInfo]:
    """See :func:`anlan.warn.bulletins.door.of_incident`."""
    return [as_info(b) for b in seen_by(actor).filter(incident_id=incident_id).order_by("opened_at")]


def public_messages(limit: int = 100) -> QuerySet[Bulletin]:
    """What the public feed shows: real, published messages, newest first. Never an exercise."""
    return Bulletin.objects.filter(published_at__isnull=False, exercise=False).order_by("-published_at")[:limit]


def exercise_messages(actor: Actor, limit: int = 100) -> QuerySet[Bulletin]:
    """Published exercise messages within the actor's view, newest first."""
    return seen_by(actor).filter(published_at__isnull=False, exercise=True).order_by("-published_at")[:limit]
