"""Part of a judgement's page: who and what is in the zones, and whom to tell in the first hour."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.command.exposure import door as exposure
from anlan.command.judgement import exposing, queries, wording
from anlan.desk.guard import requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound

LINES_SHOWN = 30


@requires("judgement.view")
@require_GET
def exposed(request: HttpRequest, pk: UUID, run: UUID) -> HttpResponse:
    """Fragment: people by zone, the first hour in its order, and whom to ask across the county line."""
    actor, now = cast("Actor", request.actor), clock.now()  # type: ignore[attr-defined]
    found = queries.run(run, actor)
    if found.judgement_id != pk:
        raise NotFound(what=str(run))
    told = exposing.exposed(found, actor, now)
    context = {
        "now": now,
        "total": wording.people_told(exposure.rounded(told.people.total), not told.people.unknown),
        "night": told.night,
        "lines": [
            {
                "line": line,
                "doing": _(exposure.DOINGS[line.doing]),
                "people": wording.people_told(line.people),
                "where": f"{line.direction} {wording.distance(line.distance_m)}".strip() if line.distance_m is not None else "—",
                "arrival": wording.minutes(line.arrival_s),
            }
            for line in told.first_hour[:LINES_SHOWN]
        ],
        "hazards": told.hazards[:LINES_SHOWN],
        "outside": told.outside,
        "uncounted": told.uncounted[:LINES_SHOWN],
        "truncated": told.truncated or len(told.first_hour) > LINES_SHOWN,
    }
    return render(request, "judgement/_exposed.html", context)
