"""Earthquake early warning: intensity to be expected, and when shaking arrives. Pure: arrays in, arrays out, no clock.

**Motion** is that of Yu, Li & Xiao 2013 (the relations under GB 18306-2015) along the long axis of its ellipses, because the strike of the fault is
not known in the first seconds; the degree is that of GB/T 17742-2020. Two things are put right for warning, and only upwards: the standard's
rule steps *down* where the velocity passes VI, and the coefficients of one region step down at Ms 6.5. A greater earthquake or a nearer place
is never told a lower degree (:func:`intensities`).

**Times** are of straight S waves in the crust of IASP91 and of those that run along its lower layers, whichever comes first (:func:`arrival_s`): at worst
a little early, never late for that crust. A place that the S wave has passed is *already shaking* and gets no seconds (:func:`countdown`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.consequence import intensity, yu_2013

EARTH_KM = 6371.0
CM = 0.01
DEFAULT_DEPTH_KM = 10.0
"""Depth of an estimate that names none. Project default: the depth that agencies fix for shallow earthquakes at first."""
WARN, SHAKING, NOT_FELT = "warn", "shaking", "none"
Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """A layer of the crust from ``top_km`` down, with its velocities."""

    top_km: float
    p_km_s: float
    s_km_s: float


@dataclass(frozen=True)
class Origin:
    """An estimate: when (UTC), where (degrees, km), how great, and the attenuation region (``yu_2013.REGIONS``) of the place."""

    at: datetime
    longitude: float
    latitude: float
    depth_km: float
    magnitude: float
    region: str


@dataclass(frozen=True)
class Countdown:
    """Of each place: expected intensity (degrees), seconds until the S wave from the moment asked (negative: since it), and what to tell.

    ``states``: ``warn`` (seconds remain), ``shaking`` (blind zone: the wave is there or past), ``none`` (below the degree asked).
    """

    distance_km: Figures
    intensity: Figures
    seconds: Figures
    p_seconds: Figures
    states: NDArray[np.str_]


def distance_km(longitude: float, latitude: float, longitudes: ArrayLike, latitudes: ArrayLike) -> Figures:
    """Great-circle distance of places (degrees) from an epicentre, km."""
    lon, lat = np.radians(np.asarray(longitudes, np.float64)), np.radians(np.asarray(latitudes, np.float64))
    lon0, lat0 = np.radians(longitude), np.radians(latitude)
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat0) * np.cos(lat) * np.sin((lon - lon0) / 2) ** 2
    return 2.0 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


def _axis(region: str, magnitude: float, away_km: Figures, measure: str) -> Figures:
    row = yu_2013.coefficients(region, measure, magnitude)[0]
    return np.exp(yu_2013.log_motion(row, magnitude, away_km)) * CM


def _degrees(by_acceleration: Figures, by_velocity: Figures) -> Figures:
    """The standard's rule without its step down: where both are VI or more, no less than it was just below."""
    strong = (by_acceleration >= 6.0) & (by_velocity >= 6.0)
    mean = (by_acceleration + by_velocity) / 2.0
    return np.clip(np.where(strong, np.maximum(by_velocity, (by_acceleration + 6.0) / 2.0), mean), 1.0, 12.0)


def intensity_at(region: str, magnitude: float, away_km: ArrayLike) -> Figures:
    """Expected degree (GB/T 17742-2020, not rounded) at distances from the epicentre. Greater or nearer is never less.

    Above :data:`yu_2013.HIGHEST_MS` the magnitude counts as that; distances beyond 300 km are extrapolated.
    """
    away = np.asarray(away_km, np.float64)
    magnitude = min(magnitude, yu_2013.HIGHEST_MS)
    found = np.ones(away.shape)
    # Above the break of the coefficients no less than at the break.
    for each in dict.fromkeys((magnitude, min(magnitude, yu_2013.BREAK_MS))):
        pga, pgv = (_axis(region, each, away, measure) for measure in (yu_2013.PGA, yu_2013.PGV))
        found = np.maximum(found, _degrees(intensity.of_acceleration(pga), intensity.of_velocity(pgv)))
    return found


def intensities(origin: Origin, longitudes: ArrayLike, latitudes: ArrayLike) -> Figures:
    """Expected degree at places; NaN where a coordinate is."""
    return intensity_at(origin.region, origin.magnitude, distance_km(origin.longitude, origin.latitude, longitudes, latitudes))


def arrival_s(away_km: ArrayLike, depth_km: float, layers: Sequence[Layer], *, wave: str = "s") -> Figures:
    """Seconds from the origin until the first P or S wave, at distances from the epicentre. Nearer is never later.

    The straight wave at the velocity of the layer that holds the source (for one below the first layer faster than it is, thus early), or the wave
    along the top of a lower layer, beyond its critical distance.
    """
    away = np.asarray(away_km, np.float64)
    speeds = [each.s_km_s if wave == "s" else each.p_km_s for each in layers]
    tops = [each.top_km for each in layers]
    held = max(number for number, top in enumerate(tops) if depth_km >= top or number == 0)
    first = np.hypot(away, depth_km) / speeds[held]
    for lower in range(held + 1, len(layers)):
        fast = speeds[lower]
        time = np.zeros(away.shape) + away / fast
        critical = 0.0
        for above in range(lower):
            thick = tops[above + 1] - tops[above]
            # Down from the source and up to the surface: layers above the source are crossed once, those below it twice.
            down = max(0.0, tops[above + 1] - max(depth_km, tops[above]))
            sine = speeds[above] / fast
            cosine = np.sqrt(1.0 - sine**2)
            time += (thick + down) * cosine / speeds[above]
            critical += (thick + down) * sine / cosine
        first = np.where(away >= critical, np.minimum(first, time), first)
    return first


def countdown(
    origin: Origin, longitudes: ArrayLike, latitudes: ArrayLike, *, at: datetime, layers: Sequence[Layer], felt: float
) -> Countdown:
    """What to tell places at the moment ``at``. ``felt``: the least degree (not rounded) that is told at all."""
    away = distance_km(origin.longitude, origin.latitude, longitudes, latitudes)
    degrees = intensity_at(origin.region, origin.magnitude, away)
    since = (at - origin.at).total_seconds()
    seconds = arrival_s(away, origin.depth_km, layers) - since
    states = np.where(~(degrees >= felt), NOT_FELT, np.where(seconds > 0.0, WARN, SHAKING))
    return Countdown(away, degrees, seconds, arrival_s(away, origin.depth_km, layers, wave="p") - since, states)


def blind_km(origin: Origin, at: datetime, layers: Sequence[Layer]) -> float:
    """How far from the epicentre the S wave is at ``at``, km: places within are already shaking; 0 before it reaches the surface."""
    since = (at - origin.at).total_seconds()
    distances = np.arange(0.0, 2000.0, 0.5)
    reached = distances[arrival_s(distances, origin.depth_km, layers) <= since]
    return float(reached[-1]) if reached.size else 0.0


def outcome(warned: float | None, found: float, strong: float) -> str | None:
    """What a warning was worth where a catalogue's earthquake is ``found`` degrees: ``hit``, ``missed``, ``false``, or ``None`` (rightly silent).

    ``warned``: the highest degree told there, ``None`` when nothing was.
    """
    said, is_strong = warned is not None and warned >= strong, found >= strong
    if said and is_strong:
        return "hit"
    if is_strong:
        return "missed"
    return "false" if said else None
