"""How an entry reaches the ledger: legs checked against time and against what is there, balances kept, limits watched. Called by the verbs alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Classification
from anlan.ledger.changes import Change
from anlan.prevent.holdings import door, parameters, quantities, queries, refusals, registering, rules, running
from anlan.prevent.holdings.models import Holding, Leg, Load, Movement, Product, Store

ZERO = Decimal(0)


@dataclass(frozen=True)
class Pair:
    """A product in a place: what a balance belongs to."""

    store: Store
    product: Product


def locked(pairs: Iterable[Pair], now: datetime) -> dict[tuple[UUID, UUID], Holding]:
    """The balances of some pairs, held until the transaction ends, always in one order; those that never were are made with nothing."""
    wanted = {(each.store.pk, each.product.pk): each for each in pairs}
    found = {}
    for key in sorted(wanted):
        pair = wanted[key]
        longitude, latitude = registering.point_of(pair.store, enterprises.enterprise(pair.store.enterprise_id))
        Holding.objects.get_or_create(
            store=pair.store,
            product=pair.product,
            defaults={
                "enterprise_id": pair.store.enterprise_id,
                "place_code": pair.store.place_code,
                "classification": pair.store.classification,
                "chemical_code": pair.product.chemical_code,
                "longitude": longitude,
                "latitude": latitude,
                "created_at": now,
            },
        )
        found[key] = Holding.objects.select_for_update().get(store=pair.store, product=pair.product)
    return found


def legs_of(movement: Movement, sign: int = 1) -> list[Leg]:
    """What a movement does to its places; with ``sign=-1`` what takes it back."""
    own, other = rules.legs(movement.kind)
    found = []
    for store, factor in ((movement.store, own), (movement.other_store, other)):
        if store is not None and factor:
            mass = movement.mass_kg * factor * sign
            found.append(Leg(movement=movement, store=store, product=movement.product, at=movement.at, mass_kg=mass))
    return found


def enter(legs: list[Leg], now: datetime) -> None:
    """Write legs (of saved movements) and keep the balances. All of them count together: a correction may take back and write anew at once.

    Raises ``NotEnough`` where at any moment, in the order of time, more would have gone than was there; then nothing is kept.
    """
    held = locked([Pair(leg.store, leg.product) for leg in legs], now)
    fresh: defaultdict[tuple[UUID, UUID], list[Leg]] = defaultdict(list)
    for leg in legs:
        fresh[leg.store.pk, leg.product.pk].append(leg)
    for key, mine in sorted(fresh.items()):
        holding = held[key]
        since = min(leg.at for leg in mine)
        later = list(Leg.objects.filter(store_id=key[0], product_id=key[1], at__gte=since).values_list("at", "mass_kg"))
        before = holding.mass_kg - sum((mass for _, mass in later), ZERO)
        if short := running.first_shortfall(before, [*later, *((leg.at, leg.mass_kg) for leg in mine)]):
            raise refusals.NotEnough(
                store=mine[0].store.name,
                product=mine[0].product.title,
                at=short.at.astimezone(parameters.CHINA).strftime("%Y-%m-%d %H:%M"),
                held=quantities.told(short.held),
                missing=quantities.told(short.missing),
            )
        holding.mass_kg += sum((leg.mass_kg for leg in mine), ZERO)
        holding.last_at = max([leg.at for leg in mine] + ([holding.last_at] if holding.last_at is not None else []))
        holding.updated_at = now
        holding.save()
    Leg.objects.bulk_create(legs)


# --- limits ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """What may be held somewhere, and what is: in kg. ``code``: of ``rules.LIMITS``; ``where`` names it for readers."""

    code: str
    where: str
    limit_kg: Decimal
    held_kg: Decimal
    source_id: UUID | None = None

    @property
    def exceeded(self) -> bool:
        """Whether more is held than may be."""
        return self.held_kg > self.limit_kg


def limits(pairs: Iterable[tuple[Store, Product]]) -> list[Limit]:
    """The limits that concern some places and products: the design maximum of each hazard source, the critical quantity of each chemical within the
    enterprise (a unit may be smaller; that it could be a major hazard is said rather too early than too late)."""
    found: dict[tuple[str, object], Limit] = {}
    rows = list(pairs)
    sources = risksources.risk_sources({store.source_id for store, _ in rows if store.source_id is not None})
    for source in sources.values():
        if source.design_max_t is not None:
            most = source.design_max_t * 1000
            found[rules.DESIGN_MAX, source.id] = Limit(
                rules.DESIGN_MAX, f"{source.code} {source.name}", most, queries.held_by_source(source.id), source.id
            )
    for store, product in rows:
        critical = queries.critical_kg(product.chemical_code)
        if critical is not None:
            total = queries.held_by_enterprise(store.enterprise_id, product.chemical_code)
            source_id = store.source_id or next((each.source_id for each, _ in rows if each.source_id), None)
            found[rules.CRITICAL, product.chemical_code] = Limit(rules.CRITICAL, product.name, critical, total, source_id)
    return list(found.values())


def announce_limits(before: list[Limit], after: list[Limit], movement: Movement, made: Change, about: dict[str, Any]) -> None:
    """Tell of every limit that this movement came over."""
    was = {(each.code, each.where): each.held_kg for each in before}
    for each in after:
        if running.crossed(was.get((each.code, each.where), ZERO), each.held_kg, each.limit_kg):
            made.announce(
                door.LimitExceeded(
                    **about,
                    limit=each.code,
                    where=each.where,
                    held_kg=str(each.held_kg),
                    limit_kg=str(each.limit_kg),
                    source_id=str(each.source_id or ""),
                )
            )


# --- loads -----------------------------------------------------------------------------------------------------------------------


def load_event(load: Load, now: datetime) -> door.LoadMoved:
    """What is told of a load."""
    return door.LoadMoved(
        subject_id=load.pk,
        place_code=load.place_code,
        enterprise_id=load.enterprise_id,
        classification=Classification(load.classification),
        at=now,
        product=load.product.title,
        state=load.state,
        plate=load.plate,
        overdue=load.overdue,
        beyond=load.beyond,
        receiver_id=str(load.receiver_id or ""),
        receiver_place_code=load.receiver_place_code,
        difference_kg="" if load.difference_kg is None else str(load.difference_kg),
    )


def follow_reversal(held: Movement, made: Change, now: datetime) -> None:
    """What taking an entry back does to its load: what was sent is off the road, what was received is on it again.

    Raises ``LoadArrived`` for a sending whose load the receiver has signed for.
    """
    load = Load.objects.select_for_update(of=("self",)).select_related("product").filter(Q(sent=held) | Q(received=held)).first()
    if load is None:
        return
    if load.sent_id == held.pk:
        if load.received_id is not None:
            raise refusals.LoadArrived()
        load.state, load.open_longitude, load.open_latitude = rules.CANCELLED, None, None
    else:
        load.state, load.received, load.arrived_at = rules.ON_ROAD, None, None
        load.received_kg, load.difference_kg, load.beyond = None, None, False
    load.updated_at = now
    load.save()
    made.announce(load_event(load, now))
