"""``anlan bench judgement``: from a release to its zones at a million places, and the share of an ensemble that exceeds a limit.

``scenario_1e6_receptors_s``: one chlorine release (0.9 kg/s for 20 min, F, 2.4 m/s; heavy, then passive) with the field at 10^6 places, the
zones of three limits and their bands over the weather. ``ensemble_100_s``: the probability of two limits at 2 x 10^5 places over 100 weathers,
all different. ``reroute_s``: on a net of 10^5 nodes a road is closed along a line and about a point, then the times to every node and one route across
the net are reckoned anew, with snapping and turn-by-turn list. ``reroute_plain_s``: what of it is the search alone, twice Dijkstra of scipy on the same arrays without our
layer. ``evacuation_assign_s``: 400 townships put to 200 shelters that hold a tenth more than their people, at the least person-time, beside the
nearest shelter first (``evacuation_nearest_s``), with the person-hours of both. Each the best of three runs in one process after one run that is not counted; the net's index and the vehicle's graph are made before.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from anlan.consequence import bands
from anlan.consequence.chain import SourceTerm, Weather
from anlan.consequence.running import Threshold, carry
from anlan.routing import closing, evacuation, routes, synthetic, travel, vehicles
from anlan.site.launcher.say import line

OWN_NODE = True
"""Nothing of a node is needed."""
NIGHT = Weather(2.4, "F", temperature_k=283.15)
CHLORINE = SourceTerm(np.array([0.0]), np.array([0.9]), 1200.0, 1080.0, 239.1, 3.2, 0.0, ())
CHLORINE_KG_MOL = 0.0709
LIMITS = tuple(Threshold(f"aegl{level}", f"AEGL-{level}", value, "ppm") for level, value in ((1, 0.5), (2, 2.8), (3, 28.0)))
RUNS = 3


def places(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Places all over 10 km downwind and 2 km to either side, float32."""
    chance = np.random.default_rng(20261125)
    x = chance.uniform(-500, 10_000, count).astype(np.float32)
    return x, chance.uniform(-2000, 2000, count).astype(np.float32)


def best_of(work: Callable[[], object]) -> float:
    """Shortest of :data:`RUNS` runs, s, after one that is not counted."""
    work()
    found = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def scenario() -> float:
    """Field, zones and bands at 10^6 places, s."""
    x, y = places(1_000_000)
    band = bands.weather_band(NIGHT)
    return best_of(lambda: carry(CHLORINE, NIGHT, thresholds=LIMITS, x_m=x, y_m=y, molar_kg=CHLORINE_KG_MOL, band=band))


def ensemble() -> float:
    """Share of 100 weathers that exceed two limits at 2 x 10^5 places, s."""
    x, y = places(200_000)
    members = [
        bands.Member(Weather(2.0 + 0.03 * each, "DEF"[each % 3], temperature_k=283.15), turn_deg=(each % 31) - 15.0) for each in range(100)
    ]
    return best_of(lambda: bands.exceedance(bands.Clouds((CHLORINE,)), members, x, y, (8.5e-6, 8.5e-5)))


def reroute() -> tuple[float, float]:
    """Close roads, times to all, one route; and twice the plain search on the same net, s."""
    net = synthetic.grid(320, 320, one_way_every=7, seed=20261125)
    vehicle = vehicles.vehicle("fire_engine")
    west, south, east, north = net.box
    middle = ((west + east) / 2, (south + north) / 2)
    start, end = (west + 0.1, south + 0.1), (east - 0.1, north - 0.1)

    def closed() -> travel.Hindrances:
        shut = closing.near_point(net, middle, 1000.0) | closing.along_line(net, ((middle[0], south), (middle[0], middle[1])))
        return travel.hindrances(net, closed=shut)

    def ours() -> None:
        hindered = closed()
        routes.one_to_all(net, start, vehicle, hindered)
        routes.route(net, start, end, vehicle, hindered)

    graph = travel.graph(net, vehicle)
    seconds = closed().seconds(graph)
    matrix = csr_array((seconds, graph.head, graph.first), shape=(net.nodes, net.nodes))
    node = int(np.abs(net.longitude - start[0] + 1j * (net.latitude - start[1])).argmin())

    def plain() -> None:
        dijkstra(matrix, indices=node)
        dijkstra(matrix, indices=node, return_predecessors=True)

    return best_of(ours), best_of(plain)


def evacuate() -> dict[str, object]:
    """400 origins to 200 shelters in a square of 60 km at 36 km/h: optimum and nearest first, s and person-hours."""
    chance = np.random.default_rng(20261126)
    people, room = chance.integers(200, 9000, 400), chance.integers(2_000, 18_000, 200)
    origins, shelters = chance.uniform(0, 60_000, (400, 2)), chance.uniform(0, 60_000, (200, 2))
    times = np.hypot(*np.moveaxis(origins[:, None] - shelters[None], 2, 0)) / 10.0
    best, plain = evacuation.assign(people, times, room), evacuation.nearest_first(people, times, room)
    return {
        "evacuation_assign_s": round(best_of(lambda: evacuation.assign(people, times, room)), 4),
        "evacuation_nearest_s": round(best_of(lambda: evacuation.nearest_first(people, times, room)), 4),
        "evacuation_person_hours": round(best.person_hours),
        "evacuation_nearest_person_hours": round(plain.person_hours),
        "evacuation_left_over": best.shortfall,
        "evacuation_nearest_left_over": plain.shortfall,
    }


def features_tile() -> float:
    """A tile of a million records, ms (95th percentile)."""
    from tests.bench import _map_tiles

    from anlan.site.launcher.scratch import scratch_node

    with nullcontext() if os.environ.get("ANLAN_DATABASE_URL") else scratch_node(durable=True, telemetry=False):
        return _map_tiles.features_tile_ms(lambda text: None)


def plotting_fanout() -> dict[str, object]:
    """A stroke to the last of fifty posts at one board, ms (``plot_fanout_ms``: 99th percentile), on a web server and database of its own."""
    from tests.bench import _plotting

    return _plotting.fanout()


def main(*, json: bool = False, arguments: list[str] | None = None) -> dict[str, object]:
    """Measure."""
    argparse.ArgumentParser(prog="anlan bench judgement").parse_args(arguments or [])
    found: dict[str, object] = {"scenario_1e6_receptors_s": round(scenario(), 4), "ensemble_100_s": round(ensemble(), 4)}
    ours, plain = reroute()
    found |= {"reroute_s": round(ours, 4), "reroute_plain_s": round(plain, 4)}
    found |= evacuate()
    found |= plotting_fanout()
    found["features_tile_ms"] = features_tile()
    if not json:
        for name, seconds in found.items():
            line(f"{name:32} {seconds:>9}{' s' if name.endswith('_s') else ''}")
    return found
