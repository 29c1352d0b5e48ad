"""What a reader of an answer about dispersion must know of it: the cautions that several of its models give."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.catalogue import Caution
from anlan.consequence.sigma import FAR_M, NEAR_M, SigmaSet
from anlan.kernel.words import N_

NEAR = N_("距泄漏点不足 {limit} m 处扩散参数没有实测依据，结果仅供参考；近处以现场监测为准。")
FAR = N_("距离超过 {limit} m，扩散参数超出原始资料范围，结果为外推。")
SHORT_RELEASE = N_("{limit} m 以外泄漏已不能视为持续（距离大于 u·t/2.5），已按有限时长泄漏计算；用稳态烟羽公式会高估浓度。")
LIGHT = N_("气云密度 {density} kg/m³ 低于空气（{air} kg/m³），会上浮；模型不计抬升，地面浓度可能偏高。")
SECONDARY_SIGMA = N_("扩散参数“{sigma_set}”取自二手资料，尚未与原著核对。")
AVERAGING = N_("浓度为 {averaging} s 平均值，由 {reference} s 的扩散参数按 0.2 次方换算；换算范围尚未与原著核对。")


def of_distance(x_m: ArrayLike) -> tuple[Caution, ...]:
    """Cautions for places downwind nearer than 100 m or farther than 10 km, between which the sigma sets are drawn."""
    x = np.asarray(x_m, np.float64)
    downwind = x[x > 0]
    found = []
    if downwind.size and downwind.min() < NEAR_M:
        found.append(Caution("near", NEAR, {"limit": int(NEAR_M)}))
    if downwind.size and downwind.max() > FAR_M:
        found.append(Caution("far", FAR, {"limit": int(FAR_M)}))
    return tuple(found)


def of_set(sigma_set: SigmaSet, averaging_s: float | None) -> tuple[Caution, ...]:
    """Cautions for a set whose source was not seen, and for an averaging time other than its own."""
    found = []
    if sigma_set.status != "verified":
        found.append(Caution("sigma_secondary", SECONDARY_SIGMA, {"sigma_set": sigma_set.code}))
    if sigma_set.averaging_s is not None and averaging_s is not None and averaging_s != sigma_set.averaging_s:
        found.append(Caution("averaging", AVERAGING, {"averaging": averaging_s, "reference": sigma_set.averaging_s}))
    return tuple(found)


def steady_until(wind_m_s: float, duration_s: float) -> float:
    """How far a release of that duration is a steady plume, m: ``u t / 2.5`` (Britter and McQuaid 1988; CCPS 1999)."""
    return wind_m_s * duration_s / 2.5


def of_duration(x_m: ArrayLike, wind_m_s: float, duration_s: float) -> tuple[Caution, ...]:
    """The caution for places beyond :func:`steady_until`."""
    limit = steady_until(wind_m_s, duration_s)
    if np.size(x_m) and np.max(x_m) > limit:
        return (Caution("short_release", SHORT_RELEASE, {"limit": round(limit)}),)
    return ()
