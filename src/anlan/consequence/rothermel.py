"""Surface fire spread: Rothermel 1972 (INT-115) as completed by Albini 1976 (INT-30), with the dynamic fuel models of Scott & Burgan 2005.

Steady spread of the head of a surface fire through uniform, continuous fuel: no crown fire, no spotting, no fire that is still growing. The equations are
regressions in feet, pounds, Btu and minutes and hold in these units alone; every function below is in them and says so, and :data:`MODELS` and
:func:`spread_field` take and give SI. Equation numbers are Rothermel's unless said otherwise. The composition is held against figures of firelab/behave
(public domain). Ranges of inputs are those of the fuel moisture and slope tables of Scott & Burgan where they print one, and physical bounds otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.fuel_models import FuelModel, fuel_models
from anlan.consequence.validity import Contradiction, Figures, within
from anlan.kernel.words import N_

CODE, VERSION = "rothermel_1972", "1"
CITATION = (
    "Rothermel 1972, USDA Forest Service INT-115; Albini 1976, INT-30; Scott & Burgan 2005, RMRS-GTR-153; wind: Albini & Baughman 1979, INT-221; "
    "wind and slope: Rothermel 1983, INT-143, as in BehavePlus"
)
FT_M = 0.3048
FT_MIN_M_S = FT_M / 60.0
BTU_KJ = 1.05505585262
MPH_FT_MIN = 88.0
PARTICLE_DENSITY_LB_FT3 = 32.0
"""Oven-dry density of fuel particles (Albini 1976, p. 91)."""
MINERALS, EFFECTIVE_MINERALS = 0.0555, 0.01
"""Total and silica-free mineral content, the same for all models (Rothermel 1972)."""
TEN_METRE_OVER_TWENTY_FOOT = 1.15
"""Wind at 10 m over wind at 20 ft above the vegetation (Turner & Lawson 1978, as in BehavePlus)."""
DEAD, LIVE = 0, 1
_SIZE_CLASSES_FT = (1200.0, 192.0, 96.0, 48.0, 16.0)
"""Lower ends of the size classes by which loads are weighted (Albini 1976, p. 88), 1/ft."""


# --- terms of the fuel bed -----------------------------------------------------------------------------------------------------------------


def cured_share(herb_moisture: Figures) -> Figures:
    """Share of live herbs counted as dead, from their moisture (fraction): all below 30 %, none above 120 % (Scott & Burgan 2005, p. 3).

    Between them BehavePlus prints 1.333 - 1.11 M for (1.20 - M)/0.90; its print is used, so that figures can be compared.
    """
    return np.where(herb_moisture < 0.30, 1.0, np.where(herb_moisture <= 1.20, 1.333 - 1.11 * herb_moisture, 0.0))


def optimum_packing_ratio(sigma: Figures) -> Figures:
    """Packing ratio at which a fuel bed of ``sigma`` (1/ft) burns best (eq. 37)."""
    return 3.348 * sigma**-0.8189


def reaction_velocity(sigma: Figures, relative_packing: Figures) -> Figures:
    """Optimum reaction velocity, 1/min (eq. 36 and 38, with A of Albini 1976, p. 88)."""
    a = 133.0 * sigma**-0.7913
    greatest = sigma**1.5 / (495.0 + 0.0594 * sigma**1.5)
    return greatest * relative_packing**a * np.exp(a * (1.0 - relative_packing))


def moisture_damping(moisture: Figures, extinction: Figures) -> Figures:
    """Moisture damping coefficient (eq. 29); 0 from the moisture of extinction on."""
    ratio = moisture / extinction
    return np.where(ratio < 1.0, 1.0 - 2.59 * ratio + 5.11 * ratio**2 - 3.52 * ratio**3, 0.0)


def mineral_damping(effective_minerals: float = EFFECTIVE_MINERALS) -> float:
    """Mineral damping coefficient (eq. 30), at most 1."""
    return min(1.0, 0.174 * effective_minerals**-0.19)


def propagating_flux_ratio(sigma: Figures, packing: Figures) -> Figures:
    """Share of the reaction intensity that heats the fuel ahead (eq. 42)."""
    return np.exp((0.792 + 0.681 * np.sqrt(sigma)) * (packing + 0.1)) / (192.0 + 0.2595 * sigma)


def heat_of_preignition(moisture: Figures) -> Figures:
    """Heat that brings a pound of fuel to ignition, Btu/lb (eq. 12)."""
    return 250.0 + 1116.0 * moisture


def live_extinction(dead_over_live: Figures, fine_dead_moisture: Figures, dead_extinction: float) -> Figures:
    """Moisture of extinction of live fuel (Albini 1976, p. 89), never below that of dead fuel."""
    found = 2.9 * dead_over_live * (1.0 - fine_dead_moisture / dead_extinction) - 0.226
    return np.maximum(found, dead_extinction)


def wind_terms(sigma: Figures) -> tuple[Figures, Figures, Figures]:
    """C, B and E of the wind coefficient (eq. 48 to 50)."""
    return 7.47 * np.exp(-0.133 * sigma**0.55), 0.02526 * sigma**0.54, 0.715 * np.exp(-3.59e-4 * sigma)


def wind_coefficient(midflame_ft_min: Figures, sigma: Figures, relative_packing: Figures) -> Figures:
    """Wind coefficient (eq. 47) for a midflame wind in ft/min."""
    c, b, e = wind_terms(sigma)
    return c * midflame_ft_min**b * relative_packing**-e


def wind_of_coefficient(coefficient: Figures, sigma: Figures, relative_packing: Figures) -> Figures:
    """The wind, ft/min, that alone would have this coefficient: eq. 47 turned round, for wind and slope together."""
    c, b, e = wind_terms(sigma)
    return (coefficient * relative_packing**e / c) ** (1.0 / b)


def slope_coefficient(slope: Figures, packing: Figures) -> Figures:
    """Slope coefficient (eq. 51) for a slope as rise over run."""
    return 5.275 * packing**-0.3 * slope**2


def sheltered_wind_factor(cover: Figures, height_ft: Figures, crown_ratio: Figures, depth_ft: float) -> Figures:
    """Midflame wind over wind at 20 ft (Albini & Baughman 1979).

    Under a canopy that fills 5 % or more of its space and is 6 ft high or more: the sheltered form; else that of the fuel bed in the open.
    """
    filled = cover * crown_ratio / 3.0
    open_air = 1.83 / np.log((20.0 + 0.36 * depth_ft) / (0.13 * depth_ft))
    height = np.maximum(height_ft, 6.0)
    under = 0.555 / (np.sqrt(np.maximum(filled, 0.05) * height) * np.log((20.0 + 0.36 * height) / (0.13 * height)))
    return np.where((filled >= 0.05) & (height_ft >= 6.0), under, open_air)


def flame_length_ft(intensity_btu_ft_s: Figures) -> Figures:
    """Flame length from fireline intensity (Byram 1959)."""
    return 0.45 * intensity_btu_ft_s**0.46


def length_to_width(effective_wind_mph: Figures) -> Figures:
    """Length over width of a fire's ellipse (Anderson 1983, INT-305, double ellipse made one; at most 8, Finney 1998, RMRS-RP-4)."""
    return np.minimum(0.936 * np.exp(0.1147 * effective_wind_mph) + 0.461 * np.exp(-0.0692 * effective_wind_mph) - 0.397, 8.0)


