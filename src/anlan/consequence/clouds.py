"""A cloud as it passes: its highest concentration at any place, its course there over time, and how wide it is.

Clouds over flat ground are a product: what stands on the axis at x, the shape across the wind, and what of it passes at a time. An
:class:`AxisCloud` keeps the first two in tables over the logarithm of the distance, so that a million places cost a few hundredths of a second.
Places are metres downwind (x) and to the left (y); times seconds since the release began; concentrations kg/m³.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

NODES = 1536
NEAREST_M, FARTHEST_M = 0.3, 50_000.0
_PIECE = 32_768
"""Places reckoned at a time: what fits the cache of a processor."""
_HALVINGS = 30
PEAKS_ADDED = N_("多个源项同时作用，最高浓度按各源项最高浓度相加（实际不同时到达），结果偏保守。")
_NOTHING = -80.0
"""Logarithm of a concentration that is none; its exponential is still a normal float32."""

Along = Callable[[Figures], tuple[Figures, Figures]]
"""x → (concentration on the axis for each kg/s that passes, s/m³; sigma y, m)."""
Passing = Callable[[Figures, Figures], Figures]
"""(x, time), broadcast → what passes, kg/s."""


class Cloud(Protocol):
    """What every cloud can tell."""

    @property
    def by(self) -> tuple[Credentials, ...]:
        """The models it comes from."""
        ...

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What to know of it."""
        ...

    def nodes(self) -> Figures:
        """Distances along the wind that show its shape, rising, m."""
        ...

    def peak(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        """Highest concentration at each place over all time."""
        ...

    def half_width(self, x_m: ArrayLike, limit: float) -> Figures:
        """How far across the wind ``limit`` is reached at any time, m; 0 where it is not."""
        ...

    def course(self, x_m: ArrayLike, y_m: ArrayLike, time_s: ArrayLike) -> Figures:
        """Concentration at each place over time: (times, places)."""
        ...


@dataclass(frozen=True)
class AxisCloud:
    """A cloud with a Gaussian shape across the wind; see :func:`axis_cloud`. ``start_m``: where it begins, upwind of its source if negative."""

    start_m: float
    step: float
    log_peak: NDArray[np.float32]
    steepness: NDArray[np.float32]
    along: Along
    passing: Passing
    most_kg_m3: float
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...] = ()

    def nodes(self) -> Figures:
        return self.start_m + NEAREST_M * np.exp(self.step * np.arange(NODES))

    def peak(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        x, y = np.broadcast_arrays(np.asarray(x_m, np.float32), np.asarray(y_m, np.float32))
        found = np.empty(x.shape, np.float32)
        flat_x, flat_y, flat = x.reshape(-1), y.reshape(-1), found.reshape(-1)
        growth, bend = np.diff(self.log_peak), np.diff(self.steepness)
        for first in range(0, flat.size, _PIECE):
            piece = slice(first, first + _PIECE)
            self._piece(flat_x[piece], flat_y[piece], flat[piece], growth, bend)
        return found

    def _piece(
        self,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        found: NDArray[np.float32],
        growth: NDArray[np.float32],
        bend: NDArray[np.float32],
    ) -> None:
        """Fill ``found``; everything in place."""
        where = x - np.float32(self.start_m)
        outside = (where <= 0) | (where > np.float32(FARTHEST_M))
        np.maximum(where, np.float32(NEAREST_M), out=where)
        where *= np.float32(1 / NEAREST_M)
        np.log(where, out=where)
        where *= np.float32(1 / self.step)
        np.minimum(where, np.float32(NODES - 1.001), out=where)
        node = where.astype(np.intp)
        where -= node
        slope = growth.take(node)
        slope *= where
        np.add(self.log_peak.take(node), slope, out=found)
        across = bend.take(node)
        across *= where
        across += self.steepness.take(node)
        across *= y
        across *= across
        found -= across
        np.maximum(found, np.float32(_NOTHING), out=found)
        np.exp(found, out=found)
        found[outside] = 0

    def half_width(self, x_m: ArrayLike, limit: float) -> Figures:
        x = np.asarray(x_m, np.float64)
        away = x - self.start_m
        place = np.log(np.maximum(away, NEAREST_M) / NEAREST_M) / self.step
        nodes = np.arange(NODES)
        above = np.interp(place, nodes, self.log_peak) - np.log(limit)
        wide = np.sqrt(np.maximum(above, 0.0)) / np.interp(place, nodes, self.steepness)
        return np.where((away > 0) & (away <= FARTHEST_M), wide, 0.0)

    def course(self, x_m: ArrayLike, y_m: ArrayLike, time_s: ArrayLike) -> Figures:
        x, y = np.broadcast_arrays(np.atleast_1d(np.asarray(x_m, np.float64)), np.atleast_1d(np.asarray(y_m, np.float64)))
        time = np.atleast_1d(np.asarray(time_s, np.float64))
        inside = (x > self.start_m) & (x <= self.start_m + FARTHEST_M)
        safe = np.where(inside, x, self.start_m + NEAREST_M)
        unit, sigma = self.along(safe)
        shape = np.where(inside, np.exp(-0.5 * (y / sigma) ** 2), 0.0)
        on_axis = np.minimum(unit * self.passing(safe[None, :], time[:, None]), self.most_kg_m3)
        return on_axis * shape


def axis_cloud(
    along: Along,
    passing: Passing,
    most_passing: Callable[[Figures], Figures],
    *,
    start_m: float,
    most_kg_m3: float,
    by: tuple[Credentials, ...],
    cautions: tuple[Caution, ...] = (),
) -> AxisCloud:
    """The tables of a cloud: what stands on its axis and how steep it falls across, at :data:`NODES` distances from ``start_m`` on.

    ``most_passing``: the most that passes x at any time, kg/s. No concentration is above ``most_kg_m3``, that of the pure substance.
    """
    step = float(np.log(FARTHEST_M / NEAREST_M)) / (NODES - 1)
    x = start_m + NEAREST_M * np.exp(step * np.arange(NODES))
    unit, sigma = along(x)
    with np.errstate(divide="ignore"):
        log_peak = np.log(np.minimum(unit * most_passing(x), most_kg_m3))
    steep = 1 / (np.sqrt(2) * sigma)
    return AxisCloud(
        start_m,
        step,
        np.maximum(log_peak, _NOTHING).astype(np.float32),
        steep.astype(np.float32),
        along,
        passing,
        most_kg_m3,
        by,
        cautions,
    )


@dataclass(frozen=True)
class HigherCloud:
    """Of several clouds the higher one at each place and time: how the workbook joins plume and puff where a release is neither."""

    parts: tuple[Cloud, ...]

    @property
    def by(self) -> tuple[Credentials, ...]:
        return tuple(dict.fromkeys(each for part in self.parts for each in part.by))

    @property
    def cautions(self) -> tuple[Caution, ...]:
        return together(*(part.cautions for part in self.parts))

    def nodes(self) -> Figures:
        return np.unique(np.concatenate([part.nodes() for part in self.parts]))

    def peak(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        found = self.parts[0].peak(x_m, y_m)
        for part in self.parts[1:]:
            np.maximum(found, part.peak(x_m, y_m), out=found)
        return found

    def half_width(self, x_m: ArrayLike, limit: float) -> Figures:
        return np.max([part.half_width(x_m, limit) for part in self.parts], axis=0)

    def course(self, x_m: ArrayLike, y_m: ArrayLike, time_s: ArrayLike) -> Figures:
        return np.max([part.course(x_m, y_m, time_s) for part in self.parts], axis=0)


@dataclass(frozen=True)
class AddedCloud:
    """Several releases at one place, such as what flies at once and what a pool gives after it: concentrations add.

    The highest concentration is taken as the sum of the highest ones, which come at different times: on the safe side, and told so.
    """

    parts: tuple[Cloud, ...]

    @property
    def by(self) -> tuple[Credentials, ...]:
        return tuple(dict.fromkeys(each for part in self.parts for each in part.by))

    @property
    def cautions(self) -> tuple[Caution, ...]:
        return together((Caution("peaks_added", PEAKS_ADDED),), *(part.cautions for part in self.parts))

    def nodes(self) -> Figures:
        return np.unique(np.concatenate([part.nodes() for part in self.parts]))

    def peak(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        found = self.parts[0].peak(x_m, y_m)
        for part in self.parts[1:]:
            found += part.peak(x_m, y_m)
        return found

    def half_width(self, x_m: ArrayLike, limit: float) -> Figures:
        # The sum falls across the wind as its parts do: no part alone reaches farther at an n-th of the limit than the sum does.
        x = np.asarray(x_m, np.float64)
        low, high = np.zeros(x.shape), np.max([part.half_width(x, limit / len(self.parts)) for part in self.parts], axis=0)
        reached = self.peak(x, low) >= limit
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            above = self.peak(x, middle) >= limit
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.where(reached, low, 0.0)

    def course(self, x_m: ArrayLike, y_m: ArrayLike, time_s: ArrayLike) -> Figures:
        return np.sum([part.course(x_m, y_m, time_s) for part in self.parts], axis=0)


def together(*cautions: tuple[Caution, ...]) -> tuple[Caution, ...]:
    """Cautions of several sources, each code once."""
    found: dict[str, Caution] = {}
    for each in (caution for group in cautions for caution in group):
        found.setdefault(each.code, each)
    return tuple(found.values())
