"""What the CAP 1.2 text asks for beyond its schema (§3.2 notes), as sentences for whoever wrote the message."""

from __future__ import annotations

import re

from anlan.wire.cap.message import Alert, Area, Info, MessageType, Scope

_REFERENCE = re.compile(r"^[^\s,<&]+,[^\s,<&]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$")
_RESTRICTED_CHARACTERS = re.compile(r"[\s,<&]")


def check(alert: Alert) -> list[str]:
    """Every rule of the standard's text that ``alert`` breaks; an empty list for a sound message."""
    found: list[str] = []
    for name, value in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not value:
            found.append(f"{name} is empty")
        elif _RESTRICTED_CHARACTERS.search(value):
            found.append(f"{name} must not contain spaces, commas, < or &")
    if alert.scope is Scope.RESTRICTED and not alert.restriction:
        found.append("restriction is required when scope is Restricted")
    if alert.scope is Scope.PRIVATE and not alert.addresses:
        found.append("addresses is required when scope is Private")
    if alert.msg_type is not MessageType.ALERT and not alert.references:
        found.append(f"references is required when msgType is {alert.msg_type}")
    found += [f"reference {r!r} is not sender,identifier,sent" for r in alert.references if not _REFERENCE.match(r)]
    if alert.msg_type in (MessageType.ALERT, MessageType.UPDATE) and not alert.infos:
        found.append("an Alert or Update needs at least one info block")
    for number, info in enumerate(alert.infos, 1):
        found += [f"info {number}: {problem}" for problem in _check_info(info, alert)]
    return found


def _check_info(info: Info, alert: Alert) -> list[str]:
    found: list[str] = []
    if not info.event.strip():
        found.append("event is empty")
    if not info.categories:
        found.append("category is missing")
    starts = info.effective or alert.sent
    if info.expires is not None and info.expires <= starts:
        found.append("expires is not later than effective")
    for area in info.areas:
        found += _check_area(area)
    return found


def _check_area(area: Area) -> list[str]:
    found: list[str] = []
    if not area.area_desc.strip():
        found.append("areaDesc is empty")
    for polygon in area.polygons:
        if len(polygon) < 4:
            found.append("a polygon needs at least four pairs")
        elif polygon[0] != polygon[-1]:
            found.append("a polygon must end where it began")
        if any(abs(latitude) > 90 or abs(longitude) > 180 for latitude, longitude in polygon):
            found.append("a polygon leaves the world (latitude comes first)")
    for latitude, longitude, radius in area.circles:
        if abs(latitude) > 90 or abs(longitude) > 180 or radius < 0:
            found.append("a circle leaves the world")
    if area.ceiling is not None and area.altitude is None:
        found.append("ceiling needs altitude")
    return found
