"""The ledger of chemicals of the demonstration's plant: liquid chlorine with loads in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.ground.people import door as people
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.prevent.holdings import loading, recording, registering
from anlan.prevent.holdings.loading import Freight
from anlan.prevent.holdings.models import Load, Product, Store
from anlan.prevent.holdings.recording import Entry
from anlan.site.demo.cast import DEMONSTRATION

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_PHONE = "0531-00000000"


def build(plant: UUID, *, now: datetime) -> int:
    """Make the ledger; returns how many enterprises have one."""
    holders = people.holders_in_enterprise("enterprise_manager", plant, now=now)
    manager = (people.actor_for(holders[0].account_id, now=now) if holders else None) or DEMONSTRATION
    _plant(plant, manager, now)
    return 1


def _registered(
    enterprise_id: UUID, chemical: str, source: risksources.RiskSourceSummary, actor: Actor, now: datetime, **more: Any
) -> tuple[Product, Store]:
    day = now.date()
    papers = {"certificate_number": f"3701{day.year}00{len(chemical):02d}", "certificate_until": day + 700 * _DAY}
    values = {"chemical": chemical, "business": "use", "phone": _PHONE, **papers, **more}
    product = registering.register_product(enterprise_id, actor=actor, now=now, **values)
    store = registering.register_store(
        enterprise_id, code=source.code, name=source.name, kind="tank", source_id=source.id, actor=actor, now=now
    )
    return product, store


def _record(
    enterprise_id: UUID, kind: str, product: Product, store: Store, tonnes: object, at: datetime, actor: Actor, **more: Any
) -> None:
    entry = Entry(kind=kind, product_id=product.pk, store_id=store.pk, at=at, quantity=tonnes, unit="t", **more)
    recording.record(enterprise_id, entry, actor=actor, now=at + timedelta(minutes=10))


def _plant(plant: UUID, actor: Actor, now: datetime) -> None:
    source = next((row for row in risksources.of_enterprise(plant) if row.substance_name == "氯"), None)
    if source is None:
        return
    over = (now - 12 * _DAY).date()
    product, store = _registered(
        plant, "chlorine", source, actor, now - 40 * _DAY, name="液氯", specification="99.6%", business="produce", licence_until=over
    )
    shed = registering.register_store(plant, code="Q-1", name="液氯钢瓶库", kind="cylinders", actor=actor, now=now - 40 * _DAY)
    _record(plant, "opening", product, store, 32, now - 30 * _DAY, actor)
    for days, kind, tonnes in ((20, "produced", 11), (12, "used", 6), (6, "produced", 9)):
        _record(plant, kind, product, store, tonnes, now - days * _DAY, actor)
    _record(plant, "moved", product, store, 6, now - 5 * _DAY, actor, other_store_id=shed.pk)
    _record(plant, "counted", product, shed, "5.94", now - 2 * _DAY, actor)
    _send(plant, product, store, "鲁A01D21", 5, now - 2 * _DAY, 4 * _HOUR, actor, name="示范水务有限公司", arrived="4.93")
    _send(plant, product, store, "鲁A01D22", 5, now - 7 * _HOUR, 3 * _HOUR, actor, name="外省示范漂染厂")
    _send(plant, product, store, "鲁A01D23", 4, now - _HOUR, 5 * _HOUR, actor, name="示范造纸有限公司")
    loading.tell_overdue(now)


def _send(
    plant: UUID,
    product: Product,
    store: Store,
    plate: str,
    tonnes: int,
    at: datetime,
    lasts: timedelta,
    actor: Actor,
    *,
    name: str,
    receiver: UUID | None = None,
    arrived: str = "",
) -> Load:
    entry = Entry(kind="sent", product_id=product.pk, store_id=store.pk, at=at, quantity=tonnes, unit="t")
    freight = Freight(
        plate=plate,
        driver="演示驾驶员",
        escort="演示押运员",
        carrier="示范危货运输有限公司",
        route="厂区东门—绕城高速—工业大道",
        expected_at=at + lasts,
        receiver_id=receiver,
        receiver_name="" if receiver else name,
    )
    load, _fresh = loading.send(plant, entry, freight, actor=actor, now=at + timedelta(minutes=5))
    if arrived:
        loading.confirm(load.pk, at=at + lasts, quantity=arrived, unit="t", actor=actor, now=at + lasts)
    return load
