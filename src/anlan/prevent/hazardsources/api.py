"""The inventory of a unit for an enterprise's own system: read it, or put the whole of it; the same content again changes nothing."""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_
from anlan.prevent.hazardsources import grading, queries, services
from anlan.prevent.hazardsources.inventory import Line, line_of
from anlan.prevent.hazardsources.models import HazardUnit, InventoryVersion


class BodyWrong(Refusal):
    code: ClassVar[str] = "hazard_body_wrong"
    sentence: ClassVar[str] = N_(
        "请求正文应为 JSON 对象，含 lines 数组，每行为对象：substance、cas、quantity、unit、seq、symbols、mixture、note。"
    )
    status: ClassVar[int] = 422


@requires("hazardsources.view")
@require_http_methods(["GET", "PUT"])
def unit_inventory(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """``GET``: the inventory in force with its sums. ``PUT {"lines": […], "seen": n?, "note": …?}``: replace it."""
    return _answer(request, queries.unit(unit_id, cast("Actor", request.actor)))


@requires("hazardsources.view")
@require_http_methods(["GET", "PUT"])
def coded_inventory(request: ActorRequest, uscc: str, code: str) -> HttpResponse:
    """The same by the credit code of the enterprise and the code of the unit. A unit not known yet is registered when the body names it:
    ``name`` and ``kind`` (``production`` or ``storage``)."""
    actor = cast("Actor", request.actor)
    enterprise = enterprises.by_uscc(uscc, actor)
    if enterprise is None:
        raise NotFound(what=uscc)
    unit = queries.by_code(enterprise.id, code, actor)
    if unit is not None:
        return _answer(request, unit)
    body = _body(request) if request.method == "PUT" else {}
    if not {"name", "kind"} <= body.keys():
        raise NotFound(what=code)
    _lines(body)
    known = {name: body[name] for name in ("name", "kind", "extent", "longitude", "latitude") if name in body}
    unit = services.register_unit(enterprise.id, actor=actor, now=clock.now(), code=code, **known)
    return _answer(request, unit)


def _answer(request: ActorRequest, unit: HazardUnit) -> HttpResponse:
    actor, now = cast("Actor", request.actor), clock.now()
    fresh = False
    if request.method == "PUT":
        body = _body(request)
        seen = body.get("seen")
        if seen is not None and (not isinstance(seen, int) or isinstance(seen, bool)):
            raise BodyWrong
        version, fresh = services.write_inventory(unit.pk, _lines(body), actor=actor, now=now, note=str(body.get("note") or ""), seen=seen)
    else:
        held = queries.newest_inventory(unit.pk)
        if held is None:
            raise NotFound(what=unit.code)
        version = held
    return JsonResponse(_told(unit, version, fresh), json_dumps_params={"ensure_ascii": False}, status=201 if fresh else 200)


def _told(unit: HazardUnit, version: InventoryVersion, fresh: bool) -> dict[str, Any]:
    last = queries.newest_assessment(unit.pk)
    found = queries.reckon(queries.lines_of(version), last.people if last is not None else 0, clock.now())
    unit.refresh_from_db()
    return {
        "unit": str(unit.pk),
        "code": unit.code,
        "number": version.number,
        "changed": fresh,
        "at": version.at.isoformat(),
        "lines": version.lines,
        "complete": found.complete,
        "s": grading.shown(found.s),
        "refused": [{"line": each.facts["line"], "code": each.code, "message": sentence(each)} for each in found.refused],
        "level": unit.major_level,
        "to_reassess": unit.to_reassess,
    }


def _body(request: ActorRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BodyWrong from error
    if not isinstance(body, dict) or not isinstance(body.get("lines"), list):
        raise BodyWrong
    return body


def _lines(body: dict[str, Any]) -> list[Line]:
    if not all(isinstance(each, dict) for each in body["lines"]):
        raise BodyWrong
    return [line_of({name: _text(value) for name, value in each.items()}) for each in body["lines"]]


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(each) for each in value)
    if isinstance(value, dict | bool):
        raise BodyWrong
    return "" if value is None else str(value)
