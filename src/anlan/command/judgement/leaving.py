"""Who goes where (疏散安置): people in the zones put to shelters, when they must set out, when the last is safe, what holds them up.

Pure: no clock, no database. Seconds are reckoned from the moment of the plan, which is when people are warned; places are in degrees. People walk to
the nearest road at the walking speed of the project; on the road times are those of the net of roads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from anlan.command.judgement.geometry import Area, Point
from anlan.command.judgement.overtaking import Coming, out_before
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.routing import evacuation, evacuation_flow
from anlan.routing.evacuation import Assignment
from anlan.routing.evacuation_fleet import Fleet, Trip, carried
from anlan.routing.evacuation_flow import Mobilisation, Passage, Road
from anlan.routing.plane import Floats, lengths_m
from anlan.routing.routes import Matrix, Route, Step

FOOT, BUS = "foot", "bus"
MEANS: Final = {FOOT: N_("步行"), BUS: N_("客车转移")}
CURVES: Final = {"general": N_("公众收到预警后自行出发"), "organised": N_("有人带队，10 分钟内出发")}
"""How people on foot set out (``anlan.routing.data.mobilisation``); buses leave as they come."""
NO_ROAD, CLOSED, THROUGH, BEYOND = "no_road", "closed", "through", "beyond"
REASONS: Final = {
    NO_ROAD: N_("2 km 内没有能走的道路"),
    CLOSED: N_("道路中断或已封闭，到不了任何避难场所"),
    THROUGH: N_("到避难场所的路都要穿过影响范围"),
    BEYOND: N_("查找距离内没有避难场所"),
}
ROADS_TOLD = 5


@dataclass(frozen=True)
class Choice:
    """What is asked for: people of the zones down to ``severity`` (1 is the worst), how they go, how they set out, and the buses there are."""

    severity: int
    means: str = FOOT
    curve: str = "general"
    vehicles: int = 0
    seats: int = 0


@dataclass(frozen=True)
class Origin:
    """People of one place who set out from one point."""

    place_code: str
    name: str
    point: Point
    people: int


@dataclass(frozen=True)
class Refuge:
    """A shelter that is open, outside every zone, with the people it still takes."""

    record: str
    name: str
    place_code: str
    point: Point
    room: int


@dataclass(frozen=True)
class Unusable:
    """Shelters within reach that cannot be counted on: within a zone or its uncertainty, closed or full, and those of unknown capacity (records)."""

    in_danger: int = 0
    closed: int = 0
    unknown_room: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What the plan is made of: who must go, where to, and what is not known. ``unknown``: counties whose people nobody counted."""

    origins: tuple[Origin, ...]
    refuges: tuple[Refuge, ...]
    unusable: Unusable = Unusable()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moving:
    """People of one origin on their way to one shelter. ``seconds``: door to door; ``last_s``: the last of them sets out; ``arrives_s``: arrives.

    ``latest_s``: who sets out later is overtaken by the cloud (below 0: too late already; ``None``: nothing comes that could overtake);
    ``in_time``: how many set out before.
    """

    origin: Origin
    refuge: Refuge
    people: int
    seconds: float
    length_m: float
    last_s: float
    arrives_s: float
    latest_s: float | None
    in_time: int | None
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Load:
    """What one road carries: people, and the longest wait there in seconds (0 on foot, for which no capacity is known)."""

    name: str
    road_class: str
    people: int
    delay_s: float


@dataclass(frozen=True)
class CutOff:
    """People from whom no shelter is reached, and why (:data:`REASONS`)."""

    origin: Origin
    reason: str


@dataclass(frozen=True)
class Compared:
    """One way of sharing out the shelters: people without a place, longest way in seconds, time of all together in hours."""

    short: int
    longest_s: float
    person_hours: float


