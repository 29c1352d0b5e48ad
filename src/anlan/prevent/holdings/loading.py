"""Verbs of the road: a load is sent by truck, is received with the receiver's own quantity, is looked after while it travels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit
from anlan.prevent.holdings import entering, parameters, positions, quantities, queries, recording, refusals, rules, running
from anlan.prevent.holdings.models import Load, Movement, Product
from anlan.prevent.holdings.recording import Entry

SYSTEM = system_actor("holdings")
LABELS: dict[str, str] = {
    "plate": N_("车牌号"),
    "driver": N_("驾驶员"),
    "escort": N_("押运员"),
    "carrier": N_("承运单位"),
    "driver_phone": N_("驾驶员电话"),
    "route": N_("计划路线"),
    "receiver_name": N_("收货单位"),
    "expected_at": N_("预计到达"),
}
_LIMITS = {"plate": 16, "driver": 60, "escort": 60, "carrier": 120, "driver_phone": 20, "route": 400, "receiver_name": 200}
_NEEDED = ("plate", "driver")


@dataclass(frozen=True)
class Freight:
    """Who carries a load, by which truck, where to and until when. ``receiver_id``: an enterprise of the platform, which signs for it itself; else
    ``receiver_name``. ``device_id``: the truck's terminal."""

    plate: str
    driver: str
    expected_at: datetime | None
    receiver_id: UUID | None = None
    receiver_name: str = ""
    escort: str = ""
    carrier: str = ""
    driver_phone: str = ""
    route: str = ""
    device_id: UUID | None = None


