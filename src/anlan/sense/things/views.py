"""The address of the API: from an HTTP request to :mod:`handling` and back."""

from __future__ import annotations

import json
from typing import cast

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from anlan.desk.guard import ActorRequest, requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.sense.things import batch, handling
from anlan.sense.things.handling import Answer, Asked
from anlan.sense.things.reading import Plain
from anlan.sense.things.rules import VIEW, MalformedEntity
from anlan.sense.uplink import door as uplink

ROOT = "/api/sensorthings/v1.1"
MAX_BODY_BYTES = 16 * 1024 * 1024


@requires(VIEW, admits=uplink.by_credential)
@require_http_methods(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"])
def service(request: ActorRequest, address: str = "") -> HttpResponse:
    """Every address of the API."""
    asked = Asked(
        method="GET" if request.method == "HEAD" else str(request.method),
        # Django has decoded the path already, and would lose what was encoded on purpose.
        path=request.get_full_path().partition("?")[0].partition(ROOT)[2],
        query=request.META.get("QUERY_STRING", ""),
        body=_body(request),
        content=(request.content_type or "").lower(),
        actor=cast(Actor, request.actor),
        base=request.build_absolute_uri(ROOT),
        now=clock.now(),
    )
    if asked.method == "POST" and address.strip("/") == "$batch":
        return _response(Answer(200, batch.run(asked)))
    return _response(handling.answer(asked))


def _body(request: ActorRequest) -> object:
    if request.method not in {"POST", "PATCH", "PUT"}:
        return None
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise MalformedEntity(reason=f"> {MAX_BODY_BYTES // 2**20} MiB")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise MalformedEntity(reason=str(wrong)[:120]) from None


def _response(answer: Answer) -> HttpResponse:
    if isinstance(answer.content, Plain):
        value = answer.content.value
        text = value if isinstance(value, str) else handling.dumped(value)
        return HttpResponse(text, status=answer.status, content_type="text/plain; charset=utf-8")
    response = HttpResponse(handling.dumped(answer.content), status=answer.status, content_type="application/json")
    for name, value in answer.headers.items():
        response[name] = value
    return response
