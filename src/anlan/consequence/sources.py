"""From what happened to what goes into the air: ``Scenario → SourceTerm``, by the state of the substance, with every model used named.

Four paths. A **pressurised gas** expands through the hole until the vessel is at ambient pressure. A **liquefied gas** (a liquid above its
boiling point at the pressure of the air) flashes: vapour and droplets fly, the rest boils in a pool. A **cryogenic** liquid drains, and
boils on ground that is hotter. A **liquid** below its boiling point drains, and evaporates into the wind. Mass is conserved on each:
inventory = in the vessel + in the air + on the ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from anlan.consequence.assumptions import CODE, STAY, VAPOUR_SPACE, Assumptions, Case
from anlan.consequence.catalogue import Caution
from anlan.consequence.catastrophic import CATASTROPHIC
from anlan.consequence.chain import Scenario, SourceTerm
from anlan.consequence.flash import FLASH, superheat
from anlan.consequence.gas_blowdown import GAS_BLOWDOWN
from anlan.consequence.gas_hole import GAS_HOLE, expanded_temperature
from anlan.consequence.pool import Ground, Pool, course, sustained, times
from anlan.consequence.pool_area import POOL_GROWTH, POOL_SPILL, depth_caution
from anlan.consequence.pool_boiling import GROUNDS, POOL_BOILING, strength
from anlan.consequence.pool_evaporation import POOL_EVAPORATION, flux, schmidt, transfer_coefficient
from anlan.consequence.sigma import wind_at
from anlan.consequence.substance import AIR_KG_MOL, GRAVITY, Substance, ideal_gas_density
from anlan.consequence.tank_draining import TANK_DRAINING
from anlan.consequence.terms import Trail, at_once, lasting
from anlan.consequence.two_phase import TWO_PHASE
from anlan.consequence.validity import Contradiction, Figures, within
from anlan.kernel.words import N_

GAS, LIQUEFIED, CRYOGENIC, LIQUID = "pressurised_gas", "liquefied_gas", "cryogenic", "liquid"
SATURATION_TOLERANCE: Final = 0.05
"""A vessel this share below saturation pressure still counts as one that holds liquid: gauges and vapour pressures are not better. A default
of this project, on the safe side (a liquid releases more)."""
WIND_HEIGHT_M: Final = 10.0
BOILING_MARGIN_K: Final = 0.1
"""A boiling pool is taken as so much below its boiling point for the wind's share: there the law of mass transfer ends."""
BLOWDOWN_STEPS: Final = 24
"""Steps in which a vessel of gas empties; every one costs the dispersion behind it."""
COLD_HEAVY_SHARE: Final = 0.75
"""From this share of the molar mass of air a jet of gas is given the cold temperature of its expansion; a lighter one keeps that of its vessel.
ALOHA is reported to treat methane (0.55) as passive and carbon monoxide (0.97) as a cold heavy gas. Status: unverified cut between them."""

PATHS: Final = {
    GAS: Caution("path_pressurised_gas", N_("计算路径：压缩气体，按绝热放空由孔口喷出。")),
    LIQUEFIED: Caution("path_liquefied_gas", N_("计算路径：液化气体，泄漏后闪蒸，蒸气和液滴进入空气，其余落地成沸腾液池。")),
    CRYOGENIC: Caution("path_cryogenic", N_("计算路径：低温液体，流到地面后成沸腾液池。")),
    LIQUID: Caution("path_liquid", N_("计算路径：常温液体，流到地面成池后随风蒸发。")),
}
_RATE_HELD = Caution("rate_held", N_("泄漏速率保持初始值直到漏空，未计容器降温降压（偏安全）。"))
_DROPLETS_OF_JET = Caution("droplets_of_jet", N_("连续喷射的液滴悬浮比例借用瞬时释放的比例；如需偏安全，可设液滴全部进入空气。"))
_VAPOUR_PRESSURE = Caution("vapour_pressure_estimated", N_("蒸气压由沸点和汽化热按克拉珀龙方程推算，离沸点越远误差越大。"))
_COLD_JET = Caution(
    "gas_expanded_cold",
    N_("气云温度取等熵膨胀到环境压力后的值（不低于沸点），是最冷、最重的估计；射流动能转化为热后实际较暖。"),
)
_LIGHT_JET = Caution("gas_light_jet", N_("轻于空气的气体射流，气云温度取容器温度，未计膨胀降温；卷吸空气后按不重于空气的气体扩散。"))


