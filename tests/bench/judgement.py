"""``anlan bench judgement``: from a release to its zones at a million places, and the share of an ensemble that exceeds a limit.

``scenario_1e6_receptors_s``: one chlorine release (0.9 kg/s for 20 min, F, 2.4 m/s; heavy, then passive) with the field at 10^6 places, the
zones of three limits and their bands over the weather. ``ensemble_100_s``: the probability of two limits at 2 x 10^5 places over 100 weathers,
all different. Each the best of three runs in one process after one run that is not counted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from anlan.consequence import bands
from anlan.consequence.chain import SourceTerm, Weather
from anlan.consequence.running import Threshold, carry
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


def main(*, json: bool = False, arguments: list[str] | None = None) -> dict[str, object]:
    """Measure."""
    argparse.ArgumentParser(prog="anlan bench judgement").parse_args(arguments or [])
    found: dict[str, object] = {"scenario_1e6_receptors_s": round(scenario(), 4), "ensemble_100_s": round(ensemble(), 4)}
    if not json:
        for name, seconds in found.items():
            line(f"{name:28} {seconds:>8} s")
    return found
