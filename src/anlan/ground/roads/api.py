"""Roads for programs: GeoJSON over GET. Every answer names the net it was reckoned by and how far its speeds can be trusted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.roads import answering, asking, door, queries
from anlan.ground.roads.models import RoadClosure
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
    """``?at=&bbox=``: the roads closed at a moment as GeoJSON lines, one feature for each closure that the actor may see."""
    at = asking.moment(request.GET, clock.now())
    now = answering.present(at) if queries.in_force(at) is not None else None
    features = []
    for row in _closed(request, at):
        edges = answering.edges_of(now, row) if now is not None else ()
        lines = [[[round(float(x), 6), round(float(y), 6)] for x, y in now.network.line(int(edge))] for edge in edges] if now else []
        features.append(_closure(row, {"type": "MultiLineString", "coordinates": lines}))
    return _answer({"type": "FeatureCollection", "features": features})


@requires("roads.view")
@require_GET
def closed_points(request: ActorRequest) -> HttpResponse:
    """``?at=&bbox=``: the middle of each closure that holds at a moment and that the actor may see, as GeoJSON points."""
    rows = _closed(request, asking.moment(request.GET, clock.now()))
    features = [_closure(row, {"type": "Point", "coordinates": [row.longitude, row.latitude]}) for row in rows]
    return _answer({"type": "FeatureCollection", "features": features})


def _closed(request: ActorRequest, at: datetime) -> QuerySet[RoadClosure]:
    rows = queries.closed_at(at, cast(Actor, request.actor))
    box = asking.box(request.GET)
    if box is not None:
        rows = rows.filter(longitude__range=(box[0], box[2]), latitude__range=(box[1], box[3]))
    return rows


def _closure(row: RoadClosure, geometry: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "title": row.name,
        "tone": "red",
        "reason": row.reason,
        "exercise": row.exercise,
        "lets_emergency_pass": row.lets_emergency_pass,
    }
    return {"type": "Feature", "id": str(row.pk), "geometry": geometry, "properties": properties}
