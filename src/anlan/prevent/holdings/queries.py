"""Reads of the ledger of chemicals: scoped to what a person's post may see; a load is seen by sender and receiver and their bureaus."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse

from anlan.ground.chemicals import door as chemicals
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.records import Record
from anlan.ledger.scope import scope_condition, visible
from anlan.prevent.holdings import door, rules
from anlan.prevent.holdings.models import Holding, Leg, Load, Movement, Product, Store
from anlan.prevent.holdings.quantities import Density

VIEW = "holdings.view"
ROOM_TEMPERATURE_K = 298.15
ZERO = Decimal(0)
R = TypeVar("R", bound=Record)


def products(actor: Actor | None) -> QuerySet[Product]:
    """Products that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = Product.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def stores(actor: Actor | None) -> QuerySet[Store]:
    """Places of storage that ``actor`` may see."""
    rows = Store.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def holdings(actor: Actor | None) -> QuerySet[Holding]:
    """What is held where, the largest quantity first."""
    rows = Holding.objects.select_related("product", "store").order_by("-mass_kg", "pk")
    return rows if actor is None else visible(rows, actor, VIEW)


def movements(actor: Actor | None) -> QuerySet[Movement]:
    """Entries of the ledger, the newest first."""
    rows = Movement.objects.select_related("product", "store", "other_store").order_by("-at", "-created_at")
    return rows if actor is None else visible(rows, actor, VIEW)


def loads(actor: Actor | None) -> QuerySet[Load]:
    """Loads that leave from or go to where ``actor`` may look."""
    rows = Load.objects.select_related("product").order_by("expected_at")
    if actor is None:
        return rows
    own = scope_condition(actor, VIEW)
    coming = scope_condition(actor, VIEW, place="receiver_place_code", enterprise="receiver_id")
    return rows.none() if own is None or coming is None else rows.filter(own | coming)


def product(product_id: UUID | str, actor: Actor | None) -> Product:
    """One product. Raises ``NotFound``."""
    return _one(products(actor).select_related("enterprise"), product_id)


def store(store_id: UUID | str, actor: Actor | None) -> Store:
    """One place of storage. Raises ``NotFound``."""
    return _one(stores(actor).select_related("enterprise"), store_id)


def movement(movement_id: UUID | str, actor: Actor | None) -> Movement:
    """One entry. Raises ``NotFound``."""
    return _one(movements(actor).select_related("enterprise"), movement_id)


def load(load_id: UUID | str, actor: Actor | None) -> Load:
    """One load. Raises ``NotFound``."""
    return _one(loads(actor).select_related("enterprise", "receiver", "sent"), load_id)


def _one(rows: QuerySet[R], key: UUID | str) -> R:
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(what=str(key))
    return found


def by_public_code(code: str) -> Product:
    """The product that bears the code of a label, whoever asks. Raises ``NotFound``."""
    found = Product.objects.select_related("enterprise").filter(code=code.strip().upper()).first()
    if found is None:
        raise NotFound(what=code)
    return found


def products_of(enterprise_id: UUID, *, in_use: bool = True) -> QuerySet[Product]:
    """The products of an enterprise by name."""
    rows = Product.objects.filter(enterprise_id=enterprise_id).order_by("name_key", "specification")
    return rows.filter(in_use=True) if in_use else rows


def stores_of(enterprise_id: UUID, *, in_use: bool = True) -> QuerySet[Store]:
    """The places of storage of an enterprise by code."""
    rows = Store.objects.filter(enterprise_id=enterprise_id).order_by("code")
    return rows.filter(in_use=True) if in_use else rows


def book_at(store_id: UUID, product_id: UUID, at: datetime) -> Decimal:
    """What the ledger says a place held of a product at ``at``, in kg, by everything that is written down by now."""
    return Leg.objects.filter(store_id=store_id, product_id=product_id, at__lte=at).aggregate(total=Sum("mass_kg"))["total"] or ZERO