def send(enterprise_id: UUID, entry: Entry, freight: Freight, *, actor: Actor, now: datetime) -> tuple[Load, bool]:
    """Send a load by truck; returns it and whether it is new. It leaves the place at ``entry.at`` and is on the road until somebody signs for it.

    Needs ``holdings.record``. Numbers of other systems as in ``recording.record``. Raises ``Invalid``, ``NotEnough``, ``NotPermitted``.
    """
    with transaction.atomic():
        enterprise = enterprises.enterprise(enterprise_id)
        permit(actor, "holdings.record", place_code=enterprise.place_code, enterprise_id=enterprise.id)
        values = _freight(enterprise, entry, freight)
        movement = recording.prepared(
            enterprise, replace(entry, kind=rules.SENT, counterpart=values["receiver_name"]), actor=actor, now=now
        )
        held = recording.known(enterprise_id, entry.external_id)
        if held is not None and recording.same(held, movement):
            kept = Load.objects.select_related("product").get(sent=held)
            if all(getattr(kept, name) == value for name, value in values.items()):
                return kept, False
        recording.write(movement, actor=actor, now=now, also=recording.replaced(held, actor, now))
        with change(actor, "holdings.record", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
            load = Load.objects.create(
                sent=movement,
                enterprise_id=enterprise.id,
                place_code=enterprise.place_code,
                classification=enterprise.classification,
                product=movement.product,
                chemical_code=movement.product.chemical_code,
                mass_kg=movement.mass_kg,
                departed_at=movement.at,
                created_at=now,
                updated_at=now,
                **values,
            )
            made.subject = load
            made.announce(entering.load_event(load, now))
    return load, True


def _freight(enterprise: enterprises.EnterpriseSummary, entry: Entry, freight: Freight) -> dict[str, Any]:
    wrong: dict[str, Refusal | str] = {}
    values: dict[str, Any] = {}
    for name, limit in _LIMITS.items():
        text = " ".join(str(getattr(freight, name) or "").split())
        if len(text) > limit:
            wrong[name] = refusals.FieldTooLong(field=gettext_lazy(LABELS[name]), limit=limit)
        if not text and name in _NEEDED:
            wrong[name] = refusals.FieldMissing(field=gettext_lazy(LABELS[name]))
        values[name] = text
    values["plate"] = values["plate"].upper()
    values |= {"receiver_id": None, "receiver_place_code": "", "device_id": freight.device_id, "expected_at": freight.expected_at}
    if freight.receiver_id is not None:
        receiver = enterprises.enterprises([freight.receiver_id]).get(freight.receiver_id)
        if receiver is None or receiver.id == enterprise.id:
            wrong["receiver_id"] = refusals.FieldWrong(field=gettext_lazy(LABELS["receiver_name"]), value=freight.receiver_id)
        else:
            values |= {"receiver_id": receiver.id, "receiver_name": receiver.name, "receiver_place_code": receiver.place_code}
    elif not values["receiver_name"]:
        wrong["receiver_name"] = refusals.FieldMissing(field=gettext_lazy(LABELS["receiver_name"]))
    if freight.expected_at is None:
        wrong["expected_at"] = refusals.FieldMissing(field=gettext_lazy(LABELS["expected_at"]))
    elif freight.expected_at <= entry.at:
        wrong["expected_at"] = refusals.ArrivesBeforeItLeaves()
    if freight.device_id is not None and freight.device_id not in {row.id for row in positions.terminals_of(enterprise.id)}:
        wrong["device_id"] = refusals.NoTerminal()
    if wrong:
        raise Invalid(wrong)
    return values


# --- arriving --------------------------------------------------------------------------------------------------------------------


def receive(load_id: UUID, entry: Entry, *, actor: Actor, now: datetime) -> Load:
    """The receiver signs for a load with what it weighed itself: into which place, under which of its own products. Needs ``holdings.record`` there.

    A difference beyond the tolerance is kept with the load and told to both. Raises ``LoadNotOnRoad``, ``ChemicalDiffers``, ``Invalid``,
    ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        load = _locked(load_id)
        if load.receiver_id is None:
            raise NotFound(what=load.plate)
        receiver = enterprises.enterprise(load.receiver_id)
        permit(actor, "holdings.record", place_code=receiver.place_code, enterprise_id=receiver.id)
        _check_on_road(load, entry.at)
        sender = enterprises.enterprise(load.enterprise_id)
        movement = recording.prepared(receiver, replace(entry, kind=rules.RECEIVED, counterpart=sender.name), actor=actor, now=now)
        _check_same_chemical(load, movement.product)
        recording.write(movement, actor=actor, now=now)
        return _arrive(load, entry.at, movement.mass_kg, movement, actor=actor, now=now, enterprise_id=receiver.id)


def confirm(load_id: UUID, *, at: datetime, quantity: object, unit: object, actor: Actor, now: datetime) -> Load:
    """The sender says that a load arrived at a receiver who is not on the platform, and what the receiver weighed. Needs ``holdings.record``.

    Raises ``ReceivedBySender``, ``LoadNotOnRoad``, ``Invalid``, ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        load = _locked(load_id)
        permit(actor, "holdings.record", record=load)
        if load.receiver_id is not None:
            raise refusals.ReceivedBySender(name=load.receiver_name)
        _check_on_road(load, at)
        if at > now + parameters.span("ahead_minutes", now):
            raise Invalid({"at": refusals.AheadOfTime(at=at.astimezone(parameters.CHINA).strftime("%Y-%m-%d %H:%M"))})
        try:
            amount = quantities.quantity(quantity, unit, queries.density(load.product))
        except refusals.Unprocessable as refusal:
            raise Invalid({"quantity": refusal}) from refusal
        return _arrive(load, at, amount.mass_kg, None, actor=actor, now=now, enterprise_id=load.enterprise_id)


def _arrive(
    load: Load, at: datetime, mass_kg: Decimal, movement: Movement | None, *, actor: Actor, now: datetime, enterprise_id: UUID
) -> Load:
    place = load.receiver_place_code if movement is not None else load.place_code
    with change(actor, "holdings.record", now=now, place_code=place, enterprise_id=enterprise_id) as made:
        load.state, load.arrived_at, load.received, load.received_kg = rules.ARRIVED, at, movement, mass_kg
        load.difference_kg = mass_kg - load.mass_kg
        load.beyond = running.beyond(load.mass_kg, mass_kg, parameters.parameter("transfer_tolerance_percent", now).value)
        load.open_longitude = load.open_latitude = None
        load.updated_at = now
        load.save()
        made.facts["load"] = {"id": str(load.pk), "received_kg": str(mass_kg), "difference_kg": str(load.difference_kg)}
        made.announce(entering.load_event(load, now))
    return load


def _check_on_road(load: Load, at: datetime) -> None:
    if load.state != rules.ON_ROAD:
        raise refusals.LoadNotOnRoad(state=gettext_lazy(rules.LOAD_STATES[load.state]))
    if at < load.departed_at:
        raise Invalid({"at": refusals.ArrivesBeforeItLeaves()})


def _check_same_chemical(load: Load, product: Product) -> None:
    same = product.chemical_code == load.chemical_code if load.chemical_code else product.name == load.product.name
    if not same:
        raise Invalid({"product_id": refusals.ChemicalDiffers(sent=load.product.title, product=product.title)})


def _locked(load_id: UUID) -> Load:
    found = Load.objects.select_for_update(of=("self",)).select_related("product").filter(pk=load_id).first()
    if found is None:
        raise NotFound(what=str(load_id))
    return found


# --- on the road -----------------------------------------------------------------------------------------------------------------


def follow_trucks(now: datetime) -> int:
    """Keep the last position of every truck on the road, for the map and for searches; returns how many moved. Raises ``StoreSilent``."""
    rows = _travelling()
    found = positions.newest({row.device_id for row in rows if row.device_id is not None})
    moved = 0
    for row in rows:
        position = found.get(row.device_id) if row.device_id is not None else None
        if position is None or position.at < row.departed_at or (row.position_at is not None and position.at <= row.position_at):
            continue
        # Where a truck is, is no change of a record: it is not audited, as readings are not.
        moved += Load.objects.filter(pk=row.pk, state=rules.ON_ROAD).update(
            open_longitude=position.longitude, open_latitude=position.latitude, position_at=position.at
        )
    return moved


def _travelling() -> list[Load]:
    """Loads on the road whose truck has a terminal."""
    return list(Load.objects.filter(state=rules.ON_ROAD, device__isnull=False))


def tell_overdue(now: datetime) -> int:
    """Loads that should have arrived are marked and told, each once; returns how many."""
    late = Load.objects.filter(state=rules.ON_ROAD, overdue=False, expected_at__lt=now - parameters.span("overdue_minutes", now))
    count = 0
    for key in late.order_by("expected_at").values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            load = _locked(key)
            if load.state != rules.ON_ROAD or load.overdue:
                continue
            with change(SYSTEM, "holdings.record", now=now, record=load) as made:
                load.overdue = True
                load.save()
                made.announce(entering.load_event(load, now))
            count += 1
    return count