@dataclass(frozen=True)
class Sources:
    """What goes into the air, by which path. ``terms`` act together: their fields add. One, but for a vessel that bursts over a pool: first what flies
    at once, then what the pool gives. ``vessel_kg`` stays in the vessel, ``ground_kg`` on the ground at the end; ``pool`` is its course.
    """

    path: str
    terms: tuple[SourceTerm, ...]
    airborne_kg: float
    vessel_kg: float
    ground_kg: float
    pool: Pool | None = None


def source_terms(scenario: Scenario, substance: Substance, assumed: Assumptions | None = None) -> Sources:
    """What the scenario sends into the air, by the path its substance takes (:func:`path_of`).

    Raises ``NoFigure`` naming the figure of the substance that is missing, ``OutOfRange``, ``NotFinite`` or ``Contradiction`` for a scenario
    that cannot be.
    """
    _checked(scenario)
    case = Case(scenario, substance, assumed or Assumptions())
    path = path_of(scenario, substance)
    if path == GAS:
        return _gas(case)
    return _liquefied(case) if path == LIQUEFIED else _drained(case, path)


def source_term(scenario: Scenario, substance: Substance, assumed: Assumptions | None = None) -> SourceTerm:
    """The first of :func:`source_terms`; where a pool gives more after it, a caution says so."""
    found = source_terms(scenario, substance, assumed)
    first, *more = found.terms
    if not more:
        return first
    later = Caution(
        "pool_beside",
        N_("另有液池在 {seconds} s 内蒸发 {kg} kg，须作为第二个源项一并计算。"),
        {"kg": f"{sum(each.mass_kg for each in more):.0f}", "seconds": f"{more[-1].duration_s:.0f}"},
    )
    return replace(first, cautions=(*first.cautions, later))


def path_of(scenario: Scenario, substance: Substance) -> str:
    """Which path: gas above its critical temperature or below its saturation pressure; liquefied when it would boil at the pressure of the air;
    cryogenic when the air would make it boil; else liquid. Raises ``NoFigure``.
    """
    critical = substance.critical_temperature_k
    if critical is not None and scenario.temperature_k >= critical:
        return GAS
    boiling = substance.boiling_at(scenario.weather.pressure_pa, CODE)
    saturation = 0.0
    if scenario.temperature_k > boiling:
        saturation, _exact = substance.vapour_pressure(scenario.temperature_k, CODE)
    # A fit and a boiling point that differ a little may leave a liquid just above the one and not yet boiling by the other.
    if saturation > scenario.weather.pressure_pa:
        return GAS if scenario.pressure_pa < saturation * (1.0 - SATURATION_TOLERANCE) else LIQUEFIED
    return CRYOGENIC if scenario.weather.temperature_k > boiling else LIQUID


def _checked(scenario: Scenario) -> None:
    weather = scenario.weather
    for value, what, unit in (
        (scenario.inventory_kg, N_("存量"), "kg"),
        (scenario.pressure_pa, N_("容器内绝对压力"), "Pa"),
        (scenario.temperature_k, N_("容器内温度"), "K"),
        (scenario.hole_m, N_("孔口当量直径"), "m"),
        (scenario.bund_m2, N_("围堰面积（无围堰则不填）"), "m²"),
        (scenario.duration_s, N_("泄漏持续时间"), "s"),
        (weather.wind_m_s, N_("风速"), "m/s"),
        (weather.wind_height_m, N_("测风高度"), "m"),
        (weather.temperature_k, N_("气温"), "K"),
        (weather.pressure_pa, N_("环境绝对压力"), "Pa"),
    ):
        if value is not None:
            within(value, 0.0, math.inf, model=CODE, what=what, unit=unit, open_low=True)
    for value, what in ((scenario.height_m, N_("孔口离地高度")), (scenario.head_m, N_("孔口以上液柱高度"))):
        within(value, 0.0, math.inf, model=CODE, what=what, unit="m")


