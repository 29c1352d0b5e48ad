"""Selecting and exporting by area over HTTP."""

from __future__ import annotations

import json
from typing import Any, cast

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.mapping import exporting, selecting, shapes
from anlan.desk.mapping.layers import find_layer
from anlan.desk.mapping.tiles import NoSuchLayer
from anlan.kernel.access import Actor

MOST_LAYERS = 40


def _asked(request: ActorRequest) -> dict[str, Any]:
    """The body as an object. Raises ``BadShape``."""
    try:
        told = json.loads(request.body)
    except ValueError as wrong:
        raise shapes.BadShape(most=shapes.MOST_CORNERS) from wrong
    if not isinstance(told, dict):
        raise shapes.BadShape(most=shapes.MOST_CORNERS)
    return told


@requires("map.view")
@require_POST
def select(request: ActorRequest) -> JsonResponse:
    """``{"area": GeoJSON geometry, "radius": m, "place": code, "layers": [code]}`` → what lies there by layer.

    Answers ``{"area", "layers": [{"code", "label", "count", "at_least", "exportable", "rows"}], "others": [code]}``; ``area`` is the area that was
    looked at (with its buffer), ``others`` are layers that only the map itself can look through. Without layers it answers the area alone.
    """
    asked = _asked(request)
    area = shapes.area_of(asked.get("area"), asked.get("radius"), str(asked.get("place") or ""))
    codes = asked.get("layers")
    wanted = [str(code) for code in codes[:MOST_LAYERS]] if isinstance(codes, list) else []
    found, others = selecting.select(area, wanted, cast("Actor", request.actor))
    content = {"area": shapes.geojson(area), "layers": [each.told() for each in found], "others": list(others)}
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


@requires("map.view")
@require_POST
def export(request: ActorRequest, layer: str) -> HttpResponse:
    """A form with ``area`` (text of a GeoJSON geometry), ``radius``, ``place`` and ``format``: the file of what lies there."""
    actor = cast("Actor", request.actor)
    known = find_layer(layer, actor)
    found = selecting.resource_of(known) if known is not None else None
    if found is None:
        raise NoSuchLayer(layer=layer[:40])
    told = request.POST
    area = shapes.area_of(told.get("area", ""), told.get("radius"), told.get("place", ""))
    return exporting.export(area, *found, told.get("format", "geojson"), actor)
