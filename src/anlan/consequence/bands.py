"""How sure: the weather a little different, the concentration three times less or more, and the share of an ensemble that exceeds a limit.

A model of dispersion is good when half of its values lie within a factor of two of those measured, so a single line on a map says too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.consequence.cancelling import ShouldStop, never, proceed
from anlan.consequence.catalogue import Caution
from anlan.consequence.chain import STABILITIES, SourceTerm, Weather
from anlan.consequence.choosing import BY_CRITERION, clouds_of
from anlan.consequence.clouds import Cloud
from anlan.consequence.sigma import REFERENCE_S, TooCalm, known_stability
from anlan.consequence.validity import OutOfRange
from anlan.consequence.zones import reach
from anlan.kernel.words import N_

TURNS_DEG = (-15.0, 0.0, 15.0)
"""Turns of the wind, degrees, counter-clockwise positive."""
WIND_FACTORS = (0.7, 1.0, 1.3)
"""Of the wind speed. Project default: an anemometer at another place than the cloud."""
CONCENTRATION_FACTORS = (1 / 3, 1.0, 3.0)
"""Between which concentrations are told."""
LEFT_OUT = N_("气象扰动的 {members} 个成员中有 {left_out} 个超出模型适用范围（如风速低于 1 m/s），未计入不确定带。")


@dataclass(frozen=True)
class Member:
    """One weather of an ensemble; ``turn_deg``: its wind from the one all places are told by; ``weight``: its share."""

    weather: Weather
    turn_deg: float = 0.0
    weight: float = 1.0


def weather_band(weather: Weather) -> tuple[Member, ...]:
    """The weather with its stability a class less and more, its wind slower and faster, turned both ways; classes that are none are left out.

    Equal weights, 1 in all. Raises ``UnknownStability``.
    """
    place = STABILITIES.index(known_stability(weather.stability))
    classes = STABILITIES[max(place - 1, 0) : place + 2]
    weathers = [replace(weather, stability=each, wind_m_s=weather.wind_m_s * factor) for each in classes for factor in WIND_FACTORS]
    weight = 1 / (len(weathers) * len(TURNS_DEG))
    return tuple(Member(each, turn, weight) for each in weathers for turn in TURNS_DEG)


@dataclass
class Clouds:
    """The clouds of a release by weather, each reckoned once; a weather for which no model holds has none."""

    sources: tuple[SourceTerm, ...]
    z_m: float = 0.0
    averaging_s: float = REFERENCE_S
    choice: str = BY_CRITERION

    def __post_init__(self) -> None:
        self._known: dict[Weather, Cloud | None] = {}

    def of(self, weather: Weather) -> Cloud | None:
        """The cloud, or ``None``. Raises what ``clouds_of`` raises for a fault of the source."""
        if weather not in self._known:
            try:
                self._known[weather], _ = clouds_of(self.sources, weather, z_m=self.z_m, averaging_s=self.averaging_s, choice=self.choice)
            except (TooCalm, OutOfRange):
                self._known[weather] = None
        return self._known[weather]


def left_out(clouds: Clouds, members: Sequence[Member]) -> tuple[Caution, ...]:
    """The caution for members of a band for which no model holds."""
    missing = sum(clouds.of(each.weather) is None for each in members)
    return (Caution("members_left_out", LEFT_OUT, {"members": len(members), "left_out": missing}),) if missing else ()


def reach_band(
    clouds: Clouds, base: Cloud, members: Sequence[Member], limit: float, should_stop: ShouldStop = never
) -> tuple[float, float]:
    """Lowest and highest reach of a limit, m: over the weathers, and at three times more and less of the base. Raises ``Cancelled``."""
    reaches = [reach(base, limit / factor) for factor in CONCENTRATION_FACTORS]
    for weather in dict.fromkeys(each.weather for each in members):
        proceed(should_stop)
        cloud = clouds.of(weather)
        if cloud is not None:
            reaches.append(reach(cloud, limit))
    return min(reaches), max(reaches)


def turned(x_m: NDArray[np.floating], y_m: NDArray[np.floating], turn_deg: float) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Places as a wind turned by ``turn_deg`` sees them: along it and to its left."""
    if turn_deg == 0:
        return x_m, y_m
    cos, sin = np.float32(np.cos(np.radians(turn_deg))), np.float32(np.sin(np.radians(turn_deg)))
    return x_m * cos + y_m * sin, y_m * cos - x_m * sin


def exceedance(
    clouds: Clouds,
    members: Sequence[Member],
    x_m: ArrayLike,
    y_m: ArrayLike,
    limits: Sequence[float],
    *,
    factors: Sequence[float] = (1.0,),
    should_stop: ShouldStop = never,
) -> NDArray[np.float32]:
    """Share of the ensemble whose highest concentration at a place reaches a limit (kg/m³): (limits, places), 0 to 1.

    ``factors``: concentrations are also taken that many times, each equally likely. Members for which no model holds are left out, see
    :func:`left_out`; without any other, nothing can be told and the last of their refusals stands. Raises ``Cancelled``.
    """
    x, y = np.broadcast_arrays(np.asarray(x_m, np.float32).ravel(), np.asarray(y_m, np.float32).ravel())
    found = np.zeros((len(limits), x.size), np.float32)
    weights = 0.0
    for member in members:
        proceed(should_stop)
        cloud = clouds.of(member.weather)
        if cloud is None:
            continue
        weights += member.weight
        peak = cloud.peak(*turned(x, y, member.turn_deg))
        for row, limit in zip(found, limits, strict=True):
            for factor in factors:
                row += np.float32(member.weight / len(factors)) * (peak >= np.float32(limit / factor))
    if not weights:
        clouds_of(clouds.sources, members[-1].weather, z_m=clouds.z_m, averaging_s=clouds.averaging_s, choice=clouds.choice)
    found /= np.float32(weights)
    return np.minimum(found, np.float32(1.0), out=found)
