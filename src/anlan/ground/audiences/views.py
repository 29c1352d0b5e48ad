"""Consent, withdrawal and erasure of one recipient, and the count of an area for editors of messages."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.desk.guard import requires
from anlan.ground.audiences import door, queries, rules, services, wording
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid
from anlan.kernel.words import N_

_MOST_BODY = 2_000_000


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", cast("Any", request).actor)


def _back(pk: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:audiences-detail", args=[pk]))


@requires("audiences.change")
@require_POST
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The recipient consents."""
    row = queries.one(pk, _actor(request))
    services.give_consent(row.pk, how=request.POST.get("how", ""), actor=_actor(request), now=clock.now())
    return _back(pk)


@requires("audiences.change")
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The recipient withdraws his consent."""
    row = queries.one(pk, _actor(request))
    services.withdraw_consent(row.pk, actor=_actor(request), now=clock.now())
    return _back(pk)


@requires("audiences.erase")
@require_POST
def erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The recipient's personal data are erased; there is no page of him any more."""
    row = queries.one(pk, _actor(request))
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Invalid({"reason": _(N_("请写明删除的理由，例如本人申请。"))})
    services.erase_recipient(row.pk, reason=reason, actor=_actor(request), now=clock.now())
    return HttpResponseRedirect(reverse("desk:audiences-list"))


@requires("audiences.view")
@require_POST
def count(request: HttpRequest) -> JsonResponse:
    """How many are in an area: ``{"place_codes": […], "polygons": [[ring, …], …], "circles": [[lon, lat, km], …], "level": "red"}`` as JSON.

    Only places of one's own jurisdiction are counted; a drawn area is counted as it is, for it shows no person.
    """
    actor = _actor(request)
    try:
        asked = json.loads(request.body[:_MOST_BODY])
        area = door.Area(
            tuple(str(code) for code in asked.get("place_codes", ()) if actor.may("audiences.view", place_code=str(code))),
            tuple(tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings) for rings in asked.get("polygons", ())),
            tuple((float(x), float(y), float(km)) for x, y, km in asked.get("circles", ())),
        )
        level = str(asked.get("level") or "")
    except (ValueError, TypeError, AttributeError) as wrong:
        raise rules.AreaNotAnArea from wrong
    found = door.count(area, level=level if level in rules.LEVELS else "")
    return JsonResponse(
        {
            "people": found.people,
            "by_role": [{"code": code, "name": wording.role(code), "people": number} for code, number in found.by_role.items()],
            "by_address": dict(found.by_address),
            "devices": dict(found.by_channel_of_device),
            "by_language": dict(found.by_language),
            "without_point": found.without_point,
            "not_told": found.not_told,
        }
    )
