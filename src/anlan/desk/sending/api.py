"""The addresses below ``/api/v1/own/`` of everything that rooms declared, described in the same OpenAPI document as all others.

Not ``from __future__ import annotations``: django-ninja reads real types from the functions built here.
"""

from typing import Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.utils.encoding import force_str
from ninja import Router
from ninja.security import HttpBearer

from anlan.desk.refusals import sentence
from anlan.desk.sending import reading, refusals, taking
from anlan.desk.sending.declare import Sendable, all_sendables
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal

PREFIX = "own"


class KnownActor(HttpBearer):
    """Who asks was found by the guard: by an interface key, or by a session with its form token."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        """The request's actor."""
        return getattr(request, "actor", None)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Not asked: the guard did."""
        return None


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _json(content: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})


def _taken(sendable: Sendable[Any, Any], taken: taking.Taken, actor: Actor) -> dict[str, Any]:
    return {"result": taken.result, **reading.told(sendable, taken.record, actor, taken.external_id)}


def _refused(external_id: str, refusal: Refusal) -> dict[str, Any]:
    told: dict[str, Any] = {
        "external_id": external_id,
        "result": "refused",
        "status": refusal.status,
        "code": refusal.code,
        "message": sentence(refusal),
    }
    if isinstance(refusal, Invalid):
        told["fields"] = {name: sentence(why) for name, why in refusal.fields.items()}
    return told


def _body(request: HttpRequest) -> Any:
    try:
        return taking.parsed(request.body)
    except RequestDataTooBig as error:
        raise refusals.BodyTooLarge(limit=(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1024**2) from error


def _put(sendable: Sendable[Any, Any], external_id: str, request: HttpRequest) -> JsonResponse:
    actor = _actor(request)
    taken = taking.take(sendable, external_id, _body(request), actor=actor, now=clock.now())
    return _json(_taken(sendable, taken, actor), 201 if taken.result == taking.CREATED else 200)


def _get(sendable: Sendable[Any, Any], external_id: str, request: HttpRequest) -> JsonResponse:
    actor = _actor(request)
    return _json(reading.told(sendable, reading.one(sendable, external_id, actor), actor, external_id))


def _batch(sendable: Sendable[Any, Any], request: HttpRequest) -> JsonResponse:
    actor, body = _actor(request), _body(request)
    items = body.get("items") if isinstance(body, dict) else None
    answers: list[dict[str, Any]] = []
    for external_id, answer in taking.take_many(sendable, items, actor=actor, now=clock.now):
        if isinstance(answer, Refusal):
            answers.append(_refused(external_id, answer))
        else:
            status = 201 if answer.result == taking.CREATED else 200
            answers.append({"external_id": external_id, "result": answer.result, "status": status, "id": str(answer.record.pk)})
    results = (taking.CREATED, taking.CHANGED, taking.SAME, taking.SUPERSEDED, "refused")
    counts = {result: sum(each["result"] == result for each in answers) for result in results}
    return _json({"counts": counts, "items": answers})


def router_of(sendable: Sendable[Any, Any]) -> Router:
    """The addresses of one kind."""
    router = Router(tags=[PREFIX], auth=KnownActor())
    if sendable.only:
        _add_one(router, sendable)
        return router
    label, name = force_str(sendable.label), f"own_{sendable.code.replace('-', '_')}"

    def changed(request: HttpRequest) -> JsonResponse:
        asked = {each: request.GET.get(each, "") for each in ("updated_since", "after")}
        page = reading.changed(sendable, _actor(request), limit=request.GET.get("limit") or str(reading.USUAL_ROWS), **asked)
        return _json({"items": page.items, "next": page.next or None})

    def read(request: HttpRequest, external_id: str) -> JsonResponse:
        return _get(sendable, external_id, request)

    router.get("", operation_id=f"{name}_changed", summary=f"{label} ({sendable.view})", openapi_extra={"parameters": _PARAMETERS})(changed)
    if sendable.body is not None:

        def batch(request: HttpRequest) -> JsonResponse:
            return _batch(sendable, request)

        def put(request: HttpRequest, external_id: str) -> JsonResponse:
            return _put(sendable, external_id, request)

        about = f"{label} ({sendable.write})"
        router.post("/batch", operation_id=f"{name}_batch", summary=about, openapi_extra=_request(_many(sendable)))(batch)
        router.put("/{external_id}", operation_id=f"{name}_put", summary=about, openapi_extra=_request(_schema(sendable)))(put)
        router.get("/{external_id}", operation_id=f"{name}_read", summary=f"{label} ({sendable.view})")(read)
    return router


def _add_one(router: Router, sendable: Sendable[Any, Any]) -> None:
    label, name = force_str(sendable.label), f"own_{sendable.code.replace('-', '_')}"

    def read(request: HttpRequest) -> JsonResponse:
        return _get(sendable, sendable.code, request)

    def put(request: HttpRequest) -> JsonResponse:
        return _put(sendable, sendable.code, request)

    router.get("", operation_id=f"{name}_read", summary=f"{label} ({sendable.view})")(read)
    router.put("", operation_id=f"{name}_put", summary=f"{label} ({sendable.write})", openapi_extra=_request(_schema(sendable)))(put)


def overview(request: HttpRequest) -> JsonResponse:
    """``GET /api/v1/own``: for whom the key acts, and what it may read and send."""
    actor = _actor(request)
    enterprise_id, source = taking.whose(actor)
    things = [
        {
            "code": each.code,
            "label": force_str(each.label),
            "address": f"/api/v1/{PREFIX}/{each.code}",
            "may_read": actor.may_somewhere(each.view),
            "may_send": bool(each.write) and actor.may_somewhere(each.write),
        }
        for each in all_sendables()
    ]
    return _json({"enterprise_id": str(enterprise_id), "source": source, "most_items": taking.MOST_ITEMS, "things": things})


def overview_router() -> Router:
    """The address of :func:`overview`."""
    router = Router(tags=[PREFIX], auth=KnownActor())
    router.get("", operation_id="own", summary="What this key reads and sends")(overview)
    return router


# --- the description -------------------------------------------------------------------------------------------------------------

_PARAMETERS = [
    {"name": name, "in": "query", "required": False, "schema": {"type": kind, "description": about}}
    for name, kind, about in (
        ("updated_since", "string", "ISO 8601 with a zone: only what changed then or later"),
        ("after", "string", "next of the page before"),
        ("limit", "integer", f"rows in one answer, at most {reading.MOST_ROWS}"),
    )
]


def _request(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _schema(sendable: Sendable[Any, Any]) -> dict[str, Any]:
    assert sendable.body is not None
    found = sendable.body.model_json_schema()
    parts = found.pop("$defs", {})
    return cast("dict[str, Any]", _inlined(found, parts))


def _inlined(value: Any, parts: dict[str, Any]) -> Any:
    """A schema whose parts stand where they are used: a reference below a request body would lead nowhere in the whole document."""
    if isinstance(value, list):
        return [_inlined(each, parts) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(reference := value.get("$ref"), str):
        return _inlined(parts[reference.rsplit("/", 1)[-1]], parts)
    return {name: _inlined(each, parts) for name, each in value.items()}


def _many(sendable: Sendable[Any, Any]) -> dict[str, Any]:
    item = {
        "type": "object",
        "required": ["external_id", "content"],
        "properties": {"external_id": {"type": "string", "minLength": 1, "maxLength": 120}, "content": _schema(sendable)},
    }
    items = {"type": "array", "minItems": 1, "maxItems": taking.MOST_ITEMS, "items": item}
    return {"type": "object", "required": ["items"], "properties": {"items": items}}
