"""Clouds heavier than air over flat open ground (Britter and McQuaid 1988): how much they are diluted, how wide and how high they are.

The dilution c (concentration over that at the source, for clouds as warm as the air) is read from curves ``β(α)`` for fixed c, drawn through
field and tunnel trials. Curves: CCPS 2000 and EPA TSCREEN (EPA-454/B-94-023) as transcribed by others; the workbook was not seen, so all are
**secondary**. Two points are **unsettled**: the lowest curve of the plume is keyed 0.002 in one transcription and 0.001 in another (0.002 is
used, which tells the longer distance), and the last slope of the curve 0.005 is -0.49 or -0.48 (-0.49 is used). The lowest curve carries a caution.

Mass concentration is ``ρ0 c`` whatever the temperature of the source; only the volume fraction of a cold cloud needs a correction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.concentration import air_density
from anlan.consequence.gaussian_plume import ACROSS, DOWNWIND, FARTHEST_M, RATE
from anlan.consequence.gaussian_puff import TIME
from anlan.consequence.sigma import CALMEST_M_S
from anlan.consequence.validity import Figures, OutOfRange
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

PLUME, PUFF, VERSION = "dispersion.britter_mcquaid_plume", "dispersion.britter_mcquaid_puff", "1"
CITATION = "Britter and McQuaid 1988, Workbook on the Dispersion of Dense Gases, HSE Contract Research Report 17/1988; CCPS 1999 p. 118-122"
GRAVITY = 9.80665
"""m/s², standard."""
LARGEST_ALPHA = 1.0
"""Where the curves end."""
HEAVY_PLUME, HEAVY_PUFF = 0.15, 0.20
"""From where on a cloud is heavy (workbook, by way of CCPS 1999 and Crowl and Louvar). Secondary."""
CONTINUOUS, INSTANTANEOUS = 2.5, 0.6
"""``u T / x`` from where on a release is continuous, and up to which it is one puff (workbook; CCPS 1999). Secondary."""
NEAR_DIAMETERS = 30.0
"""The curves of the plume begin at 30 D; nearer, the short-distance formula holds."""
PUFF_SPEED = 0.4
"""Speed of a heavy puff over the wind at 10 m."""
PASSIVE_RICHARDSON = 1.0
"""Bulk Richardson number ``g' h / u*²`` at and below which a cloud is no longer heavy. Project default: sources give values of order one."""
FRICTION = 0.06
"""Friction velocity over the wind at 10 m (EPA TSCREEN). Secondary."""

UNSETTLED_CURVE = N_(
    "稀释倍数超出 Britter-McQuaid 曲线的可靠部分：最低一条曲线在不同转载中标为 0.002 或 0.001，本结果按 0.002（距离偏远）计算，待核对原著。"
)
BEYOND_CURVES = N_("浓度低于 Britter-McQuaid 最低曲线，按与距离平方成反比外推。")
SECONDARY_CURVES = N_("Britter-McQuaid 曲线取自二手转载，尚未与原著核对；适用于平坦开阔地面。")

