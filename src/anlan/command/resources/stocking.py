"""The stock ledger of supplies depots (储备物资台账): what comes, goes, is moved, lost, given back and counted.

Lines are added and never changed; the balances of a batch and of its item are what the lines add up to, and never below zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Sum

from anlan.command.resources import door, rules
from anlan.command.resources.models import Batch, RescueResource, StockItem, StockMovement
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.kernel.ids import new_id
from anlan.ledger.changes import Change, change
from anlan.ledger.sources import law_day


def register_item(*, actor: Actor, now: datetime, **values: Any) -> StockItem:
    """Enter an item of supplies in a depot: ``depot_id, code, unit``; ``name`` (by default that of the code), ``specification``, ``minimum``.

    Raises ``Invalid`` naming every wrong field, ``NotADepot``, ``NotFound``, ``NotPermitted``.
    """
    cleaned = _clean(values, {})
    depot = RescueResource.objects.filter(pk=cleaned["depot_id"]).first()
    if depot is None:
        raise NotFound(what=str(cleaned["depot_id"]))
    if depot.kind != rules.DEPOT:
        raise rules.NotADepot(name=depot.name)
    with change(actor, "resources.stock", now=now, record=None, place_code=depot.place_code, enterprise_id=depot.enterprise_id) as made:
        row = StockItem(place_code=depot.place_code, classification=depot.classification, created_at=now, updated_at=now, **cleaned)
        if StockItem.objects.filter(depot=depot, code=row.code, name=row.name, specification=row.specification).exists():
            raise Invalid({"name": rules.AlreadyThere(name=row.title)})
        row.low = row.minimum > 0
        row.save(force_insert=True)
        made.subject = row
    return row


def change_item(
    item_id: UUID | str, *, actor: Actor, now: datetime, reason: str = "", version: int | None = None, **values: Any
) -> StockItem:
    """Correct an item's words or its minimum; its depot and code stay. Raises ``NotFound``, ``Conflict`` and as :func:`register_item`."""
    with transaction.atomic():
        row = _locked(item_id)
        with change(actor, "resources.stock", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.title)
            held = {f.attname: getattr(row, f.attname) for f in StockItem._meta.concrete_fields}
            for name, value in _clean({k: v for k, v in values.items() if k not in ("depot_id", "code")}, held).items():
                setattr(row, name, value)
            row.low = row.quantity < row.minimum
            row.save()
            if reason:
                made.facts["reason"] = reason
    row.refresh_from_db()
    return row