# --- the fuel bed --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FuelBed:
    """What a fuel model is at given moistures: ``sigma`` 1/ft, ``reaction`` Btu/ft²/min, ``sink`` Btu/ft³, moistures as fractions."""

    sigma: Figures
    packing: Figures
    relative_packing: Figures
    reaction: Figures
    flux_ratio: Figures
    sink: Figures
    dead_moisture: Figures
    live_moisture: Figures
    live_extinction: Figures

    @property
    def calm_rate_ft_min(self) -> Figures:
        """Rate of spread without wind and slope (eq. 52)."""
        return self.reaction * self.flux_ratio / self.sink


@dataclass(frozen=True)
class FuelClass:
    """Fuel of one size and life state: load lb/ft², surface area to volume 1/ft, moisture as a fraction."""

    load: Figures
    sav: float
    moisture: Figures


def fuel_bed(fuel: FuelModel, moisture: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike, ArrayLike]) -> FuelBed:
    """The bed of ``fuel`` at ``moisture`` (fractions: 1 h, 10 h, 100 h, live herbaceous, live woody), which may be arrays.

    Each class is weighted by its surface (eq. 53 to 78); cured herbs are a fourth dead class with the moisture of the 1 h fuel.
    """
    m1, m10, m100, herb_moisture, woody_moisture = (np.asarray(each, np.float64) for each in moisture)
    w1, w10, w100, herb, woody = (np.asarray(each) for each in fuel.load_lb_ft2)
    s1, s10, s100, s_herb, s_woody = fuel.sav_ft
    cured = np.asarray(cured_share(herb_moisture) * herb if fuel.dynamic else 0.0)
    dead = (FuelClass(w1, s1, m1), FuelClass(w10, s10, m10), FuelClass(w100, s100, m100), FuelClass(cured, s_herb, m1))
    live = (FuelClass(np.asarray(herb - cured), s_herb, herb_moisture), FuelClass(woody, s_woody, woody_moisture))
    surface = (_surface(dead), _surface(live))
    share = (surface[DEAD] / (surface[DEAD] + surface[LIVE]), surface[LIVE] / (surface[DEAD] + surface[LIVE]))

    def both(of_dead: Sequence[Figures], of_live: Sequence[Figures]) -> Figures:
        return np.asarray(share[DEAD] * _mean(dead, of_dead) + share[LIVE] * _mean(live, of_live))

    sigma = both([np.asarray(each.sav) for each in dead], [np.asarray(each.sav) for each in live])
    sink = both(_heated(dead), _heated(live))
    load = _total([each.load for each in dead + live])
    packing = np.asarray(load / (fuel.depth_ft * PARTICLE_DENSITY_LB_FT3))
    relative = packing / optimum_packing_ratio(sigma)
    wet_dead, wet_live = _mean(dead, [each.moisture for each in dead]), _mean(live, [each.moisture for each in live])
    extinct = _live_extinction(dead, live, fuel.extinction)
    burning = _net_load(dead) * moisture_damping(wet_dead, np.asarray(fuel.extinction)) + _net_load(live) * moisture_damping(
        wet_live, extinct
    )
    reaction = np.asarray(reaction_velocity(sigma, relative) * fuel.heat_btu_lb * mineral_damping() * burning)
    flux_ratio = propagating_flux_ratio(sigma, packing)
    return FuelBed(sigma, packing, relative, reaction, flux_ratio, np.asarray(load / fuel.depth_ft * sink), wet_dead, wet_live, extinct)


