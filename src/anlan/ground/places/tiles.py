"""Vector tiles of places (Mapbox Vector Tile 2.1), in Web Mercator, from the outlines in the tables.

Layers and the zooms from which they are there:

=============== ==== ==================================================================================
provinces       0    areas: code, name
lines           0    boundary lines at sea and on land as published with the outlines
province_labels 0    points: code, name, approximate
counties        3    areas: code, name, listed (0: not in the code list; ``code`` is then the place it lies in)
cities          4    areas: code, name
city_labels     4    points: code, name, approximate
county_labels   7    points: code, name, approximate (1: no outline published)
townships       9    points: code, name, approximate (always 1: no outlines published)
=============== ==== ==================================================================================
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import atan, pi, sinh
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Any, ClassVar

import numpy as np
import shapely
import structlog
from django.conf import settings
from numpy.typing import NDArray

from anlan.ground.places import mvt
from anlan.ground.places.geometry import band_of
from anlan.ground.places.loading import loaded_version
from anlan.ground.places.models import Place, PlaceShape
from anlan.kernel.errors import Refusal
from anlan.kernel.levels import Level
from anlan.kernel.words import N_

log = structlog.get_logger()

EXTENT = 4096
BUFFER = 128
"""Units beyond the tile's edge that are still drawn (1/32 tile), so that outlines and labels are not cut at the seams."""

DEEPEST_ZOOM = 12
"""Above it the browser enlarges tiles of this zoom; the outlines hold no more detail."""

TILE_FORMAT = 2
"""Raise it whenever the same data would give other tiles."""

AREAS = (("provinces", "province", 0), ("cities", "city", 4), ("counties", "county", 3))
POINTS = (
    ("province_labels", Level.PROVINCE, 0),
    ("city_labels", Level.CITY, 4),
    ("county_labels", Level.COUNTY, 7),
    ("townships", Level.TOWNSHIP, 9),
)
_DEGREES_TO_WORLD = 1 / 360


class NoSuchTile(Refusal):
    code: ClassVar[str] = "no_such_tile"
    sentence: ClassVar[str] = N_("没有第 {z} 级第 {x} 列第 {y} 行的瓦片：级别为 0–{deepest}，行列号应在 0 与 2 的级别次方之间。")
    status: ClassVar[int] = 404


