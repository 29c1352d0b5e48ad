"""How fast a cloud widens: sigma sets by Pasquill class, each with its source, range and averaging time; the wind at a height.

A concentration means nothing without its sigma set and averaging time: every answer of dispersion names both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anlan.consequence.chain import RURAL, STABILITIES, URBAN, Weather
from anlan.consequence.validity import Figures
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

NEAR_M, FAR_M = 100.0, 10_000.0
"""Distances between which the published sets are drawn; answers outside carry a caution."""
SHORTEST_S, LONGEST_S = 18.75, 3_600.0
"""Averaging times for which the power law of :func:`averaged` is used: from the shortest of TNO Yellow Book 4.5 to an hour. Unverified: from
memory of the book, not seen on its page."""
REFERENCE_S = 600.0
"""Averaging time of the Briggs sets, as ALOHA (NOAA OR&R 43) and the Yellow Book take them. Secondary."""
AVERAGING_POWER = 0.2
"""Exponent of the averaging time (CCPS 1999, Yellow Book 4.5). Secondary."""
CALMEST_M_S = 1.0
"""Below this wind no Gaussian model holds."""


class UnknownStability(Refusal):
    code: ClassVar[str] = "model_unknown_stability"
    sentence: ClassVar[str] = N_("没有“{stability}”这一大气稳定度等级。请在 {known} 中选择。")
    status: ClassVar[int] = 422


class UnknownSigmaSet(Refusal):
    code: ClassVar[str] = "model_unknown_sigma_set"
    sentence: ClassVar[str] = N_("没有名为“{sigma_set}”的扩散参数。请在 {known} 中选择。")
    status: ClassVar[int] = 422


class AveragingTimeRefused(Refusal):
    code: ClassVar[str] = "model_averaging_time"
    sentence: ClassVar[str] = N_("浓度平均时间 {averaging} s 超出可换算的 {low} 至 {high} s。请改用该范围内的平均时间。")
    status: ClassVar[int] = 422


class TooCalm(Refusal):
    code: ClassVar[str] = "model_too_calm"
    sentence: ClassVar[str] = N_(
        "风速 {wind} m/s 低于 {low} m/s，高斯扩散模型不适用。请按静风情况以泄漏点为圆心划定范围，并以现场监测为准。"
    )
    status: ClassVar[int] = 422


Curve = Callable[[Figures], Figures]


@dataclass(frozen=True)
class SigmaSet:
    """Standard deviations in metres by stability class over the distance travelled (m, > 0). Along the wind as across it.

    ``averaging_s``: the time the cross-wind spread is an average over; ``None``: of one cloud as it passes, which no averaging widens.
    """

    code: str
    title: str
    citation: str
    status: str
    averaging_s: float | None
    across: Mapping[str, Curve]
    up: Mapping[str, Curve]

    def sigma_y(self, distance_m: Figures, stability: str, averaging_s: float | None = None) -> Figures:
        """Across the wind, m, for an average over ``averaging_s`` (``None``: that of the set). Raises :class:`UnknownStability`."""
        spread = self.across[known_stability(stability)](np.asarray(distance_m, np.float64))
        if averaging_s is None or self.averaging_s is None:
            return spread
        return spread * averaged(averaging_s, self.averaging_s)

    def sigma_z(self, distance_m: Figures, stability: str) -> Figures:
        """Upward, m. Raises :class:`UnknownStability`."""
        return self.up[known_stability(stability)](np.asarray(distance_m, np.float64))


def known_stability(stability: str) -> str:
    """``stability`` itself. Raises :class:`UnknownStability`."""
    if stability not in STABILITIES:
        raise UnknownStability(stability=stability, known=" ".join(STABILITIES))
    return stability


def averaged(averaging_s: float, reference_s: float = REFERENCE_S) -> float:
    """Factor of sigma y for another averaging time, ``(t / t0)^0.2`` (CCPS 1999; Yellow Book 4.5); 18.75 s ≤ t ≤ 3600 s.

    Raises :class:`AveragingTimeRefused`.
    """
    if not SHORTEST_S <= averaging_s <= LONGEST_S:
        raise AveragingTimeRefused(averaging=averaging_s, low=SHORTEST_S, high=LONGEST_S)
    return (averaging_s / reference_s) ** AVERAGING_POWER


def _line(slope: float) -> Curve:
    return lambda x: slope * x


def _root(slope: float, bend: float) -> Curve:
    """``slope x (1 + bend x)^(-1/2)``."""
    return lambda x: slope * x / np.sqrt(1 + bend * x)


def _bent(slope: float, bend: float) -> Curve:
    """``slope x (1 + bend x)^(-1)``."""
    return lambda x: slope * x / (1 + bend * x)


def _power(factor: float, exponent: float) -> Curve:
    return lambda x: factor * x**exponent


def _by_class(*curves: Curve) -> dict[str, Curve]:
    return dict(zip(STABILITIES, curves, strict=True))


BRIGGS_RURAL = SigmaSet(
    "briggs_rural",
    "Briggs, open country",
    "Briggs 1973, ATDL 79 (doi:10.2172/5118833); NOAA OR&R 43 Table 13; 100 m to 10 km",
    "secondary",
    REFERENCE_S,
    _by_class(*(_root(slope, 1e-4) for slope in (0.22, 0.16, 0.11, 0.08, 0.06, 0.04))),
    _by_class(_line(0.20), _line(0.12), _root(0.08, 2e-4), _root(0.06, 1.5e-3), _bent(0.03, 3e-4), _bent(0.016, 3e-4)),
)
"""Of open country."""
BRIGGS_URBAN = SigmaSet(
    "briggs_urban",
    "Briggs, built-up",
    "Briggs 1973, ATDL 79 (doi:10.2172/5118833); NOAA OR&R 43 Table 13; 100 m to 10 km",
    "secondary",
    REFERENCE_S,
    _by_class(*(_root(slope, 4e-4) for slope in (0.32, 0.32, 0.22, 0.16, 0.11, 0.11))),
    _by_class(
        # The sign under the root is positive here: sigma z grows faster than the distance over a warm town.
        lambda x: 0.24 * x * np.sqrt(1 + 1e-3 * x),
        lambda x: 0.24 * x * np.sqrt(1 + 1e-3 * x),
        _line(0.20),
        _root(0.14, 3e-4),
        _root(0.08, 1.5e-3),
        _root(0.08, 1.5e-3),
    ),
)
"""Of towns. For D the bend is 3e-4 (Briggs, OR&R 43); copies that print 3e-3 follow a misprint."""
CCPS_PUFF = SigmaSet(
    "ccps_puff",
    "CCPS, single puff",
    "CCPS 1999, Guidelines for Consequence Analysis of Chemical Releases, puff dispersion coefficients (p. 101 ff.)",
    "secondary",
    None,
    _by_class(*(_power(*pair) for pair in ((0.18, 0.92), (0.14, 0.92), (0.10, 0.92), (0.06, 0.92), (0.04, 0.92), (0.02, 0.89)))),
    _by_class(*(_power(*pair) for pair in ((0.60, 0.75), (0.53, 0.73), (0.34, 0.71), (0.15, 0.70), (0.10, 0.65), (0.05, 0.61)))),
)
"""Of one cloud let go at once, over any ground."""

SIGMA_SETS: Mapping[str, SigmaSet] = {each.code: each for each in (BRIGGS_RURAL, BRIGGS_URBAN, CCPS_PUFF)}


def sigma_set(code: str) -> SigmaSet:
    """The set of that code. Raises :class:`UnknownSigmaSet`."""
    try:
        return SIGMA_SETS[code]
    except KeyError:
        raise UnknownSigmaSet(sigma_set=code, known=" ".join(SIGMA_SETS)) from None


def plume_set(ground: str) -> SigmaSet:
    """The Briggs set of the ground: rural or urban. Raises :class:`UnknownSigmaSet`."""
    if ground not in (RURAL, URBAN):
        raise UnknownSigmaSet(sigma_set=ground, known=f"{RURAL} {URBAN}")
    return BRIGGS_URBAN if ground == URBAN else BRIGGS_RURAL


WIND_POWER: Mapping[str, Mapping[str, float]] = {
    RURAL: dict(zip(STABILITIES, (0.07, 0.07, 0.10, 0.15, 0.35, 0.55), strict=True)),
    URBAN: dict(zip(STABILITIES, (0.15, 0.15, 0.20, 0.25, 0.40, 0.60), strict=True)),
}
"""Exponents of the wind's power law (Irwin 1979; CCPS 1999 Table 2.11, p. 83). Secondary."""
LOWEST_M = 10.0
"""Wind is taken at the height of the release, but not below the height at which it is customarily measured. Project default."""


def wind_at(weather: Weather, height_m: float) -> float:
    """Wind at a height, m/s: ``u = u0 (z / z0)^p`` (Irwin 1979; CCPS 1999 p. 83). Heights in metres, above 0. Raises :class:`UnknownStability`."""
    power = WIND_POWER[URBAN if weather.ground == URBAN else RURAL][known_stability(weather.stability)]
    return float(weather.wind_m_s * (height_m / weather.wind_height_m) ** power)


def carrying_wind(weather: Weather, release_height_m: float) -> float:
    """Wind that carries a cloud, m/s: at the release, at least at 10 m. Raises :class:`TooCalm` below 1 m/s, :class:`UnknownStability`."""
    wind = wind_at(weather, max(release_height_m, LOWEST_M))
    if wind < CALMEST_M_S:
        raise TooCalm(wind=round(wind, 2), low=CALMEST_M_S)
    return wind
