"""Who is where at an hour: the spread of each county is reckoned once per process and kept while nothing changed."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from anlan.ground.enterprises import door as enterprises
from anlan.ground.facilities import door as facilities
from anlan.ground.places import door as places
from anlan.ground.population import queries, rules
from anlan.ground.population.rules import Presence
from anlan.ground.population.spread import Area, Line, Patch, Spot, Spread, at_hour, disc, lived_in, on_plane, shape_of

STAFF_KEPT_S = 600.0
"""How long the staff of a county's enterprises is kept: lists of thousands are not read with every answer. Project default."""
MOST_COUNTIES = 60
"""Counties kept in memory; a plume touches a few. Project default."""

Staff = tuple[tuple[float, float, int], ...]
"""Longitude, latitude and staff of enterprises."""


@dataclass(frozen=True)
class CountyAnswer:
    """One county's part of an answer. ``known``: whether anything is known of its residents."""

    code: str
    lines: dict[Line, float]
    known: bool


_spreads: OrderedDict[tuple[object, ...], tuple[Spread, bool]] = OrderedDict()
_staff: dict[str, tuple[float, Staff]] = {}
_lock = Lock()


def forget() -> None:
    """Drop what is kept, between tests and after a load of places."""
    with _lock:
        _spreads.clear()
        _staff.clear()


def answers(areas: Sequence[Area], at: datetime) -> list[tuple[list[CountyAnswer], bool]]:
    """For each of ``areas`` the people inside by county, and whether any of them are taken to be at home (night).

    What is in force is read once for all of them.
    """
    moment = _Moment(at)
    return [_answer(area, moment) for area in areas]


@dataclass(frozen=True)
class CountyPeople:
    """A county's people at a moment, spread over its ground. ``known``: whether anything is known of its residents."""

    spread: Spread
    known: bool
    night: bool
    spare_share: float
    """Up to this share of the county, what outlines leave free is taken for lived in by nobody."""


def of_counties(outlines: Mapping[str, BaseGeometry], at: datetime) -> dict[str, CountyPeople]:
    """The spread of each county whose outline (degrees) is given; what is in force is read once for all of them."""
    moment = _Moment(at)
    found = {}
    for code, outline in outlines.items():
        presence = queries.presence_at(code, at, moment.own)
        night = presence.is_night(at)
        found[code] = CountyPeople(*_spread(code, outline, night, presence, moment), night, presence.uncovered_share)
    return found


class _Moment:
    """What holds at one moment, read once: imports, settings, and the facilities of each county."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.stamp = queries.stamp()
        self.own = _own_presence(self.stamp)
        self._facilities: dict[str, tuple[object, ...]] = {}

    def facilities(self, code: str) -> tuple[object, ...]:
        """The stamp of a county's facilities."""
        if code not in self._facilities:
            self._facilities[code] = facilities.stamp(code)
        return self._facilities[code]


def _answer(area: Area, moment: _Moment) -> tuple[list[CountyAnswer], bool]:
    shape = shape_of(area)
    if shape.is_empty:
        return [], queries.presence_at("", moment.at, moment.own).is_night(moment.at)
    inside = on_plane(shape)
    shapely.prepare(inside)
    found, nights = [], []
    for code, outline in places.outlines(shape).items():
        presence = queries.presence_at(code, moment.at, moment.own)
        nights.append(presence.is_night(moment.at))
        spread, known = _spread(code, outline, nights[-1], presence, moment)
        found.append(CountyAnswer(code, spread.inside(inside), known))
    return found, any(nights)


_presence: dict[tuple[object, ...], queries.OwnPresence] = {}


def _own_presence(stamp: tuple[object, ...]) -> queries.OwnPresence:
    held = _presence.get(stamp)
    if held is None:
        held = queries.own_presence()
        _presence.clear()
        _presence[stamp] = held
    return held


def _spread(code: str, outline: BaseGeometry, night: bool, presence: Presence, moment: _Moment) -> tuple[Spread, bool]:
    school = facilities.school_time(moment.at)
    read_at, staff = _staff_of(code)
    key = (code, id(outline), night, school, presence, moment.stamp, moment.facilities(code), read_at)
    with _lock:
        held = _spreads.get(key)
    if held is not None:
        return held
    made = _made(code, outline, moment.at, night, presence, staff)
    with _lock:
        _spreads[key] = made
        while len(_spreads) > MOST_COUNTIES:
            _spreads.popitem(last=False)
    return made