# ── gas ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _gas(case: Case) -> Sources:
    scenario, substance = case.scenario, case.substance
    exponent, molar = substance.gas_exponent(CODE), case.need("molar_mass_kg_mol")
    if scenario.hole_m is None:
        trail = Trail((GAS_HOLE.credentials,), (PATHS[GAS],))
        return _one(case, GAS, _cold_jet(case, at_once(case, trail, scenario.inventory_kg), exponent), 0.0)
    answer = GAS_BLOWDOWN.answer(
        {
            "discharge_coefficient": case.assumed.discharge_gas,
            "hole_m": scenario.hole_m,
            "mass_kg": scenario.inventory_kg,
            "pressure_pa": scenario.pressure_pa,
            "temperature_k": scenario.temperature_k,
            "molar_mass_kg_mol": molar,
            "isentropic_exponent": exponent,
            "ambient_pa": case.ambient_pa,
            "steps": BLOWDOWN_STEPS,
        }
    )
    time, left = answer.values["time_s"], answer.values["left_kg"]
    end = case.open_for(float(time[-1]))
    edges = np.append(time[time < end], end)
    inside = np.interp(edges, time, left)
    term = lasting(case, Trail((), (PATHS[GAS],)).adds(answer), edges, -np.diff(inside) / np.diff(edges))
    return _one(case, GAS, _cold_jet(case, term, exponent), float(inside[-1]))


def _cold_jet(case: Case, term: SourceTerm, exponent: float) -> SourceTerm:
    """The term with temperature and density of the gas expanded to the pressure of the air, not below its boiling point; a light gas as it was."""
    scenario, substance = case.scenario, case.substance
    if scenario.pressure_pa <= case.ambient_pa:
        raise Contradiction(model=CODE, reason=N_("容器压力不高于环境压力，气体不会流出"))
    if case.need("molar_mass_kg_mol") < COLD_HEAVY_SHARE * AIR_KG_MOL:
        return replace(term, cautions=(*term.cautions, _LIGHT_JET))
    cold = float(expanded_temperature(scenario.temperature_k, scenario.pressure_pa, case.ambient_pa, exponent))
    if substance.boiling_point_k is not None:
        # At the pressure of the air it would condense below; the normal boiling point serves where it cannot be moved to that pressure.
        known = substance.heat_of_vaporisation_j_kg is not None and substance.molar_mass_kg_mol is not None
        cold = max(cold, min(case.boiling_k if known else substance.boiling_point_k, scenario.temperature_k))
    density = substance.gas_density(cold, case.ambient_pa, CODE)
    return replace(term, temperature_k=cold, density_kg_m3=density, cautions=(*term.cautions, _COLD_JET))


