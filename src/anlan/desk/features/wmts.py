"""The capabilities document of WMTS 1.0.0 in its RESTful form (OGC 07-057r7): every layer of results with its tiles and legend."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from lxml import etree

from anlan.desk.features import grid
from anlan.desk.features.addresses import absolute
from anlan.desk.features.results import ResultLayer

WMTS, OWS, XLINK = "http://www.opengis.net/wmts/1.0", "http://www.opengis.net/ows/1.1", "http://www.w3.org/1999/xlink"
_SET = "WebMercatorQuad"


def _add(parent: Any, name: str, text: str = "", space: str = WMTS, **attributes: str) -> Any:
    element = etree.SubElement(parent, etree.QName(space, name), attributes)
    element.text = text or None
    return element


def capabilities(request: HttpRequest, layers: tuple[ResultLayer, ...]) -> bytes:
    """The document, UTF-8."""
    root = etree.Element(etree.QName(WMTS, "Capabilities"), {"version": "1.0.0"}, nsmap={None: WMTS, "ows": OWS, "xlink": XLINK})
    service = _add(root, "ServiceIdentification", space=OWS)
    _add(service, "Title", _("安澜研判结果瓦片"), OWS)
    _add(service, "Abstract", _("研判得出的影响区域。颜色由重到轻为红、橙、黄、蓝；只含凭证或登录账号可见的结果。"), OWS)
    _add(service, "ServiceType", "OGC WMTS", OWS)
    _add(service, "ServiceTypeVersion", "1.0.0", OWS)
    contents = _add(root, "Contents")
    for layer in layers:
        _add_layer(request, contents, layer)
    _add_matrix_set(contents)
    _add(root, "ServiceMetadataURL", **{etree.QName(XLINK, "href").text: absolute(request, "wmts")})
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add_layer(request: HttpRequest, contents: Any, found: ResultLayer) -> None:
    layer = _add(contents, "Layer")
    _add(layer, "Title", f"[{_('演练')}] {found.title}" if found.exercise else found.title, OWS)
    _add(layer, "Abstract", found.about, OWS)
    box = _add(layer, "WGS84BoundingBox", space=OWS)
    west, south, east, north = found.box
    _add(box, "LowerCorner", f"{west:.6f} {south:.6f}", OWS)
    _add(box, "UpperCorner", f"{east:.6f} {north:.6f}", OWS)
    _add(layer, "Identifier", f"{found.run}.{found.layer}", OWS)
    style = _add(layer, "Style", isDefault="true")
    _add(style, "Identifier", "default", OWS)
    legend = absolute(request, "legend", found.run, found.layer)
    _add(style, "LegendURL", format="image/png", **{etree.QName(XLINK, "href").text: legend})
    _add(layer, "Format", "image/png")
    _add(_add(layer, "TileMatrixSetLink"), "TileMatrixSet", _SET)
    first = absolute(request, "result_tile", found.run, found.layer, 0, 0, 0)
    template = first.removesuffix("/0/0/0.png") + "/{TileMatrix}/{TileRow}/{TileCol}.png"
    _add(layer, "ResourceURL", format="image/png", resourceType="tile", template=template)


def _add_matrix_set(contents: Any) -> None:
    matrix_set = _add(contents, "TileMatrixSet")
    _add(matrix_set, "Identifier", _SET, OWS)
    _add(matrix_set, "SupportedCRS", "urn:ogc:def:crs:EPSG::3857", OWS)
    _add(matrix_set, "WellKnownScaleSet", "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible")
    for each in grid.matrices():
        matrix = _add(matrix_set, "TileMatrix")
        _add(matrix, "Identifier", each["id"], OWS)
        _add(matrix, "ScaleDenominator", repr(each["scaleDenominator"]))
        _add(matrix, "TopLeftCorner", "{:.10f} {:.10f}".format(*each["pointOfOrigin"]))
        for name, value in (("TileWidth", grid.PIXELS), ("TileHeight", grid.PIXELS)):
            _add(matrix, name, str(value))
        _add(matrix, "MatrixWidth", str(each["matrixWidth"]))
        _add(matrix, "MatrixHeight", str(each["matrixHeight"]))
