"""A zone of an answer becomes the area of a warning: handed over by reference to whoever drafts it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.command.judgement import facts, queries
from anlan.desk.guard import requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.warn.bulletins import door as bulletins


@requires("bulletins.draft")
@require_POST
def warn(request: HttpRequest, pk: UUID, run: UUID) -> HttpResponse:
    """Hand the zone named by ``zone`` (its code) to a new bulletin, the widest where none is named, and go to its editor."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    judgement, found = queries.judgement(pk, actor), queries.run(run, actor)
    zones = [zone for zone in facts.zones(found) if zone.area and found.judgement_id == pk]
    wanted = request.POST.get("zone", "")
    fitting = [zone for zone in zones if wanted in ("", zone.code)]
    if not fitting:
        raise NotFound(what=wanted or str(run))
    zone = max(fitting, key=lambda each: each.area_m2)
    origin = _("研判“%(title)s”第 %(number)s 次：%(zone)s") % {"title": judgement.title, "number": found.number, "zone": _(zone.label)}
    address = bulletins.hand_over_area(
        zone.area,
        place_code=judgement.place_code,
        origin=origin[:200],
        actor=actor,
        now=clock.now(),
        subject=judgement.title[:100],
        incident_id=judgement.incident_id,
        exercise=judgement.exercise,
    )
    return redirect(address)