def world(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees to the Web Mercator square: x and y from 0 to 1, y downward."""
    x = coordinates[:, 0] * _DEGREES_TO_WORLD + 0.5
    sine = np.sin(np.radians(np.clip(coordinates[:, 1], -85.05, 85.05)))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * pi)
    return np.column_stack([x, y])


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees."""

    def latitude(row: int) -> float:
        return atan(sinh(pi * (1 - 2 * row / 2**z))) * 180 / pi

    return x / 2**z * 360 - 180, latitude(y + 1), (x + 1) / 2**z * 360 - 180, latitude(y)


@dataclass(frozen=True)
class _Layer:
    """Shapes in the Mercator square with a box index, and what each tells."""

    tree: shapely.STRtree
    shapes: NDArray[np.object_]
    properties: Sequence[dict[str, Any]]

    @classmethod
    def of(cls, shapes: object, properties: Sequence[dict[str, Any]]) -> _Layer:
        flat = shapely.transform(np.asarray(shapes, dtype=object), world)
        return cls(shapely.STRtree(flat), flat, properties)


class Drawing:
    """The outlines and points of one data version, read when a zoom first needs them."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._areas: dict[tuple[str, int], _Layer] = {}
        self._points: dict[Level, _Layer] = {}
        self._lock = Lock()

    @cached_property
    def tag(self) -> str:
        """Short mark of data and format: folder of the disk cache and part of the ETag."""
        return sha256(f"{self.version} format=={TILE_FORMAT}".encode()).hexdigest()[:16]

    def _area_layer(self, layer: str, band: int) -> _Layer:
        with self._lock:
            if (layer, band) not in self._areas:
                rows = list(PlaceShape.objects.filter(layer=layer, band=band).values_list("wkb", "place_code", "source_code", "name"))
                properties = [
                    {"code": code, "name": name, **({"listed": int(not source)} if layer == "county" else {})}
                    for _, code, source, name in rows
                ]
                self._areas[layer, band] = _Layer.of(shapely.from_wkb([bytes(row[0]) for row in rows]), properties)
        return self._areas[layer, band]

    def _point_layer(self, level: Level) -> _Layer:
        with self._lock:
            if level not in self._points:
                rows = list(
                    Place.objects.filter(level=level, valid_to=None)
                    .exclude(longitude=None)
                    .values_list("longitude", "latitude", "code", "name", "approximate")
                )
                points = shapely.points(np.array([row[:2] for row in rows], dtype=float).reshape(-1, 2))
                properties = [{"code": code, "name": name, "approximate": int(approximate)} for _, _, code, name, approximate in rows]
                self._points[level] = _Layer.of(points, properties)
        return self._points[level]

    def draw(self, z: int, x: int, y: int) -> bytes:
        """The tile as uncompressed protobuf; empty bytes where there is nothing."""
        drawn = mvt.new_tile()
        band = band_of(z)
        wanted = [(name, self._area_layer(layer, band)) for name, layer, lowest in AREAS if z >= lowest]
        wanted.append(("lines", self._area_layer("line", 0)))
        wanted += [(name, self._point_layer(level)) for name, level, lowest in POINTS if z >= lowest]
        for name, layer in wanted:
            hits, shapes = _cut(layer, z, x, y)
            if len(hits):
                mvt.add_layer(drawn, name, EXTENT, shapes, [layer.properties[hit] for hit in hits])
        return bytes(drawn.SerializeToString())


def _cut(layer: _Layer, z: int, x: int, y: int) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Which features of a layer touch the tile with its buffer, and what of them lies there, in tile units."""
    side, margin = 1 / 2**z, BUFFER / EXTENT / 2**z
    west, north = x * side, y * side
    box = (west - margin, north - margin, west + side + margin, north + side + margin)
    hits = np.sort(layer.tree.query(shapely.box(*box), predicate="intersects"))
    if not len(hits):
        return hits, np.empty(0, dtype=object)
    shapes = layer.shapes[hits]
    inside = shapely.bounds(shapes)
    crossing = (inside[:, :2] < box[:2]).any(axis=1) | (inside[:, 2:] > box[2:]).any(axis=1)
    shapes[crossing] = shapely.clip_by_rect(shapes[crossing], *box)
    return hits, shapely.transform(shapes, lambda coordinates: (coordinates - (west, north)) * (EXTENT / side))


_drawing: Drawing | None = None
_drawing_lock = Lock()


def drawing() -> Drawing:
    """The drawing of the data now in the tables. A load in another process is noticed at the next tile."""
    global _drawing
    version = loaded_version()
    with _drawing_lock:
        if _drawing is None or _drawing.version != version:
            _drawing = Drawing(version)
        return _drawing


@dataclass(frozen=True)
class Tile:
    """A finished tile: gzipped protobuf and its ETag."""

    content: bytes
    etag: str


def tile(z: int, x: int, y: int) -> Tile:
    """The tile from the disk cache, or drawn and kept there. Raises :class:`NoSuchTile`."""
    if not (0 <= z <= DEEPEST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NoSuchTile(z=z, x=x, y=y, deepest=DEEPEST_ZOOM)
    source = drawing()
    path = cache_folder() / source.tag / str(z) / str(x) / f"{y}.mvt.gz"
    etag = f'"{source.tag}-{z}-{x}-{y}"'
    # Whatever keeps the file from being read, the tile can still be drawn.
    with suppress(OSError):
        return Tile(path.read_bytes(), etag)
    content = gzip.compress(source.draw(z, x, y), compresslevel=5, mtime=0)
    _keep(path, content)
    return Tile(content, etag)


def cache_folder() -> Path:
    """Where finished tiles lie; may be deleted at any time."""
    return Path(settings.ANLAN["HOME"]) / "cache" / "tiles" / "places"


def _keep(path: Path, content: bytes) -> None:
    """Write a whole file or none: other processes read the folder at the same time. A full disk costs time, not the answer."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError:
        log.warning("places.tile_not_cached", path=str(path), exc_info=True)
