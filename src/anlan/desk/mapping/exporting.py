"""What lies in an area carried away as GeoJSON, CSV or a workbook: only what the actor may export, audited before the first row leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.functional import Promise
from shapely.geometry.base import BaseGeometry

from anlan.desk.mapping import shapes
from anlan.desk.mapping.selecting import keys_inside
from anlan.desk.resource import asking
from anlan.desk.resource.api import row_of
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.exporting import csv_chunks, workbook
from anlan.desk.resource.listing import light
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"geojson": "application/geo+json", "csv": "text/csv; charset=utf-8", "xlsx": XLSX}


class UnknownMapFormat(Refusal):
    code: ClassVar[str] = "unknown_map_format"
    sentence: ClassVar[str] = N_("不能导出为“{value}”，可选 geojson、csv 或 xlsx。")
    status: ClassVar[int] = 422


class TooManyInArea(Refusal):
    code: ClassVar[str] = "too_many_in_area"
    sentence: ClassVar[str] = N_("所选范围内的对象过多，无法一次完整导出。请缩小范围，或在列表页按条件导出 CSV。")
    status: ClassVar[int] = 422


def export(area: BaseGeometry, resource: Resource, narrowed: QueryDict, form: str, actor: Actor) -> HttpResponse:
    """Everything of the resource in the area that the actor may both see and carry away.

    Raises :class:`UnknownMapFormat`, :class:`TooManyInArea` (nothing is cut off silently), ``NotPermitted``.
    """
    if form not in TYPES:
        raise UnknownMapFormat(value=form[:20])
    action = resource.actions.export
    if action is None or not actor.may_somewhere(action):
        raise NotPermitted(action=action or f"{resource.code}.export")
    keys, more = keys_inside(area, resource, narrowed, actor)
    if more:
        raise TooManyInArea
    rows = light(asking.matches(resource, actor, asking.read(resource, narrowed), action).filter(pk__in=keys)).order_by(
        resource.order, "pk"
    )
    now = clock.now()
    with change(actor, action, now=now, place_code=actor.place_code, enterprise_id=actor.enterprise_id) as gathered:
        gathered.facts.update({"resource": resource.code, "format": form, "objects": len(keys), "box": list(area.bounds)})
    content: bytes | str
    if form == "xlsx":
        content = workbook(resource, rows)
    else:
        content = "".join(csv_chunks(resource, rows) if form == "csv" else _geojson(resource, rows, area))
    name = quote(f"{resource.label}-{timezone.localtime(now):%Y%m%d-%H%M}.{form}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=TYPES[form], headers=headers)


def _geojson(resource: Resource, rows: QuerySet, area: BaseGeometry) -> Iterator[str]:
    """A FeatureCollection (RFC 7946) with the columns of the list as properties; the area stands beside the features as ``area``."""
    layer = resource.map
    assert layer is not None
    yield '{"type": "FeatureCollection", "area": ' + json.dumps(shapes.geojson(area)) + ', "features": ['
    for number, record in enumerate(rows.iterator(chunk_size=2000)):
        told = {name: _plain(value) for name, value in row_of(resource, record).items()}
        feature = {
            "type": "Feature",
            "id": str(record.pk),
            "geometry": {"type": "Point", "coordinates": [getattr(record, layer.longitude), getattr(record, layer.latitude)]},
            "properties": {name: value for name, value in told.items() if name not in ("id", "version")},
        }
        yield (",\n" if number else "\n") + json.dumps(feature, ensure_ascii=False)
    yield "]}"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return force_str(value) if isinstance(value, Promise) else str(value)
