"""Vector tiles (Mapbox Vector Tile 2.1) of any resource with ``map=``, of what the actor may see.

Where few records lie in a tile each is a point (``id``, ``title``, ``tone``); where many lie there they are counted in squares of 1/8 tile
(``count`` and the number of each tone, at the middle of what they count). Nothing is left out. The counts come from a grid of 0.02° over the
actor's whole jurisdiction, kept for a while (:func:`kept_for`), so that a million records are read once and not once for each tile. It is kept
by exactly what decides who sees what: layer, parameters and the grants for its action.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar, cast

import numpy as np
from django.db.models import Count, F, FloatField, QuerySet
from django.db.models.functions import Cast, Floor
from django.http import QueryDict
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from numpy.typing import NDArray

from anlan.desk.mapping import mercator
from anlan.desk.resource import asking, registry
from anlan.desk.resource.declare import Resource
from anlan.desk.resource.listing import light
from anlan.desk.resource.values import text_of
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted, Refusal
from anlan.kernel.words import N_

EXTENT = 4096
MARGIN = 1 / 32
"""Share of a tile beyond its edge in which single points are still told, so that marks are not cut at the seams."""
DEEPEST_ZOOM = 14
"""Above it the browser enlarges tiles of this zoom: positions are told to 2 m there."""
CELLS = 8
"""Squares a side in which a full tile is counted; at 512 pixels a tile, 64 pixels each."""
SINGLE_AT_MOST = 400
"""Records in a tile up to which each is told by itself."""
DETAIL_ZOOM = 12
"""From here on the grid is too coarse for the squares: a tile is asked by itself, and counted when it holds more than :data:`MOST_IN_TILE`."""
MOST_IN_TILE = 2000
STEPS_A_DEGREE = 50.0
"""Grid of the counts: 0.02°, about 2 km."""
GRIDS_KEPT = 32
TONES = ("red", "orange", "yellow", "blue", "green", "grey", "plain")
Params = QueryDict


class NoSuchLayerTile(Refusal):
    code: ClassVar[str] = "no_such_layer_tile"
    sentence: ClassVar[str] = N_(
        "图层“{layer}”没有第 {z} 级第 {x} 列第 {y} 行的瓦片：级别为 0–{deepest}，行列号应在 0 与 2 的级别次方之间。"
    )
    status: ClassVar[int] = 404


class NoSuchLayer(Refusal):
    code: ClassVar[str] = "no_such_layer"
    sentence: ClassVar[str] = N_("没有可用的图层“{layer}”。请从“图层”卡片中选择。")
    status: ClassVar[int] = 404


def tile(layer_code: str, z: int, x: int, y: int, actor: Actor, params: Params | None = None) -> bytes:
    """The tile of a resource's layer; empty bytes where the actor sees nothing. ``params`` narrow it like the list's own parameters.

    Raises :class:`NoSuchLayer`, :class:`NoSuchLayerTile`, ``NotPermitted``, and ``Invalid`` for parameters that are wrong.
    """
    resource = registry.find_resource(layer_code)
    if resource is None or resource.map is None:
        raise NoSuchLayer(layer=layer_code[:40])
    if not (0 <= z <= DEEPEST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NoSuchLayerTile(layer=layer_code, z=z, x=x, y=y, deepest=DEEPEST_ZOOM)
    if not actor.may_somewhere(resource.actions.view):
        raise NotPermitted(action=resource.actions.view)
    found = asking.matches(resource, actor, asking.read(resource, params or QueryDict()))
    if found.query.is_empty():
        return b""
    box = mercator.tile_box(z, x, y)
    if z < DETAIL_ZOOM:
        counts = _grid(resource, actor, params, found)
        inside = counts.within(box)
        if int(counts.number[inside].sum()) > SINGLE_AT_MOST:
            return _written(layer_code, _squares(counts, inside, z, x, y))
    rows = _rows(resource, _in_box(resource, found, mercator.tile_box(z, x, y, MARGIN)), MOST_IN_TILE + 1)
    if len(rows) > MOST_IN_TILE:
        counts = _counted(resource, _in_box(resource, found, box), 2**z * CELLS * 2 / 360)
        return _written(layer_code, _squares(counts, np.ones(len(counts.number), dtype=bool), z, x, y))
    return _written(layer_code, _singles(rows, z, x, y))


# counts ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """Counts by square (``steps`` a degree) and tone; ``until`` (monotonic seconds) they hold."""

    column: NDArray[np.int32]
    row: NDArray[np.int32]
    tone: NDArray[np.int8]
    number: NDArray[np.int64]
    steps: float
    until: float

    def within(self, box: mercator.Box) -> NDArray[np.bool_]:
        """The squares whose middle lies in the box."""
        west, south, east, north = (degree * self.steps - 0.5 for degree in box)
        return (self.column >= west) & (self.column < east) & (self.row >= south) & (self.row < north)


_grids: OrderedDict[tuple[Any, ...], Grid] = OrderedDict()
_lock = Lock()


def forget_counts() -> None:
    """Drop every kept grid."""
    with _lock:
        _grids.clear()


def _scope_key(resource: Resource, actor: Actor, params: Params | None) -> tuple[Any, ...]:
    grants = tuple(sorted(map(repr, actor.scopes(resource.actions.view))))
    # Where a room has a rule of its own for who sees what, nothing is shared between people.
    own = (actor.account_id, actor.post_id, actor.place_code, actor.enterprise_id) if resource.visible_to is not None else ()
    return resource.code, params.urlencode() if params else "", grants, own


def _grid(resource: Resource, actor: Actor, params: Params | None, found: QuerySet) -> Grid:
    key, now = _scope_key(resource, actor, params), time.monotonic()
    with _lock:
        kept = _grids.get(key)
        if kept is not None and now < kept.until:
            _grids.move_to_end(key)
            return kept
    made = _counted(resource, found, STEPS_A_DEGREE)
    with _lock:
        _grids[key] = made
        _grids.move_to_end(key)
        while len(_grids) > GRIDS_KEPT:
            _grids.popitem(last=False)
    return made


def kept_for(cost_s: float) -> float:
    """How long counts hold that took ``cost_s`` to make, s: a hundredth of the time goes into counting. Project default.

    A layer of some thousand records is counted anew every five seconds, one of a million every two minutes or so.
    """
    return min(300.0, max(5.0, 100.0 * cost_s))


def _counted(resource: Resource, found: QuerySet, steps: float) -> Grid:
    """One pass over ``found``."""
    began = time.monotonic()
    layer = resource.map
    assert layer is not None
    by = layer.tone_by if layer.tone is not None else ()
    rows = list(
        found.select_related(None)
        .filter(**{f"{layer.longitude}__isnull": False, f"{layer.latitude}__isnull": False})
        .order_by()
        .annotate(
            map_column=Floor(Cast(F(layer.longitude), FloatField()) * steps),
            map_row=Floor(Cast(F(layer.latitude), FloatField()) * steps),
        )
        .values_list("map_column", "map_row", *by)
        .annotate(map_number=Count("pk"))
    )
    tones: dict[tuple[Any, ...], int] = {}
    for values in {tuple(row[2:-1]) for row in rows}:
        tones[values] = TONES.index(_tone(resource, dict(zip(by, values, strict=True))))
    return Grid(
        column=np.array([row[0] for row in rows], dtype=np.int32),
        row=np.array([row[1] for row in rows], dtype=np.int32),
        tone=np.array([tones[tuple(row[2:-1])] for row in rows], dtype=np.int8),
        number=np.array([row[-1] for row in rows], dtype=np.int64),
        steps=steps,
        until=time.monotonic() + kept_for(time.monotonic() - began),
    )


def _tone(resource: Resource, values: dict[str, Any]) -> str:
    """The tone of records with these values; ``plain`` (counted only) where nobody says which fields it depends on."""
    assert resource.map is not None
    if resource.map.tone is None:
        return "grey"
    return str(resource.map.tone(resource.model(**values))) if resource.map.tone_by else "plain"


def _squares(counts: Grid, inside: NDArray[np.bool_], z: int, x: int, y: int) -> list[tuple[int, int, dict[str, Any]]]:
    longitude = (counts.column[inside] + 0.5) / counts.steps
    sine = np.sin(np.radians((counts.row[inside] + 0.5) / counts.steps))
    at_x = ((longitude / 360 + 0.5) * 2**z - x) * EXTENT
    at_y = ((0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)) * 2**z - y) * EXTENT
    number, tone = counts.number[inside], counts.tone[inside]
    side = EXTENT // CELLS
    cell = (np.clip(at_x, 0, EXTENT - 1).astype(np.int64) // side) * CELLS + np.clip(at_y, 0, EXTENT - 1).astype(np.int64) // side
    total = np.bincount(cell, number, CELLS * CELLS)
    middle_x, middle_y = np.bincount(cell, number * at_x, CELLS * CELLS), np.bincount(cell, number * at_y, CELLS * CELLS)
    by_tone = np.bincount(cell * len(TONES) + tone, number, CELLS * CELLS * len(TONES)).reshape(-1, len(TONES))
    return [
        (
            round(middle_x[one] / total[one]),
            round(middle_y[one] / total[one]),
            {"count": int(total[one])} | {TONES[kind]: int(by_tone[one, kind]) for kind in np.flatnonzero(by_tone[one])},
        )
        for one in np.flatnonzero(total)
    ]


# single points --------------------------------------------------------------------------------------------------------


def _in_box(resource: Resource, found: QuerySet, box: mercator.Box) -> QuerySet:
    layer = resource.map
    assert layer is not None
    west, south, east, north = box
    return found.filter(**{f"{layer.longitude}__range": (west, east), f"{layer.latitude}__range": (south, north)})


def _singles(rows: list[Row], z: int, x: int, y: int) -> list[tuple[int, int, dict[str, Any]]]:
    side = 2**z
    return [
        (
            round((mercator.world_x(longitude) * side - x) * EXTENT),
            round((mercator.world_y(latitude) * side - y) * EXTENT),
            {"id": str(key), "title": text_of(title), "tone": tone},
        )
        for key, title, longitude, latitude, tone in rows
    ]


Row = tuple[Any, Any, float, float, str]


def _rows(resource: Resource, within: QuerySet, most: int) -> list[Row]:
    """Id, title, longitude, latitude and tone of the records; without making a record of each where the declaration allows it."""
    layer = resource.map
    assert layer is not None
    concrete = {field.name for field in resource.model._meta.concrete_fields}
    if resource.title in concrete and (layer.tone is None or layer.tone_by):
        by = layer.tone_by if layer.tone is not None else ()
        plain = within.select_related(None).order_by().values_list("pk", resource.title, layer.longitude, layer.latitude, *by)
        tones: dict[tuple[Any, ...], str] = {}
        found = []
        for key, title, longitude, latitude, *values in plain[:most]:
            told = tuple(values)
            if told not in tones:
                tones[told] = _tone(resource, dict(zip(by, told, strict=True)))
            found.append((key, title, longitude, latitude, tones[told]))
        return found
    return [
        (
            record.pk,
            getattr(record, resource.title, record),
            getattr(record, layer.longitude),
            getattr(record, layer.latitude),
            str(layer.tone(record)) if layer.tone is not None else "grey",
        )
        for record in light(within)[:most]
    ]


def _written(name: str, points: list[tuple[int, int, dict[str, Any]]]) -> bytes:
    """Points as the one layer of a tile."""
    if not points:
        return b""
    message = cast("Any", vector_tile_pb2).tile()
    layer = message.layers.add()
    layer.name, layer.version, layer.extent = name, 2, EXTENT
    keys: dict[str, int] = {}
    values: dict[str | int, int] = {}
    for x, y, properties in points:
        feature = layer.features.add()
        feature.type = 1
        feature.geometry.extend((9, (x << 1) ^ (x >> 31), (y << 1) ^ (y >> 31)))
        for key, value in properties.items():
            feature.tags.extend((keys.setdefault(key, len(keys)), values.setdefault(value, len(values))))
    layer.keys.extend(keys)
    for value in values:
        written = layer.values.add()
        if isinstance(value, str):
            written.string_value = value
        else:
            written.int_value = value
    return bytes(message.SerializeToString())
