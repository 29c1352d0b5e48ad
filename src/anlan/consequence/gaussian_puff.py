"""The Gaussian puff: everything at once, carried by a steady wind over flat ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.catalogue import Answer, Credentials, Input, Model, Output
from anlan.consequence.gaussian_plume import ACROSS, CONCENTRATION, DOWNWIND, HEIGHT, STABILITY, UP, WIND, across_share, up_share
from anlan.consequence.reservations import of_distance, of_set
from anlan.consequence.sigma import CCPS_PUFF
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE, VERSION = "dispersion.gaussian_puff", "1"
CITATION = "CCPS 1999, Guidelines for Consequence Analysis of Chemical Releases, p. 101"
MASS = Input("mass_kg", "kg", N_("泄漏总量"), 0.0, open_low=True)
TIME = Input("time_s", "s", N_("泄漏开始后的时间"), 0.0, 86_400.0, many=True, open_low=True)


def concentration(
    mass_kg: float,
    along_m: ArrayLike,
    y_m: ArrayLike,
    z_m: ArrayLike,
    height_m: float,
    sigma_x_m: ArrayLike,
    sigma_y_m: ArrayLike,
    sigma_z_m: ArrayLike,
) -> Figures:
    """``C = m g(x - u t) g(y) g(z)`` in kg/m³ (CCPS 1999 p. 101), ``along_m = x - u t``. Its integral over the half space is m."""
    return mass_kg * across_share(along_m, sigma_x_m) * across_share(y_m, sigma_y_m) * up_share(z_m, height_m, sigma_z_m)


def _run(
    *,
    mass_kg: float,
    wind_m_s: float,
    stability: str,
    height_m: float,
    x_m: ArrayLike,
    y_m: ArrayLike,
    z_m: ArrayLike,
    time_s: ArrayLike,
) -> Answer:
    travelled = wind_m_s * np.asarray(time_s, np.float64)
    sigma_y, sigma_z = CCPS_PUFF.sigma_y(travelled, stability), CCPS_PUFF.sigma_z(travelled, stability)
    along = np.asarray(x_m, np.float64) - travelled
    return Answer(
        {
            "concentration_kg_m3": concentration(mass_kg, along, y_m, z_m, height_m, sigma_y, sigma_y, sigma_z),
            "sigma_y_m": sigma_y,
            "sigma_z_m": sigma_z,
        },
        Credentials(CODE, VERSION, CITATION, CCPS_PUFF.code),
        of_distance(travelled) + of_set(CCPS_PUFF, None),
    )


MODELS = (
    Model(
        CODE,
        N_("高斯烟团"),
        VERSION,
        CITATION,
        (MASS, WIND, STABILITY, HEIGHT, DOWNWIND, ACROSS, UP, TIME),
        (
            CONCENTRATION,
            Output("sigma_y_m", "m", N_("横风向扩散参数")),
            Output("sigma_z_m", "m", N_("垂直向扩散参数")),
        ),
        _run,
    ),
)
