"""What the CAP text asks for beyond its schema (CAP-v1.2 §3.2 notes). A message that breaks a rule is neither read nor written."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator

from anlan.wire.cap import wrong
from anlan.wire.cap.message import Alert, Area, Info, MessageType, Parameter, Resource, Scope, Version, reference_to
from anlan.wire.problems import Problem

_REFERENCE = re.compile(r"[^\s,<&]+,[^\s,<&]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
_OLD_REFERENCE = re.compile(r"[^\s,<&]+,[^\s,<&]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)|[^\s,<&]+/[^\s,<&]+", re.ASCII)
"""Before 1.2 the time may be any ``xs:dateTime``; CAP 1.0 writes ``identifier/sender``."""
_RESTRICTED_CHARACTERS = re.compile(r"[\s,<&]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+", re.ASCII)


def check(alert: Alert, version: Version = Version.V1_2) -> list[Problem]:
    """Every rule of the standard's text that ``alert`` breaks; an empty list for a sound message."""
    found = list(_check_alert(alert, version))
    for number, info in enumerate(alert.infos, 1):
        found += _check_info(info, alert, f"info[{number}]")
    return found


def _check_alert(alert: Alert, version: Version) -> Iterator[Problem]:
    for name, value in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not value:
            yield wrong.MISSING.at(name=name)
        elif _RESTRICTED_CHARACTERS.search(value):
            yield wrong.CHARACTERS.at(name=name)
    if alert.scope is Scope.RESTRICTED and not alert.restriction:
        yield wrong.RESTRICTION_MISSING.at()
    if alert.scope is Scope.PRIVATE and not alert.addresses:
        yield wrong.ADDRESSES_MISSING.at()
    if alert.msg_type is not MessageType.ALERT and not alert.references:
        yield wrong.REFERENCES_MISSING.at(kind=alert.msg_type)
    pattern = _REFERENCE if version is Version.V1_2 else _OLD_REFERENCE
    for reference in alert.references:
        if not pattern.fullmatch(reference):
            yield wrong.NOT_A_REFERENCE.at(found=reference)
        elif alert.sent.tzinfo is not None and reference == reference_to(alert):
            yield wrong.SELF_REFERENCE.at()
    if alert.msg_type in (MessageType.ALERT, MessageType.UPDATE) and not alert.infos:
        yield wrong.NO_INFO.at()
    if any(not code.strip() for code in alert.codes):
        yield wrong.EMPTY.at(name="code")


def _check_info(info: Info, alert: Alert, where: str) -> Iterator[Problem]:
    if not info.event.strip():
        yield wrong.MISSING.at(where, name="event")
    if not info.categories:
        yield wrong.NO_CATEGORY.at(where)
    if not _LANGUAGE.fullmatch(info.language):
        yield wrong.NOT_A_LANGUAGE.at(where, found=info.language)
    # Without effective, a message takes effect when it is sent (§3.2.2).
    starts, name = (info.effective, "effective") if info.effective is not None else (alert.sent, "sent")
    if info.expires is not None and info.expires <= starts:
        yield wrong.EXPIRES_EARLY.at(where, name=name)
    for kind, pairs in (("eventCode", info.event_codes), ("parameter", info.parameters)):
        yield from _check_pairs(pairs, kind, where)
    for number, resource in enumerate(info.resources, 1):
        yield from _check_resource(resource, f"{where}/resource[{number}]")
    for number, area in enumerate(info.areas, 1):
        yield from _check_area(area, f"{where}/area[{number}]")


def _check_pairs(pairs: tuple[Parameter, ...], kind: str, where: str) -> Iterator[Problem]:
    for number, pair in enumerate(pairs, 1):
        if not pair.value_name.strip():
            yield wrong.NAMELESS_VALUE.at(f"{where}/{kind}[{number}]", name=kind)


def _check_resource(resource: Resource, where: str) -> Iterator[Problem]:
    for name, value in (("resourceDesc", resource.resource_desc), ("mimeType", resource.mime_type)):
        if not value.strip():
            yield wrong.MISSING.at(where, name=name)
    if resource.size is not None and resource.size < 0:
        yield wrong.NEGATIVE_SIZE.at(where, size=resource.size)
    if resource.digest and not _HEXADECIMAL.fullmatch(resource.digest):
        yield wrong.NOT_A_DIGEST.at(where, found=resource.digest)
    if resource.deref_uri and not _is_base64(resource.deref_uri):
        yield wrong.NOT_BASE64.at(where)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _check_area(area: Area, where: str) -> Iterator[Problem]:
    if not area.area_desc.strip():
        yield wrong.MISSING.at(where, name="areaDesc")
    for number, polygon in enumerate(area.polygons, 1):
        place = f"{where}/polygon[{number}]"
        if len(polygon) < 4:
            yield wrong.TOO_FEW_POINTS.at(place)
        elif polygon[0] != polygon[-1]:
            yield wrong.NOT_CLOSED.at(place)
        outside = next((pair for pair in polygon if not in_the_world(*pair)), None)
        if outside is not None:
            yield wrong.OUT_OF_RANGE.at(place, latitude=outside[0], longitude=outside[1])
    for number, (latitude, longitude, radius) in enumerate(area.circles, 1):
        place = f"{where}/circle[{number}]"
        if not in_the_world(latitude, longitude):
            yield wrong.OUT_OF_RANGE.at(place, latitude=latitude, longitude=longitude)
        if not (math.isfinite(radius) and radius >= 0):
            yield wrong.NEGATIVE_RADIUS.at(place, radius=radius)
    yield from _check_pairs(area.geocodes, "geocode", where)
    for name, height in (("altitude", area.altitude), ("ceiling", area.ceiling)):
        if height is not None and not math.isfinite(height):
            yield wrong.NOT_A_NUMBER.at(where, name=name, found=height)
    if area.ceiling is not None and area.altitude is None:
        yield wrong.CEILING_ALONE.at(where)
    elif area.ceiling is not None and area.altitude is not None and area.ceiling < area.altitude:
        yield wrong.CEILING_BELOW.at(where)


def in_the_world(latitude: float, longitude: float) -> bool:
    """Whether a position is on earth; what is no number is not."""
    return abs(latitude) <= 90 and abs(longitude) <= 180