Pieces = Sequence[tuple[float, float, float]]
"""Up to this alpha, ``β = slope α + offset``: (end, slope, offset)."""
_OPEN = LARGEST_ALPHA
PLUME_CURVES: Sequence[tuple[float, Pieces]] = (
    (0.1, ((-0.55, 0.0, 1.75), (-0.14, 0.24, 1.88), (_OPEN, -0.50, 1.78))),
    (0.05, ((-0.68, 0.0, 1.92), (-0.29, 0.36, 2.16), (-0.18, 0.0, 2.06), (_OPEN, -0.56, 1.96))),
    (0.02, ((-0.69, 0.0, 2.08), (-0.31, 0.45, 2.39), (-0.16, 0.0, 2.25), (_OPEN, -0.54, 2.16))),
    (0.01, ((-0.70, 0.0, 2.25), (-0.29, 0.49, 2.59), (-0.20, 0.0, 2.45), (_OPEN, -0.52, 2.35))),
    (0.005, ((-0.67, 0.0, 2.40), (-0.28, 0.59, 2.80), (-0.15, 0.0, 2.63), (_OPEN, -0.49, 2.56))),
    (0.002, ((-0.69, 0.0, 2.60), (-0.25, 0.39, 2.87), (-0.13, 0.0, 2.77), (_OPEN, -0.50, 2.71))),
)
PUFF_CURVES: Sequence[tuple[float, Pieces]] = (
    (0.1, ((-0.44, 0.0, 0.70), (0.43, 0.26, 0.81), (_OPEN, 0.0, 0.93))),
    (0.05, ((-0.56, 0.0, 0.85), (0.31, 0.26, 1.00), (_OPEN, -0.12, 1.12))),
    (0.02, ((-0.66, 0.0, 0.95), (0.32, 0.36, 1.19), (_OPEN, -0.26, 1.38))),
    (0.01, ((-0.71, 0.0, 1.15), (0.37, 0.34, 1.39), (_OPEN, -0.38, 1.66))),
    (0.005, ((-0.52, 0.0, 1.48), (0.24, 0.26, 1.62), (_OPEN, -0.30, 1.75))),
    (0.002, ((0.27, 0.0, 1.83), (_OPEN, -0.32, 1.92))),
    (0.001, ((-0.10, 0.0, 2.075), (_OPEN, -0.27, 2.05))),
)


class NotHeavy(Refusal):
    code: ClassVar[str] = "model_not_heavy"
    sentence: ClassVar[str] = N_("模型 {model} 只适用于重气：判据为 {criterion}，须不小于 {limit}。请改用高斯模型。")
    status: ClassVar[int] = 422


def curve(pieces: Pieces, alpha: float) -> float:
    """β of one curve at α; the pieces are tried from the left."""
    for end, slope, offset in pieces:
        if alpha <= end:
            return slope * alpha + offset
    raise OutOfRange(model="dispersion.britter_mcquaid", what=N_("参数 α"), unit="", low="-∞", high=LARGEST_ALPHA, value=f"{alpha:.3g}")


def reduced_gravity(density_kg_m3: float, air_kg_m3: float) -> float:
    """``g0' = g (ρ0 - ρa) / ρa``, m/s²."""
    return GRAVITY * (density_kg_m3 - air_kg_m3) / air_kg_m3


def volume_fraction(dilution: ArrayLike, source_k: float, air_k: float) -> Figures:
    """Volume fraction of what came out at ``source_k``: ``c / (c + (1 - c) T0 / Ta)``. Its inverse has Ta / T0."""
    c = np.asarray(dilution, np.float64)
    return c / (c + (1 - c) * source_k / air_k)


