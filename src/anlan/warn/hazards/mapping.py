"""Natural hazards on the map: counties by the highest level of their townships at the hour looked at; earthquakes come as the desk's points."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

import numpy as np
import shapely
from django.http import JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET
from shapely.geometry import mapping

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.api import box_of
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import law_day
from anlan.warn.hazards import queries, rules

MOST = 600
_PIXELS = 1500
"""Outlines are told no finer than a screen of that width shows."""


class NotAMoment(Refusal):
    code: ClassVar[str] = "hazard_not_a_moment"
    sentence: ClassVar[str] = N_("“{value}”不是时刻，应写成带时区的形式，例如 2026-11-22T09:30:00+08:00。")
    status: ClassVar[int] = 422


def moment_of(text: str) -> datetime | None:
    """The moment of ``?at=``, ``None`` for now. Raises :class:`NotAMoment`."""
    if not text:
        return None
    try:
        # A space stands where an address had a plus sign that nobody escaped.
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError as wrong:
        raise NotAMoment(value=text[:40]) from wrong
    if found.tzinfo is None:
        raise NotAMoment(value=text[:40])
    return found


@requires("hazards.view")
@require_GET
def features(request: ActorRequest) -> JsonResponse:
    """``?bbox=west,south,east,north[&at=]``: counties with a hazard at that hour as GeoJSON areas with ``tone``; ``moments``: the hours ahead.

    Only counties: outlines of townships are not published. Raises ``BadBox``, ``NotAMoment``.
    """
    actor = cast("Actor", request.actor)
    west, south, east, north = box_of(request.GET.get("bbox", ""))
    now = clock.now()
    at = moment_of(request.GET.get("at", "")) or now
    frame = shapely.box(west, south, east, north)
    levels = {code: held for code, held in queries.county_levels(at).items() if queries.may_look(actor, code)}
    shapes = places.outlines(frame) if levels else {}
    chosen = sorted((code for code in levels if code in shapes), key=lambda code: (-levels[code].level, code))
    fine = (east - west) / _PIXELS
    hours = rules.parameter("horizon_hours", law_day(now))
    content = {
        "type": "FeatureCollection",
        "features": [_feature(code, levels[code], shapely.simplify(shapes[code], fine)) for code in chosen[:MOST]],
        "truncated": len(chosen) > MOST,
        "at": at.isoformat(),
        "moments": [(rules.hour_of(now) + timedelta(hours=ahead)).isoformat() for ahead in range(1, hours)],
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, content_type="application/geo+json")


def _feature(code: str, held: queries.CountyLevel, shape: Any) -> dict[str, Any]:
    name, level = places.full_name(code), held.level
    return {
        "type": "Feature",
        "id": code,
        "geometry": dict(mapping(shapely.transform(shape, lambda corners: np.round(corners, 5)))),
        "properties": {
            "id": code,
            "title": f"{name} {gettext(rules.LEVELS[level])}",
            "tone": rules.COLOURS[level],
            "severity": 5 - level,
            "detail": "；".join((gettext("最高%(level)s") % {"level": gettext(rules.LEVELS[level])}, *queries.township_words(held))),
            "url": f"/hazards/?place={code}",
        },
    }
