"""Verbs of the ledger: write a movement, count, explain a difference, take an entry back. Nothing is edited and nothing is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import Change, change, permit
from anlan.prevent.holdings import door, entering, parameters, quantities, queries, refusals, rules
from anlan.prevent.holdings.models import Leg, Movement, Product, Store
from anlan.prevent.holdings.quantities import Quantity

LABELS: dict[str, str] = {"counterpart": N_("往来单位"), "note": N_("说明"), "at": N_("发生时间"), "external_id": N_("企业系统编号")}
_LIMITS = {"counterpart": 120, "note": 400, "external_id": 80}


@dataclass(frozen=True)
class Entry:
    """One movement as it is to be written. ``quantity`` and ``unit`` as typed; ``density`` and its source only where cubic metres are reckoned with
    another density than the product's. ``external_id``: its number in the enterprise's own system, or empty."""

    kind: str
    product_id: UUID
    store_id: UUID
    at: datetime
    quantity: object
    unit: object
    other_store_id: UUID | None = None
    density_kg_m3: object = None
    density_source: str = ""
    counterpart: str = ""
    note: str = ""
    external_id: str = ""


def record(enterprise_id: UUID, entry: Entry, *, actor: Actor, now: datetime) -> tuple[Movement, bool]:
    """Write one movement; returns it and whether it is new. Needs ``holdings.record``.

    With an ``external_id`` that is known the same content changes nothing, and other content takes the old entry back and writes the new one in one
    step. A movement by truck is written by ``loading.send``. Raises ``Invalid`` naming every wrong field, ``NotEnough``, ``OpeningTwice``,
    ``KindUnknown``, ``OutOfUse``, ``NotPermitted``, ``NotFound``.
    """
    with transaction.atomic():
        enterprise = enterprises.enterprise(enterprise_id)
        permit(actor, "holdings.record", place_code=enterprise.place_code, enterprise_id=enterprise.id)
        movement = prepared(enterprise, entry, actor=actor, now=now)
        held = known(enterprise_id, entry.external_id)
        if held is not None and same(held, movement):
            return held, False
        write(movement, actor=actor, now=now, also=replaced(held, actor, now))
    return movement, True


REPLACED = N_("企业系统用同一编号送来更正后的内容")


def prepared(enterprise: enterprises.EnterpriseSummary, entry: Entry, *, actor: Actor, now: datetime) -> Movement:
    """A movement checked field by field, not yet written. Raises as :func:`record`."""
    if entry.kind not in rules.KINDS or not rules.KINDS[entry.kind].by_hand:
        known = "、".join(str(gettext_lazy(each.label)) for each in rules.KINDS.values() if each.by_hand)
        raise refusals.KindUnknown(value=entry.kind, known=known)
    wrong: dict[str, Refusal | str] = {}
    product = _own(Product, entry.product_id, enterprise.id, "product_id", wrong)
    store = _own(Store, entry.store_id, enterprise.id, "store_id", wrong)
    other = None
    if entry.kind == rules.MOVED:
        other = _own(Store, entry.other_store_id, enterprise.id, "other_store_id", wrong) if entry.other_store_id else None
        if "other_store_id" not in wrong and (other is None or other == store):
            wrong["other_store_id"] = refusals.OtherStoreNeeded()
    texts = {name: _text(name, getattr(entry, name), wrong) for name in _LIMITS}
    if entry.at > now + parameters.span("ahead_minutes", now):
        wrong["at"] = refusals.AheadOfTime(at=entry.at.astimezone(parameters.CHINA).strftime("%Y-%m-%d %H:%M"))
    amount = _amount(entry, product, wrong)
    if wrong:
        raise Invalid(wrong)
    assert product is not None and store is not None and amount is not None
    return Movement(
        enterprise_id=enterprise.id,
        place_code=enterprise.place_code,
        classification=enterprise.classification,
        kind=entry.kind,
        product=product,
        store=store,
        other_store=other,
        at=entry.at,
        quantity=amount.typed,
        unit=amount.unit,
        density_kg_m3=amount.density.value if amount.density else None,
        density_source=amount.density.source if amount.density else "",
        mass_kg=amount.mass_kg,
        late=now - entry.at > parameters.span("late_hours", now),
        by_id=actor.account_id,
        by_name=actor.name,
        created_at=now,
        updated_at=now,
        **texts,
    )


def write(movement: Movement, *, actor: Actor, now: datetime, also: list[Movement] | None = None) -> Change:
    """Write a prepared movement with ``also`` (reversals) in one step; call inside a transaction. Raises ``NotEnough``, ``OpeningTwice``."""
    concerned = [(row.store, row.product) for row in [movement, *(also or [])]]
    concerned += [(row.other_store, row.product) for row in [movement, *(also or [])] if row.other_store is not None]
    with change(actor, "holdings.record", now=now, place_code=movement.place_code, enterprise_id=movement.enterprise_id) as made:
        entering.locked([entering.Pair(store, product) for store, product in concerned], now)
        before = entering.limits(concerned)
        legs: list[Leg] = []
        for row in also or []:
            _take_back(row, now)
            assert row.reverses is not None
            legs += [_for(leg, row) for leg in entering.legs_of(row.reverses, -1)]
        _check_opening(movement)
        if movement.kind == rules.COUNTED:
            _weigh(movement)
        movement.save(force_insert=True)
        entering.enter([*legs, *entering.legs_of(movement)], now)
        made.subject = movement
        made.facts["holdings"] = {
            "kind": movement.kind,
            "mass_kg": str(movement.mass_kg),
            "reversed": [str(row.reverses_id) for row in also or []],
        }
        made.announce(door.HoldingsChanged(**about(movement, now), what="movement"))
        if movement.to_explain:
            made.announce(door.CountDiffers(**about(movement, now), where=movement.store.name, difference_kg=str(movement.difference_kg)))
        entering.announce_limits(before, entering.limits(concerned), movement, made, about(movement, now))
        for row in also or []:
            assert row.reverses is not None
            entering.follow_reversal(row.reverses, made, now)
    return made


def about(movement: Movement, now: datetime) -> dict[str, Any]:
    """What every event says of a movement."""
    return {
        "subject_id": movement.pk,
        "place_code": movement.place_code,
        "enterprise_id": movement.enterprise_id,
        "classification": movement.classification,
        "at": now,
        "product": movement.product.title,
    }


def _own(model: Any, key: object, enterprise_id: UUID, field: str, wrong: dict[str, Refusal | str]) -> Any:
    found = model.objects.filter(pk=key).first() if key else None
    if found is None:
        wrong[field] = refusals.FieldMissing(field=model._meta.verbose_name)
    elif found.enterprise_id != enterprise_id:
        wrong[field] = refusals.OfAnother(name=found.name)
    elif not found.in_use:
        wrong[field] = refusals.OutOfUse(name=found.name)
    return found


def _text(name: str, value: str, wrong: dict[str, Refusal | str]) -> str:
    text = " ".join(str(value or "").split())
    if len(text) > _LIMITS[name]:
        wrong[name] = refusals.FieldTooLong(field=gettext_lazy(LABELS[name]), limit=_LIMITS[name])
    return text


def _amount(entry: Entry, product: Product | None, wrong: dict[str, Refusal | str]) -> Quantity | None:
    try:
        stated = quantities.density_of(entry.density_kg_m3, entry.density_source)
        known = stated or (queries.density(product) if product is not None else None)
        return quantities.quantity(entry.quantity, entry.unit, known, zero=entry.kind == rules.COUNTED)
    except (refusals.UnitMissing, refusals.UnitUnknown) as refusal:
        wrong["unit"] = refusal
    except (refusals.DensityNeeded, refusals.DensityWrong) as refusal:
        wrong["density_kg_m3"] = refusal
    except refusals.DensityWithoutSource as refusal:
        wrong["density_source"] = refusal
    except refusals.Unprocessable as refusal:
        wrong["quantity"] = refusal
    return None


def _check_opening(movement: Movement) -> None:
    if movement.kind != rules.OPENING:
        return
    earlier = Leg.objects.filter(store=movement.store, product=movement.product, movement__reversed_at__isnull=True)
    if earlier.filter(movement__reverses__isnull=True).exists():
        raise refusals.OpeningTwice(store=movement.store.name, product=movement.product.title)


# --- numbers of other systems ----------------------------------------------------------------------------------------------------


def known(enterprise_id: UUID, external_id: str) -> Movement | None:
    """The entry in force that bears a number of the enterprise's own system, held until the transaction ends."""
    if not external_id.strip():
        return None
    rows = Movement.objects.select_for_update(of=("self",)).select_related("product", "store", "other_store")
    return rows.filter(enterprise_id=enterprise_id, external_id=external_id.strip(), reversed_at__isnull=True).first()


