"""Part of the judgement's page: who can come and when. Asked again whenever a road is closed or opened."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.command.judgement import queries, reaching, wording
from anlan.desk.guard import requires
from anlan.ground.organisations.door import KINDS
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound


@requires("judgement.view")
@require_GET
def reach(request: HttpRequest, pk: UUID, run: UUID) -> HttpResponse:
    """Fragment: teams and hospitals, soonest first, with arrivals by the roads as they are open now."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    found = queries.run(run, actor)
    if found.judgement_id != pk:
        raise NotFound(what=str(run))
    now = clock.now()
    told = reaching.who_can_come(found, at=now)
    rows = [
        {
            "name": each.organisation.name,
            "kind": _(KINDS[each.organisation.kind]),
            "phone": each.organisation.duty_phone,
            "straight": wording.distance(each.straight_m),
            "time": wording.minutes(each.seconds) if each.seconds is not None else "",
            "from": f"{each.organisation.longitude},{each.organisation.latitude}",
            "longitude": each.organisation.longitude,
            "latitude": each.organisation.latitude,
            "vehicle": each.vehicle,
        }
        for each in told.coming
    ]
    refused = wording.refusal_told(told.refused) if told.refused else ""
    return render(request, "judgement/_reach.html", {"rows": rows, "refused": refused, "now": now, "run": found})
