"""Times and routes hold to what any net of roads obeys, whatever it looks like."""

from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.routing import closing, isochrones, network, routes, synthetic, travel, vehicles
from anlan.routing.assembly import BACKWARD, BOTH, FORWARD, Way, Ways
from anlan.routing.network import Network
from anlan.routing.plane import lengths_m
from anlan.routing.refusals import EndInDanger, NetworkUnreadable, NoRoute, SpeedsUnreadable, TooFarFromRoads, UnknownVehicle

ENGINE, CAR, FOOT = (vehicles.vehicle(code) for code in ("fire_engine", "car", "foot"))
nets = st.builds(synthetic.grid, st.integers(3, 7), st.integers(3, 7), one_way_every=st.sampled_from([0, 2, 3]), seed=st.integers(0, 10**6))
two_way = st.builds(synthetic.grid, st.integers(3, 7), st.integers(3, 7), seed=st.integers(0, 10**6))
share = st.floats(0.05, 0.95)


def place(net: Network, x: float, y: float) -> travel.Point:
    west, south, east, north = net.box
    return west + (east - west) * x, south + (north - south) * y


def at_node(net: Network, node: int) -> travel.Point:
    return float(net.longitude[node]), float(net.latitude[node])


def core_nodes(net: Network, vehicle: vehicles.Vehicle) -> np.ndarray:
    return np.flatnonzero(travel.graph(net, vehicle).core)


def closed(net: Network, edges: list[int]) -> travel.Hindrances:
    mask = np.zeros(net.edges, np.bool_)
    mask[edges] = True
    return travel.hindrances(net, closed=mask)


def by_hand(net: Network, seconds: np.ndarray, start: int) -> np.ndarray:
    """Dijkstra with nothing but a heap."""
    best = np.full(net.nodes, np.inf)
    best[start], heap = 0.0, [(0.0, start)]
    while heap:
        gone, node = heapq.heappop(heap)
        if gone > best[node]:
            continue
        for edge in range(net.first[node], net.first[node + 1]):
            after = gone + seconds[edge]
            if after < best[net.head[edge]]:
                best[net.head[edge]] = after
                heapq.heappush(heap, (after, int(net.head[edge])))
    return best


@given(nets, st.data())
@settings(max_examples=40)
def test_times_are_those_of_a_search_by_hand_with_roads_closed_or_not(net: Network, data: st.DataObject) -> None:
    start = int(data.draw(st.sampled_from(list(core_nodes(net, ENGINE)))))
    edges = data.draw(st.lists(st.integers(0, net.edges - 1), max_size=6))
    leaving = [edge for edge in range(net.edges) if net.tail[edge] == start or net.head[edge] == start]
    found = closed(net, [edge for edge in edges if edge not in leaving])
    seconds = np.where(found.closed, np.inf, travel.edge_seconds(net, ENGINE))
    times = routes.one_to_all(net, at_node(net, start), ENGINE, found)
    assert times.gap_m < 0.1
    np.testing.assert_allclose(times.seconds, by_hand(net, seconds, start), rtol=1e-6, atol=0.01)


