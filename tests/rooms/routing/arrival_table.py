"""How long a fire team takes over the roads of Jinan against the distance as the crow flies: the table of ``docs/routing.md``.

Run as ``python -m tests.rooms.routing.arrival_table FILE`` with the road file of ``shared/data/roads``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anlan.routing import importing, routes, travel, vehicles
from anlan.routing.network import Network

TEAMS = {"泉城广场": (117.0150, 36.6610), "洪家楼": (117.0660, 36.6870), "槐荫": (116.9300, 36.6600), "高新区": (117.1300, 36.6800)}
"""Places in the built-up area from which a team might turn out; squares and districts, not fire stations."""
BANDS_KM = (1, 2, 3, 5, 7, 10, 15, 20)


@dataclass(frozen=True)
class Band:
    """Nodes so far away as the crow flies: how many, and minutes and ratio of road to straight line at the median and at the slow end."""

    low_km: float
    high_km: float
    nodes: int
    median_min: float
    slow_min: float
    speed_kmh: float


def table(net: Network, vehicle: vehicles.Vehicle) -> list[Band]:
    """Bands over all teams together. ``slow_min``: nine of ten are reached sooner; ``speed_kmh``: of the straight line at the median."""
    core = np.flatnonzero(travel.graph(net, vehicle).core)
    straight, minutes = [], []
    for place in TEAMS.values():
        times = routes.one_to_all(net, place, vehicle)
        straight += [routes.straight_m(place, (net.longitude[node], net.latitude[node])) / 1000 for node in core]
        minutes += list(times.seconds[core] / 60)
    away, took = np.array(straight), np.array(minutes)
    bands = []
    for low, high in zip((0, *BANDS_KM), BANDS_KM, strict=False):
        chosen = (away >= low) & (away < high)
        median = float(np.median(took[chosen]))
        speed = float(np.median(away[chosen] / took[chosen] * 60))
        bands.append(Band(low, high, int(chosen.sum()), median, float(np.quantile(took[chosen], 0.9)), speed))
    return bands


if __name__ == "__main__":
    found = importing.read(Path(sys.argv[1]))
    for each in table(found.network, vehicles.vehicle("fire_engine")):
        row = f"| {each.low_km}–{each.high_km} | {each.nodes} | {each.median_min:.1f} | {each.slow_min:.1f} | {each.speed_kmh:.0f} |\n"
        sys.stdout.write(row)
