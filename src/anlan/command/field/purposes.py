"""What an event of a unit is for, and what a mark or a message says. Pure: no Django, no clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import Any, Final

from anlan.command.field import rules
from anlan.kernel.geo import EARTH_RADIUS_M
from anlan.wire import cot
from anlan.wire.cot.event import CALL, CALL_CANCELLED, CHAT, CHAT_DELIVERED, CHAT_READ, CIRCLE, DELETE, POLYGON, RECTANGLE

POSITION, TALK, RECEIPT, CALLING, CALL_OVER, MARK, REMOVAL, FOREIGN, OTHER = (
    "position", "talk", "receipt", "calling", "call_over", "mark", "removal", "foreign", "other",
)  # fmt: skip
KEPT: Final = frozenset({POSITION, TALK, RECEIPT, CALLING, CALL_OVER, MARK, REMOVAL})
"""What is entered in the book; all but the foreign is passed on."""
_MARKS = ("b-m-p-", "u-d-")
_BY_HAND = "h-"
_CIRCLE_CORNERS = 48
DEFAULT_COLOUR = "#2563eb"


def purpose(event: cot.Event, own_uid: str, enrolled: Container[str]) -> str:
    """What an event is for that came on the connection of the unit ``own_uid``.

    ``FOREIGN``: it would move another unit, or draw or delete under a name of the node's own. A unit that a person drew by hand is a mark.
    """
    if event.uid == own_uid and event.type.startswith("a-"):
        return POSITION
    if event.uid.startswith(rules.OWN_PREFIX):
        # A receipt bears the name of the node's message; nothing else may bear a name of the node's.
        return RECEIPT if event.type in (CHAT_DELIVERED, CHAT_READ) else FOREIGN
    if event.type in (CHAT, CHAT_DELIVERED, CHAT_READ):
        return TALK if event.type == CHAT else RECEIPT
    if event.type == CALL_CANCELLED:
        return CALL_OVER
    if event.type == CALL or event.type.startswith(f"{CALL}-"):
        return CALLING
    if event.type == DELETE:
        return FOREIGN if any(_not_his(link.uid, own_uid, enrolled) for link in event.detail.links) else REMOVAL
    if event.uid in enrolled:
        return FOREIGN
    if event.type.startswith(_MARKS):
        return MARK
    if event.type.startswith("a-"):
        return MARK if event.how.startswith(_BY_HAND) else FOREIGN
    return OTHER


def _not_his(uid: str, own_uid: str, enrolled: Container[str]) -> bool:
    return uid.startswith(rules.OWN_PREFIX) or (uid != own_uid and uid in enrolled)


def plain(text: str) -> str:
    """Text without signs that cannot be shown; line breaks and tabs stay."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"}).strip()


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a unit: its own name, to whom (in words and as an id), the text; ``cut``: it was longer than is kept."""

    message_id: str
    sender: str
    to: str
    to_id: str
    text: str
    cut: bool


def said(event: cot.Event) -> Said | None:
    """The message; ``None`` when it says nothing."""
    remarks, chat = event.detail.remarks, event.detail.chat or cot.Chat()
    text = plain(remarks.text if remarks is not None else "")
    if not text:
        return None
    return Said(
        cot.talk.name_of(event)[:200],
        plain(chat.sender or event.callsign)[:100],
        plain(chat.room or (remarks.to if remarks is not None else ""))[:100],
        (chat.id or chat.room)[:200],
        text[: rules.LONGEST_MESSAGE],
        len(text) > rules.LONGEST_MESSAGE,
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """What a unit drew: GeoJSON geometry and its box (west, south, east, north) in degrees, colour ``#rrggbb``."""

    title: str
    remarks: str
    colour: str
    geometry: dict[str, Any]
    box: tuple[float, float, float, float]


def mark(event: cot.Event) -> Mark | None:
    """The mark; ``None`` when it has no place, or more than :data:`rules.MARK_CORNERS` corners."""
    geometry = _geometry(event)
    if geometry is None:
        return None
    detail = event.detail
    coordinates = geometry["coordinates"]
    line = [coordinates] if geometry["type"] == "Point" else coordinates if geometry["type"] == "LineString" else coordinates[0]
    longitudes, latitudes = [each[0] for each in line], [each[1] for each in line]
    colour = detail.colour if detail.colour is not None else detail.stroke
    return Mark(
        plain(event.callsign)[:100],
        plain(detail.remarks.text if detail.remarks is not None else "")[: rules.LONGEST_MESSAGE],
        DEFAULT_COLOUR if colour is None else f"#{colour & 0xFFFFFF:06x}",
        geometry,
        (min(longitudes), min(latitudes), max(longitudes), max(latitudes)),
    )


def _geometry(event: cot.Event) -> dict[str, Any] | None:
    point, detail = event.point, event.detail
    corners = [[each.longitude, each.latitude] for each in detail.corners]
    if len(corners) > rules.MARK_CORNERS:
        return None
    if event.type in (POLYGON, RECTANGLE) and len(corners) >= 2:
        if event.type == RECTANGLE or detail.closed or corners[0] == corners[-1]:
            ring = corners if corners[0] == corners[-1] else [*corners, corners[0]]
            return {"type": "Polygon", "coordinates": [ring]} if len(ring) >= 4 else None
        return {"type": "LineString", "coordinates": corners}
    if not point.is_fix:
        return None
    if event.type == CIRCLE and detail.ellipse is not None and detail.ellipse.major > 0:
        return {"type": "Polygon", "coordinates": [_ellipse(point, detail.ellipse)]}
    return {"type": "Point", "coordinates": [point.longitude, point.latitude]}


def _ellipse(centre: cot.Point, ellipse: cot.Ellipse) -> list[list[float]]:
    turn = radians(ellipse.angle)
    per_metre = 180.0 / (pi * EARTH_RADIUS_M)
    narrow = max(0.01, cos(radians(centre.latitude)))
    ring = []
    for number in range(_CIRCLE_CORNERS):
        angle = -2 * pi * number / _CIRCLE_CORNERS
        along, across = ellipse.major * cos(angle), ellipse.minor * sin(angle)
        north, east = along * cos(turn) - across * sin(turn), along * sin(turn) + across * cos(turn)
        ring.append([round(centre.longitude + east * per_metre / narrow, 7), round(centre.latitude + north * per_metre, 7)])
    return [*ring, ring[0]]