@dataclass(frozen=True)
class Plume:
    """A steady heavy plume: volume rate V (m³/s) of density ρ0, wind at 10 m. ``curves``: β of each dilution of :data:`PLUME_CURVES` at its α."""

    volume_m3_s: float
    gravity_m_s2: float
    wind_m_s: float

    @property
    def alpha(self) -> float:
        """``0.2 log10(g0'² V / u⁵)``."""
        return 0.2 * float(np.log10(self.gravity_m_s2**2 * self.volume_m3_s * self.wind_m_s**-5))

    @property
    def diameter_m(self) -> float:
        """``D = √(V / u)``."""
        return float(np.sqrt(self.volume_m3_s / self.wind_m_s))

    @property
    def buoyancy_m(self) -> float:
        """``lb = g0' V / u³``."""
        return self.gravity_m_s2 * self.volume_m3_s / self.wind_m_s**3

    @property
    def criterion(self) -> float:
        """``(g0' V / (u³ D))^(1/3)``: heavy from 0.15 on."""
        return float(np.cbrt(max(self.buoyancy_m, 0.0) / self.diameter_m))

    @property
    def upwind_m(self) -> float:
        """How far it goes against the wind: ``D / 2 + 2 lb``."""
        return self.diameter_m / 2 + 2 * self.buoyancy_m

    def half_width(self, x_m: ArrayLike) -> Figures:
        """``D + 8 lb + 2.5 (lb x²)^(1/3)``, m, x ≥ 0; upwind that at the source (Yellow Book)."""
        x = np.maximum(np.asarray(x_m, np.float64), 0.0)
        return self.diameter_m + 8 * self.buoyancy_m + 2.5 * np.cbrt(self.buoyancy_m * x * x)

    def dilution(self, x_m: ArrayLike) -> Figures:
        """Highest concentration at x over that at the source: near the source ``306 / (306 + (x/D)²)``, then the curves, linear in β, then
        ``x^-2``. Raises ``OutOfRange`` for α > 1."""
        scaled = np.maximum(np.asarray(x_m, np.float64) / self.diameter_m, 1e-12)
        betas = np.array([curve(pieces, self.alpha) for _, pieces in PLUME_CURVES])
        levels = np.array([level for level, _ in PLUME_CURVES])
        near = 306 / (306 + scaled**2)
        start = min(NEAR_DIAMETERS, 10 ** betas[0])
        if start == NEAR_DIAMETERS:
            betas, levels = np.r_[np.log10(start), betas], np.r_[306 / (306 + start**2), levels]
        return _joined(scaled, near, start, betas, levels)

    def height(self, x_m: ArrayLike) -> Figures:
        """From the balance of mass, m: ``D² / (2 L c)``, L the half width. The workbook prints it without c, which loses mass."""
        return self.diameter_m**2 / (2 * self.half_width(x_m) * self.dilution(x_m))

    def passive_from(self) -> float:
        """x, m, from where on it is no longer heavy: where ``g' h / u*²`` has fallen to :data:`PASSIVE_RICHARDSON`.

        With the height from the balance of mass ``g' h = g0' D² / (2 L)``, so that the place follows from the half width alone.
        """
        wide = self.buoyancy_m / (2 * FRICTION**2 * PASSIVE_RICHARDSON)
        grown = max(wide - self.diameter_m - 8 * self.buoyancy_m, 0.0) / 2.5
        return max(float(np.sqrt(grown**3 / self.buoyancy_m)), self.diameter_m)


