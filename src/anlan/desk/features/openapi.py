"""The definition of the interface (OpenAPI 3.0; 17-069r4, 9.2), made from the collections the actor may read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from anlan import __version__
from anlan.desk.features.addresses import base
from anlan.desk.features.declare import Collection
from anlan.desk.features.documents import GEOJSON, HTML, JSON, MVT, OPENAPI, PNG, STYLE
from anlan.desk.features.parameters import CRS84, CRSS, MOST, USUAL

_OBJECT: dict[str, Any] = {"type": "object"}
_EXCEPTION: dict[str, Any] = {
    "type": "object",
    "required": ["code"],
    "properties": {"code": {"type": "string"}, "description": {"type": "string"}, "request": {"type": "string"}},
}


def definition(request: HttpRequest, collections: tuple[Collection, ...]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {
        "/": _get("landing", _("接口入口"), {JSON: _OBJECT, HTML: {"type": "string"}}),
        "/conformance": _get("conformance", _("符合的标准"), {JSON: _OBJECT}),
        "/api": _get("api", _("接口定义"), {OPENAPI: _OBJECT}),
        "/collections": _get("collections", _("要素集"), {JSON: _OBJECT, HTML: {"type": "string"}}),
        "/styles/default": _get("style", _("地图样式"), {STYLE: _OBJECT}),
    }
    for each in collections:
        paths |= _of_collection(each)
    paths["/results/{run}/{layer}/WebMercatorQuad/{z}/{row}/{col}.png"] = _get(
        "result_tile",
        _("研判结果瓦片（WMTS 1.0.0）"),
        {PNG: {"type": "string", "format": "binary"}},
        [_path("run"), _path("layer"), *_TILE],
    )
    return {
        "openapi": "3.0.3",
        "info": {
            "title": _("安澜对外服务接口"),
            "version": __version__,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": f"{base(request)}/ogc"}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}, "basic": {"type": "http", "scheme": "basic"}},
            "schemas": {"exception": _EXCEPTION},
            "responses": {
                "refused": {
                    "description": _("被拒绝：code 供程序判断，description 说明原因。"),
                    "content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}},
                }
            },
        },
    }


def _of_collection(found: Collection) -> dict[str, Any]:
    code, title = found.code, force_str(found.label)
    root = f"/collections/{code}"
    return {
        root: _get(f"{code}_collection", title, {JSON: _OBJECT, HTML: {"type": "string"}}),
        f"{root}/items": _get(f"{code}_items", title, {GEOJSON: _OBJECT, HTML: {"type": "string"}}, _item_parameters(found)),
        f"{root}/items/{{featureId}}": _get(f"{code}_item", title, {GEOJSON: _OBJECT}, [_path("featureId"), _query("crs", _CRS)]),
        f"{root}/tiles": _get(f"{code}_tilesets", title, {JSON: _OBJECT}),
        f"{root}/tiles/WebMercatorQuad": _get(f"{code}_tileset", title, {JSON: _OBJECT}),
        f"{root}/tiles/WebMercatorQuad/{{z}}/{{row}}/{{col}}": _get(
            f"{code}_tile", title, {MVT: {"type": "string", "format": "binary"}}, [*_TILE, *_own_parameters(found)]
        ),
    }


_CRS: dict[str, Any] = {"type": "string", "format": "uri", "enum": list(CRSS), "default": CRS84}


def _item_parameters(found: Collection) -> list[dict[str, Any]]:
    box = {"type": "array", "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}], "items": {"type": "number"}}
    given = [
        {**_query("bbox", box), "style": "form", "explode": False},
        _query("bbox-crs", _CRS),
        _query("crs", _CRS),
        _query("datetime", {"type": "string"}),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
        _query("after", {"type": "string"}),
    ]
    return [*given, *_own_parameters(found)]


def _own_parameters(found: Collection) -> list[dict[str, Any]]:
    given = []
    for parameter in found.parameters:
        schema = {"type": "array", "items": dict(parameter.schema)} if parameter.many else dict(parameter.schema)
        given.append({**_query(parameter.name, schema), "style": "form", "explode": True, "description": force_str(parameter.label)})
    return given


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _path(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


_TILE = [_path("z", "integer"), _path("row", "integer"), _path("col", "integer")]


def _get(name: str, summary: str, content: dict[str, Any], parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters or [],
            "responses": {
                "200": {"description": "OK", "content": {media: {"schema": schema} for media, schema in content.items()}},
                "default": {"$ref": "#/components/responses/refused"},
            },
        }
    }
