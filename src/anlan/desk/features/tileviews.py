"""Addresses of tiles: vector tiles of collections (OGC 20-057), their style, and picture tiles of results (OGC 07-057r7)."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import get_conditional_response

from anlan.desk.features import documents, grid, painting, parameters, results, styling
from anlan.desk.features import wmts as capabilities
from anlan.desk.features.resources import collection_for, collections_for
from anlan.desk.features.vectors import tile_of
from anlan.desk.features.views import data, reading
from anlan.desk.guard import ActorRequest
from anlan.kernel.access import Actor

RESULT_FORMAT = 1
"""Raise it whenever the same zones would give other pictures."""


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@reading("json")
def tilesets(request: ActorRequest, code: str) -> HttpResponse:
    """``/ogc/collections/{id}/tiles``."""
    parameters.only(request.GET, ())
    found = collection_for(code, _actor(request))
    return data(
        {"links": [styling.self_link(request)], "tilesets": [styling.tileset(request, found, documents.extent_of(_actor(request)))]}
    )


@reading("json")
def tileset(request: ActorRequest, code: str) -> HttpResponse:
    """``/ogc/collections/{id}/tiles/WebMercatorQuad``."""
    parameters.only(request.GET, ())
    actor = _actor(request)
    return data(styling.tileset(request, collection_for(code, actor), documents.extent_of(actor)))


@reading("json")
def tilejson(request: ActorRequest, code: str) -> HttpResponse:
    """TileJSON 3.0 of a collection."""
    parameters.only(request.GET, ())
    actor = _actor(request)
    return data(styling.tilejson(request, collection_for(code, actor), documents.extent_of(actor)))


@reading("mvt")
def tile(request: ActorRequest, code: str, z: int, row: int, col: int) -> HttpResponse:
    """One vector tile, of what the actor sees."""
    actor = _actor(request)
    found = collection_for(code, actor)
    parameters.only(request.GET, [parameter.name for parameter in found.parameters])
    grid.check(z, row, col, found.deepest)
    content = tile_of(found, actor, z, row, col, request.GET)
    # 204 where nothing is seen (20-057, 7.2.3).
    return HttpResponse(content, content_type=documents.MVT) if content else HttpResponse(status=204)


@reading("json")
def matrix_set(request: ActorRequest) -> HttpResponse:
    """``/ogc/tileMatrixSets/WebMercatorQuad``."""
    parameters.only(request.GET, ())
    return data(grid.definition())


@reading("json")
def style(request: ActorRequest) -> HttpResponse:
    """A MapLibre style of every collection the actor may read, with its addresses absolute; it needs no other host."""
    parameters.only(request.GET, ())
    actor = _actor(request)
    return data(styling.style(request, collections_for(actor), documents.extent_of(actor)), documents.STYLE)


@reading()
def wmts(request: ActorRequest) -> HttpResponse:
    """The capabilities document. ``service``, ``version`` and ``request`` of the key-value form are passed over: clients add them."""
    names = {name for name in request.GET if name.lower() in {"service", "version", "request", "acceptversions"}}
    parameters.only(request.GET, names)
    return HttpResponse(capabilities.capabilities(request, results.layers_for(_actor(request))), content_type="application/xml")


@reading()
def result_tile(request: ActorRequest, run: str, layer: str, z: int, row: int, col: int) -> HttpResponse:
    """One picture tile of a result. A run never changes, so a client may keep it."""
    grid.check(z, row, col)
    found = results.layer_for(_actor(request), run, layer)
    etag = f'"{run}-{layer}-{RESULT_FORMAT}-{z}-{row}-{col}"'
    fresh = get_conditional_response(request, etag=etag)
    if isinstance(fresh, HttpResponseNotModified):
        return fresh
    picture = painting.paint([(zone.area, painting.colour_of(zone.severity)) for zone in found.zones], z, row, col)
    content = painting.EMPTY if picture is None else painting.png(picture)
    return HttpResponse(content, content_type="image/png", headers={"ETag": etag, "Cache-Control": "private, max-age=86400"})


@reading()
def legend(request: ActorRequest, run: str, layer: str) -> HttpResponse:
    """The colours of a result, worst first; what each means stands in the abstract of the layer."""
    found = results.layer_for(_actor(request), run, layer)
    worst_first = sorted({zone.severity for zone in found.zones})
    return HttpResponse(painting.swatches([painting.colour_of(severity) for severity in worst_first]), content_type="image/png")
