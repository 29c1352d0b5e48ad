"""What the demonstration's instruments read: pure functions of time, with noise, a daily rhythm, slow wandering and scripted faults.

Numpy only. Every point is deterministic in its seed and the time, so that a restarted simulator goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAY_S = 86_400.0


@dataclass(frozen=True)
class Wave:
    """How one point behaves; units of the point. ``low`` and ``high`` bound what the instrument can show."""

    base: float
    noise: float
    daily: float
    drift: float
    low: float
    high: float
    seed: int


@dataclass(frozen=True)
class Fault:
    """Something that happens to one point: from ``start_s`` it moves to ``target`` within ``rise_s``, holds, and comes back."""

    index: int
    start_s: float
    rise_s: float
    hold_s: float
    target: float

    @property
    def end_s(self) -> float:
        """When the point is back to normal."""
        return self.start_s + self.rise_s + self.hold_s + self.rise_s


class Signals:
    """All points at once. ``read(t)`` gives one value a point at ``t`` seconds since 1970-01-01 UTC."""

    def __init__(self, waves: Sequence[Wave]) -> None:
        self._base = np.array([w.base for w in waves])
        self._noise = np.array([w.noise for w in waves])
        self._daily = np.array([w.daily for w in waves])
        self._drift = np.array([w.drift for w in waves])
        self._low = np.array([w.low for w in waves])
        self._high = np.array([w.high for w in waves])
        self._seeds = np.array([w.seed for w in waves], dtype=np.uint64)
        phases = np.random.default_rng(7).random((3, len(waves)))
        self._phases, self._periods = phases * 2 * np.pi, 1_800.0 + 9_000.0 * phases

    def read(self, t: float, faults: Sequence[Fault] = ()) -> NDArray[np.float64]:
        """Values at ``t``; a fault pulls its point from the normal value towards its target."""
        # Warmest at 15:00 Beijing time, which is 07:00 UTC.
        day = np.cos(2 * np.pi * (t - 7 * 3_600) / DAY_S)
        wander = sum(np.sin(2 * np.pi * t / self._periods[k] + self._phases[k]) for k in range(3)) / 3
        values = self._base + self._daily * day + self._drift * wander + self._noise * self._gauss(t)
        for fault in faults:
            share = pull(fault, t)
            if share > 0:
                values[fault.index] += share * (fault.target - values[fault.index]) * (1 + 0.01 * self._gauss(t)[fault.index])
        return np.clip(values, self._low, self._high)

    def _gauss(self, t: float) -> NDArray[np.float64]:
        # The sum of four uniform draws is near enough to a bell curve; the draws are a hash of seed and second.
        total = np.zeros(len(self._seeds))
        for k in range(4):
            x = self._seeds * np.uint64(0x9E3779B97F4A7C15) + np.uint64(int(t)) * np.uint64(4) + np.uint64(k)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            total += (x >> np.uint64(11)).astype(np.float64) / 2**53
        return (total - 2.0) * np.sqrt(3.0)


def pull(fault: Fault, t: float) -> float:
    """How much of the fault is present at ``t``: 0 before, rising linearly to 1, holding, and falling back to 0."""
    since = t - fault.start_s
    if since <= 0 or t >= fault.end_s:
        return 0.0
    if since < fault.rise_s:
        return since / fault.rise_s
    if since < fault.rise_s + fault.hold_s:
        return 1.0
    return (fault.end_s - t) / fault.rise_s


def scheduled(candidates: Sequence[tuple[int, float]], t: float, every_s: float = 900.0) -> list[Fault]:
    """The scripted faults around ``t``: one every ``every_s``, on a candidate ``(index, target)`` picked by the hour's hash.

    Two windows are looked at, so that a fault which began in the last one still ends.
    """
    if not candidates:
        return []
    faults = []
    for window in (int(t // every_s) - 1, int(t // every_s)):
        index, target = candidates[(window * 2_654_435_761) % len(candidates)]
        faults.append(Fault(index, window * every_s + 120.0, 60.0, 150.0, target))
    return faults


RELEASE: dict[str, tuple[tuple[float, float], ...]] = {
    # Seconds after the release begins → ppm at the four chlorine detectors; the valve group stands next to the leak.
    "G3": ((0, 0.02), (10, 1.2), (30, 4.0), (60, 18.0), (90, 60.0), (600, 48.0), (1_800, 35.0)),
    "G1": ((0, 0.02), (40, 0.3), (80, 1.1), (150, 6.0), (600, 7.5), (1_800, 5.0)),
    "G4": ((0, 0.02), (60, 0.2), (120, 0.9), (240, 3.5), (600, 4.0), (1_800, 2.5)),
    "G2": ((0, 0.02), (200, 0.1), (400, 0.25), (1_800, 0.2)),
    "PT-A": ((0, 620.0), (300, 560.0), (1_800, 430.0)),
    "LT-A": ((0, 1.70), (1_800, 1.45)),
}
"""The chlorine release of the drill, an invented course."""

DECAY_S = 120.0
"""Time constant with which the readings fall once the valve is capped."""


def released(code: str, since_start_s: float, since_capped_s: float | None) -> float | None:
    """Reading of a point of the drilled plant during the release; ``None`` when the drill does not touch it."""
    course = RELEASE.get(code)
    if course is None:
        return None
    times, values = zip(*course, strict=True)
    if since_capped_s is None:
        return float(np.interp(since_start_s, times, values))
    at_capping = float(np.interp(since_start_s - since_capped_s, times, values))
    rest = values[0] if code.startswith("G") else at_capping
    return rest + (at_capping - rest) * float(np.exp(-since_capped_s / DECAY_S))