@given(nets, share, share, share, share, share, share)
@settings(max_examples=40)
def test_a_way_by_a_third_place_is_never_quicker(net: Network, ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> None:
    # Places on the roads: a place beside them is left where it is nearest, and a detour by it would jump.
    graph = travel.graph(net, ENGINE)
    nodes = np.flatnonzero(graph.core)
    a, b, c = (int(nodes[int((x + y) / 2 * len(nodes))]) for x, y in ((ax, ay), (bx, by), (cx, cy)))
    from_a, from_b = (routes.one_to_all(net, at_node(net, node), ENGINE).seconds for node in (a, b))
    assert from_a[c] <= from_a[b] + from_b[c] + 0.05


@given(nets, share, share, share, share, st.lists(st.integers(0, 10**6), max_size=8))
@settings(max_examples=40)
def test_closing_roads_never_makes_a_way_shorter(net: Network, ax: float, ay: float, bx: float, by: float, edges: list[int]) -> None:
    start, end = place(net, ax, ay), place(net, bx, by)
    open_way = routes.route(net, start, end, CAR)
    shut = [edge % net.edges for edge in edges]
    ends = {open_way.edges[0], open_way.edges[-1]}
    touching = {
        edge
        for edge in range(net.edges)
        for end_edge in ends
        if {net.tail[edge], net.head[edge]} == {net.tail[end_edge], net.head[end_edge]}
    }
    hindered = closed(net, [edge for edge in shut if edge not in touching])
    try:
        found = routes.route(net, start, end, CAR, hindered)
    except NoRoute:
        return
    assert found.seconds >= open_way.seconds - 1e-6
    assert not hindered.closed[list(found.edges)].any()


@given(two_way, share, share, share, share)
@settings(max_examples=40)
def test_where_every_road_is_two_way_there_and_back_take_the_same_time(net: Network, ax: float, ay: float, bx: float, by: float) -> None:
    start, end = place(net, ax, ay), place(net, bx, by)
    there, back = routes.route(net, start, end, CAR), routes.route(net, end, start, CAR)
    assert there.seconds == pytest.approx(back.seconds, abs=1e-6)
    assert there.length_m == pytest.approx(back.length_m, abs=0.01)


@given(nets, st.data())
@settings(max_examples=40)
def test_the_length_of_a_route_is_the_sum_of_its_edges_of_its_steps_and_of_its_line(net: Network, data: st.DataObject) -> None:
    nodes = list(core_nodes(net, ENGINE))
    a, b = data.draw(st.lists(st.sampled_from(nodes), min_size=2, max_size=2, unique=True))
    found = routes.route(net, at_node(net, int(a)), at_node(net, int(b)), ENGINE)
    whole = list(dict.fromkeys(found.edges))
    assert found.length_m == pytest.approx(float(net.length_m[whole].sum()), rel=1e-6)
    assert found.length_m == pytest.approx(sum(step.length_m for step in found.steps))
    assert found.seconds == pytest.approx(sum(step.seconds for step in found.steps))
    line = np.array(found.points)
    assert found.length_m == pytest.approx(float(lengths_m(line[:-1], line[1:]).sum()), rel=1e-3)
    assert found.length_m >= 0.99 * routes.straight_m(at_node(net, int(a)), at_node(net, int(b)))


@given(nets, st.lists(st.tuples(share, share), min_size=1, max_size=5), share, share)
@settings(max_examples=30)
def test_arrivals_are_the_times_of_the_routes_one_by_one(net: Network, starts: list[tuple[float, float]], bx: float, by: float) -> None:
    places, end = [place(net, x, y) for x, y in starts], place(net, bx, by)
    found = routes.arrivals(net, places, end, ENGINE)
    for start, arrival in zip(places, found, strict=True):
        assert arrival is not None
        assert arrival.seconds == pytest.approx(routes.route(net, start, end, ENGINE).seconds, abs=1e-6)
    first = routes.nearest(net, places, end, 2, ENGINE)
    assert [each.seconds for each in first] == sorted(each.seconds for each in found if each)[:2]


@given(nets, share, share, share, share)
@settings(max_examples=30)
def test_one_way_streets_bind_wheels_and_not_feet(net: Network, ax: float, ay: float, bx: float, by: float) -> None:
    start, end = place(net, ax, ay), place(net, bx, by)
    there, back = routes.route(net, start, end, FOOT), routes.route(net, end, start, FOOT)
    assert there.seconds == pytest.approx(back.seconds, abs=1e-6)
    wheels = routes.route(net, start, end, CAR)
    for edge, after in zip(wheels.edges, wheels.edges[1:], strict=False):
        assert net.head[edge] == net.tail[after]


@given(two_way, share, share, share, share)
@settings(max_examples=30)
def test_a_danger_zone_is_left_but_never_entered(net: Network, ax: float, ay: float, bx: float, by: float) -> None:
    west, south, east, north = net.box
    middle, half = ((west + east) / 2, (south + north) / 2), (east - west) / 5
    ring = tuple((middle[0] + dx * half, middle[1] + dy * half) for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1)))
    hindered = travel.hindrances(net, avoid=(((ring,),),))
    zone = hindered.zones[0]
    start, end = place(net, ax, ay), place(net, bx, by)
    inside = [bool(zone.covers(shapely.Point(net.plane.metres(each)))) for each in (start, end)]
    if inside[1]:
        with pytest.raises(EndInDanger):
            routes.route(net, start, end, CAR, hindered)
        return
    try:
        found = routes.route(net, start, end, CAR, hindered)
    except NoRoute:
        return
    line = shapely.LineString(net.plane.metres(found.points)) if len(found.points) > 1 else shapely.Point(net.plane.metres(found.points[0]))
    met = shapely.intersection(line, zone.buffer(-0.5))
    if not inside[0] and met.length:
        # It may begin on a road within the zone that the start outside lies nearest to, and only leave from there.
        assert zone.covers(shapely.get_point(line, 0))
    assert shapely.get_num_geometries(met) <= 1
    assert routes.arrivals(net, [start], end, CAR, hindered)[0].seconds == pytest.approx(found.seconds, abs=1e-6)  # type: ignore[union-attr]


