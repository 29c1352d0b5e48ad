"""The area while it is drawn: what it holds, what is wrong with it, and what could be taken instead."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

import shapely
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from shapely.geometry.base import BaseGeometry

from anlan.desk.guard import requires
from anlan.ground.audiences import door as audiences
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted, Refusal
from anlan.kernel.levels import level_of
from anlan.warn.bulletins import area as areas
from anlan.warn.bulletins import audience, checking, grounds, hygiene, reach, rules
from anlan.warn.bulletins.forms import BulletinForm, told_area


@requires("bulletins.draft")
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Fragment: figures of what was drawn, and a proposal where it has too many vertices or lies beyond the jurisdiction."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    place_code = request.POST.get("place_code") or actor.place_code
    if not actor.may("bulletins.draft", place_code=place_code):
        raise NotPermitted(action="bulletins.draft")
    try:
        drawn = Drawn(told_area(request.POST.get("area", "")), _circle(request), _named(request, actor, place_code))
        context = examine(drawn, request, place_code, actor) if drawn else {}
    except ValidationError as wrong:
        context = {"refused": " ".join(wrong.messages)}
    except Refusal as refusal:
        context = {"refused": refusal.message(_)}
    return render(request, "bulletins/_area.html", context)


def _circle(request: HttpRequest) -> tuple[float, float, float] | None:
    try:
        longitude, latitude, radius = (float(request.POST.get(f"circle_{name}", "")) for name in ("longitude", "latitude", "radius_km"))
        rules.check_area("000000", (), (longitude, latitude, radius))
    except (ValueError, Refusal):
        return None
    return longitude, latitude, radius


def _named(request: HttpRequest, actor: Actor, place_code: str) -> tuple[str, ...]:
    """Divisions that are ticked or named; what is not found yet is the form's matter when it is sent."""
    form = BulletinForm(request.POST, actor=actor, place_code=place_code)
    form.full_clean()
    return tuple(form.cleaned_data.get("area_codes") or ())


@dataclass(frozen=True)
class Drawn:
    """What the form says of the area as yet: what was drawn (GeoJSON), the circle (longitude, latitude in degrees, km), divisions by code."""

    told: dict[str, Any] | None
    circle: tuple[float, float, float] | None
    codes: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.told or self.circle or self.codes)


def examine(drawn: Drawn, request: HttpRequest, place_code: str, actor: Actor) -> dict[str, Any]:
    """What the fragment shows. Raises the refusals of :func:`anlan.warn.bulletins.area.read`."""
    now = clock.now()
    level_of(place_code)
    found = areas.read(drawn.told) if drawn.told else None
    circle = areas.circle(*drawn.circle) if drawn.circle else None
    exact = shapely.union_all([part for part in (found and found.shape, circle) if part is not None])
    divisions = grounds.division_shape(drawn.codes) if drawn.codes else None
    whole = shapely.union_all([exact, divisions]) if divisions is not None else exact
    shape = found.shape if found else None
    context: dict[str, Any] = {"reach": reach.of_shape(whole, drawn=shape, codes=drawn.codes, actor=actor, now=now)}
    words = _words(request.POST)
    context["area_findings"] = _findings(words, request.POST.get("event_code", ""), exact, divisions, found)
    rings = tuple((tuple((x, y) for x, y in part.exterior.coords),) for part in shapely.get_parts(shape)) if shape is not None else ()
    area = audiences.Area(drawn.codes, rings, (drawn.circle,) if drawn.circle else ())
    return (
        context
        | audience.of_area(area, words, place_code, request)
        | (_proposal(found.shape, place_code, context["reach"]) if found else {})
    )


def _words(told: Any) -> audience.Words:
    level = told.get("level", "")
    known = level if level in {row.code for row in rules.levels()} else ""
    return audience.Words(known, bool(told.get("exercise")), *(told.get(name, "") for name in ("issuer_name", "headline", "instruction")))


def _findings(
    words: audience.Words, event_code: str, exact: BaseGeometry, divisions: BaseGeometry | None, found: areas.ReadArea | None
) -> list[str]:
    if event_code not in {row.code for row in rules.event_types()} or not words.level:
        return []
    return [
        finding.message(_)
        for finding in hygiene.area_findings(
            drawn_km2=areas.area_km2(exact),
            event_code=event_code,
            level=words.level,
            holes=found.holes if found else 0,
            divisions_km2=areas.area_km2(divisions) if divisions is not None else 0.0,
            on=checking.day_of(clock.now()),
        )
    ]


def _proposal(shape: shapely.MultiPolygon, place_code: str, figures: reach.Reach) -> dict[str, Any]:
    """What could be taken instead of what was drawn, where that cannot stand."""
    context: dict[str, Any] = {}
    try:
        grounds.check_inside(shape, place_code, checking.day_of(clock.now()))
    except hygiene.OutsideJurisdiction as outside:
        context |= {"outside": outside.message(_), "proposal": reach.cut(shape, place_code), "proposed": "cut"}
    else:
        if figures.too_many:
            context |= {"proposal": reach.simplified(shape, figures.limit), "proposed": "simplify"}
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
