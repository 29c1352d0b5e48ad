"""Events to XML bytes, as devices of the TAK family read them: one event, no line break in it, UTF-8."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from lxml import etree

from anlan.wire.cot.event import UNKNOWN, Detail, Event, Point, Vertex
from anlan.wire.cot.refusals import BadField

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def encode(event: Event) -> bytes:
    """The bytes that say ``event``. Raises :class:`BadField` for text that XML cannot hold."""
    try:
        root = etree.Element("event", version="2.0", uid=event.uid, type=event.type)
        for name, moment in (("time", event.time), ("start", event.start), ("stale", event.stale)):
            root.set(name, _time(moment))
        _attributes(root, how=event.how, access=event.access, opex=event.opex, qos=event.qos)
        _point(root, event.point)
        _detail(etree.SubElement(root, "detail"), event.detail)
        return DECLARATION + etree.tostring(root, encoding="utf-8")
    except ValueError as wrong:
        raise BadField(field="event", found=str(wrong)[:120]) from None


def _time(moment: datetime) -> str:
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="milliseconds" if plain.microsecond % 1000 == 0 else "microseconds") + "Z"


def _attributes(element: etree._Element, **values: str) -> None:
    for name, value in values.items():
        if value:
            element.set(name, value)


def _point(root: etree._Element, point: Point) -> None:
    told = {"lat": point.latitude, "lon": point.longitude, "hae": point.hae, "ce": point.ce, "le": point.le}
    etree.SubElement(root, "point", {name: repr(float(UNKNOWN if value is None else value)) for name, value in told.items()})


def _corner(vertex: Vertex) -> str:
    return ",".join(repr(float(each)) for each in (vertex.latitude, vertex.longitude, vertex.hae) if each is not None)


def _detail(root: etree._Element, detail: Detail) -> None:
    others = [etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True)) for text in detail.other]
    # What is known in part stands among the others whole.
    whole = {str(each.tag) for each in others}

    def add(tag: str, **values: str) -> etree._Element | None:
        if tag in whole:
            return None
        element = etree.SubElement(root, tag)
        _attributes(element, **values)
        return element

    if detail.contact is not None:
        add("contact", callsign=detail.contact.callsign, endpoint=detail.contact.endpoint, phone=detail.contact.phone)
    if (device := detail.software) is not None:
        add("takv", device=device.device, platform=device.platform, os=device.os, version=device.version)
    if detail.droid:
        add("uid", Droid=detail.droid)
    if detail.group is not None:
        add("__group", name=detail.group.name, role=detail.group.role)
    if detail.battery is not None:
        add("status", battery=f"{detail.battery:.15g}")
    if detail.track is not None:
        course, speed = detail.track.course, detail.track.speed
        add("track", course="" if course is None else repr(course), speed="" if speed is None else repr(speed))
    if (said := detail.remarks) is not None and (element := add("remarks", source=said.source, to=said.to, time=said.time)) is not None:
        element.text = said.text
    for link in detail.links:
        tied = etree.SubElement(root, "link")
        _attributes(tied, uid=link.uid, type=link.type, relation=link.relation, point=_corner(link.point) if link.point else "")
        for name, value in link.more:
            tied.set(name, value)
    _drawing(detail, add)
    root.extend(others)


def _drawing(detail: Detail, add: Callable[..., etree._Element | None]) -> None:
    if (detail.ellipse or detail.polyline) and (shape := add("shape")) is not None:
        if detail.ellipse is not None:
            named = {name: repr(float(getattr(detail.ellipse, name))) for name in ("major", "minor", "angle")}
            etree.SubElement(shape, "ellipse", named)
        else:
            line = etree.SubElement(shape, "polyline", closed="true" if detail.closed else "false")
            for each in detail.polyline:
                height = {} if each.hae is None else {"hae": repr(float(each.hae))}
                etree.SubElement(line, "vertex", {"lat": repr(float(each.latitude)), "lon": repr(float(each.longitude)), **height})
    if (line := detail.range_bearing) is not None:
        figures = {"range": line.range_m, "bearing": line.bearing, "inclination": line.inclination, "northRef": line.north}
        for tag, value in figures.items():
            if value is not None:
                add(tag, value=repr(value))
    for tag, colour in (("strokeColor", detail.stroke), ("fillColor", detail.fill)):
        if colour is not None:
            add(tag, value=str(colour))
    if detail.stroke_weight is not None:
        add("strokeWeight", value=repr(float(detail.stroke_weight)))
    if detail.colour is not None:
        add("color", argb=str(detail.colour))
    if detail.labels is not None:
        add("labels_on", value="true" if detail.labels else "false")
    if detail.icon:
        add("usericon", iconsetpath=detail.icon)