def test_areas_reached_grow_with_the_minutes_and_hold_what_is_reached() -> None:
    net = synthetic.grid(40, 40, one_way_every=6, seed=3)
    start = place(net, 0.4, 0.55)
    times = routes.one_to_all(net, start, ENGINE)
    areas = isochrones.isochrones(net, start, (2, 4, 8), ENGINE)
    shapes = [travel.geometry(net, area) for area in areas]
    assert shapes[0].area < shapes[1].area < shapes[2].area
    for minutes, shape in zip((2, 4, 8), shapes, strict=True):
        points = shapely.points(net.plane.metres(np.stack([net.longitude, net.latitude], 1)))
        away = shapely.distance(points, shape)
        assert (away[times.seconds <= 60 * minutes] <= isochrones.SQUARE_M).all()
        late = times.seconds > 60 * (minutes + 2)
        assert (shapely.distance(points, shape)[late] > 0).mean() > 0.95
    assert shapes[0].covers(shapely.Point(net.plane.metres(times.snapped)))


def test_a_closure_about_a_point_along_a_line_and_within_an_area_shuts_what_it_means() -> None:
    ways = Ways()
    ways.add(Way(1, np.array([[117.0, 36.6], [117.01, 36.6], [117.02, 36.6]]), "primary", name="横路"))
    ways.add(Way(2, np.array([[117.01, 36.59], [117.01, 36.6], [117.01, 36.61]]), "secondary", name="纵路"))
    net = ways.assemble()
    names = np.array(net.names)[net.name]
    along = closing.along_line(net, [(117.0, 36.60005), (117.02, 36.60005)])
    assert set(names[along]) == {"横路"} and along.sum() == 4
    part = closing.along_line(net, [(117.002, 36.6), (117.006, 36.6)])
    assert part.sum() == 2
    assert closing.near_point(net, (117.005, 36.6001), 50).sum() == 2
    assert closing.near_point(net, (117.01, 36.6), 30).all()
    ring = ((117.015, 36.595), (117.03, 36.595), (117.03, 36.605), (117.015, 36.605))
    assert closing.within(net, ((ring,),)).sum() == 2
    shut = travel.hindrances(net, closed=closing.within(net, ((ring,),)))
    told = routes.route(net, (117.001, 36.6), (117.019, 36.6), CAR, shut)
    assert told.end_gap_m == pytest.approx(804, rel=0.01)  # to the nearest road that is open, and said so
    with pytest.raises(TooFarFromRoads):
        routes.route(net, (117.001, 36.6), (117.019, 36.6), CAR, shut, snap_limit_m=500)


def test_steps_name_the_roads_and_the_turns() -> None:
    ways = Ways()
    ways.add(Way(1, np.array([[117.0, 36.6], [117.01, 36.6], [117.02, 36.6]]), "primary", name="经十路"))
    ways.add(Way(2, np.array([[117.01, 36.6], [117.01, 36.61]]), "secondary", name="纬二路"))
    net = ways.assemble()
    north = routes.route(net, (117.001, 36.6), (117.01, 36.609), CAR)
    assert [(step.turn, step.name, step.road_class) for step in north.steps] == [
        ("depart", "经十路", "primary"),
        ("left", "纬二路", "secondary"),
    ]
    south = routes.route(net, (117.01, 36.609), (117.001, 36.6), CAR)
    assert [step.turn for step in south.steps] == ["depart", "right"]


