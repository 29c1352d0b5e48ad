"""Roads for programs: GeoJSON over GET. Every answer names the net it was reckoned by and how far its speeds can be trusted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.roads import answering, asking, door, drawn, keeping, netting, queries
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.routing.plane import Area


def _by(at: datetime) -> dict[str, Any]:
    now = answering.present(at)
    row = queries.one_network(now.id, None)
    return {
        "network": {"id": str(row.pk), "name": row.name, "source": row.source, "licence": row.licence, "generated": row.generated},
        "speeds": {"status": now.speeds.status, "valid_from": now.speeds.valid_from.isoformat(), "source": now.speeds.source},
        "at": at.isoformat(),
    }


def _exercise(request: ActorRequest) -> bool:
    return request.GET.get("exercise") in ("1", "true")


def _answer(content: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


@requires("roads.view")
@require_GET
def route(request: ActorRequest) -> HttpResponse:
    """``?from=lon,lat&to=lon,lat&vehicle=&at=&avoid=GeoJSON&exercise=1``: a GeoJSON feature with the line, metres, seconds, steps."""
    given = request.GET
    vehicle, at = asking.vehicle(given), asking.moment(given, clock.now())
    found = door.route(
        asking.point(given, "from"),
        asking.point(given, "to"),
        vehicle=vehicle,
        at=at,
        avoid=asking.areas(given),
        exercise=_exercise(request),
    )
    steps = [
        {
            "turn": step.turn,
            "name": step.name,
            "road_class": step.road_class,
            "length_m": round(step.length_m, 1),
            "seconds": round(step.seconds, 1),
            "at": step.at,
        }
        for step in found.steps
    ]
    return _answer(
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": found.points},
            "properties": {
                "vehicle": vehicle,
                "length_m": round(found.length_m, 1),
                "seconds": round(found.seconds, 1),
                "start_gap_m": round(found.start_gap_m, 1),
                "end_gap_m": round(found.end_gap_m, 1),
                "steps": steps,
                **_by(at),
            },
        }
    )


@requires("roads.view")
@require_GET
def isochrone(request: ActorRequest) -> HttpResponse:
    """``?from=lon,lat&minutes=5,10,15&vehicle=&at=&avoid=&exercise=``: a GeoJSON feature for each number of minutes, the largest area first."""
    given = request.GET
    vehicle, at, minutes = asking.vehicle(given), asking.moment(given, clock.now()), asking.minutes(given)
    areas = door.isochrones(
        asking.point(given, "from"), minutes, vehicle=vehicle, at=at, avoid=asking.areas(given), exercise=_exercise(request)
    )
    features = [_area(area, {"minutes": limit, "vehicle": vehicle}) for limit, area in zip(minutes, areas, strict=True)]
    return _answer({"type": "FeatureCollection", "features": features[::-1], **_by(at)})


def _area(area: Area, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": area}, "properties": properties}


@requires("roads.view")
@require_GET
def arrivals(request: ActorRequest) -> HttpResponse:
    """``?from=lon,lat;lon,lat&to=lon,lat&vehicle=&at=&avoid=&exercise=``: for each start, in order, seconds and gaps, or ``null``."""
    given = request.GET
    vehicle, at = asking.vehicle(given), asking.moment(given, clock.now())
    found = door.arrivals(
        asking.points(given, "from"),
        asking.point(given, "to"),
        vehicle=vehicle,
        at=at,
        avoid=asking.areas(given),
        exercise=_exercise(request),
    )
    rows = [
        each and {"seconds": round(each.seconds, 1), "start_gap_m": round(each.start_gap_m, 1), "end_gap_m": round(each.end_gap_m, 1)}
        for each in found
    ]
    return _answer({"arrivals": rows, "vehicle": vehicle, **_by(at)})


@requires("roads.view")
@require_GET
def closed(request: ActorRequest) -> HttpResponse:
    """``?at=&bbox=``: what is closed at a moment as GeoJSON, one feature for each closure that the actor may see (:mod:`.drawn`)."""
    at, box = asking.moment(request.GET, clock.now()), asking.box(request.GET)
    now = answering.present(at) if queries.in_force(at) is not None else None
    found = [drawn.closure(row, now) for row in queries.closed_at(at, cast(Actor, request.actor))]
    features = [each for each in found if box is None or drawn.meets(each, box)]
    return _answer({"type": "FeatureCollection", "features": features})


@requires("roads.view")
@require_GET
def tile(request: ActorRequest, z: int, x: int, y: int) -> HttpResponse:
    """Vector tile of the net in force, its one layer called ``road-net``; 204 where there is no road, and from where no net is in force.

    The net is common to the node, as is reckoning by it: whoever may ask for a route sees the roads it may take.
    """
    row = queries.in_force(clock.now())
    content = netting.tile(row.pk, keeping.loaded(row.pk), z, x, y) if row is not None else b""
    response = HttpResponse(content, content_type="application/vnd.mapbox-vector-tile", status=200 if content else 204)
    # Another net may be put in force at any time; asking again costs a look at what this process keeps.
    response["Cache-Control"] = "private, max-age=60"
    return response
