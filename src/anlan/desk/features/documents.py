"""The documents of OGC API – Features, Part 1 (17-069r4) and Part 2 (18-058r1): landing page, conformance, collections, pages of features."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from anlan.desk.features.addresses import absolute, base, link, own
from anlan.desk.features.declare import Box, Collection, Feature, Page
from anlan.desk.features.parameters import CRS84, CRSS
from anlan.desk.joints import joints
from anlan.kernel.access import Actor
from anlan.kernel.geo import CHINA_BOX

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
MVT, PNG = "application/vnd.mapbox-vector-tile", "image/png"
STYLE = "application/vnd.mapbox.style+json"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)


def landing(request: HttpRequest) -> dict[str, Any]:
    """``/ogc/`` (17-069r4, 7.2)."""
    return {
        "title": _("安澜对外服务接口"),
        "description": _("以 OGC API 提供的要素、矢量瓦片和研判结果瓦片；只含凭证或登录账号所在岗位可见的数据。"),
        "links": [
            *_both(request),
            link(absolute(request, "api"), "service-desc", OPENAPI, _("接口定义")),
            link(absolute(request, "api", query="f=html"), "service-doc", HTML, _("接口说明")),
            link(absolute(request, "conformance"), "conformance", JSON, _("符合的标准")),
            link(absolute(request, "collections"), "data", JSON, _("要素集")),
            link(absolute(request, "style"), "http://www.opengis.net/def/rel/ogc/1.0/styles", STYLE, _("地图样式")),
            link(absolute(request, "wmts"), "describedby", "application/xml", _("研判结果瓦片（WMTS 1.0.0）")),
        ],
    }


def _both(request: HttpRequest, media: str = JSON, other: str = HTML) -> list[dict[str, Any]]:
    """Links to the document itself and to its other form."""
    return [
        link(own(request, f="json"), "self", media, _("本文档")),
        link(own(request, f="html"), "alternate", other, _("网页")),
    ]


def collection_list(request: HttpRequest, actor: Actor, found: Iterable[Collection]) -> dict[str, Any]:
    """``/ogc/collections`` (7.13)."""
    return {"links": _both(request), "crs": list(CRSS), "collections": [collection(request, actor, each) for each in found]}


def extent_of(actor: Actor) -> Box:
    """Where the features of an actor lie at most: his jurisdiction's outline, where one is known."""
    found = joints.place_bounds(actor.place_code) if joints.place_bounds is not None and actor.place_code else None
    west, south, east, north = found or CHINA_BOX
    return west, south, east, north


def collection(request: HttpRequest, actor: Actor, found: Collection, *, alone: bool = False) -> dict[str, Any]:
    """``/ogc/collections/{id}`` (7.14). The extent is the jurisdiction's, not the data's: it tells nothing and costs nothing."""
    title = force_str(found.label)
    document: dict[str, Any] = {
        "id": found.code,
        "title": title,
        "description": force_str(found.description) or title,
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [list(extent_of(actor))], "crs": CRS84}},
        "crs": list(CRSS),
        "storageCrs": CRS84,
        "links": [
            *(_both(request) if alone else [link(absolute(request, "collection", found.code), "self", JSON, title)]),
            link(absolute(request, "items", found.code), "items", GEOJSON, title),
            link(absolute(request, "items", found.code, query="f=html"), "items", HTML, title),
        ],
    }
    if found.temporal:
        document["extent"]["temporal"] = {"interval": [[None, None]]}
    if found.attribution:
        document["attribution"] = force_str(found.attribution)
    document["links"].append(link(absolute(request, "tilesets", found.code), TILESETS, JSON, _("矢量瓦片")))
    return document


def feature_page(request: HttpRequest, found: Collection, page: Page, crs: str, stamp: str) -> dict[str, Any]:
    """``/ogc/collections/{id}/items`` (7.16). ``numberMatched`` stands only where it is exact."""
    links = [*_both(request, GEOJSON), link(absolute(request, "collection", found.code), "collection", JSON, force_str(found.label))]
    if page.next:
        links.append(link(own(request, after=page.next), "next", GEOJSON, _("下一页")))
    document: dict[str, Any] = {"type": "FeatureCollection", "timeStamp": stamp, "numberReturned": len(page.features)}
    if page.matched is not None:
        document["numberMatched"] = page.matched
    return document | {"links": links, "features": [feature(request, each, crs) for each in page.features]}


def one_feature(request: HttpRequest, found: Collection, item: Feature, crs: str) -> dict[str, Any]:
    """``/ogc/collections/{id}/items/{featureId}`` (7.17)."""
    links = [*_both(request, GEOJSON), link(absolute(request, "collection", found.code), "collection", JSON, force_str(found.label))]
    return feature(request, item, crs) | {"links": links}


def feature(request: HttpRequest, item: Feature, crs: str = CRS84) -> dict[str, Any]:
    """A GeoJSON feature (RFC 7946), in the order of coordinates of ``crs``; the address of its page made absolute."""
    properties = dict(item.properties)
    if isinstance(url := properties.get("url"), str) and url.startswith("/"):
        properties["url"] = base(request) + url
    geometry = item.geometry
    if geometry is not None and crs != CRS84:
        geometry = {**geometry, "coordinates": _swapped(geometry["coordinates"])}
    return {"type": "Feature", "id": item.id, "geometry": geometry, "properties": properties}


def _swapped(coordinates: Any) -> Any:
    if coordinates and isinstance(coordinates[0], int | float):
        return [coordinates[1], coordinates[0], *coordinates[2:]]
    return [_swapped(part) for part in coordinates]