# ── liquefied gas ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _liquefied(case: Case) -> Sources:
    scenario = case.scenario
    saturation, exact = case.substance.vapour_pressure(scenario.temperature_k, CODE)
    trail = Trail((), (PATHS[LIQUEFIED], *(() if exact else (_VAPOUR_PRESSURE,))))
    if scenario.hole_m is not None and case.assumed.opening == VAPOUR_SPACE:
        return _vapour_space(case, trail, saturation)
    flash, trail = _flash(case, trail)
    share, trail = _flying(case, trail, flash)
    if scenario.hole_m is None:
        return _burst(case, trail, flash, share)
    rate, trail = _two_phase_rate(case, trail, saturation)
    lasts = case.open_for(scenario.inventory_kg / rate)
    trail = trail.warns(_RATE_HELD)
    vessel = max(scenario.inventory_kg - rate * lasts, 0.0)
    if share >= 1.0:
        jet = lasting(case, trail, np.array([0.0, lasts]), np.array([rate]))
        return _one(case, LIQUEFIED, _flashed(case, jet, flash, share), vessel)
    time = times(lasts, max(lasts, case.assumed.horizon_s))
    fed = np.minimum(time, lasts) * rate * (1.0 - share)
    pool, trail = _pool(case, trail, time, fed)
    jet_rate = np.where(time[:-1] < lasts, rate * share, 0.0)
    term = _flashed(case, _pool_term(case, trail, pool, jet_rate, lasts), flash, share)
    return Sources(LIQUEFIED, (term,), term.mass_kg, vessel, float(pool.left_kg[-1]), pool)


def _flash(case: Case, trail: Trail) -> tuple[float, Trail]:
    """Flash fraction; all of it where the heat stored exceeds the heat of vaporisation."""
    figures = {
        "temperature_k": case.scenario.temperature_k,
        "liquid_heat_capacity_j_kg_k": case.need("liquid_heat_capacity_j_kg_k"),
        "heat_of_vaporisation_j_kg": case.need("heat_of_vaporisation_j_kg"),
    }
    heat = float(superheat(boiling_k=case.boiling_k, **figures))
    if heat > 1.0:
        return 1.0, trail.names(FLASH.credentials)
    answer = FLASH.answer({**figures, "boiling_point_k": case.boiling_k})
    return float(answer.values["flash_fraction"]), trail.adds(answer)


def _flying(case: Case, trail: Trail, flash: float) -> tuple[float, Trail]:
    """Share that stays in the air, as vapour and droplets."""
    if case.assumed.droplets == STAY:
        return 1.0, trail
    answer = CATASTROPHIC.answer({"mass_kg": case.scenario.inventory_kg, "flash_fraction": flash})
    return float(answer.values["airborne_share"]), trail.adds(answer).warns(*(() if case.scenario.hole_m is None else (_DROPLETS_OF_JET,)))


def _two_phase_rate(case: Case, trail: Trail, saturation: float) -> tuple[float, Trail]:
    """Rate in kg/s at the beginning; the head of liquid adds to the pressure before the opening."""
    scenario, density = case.scenario, case.need("liquid_density_kg_m3")
    vapour = case.substance.gas_density(scenario.temperature_k, saturation, CODE)
    answer = TWO_PHASE.answer(
        {
            "discharge_coefficient": case.assumed.discharge_liquid,
            "hole_m": scenario.hole_m,
            "pipe_m": case.assumed.pipe_m,
            "density_kg_m3": density,
            "pressure_pa": max(scenario.pressure_pa, saturation) + density * GRAVITY * scenario.head_m,
            "saturation_pa": saturation,
            "temperature_k": scenario.temperature_k,
            "heat_of_vaporisation_j_kg": case.need("heat_of_vaporisation_j_kg"),
            "expansion_m3_kg": 1.0 / vapour - 1.0 / density,
            "liquid_heat_capacity_j_kg_k": case.need("liquid_heat_capacity_j_kg_k"),
            "ambient_pa": case.ambient_pa,
        }
    )
    return float(answer.values["mass_rate_kg_s"]), trail.adds(answer)


def _vapour_space(case: Case, trail: Trail, saturation: float) -> Sources:
    """Vapour alone leaves, at saturation pressure, while the liquid below boils to replace it."""
    scenario = case.scenario
    exponent = case.substance.gas_exponent(CODE)
    answer = GAS_HOLE.answer(
        {
            "discharge_coefficient": case.assumed.discharge_gas,
            "hole_m": scenario.hole_m,
            "density_kg_m3": case.substance.gas_density(scenario.temperature_k, saturation, CODE),
            "pressure_pa": saturation,
            "temperature_k": scenario.temperature_k,
            "isentropic_exponent": exponent,
            "ambient_pa": case.ambient_pa,
        }
    )
    rate = float(answer.values["mass_rate_kg_s"])
    lasts = case.open_for(scenario.inventory_kg / rate)
    term = lasting(case, trail.adds(answer).warns(_RATE_HELD), np.array([0.0, lasts]), np.array([rate]))
    return _one(case, LIQUEFIED, _cold_jet(case, term, exponent), max(scenario.inventory_kg - rate * lasts, 0.0))


