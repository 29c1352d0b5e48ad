"""Who calls: a joined node, by the signature of what it says."""

from __future__ import annotations

from django.http import HttpRequest

from anlan.desk.braking import Brake
from anlan.federation import link
from anlan.kernel.access import Actor, Classification, Grant
from anlan.kernel.levels import Level
from anlan.report.relays import refusals, rules

NODE = "node"
"""Kind of the actor that stands for a joined node."""
calls = Brake(rules.CALLS_A_MINUTE, rules.CALLS_A_MINUTE / 3)
asks = Brake(rules.ASKS_A_MINUTE, rules.ASKS_A_MINUTE)


def body_of(request: HttpRequest, most: int) -> bytes:
    """The body of a request, as long as it may be. Raises ``TooLong``."""
    told = str(request.META.get("CONTENT_LENGTH") or "")
    if told.isascii() and told.isdigit() and int(told[:20]) > most:
        raise refusals.TooLong(limit=f"{most} B")
    body = request.read(most + 1)
    if len(body) > most:
        raise refusals.TooLong(limit=f"{most} B")
    return body


def by_signature(request: HttpRequest) -> Actor | None:
    """The node that signed the request; ``None`` for what is not signed at all. Raises what refuses it."""
    if not (request.content_type or "").startswith("application/jose"):
        return None
    node, said = link.caller_of(body_of(request, link.MOST_REQUEST_BYTES))
    if not calls.takes(node.pk):
        raise refusals.TooManyCalls(limit=rules.CALLS_A_MINUTE)
    request.called = (node, said)  # type: ignore[attr-defined]
    return Actor(
        account_id=link.uuid_of(node),
        name=node.name,
        post="node",
        level=Level(node.level),
        place_code=node.place_code,
        grants=(Grant("relays.exchange", "", None, Classification.SENSITIVE),),
        kind=NODE,
    )
