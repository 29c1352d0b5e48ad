"""Part of the judgement's page: who goes to which shelter, when they must set out, and what holds them up. Asked again when a road is closed or opened."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.command.judgement import evacuating, facts, leaving, leaving_told, queries, wording
from anlan.command.judgement.leaving import Choice
from anlan.command.judgement.models import Run
from anlan.desk.guard import requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal


@requires("judgement.view")
@require_GET
def places_to_go(request: HttpRequest, pk: UUID, run: UUID) -> HttpResponse:
    """Fragment: the plan of evacuation for the choice of its form (``severity``, ``means``, ``curve``, ``vehicles``, ``seats``)."""
    actor, now = cast("Actor", request.actor), clock.now()  # type: ignore[attr-defined]
    found = queries.run(run, actor)
    if found.judgement_id != pk:
        raise NotFound(what=str(run))
    given = request.GET.dict()
    context: dict[str, object] = {"run": found, "now": now, "wrong": ""}
    try:
        choice = evacuating.asked(found, given, now)
        context |= {"plan": leaving_told.told(evacuating.plan(found, choice, now), found, actor)}
    except Refusal as refusal:
        choice = evacuating.default_choice(found, now)
        context |= {"wrong": wording.refusal_now(refusal)}
    context |= {"form": _form(found, choice, given)}
    return render(request, "judgement/_leaving.html", context)


def _form(run: Run, choice: Choice, given: dict[str, str]) -> dict[str, object]:
    """The form with what is chosen; figures stay as they were typed."""
    zones = reversed([zone for zone in facts.zones(run) if zone.area])
    return {
        "severity": str(choice.severity),
        "zones": [
            (str(zone.severity), wording.zone_name({"minutes": zone.minutes, "code": zone.code, "unit": zone.unit, "label": zone.label}))
            for zone in zones
        ],
        "means": choice.means,
        "all_means": [(code, _(label)) for code, label in leaving.MEANS.items()],
        "curve": choice.curve,
        "curves": [(code, _(label)) for code, label in leaving.CURVES.items()],
        "vehicles": given.get("vehicles", "").strip() or choice.vehicles,
        "seats": given.get("seats", "").strip() or choice.seats,
    }