def replaced(held: Movement | None, actor: Actor, now: datetime) -> list[Movement]:
    """The reversal of an entry that its own system corrects; it becomes part of writing the new one. Raises as :func:`reverse`."""
    return [] if held is None else [_reversal(held, REPLACED, actor, now)]


_CONTENT = ("kind", "product_id", "store_id", "other_store_id", "at", "quantity", "unit", "mass_kg", "counterpart", "note")


def same(held: Movement, sent: Movement) -> bool:
    """Whether what was sent again says nothing new."""
    return all(getattr(held, name) == getattr(sent, name) for name in _CONTENT)


# --- counts ----------------------------------------------------------------------------------------------------------------------


def _weigh(count: Movement) -> None:
    """What the book says at the moment of a count, and the difference."""
    count.book_kg = queries.book_at(count.store_id, count.product_id, count.at)
    count.difference_kg = count.mass_kg - count.book_kg
    count.to_explain = count.difference_kg != 0


def difference_now(count: Movement) -> Decimal:
    """Found minus book at the moment of a count, by everything that was written since (also late entries and settlements), in kg."""
    return count.mass_kg - queries.book_at(count.store_id, count.product_id, count.at)


def explain(count_id: UUID, *, reason: str, settle: bool, actor: Actor, now: datetime) -> Movement:
    """Say why a count differs. ``settle``: the difference that stands now is entered as 盘盈 or 盘亏 at the moment of the count; without it the ledger
    stays as it is, because what was forgotten is (or will be) entered. Returns the count. Needs ``holdings.correct``.

    Raises ``NothingToExplain``, ``ReasonNeeded``, ``NotEnough``, ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        count = _locked(count_id)
        with change(actor, "holdings.correct", now=now, record=count) as made:
            if count.kind != rules.COUNTED or not count.to_explain or count.reversed_at is not None:
                raise refusals.NothingToExplain()
            count.explanation, count.to_explain = _reason(reason), False
            count.explained_at, count.explained_by_name = now, actor.name
            count.save()
            open_kg = difference_now(count)
            if settle and open_kg:
                _settle(count, open_kg, actor, now)
            made.facts["settled_kg"] = str(open_kg) if settle else "0"
            made.announce(door.HoldingsChanged(**about(count, now), what="count"))
    return count


def _settle(count: Movement, open_kg: Decimal, actor: Actor, now: datetime) -> None:
    row = Movement(
        **{name: getattr(count, name) for name in ("enterprise_id", "place_code", "classification", "product", "store", "at")},
        kind=rules.SURPLUS if open_kg > 0 else rules.SHORTFALL,
        quantity=abs(open_kg),
        unit=quantities.KILOGRAM,
        mass_kg=abs(open_kg),
        note=count.explanation,
        late=count.late,
        by_id=actor.account_id,
        by_name=actor.name,
        settles=count,
        created_at=now,
        updated_at=now,
    )
    row.save(force_insert=True)
    entering.enter(entering.legs_of(row), now)


# --- taking back -----------------------------------------------------------------------------------------------------------------


def reverse(movement_id: UUID, *, reason: str, actor: Actor, now: datetime) -> Movement:
    """Take an entry back (冲销): its opposite is written at its time, so that every balance is as if it had never been. Returns the reversal.

    Needs ``holdings.correct``. Raises ``ReasonNeeded``, ``AlreadyReversed``, ``IsReversal``, ``CountSettled``, ``LoadArrived``, ``NotEnough`` (what
    came was used since), ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        held = _locked(movement_id)
        permit(actor, "holdings.correct", record=held)
        row = _reversal(held, _reason(reason), actor, now)
        with change(actor, "holdings.correct", now=now, record=held) as made:
            _take_back(row, now)
            entering.enter([_for(leg, row) for leg in entering.legs_of(held, -1)], now)
            made.subject = row
            made.facts["reverses"] = str(held.pk)
            made.announce(door.HoldingsChanged(**about(row, now), what="reversal"))
            entering.follow_reversal(held, made, now)
    return row


