"""Who goes where: nobody is lost, no shelter overflows, nobody is sent through the cloud, and whom the cloud overtakes is told to stay inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.command.judgement import leaving
from anlan.command.judgement.geometry import Area
from anlan.command.judgement.leaving import BUS, FOOT, Choice, Figures, Origin, Plan, Refuge, Surroundings, Ways
from anlan.command.judgement.overtaking import Coming, arrivals, out_before
from anlan.kernel.errors import Refusal
from anlan.routing import routes, synthetic, travel, vehicles
from anlan.routing.evacuation_fleet import Fleet
from anlan.routing.evacuation_flow import Mobilisation, mobilisation

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
NET = synthetic.grid(24, 24, corner=(117.0, 36.6))
"""Streets every 230 m over 5 km."""
SOURCE = (117.03, 36.63)


def square(x: float, y: float, half: float) -> Area:
    return ((((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)),),)


ZONE = square(117.024, 36.624, 0.008)
"""South-west of the source, some 1.5 km wide."""


def ways(zone: Area = ZONE, closed: Any = None, means: str = FOOT) -> Ways:
    vehicle = vehicles.vehicle("bus" if means == BUS else "foot")
    around = travel.hindrances(NET, closed=closed, avoid=[zone])
    freely = travel.hindrances(NET, closed=closed)

    def matrix(starts: Any, ends: Any, avoided: bool) -> Any:
        return routes.matrix(NET, starts, ends, vehicle, around if avoided else freely)

    def routed(legs: Any) -> Any:
        return {start: routes.routes_from(NET, start, ends, vehicle, around) for start, ends in legs.items()}

    return Ways(matrix, routed)


def figures(reach_m: float = 6000.0, curve: str = "organised", buses: int = 4) -> Figures:
    return Figures(reach_m, 1.2, Fleet(buses, 50), mobilisation(curve))


def cloud(speed_m_s: float = 1.0, elapsed_s: float = 0.0) -> Coming:
    """A cloud that fills the zone from the source on, in rings of equal speed."""
    frames = tuple((minutes, _within(60 * minutes * speed_m_s)) for minutes in (1, 2, 5, 10, 15, 20, 30, 45, 60))
    return Coming(ZONE, frames, 2100 / speed_m_s, 2100.0, SOURCE, elapsed_s)


def _within(metres: float) -> Area:
    near = shapely.Point(SOURCE).buffer(metres / 100_000).intersection(shapely.Polygon(ZONE[0][0]))
    return (tuple(tuple(ring.coords) for ring in (near.exterior, *near.interiors)),) if not near.is_empty else ()


def origin(name: str, x: float, y: float, people: int) -> Origin:
    return Origin("370102", name, (x, y), people)


def refuge(name: str, x: float, y: float, room: int) -> Refuge:
    return Refuge(name, name, "370102", (x, y), room)


NEAR, FAR = refuge("近", 117.005, 36.618, 300), refuge("远", 117.045, 36.604, 2000)
VILLAGE, HAMLET = origin("大村", 117.024, 36.624, 500), origin("小村", 117.019, 36.619, 200)


def made(
    *, origins: tuple[Origin, ...] = (VILLAGE, HAMLET), refuges: tuple[Refuge, ...] = (NEAR, FAR), choice: Choice | None = None, **more: Any
) -> Plan:
    chosen = choice or Choice(2)
    return leaving.planned(
        Surroundings(origins, refuges),
        chosen,
        more.get("figures", figures()),
        more.get("coming", cloud()),
        more.get("ways", ways(means=chosen.means)),
        NOW,
    )


def test_everybody_has_a_place_a_way_out_of_the_zone_and_a_time() -> None:
    plan = made()
    assert plan.refused is None
    assert (plan.people, plan.placed, plan.short, plan.stranded) == (700, 700, 0, 0)
    taken = {each.name: sum(move.people for move in plan.moves if move.refuge == each) for each in (NEAR, FAR)}
    assert taken["近"] == 300
    zone = shapely.Polygon(ZONE[0][0])
    for move in plan.moves:
        assert shapely.get_num_geometries(shapely.LineString(move.points).intersection(zone)) <= 1, "left once, never entered again"
        assert move.arrives_s == pytest.approx(move.last_s + move.seconds, abs=1)
        assert move.last_s == 600
    assert plan.clear_s == max(move.arrives_s for move in plan.moves)
    assert plan.loads
    assert plan.loads[0].name


def test_a_plan_is_never_worse_than_each_to_the_nearest() -> None:
    plan = made()
    assert plan.planned is not None
    assert plan.nearest is not None
    assert plan.planned.person_hours <= plan.nearest.person_hours
    assert plan.planned.short == plan.nearest.short == 0


def test_who_has_no_place_is_told_and_who_is_cut_off_with_the_reason() -> None:
    outside = origin("外村", 118.0, 36.6, 50)
    plan = made(origins=(VILLAGE, HAMLET, outside), refuges=(NEAR,))
    assert (plan.placed, plan.short, plan.stranded) == (300, 400, 50)
    assert [(each.origin.name, each.reason) for each in plan.cut_off] == [("外村", leaving.NO_ROAD)]
    beyond = made(figures=figures(reach_m=500.0))
    assert {each.reason for each in beyond.cut_off} == {leaving.BEYOND}
    assert beyond.stranded == 700
    assert beyond.moves == ()
    nothing_open = made(ways=ways(closed=np.ones(NET.edges, np.bool_)))
    assert {each.reason for each in nothing_open.cut_off} == {leaving.NO_ROAD}
    # A ring of danger around a place that is not in it: every road to a shelter goes through.
    (x, y), holes = VILLAGE.point, square(*VILLAGE.point, 0.003)[0][0]
    ring = ((square(x, y, 0.006)[0][0], holes),)
    within = made(origins=(VILLAGE,), ways=ways(ring), coming=None)
    assert [each.reason for each in within.cut_off] == [leaving.THROUGH]
    shut = np.zeros(NET.edges, np.bool_)
    shut[NET.tree.query(shapely.Polygon(NET.plane.metres(np.array(square(x, y, 0.006)[0][0]))).boundary, predicate="intersects")] = True
    closed = made(origins=(VILLAGE,), ways=ways(square(118.0, 37.0, 0.001), closed=shut), coming=None)
    assert [each.reason for each in closed.cut_off] == [leaving.CLOSED]


def test_without_a_shelter_or_without_people_that_is_said() -> None:
    assert made(refuges=()).refused is not None
    assert made(refuges=()).people == 700
    nobody = made(origins=())
    assert (nobody.people, nobody.moves, nobody.refused) == (0, (), None)


def test_what_the_room_of_roads_refuses_stands_in_the_plan() -> None:
    def refused(*_given: Any) -> Any:
        raise Refusal()

    plan = made(ways=Ways(refused, refused))
    assert plan.refused is not None
    assert plan.people == 700


def test_a_slow_cloud_lets_all_go_a_quick_one_none_and_late_people_fewer() -> None:
    slow, quick = made(coming=cloud(0.05)), made(coming=cloud(20.0))
    assert slow.in_time == slow.placed
    assert quick.in_time == 0
    assert all(move.latest_s is not None and move.latest_s <= 0 for move in quick.moves)
    soon, late = made(coming=cloud(0.5)), made(coming=cloud(0.5, elapsed_s=600))
    assert soon.in_time is not None
    assert late.in_time is not None
    assert soon.in_time >= late.in_time
    for before, after in zip(soon.moves, late.moves, strict=True):
        assert before.latest_s is not None
        assert after.latest_s == pytest.approx(before.latest_s - 600)
    assert made(coming=None).in_time is None, "a blast overtakes nobody on the road"


def test_buses_carry_in_trips_and_their_narrow_road_is_named() -> None:
    many = origin("大村", 117.024, 36.624, 6000)
    plan = made(origins=(many,), refuges=(refuge("远", 117.045, 36.604, 6000),), choice=Choice(2, BUS, "general", 4, 50), coming=cloud(0.3))
    assert plan.trips == 120
    (move,) = plan.moves
    assert plan.clear_s >= move.last_s + move.seconds - 60
    assert move.in_time is not None
    assert move.in_time % 50 == 0, "whole buses are in time or not"
    more = made(
        origins=(many,), refuges=(refuge("远", 117.045, 36.604, 6000),), choice=Choice(2, BUS), figures=figures(buses=40), coming=None
    )
    assert more.clear_s < plan.clear_s
    none = made(choice=Choice(2, BUS), figures=figures(buses=0))
    assert none.refused is not None
    assert none.refused.code == "evacuation_no_vehicles"


def test_the_cloud_is_taken_to_come_early_rather_than_late() -> None:
    coming = cloud(1.0)
    points = np.array([[117.0305, 36.6305], [117.029, 36.629], [117.024, 36.624], [117.05, 36.65]])
    found = arrivals(coming, points)
    away = shapely.distance(shapely.points(points), shapely.Point(SOURCE)) * 100_000
    assert found[0] <= away[0]
    assert found[1] <= away[1]
    assert found[2] <= away[2]
    assert np.isinf(found[3]), "a place outside the zone is never reached"
    unseen = Coming(ZONE, (), 2100.0, 2100.0, SOURCE, 0.0)
    assert 0 < arrivals(unseen, points)[2] < 2100, "without moments the distance tells"


def test_whoever_walks_towards_the_source_must_go_sooner_than_who_walks_away() -> None:
    here = (117.026, 36.626)
    away = out_before(cloud(), [here, (117.016, 36.616), (117.014, 36.614)], 0.0, 1000.0, 0.0)
    towards = out_before(cloud(), [here, (117.0315, 36.6315), (117.033, 36.633)], 0.0, 1000.0, 0.0)
    assert towards < away


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 300), max_size=40))
def test_whole_people_sum_to_what_the_parts_sum_to(parts: list[float]) -> None:
    found = leaving.whole(parts)
    assert all(each >= 0 for each in found)
    assert abs(sum(found) - sum(parts)) <= 0.5 + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.floats(0.002, 0.3), st.floats(0.1, 1.0), st.integers(1, 60))
def test_pieces_cover_the_zones_and_each_holds_its_point(size: float, share: float, most: int) -> None:
    area = ((((117.0, 36.6), (117.0 + size, 36.6), (117.0 + size * share, 36.6 + size * share)),),)
    cut = leaving.pieces([area, area], most)
    whole = shapely.Polygon(area[0][0])
    polygons = [[shapely.Polygon(each[0], each[1:]) for each in piece] for piece, _point in cut]
    assert sum(each.area for found in polygons for each in found) == pytest.approx(whole.area, rel=1e-6)
    for found, (_piece, point) in zip(polygons, cut, strict=True):
        assert shapely.union_all(found).buffer(1e-5).contains(shapely.Point(point))
    assert len(cut) <= 4 * most + 10


def test_a_curve_that_ends_lets_the_last_one_set_out_at_its_end() -> None:
    plan = made(figures=Figures(6000.0, 1.2, Fleet(1, 50), Mobilisation("ramp", 1200.0)))
    assert plan.last_s == 1200
