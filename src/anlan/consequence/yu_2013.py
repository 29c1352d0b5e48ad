"""Ground motion of earthquakes in China: Yu, Li & Xiao 2013, the relations under the zonation map GB 18306-2015.

Lines of equal motion are ellipses about the epicentre: along the long axis (the strike of the fault) and the short one
``ln Y = a + b M + c ln(R + d exp(e M))`` with R the distance from the epicentre in km and a row of coefficients each for magnitudes Ms to 6.5 and above
(equation 1 of the paper). Motion at any other place is that of the ellipse on which it lies. It is motion on rock; soil may double it.

Coefficients stand in ``data/yu_2013.csv`` with source and status. The paper was not read, only one public copy of its tables, which names no range:
the bounds of magnitude and distance here are this project's.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.consequence import intensity
from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.chain import Zone
from anlan.consequence.validity import Contradiction, Figures, within
from anlan.kernel.words import N_

CODE, ELLIPSE_CODE, VERSION = "yu_2013", "yu_2013_ellipse", "1"
CITATION = "俞言祥, 李山有, 肖亮 2013, 震灾防御技术 8(1): 24-33 (GB 18306-2015); coefficients as carried by OpenQuake hazardlib"
REGIONS = ("active", "tibet", "eastern", "stable")
"""Strong activity, Qinghai–Tibet, eastern strong activity, moderate activity, as GB 18306-2015 divides the country."""
PGA, PGV = "pga", "pgv"
LOWEST_MS, HIGHEST_MS, FARTHEST_KM = 4.0, 8.5, 300.0
BREAK_MS = 6.5
RING_POINTS = 180
SEARCHED_KM, SEARCH_STEP_KM = 1000.0, 0.1
"""How far and how finely the end of a zone is looked for: an Ms of 8.5 has VI within it by a standard deviation more than the median."""
CM, KM = 0.01, 1000.0
_FILE = Path(__file__).parent / "data" / "yu_2013.csv"
_STEPS = 60
"""Halvings of the logarithm of the motion: its interval of less than 40 shrinks below the precision of a double."""

_MAGNITUDE, _REGION = N_("面波震级 Ms"), N_("地震动衰减分区")
_DEGREE = N_("烈度（度）")
ROCK = N_("结果为基岩上的平均地震动，未计场地放大；软土上可显著增大，请按上限考虑。")
SCATTER = N_("实际地震动离散很大：约三分之一的地点会超出中值的 {low} 至 {high} 倍。")
RANGE = N_("所用转引资料未载明震级和距离的适用范围，Ms {low} 至 {high}、{far} km 以内为本平台设定。")
SUSPECT = N_("青藏区 Ms 大于 6.5 的长轴系数与小震级系数在 6.5 处不衔接（约低五分之一），疑为转引误印，长轴方向可能偏低。")
POINT_SOURCE = N_(
    "以震中为椭圆中心，未计震源深度、断层破裂长度和方向性；大震的高烈度区可能更长，且不以震中为中心，震中附近的值尤其不确定。"
)


@dataclass(frozen=True)
class Row:
    """Coefficients of one axis; ``sigma`` of ln Y; ``status`` of the figures."""

    a: float
    b: float
    c: float
    d: float
    e: float
    sigma: float
    status: str


@cache
def _rows() -> dict[tuple[str, str, str, bool], Row]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {
            (row["region"], row["measure"], row["axis"], row["magnitudes"] == ">6.5"): Row(
                *(float(row[name]) for name in ("a", "b", "c", "d", "e", "sigma_ln")), status=row["status"]
            )
            for row in csv.DictReader(lines)
        }


def coefficients(region: str, measure: str, magnitude: float) -> tuple[Row, Row]:
    """Rows of the long and the short axis. Raises :class:`Contradiction` for an unknown region."""
    if region not in REGIONS:
        raise Contradiction(model=CODE, reason=f"region = {region!r}; {' / '.join(REGIONS)}")
    above = magnitude > BREAK_MS
    return _rows()[region, measure, "long", above], _rows()[region, measure, "short", above]


def log_motion(row: Row, magnitude: float, distance_km: Figures) -> Figures:
    """ln of the motion on the axis of ``row``, Y in cm/s² (PGA) or cm/s (PGV), at a distance from the epicentre."""
    return row.a + row.b * magnitude + row.c * np.log(distance_km + row.d * np.exp(row.e * magnitude))


def half_axis_km(row: Row, magnitude: float, log_y: Figures) -> Figures:
    """Distance at which the axis of ``row`` has ``log_y``, km: the relation turned round; below 0 where it has it nowhere."""
    return np.exp((log_y - row.a - row.b * magnitude) / row.c) - row.d * np.exp(row.e * magnitude)


def motion(region: str, measure: str, magnitude: float, distance_km: Figures, from_strike_deg: Figures) -> Figures:
    """Median motion in cm/s² or cm/s at a distance from the epicentre and an angle from the long axis.

    The motion whose ellipse runs through the place, found by halving; on an axis it is the axis's own. At the epicentre it is the smaller of both axes'
    values, to which every direction off the axes runs.
    """
    rows = coefficients(region, measure, magnitude)
    distance, angle = np.broadcast_arrays(np.asarray(distance_km, np.float64), np.radians(np.asarray(from_strike_deg, np.float64)))
    away = np.abs(distance * np.cos(angle)), np.abs(distance * np.sin(angle))
    # cos(90°) is not quite 0: a place within a millimetre of an axis is on it.
    away = tuple(np.where(each < 1e-6, 0.0, each) for each in away)
    tops = [log_motion(row, magnitude, np.asarray(0.0)) for row in rows]
    # An axis on which the place does not lie aside bounds nothing.
    high = np.minimum(*(np.where(each > 0.0, top, max(tops)) for each, top in zip(away, tops, strict=True)))
    high = np.where((away[0] == 0.0) & (away[1] == 0.0), min(tops), high)
    low = np.full(distance.shape, -30.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        inside = np.zeros(distance.shape)
        for each, row in zip(away, rows, strict=True):
            axis = half_axis_km(row, magnitude, middle)
            inside += np.where(each > 0.0, (each / np.maximum(axis, 1e-9)) ** 2, 0.0)
        low, high = np.where(inside <= 1.0, middle, low), np.where(inside <= 1.0, high, middle)
    return np.exp(low)


def _cautions(region: str, magnitude: float) -> tuple[Caution, ...]:
    sigma = coefficients(region, PGA, magnitude)[0].sigma
    found = [
        Caution("rock_site", ROCK),
        Caution("scatter", SCATTER, {"low": f"{np.exp(-sigma):.2f}", "high": f"{np.exp(sigma):.2f}"}),
        Caution("own_range", RANGE, {"low": LOWEST_MS, "high": HIGHEST_MS, "far": f"{FARTHEST_KM:.0f}"}),
    ]
    if any(row.status == "unverified" for measure in (PGA, PGV) for row in coefficients(region, measure, magnitude)):
        found.append(Caution("suspect_coefficients", SUSPECT))
    return tuple(found)


# --- intensity zones -----------------------------------------------------------------------------------------------------------------------

_LABELS = {
    6: N_("烈度Ⅵ度及以上区"),
    7: N_("烈度Ⅶ度及以上区"),
    8: N_("烈度Ⅷ度及以上区"),
    9: N_("烈度Ⅸ度及以上区"),
    10: N_("烈度Ⅹ度及以上区"),
}
DEGREES = tuple(_LABELS)


def axis_intensity(region: str, axis: int, magnitude: float, distance_km: Figures, deviations: float = 0.0) -> Figures:
    """Intensity by GB/T 17742-2020 on an axis (0 long, 1 short), with both motions ``deviations`` standard deviations above their medians."""
    pga, pgv = (coefficients(region, measure, magnitude)[axis] for measure in (PGA, PGV))
    strong, fast = (np.exp(log_motion(row, magnitude, distance_km) + deviations * row.sigma) * CM for row in (pga, pgv))
    return intensity.instrumental(intensity.of_acceleration(strong), intensity.of_velocity(fast))


def reach_km(region: str, axis: int, magnitude: float, degree: int, deviations: float = 0.0) -> float:
    """The farthest place on an axis that has ``degree`` (half a degree below it and more), km; 0 where there is none.

    The standard's rule steps where the velocity passes VI, so that a degree may end and begin again: the farthest end counts.
    """

    def has(distance: Figures) -> NDArray[np.bool_]:
        return axis_intensity(region, axis, magnitude, distance, deviations) >= degree - 0.5

    steps = np.arange(0.0, SEARCHED_KM, SEARCH_STEP_KM)
    found = np.flatnonzero(has(steps))
    if not found.size:
        return 0.0
    low, high = float(steps[found[-1]]), float(steps[found[-1]]) + SEARCH_STEP_KM
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if has(np.asarray(middle)) else (low, middle)
    return low


def half_axes_km(region: str, magnitude: float, degree: int, deviations: float = 0.0) -> tuple[float, float]:
    """Half axes along and across the strike of the zone of ``degree``; (0, 0) where there is none."""
    along, across = (reach_km(region, axis, magnitude, degree, deviations) for axis in (0, 1))
    return (along, across) if along > 0.0 and across > 0.0 else (0.0, 0.0)


def intensity_zones(region: str, magnitude: float, *, degrees: tuple[int, ...] = DEGREES) -> tuple[Zone, ...]:
    """Zones of intensity as ellipses, x along the strike and y to its left, metres from the epicentre; only those there are.

    Both half axes are where the intensity of the standard, from acceleration and velocity together, falls below the degree. ``band_m``: reach with both one
    standard deviation below and above their medians. Raises ``OutOfRange``, ``NotFinite``, ``Contradiction``.
    """
    ms = float(within(magnitude, LOWEST_MS, HIGHEST_MS, model=ELLIPSE_CODE, what=_MAGNITUDE, unit="Ms"))
    if set(degrees) - set(DEGREES):
        raise Contradiction(model=ELLIPSE_CODE, reason=f"degree ∈ {DEGREES}")
    angle = np.linspace(0.0, 2.0 * np.pi, RING_POINTS, endpoint=False)
    cautions = (*_cautions(region, ms), *_ELLIPSE_CAUTIONS)
    zones = []
    for degree in degrees:
        along, across = (each * KM for each in half_axes_km(region, ms, degree))
        if not along:
            continue
        low, high = (max(half_axes_km(region, ms, degree, deviations)) * KM for deviations in (-1.0, 1.0))
        ring = np.column_stack((along * np.cos(angle), across * np.sin(angle)))
        zones.append(
            Zone(
                code=f"intensity-{degree}",
                label=_LABELS[degree],
                limit=float(degree),
                unit="degree",
                rings=(ring,),
                reach_m=max(along, across),
                area_m2=float(np.pi * along * across),
                by=(Credentials(ELLIPSE_CODE, VERSION, CITATION), Credentials(intensity.CODE, intensity.VERSION, intensity.CITATION)),
                cautions=cautions,
                band_m=(low, high),
            )
        )
    return tuple(zones)


_ELLIPSE_CAUTIONS = (
    Caution("point_source", POINT_SOURCE),
    Caution("instrumental_intensity", intensity.INSTRUMENTAL),
    Caution("secondary_copy_of_gbt_17742", intensity.COPY),
)


# --- the models of the catalogue -----------------------------------------------------------------------------------------------------------


def _run(*, region: str, magnitude: float, distance_km: Figures, from_strike_deg: Figures) -> Answer:
    pga, pgv = (motion(region, measure, magnitude, distance_km, from_strike_deg) * CM for measure in (PGA, PGV))
    found = intensity.instrumental(intensity.of_acceleration(pga), intensity.of_velocity(pgv))
    values = {
        "pga_m_s2": pga,
        "pgv_m_s": pgv,
        "intensity": found,
        "sigma_ln_pga": coefficients(region, PGA, magnitude)[0].sigma,
        "sigma_ln_pgv": coefficients(region, PGV, magnitude)[0].sigma,
    }
    cautions = (*_cautions(region, magnitude), *_ELLIPSE_CAUTIONS[1:])
    return Answer(values, Credentials(CODE, VERSION, CITATION), cautions)


def _run_ellipse(*, region: str, magnitude: float, degree: str) -> Answer:
    along, across = half_axes_km(region, magnitude, int(degree))
    values = {"reached": along > 0.0, "along_km": along, "across_km": across, "area_km2": float(np.pi * along * across)}
    return Answer(values, Credentials(ELLIPSE_CODE, VERSION, CITATION), (*_cautions(region, magnitude), *_ELLIPSE_CAUTIONS))


_REGION_INPUT = Input("region", "", _REGION, choices=REGIONS)
_MAGNITUDE_INPUT = Input("magnitude", "Ms", _MAGNITUDE, LOWEST_MS, HIGHEST_MS)

MODELS = (
    Model(
        code=CODE,
        title=N_("地震动衰减（俞言祥等 2013）"),
        version=VERSION,
        citation=CITATION,
        inputs=(
            _REGION_INPUT,
            _MAGNITUDE_INPUT,
            Input("distance_km", "km", N_("震中距"), 0.0, FARTHEST_KM, many=True),
            Input("from_strike_deg", "°", N_("与长轴（断层走向）的夹角"), 0.0, 360.0, default=0.0, many=True),
        ),
        outputs=(
            Output("pga_m_s2", "m/s²", N_("峰值加速度")),
            Output("pgv_m_s", "m/s", N_("峰值速度")),
            Output("intensity", "1", N_("仪器烈度")),
            Output("sigma_ln_pga", "1", N_("峰值加速度自然对数标准差")),
            Output("sigma_ln_pgv", "1", N_("峰值速度自然对数标准差")),
        ),
        run=_run,
    ),
    Model(
        code=ELLIPSE_CODE,
        title=N_("地震烈度椭圆"),
        version=VERSION,
        citation=f"{CITATION}; {intensity.CITATION}",
        inputs=(_REGION_INPUT, _MAGNITUDE_INPUT, Input("degree", "", _DEGREE, choices=tuple(str(each) for each in DEGREES))),
        outputs=(
            Output("reached", "", N_("是否出现该烈度区")),
            Output("along_km", "km", N_("沿走向半轴")),
            Output("across_km", "km", N_("垂直走向半轴")),
            Output("area_km2", "km²", N_("烈度区面积")),
        ),
        run=_run_ellipse,
    ),
)
