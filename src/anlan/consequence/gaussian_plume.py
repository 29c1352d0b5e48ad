"""The Gaussian plume: a steady release into a steady wind over flat ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.catalogue import Answer, Credentials, Input, Model, Output
from anlan.consequence.chain import RURAL, STABILITIES, URBAN
from anlan.consequence.reservations import of_distance, of_set
from anlan.consequence.sigma import CALMEST_M_S, LONGEST_S, REFERENCE_S, SHORTEST_S, plume_set
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE, VERSION = "dispersion.gaussian_plume", "1"
CITATION = "CCPS 1999, Guidelines for Consequence Analysis of Chemical Releases, p. 97; Pasquill 1974"
HIGHEST_M = 500.0
"""Heights a model takes: a physical bound (the mixed layer), the source gives none."""
FARTHEST_M = 50_000.0
"""Distances a model takes; beyond 10 km with a caution."""

DOWNWIND = Input("x_m", "m", N_("下风向距离"), 0.0, FARTHEST_M, many=True, open_low=True)
ACROSS = Input("y_m", "m", N_("横风向距离"), -FARTHEST_M, FARTHEST_M, 0.0, many=True)
UP = Input("z_m", "m", N_("离地高度"), 0.0, HIGHEST_M, 0.0, many=True)
HEIGHT = Input("height_m", "m", N_("泄漏点高度"), 0.0, HIGHEST_M, 0.0)
WIND = Input("wind_m_s", "m/s", N_("泄漏高度处风速"), CALMEST_M_S, 60.0)
STABILITY = Input("stability", "", N_("大气稳定度"), choices=STABILITIES)
GROUND = Input("ground", "", N_("地表类型"), default=RURAL, choices=(RURAL, URBAN))
RATE = Input("rate_kg_s", "kg/s", N_("泄漏速率"), 0.0, open_low=True)
AVERAGING = Input("averaging_s", "s", N_("浓度平均时间"), SHORTEST_S, LONGEST_S, REFERENCE_S)
CONCENTRATION = Output("concentration_kg_m3", "kg/m³", N_("浓度"))


def across_share(y_m: ArrayLike, sigma_y_m: ArrayLike) -> Figures:
    """Distribution across the wind, 1/m: ``e^(-y²/2σy²) / (√(2π) σy)``."""
    y, sigma = np.asarray(y_m, np.float64), np.asarray(sigma_y_m, np.float64)
    return np.exp(-0.5 * (y / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)


def up_share(z_m: ArrayLike, height_m: float, sigma_z_m: ArrayLike) -> Figures:
    """Distribution over height above a ground that reflects, 1/m: ``[e^(-(z-h)²/2σz²) + e^(-(z+h)²/2σz²)] / (√(2π) σz)``."""
    z, sigma = np.asarray(z_m, np.float64), np.asarray(sigma_z_m, np.float64)
    direct, mirrored = np.exp(-0.5 * ((z - height_m) / sigma) ** 2), np.exp(-0.5 * ((z + height_m) / sigma) ** 2)
    return (direct + mirrored) / (np.sqrt(2 * np.pi) * sigma)


def concentration(
    rate_kg_s: ArrayLike, wind_m_s: float, y_m: ArrayLike, z_m: ArrayLike, height_m: float, sigma_y_m: ArrayLike, sigma_z_m: ArrayLike
) -> Figures:
    """``C = Q / u · g(y) · g(z)`` in kg/m³ (CCPS 1999 p. 97); lengths in m. ``u ∬ C dy dz = Q``."""
    return np.asarray(rate_kg_s, np.float64) / wind_m_s * across_share(y_m, sigma_y_m) * up_share(z_m, height_m, sigma_z_m)


def _run(
    *,
    rate_kg_s: float,
    wind_m_s: float,
    stability: str,
    ground: str,
    height_m: float,
    averaging_s: float,
    x_m: ArrayLike,
    y_m: ArrayLike,
    z_m: ArrayLike,
) -> Answer:
    sigmas = plume_set(ground)
    distance = np.asarray(x_m, np.float64)
    sigma_y, sigma_z = sigmas.sigma_y(distance, stability, averaging_s), sigmas.sigma_z(distance, stability)
    return Answer(
        {
            "concentration_kg_m3": concentration(rate_kg_s, wind_m_s, y_m, z_m, height_m, sigma_y, sigma_z),
            "sigma_y_m": sigma_y,
            "sigma_z_m": sigma_z,
        },
        Credentials(CODE, VERSION, CITATION, sigmas.code, averaging_s),
        of_distance(distance) + of_set(sigmas, averaging_s),
    )


MODELS = (
    Model(
        CODE,
        N_("高斯烟羽"),
        VERSION,
        CITATION,
        (RATE, WIND, STABILITY, GROUND, HEIGHT, AVERAGING, DOWNWIND, ACROSS, UP),
        (
            CONCENTRATION,
            Output("sigma_y_m", "m", N_("横风向扩散参数")),
            Output("sigma_z_m", "m", N_("垂直向扩散参数")),
        ),
        _run,
    ),
)
