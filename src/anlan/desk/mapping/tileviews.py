"""Vector tiles of layers over HTTP."""

from __future__ import annotations

from hashlib import sha256
from typing import cast

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.mapping import tiles
from anlan.kernel.access import Actor

MVT = "application/vnd.mapbox-vector-tile"


@requires("map.view")
@require_GET
def layer_tile(request: ActorRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """One tile of a layer, narrowed by the list's own parameters; empty where nothing is seen (an absent tile would be asked again and again)."""
    content = tiles.tile(layer, z, x, y, cast("Actor", request.actor), request.GET)
    etag = f'"{sha256(content).hexdigest()[:20]}"'
    fresh = get_conditional_response(request, etag=etag)
    if isinstance(fresh, HttpResponseNotModified):
        return fresh
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    return HttpResponse(content, content_type=MVT, headers=headers)
