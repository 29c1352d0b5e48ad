"""A release that lasts: puffs let go one after the other, integrated (Palazzi et al. 1982).

Of a rate Q that stands from t0 to t1, what passes x at time t is ``Q/2 [erf((x - u(t-t1)) / √2 σx(u(t-t1))) - erf((x - u(t-t0)) / √2 σx(u(t-t0)))]``,
and the concentration that over u times the distributions across and up at x. Rates that vary are a sum of such steps. Long releases end as the
plume; a moment's release ends as the puff. Along the wind a cloud spreads as across it. What passes never becomes negative downwind
because sigma grows less than the distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.catalogue import Answer, Credentials, Input, Model
from anlan.consequence.gauss_error import erfc_of_magnitude
from anlan.consequence.gaussian_plume import (
    ACROSS,
    CONCENTRATION,
    DOWNWIND,
    GROUND,
    HEIGHT,
    RATE,
    STABILITY,
    UP,
    WIND,
    across_share,
    up_share,
)
from anlan.consequence.gaussian_puff import TIME
from anlan.consequence.reservations import of_distance, of_set
from anlan.consequence.sigma import BRIGGS_RURAL, BRIGGS_URBAN, CCPS_PUFF, sigma_set
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE, VERSION = "dispersion.finite_release", "1"
CITATION = "Palazzi, De Faveri, Fumarola and Ferraiolo 1982, Atmospheric Environment 16(12) 2785-2790"
DURATION = Input("duration_s", "s", N_("泄漏持续时间"), 0.0, 86_400.0, open_low=True)
_TINY_M = 1e-9
"""Distance of a puff just let go: its spread is nothing, and erf of it one."""


Tail = Callable[[ArrayLike], Figures]
"""``erfc(|x|)`` as exact as it is needed."""


def passing(
    x_m: ArrayLike,
    time_s: ArrayLike,
    edges_s: Figures,
    rate_kg_s: Figures,
    wind_m_s: float,
    sigma_x: Callable[[Figures], Figures],
    tail: Tail = erfc_of_magnitude,
) -> Figures:
    """Mass that passes x at a time, kg/s, spread along the wind (Palazzi et al. 1982, summed over steps of the rate).

    ``edges_s``: n + 1 rising times; ``rate_kg_s[i]`` stands from ``edges_s[i]`` to ``edges_s[i + 1]``. ``x_m`` and ``time_s`` are broadcast.
    ``sigma_x``: spread along the wind (m) over the distance travelled (m).
    """
    x, time = np.broadcast_arrays(np.asarray(x_m, np.float64), np.asarray(time_s, np.float64))
    found = np.zeros(x.shape)
    later, later_share = _edge(x, time, edges_s[0], wind_m_s, sigma_x, tail)
    for start, rate in zip(edges_s[1:], rate_kg_s, strict=True):
        earlier, earlier_share = later, later_share
        later, later_share = _edge(x, time, start, wind_m_s, sigma_x, tail)
        # Shares are of the tails, so that nothing is lost where both edges have passed or neither has come.
        between = np.where(
            earlier > 0, earlier_share - later_share, np.where(later < 0, later_share - earlier_share, 1 - earlier_share - later_share)
        )
        found += rate * np.maximum(between, 0.0)
    return found


def _edge(
    x: Figures, time: Figures, start_s: float, wind_m_s: float, sigma_x: Callable[[Figures], Figures], tail: Tail
) -> tuple[Figures, Figures]:
    """Where x is in standard deviations from what was let go at ``start_s``, and the share of the tail beyond."""
    travelled = np.maximum(wind_m_s * (time - start_s), _TINY_M)
    away = (x - travelled) / (math.sqrt(2) * np.maximum(sigma_x(travelled), _TINY_M))
    return away, 0.5 * tail(away)


def concentration(
    passing_kg_s: ArrayLike, wind_m_s: float, y_m: ArrayLike, z_m: ArrayLike, height_m: float, sigma_y_m: ArrayLike, sigma_z_m: ArrayLike
) -> Figures:
    """``C = passing / u · g(y) · g(z)``, kg/m³; sigmas at x."""
    return np.asarray(passing_kg_s) / wind_m_s * across_share(y_m, sigma_y_m) * up_share(z_m, height_m, sigma_z_m)


def _run(
    *,
    rate_kg_s: float,
    duration_s: float,
    wind_m_s: float,
    stability: str,
    ground: str,
    sigmas: str,
    height_m: float,
    x_m: ArrayLike,
    y_m: ArrayLike,
    z_m: ArrayLike,
    time_s: ArrayLike,
) -> Answer:
    chosen = sigma_set(sigmas) if sigmas == CCPS_PUFF.code else BRIGGS_URBAN if ground == "urban" else BRIGGS_RURAL
    x = np.asarray(x_m, np.float64)
    now = passing(
        x, time_s, np.array([0.0, duration_s]), np.array([rate_kg_s]), wind_m_s, lambda distance: chosen.sigma_y(distance, stability)
    )
    sigma_y, sigma_z = chosen.sigma_y(x, stability), chosen.sigma_z(x, stability)
    return Answer(
        {"concentration_kg_m3": concentration(now, wind_m_s, y_m, z_m, height_m, sigma_y, sigma_z)},
        Credentials(CODE, VERSION, CITATION, chosen.code, chosen.averaging_s),
        of_distance(x) + of_set(chosen, chosen.averaging_s),
    )


MODELS = (
    Model(
        CODE,
        N_("有限时长泄漏"),
        VERSION,
        CITATION,
        (
            RATE,
            DURATION,
            WIND,
            STABILITY,
            GROUND,
            Input("sigmas", "", N_("扩散参数"), default="briggs", choices=("briggs", CCPS_PUFF.code)),
            HEIGHT,
            DOWNWIND,
            ACROSS,
            UP,
            TIME,
        ),
        (CONCENTRATION,),
        _run,
    ),
)
