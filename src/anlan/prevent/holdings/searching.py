"""Where is it: which places and trucks hold a chemical within a distance, nearest first. Indexed by chemical and latitude, scoped by jurisdiction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import cos, radians
from uuid import UUID

from django.db.models import Q

from anlan.ground.chemicals import door as chemicals
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.geo import Point, haversine_m
from anlan.prevent.holdings import queries, rules
from anlan.prevent.holdings.models import Holding, Load

METRES_PER_DEGREE = 111_195.0
"""Length of one degree of latitude on the sphere that distances are reckoned on."""
MOST_PLACES = 5000
"""Places looked at for one search. Project default; when there are more, the page says so."""


@dataclass(frozen=True)
class Place:
    """One place that holds it. ``distance_m`` from the centre."""

    store_id: UUID
    name: str
    product: str
    mass_kg: Decimal
    distance_m: float
    longitude: float
    latitude: float
    last_at: datetime | None


@dataclass
class Holder:
    """One enterprise with its places, the nearest first; ``mass_kg`` of all of them."""

    enterprise_id: UUID
    name: str
    places: list[Place] = field(default_factory=list)

    @property
    def mass_kg(self) -> Decimal:
        """What its places hold together."""
        return sum((each.mass_kg for each in self.places), Decimal(0))

    @property
    def nearest(self) -> Place:
        """The place nearest to the centre."""
        return self.places[0]


@dataclass(frozen=True)
class OnRoad:
    """A load on the road and how far away it was last heard of; ``distance_m`` is ``None`` where its position is not known."""

    load: Load
    distance_m: float | None


@dataclass(frozen=True)
class Found:
    """What a search found. ``unplaced``: places that hold it and have no coordinates, which no distance can find."""

    entries: tuple[chemicals.Chemical, ...]
    holders: list[Holder]
    loads: list[OnRoad]
    unplaced: int
    cut: bool

    @property
    def mass_kg(self) -> Decimal:
        """What all holders hold together."""
        return sum((each.mass_kg for each in self.holders), Decimal(0))


def box(centre: Point, radius_m: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a box that holds the circle, degrees."""
    high = radius_m / METRES_PER_DEGREE
    # The box is as wide as the circle is at its edge nearest to the pole.
    narrow = max(0.01, cos(radians(min(89.0, abs(centre.latitude) + high))))
    wide = high / narrow
    return centre.longitude - wide, centre.latitude - high, centre.longitude + wide, centre.latitude + high


def where(text: str, *, centre: Point, radius_m: float, least_kg: Decimal, per_place: bool, actor: Actor) -> Found:
    """Who holds at least ``least_kg`` of what ``text`` means (name, alias, CAS or UN number) within ``radius_m`` of ``centre``.

    ``per_place``: each place must hold that much; else the enterprise's places within the circle together, so that ten small tanks are not missed.
    Loads on the road are told whatever they weigh, those without a position too.
    """
    entries = queries.meant(text)
    wanted = Q(chemical_code__in=[row.code for row in entries])
    if text.strip():
        outside = Q(chemical_code="") & (Q(product__name__icontains=text.strip()) | Q(product__cas=text.strip()))
        wanted |= outside
    rows = queries.holdings(actor).filter(wanted, mass_kg__gt=0)
    west, south, east, north = box(centre, radius_m)
    near = rows.filter(latitude__range=(south, north), longitude__range=(west, east)).order_by("pk")[: MOST_PLACES + 1]
    places = list(near)
    held = _holders(places[:MOST_PLACES], centre, radius_m)
    if per_place:
        for each in held:
            each.places = [place for place in each.places if place.mass_kg >= least_kg]
    kept = [each for each in held if each.places and (per_place or each.mass_kg >= least_kg)]
    kept.sort(key=lambda each: (each.nearest.distance_m, each.name))
    loads = _loads(queries.loads(actor).filter(wanted, state=rules.ON_ROAD).select_related("enterprise", "receiver"), centre, radius_m)
    return Found(entries, kept, loads, rows.filter(latitude__isnull=True).count(), len(places) > MOST_PLACES)


def _holders(rows: Iterable[Holding], centre: Point, radius_m: float) -> list[Holder]:
    found: defaultdict[UUID, list[Place]] = defaultdict(list)
    for row in rows:
        if row.longitude is None or row.latitude is None:
            continue
        away = haversine_m(centre, Point(row.longitude, row.latitude))
        if away <= radius_m:
            place = Place(row.store_id, row.store.name, row.product.title, row.mass_kg, away, row.longitude, row.latitude, row.last_at)
            found[row.enterprise_id].append(place)
    names = enterprises.names(found)
    return [
        Holder(key, names.get(key, ""), sorted(places, key=lambda place: (place.distance_m, place.name))) for key, places in found.items()
    ]


def _loads(rows: Iterable[Load], centre: Point, radius_m: float) -> list[OnRoad]:
    found = []
    for row in rows:
        if row.open_longitude is None or row.open_latitude is None:
            found.append(OnRoad(row, None))
            continue
        away = haversine_m(centre, Point(row.open_longitude, row.open_latitude))
        if away <= radius_m:
            found.append(OnRoad(row, away))
    return sorted(found, key=lambda each: (each.distance_m is None, each.distance_m or 0.0))
