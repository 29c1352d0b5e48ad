"""From what goes into the air to where it reaches which limit: ``SourceTerm → Field → Zone`` in one call that can be called off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.consequence.bands import Clouds, Member, left_out, reach_band
from anlan.consequence.cancelling import ShouldStop, never, proceed
from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.chain import Field, SourceTerm, Weather, Zone
from anlan.consequence.choosing import BY_CRITERION, clouds_of
from anlan.consequence.clouds import Cloud, together
from anlan.consequence.concentration import KG_M3, in_kg_m3
from anlan.consequence.reservations import of_distance, of_duration
from anlan.consequence.sigma import REFERENCE_S, carrying_wind
from anlan.consequence.validity import within
from anlan.consequence.zones import Limit, of_cloud
from anlan.kernel.words import N_

PIECE = 131_072
"""Places reckoned before it is asked again whether to stop."""
PEAK = "peak_concentration"


@dataclass(frozen=True)
class Threshold:
    """A limit of concentration: ``value`` in kg/m³, mg/m³ or ppm."""

    code: str
    label: str
    value: float
    unit: str


@dataclass(frozen=True)
class Run:
    """What came of it. ``field``: highest concentration over time at the places asked for (``None``: none were); ``zones``: one for each
    threshold and piece, in the order of the thresholds; a threshold reached nowhere has none."""

    cloud: Cloud
    field: Field | None
    zones: tuple[Zone, ...]
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...]


def carry(
    source: SourceTerm | Sequence[SourceTerm],
    weather: Weather,
    *,
    thresholds: Sequence[Threshold] = (),
    x_m: ArrayLike | None = None,
    y_m: ArrayLike = 0.0,
    z_m: float = 0.0,
    molar_kg: float | None = None,
    averaging_s: float = REFERENCE_S,
    choice: str = BY_CRITERION,
    band: Sequence[Member] = (),
    should_stop: ShouldStop = never,
) -> Run:
    """Carry a release through its weather to fields and zones, all at the height ``z_m`` above ground. Several source terms act together.

    Heavy or passive is chosen by the criterion of Britter and McQuaid; every model used is named in ``by``, every doubt in ``cautions``.
    ``molar_kg``: molar mass in kg/mol, for thresholds in ppm; ``band``: members over which the reach is told as a band
    (:func:`anlan.consequence.bands.weather_band`). ``should_stop`` is asked between members and pieces.

    Raises ``Cancelled``, ``UnitRefused``, and what :func:`anlan.consequence.choosing.clouds_of` raises.
    """
    proceed(should_stop)
    within(z_m, 0.0, 500.0, model="dispersion", what=N_("离地高度"), unit="m")
    limits = [_limit(each, weather, molar_kg) for each in thresholds]
    sources = (source,) if isinstance(source, SourceTerm) else tuple(source)
    cloud, chosen = clouds_of(sources, weather, z_m=z_m, averaging_s=averaging_s, choice=choice)
    by = tuple(dict.fromkeys((*(each for term in sources for each in term.by), *cloud.by)))
    wind = carrying_wind(weather, min(term.height_m for term in sources))
    chosen = together(*(term.cautions for term in sources), chosen)
    field = None
    told = [chosen, cloud.cautions]
    if x_m is not None:
        field = _field(cloud, sources, x_m, y_m, z_m, wind, by, chosen, should_stop)
        told.append(field.cautions)
    clouds = Clouds(sources, z_m, averaging_s, choice)
    zones: list[Zone] = []
    for limit in limits:
        proceed(should_stop)
        zones += _zones(cloud, sources, limit, wind, by, chosen, clouds, band, should_stop)
    told += [each.cautions for each in zones]
    return Run(cloud, field, tuple(zones), by, together(*told))


def _limit(asked: Threshold, weather: Weather, molar_kg: float | None) -> Limit:
    value = float(within(asked.value, 0.0, np.inf, model="dispersion", what=N_("浓度限值"), unit=asked.unit, open_low=True))
    held = in_kg_m3(value, asked.unit, molar_kg=molar_kg, temperature_k=weather.temperature_k, pressure_pa=weather.pressure_pa)
    return Limit(asked.code, asked.label, value, asked.unit, held)


def _field(
    cloud: Cloud,
    sources: tuple[SourceTerm, ...],
    x_m: ArrayLike,
    y_m: ArrayLike,
    z_m: float,
    wind: float,
    by: tuple[Credentials, ...],
    chosen: tuple[Caution, ...],
    should_stop: ShouldStop,
) -> Field:
    x, y = np.broadcast_arrays(np.asarray(x_m), np.asarray(y_m))
    x, y = x.ravel(), y.ravel()
    within((x.min(), x.max()) if x.size else (), -np.inf, np.inf, model="dispersion", what=N_("下风向距离"), unit="m")
    within((y.min(), y.max()) if y.size else (), -np.inf, np.inf, model="dispersion", what=N_("横风向距离"), unit="m")
    value = np.empty(x.size, np.float32)
    for first in range(0, x.size, PIECE):
        proceed(should_stop)
        piece = slice(first, first + PIECE)
        value[piece] = cloud.peak(x[piece], y[piece])
    cautions = together(chosen, cloud.cautions, of_distance(_ends(x)), _short(sources, _ends(x), wind))
    return Field(PEAK, KG_M3, x, y, np.broadcast_to(np.float64(z_m), x.shape), value, by, cautions)


def _ends(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """The nearest and farthest places downwind: all that the cautions of distance ask."""
    if not x.size:
        return x
    return np.array([np.min(x, where=x > 0, initial=np.inf), x.max()]) if x.max() > 0 else np.empty(0)


def _short(sources: tuple[SourceTerm, ...], x_m: ArrayLike, wind: float) -> tuple[Caution, ...]:
    return together(*(of_duration(x_m, wind, term.duration_s) for term in sources if term.duration_s > 0))


def _zones(
    cloud: Cloud,
    sources: tuple[SourceTerm, ...],
    limit: Limit,
    wind: float,
    by: tuple[Credentials, ...],
    chosen: tuple[Caution, ...],
    clouds: Clouds,
    band: Sequence[Member],
    should_stop: ShouldStop,
) -> list[Zone]:
    found = list(of_cloud(cloud, limit, chosen))
    if not found:
        return []
    farthest = max(range(len(found)), key=lambda index: found[index].reach_m)
    around = reach_band(clouds, cloud, band, limit.field_value, should_stop) if band else None
    return [
        replace(
            zone,
            by=by,
            cautions=together(
                zone.cautions,
                _short(sources, np.array([zone.reach_m]), wind),
                left_out(clouds, band) if around and index == farthest else (),
            ),
            band_m=around if index == farthest else None,
        )
        for index, zone in enumerate(found)
    ]
