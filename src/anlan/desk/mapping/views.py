"""The map page, its county figures, and the panel beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.joints import joints
from anlan.desk.mapping.layers import GROUPS, layers_for
from anlan.desk.mapping.picked import picked_object
from anlan.desk.mapping.selecting import exportable
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.geo import CHINA_BOX
from anlan.kernel.levels import MalformedPlaceCode, code_of

LINES_IN_PANEL = 50


def _prefixes(actor: Actor) -> list[str]:
    """Subtrees in which the actor sees every alarm; elsewhere the map shows "unknown", never "none"."""
    return sorted({grant.place_prefix for grant in actor.scopes(joints.alarms_action) if grant.enterprise_id is None})


def _bounds(actor: Actor) -> list[float]:
    found = joints.place_bounds(actor.place_code) if joints.place_bounds is not None and actor.place_code else None
    return list(found or CHINA_BOX)


def _county_counts(actor: Actor) -> Mapping[str, Mapping[int, int]]:
    if joints.open_counts_by_county is None or not actor.may_somewhere(joints.alarms_action):
        return {}
    return joints.open_counts_by_county(actor)


def map_config(actor: Actor) -> dict[str, Any]:
    """What the map's script needs to know: first view, jurisdiction, tiles, layers."""
    return {
        "bounds": _bounds(actor),
        "prefixes": _prefixes(actor),
        "tiles": "/tiles/places/{z}/{x}/{y}.mvt",
        "counties": joints.open_counts_by_county is not None and bool(_prefixes(actor)),
        "alarmKinds": list(joints.alarm_kinds),
        "layers": [
            {
                "code": layer.code,
                "label": str(layer.label),
                "url": layer.url,
                "shape": layer.shape,
                "on": layer.on,
                "live": list(layer.live),
                "geometry": layer.geometry,
                "group": layer.group,
                "time": layer.time,
                "tiles": layer.tiles,
                "minzoom": layer.minzoom,
                "empty": str(layer.empty),
                "tones": {tone: str(meaning) for tone, meaning in (layer.tones or {}).items()},
                "legend": str(layer.legend),
                "steps": list(layer.steps),
                "exportable": exportable(layer, actor),
            }
            for layer in layers_for(actor)
        ],
    }


@requires("map.view")
@require_GET
def config(request: ActorRequest) -> JsonResponse:
    """What :func:`map_config` tells, for forms that show a small map beside their inputs."""
    return JsonResponse(map_config(cast("Actor", request.actor)), json_dumps_params={"ensure_ascii": False})


def _node_name() -> str:
    return joints.node_name() if joints.node_name is not None else ""


@requires("map.view")
@require_GET
def map_page(request: ActorRequest) -> HttpResponse:
    """一张图. ``?c=lon,lat&z=&layers=a,b&pick=layer:id&at=&area=`` is read and kept by the page's script (``docs/map.md``)."""
    actor = cast("Actor", request.actor)
    layers = layers_for(actor)
    kinds = sorted({*joints.alarm_kinds, *(kind for layer in layers for kind in layer.live)})
    groups = [(label, [layer for layer in layers if layer.group == code]) for code, label in GROUPS.items()]
    context = {
        "config": {
            **map_config(actor),
            "account": str(actor.account_id),
            "author": actor.name,
            "node": _node_name(),
            "now": clock.now().isoformat(),
        },
        "map_help": True,
        "drawing_kinds": [
            ("point", gettext("点")),
            ("line", gettext("线")),
            ("area", gettext("面")),
            ("rectangle", gettext("矩形")),
            ("circle", gettext("圆")),
        ],
        "groups": [(label, members) for label, members in groups if members],
        "live_kinds": " ".join(f"sse:{kind}" for kind in kinds),
    }
    return render(request, "desk/map.html", context)


@requires("map.view")
@require_GET
def county_figures(request: ActorRequest) -> JsonResponse:
    """Open alarms by county and level, as far as the actor sees: ``{"at", "counties": {"370102": {"name", "levels": {"1": 2}}}}``."""
    actor = cast("Actor", request.actor)
    name = joints.place_name or str
    counties = {
        code: {"name": name(code), "levels": {str(level): number for level, number in levels.items()}}
        for code, levels in _county_counts(actor).items()
    }
    return JsonResponse({"at": clock.now().isoformat(), "counties": counties})


@requires("map.view")
@require_GET
def panel(request: ActorRequest) -> HttpResponse:
    """Fragment: the open alarms, worst first; ``?place=`` narrows it to one place."""
    actor = cast("Actor", request.actor)
    place = request.GET.get("place", "")
    if place:
        try:
            place = code_of(place.rstrip("0") if len(place.rstrip("0")) in (2, 4, 6) else place[:6])
        except MalformedPlaceCode as wrong:
            raise Http404 from wrong
    may_see = joints.open_alarms is not None and actor.may_somewhere(joints.alarms_action)
    alarms = joints.open_alarms(actor, LINES_IN_PANEL, place) if may_see and joints.open_alarms is not None else ()
    name = joints.place_name or str
    title = name(place) if place else gettext("未关闭报警")
    return render(request, "desk/_map_panel.html", {"alarms": alarms, "title": title, "place": place, "may_see": may_see})


@requires("map.view")
@require_GET
def picked(request: ActorRequest, layer: str, key: str) -> HttpResponse:
    """Fragment: what is known of one object of a layer, with the way to its own page. 404 when the actor may not see it."""
    actor = cast("Actor", request.actor)
    found = picked_object(layer, key, actor)
    if found is None:
        raise Http404
    return render(request, "desk/_map_picked.html", {"picked": found})
