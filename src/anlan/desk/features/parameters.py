"""Parameters of a question, read strictly: what is unknown or cannot be read is refused by name, never passed over (OGC 17-069r4, 7.8 and 7.15)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from anlan.desk.features.declare import Asked, Box, Collection
from anlan.desk.features.refusals import BadBounds, BadDatetime, BadLimit, BadParameters, UnknownCrs, UnknownParameter
from anlan.kernel.errors import Refusal

USUAL, MOST = 100, 5_000
"""Features in one answer when nothing is said, and at most. More is not refused but bounded, as 17-069r4 has it (7.15.3)."""

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
WGS84 = "http://www.opengis.net/def/crs/EPSG/0/4326"
CGCS2000 = "http://www.opengis.net/def/crs/EPSG/0/4490"
CRSS = (CRS84, CGCS2000, WGS84)
"""Coordinates are kept in CGCS2000, which WGS 84 equals within centimetres; the EPSG systems differ from CRS84 in the order: latitude first."""

COMMON = ("f",)
_ITEMS = ("bbox", "bbox-crs", "crs", "datetime", "limit", "after")


@dataclass(frozen=True)
class Question:
    """A question read: what is asked, and the coordinate system of the answer."""

    asked: Asked
    crs: str


def only(params: QueryDict, known: Iterable[str]) -> None:
    """Raise :class:`UnknownParameter` for a parameter that is not among ``known``."""
    allowed = [*known, *COMMON]
    for name in params:
        if name not in allowed:
            raise UnknownParameter(name=name[:60], known="、".join(allowed))


def read(collection: Collection, params: QueryDict) -> Question:
    """The question that the parameters of ``/items`` ask. Raises :class:`UnknownParameter`, :class:`BadParameters` naming those that are wrong."""
    own = {parameter.name for parameter in collection.parameters}
    only(params, [*_ITEMS, *sorted(own)])
    wrong: dict[str, Refusal | str] = {}

    def tried(name: str, reading, otherwise):  # type: ignore[no-untyped-def]
        try:
            return reading()
        except Refusal as refusal:
            wrong[name] = refusal
            return otherwise

    box_crs = tried("bbox-crs", lambda: crs_of(params.get("bbox-crs")), CRS84)
    since, until = tried("datetime", lambda: period_of(params.get("datetime", "")), (None, None))
    filters = QueryDict(mutable=True)
    for name in own & set(params):
        filters.setlist(name, params.getlist(name))
    asked = Asked(
        boxes=tried("bbox", lambda: boxes_of(params.get("bbox", ""), box_crs), ()),
        since=since,
        until=until,
        limit=tried("limit", lambda: limit_of(params.get("limit")), USUAL),
        after=params.get("after", ""),
        filters=filters,
    )
    crs = tried("crs", lambda: crs_of(params.get("crs")), CRS84)
    if wrong:
        raise BadParameters(wrong)
    return Question(asked, crs)


def limit_of(text: str | None) -> int:
    """How many features; more than :data:`MOST` is bounded. Raises :class:`BadLimit`."""
    if text is None:
        return USUAL
    if not text.isascii() or not text.isdigit() or int(text[:12]) < 1:
        raise BadLimit(value=text[:40], most=MOST)
    return min(int(text[:12]), MOST)


def crs_of(text: str | None) -> str:
    """One of :data:`CRSS`. Raises :class:`UnknownCrs`."""
    if text is None:
        return CRS84
    if text not in CRSS:
        raise UnknownCrs(value=text[:120], known="、".join(CRSS))
    return text


def boxes_of(text: str, crs: str = CRS84) -> tuple[Box, ...]:
    """The boxes of ``bbox``: none for an empty text, two when its west lies east of its east (across the date line). Heights are passed over.

    Raises :class:`BadBounds`.
    """
    if not text:
        return ()
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise BadBounds(value=text[:80]) from error
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise BadBounds(value=text[:80])
    if crs != CRS84:
        numbers = [numbers[1], numbers[0], numbers[3], numbers[2]]
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise BadBounds(value=text[:80])
    if west > east:
        return (west, south, 180.0, north), (-180.0, south, east, north)
    return ((west, south, east, north),)


def period_of(text: str) -> tuple[datetime | None, datetime | None]:
    """First and last moment of ``datetime``; ``None`` for an open end. A day alone is the whole day in the node's time zone.

    Raises :class:`BadDatetime`.
    """
    if not text:
        return None, None
    first, slash, last = text.partition("/")
    if not slash:
        return _moment(first, text, end=False), _moment(first, text, end=True)
    since = None if first in {"", ".."} else _moment(first, text, end=False)
    until = None if last in {"", ".."} else _moment(last, text, end=True)
    if (since is None and until is None) or (since is not None and until is not None and since > until):
        raise BadDatetime(value=text[:80])
    return since, until


def _moment(part: str, text: str, *, end: bool) -> datetime:
    try:
        # A plus sign that was not encoded arrives as a blank.
        moment, day = parse_datetime(part.replace(" ", "+")), parse_date(part)
    except ValueError as error:
        raise BadDatetime(value=text[:80]) from error
    if moment is not None and timezone.is_aware(moment):
        return moment
    if day is None:
        raise BadDatetime(value=text[:80])
    begins = timezone.make_aware(datetime.combine(day, time.min))
    return begins + timedelta(days=1) - timedelta(microseconds=1) if end else begins
