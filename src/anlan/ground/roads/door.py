"""What other rooms may ask of roads: routes, arrivals, areas reached, closures; and to close and open a road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from anlan.ground.roads.rules import NoNetwork
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

if TYPE_CHECKING:
    from anlan.ground.roads.models import RoadClosure
    from anlan.routing.network import Network
    from anlan.routing.plane import Area
    from anlan.routing.routes import Arrival, Matrix, Route

__all__ = ["Closure", "NetworkEnacted", "NoNetwork", "RoadClosed", "RoadOpened"]

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class RoadClosed(Event):
    """A closure was entered; ``subject_id`` is its id. ``from_at`` and ``until_at`` as ISO texts, the latter empty when open-ended."""

    kind: ClassVar[str] = "roads.closed"
    action: ClassVar[str] = "roads.view"
    name: str
    from_at: str
    until_at: str = ""


@dataclass(frozen=True, kw_only=True)
class RoadOpened(Event):
    """A closure was lifted by hand; one that ends at its planned time is told by nobody."""

    kind: ClassVar[str] = "roads.opened"
    action: ClassVar[str] = "roads.view"
    name: str


@dataclass(frozen=True, kw_only=True)
class NetworkEnacted(Event):
    """The node reckons by another net from now on."""

    kind: ClassVar[str] = "roads.enacted"
    action: ClassVar[str] = "roads.view"
    name: str


@dataclass(frozen=True)
class Closure:
    """One closure. ``points`` in degrees; ``radius_m``: about the point, or to either side of the line; ``state``: planned, closed, opened, over."""

    id: UUID
    name: str
    reason: str
    place_code: str
    shape: str
    points: tuple[Point, ...]
    radius_m: float
    from_at: datetime
    until_at: datetime | None
    opened_at: datetime | None
    exercise: bool
    lets_emergency_pass: bool
    closed_by_name: str
    state: str


def network(at: datetime) -> Network | None:
    """The net in force at ``at``, loaded once by this process; ``None`` when the node has none."""
    from anlan.ground.roads import keeping, queries

    row = queries.in_force(at)
    return None if row is None else keeping.loaded(row.pk)


def route(start: Point, end: Point, *, vehicle: str, at: datetime, avoid: Sequence[Area] = (), exercise: bool = False) -> Route:
    """The quickest way by the net in force with what is closed at ``at``, not entering ``avoid`` (leaving it is allowed).

    ``vehicle``: fire_engine, ambulance, police, hazmat_truck, bus, car or foot. ``exercise``: roads closed in exercises are closed too.
    Raises ``NoNetwork``, ``NoRoute``, ``EndInDanger``, ``TooFarFromRoads``, ``UnknownVehicle``, ``ImpossibleCoordinates``.
    """
    from anlan.ground.roads import answering
    from anlan.routing import routes

    now = answering.present(at)
    hindered = answering.in_the_way(now, vehicle, at, avoid=avoid, exercise=exercise)
    return routes.route(now.network, start, end, now.vehicle(vehicle), hindered)


def arrivals(
    starts: Sequence[Point],
    end: Point,
    *,
    vehicle: str,
    at: datetime,
    avoid: Sequence[Area] = (),
    exercise: bool = False,
    limit_s: float = inf,
) -> tuple[Arrival | None, ...]:
    """When each of ``starts`` arrives at ``end``, in their order; ``None`` where no road leads within ``limit_s``. Raises as :func:`route` does
    for the end."""
    from anlan.ground.roads import answering
    from anlan.routing import routes

    now = answering.present(at)
    hindered = answering.in_the_way(now, vehicle, at, avoid=avoid, exercise=exercise)
    return routes.arrivals(now.network, starts, end, now.vehicle(vehicle), hindered, limit_s=limit_s)


def soonest(
    starts: Sequence[Point], ends: Sequence[Point], *, vehicle: str, at: datetime, exercise: bool = False, limit_s: float = inf
) -> tuple[float, ...]:
    """Seconds until the first from any of ``starts`` is at each of ``ends``; infinite where none comes within ``limit_s``. One search for all.

    Raises ``NoNetwork``, ``UnknownVehicle``.
    """
    from anlan.ground.roads import answering
    from anlan.routing import routes

    now = answering.present(at)
    hindered = answering.in_the_way(now, vehicle, at, exercise=exercise)
    return tuple(float(each) for each in routes.soonest(now.network, starts, ends, now.vehicle(vehicle), hindered, limit_s=limit_s))


def matrix(
    starts: Sequence[Point],
    ends: Sequence[Point],
    *,
    vehicle: str,
    at: datetime,
    avoid: Sequence[Area] = (),
    exercise: bool = False,
    limit_s: float = inf,
) -> Matrix:
    """Times from each of ``starts`` to each of ``ends``, those beyond ``limit_s`` left out; infinite where no open road leads.

    Raises ``NoNetwork``, ``UnknownVehicle``, ``ImpossibleCoordinates``.
    """
    from anlan.ground.roads import answering
    from anlan.routing import routes

    now = answering.present(at)
    hindered = answering.in_the_way(now, vehicle, at, avoid=avoid, exercise=exercise)
    return routes.matrix(now.network, starts, ends, now.vehicle(vehicle), hindered, limit_s=limit_s)


def routes_from(
    legs: Mapping[Point, Sequence[Point]], *, vehicle: str, at: datetime, avoid: Sequence[Area] = (), exercise: bool = False
) -> dict[Point, tuple[Route | None, ...]]:
    """For each start the quickest way to each of its ends, in their order; ``None`` where none leads. One search for every start.

    Raises ``NoNetwork``, ``UnknownVehicle``, ``ImpossibleCoordinates``, ``TooFarFromRoads``.
    """
    from anlan.ground.roads import answering
    from anlan.routing import routes

    now = answering.present(at)
    hindered = answering.in_the_way(now, vehicle, at, avoid=avoid, exercise=exercise)
    return {start: routes.routes_from(now.network, start, ends, now.vehicle(vehicle), hindered) for start, ends in legs.items()}


def isochrones(
    start: Point, minutes: Sequence[float], *, vehicle: str, at: datetime, avoid: Sequence[Area] = (), exercise: bool = False
) -> tuple[Area, ...]:
    """For each of ``minutes`` the area reached from ``start``, degrees. Raises as :func:`route` does for the start."""
    from anlan.ground.roads import answering
    from anlan.routing import isochrones as reached

    now = answering.present(at)
    hindered = answering.in_the_way(now, vehicle, at, avoid=avoid, exercise=exercise)
    return reached.isochrones(now.network, start, minutes, now.vehicle(vehicle), hindered)


def closures(at: datetime, box: Box | None = None, actor: Actor | None = None) -> tuple[Closure, ...]:
    """Closures that hold at ``at``, those of exercises included and marked; ``box``: west, south, east, north of their middle, degrees."""
    from anlan.ground.roads import queries

    rows = queries.closed_at(at, actor)
    if box is not None:
        rows = rows.filter(longitude__range=(box[0], box[2]), latitude__range=(box[1], box[3]))
    return tuple(_closure(row, at) for row in rows.order_by("from_at", "pk"))


def close_road(*, actor: Actor, now: datetime, **values: Any) -> Closure:
    """Close a road: ``name, reason, place_code, shape, points, radius_m, from_at, until_at, exercise, lets_emergency_pass``; see ``services.close_road``."""
    from anlan.ground.roads import services

    return _closure(services.close_road(actor=actor, now=now, **values), now)


def open_road(closure_id: UUID, *, reason: str, actor: Actor, now: datetime) -> Closure:
    """Lift a closure. Raises ``NotFound``, ``NotPermitted``, ``AlreadyOpened``, ``ReasonMissing``."""
    from anlan.ground.roads import services

    return _closure(services.open_road(closure_id, reason=reason, actor=actor, now=now), now)


def keep_network(
    made: Network, *, name: str, source: str, licence: str, place_code: str, generated: bool, actor: Actor, now: datetime
) -> UUID:
    """Keep a net that was made by rule, put it in force and say which record it is. See ``services.keep_network``."""
    from anlan.ground.roads import services

    row = services.keep_network(
        made, name=name, source=source, licence=licence, place_code=place_code, generated=generated, actor=actor, now=now
    )
    return services.enact(row.pk, actor=actor, now=now).pk


def _closure(row: RoadClosure, now: datetime) -> Closure:
    from anlan.ground.roads import rules

    return Closure(
        row.pk,
        row.name,
        row.reason,
        row.place_code,
        row.shape,
        row.points,
        row.radius_m,
        row.from_at,
        row.until_at,
        row.opened_at,
        row.exercise,
        row.lets_emergency_pass,
        row.closed_by_name,
        rules.standing(row.from_at, row.until_at, row.opened_at, now),
    )