def _total(parts: Sequence[Figures]) -> Figures:
    total = np.asarray(0.0)
    for part in parts:
        total = np.asarray(total + part)
    return total


def _surface(classes: Sequence[FuelClass]) -> Figures:
    return _total([each.load * each.sav for each in classes])


def _mean(classes: Sequence[FuelClass], values: Sequence[Figures]) -> Figures:
    """The mean of ``values`` over classes, weighted by their surface (eq. 53); 0 where there is no fuel."""
    surface = _surface(classes)
    return np.asarray(
        _total([each.load * each.sav * value for each, value in zip(classes, values, strict=True)]) / np.where(surface > 0.0, surface, 1.0)
    )


def _heated(classes: Sequence[FuelClass]) -> list[Figures]:
    """Heat of preignition times the share of a particle that is heated (eq. 12 and 14), Btu/lb."""
    return [np.asarray(heat_of_preignition(each.moisture) * np.exp(-138.0 / each.sav)) for each in classes]


def _net_load(classes: Sequence[FuelClass]) -> Figures:
    """Load without minerals, lb/ft², weighted by size class (eq. 24 and 59, size classes of Albini 1976, p. 88)."""
    surface = _surface(classes)
    surface = np.where(surface > 0.0, surface, 1.0)
    size = [next((n for n, low in enumerate(_SIZE_CLASSES_FT) if each.sav >= low), None) for each in classes]
    parts = []
    for each, own in zip(classes, size, strict=True):
        if own is not None:
            alike = _surface([other for other, its in zip(classes, size, strict=True) if its == own])
            parts.append(np.asarray(alike / surface * each.load * (1.0 - MINERALS)))
    return _total(parts)


