"""Movements of chemicals from an enterprise's own system: in, out, moved, counted, sent by truck; other content under the same number corrects."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from anlan.desk.sending import Body, Sendable, Sent, register
from anlan.desk.sending.taking import whose
from anlan.ground.enterprises import door as enterprises
from anlan.ledger import references
from anlan.prevent.holdings import importing, loading, queries, recording, rules
from anlan.prevent.holdings.loading import Freight
from anlan.prevent.holdings.models import Movement

CODE = "chemical-movements"
_FREIGHT = ("plate", "driver", "receiver_name", "escort", "carrier", "driver_phone", "route")


class MovementContent(Body):
    """One movement. Products and places by the code or name they have on the platform; a quantity with its unit."""

    kind: str = Field(description="one of " + ", ".join(each.code for each in rules.KINDS.values() if each.by_hand))
    product: str
    store: str
    at: datetime
    quantity: Decimal
    unit: str
    other_store: str | None = Field(None, description="for moved: where to")
    counterpart: str | None = None
    note: str | None = None
    density_kg_m3: Decimal | None = None
    density_source: str | None = None
    plate: str | None = Field(None, description="for sent: the truck; with driver, expected_at, and receiver or receiver_name")
    driver: str | None = None
    expected_at: datetime | None = None
    receiver: str | None = Field(None, description="credit code of an enterprise of the platform, which signs for the load itself")
    receiver_name: str | None = None
    escort: str | None = None
    carrier: str | None = None
    driver_phone: str | None = None
    route: str | None = None


def _like(enterprise_id: UUID, external_id: str, body: MovementContent | None) -> Movement | None:
    """The entry that bears the number already (by spreadsheet, by a person), unless another system calls it so."""
    found = recording.known(enterprise_id, external_id) if body is not None else None
    return None if found is None or references.is_numbered(found.pk, CODE) else found


def put(sent: Sent[MovementContent, Movement]) -> tuple[Movement, bool]:
    """Write the movement; other content takes the old entry back and writes the new one, the same content changes nothing."""
    body, enterprise = sent.body, enterprises.enterprise(sent.enterprise_id)
    values: dict[str, Any] = {
        name: str(value)
        for name, value in body.values().items()
        if value is not None and name not in (*_FREIGHT, "at", "expected_at", "receiver")
    }
    entry = importing.entry_of({**values, "external_id": _number(sent), "at": _zoned(body.at)}, enterprise)
    if entry.kind != rules.SENT:
        return recording.record(enterprise.id, entry, actor=sent.actor, now=sent.now)
    texts: dict[str, Any] = {name: str(getattr(body, name) or "") for name in _FREIGHT}
    freight = Freight(
        **texts,
        expected_at=_zoned(body.expected_at) if body.expected_at is not None else None,
        receiver_id=importing.enterprise_of(body.receiver).id if body.receiver else None,
    )
    load, fresh = loading.send(enterprise.id, entry, freight, actor=sent.actor, now=sent.now)
    return load.sent, fresh


def _number(sent: Sent[MovementContent, Movement]) -> str:
    """The number that the ledger shows. Where another system of the enterprise uses it, this system's name is added."""
    if sent.record is not None and sent.record.external_id:
        return sent.record.external_id
    taken = recording.known(sent.enterprise_id, sent.external_id) is not None
    return f"{sent.external_id}@{whose(sent.actor)[1]}" if taken else sent.external_id


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else timezone.make_aware(moment)


def _told(row: Movement, _actor: object) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "product": row.product.code,
        "store": row.store.code,
        "other_store": row.other_store.code if row.other_store is not None else None,
        "at": row.at,
        "quantity": row.quantity,
        "unit": row.unit,
        "mass_kg": row.mass_kg,
        "counterpart": row.counterpart,
        "note": row.note,
        "late": row.late,
        "to_explain": row.to_explain,
        "reversed_at": row.reversed_at,
    }


register(
    Sendable(
        code=CODE,
        label=_("危险化学品出入库"),
        view=queries.VIEW,
        write=rules.SENDABLE[0],
        body=MovementContent,
        rows=lambda actor, enterprise_id: queries.movements(actor).filter(enterprise_id=enterprise_id),
        told=_told,
        put=put,
        like=_like,
        never=("reversed_at", "explanation", "reason"),
    )
)