def test_a_net_cut_in_two_by_a_closure_has_no_route_between_its_halves() -> None:
    ways = Ways()
    for number in range(3):
        ways.add(Way(number, np.array([[117 + number / 100, 36.6], [117.01 + number / 100, 36.6]]), "primary"))
    net = ways.assemble()
    cut = travel.hindrances(net, closed=closing.near_point(net, (117.015, 36.6), 10))
    with pytest.raises(NoRoute):
        routes.route(net, (117.001, 36.6), (117.029, 36.6), CAR, cut)
    assert routes.arrivals(net, [(117.001, 36.6), (117.025, 36.6)], (117.029, 36.6), CAR, cut)[0] is None


def test_both_places_on_one_one_way_street_go_round_when_the_second_lies_behind() -> None:
    square = np.array([[117.0, 36.6], [117.01, 36.6], [117.01, 36.61], [117.0, 36.61], [117.0, 36.6]])
    ways = Ways()
    for number in range(4):
        ways.add(Way(number, square[number : number + 2], "residential", FORWARD))
    net = ways.assemble()
    ahead = routes.route(net, (117.002, 36.6), (117.008, 36.6), CAR)
    behind = routes.route(net, (117.008, 36.6), (117.002, 36.6), CAR)
    assert ahead.length_m + behind.length_m == pytest.approx(float(net.length_m.sum()), rel=1e-3)
    assert len(behind.edges) == 5


def test_roads_a_vehicle_may_not_use_are_no_roads_to_it() -> None:
    ways = Ways()
    ways.add(Way(1, np.array([[117.0, 36.6], [117.01, 36.6]]), "primary", forbidden=vehicles.BITS["hazmat_truck"]))
    ways.add(Way(2, np.array([[117.0, 36.6], [117.005, 36.62], [117.01, 36.6]]), "secondary"))
    ways.add(Way(3, np.array([[117.0, 36.6], [117.0, 36.59]]), "steps"))
    net = ways.assemble()
    start, end = (117.0, 36.6), (117.01, 36.6)
    truck = vehicles.vehicle("hazmat_truck")
    assert routes.route(net, start, end, truck).length_m > 4 * routes.route(net, start, end, CAR).length_m
    with pytest.raises(TooFarFromRoads):
        routes.route(net, (117.0, 36.59), end, CAR, snap_limit_m=500)
    assert routes.route(net, (117.0, 36.59), end, FOOT).length_m > 1000


def test_a_yard_with_no_way_out_is_no_place_to_start_from() -> None:
    ways = Ways()
    ways.add(Way(1, np.array([[117.0, 36.6], [117.01, 36.6], [117.02, 36.6]]), "primary"))
    ways.add(Way(2, np.array([[117.01, 36.6], [117.01, 36.605]]), "service", FORWARD))
    net = ways.assemble()
    times = routes.one_to_all(net, (117.01, 36.604), CAR)
    assert times.gap_m == pytest.approx(445, rel=0.01)


def test_a_posted_limit_binds_a_car_and_not_a_fire_engine_on_duty() -> None:
    ways = Ways()
    ways.add(Way(1, np.array([[117.0, 36.6], [117.01, 36.6]]), "primary", limit_kmh=20))
    net = ways.assemble()
    assert travel.edge_seconds(net, CAR)[0] == pytest.approx(net.length_m[0] * 3.6 / 20)
    assert travel.edge_seconds(net, ENGINE)[0] < travel.edge_seconds(net, CAR)[0] / 2


def test_directions_of_ways_are_those_of_their_edges() -> None:
    line = np.array([[117.0, 36.6], [117.01, 36.6], [117.02, 36.6]])
    for direction, expected in ((FORWARD, 1), (BACKWARD, 1), (BOTH, 2)):
        ways = Ways()
        ways.add(Way(1, line, "primary", direction))
        net = ways.assemble()
        assert net.edges == expected
        east = net.longitude[net.head[0]] > net.longitude[net.tail[0]]
        assert bool(east) == (direction != BACKWARD)
        assert len(net.line(0)) == 3 and net.line(0)[0].tolist() == at_node_list(net, int(net.tail[0]))