def _live_extinction(dead: Sequence[FuelClass], live: Sequence[FuelClass], dead_extinction: float) -> Figures:
    fine_dead = _total([np.asarray(each.load * np.exp(-138.0 / each.sav)) for each in dead])
    fine_live = _total([np.asarray(each.load * np.exp(-500.0 / each.sav)) for each in live])
    wet = _total([np.asarray(each.load * np.exp(-138.0 / each.sav) * each.moisture) for each in dead]) / np.where(
        fine_dead > 0.0, fine_dead, 1.0
    )
    there = fine_live > 1e-7
    ratio = np.where(there, fine_dead / np.where(there, fine_live, 1.0), 0.0)
    return live_extinction(ratio, wet, dead_extinction)


# --- spread --------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spread:
    """The head of a fire in SI: rate m/s, direction in degrees clockwise from upslope, effective wind m/s at midflame, intensity kW/m, flame m."""

    rate_m_s: Figures
    direction_deg: Figures
    effective_wind_m_s: Figures
    length_to_width: Figures
    intensity_kw_m: Figures
    flame_m: Figures
    heat_kj_m2: Figures
    reaction_kw_m2: Figures
    beyond_wind_limit: NDArray[np.bool_]


def spread(bed: FuelBed, midflame_ft_min: ArrayLike, wind_from_upslope_deg: ArrayLike, slope: ArrayLike) -> Spread:
    """Rate and direction of the head with wind and slope added as vectors (Rothermel 1983), for a wind blowing towards ``wind_from_upslope_deg``.

    Rothermel (eq. 87) holds the wind coefficient reliable up to an effective wind of 0.9 times the reaction intensity; beyond it the rate is told as it is
    and marked, since a rate that stops growing would be on the unsafe side (Andrews, Cruz & Rothermel 2013, IJWF 22, 959).
    """
    winds = wind_coefficient(np.asarray(midflame_ft_min, np.float64), bed.sigma, bed.relative_packing)
    slopes = slope_coefficient(np.asarray(slope, np.float64), bed.packing)
    angle = np.radians(np.asarray(wind_from_upslope_deg, np.float64))
    up, aside = slopes + winds * np.cos(angle), winds * np.sin(angle)
    pushed = np.hypot(up, aside)
    burns = bed.reaction > 0.0
    rate = bed.calm_rate_ft_min * (1.0 + pushed)
    effective = np.where(burns, wind_of_coefficient(pushed, bed.sigma, bed.relative_packing), 0.0)
    residence_min = 384.0 / bed.sigma
    per_area = np.broadcast_to(bed.reaction * residence_min, rate.shape)
    intensity = per_area * rate / 60.0
    return Spread(
        rate_m_s=rate * FT_MIN_M_S,
        direction_deg=np.degrees(np.arctan2(aside, up)) % 360.0,
        effective_wind_m_s=effective * FT_MIN_M_S,
        length_to_width=np.where(burns, length_to_width(effective / MPH_FT_MIN), 1.0),
        intensity_kw_m=intensity * BTU_KJ / FT_M,
        flame_m=flame_length_ft(intensity) * FT_M,
        heat_kj_m2=per_area * BTU_KJ / FT_M**2,
        reaction_kw_m2=np.broadcast_to(bed.reaction * BTU_KJ / FT_M**2 / 60.0, rate.shape),
        beyond_wind_limit=np.asarray(burns & (effective > 0.9 * bed.reaction)),
    )