@dataclass(frozen=True)
class Puff:
    """A heavy cloud of V0 (m³) let go at once: a disc that widens as it is carried along, everywhere equally diluted."""

    volume_m3: float
    gravity_m_s2: float
    wind_m_s: float

    @property
    def alpha(self) -> float:
        """``0.5 log10(g0' V0^(1/3) / u²)``."""
        return 0.5 * float(np.log10(self.gravity_m_s2 * np.cbrt(self.volume_m3) / self.wind_m_s**2))

    @property
    def criterion(self) -> float:
        """``√(g0' V0) / (u V0^(1/3))``: heavy from 0.20 on."""
        return float(np.sqrt(max(self.gravity_m_s2, 0.0) * self.volume_m3) / (self.wind_m_s * np.cbrt(self.volume_m3)))

    @property
    def speed_m_s(self) -> float:
        """``0.4 u``."""
        return PUFF_SPEED * self.wind_m_s

    @property
    def spreading_m2_s(self) -> float:
        """Growth of the square of the radius: ``1.2 √(g0' V0)``."""
        return 1.2 * float(np.sqrt(self.gravity_m_s2 * self.volume_m3))

    @property
    def first_radius_m(self) -> float:
        """Of a sphere of V0."""
        return float(np.cbrt(3 * self.volume_m3 / (4 * np.pi)))

    def radius(self, time_s: ArrayLike) -> Figures:
        """``b = √(b0² + 1.2 t √(g0' V0))``, m."""
        return np.sqrt(self.first_radius_m**2 + self.spreading_m2_s * np.asarray(time_s, np.float64))

    def centre(self, time_s: ArrayLike) -> Figures:
        """``0.4 u t``, m."""
        return self.speed_m_s * np.asarray(time_s, np.float64)

    def dilution(self, time_s: ArrayLike) -> Figures:
        """Of the whole cloud when its edge is at ``x = 0.4 u t + b``: ``3.24 / (3.24 + x²/V0^(2/3))`` and not below 0.1 before the curves begin,
        then the curves, linear in β, then ``x^-2``. Raises ``OutOfRange`` for α > 1."""
        scaled = (self.centre(time_s) + self.radius(time_s)) / np.cbrt(self.volume_m3)
        betas = np.array([curve(pieces, self.alpha) for _, pieces in PUFF_CURVES])
        levels = np.array([level for level, _ in PUFF_CURVES])
        near = np.maximum(3.24 / (3.24 + scaled**2), levels[0])
        return _joined(scaled, near, 10 ** betas[0], betas, levels)

    def within(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Figures, Figures]:
        """When the cloud comes and goes at a place, s: the roots of ``(x - 0.4 u t)² + y² = b(t)²``; infinite where it never comes."""
        x, y = np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)
        half = self.speed_m_s * x + self.spreading_m2_s / 2
        rest = x * x + y * y - self.first_radius_m**2
        square = half**2 - self.speed_m_s**2 * rest
        root = np.sqrt(np.maximum(square, 0.0))
        last = half + root
        never = (square < 0) | (last <= 0)
        safe = np.where(never, 1.0, last)
        # The first root in the form that does not cancel.
        come = np.where(never, np.inf, np.maximum(rest / safe, 0.0))
        return come, np.where(never, np.inf, safe / self.speed_m_s**2)

    def passive_from(self) -> float:
        """s, from when on it is no longer heavy: ``g' h / u*²`` at :data:`PASSIVE_RICHARDSON`, with ``g' h = g0' V0 / (π b²)``."""
        wide = self.gravity_m_s2 * self.volume_m3 / (np.pi * (FRICTION * self.wind_m_s) ** 2 * PASSIVE_RICHARDSON)
        return max(float(wide - self.first_radius_m**2), 0.0) / self.spreading_m2_s


def _joined(scaled: Figures, near: Figures, start: float, betas: Figures, levels: Figures) -> Figures:
    between = np.interp(np.log10(scaled), betas, levels)
    far = levels[-1] * (10 ** betas[-1] / scaled) ** 2
    return np.where(scaled <= start, near, np.where(scaled < 10 ** betas[-1], between, far))


def told(dilution: ArrayLike, lowest: float, unsettled_below: float = 0.0) -> tuple[Caution, ...]:
    """The cautions of an answer whose dilutions reach down to these."""
    found = [Caution("curves_secondary", SECONDARY_CURVES)]
    least = float(np.min(dilution)) if np.size(dilution) else 1.0
    if least < unsettled_below:
        found.append(Caution("curve_unsettled", UNSETTLED_CURVE))
    if least < lowest:
        found.append(Caution("beyond_curves", BEYOND_CURVES))
    return tuple(found)


PLUME_UNSETTLED_BELOW = 0.005


def _heavy(cloud: Plume | Puff, model: str, limit: float) -> None:
    if cloud.gravity_m_s2 <= 0 or cloud.criterion < limit:
        raise NotHeavy(model=model, criterion=round(cloud.criterion, 3) if cloud.gravity_m_s2 > 0 else 0, limit=limit)


def _run_plume(
    *,
    rate_kg_s: float,
    density_kg_m3: float,
    temperature_k: float,
    air_temperature_k: float,
    air_pressure_pa: float,
    wind_m_s: float,
    x_m: ArrayLike,
) -> Answer:
    air = air_density(air_temperature_k, air_pressure_pa)
    cloud = Plume(rate_kg_s / density_kg_m3, reduced_gravity(density_kg_m3, air), wind_m_s)
    _heavy(cloud, PLUME, HEAVY_PLUME)
    dilution = cloud.dilution(x_m)
    values = {
        "dilution": dilution,
        "volume_fraction": volume_fraction(dilution, temperature_k, air_temperature_k),
        "concentration_kg_m3": density_kg_m3 * dilution,
        "half_width_m": cloud.half_width(x_m),
        "height_m": cloud.height(x_m),
        "alpha": cloud.alpha,
        "passive_from_m": cloud.passive_from(),
    }
    return Answer(values, Credentials(PLUME, VERSION, CITATION), told(dilution, PLUME_CURVES[-1][0], PLUME_UNSETTLED_BELOW))


