"""The addresses by which nodes speak with each other: who this node is, a request to join, an exchange."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, public, requires
from anlan.federation import link, trust
from anlan.federation.models import Node
from anlan.kernel import clock
from anlan.report.relays import admission, refusals, rules, services


@public
@require_GET
def identity(_request: HttpRequest) -> HttpResponse:
    """This node's card, for whoever compares its fingerprint before joining; nothing of it is secret."""
    return JsonResponse(trust.card(), json_dumps_params={"ensure_ascii": False})


@public
@csrf_exempt
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """A node asks to be let in; a person decides."""
    if not admission.asks.takes(request.META.get("REMOTE_ADDR", "")[:45]):
        raise refusals.TooManyCalls(limit=rules.ASKS_A_MINUTE)
    node = services.receive_ask(admission.body_of(request, rules.IDENTITY_BYTES), now=clock.now())
    return JsonResponse({"state": node.state, "fingerprint": node.fingerprint})


@requires("relays.exchange", admits=admission.by_signature)
@require_POST
def exchange(request: ActorRequest) -> HttpResponse:
    """One exchange with a joined node below; both directions go in it."""
    called = cast("tuple[Node, link.Said] | None", getattr(request, "called", None))
    if called is None:
        raise refusals.NotSigned
    return HttpResponse(link.answer(*called, now=clock.now()), content_type="application/jose")
