"""Clouds as heavy as the air, from a release that lasts or from one moment: Gaussian models as clouds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from anlan.consequence import finite_release, gaussian_puff
from anlan.consequence.catalogue import Credentials
from anlan.consequence.chain import SourceTerm, Weather
from anlan.consequence.clouds import AxisCloud, axis_cloud
from anlan.consequence.finite_release import passing
from anlan.consequence.gauss_error import erfc_of_magnitude_tabled
from anlan.consequence.gaussian_plume import across_share, up_share
from anlan.consequence.reservations import of_set
from anlan.consequence.sigma import CCPS_PUFF, SigmaSet, carrying_wind, plume_set
from anlan.consequence.validity import Contradiction, Figures, within
from anlan.kernel.words import N_

_COARSE = 96
"""Distances at which the most that passes is sought; it is smooth over their logarithm."""
_MOMENTS, _CLOSER = 25, 11


@dataclass(frozen=True)
class Spread:
    """A sigma set in one weather, begun at ``from_m`` as wide as after ``across_m`` and as high as after ``up_m`` of travel (a virtual source).

    ``high_m``: sigma z there, below which it does not fall: sets that level off may never reach it.
    """

    sigmas: SigmaSet
    stability: str
    averaging_s: float | None = None
    from_m: float = 0.0
    across_m: float = 0.0
    up_m: float = 0.0
    high_m: float = 0.0

    def sigma_y(self, x_m: Figures) -> Figures:
        """Across the wind at x, m."""
        return self.sigmas.sigma_y(np.maximum(x_m - self.from_m, 1e-3) + self.across_m, self.stability, self.averaging_s)

    def sigma_z(self, x_m: Figures) -> Figures:
        """Upward at x, m."""
        return np.maximum(self.sigmas.sigma_z(np.maximum(x_m - self.from_m, 1e-3) + self.up_m, self.stability), self.high_m)

    def sigma_x(self, travelled_m: Figures) -> Figures:
        """Along the wind after a distance from ``from_m``, m: as across it, of the set's own averaging time."""
        return self.sigmas.sigma_y(travelled_m + self.across_m, self.stability)

    def unit(self, x_m: Figures, wind_m_s: float, z_m: float, height_m: float) -> Figures:
        """Concentration on the axis for each kg/s that passes, s/m³: ``g(y=0) g(z) / u``."""
        return across_share(0.0, self.sigma_y(x_m)) * up_share(z_m, height_m, self.sigma_z(x_m)) / wind_m_s


def distance_of(curve: Callable[[Figures], Figures], wanted_m: float) -> float:
    """How far a cloud has travelled when ``curve`` (rising) gives ``wanted_m``, by halving between 1 mm and 1000 km; the end if it never does."""
    low, high = math.log(1e-3), math.log(1e6)
    for _ in range(60):
        middle = 0.5 * (low + high)
        if float(curve(np.array(math.exp(middle)))) < wanted_m:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))


def steps(source: SourceTerm) -> tuple[Figures, Figures]:
    """Edges (n + 1, s) and rates (n, kg/s) of a release that lasts. Raises ``Contradiction``, ``NotFinite``, ``OutOfRange``."""
    what = N_("源项的时间或速率")
    begin = within(source.time_s, 0.0, source.duration_s, model="source_term", what=what, unit="s")
    rate = within(source.rate_kg_s, 0.0, np.inf, model="source_term", what=what, unit="kg/s", open_high=True)
    if begin.ndim != 1 or begin.shape != rate.shape or not begin.size or begin[0] != 0 or np.any(np.diff(begin) <= 0):
        raise Contradiction(model="source_term", reason="time_s, rate_kg_s")
    if begin[-1] >= source.duration_s or not rate.max() > 0:
        raise Contradiction(model="source_term", reason="duration_s, rate_kg_s")
    return np.r_[begin, source.duration_s], rate


