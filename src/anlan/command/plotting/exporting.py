"""A board as files for other programs: GeoJSON (RFC 7946) and KML 2.2 (OGC 12-007r2). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from anlan.command.plotting.door import DrawnFeature
from anlan.command.plotting.symbols import symbols

KML = "http://www.opengis.net/kml/2.2"
COLOURS: Mapping[str, str] = {"own": "#0b4a8c", "hazard": "#a3195b", "neutral": "#33414f"}
"""Of tones, as the page draws them in its light theme."""
KML_OPACITY = {"none": "00", "light": "40"}
EXERCISE = "【演练】"
CONTROL = {sign: None for sign in range(32) if chr(sign) not in "\t\n\r"} | {0xFFFE: None, 0xFFFF: None}
"""Signs that XML 1.0 cannot hold."""


def geojson(title: str, features: Sequence[DrawnFeature], *, at: datetime, exercise: bool) -> dict[str, Any]:
    """A feature collection; radii are metres, bearings degrees clockwise from north."""
    return {
        "type": "FeatureCollection",
        "title": title,
        "exercise": exercise,
        "at": at.isoformat(),
        "features": [geojson_feature(each) for each in features],
    }


def geojson_feature(feature: DrawnFeature) -> dict[str, Any]:
    """One object; what was kept of a circle or sector beyond its polygon stands in its properties."""
    kept = {name: value for name, value in feature.fields.items() if name not in ("geometry", "deleted")}
    if feature.kind in ("circle", "sector"):
        kept["centre"] = feature.fields["geometry"]["coordinates"]
    about = {
        "created_by": feature.created_by,
        "created_post": feature.created_post,
        "created_at": feature.created_at.isoformat(),
        "changed_by": feature.changed_by,
        "changed_post": feature.changed_post,
        "changed_at": feature.changed_at.isoformat(),
        "late": feature.late,
        "exercise": feature.exercise,
    }
    return {"type": "Feature", "id": feature.id, "geometry": feature.geometry, "properties": {**kept, **about}}


def kml(title: str, features: Sequence[DrawnFeature], *, exercise: bool) -> bytes:
    """A KML document; an exercise says so in the name of the document and of every placemark."""
    ET.register_namespace("", KML)
    root = ET.Element(f"{{{KML}}}kml")
    document = ET.SubElement(root, f"{{{KML}}}Document")
    prefix = EXERCISE if exercise else ""
    _text(document, "name", prefix + title)
    for tone in COLOURS:
        for fill, opacity in KML_OPACITY.items():
            style = ET.SubElement(document, f"{{{KML}}}Style", id=f"{tone}-{fill}")
            line = ET.SubElement(style, f"{{{KML}}}LineStyle")
            _text(line, "color", _kml_colour(tone, "ff"))
            _text(line, "width", "3")
            polygon = ET.SubElement(style, f"{{{KML}}}PolyStyle")
            _text(polygon, "color", _kml_colour(tone, opacity))
    for feature in features:
        _placemark(document, feature, prefix)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8")


def _placemark(document: ET.Element, feature: DrawnFeature, prefix: str) -> None:
    mark = ET.SubElement(document, f"{{{KML}}}Placemark", id=f"o{feature.id}")
    symbol = symbols().get(str(feature.fields.get("symbol", "")))
    _text(mark, "name", prefix + (feature.title or (symbol.name_zh if symbol is not None else "")))
    if feature.fields.get("remark"):
        _text(mark, "description", str(feature.fields["remark"]))
    _text(mark, "styleUrl", f"#{feature.fields.get('tone', 'neutral')}-{feature.fields.get('fill', 'none')}")
    data = ET.SubElement(mark, f"{{{KML}}}ExtendedData")
    told = {
        "kind": feature.kind,
        "symbol": symbol.code if symbol is not None else "",
        "changed_by": feature.changed_by,
        "changed_post": feature.changed_post,
        "changed_at": feature.changed_at.isoformat(),
    }
    for name, value in told.items():
        if value:
            _text(ET.SubElement(data, f"{{{KML}}}Data", name=name), "value", value)
    form = feature.geometry["type"]
    coordinates = feature.geometry["coordinates"]
    if form == "Polygon":
        polygon = ET.SubElement(mark, f"{{{KML}}}Polygon")
        ring = ET.SubElement(ET.SubElement(polygon, f"{{{KML}}}outerBoundaryIs"), f"{{{KML}}}LinearRing")
        _text(ring, "coordinates", _kml_line(coordinates[0]))
    elif form == "LineString":
        line = ET.SubElement(mark, f"{{{KML}}}LineString")
        _text(line, "tessellate", "1")
        _text(line, "coordinates", _kml_line(coordinates))
    else:
        _text(ET.SubElement(mark, f"{{{KML}}}Point"), "coordinates", _kml_line([coordinates]))


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{KML}}}{name}").text = text.translate(CONTROL)


def _kml_line(positions: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{longitude},{latitude}" for longitude, latitude in positions)


def _kml_colour(tone: str, opacity: str) -> str:
    """KML writes aabbggrr."""
    colour = COLOURS[tone]
    return f"{opacity}{colour[5:7]}{colour[3:5]}{colour[1:3]}"