def _run_puff(
    *,
    volume_m3: float,
    density_kg_m3: float,
    initial_fraction: float,
    temperature_k: float,
    air_temperature_k: float,
    air_pressure_pa: float,
    wind_m_s: float,
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
) -> Answer:
    air = air_density(air_temperature_k, air_pressure_pa)
    cloud = Puff(volume_m3, reduced_gravity(density_kg_m3, air), wind_m_s)
    _heavy(cloud, PUFF, HEAVY_PUFF)
    dilution = cloud.dilution(time_s)
    away = (np.asarray(x_m) - cloud.centre(time_s)) ** 2 + np.asarray(y_m) ** 2
    inside = away <= cloud.radius(time_s) ** 2
    here = np.where(inside, dilution, 0.0)
    values = {
        "dilution": here,
        "volume_fraction": initial_fraction * volume_fraction(here, temperature_k, air_temperature_k),
        "centre_m": cloud.centre(time_s),
        "radius_m": cloud.radius(time_s),
        "alpha": cloud.alpha,
        "passive_from_s": cloud.passive_from(),
    }
    return Answer(values, Credentials(PUFF, VERSION, CITATION), told(dilution, PUFF_CURVES[-1][0]))


_DENSITY = Input("density_kg_m3", "kg/m³", N_("气云初始密度"), 0.0, 100.0, open_low=True)
_TEMPERATURE = Input("temperature_k", "K", N_("气云初始温度"), 20.0, 2000.0)
_AIR = (
    Input("air_temperature_k", "K", N_("气温"), 223.15, 333.15, 288.15),
    Input("air_pressure_pa", "Pa", N_("气压"), 50_000.0, 110_000.0, 101_325.0),
)
_WIND = Input("wind_m_s", "m/s", N_("10 m 高处风速"), CALMEST_M_S, 60.0)
_DILUTED = Output("dilution", "1", N_("浓度与源处浓度之比"))
_FRACTION = Output("volume_fraction", "1", N_("体积分数"))
_ALPHA = Output("alpha", "1", N_("参数 α"))

MODELS = (
    Model(
        PLUME,
        N_("Britter-McQuaid 重气烟羽"),
        VERSION,
        CITATION,
        (RATE, _DENSITY, _TEMPERATURE, *_AIR, _WIND, DOWNWIND),
        (
            _DILUTED,
            _FRACTION,
            Output("concentration_kg_m3", "kg/m³", N_("浓度")),
            Output("half_width_m", "m", N_("烟羽半宽")),
            Output("height_m", "m", N_("烟羽高度")),
            _ALPHA,
            Output("passive_from_m", "m", N_("不再为重气的距离")),
        ),
        _run_plume,
    ),
    Model(
        PUFF,
        N_("Britter-McQuaid 重气烟团"),
        VERSION,
        CITATION,
        (
            Input("volume_m3", "m³", N_("气云初始体积"), 0.0, open_low=True),
            _DENSITY,
            Input("initial_fraction", "1", N_("初始气云中该物质的体积分数"), 0.0, 1.0, 1.0, open_low=True),
            _TEMPERATURE,
            *_AIR,
            _WIND,
            Input("x_m", "m", N_("下风向距离"), -FARTHEST_M, FARTHEST_M, many=True),
            ACROSS,
            TIME,
        ),
        (
            _DILUTED,
            _FRACTION,
            Output("centre_m", "m", N_("气云中心距离")),
            Output("radius_m", "m", N_("气云半径")),
            _ALPHA,
            Output("passive_from_s", "s", N_("不再为重气的时间")),
        ),
        _run_puff,
    ),
)