def spread_field(
    codes: Sequence[str],
    fuel: NDArray[np.integer],
    moisture: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    midflame_m_s: ArrayLike,
    wind_from_upslope_deg: ArrayLike,
    slope: ArrayLike,
) -> tuple[Figures, Figures]:
    """Rate (m/s) and direction (degrees clockwise from upslope) of every cell of ``fuel``, whose figures are places in ``codes``.

    The other inputs are of its shape or single figures:
    ``moisture`` as fractions (1 h, 10 h, 100 h, live herbaceous, live woody), wind at midflame height, ``slope`` as rise over run.
    Cells whose fuel does not burn have rate 0. Raises :class:`Contradiction` for an unknown fuel, ``OutOfRange`` or ``NotFinite`` for the others.
    """
    limits = (
        (moisture[0], 0.01, 3.0),
        (moisture[1], 0.01, 3.0),
        (moisture[2], 0.01, 3.0),
        (moisture[3], 0.3, 3.0),
        (moisture[4], 0.3, 3.0),
    )
    wet = [within(value, low, high, model=CODE, what=MOISTURES[n], unit="1") for n, (value, low, high) in enumerate(limits)]
    wind = within(midflame_m_s, 0.0, 30.0, model=CODE, what=_WIND, unit="m/s")
    towards = within(wind_from_upslope_deg, -360.0, 360.0, model=CODE, what=_WIND_DIRECTION, unit="°")
    steep = within(slope, 0.0, 2.0, model=CODE, what=_SLOPE, unit="1")
    rate, direction = np.zeros(fuel.shape), np.zeros(fuel.shape)
    kinds = fuel_models()
    if fuel.size and not 0 <= fuel.min() <= fuel.max() < len(codes):
        raise Contradiction(model=CODE, reason=f"fuel: 0 … {len(codes) - 1}")
    for n in np.flatnonzero(np.bincount(fuel.ravel(), minlength=len(codes))):
        code = codes[int(n)]
        if code not in kinds:
            raise Contradiction(model=CODE, reason=f"fuel = {code}")
        if not kinds[code].burns:
            continue
        cells = fuel == n

        def here(values: Figures, cells: NDArray[np.bool_] = cells) -> Figures:
            return values[cells] if values.ndim else values

        bed = fuel_bed(kinds[code], (here(wet[0]), here(wet[1]), here(wet[2]), here(wet[3]), here(wet[4])))
        found = spread(bed, here(wind) / FT_MIN_M_S, here(towards), here(steep))
        rate[cells], direction[cells] = found.rate_m_s, found.direction_deg
    return rate, direction


# --- the model of the catalogue ------------------------------------------------------------------------------------------------------------

MOISTURES = (
    N_("1 小时时滞死可燃物含水率"),
    N_("10 小时时滞死可燃物含水率"),
    N_("100 小时时滞死可燃物含水率"),
    N_("活草本可燃物含水率"),
    N_("活木本可燃物含水率"),
)
_WIND = N_("风速")
_WIND_DIRECTION = N_("风向（来向，正北顺时针）")
_SLOPE = N_("坡度（高差比水平距离）")
FUEL_CAUTION = N_("可燃物模型 {fuel} 取自北美植被，尚无对应的中国可燃物分布图；请由了解当地植被的人员选定，结果仅供研判。")
_SURFACE_ONLY = N_("只适用于均匀可燃物中的地表火，不含树冠火、飞火和火场初期加速；出现树冠火或飞火时实际蔓延更快。")
_EXTINCT = N_("按所给含水率，死可燃物已达熄灭含水率，模型认为地表火不蔓延；不等于没有复燃或阴燃。")
_WIND_LIMIT = N_("等效风速已超出 Rothermel 风系数的可靠上限，蔓延速度未作封顶，不确定性增大。")
_FLAMMABLE = tuple(code for code, each in fuel_models().items() if each.burns)


def midflame(wind_m_s: ArrayLike, height: str, factor: ArrayLike) -> Figures:
    """Wind at midflame height, m/s, from a wind measured at ``height``: "10m", "20ft" above the vegetation, or "midflame" itself."""
    wind = np.asarray(wind_m_s, np.float64)
    if height == "midflame":
        return wind
    return np.asarray((wind / TEN_METRE_OVER_TWENTY_FOOT if height == "10m" else wind) * np.asarray(factor, np.float64))