def _reversal(held: Movement, reason: str, actor: Actor, now: datetime) -> Movement:
    if held.reverses_id is not None:
        raise refusals.IsReversal()
    if held.reversed_at is not None:
        raise refusals.AlreadyReversed()
    if held.settlements.filter(reversed_at__isnull=True).exists():
        raise refusals.CountSettled()
    names = (
        "enterprise_id",
        "place_code",
        "classification",
        "kind",
        "product",
        "store",
        "other_store",
        "at",
        "quantity",
        "unit",
        "mass_kg",
    )
    return Movement(
        **{name: getattr(held, name) for name in (*names, "density_kg_m3", "density_source", "counterpart")},
        late=now - held.at > parameters.span("late_hours", now),
        by_id=actor.account_id,
        by_name=actor.name,
        reverses=held,
        reason=reason,
        created_at=now,
        updated_at=now,
    )


def _take_back(row: Movement, now: datetime) -> None:
    """Mark what is reversed and write the reversal; a count that is taken back asks for nothing any more."""
    held = row.reverses
    assert held is not None
    held.reversed_at, held.to_explain, held.updated_at = now, False, now
    held.save()
    row.save(force_insert=True)
    if held.settles is not None:
        # The difference of the count is open again.
        Movement.objects.filter(pk=held.settles_id).update(to_explain=True)


def _for(leg: Leg, row: Movement) -> Leg:
    leg.movement = row
    return leg


def _reason(text: str) -> str:
    plain = " ".join(text.split())[:400]
    if not plain:
        raise refusals.ReasonNeeded()
    return plain


def _locked(movement_id: UUID) -> Movement:
    rows = Movement.objects.select_for_update(of=("self",)).select_related("product", "store", "other_store")
    found = rows.filter(pk=movement_id).first()
    if found is None:
        raise NotFound(what=str(movement_id))
    return found