def held_by_source(source_id: UUID) -> Decimal:
    """What all places of one hazard source hold together, in kg."""
    return Holding.objects.filter(store__source_id=source_id).aggregate(total=Sum("mass_kg"))["total"] or ZERO


def held_by_enterprise(enterprise_id: UUID, chemical_code: str) -> Decimal:
    """What an enterprise holds of one entry of the catalogue, in kg."""
    rows = Holding.objects.filter(enterprise_id=enterprise_id, chemical_code=chemical_code)
    return rows.aggregate(total=Sum("mass_kg"))["total"] or ZERO


def critical_kg(chemical_code: str) -> Decimal | None:
    """The critical quantity (临界量, GB 18218-2018) of an entry of the catalogue in kg; ``None`` where the catalogue has none."""
    if not chemical_code:
        return None
    rows = [row for row in chemicals.figures(chemical_code) if row.field == "critical_quantity_t"]
    return min((Decimal(str(row.value)) * 1000 for row in rows), default=None)


def catalogue_density(chemical_code: str) -> Density | None:
    """The density of the liquid near 25 °C as the catalogue has it; ``None`` where it has none, and for what is a gas at that temperature:
    a cubic metre of gas is not a cubic metre of its liquid."""
    if not chemical_code:
        return None
    rows = chemicals.figures(chemical_code)
    boiling = next((row.value for row in rows if row.field == "boiling_point_k"), None)
    found = [row for row in rows if row.field == "liquid_density_kg_m3" and row.at_k is not None]
    if boiling is None or boiling <= ROOM_TEMPERATURE_K or not found:
        return None
    nearest = min(found, key=lambda row: abs((row.at_k or 0.0) - ROOM_TEMPERATURE_K))
    if abs((nearest.at_k or 0.0) - ROOM_TEMPERATURE_K) > 10.0:
        return None
    return Density(Decimal(str(nearest.value)).quantize(Decimal("0.001")), f"{nearest.source} {nearest.at_k} K"[:200])


def density(row: Product) -> Density | None:
    """The density that a product's cubic metres are reckoned with: its own as stated, else that of the catalogue."""
    if row.density_kg_m3 is not None:
        return Density(row.density_kg_m3, row.density_source)
    return catalogue_density(row.chemical_code)


def meant(text: str) -> tuple[chemicals.Chemical, ...]:
    """Entries of the catalogue that ``text`` means: all that bear it as name, alias, CAS or UN number, else those whose names hold it."""
    plain = text.strip()
    return (chemicals.of_source(plain, "") or chemicals.search(plain, 30)) if plain else ()


def waiting_loads(enterprise_id: UUID) -> QuerySet[Load]:
    """Loads on the road that leave from or go to an enterprise, the next arrival first."""
    either = Q(enterprise_id=enterprise_id) | Q(receiver_id=enterprise_id)
    return loads(None).filter(either, state=rules.ON_ROAD).select_related("enterprise", "receiver")


def stock(row: Holding) -> door.Stock:
    """A holding for other rooms."""
    return door.Stock(
        enterprise_id=row.enterprise_id,
        product_id=row.product_id,
        product=row.product.title,
        chemical_code=row.chemical_code,
        store_id=row.store_id,
        store=row.store.name,
        source_id=row.store.source_id,
        mass_kg=row.mass_kg,
        last_at=row.last_at,
        longitude=row.longitude,
        latitude=row.latitude,
    )


def book_address(enterprise_id: UUID) -> str:
    """The page with the whole ledger of an enterprise."""
    return reverse("holdings:book", args=[enterprise_id])


def movement_address(movement_id: UUID) -> str:
    """The page of one entry."""
    return reverse("holdings:movement", args=[movement_id])


def load_address(load_id: UUID) -> str:
    """The page of one load."""
    return reverse("holdings:load", args=[load_id])


def names(rows: Iterable[chemicals.Chemical]) -> str:
    """Names of entries for a sentence."""
    return "、".join(row.name_zh for row in rows)
