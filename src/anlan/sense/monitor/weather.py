"""The newest weather on the map: one mark for each device that measures wind, rain or visibility, an arrow pointing where the wind goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.api import box_of
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import ListedPoint
from anlan.sense.monitor import queries, wording
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE, OUT_OF_RANGE

SPEED, DIRECTION, RAIN, VISIBILITY, AIR, HUMIDITY = "wind_speed", "wind_direction", "rainfall", "visibility", "temperature", "humidity"
OUTDOORS = (SPEED, DIRECTION, RAIN, VISIBILITY)
"""What only weather stations measure."""
BESIDE = (AIR, HUMIDITY)
"""What tells of the air only where a device measures something of :data:`OUTDOORS` too: any other temperature may be that of a tank."""
KINDS = (SPEED, DIRECTION, AIR, HUMIDITY, RAIN, VISIBILITY)
ON_THE_MAP = (SPEED, AIR, RAIN)
"""What stands beside the mark; the rest is told when it is picked."""
FRESH = timedelta(minutes=30)
"""A reading older than this is drawn as unknown. Project default, no standard: wind turns within minutes."""
MOST = 2000
"""Devices drawn at once."""
_NOT_TRUSTED = OUT_OF_RANGE | MAINTENANCE | DOUBTFUL
Newest = dict[int, tuple[datetime, float, int]]


@require_GET
@requires("devices.view")
def weather_features(request: ActorRequest) -> JsonResponse:
    """``?bbox=west,south,east,north``: GeoJSON points with ``rotate`` (whither it blows, degrees from north), ``label`` and ``detail`` in words.

    Raises ``StoreSilent``: a store that does not answer is no calm.
    """
    actor = cast("Actor", request.actor)
    west, south, east, north = box_of(request.GET.get("bbox", ""))
    points = [
        point
        for sensor_class in OUTDOORS
        for point in devices.points(actor, sensor_class=sensor_class)
        if point.longitude is not None
        and point.latitude is not None
        and west <= point.longitude <= east
        and south <= point.latitude <= north
    ]
    stations = sorted({point.device_id for point in points})
    for sensor_class in BESIDE if stations else ():
        points += devices.points(actor, sensor_class=sensor_class, device_ids=stations[:MOST])
    found = features(points, queries.newest_or_raise(points), clock.now())
    content = {"type": "FeatureCollection", "features": found[:MOST], "truncated": len(found) > MOST}
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False}, content_type="application/geo+json")


def features(points: Iterable[ListedPoint], newest: Newest, now: datetime) -> list[dict[str, Any]]:
    """One feature for each device: its newest reading of each kind, grey when all of them are old, doubtful or missing."""
    by_device: dict[UUID, dict[str, ListedPoint]] = defaultdict(dict)
    for point in points:
        by_device[point.device_id].setdefault(point.sensor_class, point)
    return [_feature(measuring, newest, now) for measuring in by_device.values()]


def _feature(measuring: dict[str, ListedPoint], newest: Newest, now: datetime) -> dict[str, Any]:
    one = next(iter(measuring.values()))
    told = {kind: newest[point.channel] for kind, point in measuring.items() if point.channel in newest}
    trusted = {kind: reading for kind, reading in told.items() if now - reading[0] <= FRESH and not reading[2] & _NOT_TRUSTED}
    properties: dict[str, Any] = {
        "id": str(one.device_id),
        "title": f"{one.enterprise_name} {one.device_name}",
        "tone": "plain" if trusted else "grey",
        "url": f"/devices/{one.device_id}/",
        "detail": "\n".join(_sentence(measuring[kind], told.get(kind), now) for kind in KINDS if kind in measuring),
        "exercise": any(reading[2] & EXERCISE for reading in told.values()),
    }
    shown = [_short(measuring[kind], trusted[kind][1]) for kind in ON_THE_MAP if kind in trusted]
    if shown:
        properties["label"] = " · ".join(shown)
    if DIRECTION in trusted:
        # The direction of a wind is whence it comes; an arrow shows whither it goes.
        properties["rotate"] = (trusted[DIRECTION][1] + 180.0) % 360.0
    return {
        "type": "Feature",
        "id": str(one.device_id),
        "geometry": {"type": "Point", "coordinates": [one.longitude, one.latitude]},
        "properties": properties,
    }


def _short(point: ListedPoint, value: float) -> str:
    told = f"{wording.value_text(point, value)} {point.unit}".strip()
    return gettext("雨 %(value)s") % {"value": told} if point.sensor_class == RAIN else told


def _sentence(point: ListedPoint, reading: tuple[datetime, float, int] | None, now: datetime) -> str:
    name = wording.class_label(point.sensor_class)
    if point.sensor_class == RAIN:
        # Over what time it was summed up only the name of the point says.
        name = f"{name}（{point.name}）"
    if reading is None:
        return gettext("%(name)s：没有读数") % {"name": name}
    at, value, quality = reading
    remarks = [gettext("已过时")] if now - at > FRESH else []
    marks = "".join(f"（{mark}）" for mark in [*remarks, *wording.remarks(quality)])
    return f"{name} {wording.value_text(point, value)} {point.unit}{marks} {timezone.localtime(at):%m-%d %H:%M}"
