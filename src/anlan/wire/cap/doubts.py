"""What the standard allows and a duty officer still wants to know before passing a message on. Nothing here refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from shapely import MultiPoint, Polygon, is_valid_reason
from shapely.geometry import LinearRing

from anlan.kernel.geo import CHINA_BOX
from anlan.wire.cap import wrong
from anlan.wire.cap.message import Alert, Area, Coordinates, Info, Resource, Scope, format_time
from anlan.wire.cap.reader import time
from anlan.wire.problems import Problem

_SHA1_DIGITS = 40
_NO_AREA_DEG2 = 1e-12
"""Square degrees; some hundredths of a square metre, below what six decimals of a coordinate can say."""
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+", re.ASCII)
_PLACE = re.compile(r"\[(\S+) (\S+)\]")


@dataclass(frozen=True)
class Limits:
    """From where a message is doubtful: project defaults, to be set otherwise by whoever passes messages on."""

    future: timedelta = timedelta(minutes=5)
    """How far a sender's clock may run ahead."""
    vertices: int = 100
    """Vertices of one polygon."""


DEFAULTS = Limits()


def doubts(alert: Alert, now: datetime | None = None, limits: Limits = DEFAULTS) -> list[Problem]:
    """Everything doubtful in a sound message; what is measured against the time only with ``now`` (aware)."""
    found = list(_of_the_message(alert, now, limits))
    seen: set[tuple[str, str]] = set()
    for number, info in enumerate(alert.infos, 1):
        where = f"info[{number}]"
        if (info.language, info.event) in seen:
            found.append(wrong.EVENTS_DIFFER.at(where, language=info.language))
        seen.add((info.language, info.event))
        found += _of_an_info(info, where, now, limits)
    return found


def _of_the_message(alert: Alert, now: datetime | None, limits: Limits) -> Iterator[Problem]:
    if now is not None and alert.sent > now + limits.future:
        yield wrong.FUTURE_DATED.at(sent=format_time(alert.sent))
    if alert.restriction and alert.scope is not Scope.RESTRICTED:
        yield wrong.RESTRICTION_UNUSED.at()
    for reference in alert.references:
        earlier = time(reference.rpartition(",")[2])
        if earlier is not None and earlier > alert.sent:
            yield wrong.LATER_REFERENCE.at(found=reference)


def _of_an_info(info: Info, where: str, now: datetime | None, limits: Limits) -> Iterator[Problem]:
    if info.expires is None:
        yield wrong.NO_EXPIRES.at(where)
    else:
        if now is not None and info.expires <= now:
            yield wrong.EXPIRED.at(where, expires=format_time(info.expires))
        if info.onset is not None and info.onset > info.expires:
            yield wrong.ONSET_AFTER_EXPIRES.at(where)
    if info.web and not _LINK.fullmatch(info.web):
        yield wrong.NOT_A_LINK.at(where, name="web", found=info.web)
    if not info.areas:
        yield wrong.NO_AREA.at(where)
    for number, resource in enumerate(info.resources, 1):
        yield from _of_a_resource(resource, f"{where}/resource[{number}]")
    for number, area in enumerate(info.areas, 1):
        yield from _of_an_area(area, f"{where}/area[{number}]", limits)


def _of_a_resource(resource: Resource, where: str) -> Iterator[Problem]:
    if resource.digest and len(resource.digest) != _SHA1_DIGITS:
        yield wrong.DIGEST_NOT_SHA1.at(where, count=len(resource.digest))
    if resource.uri and not resource.deref_uri and not _LINK.fullmatch(resource.uri):
        yield wrong.NOT_A_LINK.at(where, name="uri", found=resource.uri)


def _of_an_area(area: Area, where: str, limits: Limits) -> Iterator[Problem]:
    if not (area.polygons or area.circles or area.geocodes):
        yield wrong.NO_GEOMETRY.at(where)
    for geocode in area.geocodes:
        if not geocode.value:
            yield wrong.GEOCODE_EMPTY.at(where, name=geocode.value_name)
    for number, ring in enumerate(area.polygons, 1):
        yield from _of_a_ring(ring, f"{where}/polygon[{number}]", limits)
    for number, (latitude, longitude, _radius) in enumerate(area.circles, 1):
        if probably_swapped(latitude, longitude):
            yield wrong.PROBABLY_SWAPPED.at(f"{where}/circle[{number}]", latitude=latitude, longitude=longitude)


def _of_a_ring(ring: Coordinates, where: str, limits: Limits) -> Iterator[Problem]:
    if len(ring) - 1 > limits.vertices:
        yield wrong.TOO_MANY_POINTS.at(where, count=len(ring) - 1, limit=limits.vertices)
    if any(abs(after[1] - before[1]) > 180 for before, after in pairwise(ring)):
        # Measured on the plane, such a ring would seem to cross itself as well.
        yield wrong.CROSSES_DATE_LINE.at(where)
        return
    swapped = next((pair for pair in ring if probably_swapped(*pair)), None)
    if swapped is not None and all(probably_swapped(*pair) for pair in ring):
        yield wrong.PROBABLY_SWAPPED.at(where, latitude=swapped[0], longitude=swapped[1])
    outline = [(longitude, latitude) for latitude, longitude in ring]
    # The hull, since the two lobes of a figure of eight cancel each other out.
    if MultiPoint(outline).convex_hull.area < _NO_AREA_DEG2:
        yield wrong.NO_EXTENT.at(where)
    elif not LinearRing(outline).is_simple:
        place = _PLACE.search(str(is_valid_reason(Polygon(outline))))
        yield wrong.CROSSES_ITSELF.at(where, place=f"{float(place[2]):.4f},{float(place[1]):.4f}" if place else "—")


def probably_swapped(latitude: float, longitude: float) -> bool:
    """Whether a position lies outside the box of China while its mirror image lies within it."""
    west, south, east, north = CHINA_BOX
    inside = west <= longitude <= east and south <= latitude <= north
    return not inside and west <= latitude <= east and south <= longitude <= north
