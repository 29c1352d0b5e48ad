"""What lies in an area, layer by layer, as far as the actor sees: for the table beside the map and for what is carried away from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.encoding import force_str
from shapely.geometry.base import BaseGeometry

from anlan.desk.mapping.layers import MapLayer, layers_for
from anlan.desk.resource import asking, registry
from anlan.desk.resource.addresses import record_url
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.listing import light
from anlan.desk.resource.values import text_of
from anlan.kernel.access import Actor

CANDIDATES = 100_000
"""Records within the area's box that are looked at. Beyond it the counts say "at least"."""
ROWS = 500
"""Rows listed of each layer; the count tells of all."""


@dataclass(frozen=True)
class Row:
    """One object in the area."""

    id: str
    title: str
    tone: str
    longitude: float
    latitude: float
    url: str


@dataclass(frozen=True)
class Selected:
    """What of one layer lies in the area. ``at_least``: more lay in the box than was looked at. ``rows`` are the first :data:`ROWS`."""

    code: str
    label: str
    count: int
    at_least: bool
    exportable: bool
    rows: tuple[Row, ...]

    def told(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def resource_of(layer: MapLayer) -> tuple[Resource, QueryDict] | None:
    """The resource whose records a layer shows and the parameters that narrow it; ``None`` for layers of another kind."""
    resource = registry.find_resource(layer.code)
    if resource is None or resource.map is None or not layer.tiles.startswith(f"/tiles/{layer.code}/"):
        return None
    return resource, QueryDict(layer.tiles.partition("?")[2])


def exportable(layer: MapLayer, actor: Actor) -> bool:
    """Whether the actor may carry away what the layer shows; what is no record is already in the browser as it is seen."""
    known = resource_of(layer)
    if known is None:
        return True
    action = known[0].actions.export
    return action is not None and actor.may_somewhere(action)


def select(area: BaseGeometry, codes: Iterable[str], actor: Actor) -> tuple[tuple[Selected, ...], tuple[str, ...]]:
    """What lies in the area of the layers named, and the codes of those that only the map itself can look through."""
    wanted = set(codes)
    found: list[Selected] = []
    others: list[str] = []
    for layer in layers_for(actor):
        if layer.code not in wanted:
            continue
        known = resource_of(layer)
        if known is None:
            others.append(layer.code)
        else:
            found.append(_of_resource(area, layer, *known, actor))
    return tuple(found), tuple(others)


def _of_resource(area: BaseGeometry, layer: MapLayer, resource: Resource, narrowed: QueryDict, actor: Actor) -> Selected:
    keys, at_least = keys_inside(area, resource, narrowed, actor)
    return Selected(
        code=layer.code,
        label=force_str(layer.label),
        count=len(keys),
        at_least=at_least,
        exportable=exportable(layer, actor),
        rows=_rows(resource, narrowed, keys[:ROWS], actor),
    )


def keys_inside(area: BaseGeometry, resource: Resource, narrowed: QueryDict, actor: Actor) -> tuple[Sequence[UUID], bool]:
    """Keys of the records in the area (its edge belongs to it), and whether there may be more than were looked at."""
    layer = resource.map
    assert layer is not None
    west, south, east, north = area.bounds
    inside_box = _matching(resource, narrowed, actor).filter(
        **{f"{layer.longitude}__range": (west, east), f"{layer.latitude}__range": (south, north)}
    )
    rows = list(inside_box.select_related(None).order_by("pk").values_list("pk", layer.longitude, layer.latitude)[: CANDIDATES + 1])
    looked = rows[:CANDIDATES]
    shapely.prepare(area)
    at = np.array([row[1:] for row in looked], dtype=float).reshape(-1, 2)
    hit = shapely.intersects_xy(area, at[:, 0], at[:, 1]) if len(at) else np.zeros(0, dtype=bool)
    return [row[0] for row, here in zip(looked, hit, strict=True) if here], len(rows) > CANDIDATES


def _matching(resource: Resource, narrowed: QueryDict, actor: Actor) -> QuerySet:
    return asking.matches(resource, actor, asking.read(resource, narrowed))


def _rows(resource: Resource, narrowed: QueryDict, keys: Sequence[UUID], actor: Actor) -> tuple[Row, ...]:
    layer = resource.map
    assert layer is not None
    return tuple(
        Row(
            str(record.pk),
            text_of(getattr(record, resource.title, record)),
            str(layer.tone(record)) if layer.tone is not None else "grey",
            getattr(record, layer.longitude),
            getattr(record, layer.latitude),
            record_url(resource, record.pk),
        )
        for record in light(_matching(resource, narrowed, actor).filter(pk__in=keys)).order_by(resource.order, "pk")
    )