@dataclass(frozen=True)
class Plan:
    """The answer. ``short``: people who could go but for whom there is no place; ``clear_s``: the last is at his shelter; ``last_s``: has set out."""

    at: datetime
    choice: Choice
    around: Surroundings
    moves: tuple[Moving, ...] = ()
    cut_off: tuple[CutOff, ...] = ()
    without_place: tuple[tuple[Origin, int], ...] = ()
    last_s: float = 0.0
    clear_s: float = 0.0
    bottleneck: str = ""
    loads: tuple[Load, ...] = ()
    planned: Compared | None = None
    nearest: Compared | None = None
    trips: int = 0
    refused: Refusal | None = None

    @property
    def people(self) -> int:
        """All who must go, as far as they are known."""
        return sum(each.people for each in self.around.origins)

    @property
    def placed(self) -> int:
        """Those who have a place and a way."""
        return sum(each.people for each in self.moves)

    @property
    def short(self) -> int:
        """Those for whom there is no place."""
        return sum(people for _origin, people in self.without_place)

    @property
    def stranded(self) -> int:
        """Those from whom no shelter is reached."""
        return sum(each.origin.people for each in self.cut_off)

    @property
    def in_time(self) -> int | None:
        """Those who set out in time; ``None`` when nothing comes that could overtake them."""
        if not self.moves or any(each.in_time is None for each in self.moves):
            return None
        return sum(each.in_time or 0 for each in self.moves)

    def summary(self) -> dict[str, Any]:
        """In plain values, as a run keeps it; without names."""
        return {
            "people": self.people,
            "placed": self.placed,
            "short": self.short,
            "stranded": self.stranded,
            "in_time": self.in_time,
            "clear_s": self.clear_s if self.moves else None,
            "last_s": self.last_s if self.moves else None,
            "refused": self.refused is not None,
        }


@dataclass(frozen=True)
class Ways:
    """How to ask for roads: ``matrix`` of times (with the zones avoided or not), and the routes of chosen pairs."""

    matrix: Callable[[Sequence[Point], Sequence[Point], bool], Matrix]
    routes: Callable[[Mapping[Point, Sequence[Point]]], Mapping[Point, Sequence[Route | None]]]


@dataclass(frozen=True)
class Figures:
    """What is assumed: how far shelters are looked for (m, straight), walking speed (m/s), the buses with their times, how people set out."""

    reach_m: float
    walking_m_s: float
    fleet: Fleet
    curve: Mobilisation


@dataclass(frozen=True, eq=False)
class _Asked:
    around: Surroundings
    choice: Choice
    figures: Figures
    coming: Coming | None
    times: Matrix
    seconds: Floats = field(repr=False)
    near: NDArray[np.bool_] = field(repr=False)


def planned(around: Surroundings, choice: Choice, figures: Figures, coming: Coming | None, ways: Ways, at: datetime) -> Plan:
    """The plan for all that is known. What cannot be planned (no shelter, no net of roads, roads too narrow) stands in ``refused`` beside who must go."""
    if not around.origins:
        return Plan(at, choice, around)
    if not around.refuges:
        return Plan(at, choice, around, refused=evacuation.NoShelter())
    people = [each.people for each in around.origins]
    room = [each.room for each in around.refuges]
    try:
        times, seconds, near = _times(around, figures, ways)
        asked = _Asked(around, choice, figures, coming, times, seconds, near)
        found = evacuation.assign(people, seconds, room, cut_off_stay=True)
        plain = evacuation.nearest_first(people, seconds, room, cut_off_stay=True)
        return _plan(asked, found, plain, ways, at)
    except Refusal as refusal:
        return Plan(at, choice, around, refused=refusal)


def _times(around: Surroundings, figures: Figures, ways: Ways) -> tuple[Matrix, Floats, NDArray[np.bool_]]:
    """Times of the roads, door to door for every pair within reach, and which pairs those are."""
    starts = list(dict.fromkeys(each.point for each in around.origins))
    ends = [each.point for each in around.refuges]
    found = ways.matrix(starts, ends, True)
    row = {point: number for number, point in enumerate(starts)}
    rows = [row[each.point] for each in around.origins]
    times = Matrix(found.seconds[rows], found.start_gap_m[rows], found.end_gap_m)
    apart = lengths_m(np.array([each.point for each in around.origins])[:, None], np.array(ends)[None])
    door_to_door = times.seconds + (times.start_gap_m[:, None] + times.end_gap_m[None]) / figures.walking_m_s
    near = apart <= figures.reach_m
    return times, np.where(near, door_to_door, np.inf), near