def _run(
    *,
    fuel: str,
    moisture_1h: Figures,
    moisture_10h: Figures,
    moisture_100h: Figures,
    moisture_herb: Figures,
    moisture_woody: Figures,
    wind_m_s: Figures,
    wind_height: str,
    wind_from_deg: Figures,
    slope: Figures,
    aspect_deg: Figures,
    canopy_cover: Figures,
    canopy_height_m: Figures,
    crown_ratio: Figures,
) -> Answer:
    kind = fuel_models()[fuel]
    bed = fuel_bed(kind, (moisture_1h, moisture_10h, moisture_100h, moisture_herb, moisture_woody))
    factor = sheltered_wind_factor(np.asarray(canopy_cover), np.asarray(canopy_height_m) / FT_M, np.asarray(crown_ratio), kind.depth_ft)
    middle = midflame(wind_m_s, wind_height, factor)
    # A wind from the direction the slope faces blows up it.
    found = spread(bed, middle / FT_MIN_M_S, np.asarray(wind_from_deg) - aspect_deg, slope)
    cautions = [Caution("fuel_of_north_america", FUEL_CAUTION, {"fuel": fuel}), Caution("surface_fire_only", _SURFACE_ONLY)]
    if not np.all(bed.reaction > 0.0):
        cautions.append(Caution("fuel_extinct", _EXTINCT))
    if np.any(found.beyond_wind_limit):
        cautions.append(Caution("beyond_wind_limit", _WIND_LIMIT))
    values = {
        "rate_m_s": found.rate_m_s,
        "heading_deg": (found.direction_deg + aspect_deg + 180.0) % 360.0,
        "midflame_wind_m_s": middle,
        "effective_wind_m_s": found.effective_wind_m_s,
        "length_to_width": found.length_to_width,
        "intensity_kw_m": found.intensity_kw_m,
        "flame_m": found.flame_m,
        "heat_kj_m2": found.heat_kj_m2,
        "reaction_kw_m2": found.reaction_kw_m2,
    }
    return Answer(values, Credentials(CODE, VERSION, CITATION), tuple(cautions))


MODELS = (
    Model(
        code=CODE,
        title=N_("地表火蔓延（Rothermel）"),
        version=VERSION,
        citation=CITATION,
        inputs=(
            Input("fuel", "", N_("可燃物模型代码"), choices=_FLAMMABLE),
            Input("moisture_1h", "1", MOISTURES[0], 0.01, 3.0, many=True),
            Input("moisture_10h", "1", MOISTURES[1], 0.01, 3.0, many=True),
            Input("moisture_100h", "1", MOISTURES[2], 0.01, 3.0, many=True),
            Input("moisture_herb", "1", MOISTURES[3], 0.3, 3.0, many=True),
            Input("moisture_woody", "1", MOISTURES[4], 0.3, 3.0, many=True),
            Input("wind_m_s", "m/s", _WIND, 0.0, 30.0, many=True),
            Input("wind_height", "", N_("风速所在高度"), default="10m", choices=("10m", "20ft", "midflame")),
            Input("wind_from_deg", "°", _WIND_DIRECTION, 0.0, 360.0, many=True),
            Input("slope", "1", _SLOPE, 0.0, 2.0, default=0.0, many=True),
            Input("aspect_deg", "°", N_("坡向（下坡方向，正北顺时针）"), 0.0, 360.0, default=0.0, many=True),
            Input("canopy_cover", "1", N_("林冠郁闭度"), 0.0, 1.0, default=0.0, many=True),
            Input("canopy_height_m", "m", N_("林冠高度"), 0.0, 100.0, default=0.0, many=True),
            Input("crown_ratio", "1", N_("冠长比"), 0.0, 1.0, default=0.0, many=True),
        ),
        outputs=(
            Output("rate_m_s", "m/s", N_("火头蔓延速度")),
            Output("heading_deg", "°", N_("火头蔓延方向（正北顺时针）")),
            Output("midflame_wind_m_s", "m/s", N_("火焰中部风速")),
            Output("effective_wind_m_s", "m/s", N_("风与坡度的等效风速")),
            Output("length_to_width", "1", N_("火场长宽比")),
            Output("intensity_kw_m", "kW/m", N_("火线强度")),
            Output("flame_m", "m", N_("火焰长度")),
            Output("heat_kj_m2", "kJ/m²", N_("单位面积放热量")),
            Output("reaction_kw_m2", "kW/m²", N_("反应强度")),
        ),
        run=_run,
    ),
)
