"""CAP 1.2 messages to XML bytes, elements in the order of the schema."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from anlan.wire.cap import wrong
from anlan.wire.cap.message import NAMESPACE, Alert, Area, CapRefused, Coordinates, Info, Parameter, Resource, format_time
from anlan.wire.cap.rules import check


def encode(alert: Alert) -> bytes:
    """``alert`` as UTF-8 XML. Raises :class:`CapRefused` when it breaks a rule of the standard: nothing unsound is ever written."""
    problems = check(alert)
    if problems:
        raise CapRefused(problems)
    return etree.tostring(element(alert), xml_declaration=True, encoding="UTF-8", pretty_print=True)


def element(alert: Alert) -> etree._Element:
    """``alert`` as an element tree, unchecked; :func:`encode` is the checked way."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _text(root, "identifier", alert.identifier)
    _text(root, "sender", alert.sender)
    _time(root, "sent", alert.sent)
    _text(root, "status", alert.status)
    _text(root, "msgType", alert.msg_type)
    _optional(root, "source", alert.source)
    _text(root, "scope", alert.scope)
    _optional(root, "restriction", alert.restriction)
    _optional(root, "addresses", alert.addresses)
    for code in alert.codes:
        _text(root, "code", code)
    _optional(root, "note", alert.note)
    _optional(root, "references", " ".join(alert.references))
    _optional(root, "incidents", alert.incidents)
    for info in alert.infos:
        _info(root, info)
    return root


def _info(root: etree._Element, info: Info) -> None:
    block = _sub(root, "info")
    _optional(block, "language", info.language)
    for category in info.categories:
        _text(block, "category", category)
    _text(block, "event", info.event)
    for response in info.response_types:
        _text(block, "responseType", response)
    _text(block, "urgency", info.urgency)
    _text(block, "severity", info.severity)
    _text(block, "certainty", info.certainty)
    _optional(block, "audience", info.audience)
    _pairs(block, "eventCode", info.event_codes)
    _time(block, "effective", info.effective)
    _time(block, "onset", info.onset)
    _time(block, "expires", info.expires)
    _optional(block, "senderName", info.sender_name)
    _optional(block, "headline", info.headline)
    _optional(block, "description", info.description)
    _optional(block, "instruction", info.instruction)
    _optional(block, "web", info.web)
    _optional(block, "contact", info.contact)
    _pairs(block, "parameter", info.parameters)
    for resource in info.resources:
        _resource(block, resource)
    for area in info.areas:
        _area(block, area)


def _resource(block: etree._Element, resource: Resource) -> None:
    part = _sub(block, "resource")
    _text(part, "resourceDesc", resource.resource_desc)
    _text(part, "mimeType", resource.mime_type)
    if resource.size is not None:
        _text(part, "size", str(resource.size))
    _optional(part, "uri", resource.uri)
    _optional(part, "derefUri", resource.deref_uri)
    _optional(part, "digest", resource.digest)


def _area(block: etree._Element, area: Area) -> None:
    part = _sub(block, "area")
    _text(part, "areaDesc", area.area_desc)
    for polygon in area.polygons:
        _text(part, "polygon", ring_text(polygon))
    for latitude, longitude, radius in area.circles:
        _text(part, "circle", circle_text(latitude, longitude, radius))
    _pairs(part, "geocode", area.geocodes)
    for name, height in (("altitude", area.altitude), ("ceiling", area.ceiling)):
        if height is not None:
            _text(part, name, _number(height))


def ring_text(polygon: Coordinates) -> str:
    """``latitude,longitude`` pairs parted by spaces, up to six decimals (0.1 m)."""
    return " ".join(f"{_number(latitude)},{_number(longitude)}" for latitude, longitude in polygon)


def circle_text(latitude: float, longitude: float, radius: float) -> str:
    """``latitude,longitude radius``, the radius in km."""
    return f"{ring_text(((latitude, longitude),))} {_number(radius)}"


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _sub(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _text(parent: etree._Element, name: str, value: str) -> None:
    try:
        _sub(parent, name).text = str(value)
    except ValueError:
        raise CapRefused([wrong.NOT_WRITABLE.at(name=name)]) from None


def _optional(parent: etree._Element, name: str, value: str) -> None:
    if value:
        _text(parent, name, value)


def _time(parent: etree._Element, name: str, moment: datetime | None) -> None:
    if moment is not None:
        _text(parent, name, format_time(moment))


def _pairs(parent: etree._Element, name: str, pairs: tuple[Parameter, ...]) -> None:
    for pair in pairs:
        part = _sub(parent, name)
        _text(part, "valueName", pair.value_name)
        _text(part, "value", pair.value)