def _plan(asked: _Asked, found: Assignment, plain: Assignment, ways: Ways, at: datetime) -> Plan:
    around, figures = asked.around, asked.figures
    routes = _routes(asked, found, ways)
    trips = carried(found, [1.0] * len(around.origins), figures.fleet) if asked.choice.means == BUS else ()
    departures = _departures(asked, found, trips)
    roads, passages = _roads(found, routes, asked)
    clearance = evacuation_flow.clearance(found, departures, roads=[road for road, _class in roads], passages=passages)
    moves = []
    for move, arrives in zip(found.moves, clearance.arrivals_s, strict=True):
        route = routes[move.origin, move.shelter]
        own = [trip for trip in trips if (trip.origin, trip.shelter) == (move.origin, move.shelter)]
        latest = _latest(asked, move.origin, move.shelter, route)
        moves.append(
            Moving(
                around.origins[move.origin],
                around.refuges[move.shelter],
                move.people,
                move.seconds,
                route.length_m if route is not None else 0.0,
                max((trip.leaves_s for trip in own), default=departures[move.origin].last_s),
                max([arrives, *(trip.arrives_s for trip in own)]),
                latest,
                _in_time(move.people, latest, departures[move.origin], own),
                route.points if route is not None else (),
            )
        )
    cut_off = set(found.cut_off)
    return Plan(
        at,
        asked.choice,
        around,
        tuple(sorted(moves, key=lambda each: (each.latest_s if each.latest_s is not None else 0.0, -each.people))),
        _cut_off(asked, found, ways),
        tuple((around.origins[row], int(left)) for row, left in enumerate(found.left) if left and row not in cut_off),
        max((each.last_s for each in moves), default=0.0),
        max((each.arrives_s for each in moves), default=0.0),
        clearance.bottleneck,
        _loads(found, routes, roads, clearance),
        _compared(found),
        _compared(plain),
        len(trips),
    )


def _compared(found: Assignment) -> Compared:
    stranded = sum(int(found.left[row]) for row in found.cut_off)
    return Compared(found.shortfall - stranded, found.longest_s, found.person_hours)


def _routes(asked: _Asked, found: Assignment, ways: Ways) -> dict[tuple[int, int], Route | None]:
    """The road of every move; moves that set out from one point are asked for together."""
    origins, refuges = asked.around.origins, asked.around.refuges
    wanted: dict[Point, list[Point]] = {}
    for move in found.moves:
        ends = wanted.setdefault(origins[move.origin].point, [])
        if refuges[move.shelter].point not in ends:
            ends.append(refuges[move.shelter].point)
    told = ways.routes(wanted)
    by_ends = {(start, end): route for start, ends in wanted.items() for end, route in zip(ends, told[start], strict=True)}
    return {(move.origin, move.shelter): by_ends[origins[move.origin].point, refuges[move.shelter].point] for move in found.moves}


def _departures(asked: _Asked, found: Assignment, trips: Sequence[Trip]) -> list[Mobilisation]:
    """How the people of each origin set out: on foot by the curve, by bus evenly from their first trip to their last."""
    if asked.choice.means != BUS:
        return [asked.figures.curve] * len(asked.around.origins)
    leaving: dict[int, list[float]] = {}
    for trip in trips:
        leaving.setdefault(trip.origin, []).append(trip.leaves_s)
    ramps = {origin: Mobilisation("ramp", max(times) - min(times), min(times)) for origin, times in leaving.items()}
    return [ramps.get(row, Mobilisation("ramp", 0.0)) for row in range(len(asked.around.origins))]


def _roads(
    found: Assignment, routes: Mapping[tuple[int, int], Route | None], asked: _Asked
) -> tuple[list[tuple[Road, str]], dict[tuple[int, int], list[Passage]]]:
    """Roads that may hold buses up, each with its class; of people on foot no capacity is known and none holds them up."""
    if asked.choice.means != BUS:
        return [], {}
    numbers: dict[tuple[str, str], int] = {}
    roads: list[tuple[Road, str]] = []
    passages: dict[tuple[int, int], list[Passage]] = {}
    for move in found.moves:
        route, gone = routes[move.origin, move.shelter], 0.0
        for step in route.steps if route is not None else ():
            capacity = evacuation_flow.capacities().get(step.road_class)
            if capacity:
                key = (step.name, step.road_class)
                if key not in numbers:
                    numbers[key] = len(roads)
                    roads.append((Road(step.name, capacity * asked.figures.fleet.seats), step.road_class))
                passages.setdefault((move.origin, move.shelter), []).append(Passage(numbers[key], gone))
            gone += step.seconds
    return roads, passages


