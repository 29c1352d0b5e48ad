"""What a node tells field devices: areas, lines, circles and points as the drawings they show, and answers to their pings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from anlan.wire.cot.event import (
    CIRCLE,
    DELETE,
    MOST_VERTICES,
    POLYGON,
    PONG,
    SPOT,
    Contact,
    Detail,
    Ellipse,
    Event,
    Link,
    Point,
    Remarks,
    Vertex,
)
from anlan.wire.cot.refusals import BadField

MACHINE: Final = "m-g"
"""How (``m-g``): a position made by a machine."""
PLACED: Final = "h-g-i-g-o"
"""How: put on the map by a person."""
_SPOT_ICON = "COT_MAPPING_SPOTMAP/b-m-p-s-m/{colour}"


def polygon(
    uid: str,
    ring: Sequence[tuple[float, float]],
    *,
    name: str,
    stroke: int,
    fill: int,
    remarks: str = "",
    at: datetime,
    lasts: timedelta,
    weight: float = 3.0,
) -> Event:
    """A closed drawing (u-d-f). ``ring``: (longitude, latitude) in degrees, closed or not. Raises :class:`BadField` for fewer than three corners."""
    corners = list(ring[:-1] if len(ring) > 1 and tuple(ring[0]) == tuple(ring[-1]) else ring)
    if not 3 <= len(corners) < MOST_VERTICES:
        raise BadField(field="point", found=str(len(corners)))
    # Devices take a drawing for closed when it ends where it began.
    links = tuple(Link(point=Vertex(latitude, longitude)) for longitude, latitude in (*corners, corners[0]))
    middle = Point(sum(each[1] for each in corners) / len(corners), sum(each[0] for each in corners) / len(corners))
    detail = Detail(Contact(name), remarks=Remarks(remarks), links=links, stroke=stroke, stroke_weight=weight, fill=fill, labels=True)
    return Event(uid, POLYGON, at, at, at + lasts, MACHINE, middle, detail)


def line(
    uid: str,
    path: Sequence[tuple[float, float]],
    *,
    name: str,
    stroke: int,
    remarks: str = "",
    at: datetime,
    lasts: timedelta,
    weight: float = 3.0,
) -> Event:
    """An open drawing (u-d-f) along (longitude, latitude) in degrees. Raises :class:`BadField` for fewer than two corners or a path that closes."""
    if not 2 <= len(path) <= MOST_VERTICES or tuple(path[0]) == tuple(path[-1]):
        raise BadField(field="point", found=str(len(path)))
    links = tuple(Link(point=Vertex(latitude, longitude)) for longitude, latitude in path)
    middle = path[len(path) // 2]
    detail = Detail(Contact(name), remarks=Remarks(remarks), links=links, stroke=stroke, stroke_weight=weight, labels=True)
    return Event(uid, POLYGON, at, at, at + lasts, MACHINE, Point(middle[1], middle[0]), detail)


def circle(
    uid: str,
    centre: tuple[float, float],
    radius_m: float,
    *,
    name: str,
    stroke: int,
    fill: int,
    remarks: str = "",
    at: datetime,
    lasts: timedelta,
) -> Event:
    """A circle (u-d-c-c) about (longitude, latitude). Raises :class:`BadField` for a radius that is not positive."""
    if not radius_m > 0:
        raise BadField(field="ellipse", found=str(radius_m))
    detail = Detail(
        Contact(name),
        remarks=Remarks(remarks),
        ellipse=Ellipse(radius_m, radius_m, 360.0),
        stroke=stroke,
        stroke_weight=3.0,
        fill=fill,
        labels=True,
    )
    return Event(uid, CIRCLE, at, at, at + lasts, MACHINE, Point(centre[1], centre[0]), detail)


def spot(uid: str, place: tuple[float, float], *, name: str, colour: int, remarks: str = "", at: datetime, lasts: timedelta) -> Event:
    """A coloured point (b-m-p-s-m) at (longitude, latitude)."""
    detail = Detail(Contact(name), remarks=Remarks(remarks), icon=_SPOT_ICON.format(colour=colour), colour=colour)
    return Event(uid, SPOT, at, at, at + lasts, MACHINE, Point(place[1], place[0]), detail)


def label(uid: str, place: tuple[float, float], *, name: str, colour: int, remarks: str = "", at: datetime, lasts: timedelta) -> Event:
    """A text on the map: a point (b-m-p-s-m) of which devices show the name alone."""
    detail = Detail(Contact(name), remarks=Remarks(remarks), icon=_SPOT_ICON.format(colour="LABEL"), colour=colour)
    return Event(uid, SPOT, at, at, at + lasts, MACHINE, Point(place[1], place[0]), detail)


def force(uid: str, type: str, place: tuple[float, float], *, name: str, remarks: str = "", at: datetime, lasts: timedelta) -> Event:
    """People, vehicles or craft of one's own that a person put on the map; ``type``: of the unit (``a-f-G`` …)."""
    detail = Detail(Contact(name), remarks=Remarks(remarks))
    return Event(uid, type, at, at, at + lasts, PLACED, Point(place[1], place[0]), detail)


def pong(at: datetime) -> Event:
    """The answer to a ping."""
    return Event("takPong", PONG, at, at, at + timedelta(seconds=20), MACHINE, Point(0.0, 0.0))


def gone(uid: str, *, type: str, at: datetime) -> Event:
    """Takes an object off the devices' maps (t-x-d-d)."""
    detail = Detail(links=(Link(uid=uid, type=type, relation="none"),), other=("<__forcedelete/>",))
    return Event(uid, DELETE, at, at, at + timedelta(minutes=1), MACHINE, Point(0.0, 0.0), detail)