def _burst(case: Case, trail: Trail, flash: float, share: float) -> Sources:
    """The whole inventory at once: what flies, and a pool of the rest."""
    total = case.scenario.inventory_kg
    first = _flashed(case, at_once(case, trail, total * share), flash, share)
    if share >= 1.0:
        return _one(case, LIQUEFIED, first, 0.0)
    time = times(0.0, case.assumed.horizon_s)
    pool, trail = _pool(case, Trail((), (PATHS[LIQUEFIED],)), time, np.full(time.size, total * (1.0 - share)))
    second = _pool_term(case, trail, pool, np.zeros(time.size - 1), 0.0)
    return Sources(LIQUEFIED, (first, second), first.mass_kg + second.mass_kg, 0.0, float(pool.left_kg[-1]), pool)


def _flashed(case: Case, term: SourceTerm, flash: float, share: float) -> SourceTerm:
    """The term with temperature and density of vapour and droplets at the boiling point, ``1 / (x/ρv + (1 - x)/ρl)``, x vapour in what flies."""
    vapour = case.substance.gas_density(case.boiling_k, case.ambient_pa, CODE)
    dry = 1.0 if share <= 0.0 else min(flash / share, 1.0)
    density = 1.0 / (dry / vapour + (1.0 - dry) / case.need("liquid_density_kg_m3"))
    return replace(term, temperature_k=case.boiling_k, density_kg_m3=density)


# ── liquids that drain and lie ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _drained(case: Case, path: str) -> Sources:
    scenario, density = case.scenario, case.need("liquid_density_kg_m3")
    trail = Trail((), (PATHS[path],))
    if scenario.hole_m is None:
        time = times(0.0, case.assumed.horizon_s)
        fed, vessel, end = np.full(time.size, scenario.inventory_kg), 0.0, 0.0
    else:
        answer = TANK_DRAINING.answer(
            {
                "discharge_coefficient": case.assumed.discharge_liquid,
                "hole_m": scenario.hole_m,
                "density_kg_m3": density,
                "pressure_pa": scenario.pressure_pa,
                "ambient_pa": case.ambient_pa,
                "head_m": scenario.head_m,
                "mass_kg": scenario.inventory_kg,
                "steps": 400,
            }
        )
        trail = trail.adds(answer)
        end = case.open_for(answer.values["empty_s"])
        time = times(end, max(end, case.assumed.horizon_s))
        fed = scenario.inventory_kg - np.interp(np.minimum(time, end), answer.values["time_s"], answer.values["left_kg"])
        vessel = max(scenario.inventory_kg - float(fed[-1]), 0.0)
    pool, trail = _pool(case, trail, time, fed)
    term = _pool_term(case, trail, pool, np.zeros(time.size - 1), end)
    return Sources(path, (term,), term.mass_kg, vessel, float(pool.left_kg[-1]), pool)


def _pool_state(case: Case) -> tuple[float, float, bool]:
    """Temperature in K and vapour pressure in Pa of a pool, and whether that pressure is a measured one."""
    warm = max(min(case.scenario.temperature_k, case.boiling_k), case.ground_k)
    if warm >= case.boiling_k - BOILING_MARGIN_K:
        at = case.boiling_k - BOILING_MARGIN_K
        return at, case.substance.pressure_near_boiling(at, case.ambient_pa, CODE), True
    return warm, *case.substance.vapour_pressure(warm, CODE)


