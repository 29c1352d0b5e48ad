"""The address that equipment sends readings to by HTTPS."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted
from anlan.sense.uplink import door, rules, services

MOST_KEY = 200


@requires("uplink.send", admits=door.by_credential)
@require_POST
def readings(request: ActorRequest, device: str) -> HttpResponse:
    """Take in a batch of readings of ``device``; answers when the stream has it. 422 when nothing of it could be used.

    ``?exercise=true``: all of it belongs to an exercise.
    """
    actor = cast(Actor, request.actor)
    if actor.kind != door.MACHINE:
        raise NotPermitted(action="uplink.send")
    if int(request.META.get("CONTENT_LENGTH") or 0) > rules.MAX_BODY_BYTES:
        raise rules.BodyTooLarge(limit=f"{rules.MAX_BODY_BYTES // 2**20} MiB")
    body = request.read(rules.MAX_BODY_BYTES + 1)
    if len(body) > rules.MAX_BODY_BYTES:
        raise rules.BodyTooLarge(limit=f"{rules.MAX_BODY_BYTES // 2**20} MiB")
    receipt = services.take(
        body,
        content=(request.content_type or "").lower(),
        encoding=request.headers.get("Content-Encoding", "").strip().lower(),
        username=actor.name,
        device_code=device,
        key=request.headers.get("Idempotency-Key", "")[:MOST_KEY],
        exercise=request.GET.get("exercise", "").lower() in {"1", "true"},
        now=clock.now(),
    )
    status = 422 if receipt.refused and not receipt.accepted else 200
    return JsonResponse(_told(receipt), status=status, json_dumps_params={"ensure_ascii": False})


def _told(receipt: door.Receipt) -> dict[str, Any]:
    return {
        "accepted": receipt.accepted,
        "refused": receipt.refused,
        "duplicate": receipt.duplicate,
        "reasons": [
            {"code": reason.code, "count": reason.count, "examples": [sentence(refusal) for refusal in reason.examples]}
            for reason in receipt.reasons
        ],
    }
