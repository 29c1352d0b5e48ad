"""Movements by spreadsheet and by other systems: products and places by the names people use, resolved within one enterprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.refusals import sentence
from anlan.desk.resource.cells import day
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.prevent.holdings import recording, refusals, rules
from anlan.prevent.holdings.models import Product, Store
from anlan.prevent.holdings.recording import Entry

BY_SHEET = tuple(each for each in rules.KINDS.values() if each.by_hand and each.code not in (rules.SENT, rules.RECEIVED))
"""Kinds that a spreadsheet may hold: what goes by truck is sent and signed for one by one."""


def moment(cell: str) -> datetime:
    """A moment as people write it: ``2026-11-22 08:30``, with seconds, ISO with zone, or a day alone (its beginning). Raises ``TimeWrong``."""
    text = cell.strip().replace("/", "-").replace("T", " ")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.combine(day(text), time())
        except Refusal as refusal:
            raise refusals.TimeWrong(value=cell) from refusal
    return found if found.tzinfo is not None else timezone.make_aware(found)


def kind(cell: str) -> str:
    """A kind of movement by code or word. Raises ``KindUnknown``."""
    for each in BY_SHEET:
        if cell.strip() in (each.code, each.label, gettext(each.label)):
            return each.code
    raise refusals.KindUnknown(value=cell, known="、".join(gettext(each.label) for each in BY_SHEET))


def enterprise_of(uscc: str) -> enterprises.EnterpriseSummary:
    """The enterprise of a row. Raises ``FieldWrong``. Whether somebody may write there is asked when it is written."""
    found = enterprises.by_uscc(uscc)
    if found is None:
        raise refusals.FieldWrong(field=_("统一社会信用代码"), value=uscc)
    return found


def product_of(enterprise: enterprises.EnterpriseSummary, text: str) -> Product:
    """A product by code, or by name with or without its specification. Raises ``NamedNothing``, ``NamedSeveral``."""
    wanted = " ".join(text.split())
    rows = list(Product.objects.filter(enterprise_id=enterprise.id, in_use=True))
    found = [row for row in rows if wanted in (row.code, row.title)] or [row for row in rows if row.name == wanted]
    if not found:
        raise refusals.NamedNothing(enterprise=enterprise.name, value=text, what=_("品种"))
    if len(found) > 1:
        raise refusals.NamedSeveral(enterprise=enterprise.name, value=text, codes="、".join(row.code for row in found))
    return found[0]


def store_of(enterprise: enterprises.EnterpriseSummary, text: str) -> Store:
    """A place by code, else by name. Raises ``NamedNothing``."""
    wanted = " ".join(text.split())
    rows = Store.objects.filter(enterprise_id=enterprise.id, in_use=True)
    found = rows.filter(code=wanted).first() or rows.filter(name=wanted).first()
    if found is None:
        raise refusals.NamedNothing(enterprise=enterprise.name, value=text, what=_("储存场所"))
    return found


def entry_of(values: Mapping[str, Any], enterprise: enterprises.EnterpriseSummary) -> Entry:
    """One row as an entry. Raises ``Invalid`` naming every column that means nothing."""
    wrong: dict[str, Refusal | str] = {}

    def resolved(name: str, find: Any) -> UUID | None:
        text = str(values.get(name) or "")
        if not text:
            return None
        try:
            return UUID(str(find(enterprise, text).pk))
        except Refusal as refusal:
            wrong[name] = refusal
            return None

    product, store = resolved("product", product_of), resolved("store", store_of)
    other = resolved("other_store", store_of)
    if wrong:
        raise Invalid(wrong)
    texts = ("counterpart", "note", "external_id", "density_source")
    return Entry(
        kind=values["kind"],
        product_id=product or enterprise.id,
        store_id=store or enterprise.id,
        other_store_id=other,
        at=values["at"],
        quantity=values.get("quantity"),
        unit=values.get("unit"),
        density_kg_m3=values.get("density_kg_m3"),
        **{name: str(values.get(name) or "") for name in texts},
    )


def resolve(rows: Sequence[dict[str, Any]], *, actor: Actor, now: datetime) -> Mapping[int, tuple[str, Refusal]]:
    """Look up what a batch names, and judge each row by itself; whether enough is there depends on the other rows and is asked when they are written.

    Into each good row go ``enterprise_id`` and ``place_code``. Returns what is refused by index, with the column.
    """
    known = enterprises.by_credit_codes({row["uscc"] for row in rows}, None if actor.kind == "system" else actor)
    refused: dict[int, tuple[str, Refusal]] = {}
    for index, row in enumerate(rows):
        enterprise = known.get(row["uscc"])
        if enterprise is None:
            refused[index] = ("uscc", refusals.FieldWrong(field=_("统一社会信用代码"), value=row["uscc"]))
            continue
        row |= {"enterprise_id": enterprise.id, "place_code": enterprise.place_code}
        try:
            recording.prepared(enterprise, entry_of(row, enterprise), actor=actor, now=now)
        except Invalid as refusal:
            name, why = next(iter(refusal.fields.items()))
            refused[index] = (name.removesuffix("_id"), why if isinstance(why, Refusal) else refusal)
    return refused


def write(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Write rows in the order of time, whatever their order in the file. A row whose number is known and says the same is passed over.

    Raises ``RowRefused``, which tells the row and why; then nothing of the file is kept.
    """
    count = 0
    for values in sorted(rows, key=lambda each: each["at"]):
        enterprise = enterprises.enterprise(values["enterprise_id"])
        try:
            _row, fresh = recording.record(enterprise.id, entry_of(values, enterprise), actor=actor, now=now)
        except Refusal as refusal:
            if refusal.status in (403, 404):
                raise
            whys = (*getattr(refusal, "fields", {}).values(),) or (refusal,)
            told = " ".join(why if isinstance(why, str) else sentence(why) for why in whys)
            row = f"{timezone.localtime(values['at']):%Y-%m-%d %H:%M} {values['product']} {values['quantity']} {values['unit']}"
            raise refusals.RowRefused(row=row, why=told) from refusal
        count += fresh
    return count
