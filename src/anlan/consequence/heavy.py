"""Heavy clouds by Britter and McQuaid, handed over to a passive Gaussian cloud where they are no longer heavy.

At the hand-over width and concentration stay as they are: a virtual source for the width, another for the height, which follows from the
balance of mass. The workbook's plume has edges at its half width L and gives the highest concentration; here it gets a Gaussian shape across
the wind with the same highest concentration and the same mass, ``σy = 2 L / √(2π)``, so that lines of equal concentration do not break at the
hand-over. The workbook's puff stays the disc it is. Both choices are the project's and are told as a caution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.consequence import britter_mcquaid as heavy
from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.chain import SourceTerm, Weather
from anlan.consequence.clouds import AxisCloud, axis_cloud, together
from anlan.consequence.concentration import air_density
from anlan.consequence.passive import Spread, carried_puff, distance_of, lasting, steps
from anlan.consequence.sigma import CCPS_PUFF, carrying_wind, plume_set, wind_at
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

HAND_OVER = N_("重气按 Britter-McQuaid 计算至整体理查森数降到 {richardson}（{x} m），其后按高斯模型；移交判据与横向分布为本系统默认取法。")
RAISED = N_("泄漏点高 {height} m，重气模型按地面泄漏计算，未计下沉过程，近处浓度偏保守。")
VARYING = N_("泄漏速率随时间变化，重气阶段按最大速率 {rate} kg/s 计算稀释。")
ROUGH = N_("重气模型依据平坦开阔地试验，建筑密集处的实际范围可能不同。")

_WIDTH = 2 / math.sqrt(2 * math.pi)
"""Sigma y of the Gaussian that has the highest value and the mass of a box, over the half width of the box."""
_DISCS = 256


def plume_of(source: SourceTerm, weather: Weather) -> heavy.Plume:
    """The heavy plume of a release that lasts, at its highest rate and in the wind at 10 m."""
    air = air_density(weather.temperature_k, weather.pressure_pa)
    rate = float(np.max(source.rate_kg_s))
    return heavy.Plume(rate / source.density_kg_m3, heavy.reduced_gravity(source.density_kg_m3, air), wind_at(weather, 10.0))


def puff_of(mass_kg: float, source: SourceTerm, weather: Weather) -> heavy.Puff:
    """The heavy puff of ``mass_kg`` let go at once."""
    air = air_density(weather.temperature_k, weather.pressure_pa)
    return heavy.Puff(mass_kg / source.density_kg_m3, heavy.reduced_gravity(source.density_kg_m3, air), wind_at(weather, 10.0))


def _reservations(source: SourceTerm, weather: Weather, passive_m: float) -> tuple[Caution, ...]:
    found = [Caution("hand_over", HAND_OVER, {"richardson": heavy.PASSIVE_RICHARDSON, "x": round(passive_m)})]
    if source.height_m > 0:
        found.append(Caution("heavy_raised", RAISED, {"height": source.height_m}))
    if source.duration_s > 0 and np.ptp(source.rate_kg_s) > 0:
        found.append(Caution("heavy_varying", VARYING, {"rate": round(float(np.max(source.rate_kg_s)), 3)}))
    if weather.ground == "urban":
        found.append(Caution("heavy_rough", ROUGH))
    return tuple(found)


def heavy_plume(source: SourceTerm, weather: Weather, *, z_m: float, averaging_s: float) -> AxisCloud:
    """The cloud of a heavy release that lasts. Raises as :func:`anlan.consequence.passive.lasting`, and ``OutOfRange`` for α > 1."""
    cloud = plume_of(source, weather)
    until = cloud.passive_from()
    wind = carrying_wind(weather, 10.0)
    edges, rates = steps(source)
    most = float(rates.max())
    spread = _after_plume(cloud, source, weather, averaging_s, wind)
    on_ground = replace(source, height_m=0.0)
    after = lasting(on_ground, weather, z_m=z_m, averaging_s=averaging_s, spread=spread)

    def along(x: Figures) -> tuple[Figures, Figures]:
        near = np.minimum(x, until)
        up = _WIDTH * cloud.height(near)
        unit = source.density_kg_m3 * cloud.dilution(near) / most * np.exp(-0.5 * (z_m / up) ** 2)
        unit_after, sigma_after = after.along(np.maximum(x, until))
        return np.where(x < until, unit, unit_after), np.where(x < until, _WIDTH * cloud.half_width(near), sigma_after)

    def passes(x: Figures, time: Figures) -> Figures:
        x, time = np.broadcast_arrays(x, time)
        since = time - np.maximum(x, 0.0) / wind
        step = np.searchsorted(edges, since, side="right") - 1
        steady = np.where((step >= 0) & (step < rates.size), rates[np.clip(step, 0, rates.size - 1)], 0.0)
        return np.where(x < until, steady, after.passing(np.maximum(x, until), time))

    def most_passing(x: Figures) -> Figures:
        later = np.maximum(x, until)
        unit_after, _ = after.along(later)
        passed = np.interp(later, after.nodes(), np.exp(after.log_peak.astype(np.float64))) / unit_after
        return np.where(x < until, most, np.minimum(passed, most))

    diluted = cloud.dilution(np.array([until]))
    return axis_cloud(
        along,
        passes,
        most_passing,
        start_m=-cloud.upwind_m,
        most_kg_m3=source.density_kg_m3,
        by=(Credentials(heavy.PLUME, heavy.VERSION, heavy.CITATION), *after.by),
        cautions=together(
            heavy.told(diluted, heavy.PLUME_CURVES[-1][0], heavy.PLUME_UNSETTLED_BELOW),
            _reservations(source, weather, until),
            after.cautions,
        ),
    )


def _after_plume(cloud: heavy.Plume, source: SourceTerm, weather: Weather, averaging_s: float, wind: float) -> Spread:
    """The virtual source of what is no longer heavy: as wide and as diluted as the plume is there."""
    until = cloud.passive_from()
    sigmas = plume_set(weather.ground)
    wide = _WIDTH * float(cloud.half_width(until))
    kept = source.density_kg_m3 * float(cloud.dilution(until))
    high = float(np.max(source.rate_kg_s)) / (math.pi * wind * wide * kept)
    return Spread(
        sigmas,
        weather.stability,
        averaging_s,
        until,
        distance_of(lambda x: sigmas.sigma_y(x, weather.stability, averaging_s), wide),
        distance_of(lambda x: sigmas.sigma_z(x, weather.stability), high),
        high,
    )


@dataclass(frozen=True)
class DiscCloud:
    """A heavy puff: the workbook's disc until ``until_s``, ``after`` it a passive puff."""

    puff: heavy.Puff
    density_kg_m3: float
    until_s: float
    after: AxisCloud
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...]

    def _moments(self) -> Figures:
        # Closer at the beginning, when the disc grows fastest.
        return self.until_s * np.linspace(0.0, 1.0, _DISCS) ** 2

    def nodes(self) -> Figures:
        moments = self._moments()
        edge = self.puff.centre(moments) + self.puff.radius(moments)
        back = self.puff.centre(moments) - self.puff.radius(moments)
        return np.unique(np.concatenate([np.linspace(back.min(), edge.max(), 2 * _DISCS), self.after.nodes()]))

    def peak(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        x, y = np.broadcast_arrays(np.asarray(x_m), np.asarray(y_m))
        found = self.after.peak(x, y)
        end = float(self.puff.centre(self.until_s) + self.puff.radius(self.until_s))
        near = (np.abs(x) <= end) & (np.abs(y) <= end)
        come, _ = self.puff.within(x[near], y[near])
        reached = come <= self.until_s
        first = np.where(reached, self.density_kg_m3 * self.puff.dilution(np.where(reached, come, 0.0)), 0.0)
        found[near] = np.maximum(found[near], first.astype(np.float32))
        return found

    def half_width(self, x_m: ArrayLike, limit: float) -> Figures:
        x = np.asarray(x_m, np.float64)
        moments = self._moments()
        moments = moments[self.density_kg_m3 * self.puff.dilution(moments) >= limit]
        found = self.after.half_width(x, limit)
        if moments.size:
            square = self.puff.radius(moments)[:, None] ** 2 - (x[None, :] - self.puff.centre(moments)[:, None]) ** 2
            found = np.maximum(found, np.sqrt(np.maximum(square, 0.0).max(axis=0)))
        return found

    def course(self, x_m: ArrayLike, y_m: ArrayLike, time_s: ArrayLike) -> Figures:
        x, y = np.broadcast_arrays(np.atleast_1d(np.asarray(x_m, np.float64)), np.atleast_1d(np.asarray(y_m, np.float64)))
        time = np.atleast_1d(np.asarray(time_s, np.float64))
        heavy_time = np.clip(time, 0.0, self.until_s)
        square = (x[None, :] - self.puff.centre(heavy_time)[:, None]) ** 2 + y[None, :] ** 2
        inside = (square <= self.puff.radius(heavy_time)[:, None] ** 2) & ((time >= 0) & (time <= self.until_s))[:, None]
        disc = np.where(inside, self.density_kg_m3 * self.puff.dilution(heavy_time)[:, None], 0.0)
        return np.maximum(disc, self.after.course(x, y, time))


def heavy_puff(mass_kg: float, source: SourceTerm, weather: Weather, *, z_m: float) -> DiscCloud:
    """The cloud of a heavy release of one moment. Raises ``TooCalm``, ``UnknownStability``, and ``OutOfRange`` for α > 1."""
    cloud = puff_of(mass_kg, source, weather)
    until = cloud.passive_from()
    wide = float(cloud.radius(until)) / math.sqrt(2)
    diluted = cloud.dilution(np.array([until]))
    kept = source.density_kg_m3 * float(diluted[0])
    high = 2 * mass_kg / ((2 * math.pi) ** 1.5 * wide**2 * kept)
    spread = Spread(
        CCPS_PUFF,
        weather.stability,
        None,
        float(cloud.centre(until)),
        distance_of(lambda x: CCPS_PUFF.sigma_y(x, weather.stability), wide),
        distance_of(lambda x: CCPS_PUFF.sigma_z(x, weather.stability), high),
        high,
    )
    after = carried_puff(mass_kg, source.density_kg_m3, 0.0, weather, spread, z_m=z_m, from_s=until)
    return DiscCloud(
        cloud,
        source.density_kg_m3,
        until,
        after,
        (Credentials(heavy.PUFF, heavy.VERSION, heavy.CITATION), *after.by),
        together(heavy.told(diluted, heavy.PUFF_CURVES[-1][0]), _reservations(source, weather, float(cloud.centre(until))), after.cautions),
    )