def _clean(values: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    wrong: dict[str, Refusal | str] = {}
    for name, value in values.items():
        try:
            cleaned[name] = _one(name, value)
        except Refusal as refusal:
            wrong[name] = refusal
    if not held and not cleaned.get("code") and "code" not in wrong:
        wrong["code"] = rules.UnknownCapability(code="")
    if not wrong and not (cleaned.get("name") or held.get("name")):
        cleaned["name"] = rules.name_of(cleaned["code"])
    if not (cleaned.get("unit") or held.get("unit")):
        wrong["unit"] = rules.NameMissing()
    if wrong:
        raise Invalid(wrong)
    return cleaned


def _one(name: str, value: Any) -> Any:
    match name:
        case "code":
            found = rules.offer(str(value or ""))
            if found not in rules.supplies():
                raise rules.UnknownCapability(code=value)
            return found
        case "minimum":
            return rules.quantity(value or 0, zero=True)
        case "depot_id":
            return UUID(str(value))
        case "name" | "specification":
            return " ".join(str(value or "").split())[:80]
        case "unit":
            return str(value or "").strip()[:12]
    raise KeyError(name)


def _locked(item_id: UUID | str) -> StockItem:
    row = StockItem.objects.select_for_update(of=("self",)).select_related("depot").filter(pk=item_id).first()
    if row is None:
        raise NotFound(what=str(item_id))
    return row


# --- movements -------------------------------------------------------------------------------------------------------------------


def receive(
    item_id: UUID | str,
    quantity: Any,
    *,
    batch: str = "",
    expires_on: date | None = None,
    returned: bool = False,
    actor: Actor,
    now: datetime,
    **about: Any,
) -> StockItem:
    """Supplies come in, or back after use (``returned``). ``about``: ``note``, ``key``, ``subject_type``, ``subject_id``.

    Raises ``WrongQuantity``, ``NotFound``, ``NotPermitted``.
    """
    amount = rules.quantity(quantity)
    with transaction.atomic():
        row = _locked(item_id)
        with change(actor, "resources.stock", now=now, record=row) as made:
            if not _known(row, about):
                lot = _batch(row, batch, expires_on)
                _write(row, lot, rules.RETURN if returned else rules.IN, amount, actor, now, about)
                _settle(row, made, now)
    return row


def issue(item_id: UUID | str, quantity: Any, *, loss: bool = False, actor: Actor, now: datetime, **about: Any) -> StockItem:
    """Supplies go out, what runs out first going first; with ``loss`` they are written off, spoilt batches first.

    Raises ``NotEnough`` and ``ExpiredBatch`` naming what there is, ``ReasonMissing`` for a loss without a note, ``WrongQuantity``.
    """
    amount = rules.quantity(quantity)
    if loss and not str(about.get("note", "")).strip():
        raise rules.ReasonMissing
    with transaction.atomic():
        row = _locked(item_id)
        with change(actor, "resources.stock", now=now, record=row) as made:
            if not _known(row, about):
                _take(row, rules.LOSS if loss else rules.ISSUE, amount, actor, now, about)
                _settle(row, made, now)
    return row


def transfer(item_id: UUID | str, depot_id: UUID | str, quantity: Any, *, actor: Actor, now: datetime, **about: Any) -> StockItem:
    """Move supplies to another depot, batch by batch; the item is made there where it is not yet kept. Needs leave at both depots.

    Raises ``SameDepot``, ``NotADepot``, ``NotEnough``, ``ExpiredBatch``, ``NotFound``, ``NotPermitted``.
    """
    amount = rules.quantity(quantity)
    with transaction.atomic():
        row, other = _both(item_id, depot_id, actor, now)
        with (
            change(actor, "resources.stock", now=now, record=row) as made,
            change(actor, "resources.stock", now=now, record=other) as there,
        ):
            if not _known(row, about):
                pair = new_id()
                for lot, part in _take(row, rules.TRANSFER_OUT, amount, actor, now, about, pair):
                    to = _batch(other, lot.number, lot.expires_on)
                    _write(other, to, rules.TRANSFER_IN, part, actor, now, about, pair)
                _settle(row, made, now)
                _settle(other, there, now)
    return row


def _both(item_id: UUID | str, depot_id: UUID | str, actor: Actor, now: datetime) -> tuple[StockItem, StockItem]:
    """Both items of a transfer, locked in the order of their keys."""
    row = StockItem.objects.select_related("depot").filter(pk=item_id).first()
    depot = RescueResource.objects.filter(pk=depot_id).first()
    if row is None or depot is None:
        raise NotFound(what=str(item_id if row is None else depot_id))
    if depot.kind != rules.DEPOT:
        raise rules.NotADepot(name=depot.name)
    if depot.pk == row.depot_id:
        raise rules.SameDepot
    named = {"code": row.code, "name": row.name, "specification": row.specification}
    other = StockItem.objects.filter(depot=depot, **named).first() or register_item(
        depot_id=depot.pk, unit=row.unit, actor=actor, now=now, **named
    )
    locked = {key: _locked(key) for key in sorted((row.pk, other.pk))}
    return locked[row.pk], locked[other.pk]


def count(
    item_id: UUID | str, found: Any, *, batch: str = "", expires_on: date | None = None, actor: Actor, now: datetime, **about: Any
) -> StockItem:
    """A stock-take (盘点) of one batch: the book is brought in line with what was found, the difference being a line with its reason.

    Raises ``ReasonMissing`` for a difference without a note, ``WrongQuantity``, ``NotPermitted``.
    """
    amount = rules.quantity(found, zero=True)
    with transaction.atomic():
        row = _locked(item_id)
        with change(actor, "resources.stock", now=now, record=row) as made:
            lot = _batch(row, batch, expires_on)
            difference = amount - lot.quantity
            if difference and not _known(row, about):
                if not str(about.get("note", "")).strip():
                    raise rules.ReasonMissing
                _write(row, lot, rules.COUNT, difference, actor, now, about)
                _settle(row, made, now)
    return row


def _known(row: StockItem, about: Mapping[str, Any]) -> bool:
    """Whether this form was entered before."""
    return bool(about.get("key")) and StockMovement.objects.filter(item=row, key=about["key"]).exists()


def _batch(row: StockItem, number: str, expires_on: date | None) -> Batch:
    found, _fresh = Batch.objects.get_or_create(item=row, number=number.strip()[:40], expires_on=expires_on)
    return found


def _take(
    row: StockItem,
    kind: str,
    amount: Decimal,
    actor: Actor,
    now: datetime,
    about: Mapping[str, Any],
    pair: UUID | None = None,
) -> list[tuple[Batch, Decimal]]:
    batches = {str(each.pk): each for each in row.batches.select_for_update()}
    # What is written off may be what has run out; it is what runs out first in any case.
    on = date.min if kind == rules.LOSS else law_day(now)
    lots: Sequence[rules.Lot] = [rules.Lot(key, each.quantity, each.expires_on) for key, each in batches.items()]
    taken = [(batches[key], part) for key, part in rules.draw(lots, amount, on, name=row.title, unit=row.unit)]
    for lot, part in taken:
        _write(row, lot, kind, part, actor, now, about, pair)
    return taken


def _write(
    row: StockItem,
    lot: Batch,
    kind: str,
    amount: Decimal,
    actor: Actor,
    now: datetime,
    about: Mapping[str, Any],
    pair: UUID | None = None,
) -> None:
    difference = rules.signed(kind, amount)
    lot.quantity += difference
    lot.save(update_fields=["quantity"])
    StockMovement.objects.create(
        item=row,
        batch=lot,
        kind=kind,
        change=difference,
        at=now,
        pair=pair,
        key=str(about.get("key") or ""),
        subject_type=str(about.get("subject_type") or ""),
        subject_id=about.get("subject_id"),
        note=str(about.get("note") or "").strip()[:200],
        author_id=actor.account_id,
        author_name=actor.name,
    )


def _settle(row: StockItem, made: Change, now: datetime) -> None:
    """Bring the item in line with its batches, and tell when it falls below its minimum."""
    held = row.batches.filter(quantity__gt=0)
    sums = held.aggregate(total=Sum("quantity"), first=Min("expires_on"))
    before = row.quantity
    row.quantity, row.expires_on = sums["total"] or Decimal(0), sums["first"]
    low = row.quantity < row.minimum
    fell, row.low = low and not row.low, low
    row.save(update_fields=["quantity", "expires_on", "low"])
    made.facts["difference"] = rules.plain(row.quantity - before)
    made.announce(
        door.StockMoved(
            subject_id=row.pk,
            place_code=row.place_code,
            classification=Classification(row.classification),
            at=now,
            name=row.title,
            quantity=rules.plain(row.quantity),
            unit=row.unit,
            below=fell,
            depot=row.depot.name,
            minimum=rules.plain(row.minimum),
        )
    )
