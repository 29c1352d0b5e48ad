"""Addresses for analysis boxes: events with their pictures, and snapshots. They sign in with a device credential (HTTP Basic)."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted
from anlan.sense.video import admitting, reporting, rules

_FRAME = 256 * 1024
"""What a request may hold besides its pictures."""


@requires("video.take_in", admits=admitting.by_credential)
@require_POST
def take_events(request: ActorRequest) -> HttpResponse:
    """One event or a list of them as JSON, or a form with the fields ``event`` (JSON) and ``picture`` (file).

    200 with an outcome for each (``event`` id, ``known``, or ``code`` and ``message`` of its refusal); 422 where every one was refused.
    """
    actor = _box(request)
    now = clock.now()
    limit = rules.figure("picture_limit", timezone.localdate(now))
    # Base64 grows by a third; a list may carry several pictures but no more than the size of four.
    _check_size(request, 4 * limit * 4 // 3 + _FRAME)
    told = _events_of(request, limit)
    admitting.check_rate(actor, len(told))
    outcomes = reporting.take_in(told, actor=actor, now=now)
    refused = [outcome.refusal for outcome in outcomes if outcome.refusal is not None]
    status = refused[0].status if len(refused) == len(outcomes) else 200
    return JsonResponse({"events": [_plain(outcome) for outcome in outcomes]}, status=status)


@requires("video.take_in", admits=admitting.by_credential)
@require_POST
def take_snapshot(request: ActorRequest) -> HttpResponse:
    """The newest picture of a camera, as JSON or as a form with ``snapshot`` (JSON) and ``picture`` (file)."""
    actor = _box(request)
    now = clock.now()
    limit = rules.figure("snapshot_limit", timezone.localdate(now))
    _check_size(request, limit * 4 // 3 + _FRAME)
    if request.content_type == "multipart/form-data":
        told = msgspec.structs.replace(reporting.read_snapshot(_part(request, "snapshot")), picture=_file(request, limit))
    else:
        told = reporting.read_snapshot(request.body)
    admitting.check_rate(actor, 1)
    return JsonResponse({"kept": reporting.take_in_snapshot(told, actor=actor, now=now)})


def _box(request: ActorRequest) -> Actor:
    """The box that sends. Raises ``NotPermitted`` for somebody who is none: an event is told under the enterprise of a credential."""
    actor = cast(Actor, request.actor)
    if actor.enterprise_id is None or actor.kind != "machine":
        raise NotPermitted(action="video.take_in")
    return actor


def _check_size(request: ActorRequest, limit: int) -> None:
    told = request.META.get("CONTENT_LENGTH") or "0"
    size = int(told) if str(told).isdigit() else 0
    if size > limit:
        raise rules.PictureTooLarge(size=size, limit=limit)


def _events_of(request: ActorRequest, limit: int) -> list[reporting.ToldEvent]:
    if request.content_type != "multipart/form-data":
        return reporting.read_events(request.body)
    told = reporting.read_events(_part(request, "event"))
    picture = _file(request, limit)
    return [msgspec.structs.replace(told[0], picture=picture or told[0].picture), *told[1:]]


def _part(request: ActorRequest, name: str) -> bytes:
    file = cast("UploadedFile | None", request.FILES.get(name))
    return file.read(_FRAME) if file is not None else request.POST.get(name, "").encode()


def _file(request: ActorRequest, limit: int) -> bytes | None:
    file = cast("UploadedFile | None", request.FILES.get("picture"))
    if file is None:
        return None
    if (file.size or 0) > limit:
        raise rules.PictureTooLarge(size=file.size, limit=limit)
    return file.read()


def _plain(outcome: reporting.Outcome) -> dict[str, Any]:
    if outcome.refusal is not None:
        return {"camera": outcome.camera, "code": outcome.refusal.code, "message": sentence(outcome.refusal)}
    return {"camera": outcome.camera, "event": outcome.event, "known": outcome.known}