def lasting(source: SourceTerm, weather: Weather, *, z_m: float, averaging_s: float, spread: Spread | None = None) -> AxisCloud:
    """The cloud of a release that lasts. ``spread``: another than that of the ground, from a virtual source.

    Raises ``TooCalm``, ``UnknownStability``, ``UnknownSigmaSet``, ``AveragingTimeRefused``, ``Contradiction``.
    """
    wind = carrying_wind(weather, source.height_m)
    sigmas = plume_set(weather.ground)
    spread = spread or Spread(sigmas, weather.stability, averaging_s)
    edges, rate = steps(source)
    # Along the wind, what has travelled to x has been in the air since the source: shift its clock for a virtual source.
    along_sigma = replace(spread, across_m=spread.across_m - spread.from_m)

    def sigma_x(travelled: Figures) -> Figures:
        return along_sigma.sigma_x(np.maximum(travelled, spread.from_m))

    def passes(x: Figures, time: Figures) -> Figures:
        return passing(x, time, edges, rate, wind, sigma_x)

    return axis_cloud(
        lambda x: (spread.unit(x, wind, z_m, source.height_m), spread.sigma_y(x)),
        passes,
        lambda x: _most(x, lambda at, time: passing(at, time, edges, rate, wind, sigma_x, erfc_of_magnitude_tabled), edges, wind),
        start_m=0.0,
        most_kg_m3=source.density_kg_m3,
        by=(Credentials(finite_release.CODE, finite_release.VERSION, finite_release.CITATION, spread.sigmas.code, averaging_s),),
        cautions=of_set(spread.sigmas, averaging_s),
    )


def _most(x: Figures, passes: Callable[[Figures, Figures], Figures], edges: Figures, wind: float) -> Figures:
    """The most that passes x: sought at a few distances among moments over the release, then closer around the best of them.

    Between distances it is linear in their logarithm.
    """
    coarse = np.geomspace(max(x[0], 1e-3), x[-1], _COARSE)
    moments = np.unique(np.r_[np.linspace(0.0, edges[-1], _MOMENTS), 0.5 * (edges[1:] + edges[:-1])])
    first = passes(coarse[None, :], coarse[None, :] / wind + moments[:, None])
    best = moments[np.argmax(first, axis=0)]
    around = np.clip(best + edges[-1] / (_MOMENTS - 1) * np.linspace(-1.0, 1.0, _CLOSER)[:, None], 0.0, edges[-1])
    second = passes(coarse[None, :], coarse[None, :] / wind + around)
    return np.interp(np.log(np.maximum(x, coarse[0])), np.log(coarse), np.maximum(first.max(axis=0), second.max(axis=0)))


def momentary(mass_kg: float, density_kg_m3: float, height_m: float, weather: Weather, *, z_m: float) -> AxisCloud:
    """The cloud of a release of one moment. Raises ``TooCalm``, ``UnknownStability``."""
    return carried_puff(mass_kg, density_kg_m3, height_m, weather, Spread(CCPS_PUFF, weather.stability), z_m=z_m)


def carried_puff(
    mass_kg: float, density_kg_m3: float, height_m: float, weather: Weather, spread: Spread, *, z_m: float, from_s: float = 0.0
) -> AxisCloud:
    """A puff that is at ``spread.from_m`` at ``from_s`` and is carried on from there.

    Across and up it is as wide as where it stands at x; along, as wide as at its own centre.
    """
    wind = carrying_wind(weather, height_m)

    def passes(x: Figures, time: Figures) -> Figures:
        travelled = np.maximum(wind * (time - from_s), 1e-3)
        now = mass_kg * wind * across_share(x - spread.from_m - travelled, spread.sigma_x(travelled))
        return np.where(time >= from_s, now, 0.0)

    def most(x: Figures) -> Figures:
        away = x - spread.from_m
        wide = spread.sigma_x(np.maximum(away, 1e-3))
        moments = np.maximum((away + np.linspace(-1.0, 1.0, 21)[:, None] * wide) / wind, 0.0)
        return passes(x[None, :], from_s + moments).max(axis=0)

    first = float(spread.sigma_x(np.array(1e-3))) if spread.across_m > 0 else 0.0
    return axis_cloud(
        lambda x: (spread.unit(x, wind, z_m, height_m), spread.sigma_y(x)),
        passes,
        most,
        start_m=spread.from_m - 4.5 * first,
        most_kg_m3=density_kg_m3,
        by=(Credentials(gaussian_puff.CODE, gaussian_puff.VERSION, gaussian_puff.CITATION, spread.sigmas.code, spread.averaging_s),),
        cautions=of_set(spread.sigmas, None),
    )
