"""Parameters of questions about roads: places, minutes, moments, vehicles, areas. One reading for the page and the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from anlan.ground.roads import rules
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.routing.plane import Area
from anlan.routing.vehicles import LABELS

Point = tuple[float, float]
MOST_STARTS: Final = 200
MOST_MINUTES: Final = 240.0
MOST_BANDS: Final = 6
POINT_HINT = N_("请写成 经度,纬度，例如 117.0514,36.6636。")
MINUTES_HINT = N_("请写 1 至 6 个 0–240 之间的分钟数，用逗号隔开。")
MOMENT_HINT = N_("请写 ISO 8601 时间，例如 2026-11-26T08:00:00+08:00。")
COUNT_HINT = N_("至多 200 个点，用分号隔开。")
BOX_HINT = N_("请写 西,南,东,北 四个经纬度。")
AREA_HINT = N_("请写 GeoJSON 的 Polygon 或 MultiPolygon。")


def _wrong(parameter: str, text: str, hint: str) -> rules.WrongQuestion:
    return rules.WrongQuestion(parameter=parameter, text=text[:80], hint=gettext(hint))


def point(given: Mapping[str, str], name: str) -> Point:
    """One place. Raises :class:`WrongQuestion`."""
    text = given.get(name, "")
    try:
        found = rules.parse_coordinates(text)
    except Refusal as wrong:
        raise _wrong(name, text, POINT_HINT) from wrong
    if len(found) != 1:
        raise _wrong(name, text, POINT_HINT)
    return found[0]


def points(given: Mapping[str, str], name: str) -> tuple[Point, ...]:
    """Places parted by semicolons, at most :data:`MOST_STARTS`. Raises :class:`WrongQuestion`."""
    text = given.get(name, "")
    try:
        found = rules.parse_coordinates(text)
    except Refusal as wrong:
        raise _wrong(name, text, POINT_HINT) from wrong
    if not 0 < len(found) <= MOST_STARTS:
        raise _wrong(name, text, COUNT_HINT)
    return found


def minutes(given: Mapping[str, str], name: str = "minutes", default: str = "5,10,15") -> tuple[float, ...]:
    """Minutes, ascending. Raises :class:`WrongQuestion`."""
    text = given.get(name) or default
    try:
        found = tuple(sorted(float(each) for each in text.replace("，", ",").split(",") if each.strip()))
    except ValueError as wrong:
        raise _wrong(name, text, MINUTES_HINT) from wrong
    if not 0 < len(found) <= MOST_BANDS or not all(0 < each <= MOST_MINUTES for each in found):
        raise _wrong(name, text, MINUTES_HINT)
    return found


def vehicle(given: Mapping[str, str], default: str = "fire_engine") -> str:
    """The code of a vehicle. Raises :class:`WrongQuestion`."""
    code = given.get("vehicle") or default
    if code not in LABELS:
        raise _wrong("vehicle", code, "、".join(LABELS))
    return code


def moment(given: Mapping[str, str], now: datetime) -> datetime:
    """The moment asked about, ``now`` when none is given; without an offset it is the node's time. Raises :class:`WrongQuestion`."""
    text = given.get("at", "")
    if not text:
        return now
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise _wrong("at", text, MOMENT_HINT)
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def box(given: Mapping[str, str], name: str = "bbox") -> tuple[float, float, float, float] | None:
    """West, south, east, north; ``None`` when none is given. Raises :class:`WrongQuestion`."""
    text = given.get(name, "")
    if not text:
        return None
    try:
        west, south, east, north = (float(each) for each in text.split(","))
    except ValueError as wrong:
        raise _wrong(name, text, BOX_HINT) from wrong
    return west, south, east, north


def areas(given: Mapping[str, str], name: str = "avoid") -> tuple[Area, ...]:
    """Areas to avoid, from one GeoJSON geometry. Raises :class:`WrongQuestion`."""
    text = given.get(name, "")
    if not text:
        return ()
    try:
        found = json.loads(text)
        polygons = {"Polygon": [found["coordinates"]], "MultiPolygon": found["coordinates"]}[found["type"]]
        area = tuple(tuple(tuple((float(x), float(y)) for x, y, *_height in ring) for ring in rings) for rings in polygons)
    except (ValueError, TypeError, KeyError) as wrong:
        raise _wrong(name, text, AREA_HINT) from wrong
    if not area or any(len(ring) < 4 for rings in area for ring in rings):
        raise _wrong(name, text, AREA_HINT)
    return (area,)
