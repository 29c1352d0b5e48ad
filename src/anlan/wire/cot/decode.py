"""XML bytes to events. No entity is expanded, no document type is read, no address is fetched."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from lxml import etree

from anlan.wire.cot.event import (
    LONGEST_TYPE,
    LONGEST_UID,
    MOST_BYTES,
    MOST_VERTICES,
    UNKNOWN,
    Chat,
    Contact,
    Detail,
    Ellipse,
    Event,
    Group,
    Link,
    Point,
    RangeBearing,
    Remarks,
    Software,
    Track,
    Vertex,
)
from anlan.wire.cot.refusals import BadField, Forbidden, NotXml, TooLong

WHOLLY: Mapping[str, frozenset[str]] = {
    "contact": frozenset({"callsign", "endpoint", "phone"}),
    "takv": frozenset({"device", "platform", "os", "version"}),
    "uid": frozenset({"Droid"}),
    "__group": frozenset({"name", "role"}),
    "status": frozenset({"battery"}),
    "track": frozenset({"course", "speed"}),
    "remarks": frozenset({"source", "to", "time"}),
    "usericon": frozenset({"iconsetpath"}),
    "color": frozenset({"argb"}),
    "strokeColor": frozenset({"value"}),
    "strokeWeight": frozenset({"value"}),
    "fillColor": frozenset({"value"}),
    "labels_on": frozenset({"value"}),
    "range": frozenset({"value"}),
    "bearing": frozenset({"value"}),
    "inclination": frozenset({"value"}),
    "northRef": frozenset({"value"}),
}
"""Elements of the detail and the attributes by which they are wholly known; with any other, or a child, they are kept word for word as well."""
_LINK = ("uid", "type", "relation")


def decode(data: bytes) -> Event:
    """Read one event. Raises :class:`TooLong`, :class:`NotXml`, :class:`Forbidden`, :class:`BadField`.

    What is wrong in the detail does not cost the position: it is kept word for word and not read.
    """
    if len(data) > MOST_BYTES:
        raise TooLong(limit=MOST_BYTES)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Forbidden()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise NotXml(reason=str(wrong)[:120]) from None
    if root.getroottree().docinfo.internalDTD is not None:
        # Another encoding can hide the words looked for above.
        raise Forbidden()
    if root.tag != "event":
        raise BadField(field="event", found=str(root.tag)[:60])
    detail = root.find("detail")
    return Event(
        uid=_text(root, "uid", LONGEST_UID),
        type=_text(root, "type", LONGEST_TYPE),
        time=_time(root, "time"),
        start=_time(root, "start"),
        stale=_time(root, "stale"),
        how=root.get("how", "")[:40],
        point=_point(root.find("point")),
        detail=_detail(detail) if detail is not None else Detail(),
        access=root.get("access", "")[:80],
        opex=root.get("opex", "")[:80],
        qos=root.get("qos", "")[:80],
    )


def _text(root: etree._Element, name: str, most: int) -> str:
    found = root.get(name, "").strip()
    if not found or len(found) > most:
        raise BadField(field=name, found=found[:60] or "—")
    return found


def _time(root: etree._Element, name: str) -> datetime:
    text = root.get(name, "")
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError(text)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadField(field=name, found=text[:60] or "—") from None


def _number(text: str | None) -> float | None:
    """A finite number or nothing."""
    try:
        found = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _known(text: str | None) -> float | None:
    found = _number(text)
    return None if found is None or found >= UNKNOWN else found


def _point(element: etree._Element | None) -> Point:
    if element is None:
        raise BadField(field="point", found="—")
    latitude, longitude = _degrees(element.get("lat"), 90.0, "lat"), _degrees(element.get("lon"), 180.0, "lon")
    ce, le = (found if found is None or found >= 0 else None for found in (_known(element.get(name)) for name in ("ce", "le")))
    return Point(latitude, longitude, _known(element.get("hae")), ce, le)


def _degrees(text: str | None, most: float, name: str) -> float:
    found = _number(text)
    if found is None or abs(found) > most:
        raise BadField(field=name, found=(text or "—")[:60])
    return found


def _detail(element: etree._Element) -> Detail:
    found: dict[str, Any] = {}
    links: list[Link] = []
    other: list[str] = []
    lines: dict[str, float] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        tag = child.tag
        if tag == "link" and len(child) == 0 and not (child.text or "").strip() and (link := _link(child)) is not None:
            if len(links) >= MOST_VERTICES:
                raise BadField(field="link", found=f"> {MOST_VERTICES}")
            links.append(link)
            continue
        read = _read(child, tag, lines)
        new = not any(name in found for name in read)
        if new:
            found.update(read)
        if not (read and new and _wholly(child, tag)):
            other.append(etree.tostring(child, encoding="unicode", with_tail=False))
    if {"range", "bearing"} <= set(lines):
        north = lines.get("northRef")
        found["range_bearing"] = RangeBearing(
            lines["range"], lines["bearing"], lines.get("inclination"), None if north is None else int(north)
        )
    known = {name: value for name, value in found.items() if not name.startswith(".")}
    return Detail(links=tuple(links), other=tuple(other), **known)


def _wholly(child: etree._Element, tag: str) -> bool:
    if tag == "shape":
        return (
            not child.attrib
            and len(child) == 1
            and len(child[0].attrib) <= (3 if child[0].tag == "ellipse" else 1)
            and _plain_shape(child[0])
        )
    known = WHOLLY.get(tag)
    text = (child.text or "").strip()
    return known is not None and set(child.attrib) <= known and len(child) == 0 and (tag == "remarks" or not text)


def _plain_shape(shape: etree._Element) -> bool:
    if shape.tag == "ellipse":
        return set(shape.attrib) <= {"major", "minor", "angle"} and len(shape) == 0
    return set(shape.attrib) <= {"closed"} and all(set(each.attrib) <= {"lat", "lon", "hae"} and len(each) == 0 for each in shape)


def _link(child: etree._Element) -> Link | None:
    attributes = {str(name): str(value) for name, value in child.attrib.items()}
    point = None
    if "point" in attributes:
        parts = [_number(part) for part in attributes["point"].split(",")]
        point = _vertex(*parts) if len(parts) in (2, 3) else None
        if point is None:
            return None
    more = sorted((name, value) for name, value in attributes.items() if name not in (*_LINK, "point"))
    uid, kind, relation = (attributes.get(name, "") for name in _LINK)
    return Link(uid, kind, relation, point, tuple(more))


def _vertex(latitude: float | None, longitude: float | None, hae: float | None = None) -> Vertex | None:
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Vertex(latitude, longitude, None if hae is None or hae >= UNKNOWN else hae)


def _read(child: etree._Element, tag: str, lines: dict[str, float]) -> dict[str, Any]:
    """What is known of one element, by the names of :class:`Detail`; empty when nothing is."""

    def get(*names: str) -> list[str]:
        return [child.get(name, "") for name in names]

    match tag:
        case "contact":
            return {"contact": Contact(*get("callsign", "endpoint", "phone"))}
        case "takv":
            return {"software": Software(*get("device", "platform", "os", "version"))}
        case "uid":
            return {"droid": child.get("Droid", "")} if child.get("Droid") else {}
        case "__group":
            return {"group": Group(*get("name", "role"))}
        case "track":
            return {"track": Track(_number(child.get("course")), _number(child.get("speed")))}
        case "remarks":
            return {"remarks": Remarks(child.text or "", *get("source", "to", "time"))}
        case "__chat" | "__chatreceipt":
            said = Chat(*get("chatroom", "senderCallsign", "id", "messageId"))
            return {"chat" if tag == "__chat" else "receipt": said}
        case "usericon":
            return {"icon": child.get("iconsetpath", "")} if child.get("iconsetpath") else {}
        case "shape":
            return _shape(child)
        case "range" | "bearing" | "inclination" | "northRef":
            value = _number(child.get("value"))
            if value is None or tag in lines:
                return {}
            lines[tag] = value
            return {f".{tag}": value}
    return _figure(child, tag)


_COLOURS = {"strokeColor": "stroke", "fillColor": "fill"}


def _figure(child: etree._Element, tag: str) -> dict[str, Any]:
    if tag == "color" or tag in _COLOURS:
        value = _number(child.get("argb", child.get("value")) if tag == "color" else child.get("value"))
        if value is None or value != int(value) or not -(1 << 31) <= value < 1 << 32:
            return {}
        signed = int(value) - (1 << 32) if value >= 1 << 31 else int(value)
        return {_COLOURS.get(tag, "colour"): signed}
    if tag == "labels_on":
        return {"labels": child.get("value") == "true"} if child.get("value") in {"true", "false"} else {}
    named = {"strokeWeight": ("stroke_weight", "value"), "status": ("battery", "battery")}.get(tag)
    value = _number(child.get(named[1])) if named else None
    return {named[0]: value} if named and value is not None else {}


def _shape(child: etree._Element) -> dict[str, Any]:
    ellipse, polyline = child.find("ellipse"), child.find("polyline")
    if ellipse is not None:
        major, minor = _number(ellipse.get("major")), _number(ellipse.get("minor"))
        if major is None or minor is None or major < 0 or minor < 0:
            return {}
        return {"ellipse": Ellipse(major, minor, _number(ellipse.get("angle")) or 0.0)}
    if polyline is not None:
        corners = [_vertex(*(_number(each.get(name)) for name in ("lat", "lon", "hae"))) for each in polyline.findall("vertex")]
        if not corners or None in corners:
            return {}
        if len(corners) > MOST_VERTICES:
            raise BadField(field="vertex", found=f"> {MOST_VERTICES}")
        return {"polyline": tuple(cast(list[Vertex], corners)), "closed": polyline.get("closed") == "true"}
    return {}
