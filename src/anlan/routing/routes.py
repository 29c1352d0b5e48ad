"""Who gets where by which road: times to everywhere, one route with its roads, arrivals of many at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from anlan.routing.classes import CODES
from anlan.routing.network import Network
from anlan.routing.plane import bearing_deg, lengths_m
from anlan.routing.refusals import EndInDanger, NoRoute, TooFarFromRoads
from anlan.routing.snapping import SNAP_LIMIT_M, Footing, Snap, footings, part, snap
from anlan.routing.travel import Floats, Graph, Hindrances, Point, Times, clear, edge_seconds, graph, graph_turned, search
from anlan.routing.vehicles import Vehicle

Turn = Literal["depart", "straight", "left", "right", "back"]
STRAIGHT_DEG: Final = 40.0
BACK_DEG: Final = 150.0
"""A change of direction up to the first is straight on, beyond the second a turn back. Project defaults."""


@dataclass(frozen=True)
class Step:
    """One stretch of a route on one road. ``turn``: how it is entered; metres and seconds along it; ``at``: where it begins, degrees."""

    turn: Turn
    name: str
    road_class: str
    length_m: float
    seconds: float
    at: Point


@dataclass(frozen=True)
class Route:
    """A way by road. ``points``: its line in degrees from road to road; ``length_m`` and ``seconds`` along it.

    ``start_gap_m`` and ``end_gap_m``: straight from the places asked for to the line; no time is reckoned for them.
    """

    points: tuple[Point, ...]
    length_m: float
    seconds: float
    steps: tuple[Step, ...]
    start_gap_m: float
    end_gap_m: float
    edges: tuple[int, ...] = ()


@dataclass(frozen=True)
class Arrival:
    """When somebody arrives: ``index`` among the starts asked for, seconds on the road, straight gaps to the road at both ends in metres."""

    index: int
    seconds: float
    start_gap_m: float
    end_gap_m: float


def one_to_all(
    network: Network, start: Point, vehicle: Vehicle, hindered: Hindrances | None = None, *, snap_limit_m: float = SNAP_LIMIT_M
) -> Times:
    """Seconds from ``start`` to every node. Raises :class:`TooFarFromRoads`."""
    hindered = hindered or clear(network)
    found = graph(network, vehicle)
    snapped = snap(network, start, vehicle, hindered, snap_limit_m)
    leaving = footings(network, snapped, vehicle, hindered, edge_seconds(network, vehicle), leaving=True)
    seconds, _before = search(found, hindered.seconds(found), [(each.node, each.seconds) for each in leaving])
    return Times(seconds, snapped.gap_m, snapped.point)


def route(
    network: Network,
    start: Point,
    end: Point,
    vehicle: Vehicle,
    hindered: Hindrances | None = None,
    *,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> Route:
    """The quickest way. Raises :class:`TooFarFromRoads`, :class:`EndInDanger`, :class:`NoRoute`."""
    hindered = hindered or clear(network)
    _refuse_danger(network, end, hindered)
    return _way_to(_setting_out(network, start, vehicle, hindered, snap_limit_m), end, snap_limit_m)


def routes_from(
    network: Network,
    start: Point,
    ends: Sequence[Point],
    vehicle: Vehicle,
    hindered: Hindrances | None = None,
    *,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> tuple[Route | None, ...]:
    """The quickest way to each of ``ends``, in their order; ``None`` where no road leads, the end is in danger or far from every road.

    One search serves all. Raises :class:`TooFarFromRoads` for the start.
    """
    hindered = hindered or clear(network)
    begun = _setting_out(network, start, vehicle, hindered, snap_limit_m)
    found: list[Route | None] = []
    for end in ends:
        try:
            _refuse_danger(network, end, hindered)
            found.append(_way_to(begun, end, snap_limit_m))
        except (TooFarFromRoads, EndInDanger, NoRoute):
            found.append(None)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _SettingOut:
    """A search from one place: seconds to every node and the node before it."""

    network: Network
    vehicle: Vehicle
    hindered: Hindrances
    per_edge: Floats
    begun: Snap
    leaving: tuple[Footing, ...]
    found: Graph
    weights: Floats
    seconds: Floats
    before: NDArray[np.int32]


def _setting_out(network: Network, start: Point, vehicle: Vehicle, hindered: Hindrances, snap_limit_m: float) -> _SettingOut:
    per_edge = edge_seconds(network, vehicle)
    begun = snap(network, start, vehicle, hindered, snap_limit_m)
    leaving = footings(network, begun, vehicle, hindered, per_edge, leaving=True)
    found = graph(network, vehicle)
    weights = hindered.seconds(found)
    seconds, before = search(found, weights, [(each.node, each.seconds) for each in leaving], paths=True)
    assert before is not None
    return _SettingOut(network, vehicle, hindered, per_edge, begun, leaving, found, weights, seconds, before)


def _way_to(out: _SettingOut, end: Point, snap_limit_m: float) -> Route:
    network, per_edge = out.network, out.per_edge
    ended = snap(network, end, out.vehicle, out.hindered, snap_limit_m)
    arriving = footings(network, ended, out.vehicle, out.hindered, per_edge, leaving=False)
    along = _along_one_edge(network, out.begun, ended, out.vehicle, out.hindered, per_edge)
    best = min(arriving, key=lambda each: out.seconds[each.node] + each.seconds, default=None)
    by_nodes = np.inf if best is None else float(out.seconds[best.node] + best.seconds)
    if along is not None and along[0] <= by_nodes:
        legs = [_leg(network, along[1], per_edge)]
    elif best is None or not np.isfinite(by_nodes):
        raise NoRoute(vehicle=out.vehicle.label)
    else:
        legs = _legs(network, out.found, out.weights, out.before, out.leaving, best, per_edge)
    return _told(network, legs, out.begun, ended)


def _refuse_danger(network: Network, end: Point, hindered: Hindrances) -> None:
    if hindered.zones:
        import shapely

        if hindered.holds(shapely.Point(network.plane.metres(end))):
            raise EndInDanger()


@dataclass(frozen=True)
class _Leg:
    """One edge of a route, or the part of it that is gone, in the direction of going."""

    edge: int
    points: Floats
    length_m: float
    seconds: float


@dataclass(frozen=True)
class _Stretch:
    """From one fraction of an edge to another; backwards where the second is the lower."""

    edge: int
    begin: float
    end: float


def _along_one_edge(
    network: Network, begun: Snap, ended: Snap, vehicle: Vehicle, hindered: Hindrances, per_edge: Floats
) -> tuple[float, _Stretch] | None:
    """The way when both places lie on one edge and the second comes after the first."""
    from shapely.ops import substring

    found = None
    ends = {held.edge: held.fraction for held in ended.held}
    for held in begun.held:
        fraction = ends.get(held.edge)
        if fraction is None or (fraction < held.fraction and not vehicle.free_of_direction):
            continue
        seconds = float(per_edge[held.edge] * abs(fraction - held.fraction))
        line = substring(network.lines[held.edge], held.fraction, fraction, normalized=True)
        if (found is None or seconds < found[0]) and not (hindered.zones and hindered.enters(line)):
            found = (seconds, _Stretch(held.edge, held.fraction, fraction))
    return found


def _leg(network: Network, stretch: _Stretch, per_edge: Floats) -> _Leg:
    from shapely.ops import substring

    share = abs(stretch.end - stretch.begin)
    line = substring(network.lines[stretch.edge], stretch.begin, stretch.end, normalized=True)
    points = network.plane.degrees(np.array(line.coords))
    return _Leg(stretch.edge, points, float(network.length_m[stretch.edge] * share), float(per_edge[stretch.edge] * share))


def _partial(network: Network, footing: Footing, per_edge: Floats, *, leaving: bool) -> _Leg:
    line = part(network, footing.held, leaving=leaving, backwards=footing.backwards)
    points = network.plane.degrees(np.array(line.coords))
    share = footing.held.fraction if footing.backwards == leaving else 1 - footing.held.fraction
    edge = footing.held.edge
    return _Leg(edge, points, float(network.length_m[edge] * share), float(per_edge[edge] * share))


def _legs(
    network: Network,
    found: Graph,
    weights: Floats,
    before: NDArray[np.int32],
    leaving: Sequence[Footing],
    arrived: Footing,
    per_edge: Floats,
) -> list[_Leg]:
    """The legs from the start, walked back from the node before the end."""
    inner: list[_Leg] = []
    node = arrived.node
    while before[node] != network.nodes:
        earlier = int(before[node])
        arcs = np.arange(found.first[earlier], found.first[earlier + 1])
        arcs = arcs[found.head[arcs] == node]
        arc = int(arcs[weights[arcs].argmin()])
        edge = int(found.edge[arc])
        points = network.line(edge)[::-1] if found.backwards[arc] else network.line(edge)
        inner.append(_Leg(edge, points, float(network.length_m[edge]), float(per_edge[edge])))
        node = earlier
    first = min((each for each in leaving if each.node == node), key=lambda each: each.seconds)
    return [_partial(network, first, per_edge, leaving=True), *reversed(inner), _partial(network, arrived, per_edge, leaving=False)]


def _told(network: Network, legs: Sequence[_Leg], begun: Snap, ended: Snap) -> Route:
    legs = [leg for leg in legs if leg.length_m > 0] or list(legs[:1])
    points = np.concatenate([legs[0].points[:1], *(leg.points[1:] for leg in legs)])
    return Route(
        tuple((float(longitude), float(latitude)) for longitude, latitude in points),
        sum(leg.length_m for leg in legs),
        sum(leg.seconds for leg in legs),
        _steps(network, legs),
        begun.gap_m,
        ended.gap_m,
        tuple(leg.edge for leg in legs),
    )


def _steps(network: Network, legs: Sequence[_Leg]) -> tuple[Step, ...]:
    """Legs on one road put together: same name and class, and no turn between stretches without a name."""
    steps: list[Step] = []
    last: _Leg | None = None
    for leg in legs:
        name, road_class = network.names[network.name[leg.edge]], CODES[network.road_class[leg.edge]]
        turn: Turn = "depart" if last is None else _turn(last.points, leg.points)
        same = bool(steps) and steps[-1].name == name and steps[-1].road_class == road_class
        if same and (turn == "straight" or name):
            earlier = steps[-1]
            steps[-1] = Step(earlier.turn, name, road_class, earlier.length_m + leg.length_m, earlier.seconds + leg.seconds, earlier.at)
        else:
            at = (float(leg.points[0][0]), float(leg.points[0][1]))
            steps.append(Step(turn, name, road_class, leg.length_m, leg.seconds, at))
        last = leg
    return tuple(steps)


def _turn(before: Floats, after: Floats) -> Turn:
    """How the direction changes between the last stretch of one line and the first of the next."""
    change = (bearing_deg(after[0], after[1]) - bearing_deg(before[-2], before[-1]) + 180) % 360 - 180
    if abs(change) <= STRAIGHT_DEG:
        return "straight"
    if abs(change) >= BACK_DEG:
        return "back"
    return "right" if change > 0 else "left"


def arrivals(
    network: Network,
    starts: Sequence[Point],
    end: Point,
    vehicle: Vehicle,
    hindered: Hindrances | None = None,
    *,
    limit_s: float = np.inf,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> tuple[Arrival | None, ...]:
    """When each of ``starts`` arrives at ``end``, in their order; ``None`` where no road leads, the start is too far from every road, or the way
    takes longer than ``limit_s``.

    One search towards the end serves all. Raises :class:`TooFarFromRoads` and :class:`EndInDanger` for the end.
    """
    hindered = hindered or clear(network)
    _refuse_danger(network, end, hindered)
    per_edge = edge_seconds(network, vehicle)
    ended = snap(network, end, vehicle, hindered, snap_limit_m)
    arriving = footings(network, ended, vehicle, hindered, per_edge, leaving=False)
    found = graph_turned(network, vehicle)
    seconds, _before = search(found, hindered.seconds(found), [(each.node, each.seconds) for each in arriving], limit_s=limit_s)
    answers: list[Arrival | None] = []
    for index, place in enumerate(starts):
        try:
            begun = snap(network, place, vehicle, hindered, snap_limit_m)
        except TooFarFromRoads:
            answers.append(None)
            continue
        ways = [seconds[each.node] + each.seconds for each in footings(network, begun, vehicle, hindered, per_edge, leaving=True)]
        along = _along_one_edge(network, begun, ended, vehicle, hindered, per_edge)
        quickest = min([*ways, np.inf if along is None else along[0]])
        in_time = np.isfinite(quickest) and quickest <= limit_s
        answers.append(Arrival(index, float(quickest), begun.gap_m, ended.gap_m) if in_time else None)
    return tuple(answers)


@dataclass(frozen=True, eq=False)
class Matrix:
    """Times between many places: ``seconds`` on the road, shape (starts, ends), infinite where no road leads; straight gaps to the road in metres,
    shapes (starts,) and (ends,), infinite for a place that is too far from every road or, as an end, lies in danger."""

    seconds: Floats
    start_gap_m: Floats
    end_gap_m: Floats


def matrix(
    network: Network,
    starts: Sequence[Point],
    ends: Sequence[Point],
    vehicle: Vehicle,
    hindered: Hindrances | None = None,
    *,
    limit_s: float = np.inf,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> Matrix:
    """Times from each of ``starts`` to each of ``ends``: one search for every start, not beyond ``limit_s``."""
    hindered = hindered or clear(network)
    per_edge, found = edge_seconds(network, vehicle), graph(network, vehicle)
    weights = hindered.seconds(found)
    answer = Matrix(np.full((len(starts), len(ends)), np.inf), np.full(len(starts), np.inf), np.full(len(ends), np.inf))
    reached: list[tuple[int, Snap, tuple[Footing, ...]]] = []
    for column, place in enumerate(ends):
        try:
            _refuse_danger(network, place, hindered)
            ended = snap(network, place, vehicle, hindered, snap_limit_m)
        except (TooFarFromRoads, EndInDanger):
            continue
        answer.end_gap_m[column] = ended.gap_m
        reached.append((column, ended, footings(network, ended, vehicle, hindered, per_edge, leaving=False)))
    for row, place in enumerate(starts):
        try:
            begun = snap(network, place, vehicle, hindered, snap_limit_m)
        except TooFarFromRoads:
            continue
        answer.start_gap_m[row] = begun.gap_m
        leaving = footings(network, begun, vehicle, hindered, per_edge, leaving=True)
        seconds, _before = search(found, weights, [(each.node, each.seconds) for each in leaving], limit_s=limit_s)
        for column, ended, arriving in reached:
            ways = [float(seconds[each.node] + each.seconds) for each in arriving]
            along = _along_one_edge(network, begun, ended, vehicle, hindered, per_edge)
            quickest = min([*ways, np.inf if along is None else along[0]], default=np.inf)
            answer.seconds[row, column] = quickest if quickest <= limit_s else np.inf
    return answer


def soonest(
    network: Network,
    starts: Sequence[Point],
    ends: Sequence[Point],
    vehicle: Vehicle,
    hindered: Hindrances | None = None,
    *,
    limit_s: float = np.inf,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> Floats:
    """Seconds until the first from any of ``starts`` is at each of ``ends``, shape (ends,): one search for all starts. Infinite where none comes
    within ``limit_s``. A start and an end on the same stretch of road are joined by its nodes, which makes the time a little too long."""
    hindered = hindered or clear(network)
    per_edge, found = edge_seconds(network, vehicle), graph(network, vehicle)
    seeds = [
        (each.node, each.seconds)
        for begun in _snapped(network, starts, vehicle, hindered, snap_limit_m)
        if begun is not None
        for each in footings(network, begun, vehicle, hindered, per_edge, leaving=True)
    ]
    seconds, _before = search(found, hindered.seconds(found), seeds, limit_s=limit_s)
    answer = np.full(len(ends), np.inf)
    for place, ended in enumerate(_snapped(network, ends, vehicle, hindered, snap_limit_m)):
        if ended is not None:
            arriving = footings(network, ended, vehicle, hindered, per_edge, leaving=False)
            answer[place] = min([float(seconds[each.node] + each.seconds) for each in arriving], default=np.inf)
    answer[answer > limit_s] = np.inf
    return answer


def _snapped(network: Network, places: Sequence[Point], vehicle: Vehicle, hindered: Hindrances, limit_m: float) -> list[Snap | None]:
    """Each place on the roads, ``None`` for one too far from every road."""
    found: list[Snap | None] = []
    for place in places:
        try:
            found.append(snap(network, place, vehicle, hindered, limit_m))
        except TooFarFromRoads:
            found.append(None)
    return found


def nearest(
    network: Network,
    starts: Sequence[Point],
    end: Point,
    count: int,
    vehicle: Vehicle,
    hindered: Hindrances | None = None,
    *,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> tuple[Arrival, ...]:
    """The ``count`` of ``starts`` that arrive first, the quickest first; fewer where no road leads from the others."""
    every = [each for each in arrivals(network, starts, end, vehicle, hindered, snap_limit_m=snap_limit_m) if each is not None]
    return tuple(sorted(every, key=lambda each: (each.seconds, each.index))[:count])


def straight_m(start: Point, end: Point) -> float:
    """Great-circle distance in metres."""
    return float(lengths_m(np.array([start]), np.array([end]))[0])
