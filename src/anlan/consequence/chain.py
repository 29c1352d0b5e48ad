"""The chain from what happened to who is concerned: ``Scenario → SourceTerm → Field → Effect → Zone``, each link with its credentials.

Places are metres downwind (x) and across (y, left of the wind positive) of the source; times are seconds since the release began.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.validity import Figures

STABILITIES = ("A", "B", "C", "D", "E", "F")
"""Pasquill classes, very unstable to moderately stable."""
RURAL, URBAN = "rural", "urban"


@dataclass(frozen=True)
class Weather:
    """``wind_m_s`` at ``wind_height_m`` above ground; ``humidity`` 0 to 1; ``pressure_pa`` absolute; ``ground``: rural or urban."""

    wind_m_s: float
    stability: str
    temperature_k: float = 288.15
    pressure_pa: float = 101_325.0
    humidity: float = 0.5
    wind_height_m: float = 10.0
    ground: str = RURAL
    roughness_m: float = 0.1


@dataclass(frozen=True)
class Scenario:
    """What happened: the substance by its code, how much there is, how it is kept and how it gets out, in which weather.

    ``hole_m``: diameter of the opening (``None``: the whole inventory at once); ``height_m`` of the opening above ground; ``head_m``: liquid above it;
    ``bund_m2``: area that holds a pool (``None``: none); ``duration_s``: until it is closed (``None``: until it is empty).
    """

    substance: str
    inventory_kg: float
    pressure_pa: float
    temperature_k: float
    weather: Weather
    hole_m: float | None = None
    height_m: float = 0.0
    head_m: float = 0.0
    bund_m2: float | None = None
    duration_s: float | None = None


@dataclass(frozen=True)
class SourceTerm:
    """What goes into the air: ``rate_kg_s`` from each of ``time_s`` until the next, the last until ``duration_s``; or, with a duration of 0, ``mass_kg`` at once.

    ``density_kg_m3`` of the cloud at the source, which decides whether it is heavier than the air.
    """

    time_s: Figures
    rate_kg_s: Figures
    duration_s: float
    mass_kg: float
    temperature_k: float
    density_kg_m3: float
    height_m: float
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True)
class Field:
    """A quantity at places: ``value[i]`` in ``unit`` at (``x_m[i]``, ``y_m[i]``, ``z_m[i]``); with ``time_s`` its first axis is time."""

    quantity: str
    unit: str
    x_m: Figures
    y_m: Figures
    z_m: Figures
    value: NDArray[np.floating]
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...] = ()
    time_s: Figures | None = None


@dataclass(frozen=True)
class Effect:
    """What the quantity does: a probability (0 to 1), a dose or a level at the places of a field."""

    harm: str
    unit: str
    x_m: Figures
    y_m: Figures
    value: NDArray[np.floating]
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True)
class Zone:
    """Where an effect reaches ``limit``: rings of (x, y) in metres, the first one outside, the others holes; what it means for whom.

    ``band``: lowest and highest reach in metres over the members of the weather band, and where the concentration is three times less or more.
    ``arrival_s``, ``departure_s``: when the limit is reached and left at the far end (``None``: it does not pass).
    """

    code: str
    label: str
    limit: float
    unit: str
    rings: tuple[Figures, ...]
    reach_m: float
    area_m2: float
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...] = ()
    band_m: tuple[float, float] | None = None
    arrival_s: float | None = None
    departure_s: float | None = None