def _pool(case: Case, trail: Trail, time: Figures, fed: Figures) -> tuple[Pool, Trail]:
    """The course of the pool that is given ``fed`` by ``time``."""
    ground = Ground(case.need("liquid_density_kg_m3"), case.assumed.layer_m, case.bund_m2)
    temperature, pressure, exact = _pool_state(case)
    molar = case.need("molar_mass_kg_mol")
    wind, number = wind_at(case.scenario.weather, WIND_HEIGHT_M), schmidt(molar, case.substance.diffusivity_m2_s)
    # Asked once with its checks, for 1 m²; the equations then follow the pool as it widens.
    windy = POOL_EVAPORATION.answer(
        {
            "area_m2": 1.0,
            "wind_m_s": wind,
            "vapour_pressure_pa": pressure,
            "molar_mass_kg_mol": molar,
            "temperature_k": temperature,
            "schmidt_number": number,
            "ambient_pa": case.ambient_pa,
        }
    )

    def into_wind(diameter_m: float) -> float:
        return float(flux(transfer_coefficient(wind, diameter_m, number), pressure, molar, temperature))

    heat = 0.0
    if case.ground_k > case.boiling_k:
        conductivity, diffusivity = GROUNDS[case.assumed.ground]
        figures = (case.ground_k, case.boiling_k, case.need("heat_of_vaporisation_j_kg"))
        heat = strength(conductivity, diffusivity, *figures)
        names = ("ground_temperature_k", "liquid_temperature_k", "heat_of_vaporisation_j_kg")
        trail = trail.adds(POOL_BOILING.answer({"time_s": 1.0, **dict(zip(names, figures, strict=True))}))
    pool = course(time, fed, ground, heat, into_wind)
    depth = float(np.max(pool.left_kg)) / ground.density_kg_m3 / float(pool.area_m2[-1])
    deep = depth_caution(depth, case.assumed.layer_m) if pool.area_m2[-1] >= case.bund_m2 else ()
    spread = POOL_SPILL if fed[0] > 0.0 else POOL_GROWTH
    known = (*deep, *(() if exact else (_VAPOUR_PRESSURE,)), *_unfinished(pool))
    return pool, trail.names(spread.credentials).adds(windy).warns(*known)


def _unfinished(pool: Pool) -> tuple[Caution, ...]:
    left = float(pool.left_kg[-1])
    if left < 1.0:
        return ()
    facts = {"minutes": f"{pool.time_s[-1] / 60.0:.0f}", "kg": f"{left:.0f}"}
    return (Caution("pool_unfinished", N_("只算到 {minutes} 分钟，届时液池仍余 {kg} kg，此后继续蒸发。"), facts),)


# ── terms ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pool_term(case: Case, trail: Trail, pool: Pool, beside_kg_s: Figures, fed_until_s: float) -> SourceTerm:
    """What a pool gives, and what flies ``beside`` it, until both have ended; from the ground, with the density of the air above a pool."""
    rate = pool.rate_kg_s + beside_kg_s
    alive = np.flatnonzero(rate > 0.0)
    if not alive.size:
        raise Contradiction(model=CODE, reason=N_("没有物质进入空气"))
    last = int(alive[-1]) + 1
    edges, rate = sustained(pool.time_s[: last + 1], rate[:last], fed_until_s)
    temperature, pressure, _exact = _pool_state(case)
    share = min(pressure / case.ambient_pa, 1.0)
    molar = share * case.need("molar_mass_kg_mol") + (1.0 - share) * AIR_KG_MOL
    term = lasting(case, trail, edges, rate)
    return replace(
        term,
        temperature_k=temperature,
        density_kg_m3=ideal_gas_density(case.ambient_pa, temperature, molar),
        height_m=0.0 if not np.any(beside_kg_s > 0.0) else term.height_m,
    )


def _one(case: Case, path: str, term: SourceTerm, vessel_kg: float) -> Sources:
    return Sources(path, (term,), term.mass_kg, vessel_kg, 0.0)
