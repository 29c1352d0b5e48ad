"""A pool over time: fed, spreading, boiling on the ground and evaporating into the wind, with its mass conserved in every step.

Not a model of its own: it joins :mod:`pool_area` (spread), :mod:`pool_boiling` (heat of the ground, by rings of ground each as old as its
wetting) and :mod:`pool_evaporation` (wind). Of the two fluxes the greater one counts, as ALOHA does (NOAA TM NOS OR&R 43, 3.3.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from anlan.consequence.pool_area import diameter, layer_area, spreading
from anlan.consequence.pool_boiling import boiled
from anlan.consequence.validity import Figures

STEPS: Final = 120
"""Steps of each stretch of the course: while fed, and after. They lengthen with time, so that a flux that falls as 1/sqrt(t) falls evenly."""
SUSTAINED_S: Final = 60.0
"""Least step of what a pool is said to give: one minute (ALOHA, maximum average sustained release rate). Status: secondary."""


@dataclass(frozen=True)
class Ground:
    """Where and how the liquid lies: its density, the least depth of the pool, the area that holds it."""

    density_kg_m3: float
    layer_m: float
    bund_m2: float


@dataclass(frozen=True)
class Pool:
    """Course of a pool. ``rate_kg_s[i]``: mean of what leaves it from ``time_s[i]`` to ``time_s[i + 1]``; area and mass at ``time_s``."""

    time_s: Figures
    rate_kg_s: Figures
    area_m2: Figures
    left_kg: Figures

    @property
    def evaporated_kg(self) -> float:
        """All that has left it."""
        return float(np.sum(self.rate_kg_s * np.diff(self.time_s)))


def times(fed_s: float, end_s: float, steps: int = STEPS) -> Figures:
    """Moments in s of a course: ``steps`` while fed (none when ``fed_s`` is 0), ``steps`` from then to the end."""
    shape = np.linspace(0.0, 1.0, steps + 1) ** 2
    after = fed_s + (end_s - fed_s) * shape
    return after if fed_s <= 0.0 else np.concatenate((fed_s * shape[:-1], after if end_s > fed_s else [fed_s]))


def sustained(edges_s: Figures, rate_kg_s: Figures, barrier_s: float, least_s: float = SUSTAINED_S) -> tuple[Figures, Figures]:
    """The same mass in steps of at least ``least_s``, none of them across ``barrier_s``, where the feed ends; shorter only where all there is is.

    A boiling pool begins at a rate without bounds that lasts no time. What disperses is the rate sustained over a minute, as ALOHA reports it.
    """
    kept = [0]
    for at, edge in enumerate(edges_s[1:], start=1):
        forced = at == edges_s.size - 1 or edge == barrier_s
        if edge - edges_s[kept[-1]] >= least_s:
            kept.append(at)
        elif forced:
            # Too short for a step of its own: it joins the one before, unless that ends at the barrier.
            if len(kept) > 1 and edges_s[kept[-1]] != barrier_s:
                kept[-1] = at
            else:
                kept.append(at)
    mass = np.concatenate(([0.0], np.cumsum(rate_kg_s * np.diff(edges_s))))
    return edges_s[kept], np.diff(mass[kept]) / np.diff(edges_s[kept])


def course(
    time_s: Figures, fed_kg: Figures, ground: Ground, boiling_kg_m2_s05: float, wind_kg_m2_s: Callable[[float], float] | None
) -> Pool:
    """How a pool fares that has been given ``fed_kg`` (cumulative, falling nowhere) by ``time_s``.

    What lies there at the first moment was spilled at once and stands at its least depth or in the bund. ``boiling_kg_m2_s05``:
    :func:`pool_boiling.strength` (0: the ground is not hotter); ``wind_kg_m2_s``: flux into the wind from a pool of a diameter in m.
    """
    left, area = float(fed_kg[0]), float(layer_area(fed_kg[0] / ground.density_kg_m3, ground.layer_m, ground.bund_m2))
    rings, since = [area], [0.0]
    areas, masses, rates = [area], [left], []
    for begin, end, poured in zip(time_s[:-1], time_s[1:], np.diff(fed_kg), strict=True):
        lasts = end - begin
        there = left + poured
        room = float(layer_area(there / ground.density_kg_m3, ground.layer_m, ground.bund_m2))
        wider = min(area + float(spreading((left + poured / 2.0) / ground.density_kg_m3)) * lasts, room)
        if wider > area:
            rings.append(wider - area)
            since.append(float(begin))
            area = wider
        ages = np.asarray(since)
        heat = float(np.dot(rings, boiled(boiling_kg_m2_s05, begin - ages, end - ages)))
        blown = wind_kg_m2_s(float(diameter(area))) * area * lasts if wind_kg_m2_s is not None and area > 0.0 else 0.0
        gone = min(there, max(heat, blown))
        left = there - gone
        rates.append(gone / lasts)
        areas.append(area)
        masses.append(left)
    return Pool(time_s, np.asarray(rates), np.asarray(areas), np.asarray(masses))
