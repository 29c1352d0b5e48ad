"""When a resource that was ordered will be there, and when again once a road was closed or opened on its way.

Where its terminal speaks, it is where that says. Without one it is taken to follow the quickest way of the moment it left, at an even pace; a closure
is felt from the point it must have reached by then: what the rest of the way takes now, less what it took before, is added to the arrival.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.command.resources import queries, rules
from anlan.command.resources.door import Arrival, Way
from anlan.command.resources.models import RescueResource
from anlan.ground.roads import door as roads
from anlan.ground.roads.door import NoNetwork
from anlan.kernel.geo import Point, haversine_m
from anlan.ledger.sources import law_day
from anlan.routing.refusals import NoRoute, TooFarFromRoads
from anlan.routing.routes import Route

Place = tuple[float, float]


def set_out(
    row: RescueResource, end: Place, *, ordered_at: datetime, left_at: datetime | None = None, exercise: bool = False
) -> Arrival | None:
    """See :func:`anlan.command.resources.door.set_out`."""
    asked_at = left_at or ordered_at
    longitude, latitude, seen_at = row.position(queries.fresh_since(asked_at))
    since = asked_at if left_at is not None or seen_at is not None else ordered_at + timedelta(minutes=_turnout(row))
    return _arrival(row, Way(longitude, latitude, since), end, asked_at, exercise, live=seen_at is not None)


def go_on(row: RescueResource, end: Place, before: Arrival, *, now: datetime, exercise: bool = False) -> Arrival | None:
    """See :func:`anlan.command.resources.door.go_on`."""
    longitude, latitude, seen_at = row.position(queries.fresh_since(now))
    if seen_at is not None:
        return _arrival(row, Way(longitude, latitude, now), end, now, exercise, live=True)
    if before.way.since >= now or not before.by_road:
        return _arrival(row, before.way, end, now, exercise, live=False)
    planned = _route(row, _place(before.way), end, before.way.since, exercise)
    if planned is None or planned.seconds <= 0:
        return before
    gone = (now - before.way.since).total_seconds() / planned.seconds
    if gone >= 1:
        return before
    here = rules.along(planned.points, gone)
    try:
        then, again = (_route(row, here, end, at, exercise) for at in (before.way.since, now))
    except TooFarFromRoads:  # every road about it is closed
        return None
    if then is None or again is None:
        return None if again is None else before
    return Arrival(before.at + timedelta(seconds=again.seconds - then.seconds), Way(*here, now), by_road=True, live=False)


def _arrival(row: RescueResource, way: Way, end: Place, at: datetime, exercise: bool, *, live: bool) -> Arrival | None:
    try:
        found = _route(row, _place(way), end, at, exercise)
    except (NoNetwork, TooFarFromRoads):
        metres = haversine_m(Point(*_place(way)), Point(*end))
        return Arrival(way.since + timedelta(minutes=rules.straight_minutes(metres, law_day(at))), way, by_road=False, live=live)
    return None if found is None else Arrival(way.since + timedelta(seconds=found.seconds), way, by_road=True, live=live)


def _route(row: RescueResource, start: Place, end: Place, at: datetime, exercise: bool) -> Route | None:
    try:
        return roads.route(start, end, vehicle=row.vehicle or rules.kinds()[row.kind].vehicle, at=at, exercise=exercise)
    except NoRoute:
        return None


def _place(way: Way) -> Place:
    return way.longitude, way.latitude


def _turnout(row: RescueResource) -> int:
    return rules.kinds()[row.kind].turnout_min if row.turnout_min is None else row.turnout_min
