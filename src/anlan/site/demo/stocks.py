"""Ledgers of chemicals of the demonstration's enterprises besides its plant: what their hazard sources hold, with how it came to that."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.forms.models import model_to_dict

from anlan.ground.chemicals import door as chemicals
from anlan.ground.risksources import door as risksources
from anlan.prevent.holdings import entering, registering
from anlan.prevent.holdings.models import Holding, Leg, Movement, Product, Store
from anlan.site.demo import bulk
from anlan.site.demo.cast import DEMONSTRATION

SEED = 591
_DAY = timedelta(days=1)
_PHONE = "0531-00000000"
_STEPS = (("opening", "0.62", 36), ("bought", "0.21", 19), ("used", "0.14", 8))
"""Kind of movement, share of the greatest quantity by design, days ago."""
_KINDS = {"tank": "tank", "tank_farm": "tank", "filling_station": "tank", "warehouse": "warehouse"}
_INSTEAD = {("trade", "used"): "sold", ("produce", "used"): "sold", ("produce", "bought"): "produced"}
"""Kinds that a business has in place of the usual ones."""
_PARTNERS = {"bought": "外省示范化工贸易有限公司", "sold": "示范用户（演示）", "used": "生产车间"}


def build(plant: UUID, *, now: datetime) -> int:
    """Write the ledgers; returns how many enterprises have one."""
    draw = random.Random(SEED)
    tables: tuple[list[Any], ...] = ([], [], [], [], [])
    like: dict[str, Product] = {}
    count = 0
    for owner in bulk.owners(but=plant):
        if not owner.profile.business:
            continue
        known: set[str] = set()
        for source in risksources.of_enterprise(owner.file.id):
            found = chemicals.of_source(source.substance_name, source.substance_cas)
            if len(found) != 1 or not source.design_max_t or found[0].code in known:
                continue
            code = found[0].code
            if code in like:
                product = _same(owner, like[code], draw, now)
                tables[0].append(product)
            else:
                product = like[code] = _first(owner, code, draw, now)
            known.add(code)
            _hold(tables, owner, source, product, draw, now)
        count += bool(known)
    bulk.keep("holdings.record", tables, now=now)
    return count


def _papers(draw: random.Random, now: datetime) -> dict[str, Any]:
    return {
        "certificate_number": f"3701{draw.randint(10**7, 10**8 - 1)}",
        "certificate_until": (now + draw.randint(60, 1000) * _DAY).date(),
    }


def _first(owner: bulk.Owner, code: str, draw: random.Random, now: datetime) -> Product:
    """The first product of an entry of the catalogue, by the room's own verb: it looks up names and numbers."""
    values = {"chemical": code, "business": owner.profile.business, "phone": _PHONE, **_papers(draw, now)}
    return registering.register_product(owner.file.id, actor=DEMONSTRATION, now=now - 40 * _DAY, **values)


def _same(owner: bulk.Owner, like: Product, draw: random.Random, now: datetime) -> Product:
    """The same entry of the catalogue at another enterprise, under a code of its own."""
    words = model_to_dict(like, ["chemical_code", "name", "specification", "cas", "un", "hazard_class", "phone", "hazards", "measures"])
    return Product(**owner.base(now - 40 * _DAY), **words, business=owner.profile.business, **_papers(draw, now))


def _hold(
    tables: tuple[list[Any], ...],
    owner: bulk.Owner,
    source: risksources.RiskSourceSummary,
    product: Product,
    draw: random.Random,
    now: datetime,
) -> None:
    """A place at the hazard source, three movements with their legs, and the balance that they make."""
    _products, stores, movements, legs, holdings = tables
    place = {"longitude": source.longitude, "latitude": source.latitude}
    store = Store(
        **owner.base(now - 40 * _DAY),
        source_id=source.id,
        code=source.code,
        name=source.name,
        kind=_KINDS.get(source.kind, "process"),
        **place,
    )
    stores.append(store)
    mine: list[Leg] = []
    for kind, share, days in _STEPS:
        at = now - (days + draw.randint(0, 5)) * _DAY
        kind = _INSTEAD.get((owner.profile.business, kind), kind)
        tonnes = (Decimal(str(source.design_max_t)) * Decimal(share) * Decimal(draw.randint(85, 105)) / 100).quantize(Decimal("0.01"))
        movement = Movement(
            **owner.base(at),
            kind=kind,
            product=product,
            store=store,
            at=at,
            quantity=tonnes,
            unit="t",
            mass_kg=tonnes * 1000,
            counterpart=_PARTNERS.get(kind, ""),
            by_id=DEMONSTRATION.account_id,
            by_name=DEMONSTRATION.name,
        )
        movements.append(movement)
        mine += entering.legs_of(movement)
    legs += mine
    balance = {"mass_kg": sum((leg.mass_kg for leg in mine), Decimal()), "last_at": mine[-1].at, **place}
    holdings.append(Holding(**owner.base(now), product=product, store=store, chemical_code=product.chemical_code, **balance))
