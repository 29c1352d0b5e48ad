"""How vector tiles are found and drawn: tileset metadata (OGC 20-057, 17-083r4), TileJSON 3.0, and a MapLibre style that needs no other host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from anlan.desk.features import grid
from anlan.desk.features.addresses import absolute, base, link, own
from anlan.desk.features.declare import Box, Collection
from anlan.desk.features.documents import JSON, MVT

_TONES = ("red", "#C4161C", "orange", "#F28C00", "yellow", "#FFD60A", "blue", "#1F5FBF", "green", "#1B7F3B")
_GREY = "#6B7885"
_TONE: list[Any] = ["match", ["get", "tone"], *_TONES, _GREY]
_RADIUS: list[Any] = ["case", ["has", "count"], ["interpolate", ["linear"], ["log10", ["get", "count"]], 0, 6, 5, 22], 5]
PLACES_DEEPEST = 12
"""Outlines of places hold no more detail than this zoom shows (:mod:`anlan.ground.places.tiles`)."""


def self_link(request: HttpRequest) -> dict[str, Any]:
    """The link of a document to itself."""
    return link(own(request), "self", JSON, _("本文档"))


def _template(request: HttpRequest, found: Collection, names: str) -> str:
    """Address of the tiles with the names of its three numbers as the standard at hand calls them."""
    return absolute(request, "tile", found.code, 0, 0, 0).removesuffix("/0/0/0") + names


def tileset(request: HttpRequest, found: Collection, extent: Box) -> dict[str, Any]:
    """Metadata of the one tileset of a collection."""
    west, south, east, north = extent
    return {
        "title": force_str(found.label),
        "dataType": "vector",
        "crs": grid.CRS,
        "tileMatrixSetURI": grid.URI,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
        "layers": [{"id": found.code, "title": force_str(found.label), "dataType": "vector", "geometryDimension": _dimension(found)}],
        "links": [
            link(absolute(request, "tileset", found.code), "self", JSON, force_str(found.label)),
            link(absolute(request, "matrix_set"), "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", JSON, "WebMercatorQuad"),
            link(_template(request, found, "/{tileMatrix}/{tileRow}/{tileCol}"), "item", MVT, _("矢量瓦片"), templated=True),
            link(absolute(request, "tilejson", found.code), "describedby", JSON, "TileJSON"),
        ],
    }


def _dimension(found: Collection) -> int:
    return {"points": 0, "lines": 1, "areas": 2}[found.geometry]


def tilejson(request: HttpRequest, found: Collection, extent: Box) -> dict[str, Any]:
    """TileJSON 3.0.0."""
    return {
        "tilejson": "3.0.0",
        "name": force_str(found.label),
        "attribution": force_str(found.attribution),
        "scheme": "xyz",
        "tiles": [_template(request, found, "/{z}/{y}/{x}")],
        "minzoom": 0,
        "maxzoom": found.deepest,
        "bounds": list(extent),
        "vector_layers": [
            {"id": found.code, "description": force_str(found.label), "fields": {"id": "String", "title": "String", "tone": "String"}}
        ],
    }


def style(request: HttpRequest, collections: Sequence[Collection], extent: Box) -> dict[str, Any]:
    """A MapLibre style (version 8): outlines of places below, then areas, lines and points.

    No glyphs and no pictures: names are told at a click, so that the style draws in a closed network. A client sends its key with every request.
    """
    west, south, east, north = extent
    sources: dict[str, Any] = {
        "anlan-outlines": {"type": "vector", "tiles": [f"{base(request)}/tiles/places/{{z}}/{{x}}/{{y}}.mvt"], "maxzoom": PLACES_DEEPEST}
    }
    layers: list[dict[str, Any]] = [
        {"id": "ground", "type": "background", "paint": {"background-color": "#F4F6F8"}},
        _outline("counties", 0.5, 6),
        _outline("cities", 0.8, 4),
        _outline("provinces", 1.2, 0),
    ]
    for kind in ("areas", "lines", "points"):
        for each in collections:
            if each.geometry != kind:
                continue
            sources[each.code] = {
                "type": "vector",
                "tiles": [_template(request, each, "/{z}/{y}/{x}")],
                "maxzoom": each.deepest,
                "bounds": list(extent),
            }
            layers += _drawn(each)
    return {
        "version": 8,
        "name": _("安澜"),
        "center": [(west + east) / 2, (south + north) / 2],
        "zoom": 8,
        "sources": sources,
        "layers": layers,
    }


def _outline(name: str, width: float, lowest: int) -> dict[str, Any]:
    paint = {"line-color": "#9AA7B4", "line-width": width}
    return {"id": name, "type": "line", "source": "anlan-outlines", "source-layer": name, "minzoom": lowest, "paint": paint}


def _drawn(found: Collection) -> list[dict[str, Any]]:
    common: dict[str, Any] = {"source": found.code, "source-layer": found.code, "metadata": {"title": force_str(found.label)}}
    if found.geometry == "areas":
        return [
            {"id": f"{found.code}-fill", "type": "fill", **common, "paint": {"fill-color": _TONE, "fill-opacity": 0.3}},
            {"id": f"{found.code}-line", "type": "line", **common, "paint": {"line-color": _TONE, "line-width": 1.5}},
        ]
    if found.geometry == "lines":
        return [{"id": found.code, "type": "line", **common, "paint": {"line-color": _TONE, "line-width": 2.5}}, *_points(found, common)]
    return _points(found, common)


def _points(found: Collection, common: dict[str, Any]) -> list[dict[str, Any]]:
    # Where many lie together a tile counts them instead: a larger, paler mark.
    paint = {
        "circle-color": _TONE,
        "circle-radius": _RADIUS,
        "circle-opacity": ["case", ["has", "count"], 0.6, 1.0],
        "circle-stroke-color": "#FFFFFF",
        "circle-stroke-width": 1.5,
    }
    only = ["==", ["geometry-type"], "Point"]
    return [{"id": f"{found.code}-points", "type": "circle", **common, "filter": only, "paint": paint}]
