"""What a node tells field devices: areas, circles and points as the drawings they show, and answers to their pings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from anlan.wire.cot.event import CIRCLE, MOST_VERTICES, POLYGON, PONG, SPOT, Contact, Detail, Ellipse, Event, Link, Point, Remarks, Vertex
from anlan.wire.cot.refusals import BadField

MACHINE: Final = "m-g"
"""How (``m-g``): a position made by a machine."""
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


def pong(at: datetime) -> Event:
    """The answer to a ping."""
    return Event("takPong", PONG, at, at, at + timedelta(seconds=20), MACHINE, Point(0.0, 0.0))


def gone(uid: str, *, type: str, at: datetime) -> Event:
    """Takes an object off the devices' maps (t-x-d-d)."""
    detail = Detail(links=(Link(uid=uid, type=type, relation="none"),), other=("<__forcedelete/>",))
    return Event(uid, "t-x-d-d", at, at, at + timedelta(minutes=1), MACHINE, Point(0.0, 0.0), detail)