def _made(code: str, outline: BaseGeometry, at: datetime, night: bool, presence: Presence, staff: Staff) -> tuple[Spread, bool]:
    held = facilities.of_place(code)
    home, known = _home(code, outline, held, presence)
    return at_hour(home, [*_counted(code, held, at, night), *_staffed(code, staff, night, presence)]), known


def _home(
    code: str, outline: BaseGeometry, held: tuple[facilities.Facility, ...], presence: Presence
) -> tuple[tuple[list[Patch], list[Spot]], bool]:
    """Where residents live: by the newest import that holds the county, else round known villages and evenly in the rest."""
    name, figure = places.place_name(code), queries.figure(code)
    source, units = queries.in_use(code)
    status = figure[3] if figure is not None else "unverified"
    people = None if figure is None else figure[0]
    ground = on_plane(outline)
    if source is None:
        villages = _villages(code, held, presence)
        line = Line(code, name, rules.REST if villages else rules.EVEN, status)
        return lived_in(line, people, ground, patches=[], spots=villages, spare_share=0.0), figure is not None or bool(villages)
    lines = [Line(unit.place_code or code, unit.name or name, _METHODS[source.kind], source.status) for unit in units]
    rest = Line(code, name, rules.REST, status)
    if source.kind == rules.OUTLINES:
        shapes = shapely.from_wkb([bytes(unit.wkb) for unit in units if unit.wkb is not None])
        patches = [Patch(line, on_plane(shape), unit.people) for line, shape, unit in zip(lines, shapes, units, strict=True)]
        spots = _villages(code, held, presence)
        return lived_in(rest, people, ground, patches=patches, spots=spots, spare_share=presence.uncovered_share), True
    where = np.array([(unit.longitude, unit.latitude) for unit in units], dtype=float)
    if source.kind == rules.CELLS:
        shares = np.array([unit.people for unit in units])
        total = float(shares.sum())
        if total <= 0:
            return lived_in(Line(code, name, rules.EVEN, status), people, ground, patches=[], spots=[], spare_share=0.0), people is not None
        line = Line(code, name, rules.BY_CELL, source.status)
        return ([], [Spot(line, where, total if people is None else people, shares / total)]), True
    spots = [
        Spot(line, disc(at[0], at[1], presence.settlement_radius), unit.people) for line, at, unit in zip(lines, where, units, strict=True)
    ]
    return lived_in(rest, people, ground, patches=[], spots=spots, spare_share=presence.uncovered_share), True


_METHODS = {rules.OUTLINES: rules.WITHIN_OUTLINE, rules.POINTS: rules.AT_POINT, rules.CELLS: rules.BY_CELL}


def _villages(code: str, held: tuple[facilities.Facility, ...], presence: Presence) -> list[Spot]:
    found = []
    for each in held:
        lives = each.people_night if each.people_night is not None else each.people_day
        if each.role == "settlement" and lives and each.state != "closed":
            line = Line(each.place_code, each.name, rules.SETTLEMENT, "unverified")
            found.append(Spot(line, disc(each.longitude, each.latitude, presence.settlement_radius), lives))
    return found


def _counted(code: str, held: tuple[facilities.Facility, ...], at: datetime, night: bool) -> list[Spot]:
    """People at schools, hospitals, markets …; villages and shelters are where residents live or have gone, and are no further people."""
    line = Line(code, places.place_name(code), rules.COUNTED, "unverified")
    found = []
    for each in held:
        there = each.people_at(at, night=night) if each.role not in ("settlement", "shelter", "none") else None
        if there:
            found.append(Spot(line, np.array([[each.longitude, each.latitude]]), there))
    return found


def _staffed(code: str, staff: Staff, night: bool, presence: Presence) -> list[Spot]:
    share = presence.staff_night if night else presence.staff_day
    line = Line(code, places.place_name(code), rules.COUNTED, "unverified")
    return [Spot(line, np.array([[longitude, latitude]]), number * share) for longitude, latitude, number in staff]


def _staff_of(code: str) -> tuple[float, Staff]:
    """When they were read, and longitude, latitude and staff of the county's enterprises in operation; kept for ten minutes."""
    with _lock:
        held = _staff.get(code)
    if held is not None and time.monotonic() - held[0] < STAFF_KEPT_S:
        return held
    found = tuple(
        (each.longitude, each.latitude, each.staff_count)
        for each in enterprises.of_place(code, None, limit=100_000)
        if each.staff_count and each.longitude is not None and each.latitude is not None and each.state not in _IDLE
    )
    with _lock:
        _staff[code] = (time.monotonic(), found)
        return _staff[code]


_IDLE = frozenset({"suspended", "closed", "revoked", "deregistered"})
