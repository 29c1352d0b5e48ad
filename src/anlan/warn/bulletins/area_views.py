"""The area while it is drawn: what it holds, what is wrong with it, and what could be taken instead."""

from __future__ import annotations

import json
from typing import Any, cast

import shapely
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.desk.guard import requires
from anlan.ground.audiences import door as audiences
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted, Refusal
from anlan.kernel.levels import level_of
from anlan.warn.bulletins import area as areas
from anlan.warn.bulletins import checking, grounds, hygiene, reach, rules
from anlan.warn.bulletins.forms import told_area


@requires("bulletins.draft")
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Fragment: figures of what was drawn, and a proposal where it has too many vertices or lies beyond the jurisdiction."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    place_code = request.POST.get("place_code") or actor.place_code
    if not actor.may("bulletins.draft", place_code=place_code):
        raise NotPermitted(action="bulletins.draft")
    try:
        told = told_area(request.POST.get("area", ""))
        circle = _circle(request)
        context = examine(told, circle, request.POST, place_code, actor) if told or circle else {}
    except ValidationError as wrong:
        context = {"refused": " ".join(wrong.messages)}
    except Refusal as refusal:
        context = {"refused": refusal.message(_)}
    return render(request, "bulletins/_area.html", context)


def _circle(request: HttpRequest) -> shapely.Polygon | None:
    try:
        values = [float(request.POST.get(f"circle_{name}", "")) for name in ("longitude", "latitude", "radius_km")]
        rules.check_area("000000", (), (values[0], values[1], values[2]))
    except (ValueError, Refusal):
        return None
    return areas.circle(values[0], values[1], values[2])


def examine(told: dict[str, Any] | None, circle: shapely.Polygon | None, of: Any, place_code: str, actor: Actor) -> dict[str, Any]:
    """What the fragment shows. Raises the refusals of :func:`anlan.warn.bulletins.area.read`."""
    now = clock.now()
    on = checking.day_of(now)
    level_of(place_code)
    found = areas.read(told) if told else None
    whole = shapely.union_all([part for part in (found and found.shape, circle) if part is not None])
    context: dict[str, Any] = {"reach": reach.of_shape(whole, drawn=found.shape if found else None, actor=actor, now=now)}
    codes = {row.code for row in rules.event_types()}, {row.code for row in rules.levels()}
    if of.get("event_code") in codes[0] and of.get("level") in codes[1]:
        context["area_findings"] = [
            finding.message(_)
            for finding in hygiene.area_findings(
                drawn_km2=areas.area_km2(whole),
                event_code=of["event_code"],
                level=of["level"],
                holes=found.holes if found else 0,
                divisions_km2=0.0,
                on=on,
            )
        ]
    rings = tuple((tuple((x, y) for x, y in part.exterior.coords),) for part in shapely.get_parts(whole))
    context["audience"] = reach.audience(audiences.Area(polygons=rings), of.get("level", "") if of.get("level") in codes[1] else "")
    if found is None:
        return context
    try:
        grounds.check_inside(found.shape, place_code, on)
    except hygiene.OutsideJurisdiction as outside:
        context |= {"outside": outside.message(_), "proposal": reach.cut(found.shape, place_code), "proposed": "cut"}
    else:
        if context["reach"].too_many:
            context |= {"proposal": reach.simplified(found.shape, context["reach"].limit), "proposed": "simplify"}
    if proposal := context.get("proposal"):
        context["proposal_geojson"] = json.dumps(areas.geojson(proposal.shape), separators=(",", ":"))
    return context


def proposed(told: dict[str, Any] | None, what: str, place_code: str) -> dict[str, Any] | None:
    """The area that is taken instead, for a page without scripts: ``simplify`` or ``cut``. Raises what reading it raises."""
    if not told:
        return None
    shape = areas.read(told).shape
    on = checking.day_of(clock.now())
    if what == "cut":
        within = grounds.cut(shape, place_code)
        return None if within.is_empty else areas.geojson(within)
    limit = int(hygiene.needed("vertices", on))
    return areas.geojson(areas.simplified(shape, limit).shape) if areas.vertices(shape) > limit else areas.geojson(shape)
