"""Which model carries a release: heavy or passive by the criterion of Britter and McQuaid, a plume, a puff, or the higher of both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anlan.consequence import britter_mcquaid
from anlan.consequence.catalogue import Caution
from anlan.consequence.chain import SourceTerm, Weather
from anlan.consequence.clouds import AddedCloud, AxisCloud, Cloud, HigherCloud, together
from anlan.consequence.concentration import air_density
from anlan.consequence.heavy import heavy_plume, heavy_puff, plume_of, puff_of
from anlan.consequence.passive import lasting, momentary, steps
from anlan.consequence.reservations import LIGHT
from anlan.consequence.sigma import REFERENCE_S, carrying_wind, wind_at
from anlan.consequence.validity import Contradiction, NoFigure, within
from anlan.kernel.words import N_

BY_CRITERION, PASSIVE = "by_criterion", "passive"
"""Ways to choose. ``passive`` leaves the weight of the gas out: for a heavy cloud beyond the range of the heavy model, with a caution."""
LIGHTER_THAN = 0.95
"""Density over that of the air below which a cloud is told to be light. Project default."""

HEAVY_IGNORED = N_(
    "按重气判据（{criterion}，限值 {limit}）该气云为重气，但已按要求改用中性气体模型：实际气云更低、更宽，并会逆风和沿低洼处蔓延。"
)


def checked(source: SourceTerm, weather: Weather) -> None:
    """Refuse what no model of dispersion can carry. Raises ``NotFinite``, ``OutOfRange``, ``Contradiction``."""
    for value, low, high, what, unit in (
        (source.mass_kg, 0.0, 1e9, N_("泄漏总量"), "kg"),
        (source.density_kg_m3, 0.0, 100.0, N_("气云初始密度"), "kg/m³"),
        (weather.wind_height_m, 0.0, 300.0, N_("测风高度"), "m"),
        (weather.wind_m_s, 0.0, 60.0, N_("风速"), "m/s"),
    ):
        within(value, low, high, model="dispersion", what=what, unit=unit, open_low=True)
    within(source.height_m, 0.0, 500.0, model="dispersion", what=N_("泄漏点高度"), unit="m")
    within(source.duration_s, 0.0, 86_400.0, model="dispersion", what=N_("泄漏持续时间"), unit="s")
    within(weather.temperature_k, 223.15, 333.15, model="dispersion", what=N_("气温"), unit="K")
    within(weather.pressure_pa, 50_000.0, 110_000.0, model="dispersion", what=N_("气压"), unit="Pa")


def cloud_of(
    source: SourceTerm, weather: Weather, *, z_m: float = 0.0, averaging_s: float = REFERENCE_S, choice: str = BY_CRITERION
) -> tuple[Cloud, tuple[Caution, ...]]:
    """The cloud of a release at one height above ground, and what to know of the choice. ``choice``: :data:`BY_CRITERION` or :data:`PASSIVE`.

    Raises ``TooCalm``, ``UnknownStability``, ``UnknownSigmaSet``, ``AveragingTimeRefused``, ``NotFinite``, ``OutOfRange`` (also where the
    heavy model ends: α > 1), ``Contradiction``.
    """
    if choice not in (BY_CRITERION, PASSIVE):
        raise Contradiction(model="dispersion", reason=f"choice = {choice!r}; {BY_CRITERION} / {PASSIVE}")
    checked(source, weather)
    carrying_wind(weather, source.height_m)
    told = _light(source, weather)
    criterion, limit = _criterion(source, weather)
    if criterion >= limit and choice == BY_CRITERION:
        return _heavy(source, weather, z_m=z_m, averaging_s=averaging_s), told
    if criterion >= limit:
        told = (*told, Caution("heavy_ignored", HEAVY_IGNORED, {"criterion": round(criterion, 3), "limit": limit}))
    if source.duration_s == 0:
        return momentary(source.mass_kg, source.density_kg_m3, source.height_m, weather, z_m=z_m), told
    return lasting(source, weather, z_m=z_m, averaging_s=averaging_s), told


def clouds_of(
    sources: Sequence[SourceTerm], weather: Weather, *, z_m: float = 0.0, averaging_s: float = REFERENCE_S, choice: str = BY_CRITERION
) -> tuple[Cloud, tuple[Caution, ...]]:
    """The cloud of source terms that act together at one place, as :func:`cloud_of` for each. Raises the same, and ``NoFigure`` for none."""
    if not sources:
        raise NoFigure(model="dispersion", what=N_("泄漏速率"), unit="kg/s")
    found = [cloud_of(each, weather, z_m=z_m, averaging_s=averaging_s, choice=choice) for each in sources]
    cloud = found[0][0] if len(found) == 1 else AddedCloud(tuple(each for each, _ in found))
    return cloud, together(*(told for _, told in found))


def _light(source: SourceTerm, weather: Weather) -> tuple[Caution, ...]:
    air = air_density(weather.temperature_k, weather.pressure_pa)
    if source.density_kg_m3 >= LIGHTER_THAN * air:
        return ()
    return (Caution("light", LIGHT, {"density": round(source.density_kg_m3, 3), "air": round(air, 3)}),)


def _criterion(source: SourceTerm, weather: Weather) -> tuple[float, float]:
    """The criterion of the workbook and its limit; 0 for what is not denser than the air."""
    if source.density_kg_m3 <= air_density(weather.temperature_k, weather.pressure_pa):
        return 0.0, britter_mcquaid.HEAVY_PLUME
    if source.duration_s == 0:
        return puff_of(source.mass_kg, source, weather).criterion, britter_mcquaid.HEAVY_PUFF
    steps(source)
    return plume_of(source, weather).criterion, britter_mcquaid.HEAVY_PLUME


def _heavy(source: SourceTerm, weather: Weather, *, z_m: float, averaging_s: float) -> Cloud:
    """Plume or puff by ``u T / x`` where the gas ceases to be heavy; between 2.5 and 0.6 the higher of both (workbook; CCPS 1999)."""
    if source.duration_s == 0:
        return heavy_puff(source.mass_kg, source, weather, z_m=z_m)
    lasts = wind_at(weather, 10.0) * source.duration_s / plume_of(source, weather).passive_from()
    edges, rate = steps(source)
    mass = float(np.sum(rate * np.diff(edges)))
    if lasts <= britter_mcquaid.INSTANTANEOUS:
        return heavy_puff(mass, source, weather, z_m=z_m)
    plume: AxisCloud = heavy_plume(source, weather, z_m=z_m, averaging_s=averaging_s)
    if lasts >= britter_mcquaid.CONTINUOUS:
        return plume
    return HigherCloud((plume, heavy_puff(mass, source, weather, z_m=z_m)))
