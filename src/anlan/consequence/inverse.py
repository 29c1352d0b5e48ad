"""How strong a source is, from what sensors read: estimated backwards through the Gaussian plume, which is linear in the rate.

For one weather the response of a sensor is its concentration for 1 kg/s. Over a weather band each member explains the readings more or less
well; the estimate is the mixture by how well. A model of dispersion is off by a factor of its own at every sensor: the logarithm of what is read
over what is reckoned spreads with :data:`MODEL_SPREAD`. A reading below the detection limit says only that it is below (censored).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anlan.consequence import gaussian_plume
from anlan.consequence.bands import Member, turned
from anlan.consequence.cancelling import ShouldStop, never, proceed
from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.chain import Weather
from anlan.consequence.gauss_error import normal_share
from anlan.consequence.sigma import REFERENCE_S, TooCalm, carrying_wind, plume_set
from anlan.consequence.validity import Contradiction, Figures, NoFigure, within
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

CODE = "source_inverse"
MODEL_SPREAD = math.log(2) / 0.6745
"""Standard deviation of the logarithm of read over reckoned if half of all values lie within a factor of two, the customary acceptance (FAC2 ≥
0.5). Project default."""
LEAST_KG_S, MOST_KG_S = 1e-6, 1e4
"""Rates between which the source is sought; a sensor that would read nothing of the largest could not see it. Project default."""
_RATES = 2401
_OUTER = 0.05
"""Share of the estimate left out at either end of its interval: it holds 90 %."""

PASSIVE_ONLY = N_("反算按中性气体持续泄漏的高斯烟羽进行；重气、短时泄漏或刚开始泄漏时偏差较大，仅作初估。")
UPPER_ONLY = N_("所有传感器均未检出，只能给出泄漏速率的上限。")
ONE_SENSOR = N_("只有 1 个传感器检出，风向稍有偏差即可使结果相差数倍。")


class CannotSee(Refusal):
    code: ClassVar[str] = "inverse_cannot_see"
    sentence: ClassVar[str] = N_(
        "在给定风向范围内，没有传感器处于该泄漏点的下风向可检出位置，无法反算。请核对泄漏点位置和风向，或增加下风向监测点。"
    )
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Sensor:
    """What one sensor says, at metres downwind and left of the source. ``reading_kg_m3`` ``None`` or below ``detection_kg_m3``: not detected.

    ``uncertainty_kg_m3``: standard deviation of the reading.
    """

    x_m: float
    y_m: float
    z_m: float
    reading_kg_m3: float | None
    uncertainty_kg_m3: float
    detection_kg_m3: float

    @property
    def detected(self) -> bool:
        """Whether it reads more than it can detect."""
        return self.reading_kg_m3 is not None and self.reading_kg_m3 >= self.detection_kg_m3


@dataclass(frozen=True)
class Strength:
    """The rate, kg/s, with the interval that holds 90 % of what the readings leave open; ``rate_kg_s`` ``None``: only the upper end is known.

    ``shares``: how much each member of the weather band contributes, 0 to 1.
    """

    rate_kg_s: float | None
    low_kg_s: float
    high_kg_s: float
    shares: Figures
    by: tuple[Credentials, ...]
    cautions: tuple[Caution, ...]


def response(
    sensors: Sequence[Sensor], weather: Weather, height_m: float, turn_deg: float = 0.0, averaging_s: float = REFERENCE_S
) -> Figures:
    """Concentration at each sensor for 1 kg/s, s/m³; 0 upwind. Raises ``TooCalm``, ``UnknownStability``, ``AveragingTimeRefused``."""
    place = np.array([(each.x_m, each.y_m, each.z_m) for each in sensors])
    x, y = turned(place[:, 0], place[:, 1], turn_deg)
    away = np.maximum(x, 1.0)
    sigmas = plume_set(weather.ground)
    sigma_y, sigma_z = sigmas.sigma_y(away, weather.stability, averaging_s), sigmas.sigma_z(away, weather.stability)
    found = gaussian_plume.concentration(1.0, carrying_wind(weather, height_m), y, place[:, 2], height_m, sigma_y, sigma_z)
    return np.where(x > 0, found, 0.0)


def least_squares(response_s_m3: Figures, reading_kg_m3: Figures, uncertainty_kg_m3: Figures) -> tuple[float, float]:
    """Rate and its standard deviation for one weather, from the sensors alone: ``Q = Σ r C/s² / Σ r²/s²``, ``1/√(Σ r²/s²)``, kg/s.

    Raises :class:`CannotSee` if no sensor responds.
    """
    weight = response_s_m3 / uncertainty_kg_m3**2
    whole = float(np.sum(weight * response_s_m3))
    if not whole > 0:
        raise CannotSee()
    return float(np.sum(weight * reading_kg_m3)) / whole, 1 / math.sqrt(whole)


def strength(
    sensors: Sequence[Sensor],
    members: Sequence[Member],
    *,
    height_m: float = 0.0,
    averaging_s: float = REFERENCE_S,
    model_spread: float = MODEL_SPREAD,
    should_stop: ShouldStop = never,
) -> Strength:
    """The rate of a steady source at the origin, from its sensors, over the members of a weather band.

    Before the readings every rate is as likely as one ten times larger (if nothing was detected: as any other). Raises :class:`CannotSee`,
    ``NoFigure``, ``NotFinite``, ``OutOfRange``, ``Contradiction``, ``Cancelled``; ``TooCalm`` only if every member is.
    """
    _checked(sensors, members, model_spread)
    rates = np.geomspace(LEAST_KG_S, MOST_KG_S, _RATES)
    responses, weights, calm = [], [], None
    for member in members:
        proceed(should_stop)
        try:
            responses.append(response(sensors, member.weather, height_m, member.turn_deg, averaging_s))
            weights.append(member.weight)
        except TooCalm as refusal:
            calm = refusal
            responses.append(np.zeros(len(sensors)))
            weights.append(0.0)
    if calm is not None and not any(weights):
        raise calm
    _seen(sensors, np.array(responses))
    detected = [each.detected for each in sensors]
    likely = np.array([_log_likelihood(sensors, each, rates, model_spread) for each in responses])
    with np.errstate(divide="ignore"):
        likely += np.log(np.array(weights) / sum(weights))[:, None]
    if not any(detected):
        likely += np.log(rates)
    share = np.exp(likely - likely.max())
    shares = share.sum(axis=1) / share.sum()
    below = np.cumsum(share.sum(axis=0)) / share.sum()
    low, middle, high = np.exp(np.interp((_OUTER, 0.5, 1 - _OUTER), below, np.log(rates)))
    told = [Caution("inverse_passive", PASSIVE_ONLY)]
    sigmas = plume_set(members[0].weather.ground)
    by = (Credentials(gaussian_plume.CODE, gaussian_plume.VERSION, gaussian_plume.CITATION, sigmas.code, averaging_s),)
    if not any(detected):
        return Strength(None, 0.0, float(high), shares, by, (*told, Caution("inverse_upper_only", UPPER_ONLY)))
    if sum(detected) == 1:
        told.append(Caution("inverse_one_sensor", ONE_SENSOR))
    return Strength(float(middle), float(low), float(high), shares, by, tuple(told))


def _checked(sensors: Sequence[Sensor], members: Sequence[Member], model_spread: float) -> None:
    if not sensors:
        raise NoFigure(model=CODE, what=N_("传感器读数"), unit="kg/m³")
    if not members or not sum(each.weight for each in members) > 0:
        raise NoFigure(model=CODE, what=N_("气象条件"), unit="m/s")
    if len({each.weather.ground for each in members}) > 1:
        raise Contradiction(model=CODE, reason="ground")
    within(model_spread, 0.0, 5.0, model=CODE, what=N_("模型误差"), unit="1")
    for each in sensors:
        within((each.x_m, each.y_m), -50_000.0, 50_000.0, model=CODE, what=N_("传感器位置"), unit="m")
        within(each.z_m, 0.0, 500.0, model=CODE, what=N_("传感器高度"), unit="m")
        within(each.uncertainty_kg_m3, 0.0, 1.0, model=CODE, what=N_("读数的不确定度"), unit="kg/m³", open_low=True)
        within(each.detection_kg_m3, 0.0, 1.0, model=CODE, what=N_("检出限"), unit="kg/m³", open_low=True)
        if each.reading_kg_m3 is not None:
            within(each.reading_kg_m3, 0.0, 100.0, model=CODE, what=N_("传感器读数"), unit="kg/m³")


def _seen(sensors: Sequence[Sensor], responses: NDArray[np.float64]) -> None:
    """Refuse when nothing could be seen of the largest source: by those that detected something, or by any if none did."""
    detection = np.array([each.detection_kg_m3 for each in sensors])
    could = (responses * MOST_KG_S >= detection).any(axis=0)
    detected = np.array([each.detected for each in sensors])
    if not (could & detected if detected.any() else could).any():
        raise CannotSee()


def _log_likelihood(sensors: Sequence[Sensor], responses: Figures, rates: Figures, model_spread: float) -> Figures:
    """Of each rate in one weather: detected readings spread about the reckoned one in the logarithm, undetected ones lie below their limit."""
    found = np.zeros(rates.size)
    for sensor, each in zip(sensors, responses, strict=True):
        reckoned = np.log(np.maximum(each * rates, 1e-300))
        told = sensor.reading_kg_m3 if sensor.detected and sensor.reading_kg_m3 is not None else sensor.detection_kg_m3
        spread = math.hypot(model_spread, sensor.uncertainty_kg_m3 / told)
        away = (math.log(told) - reckoned) / spread
        found += -0.5 * away**2 - math.log(spread) if sensor.detected else np.log(np.maximum(normal_share(away), 1e-300))
    return found
