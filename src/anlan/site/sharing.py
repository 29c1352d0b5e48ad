"""What the rooms share with other systems beside their records: zones and results of judgements, closed roads, outlines of counties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import mapping

from anlan.command.judgement import door as judgement
from anlan.desk.features.declare import Asked, Collection, Feature, Page, listed, register_collection
from anlan.desk.features.results import ResultLayer, ResultsProvider, ResultZone, register_results
from anlan.ground.places import door as places
from anlan.ground.roads import door as roads
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound

MOST_JUDGEMENTS = 200
"""Live judgements whose newest answer is told."""
_TONES = {1: "red", 2: "orange"}
"""Red, orange and yellow from the worst down, as on the map."""
WORLD = (-180.0, -90.0, 180.0, 90.0)


def join() -> None:
    """Called once, when every room is loaded."""
    page, item = listed(_zones)
    register_collection(
        Collection(
            code="judgement-zones",
            label=gettext_lazy("研判影响区"),
            description=gettext_lazy("进行中的研判最近一次得出的影响区域；数值模型的结果，供参考。"),
            action="judgement.view",
            geometry="areas",
            page=page,
            item=item,
            temporal="computed_at",
        )
    )
    page, item = listed(_closures)
    register_collection(
        Collection("road-closures-now", gettext_lazy("当前封闭的道路"), "roads.view", "lines", page, item, temporal="from_at")
    )
    register_collection(
        Collection(
            "counties",
            gettext_lazy("县级行政区边界"),
            "places.view",
            "areas",
            _county_page,
            _county,
            description=gettext_lazy("边界仅供参考，不作为划界依据；来源和许可见“数据说明”。"),
        )
    )
    register_results(ResultsProvider("judgement", "judgement.view", _newest, _one))


# judgements -----------------------------------------------------------------------------------------------------------


def _within(moment: datetime | None, asked: Asked) -> bool:
    """Whether a moment lies in the period asked; without a moment it does, as the standard has it (17-069r4, 7.15.4)."""
    if moment is None:
        return True
    return not ((asked.since is not None and moment < asked.since) or (asked.until is not None and moment > asked.until))


def _zones(actor: Actor, asked: Asked) -> Iterator[Feature]:
    for zone in judgement.latest_zones(actor, at=clock.now(), limit=MOST_JUDGEMENTS):
        if zone.area and _within(zone.computed_at, asked):
            told = {
                "title": f"{zone.title} · {zone.label}",
                "judgement_id": str(zone.judgement_id),
                "run_id": str(zone.run_id),
                "kind": zone.kind,
                "code": zone.code,
                "label": zone.label,
                "limit": zone.limit,
                "unit": zone.unit,
                "minutes": zone.minutes,
                "severity": zone.severity,
                "tone": _TONES.get(zone.severity, "yellow"),
                "reach_m": zone.reach_m,
                "area_m2": zone.area_m2,
                "arrives_at": zone.arrives_at.isoformat() if zone.arrives_at else None,
                "computed_at": zone.computed_at.isoformat() if zone.computed_at else None,
                "exercise": zone.exercise,
            }
            yield Feature(f"{zone.run_id}.{zone.code}", {"type": "MultiPolygon", "coordinates": _closed(zone.area)}, told)


def _closed(area: Any) -> list[list[list[list[float]]]]:
    """Rings as RFC 7946 has them: the first corner again at the end."""
    return [
        [[[float(x), float(y)] for x, y in (*ring, *(ring[:1] if tuple(ring[0]) != tuple(ring[-1]) else ()))] for ring in polygon]
        for polygon in area
    ]


def _layer(zones: Sequence[judgement.ZoneFacts]) -> ResultLayer | None:
    """The zones of one run as a layer, mildest first; ``None`` when none of them has an area."""
    drawn = sorted((zone for zone in zones if zone.area), key=lambda zone: -zone.severity)
    if not drawn:
        return None
    first = drawn[0]
    corners = shapely.MultiPoint([corner for zone in drawn for polygon in zone.area for corner in polygon[0]])
    meanings = "；".join(f"{zone.label}：{zone.limit:g} {zone.unit}" for zone in reversed(drawn))
    west, south, east, north = corners.bounds
    return ResultLayer(
        run=str(first.run_id),
        layer="zones",
        title=first.title,
        about=_("由重到轻：{meanings}。数值模型的结果，供参考。").format(meanings=meanings),
        at=first.computed_at or clock.now(),
        box=(west, south, east, north),
        exercise=first.exercise,
        zones=tuple(ResultZone(zone.code, zone.label, min(zone.severity, 3), zone.area) for zone in drawn),
    )


def _newest(actor: Actor, limit: int) -> list[ResultLayer]:
    zones = judgement.latest_zones(actor, at=clock.now(), limit=limit)
    found = [_layer(tuple(of_run)) for _run, of_run in groupby(zones, key=lambda zone: zone.run_id)]
    return [layer for layer in found if layer is not None]


def _one(actor: Actor, run: str, layer: str) -> ResultLayer | None:
    try:
        return _layer(judgement.zones_of(UUID(run), actor)) if layer == "zones" else None
    except (NotFound, ValueError):
        return None


# roads and places -----------------------------------------------------------------------------------------------------


def _closures(actor: Actor, asked: Asked) -> Iterator[Feature]:
    for closure in roads.closures(clock.now(), actor=actor):
        if not _within(closure.from_at, asked):
            continue
        points = [list(point) for point in closure.points]
        geometry = {"type": "LineString", "coordinates": points} if len(points) > 1 else {"type": "Point", "coordinates": points[0]}
        told = {
            "title": closure.name,
            "reason": closure.reason,
            "place_code": closure.place_code,
            "radius_m": closure.radius_m,
            "from_at": closure.from_at.isoformat(),
            "until_at": closure.until_at.isoformat() if closure.until_at else None,
            "state": closure.state,
            "tone": "red",
            "exercise": closure.exercise,
        }
        yield Feature(str(closure.id), geometry, told)


def _counties(actor: Actor, boxes: Sequence[tuple[float, float, float, float]]) -> dict[str, Any]:
    area = shapely.union_all([shapely.box(*box) for box in boxes or (WORLD,)])
    return {code: outline for code, outline in places.outlines(area).items() if actor.may("places.view", place_code=code)}


def _county_page(actor: Actor, asked: Asked) -> Page:
    found = _counties(actor, asked.boxes)
    rest = sorted(code for code in found if code > asked.after)
    shown = rest[: asked.limit]
    return Page([_county_feature(code, found[code]) for code in shown], shown[-1] if len(rest) > len(shown) else "", len(found))


def _county(actor: Actor, key: str) -> Feature | None:
    box = places.bounds(key) if places.exists(key) else None
    outline = _counties(actor, [(box.west, box.south, box.east, box.north)]).get(key) if box is not None else None
    return _county_feature(key, outline) if outline is not None else None


def _county_feature(code: str, outline: Any) -> Feature:
    return Feature(
        code, mapping(outline), {"code": code, "title": places.place_name(code), "full_name": places.full_name(code), "tone": "grey"}
    )
