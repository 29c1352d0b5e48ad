"""Movements for an enterprise's own system, by the number they have there: the same content again changes nothing, other content corrects."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.prevent.holdings import importing, loading, queries, recording, refusals, rules
from anlan.prevent.holdings.loading import Freight
from anlan.prevent.holdings.models import Load, Movement

_NEEDED = ("kind", "product", "store", "at", "quantity", "unit")
_TEXTS = ("plate", "driver", "receiver_name", "escort", "carrier", "driver_phone", "route")


@requires("holdings.view")
@require_http_methods(["GET", "PUT"])
def movement(request: ActorRequest, external_id: str) -> HttpResponse:
    """``GET ?enterprise=<credit code>``: the entry in force. ``PUT``: write it; ``{"enterprise", "kind", "product", "store", "at", "quantity", "unit",
    "other_store"?, "counterpart"?, "note"?, "density_kg_m3"?, "density_source"?}``, for ``sent`` also ``plate``, ``driver``, ``expected_at`` and
    ``receiver`` (credit code) or ``receiver_name``. 201 when it is new or corrected, 200 when it says nothing new."""
    actor = cast("Actor", request.actor)
    if not 1 <= len(external_id.strip()) <= 80:
        raise refusals.ExternalIdMissing
    body = _body(request) if request.method == "PUT" else {}
    enterprise = _enterprise(str(body.get("enterprise") or request.GET.get("enterprise", "")), actor)
    if request.method == "GET":
        rows = queries.movements(actor).filter(enterprise_id=enterprise.id, external_id=external_id.strip(), reversed_at__isnull=True)
        held = rows.first()
        if held is None:
            raise NotFound(what=external_id)
        return _answer(held, fresh=False)
    values = {**body, "external_id": external_id, "at": importing.moment(_text(body["at"]))}
    entry = importing.entry_of({name: _plain(value) for name, value in values.items()}, enterprise)
    if entry.kind == rules.SENT:
        load, fresh = loading.send(enterprise.id, entry, _freight(body), actor=actor, now=clock.now())
        return _answer(load.sent, fresh=fresh)
    row, fresh = recording.record(enterprise.id, entry, actor=actor, now=clock.now())
    return _answer(row, fresh=fresh)


def _enterprise(uscc: str, actor: Actor) -> enterprises.EnterpriseSummary:
    """The enterprise named, else the one that the actor works for."""
    found = enterprises.by_uscc(uscc, actor) if uscc else None
    if not uscc and actor.enterprise_id is not None:
        return enterprises.enterprise(actor.enterprise_id, actor)
    if found is None:
        raise NotFound(what=uscc)
    return found


def _freight(body: dict[str, Any]) -> Freight:
    expected = body.get("expected_at")
    receiver = _text(body.get("receiver"))
    texts: dict[str, Any] = {name: _text(body.get(name)) for name in _TEXTS}
    at = importing.moment(_text(expected)) if expected else None
    return Freight(**texts, expected_at=at, receiver_id=importing.enterprise_of(receiver).id if receiver else None)


def _body(request: ActorRequest) -> dict[str, Any]:
    try:
        # Numbers stay as written: 0.1 t is a tenth of a tonne and nothing beside it.
        body = json.loads(request.body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise refusals.BodyWrong from error
    if not isinstance(body, dict) or not all(_text(body.get(name)) for name in _NEEDED):
        raise refusals.BodyWrong
    return body


def _plain(value: object) -> object:
    return value if isinstance(value, datetime) else _text(value)


def _text(value: object) -> str:
    if isinstance(value, dict | list | bool):
        raise refusals.BodyWrong
    return "" if value is None else str(value)


def _answer(row: Movement, *, fresh: bool) -> HttpResponse:
    held = queries.holdings(None).filter(store_id=row.store_id, product_id=row.product_id).first()
    load = Load.objects.filter(sent=row).first()
    told = {
        "id": str(row.pk),
        "external_id": row.external_id,
        "changed": fresh,
        "kind": row.kind,
        "product": row.product.code,
        "store": row.store.code,
        "at": row.at.isoformat(),
        "quantity": str(row.quantity),
        "unit": row.unit,
        "mass_kg": str(row.mass_kg),
        "late": row.late,
        "to_explain": row.to_explain,
        "held_kg": str(held.mass_kg) if held is not None else "0",
        "load": str(load.pk) if load is not None else None,
        "url": queries.movement_address(row.pk),
    }
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False}, status=201 if fresh else 200)