def at_node_list(net: Network, node: int) -> list[float]:
    return list(at_node(net, node))


def test_a_net_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    net = synthetic.grid(6, 5, one_way_every=3)
    network.save(net, tmp_path / "net.npz")
    again = network.load(tmp_path / "net.npz")
    for name in ("longitude", "first", "head", "length_m", "road_class", "forbidden", "shape", "shape_first", "way"):
        np.testing.assert_array_equal(getattr(net, name), getattr(again, name))
    assert again.names == net.names
    assert list(tmp_path.iterdir()) == [tmp_path / "net.npz"]


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04broken"])
def test_a_net_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(NetworkUnreadable, match=r"net\.npz"):
        network.load(tmp_path / "net.npz")


def test_speeds_are_dated_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    assert vehicles.defaults().status == "unverified"
    with pytest.raises(UnknownVehicle):
        vehicles.vehicle("tank")
    head = "road_class,fire_engine,car,valid_from,status,source\n"
    (tmp_path / "speeds.csv").write_text(
        head + "primary,40,30,2026-01-01,verified,own\nprimary,50,,2027-01-01,verified,own\n", encoding="utf-8"
    )
    now = vehicles.load(tmp_path / "speeds.csv", on=vehicles.date(2026, 6, 1))
    later = vehicles.load(tmp_path / "speeds.csv", on=vehicles.date(2027, 6, 1))
    primary = vehicles.CODES.index("primary")
    assert (now.vehicles["car"].kmh[primary], later.vehicles["fire_engine"].kmh[primary], later.vehicles["car"].kmh[primary]) == (30, 50, 0)
    assert now.status == "verified"
    for line in (
        "boulevard,1,1,2026-01-01,verified,own",
        "primary,fast,1,2026-01-01,verified,own",
        "primary,900,1,2026-01-01,verified,own",
    ):
        (tmp_path / "speeds.csv").write_text(head + "secondary,1,1,2026-01-01,verified,own\n" + line + "\n", encoding="utf-8")
        with pytest.raises(SpeedsUnreadable, match="3"):
            vehicles.load(tmp_path / "speeds.csv")


@settings(max_examples=20, deadline=None)
@given(nets, st.lists(st.tuples(share, share), min_size=2, max_size=3), st.lists(st.tuples(share, share), min_size=1, max_size=3))
def test_a_matrix_and_the_routes_from_a_place_tell_what_each_route_alone_tells(net, begins, ends):
    starts, goals = [place(net, *each) for each in begins], [place(net, *each) for each in ends]
    found = routes.matrix(net, starts, goals, CAR)
    for row, start in enumerate(starts):
        for column, (goal, told) in enumerate(zip(goals, routes.routes_from(net, start, goals, CAR), strict=True)):
            assert told == routes.route(net, start, goal, CAR)
            assert told is not None
            assert found.seconds[row, column] == pytest.approx(told.seconds, abs=0.01)
            assert (found.start_gap_m[row], found.end_gap_m[column]) == (told.start_gap_m, told.end_gap_m)
    least = float(found.seconds.min())
    assert not np.isfinite(routes.matrix(net, starts, goals, CAR, limit_s=least / 2).seconds).any() or least == 0


def test_a_matrix_tells_which_place_is_far_from_roads_and_which_end_lies_in_danger():
    net = synthetic.grid(6, 6)
    here, there, away = place(net, 0.2, 0.2), place(net, 0.8, 0.8), (net.box[0] - 1.0, net.box[1])
    (x, y), half = there, 0.001
    zone = ((((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)),),)
    found = routes.matrix(net, [here, away], [there, here, away], CAR, travel.hindrances(net, avoid=[zone]))
    assert np.isfinite(found.seconds).tolist() == [[False, True, False], [False, False, False]]
    assert np.isfinite(found.end_gap_m).tolist() == [False, True, False]
    assert np.isfinite(found.start_gap_m).tolist() == [True, False]
    assert routes.routes_from(net, here, [there, away], CAR, travel.hindrances(net, avoid=[zone])) == (None, None)