def _loads(
    found: Assignment,
    routes: Mapping[tuple[int, int], Route | None],
    roads: Sequence[tuple[Road, str]],
    clearance: evacuation_flow.Clearance,
) -> tuple[Load, ...]:
    """The roads that most people go by, those with the longest wait first."""
    people: dict[tuple[str, str], int] = {}
    for move in found.moves:
        route = routes[move.origin, move.shelter]
        for key in {_road(step) for step in (route.steps if route is not None else ())}:
            people[key] = people.get(key, 0) + move.people
    waits: dict[str, float] = {}
    for queue in clearance.queues:
        waits[queue.road] = max(waits.get(queue.road, 0.0), queue.delay_s)
    held = {road.name for road, _class in roads}
    found_loads = [Load(name, code, count, waits.get(name, 0.0) if name in held else 0.0) for (name, code), count in people.items()]
    return tuple(sorted(found_loads, key=lambda each: (-each.delay_s, -each.people, each.name))[:ROADS_TOLD])


def _road(step: Step) -> tuple[str, str]:
    return step.name, step.road_class


def _latest(asked: _Asked, origin: int, refuge: int, route: Route | None) -> float | None:
    """Seconds from now until which the people of a move must have set out; ``None`` when nothing comes."""
    if asked.coming is None or route is None:
        return None
    walking = asked.figures.walking_m_s
    start, end = asked.around.origins[origin].point, asked.around.refuges[refuge].point
    return out_before(asked.coming, [start, *route.points, end], route.start_gap_m / walking, route.seconds, route.end_gap_m / walking)


def _in_time(people: int, latest_s: float | None, curve: Mobilisation, trips: Sequence[Trip]) -> int | None:
    if latest_s is None:
        return None
    if trips:
        return sum(trip.people for trip in trips if trip.leaves_s <= latest_s)
    if latest_s <= 0:
        return 0
    return int(people * float(curve.share(np.array([latest_s]))[0]))


def _cut_off(asked: _Asked, found: Assignment, ways: Ways) -> tuple[CutOff, ...]:
    """Why from these origins no shelter is reached. Asks for the roads once more, the zones not avoided, for them alone."""
    rows = list(found.cut_off)
    if not rows:
        return ()
    origins = asked.around.origins
    on_road = [row for row in rows if np.isfinite(asked.times.start_gap_m[row])]
    freely: dict[int, Floats] = {}
    if on_road:
        points = [origins[row].point for row in on_road]
        found_ways = ways.matrix(points, [each.point for each in asked.around.refuges], False)
        freely = dict(zip(on_road, found_ways.seconds, strict=True))
    told = []
    for row in rows:
        if row not in freely:
            reason = NO_ROAD
        elif not asked.near[row].any():
            reason = BEYOND
        else:
            reason = THROUGH if np.isfinite(freely[row][asked.near[row]]).any() else CLOSED
        told.append(CutOff(origins[row], reason))
    return tuple(told)


def pieces(areas: Sequence[Area], most: int) -> tuple[tuple[Area, Point], ...]:
    """The union of areas cut into at most about ``most`` squares, each with a point inside it, from which its people set out."""
    import shapely

    shape = shapely.union_all([_shape(area) for area in areas if area])
    if shape.is_empty:
        return ()
    west, south, east, north = shape.bounds
    shrink = float(np.cos(np.radians((south + north) / 2)))
    side = max(float(np.sqrt(shape.area * shrink / most)), 1e-3)
    found = []
    for x in np.arange(west, east, side / shrink):
        for y in np.arange(south, north, side):
            part = shape.intersection(shapely.box(x, y, x + side / shrink, y + side))
            polygons = [each for each in getattr(part, "geoms", (part,)) if each.geom_type == "Polygon" and each.area > 0]
            if polygons:
                point = max(polygons, key=lambda each: each.area).representative_point()
                area = tuple(tuple(tuple(ring.coords) for ring in (each.exterior, *each.interiors)) for each in polygons)
                found.append((area, (round(point.x, 6), round(point.y, 6))))
    return tuple(found)


def _shape(area: Area) -> Any:
    import shapely

    return shapely.make_valid(shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in area]))


def whole(parts: Sequence[float]) -> list[int]:
    """Whole numbers that follow ``parts`` in order and whose sum is that of the parts, rounded: nobody is lost between pieces."""
    edges = np.round(np.concatenate([[0.0], np.cumsum(np.asarray(parts, np.float64))]))
    return [int(each) for each in np.diff(edges)]
