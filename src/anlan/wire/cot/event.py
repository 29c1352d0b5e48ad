"""An event of Cursor-on-Target as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

UNKNOWN: Final = 9999999.0
"""How height and errors say that they are not known (event schema 2.0)."""
MOST_BYTES: Final = 64 * 1024
MOST_VERTICES: Final = 5000
LONGEST_UID: Final = 200
LONGEST_TYPE: Final = 80

PING, PONG, DELETE = "t-x-c-t", "t-x-c-t-r", "t-x-d-d"
CHAT, CHAT_DELIVERED, CHAT_READ = "b-t-f", "b-t-f-d", "b-t-f-r"
CALL, CALL_CANCELLED = "b-a-o", "b-a-o-can"
"""A call for help (``b-a-o-tbl`` and the like), and what ends it."""
POLYGON, CIRCLE, RECTANGLE, SPOT = "u-d-f", "u-d-c-c", "u-d-r", "b-m-p-s-m"

AFFILIATIONS: Final[dict[str, str]] = {
    "p": "pending",
    "u": "unknown",
    "a": "assumed friend",
    "f": "friend",
    "n": "neutral",
    "s": "suspect",
    "h": "hostile",
    "j": "joker",
    "k": "faker",
}
"""Second letter of the type of an atom (``a-f-G-U-C``), by MIL-STD-2525."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where: degrees of WGS-84; ``hae``: height above the ellipsoid, ``ce``, ``le``: circular and linear error, m; ``None``: not known."""

    latitude: float
    longitude: float
    hae: float | None = None
    ce: float | None = None
    le: float | None = None

    @property
    def is_fix(self) -> bool:
        """False for the 0°, 0° that a device without a position sends."""
        return not (self.latitude == 0 and self.longitude == 0 and self.ce is None)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who: the callsign, where direct messages are taken, telephone."""

    callsign: str = ""
    endpoint: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Software:
    """The device and its program (``takv``)."""

    device: str = ""
    platform: str = ""
    os: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Team colour and role (``__group``)."""

    name: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """``course``: degrees from north; ``speed``: m/s; ``None``: not told."""

    course: float | None = None
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class Remarks:
    """Free text; in a message who said it (``source``), to whom (``to``) and when (``time``, as sent)."""

    text: str = ""
    source: str = ""
    to: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Vertex:
    """A corner of a drawing, degrees and m."""

    latitude: float
    longitude: float
    hae: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A tie to another object, or with ``point`` a corner of a drawing. ``more``: attributes not known here, in order of their names."""

    uid: str = ""
    type: str = ""
    relation: str = ""
    point: Vertex | None = None
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Half axes, m; ``angle``: of the major one, degrees from north."""

    major: float
    minor: float
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class RangeBearing:
    """A line from the event's point: ``range_m``, ``bearing`` and ``inclination`` in degrees; ``north``: 0 true, 1 magnetic, 2 grid."""

    range_m: float
    bearing: float
    inclination: float | None = None
    north: int | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A message's room and its writer's callsign; ``id``: uid of who is spoken to, or the room's again; ``message_id``: its own name.

    In a receipt: of the message that it is about, and who wrote that.
    """

    room: str = ""
    sender: str = ""
    id: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """What the TAK family says beside the point.

    Colours are signed 32-bit ARGB (-1 is opaque white). ``other``: elements that are not wholly known here, as XML; one that is known in part
    stands there whole, and its known part is also read.
    """

    contact: Contact | None = None
    software: Software | None = None
    droid: str = ""
    group: Group | None = None
    battery: float | None = None
    track: Track | None = None
    remarks: Remarks | None = None
    chat: Chat | None = None
    receipt: Chat | None = None
    links: tuple[Link, ...] = ()
    ellipse: Ellipse | None = None
    polyline: tuple[Vertex, ...] = ()
    closed: bool = False
    range_bearing: RangeBearing | None = None
    icon: str = ""
    colour: int | None = None
    stroke: int | None = None
    stroke_weight: float | None = None
    fill: int | None = None
    labels: bool | None = None
    other: tuple[str, ...] = ()

    @property
    def corners(self) -> tuple[Vertex, ...]:
        """Corners of a drawing, from its links or its polyline."""
        return tuple(link.point for link in self.links if link.point is not None) or self.polyline


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``time``: when it was made, ``start`` and ``stale``: from when until when it holds; ``how``: where the position comes from."""

    uid: str
    type: str
    time: datetime
    start: datetime
    stale: datetime
    how: str
    point: Point
    detail: Detail = Detail()
    access: str = ""
    opex: str = ""
    qos: str = ""

    @property
    def affiliation(self) -> str:
        """``friend``, ``hostile`` …; empty for what is no unit."""
        parts = self.type.split("-")
        return AFFILIATIONS.get(parts[1], "") if len(parts) > 1 and parts[0] == "a" else ""

    @property
    def callsign(self) -> str:
        """What people call it."""
        return self.detail.contact.callsign if self.detail.contact else ""


def argb(alpha: int, red: int, green: int, blue: int) -> int:
    """A colour of four bytes as the signed number that devices write."""
    value = (alpha & 255) << 24 | (red & 255) << 16 | (green & 255) << 8 | (blue & 255)
    return value - (1 << 32) if value >= 1 << 31 else value
