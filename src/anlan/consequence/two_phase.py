"""A liquid above its boiling point through a hole or a pipe: homogeneous flow that flashes as far as the length of the pipe allows.

``G² = Gsub² + Germ² / N`` with ``Germ = ΔHv / (vfg sqrt(T cp))`` (equilibrium rate: Fauske 1985; Crowl & Louvar) and
``N = Germ² / Gsat² + l / le``, ``le = 0.1 m`` (Fauske & Epstein 1987, Henry & Fauske 1971, as ALOHA uses them: NOAA TM NOS OR&R 43, 3.4.5).
``Gsub`` and ``Gsat`` are Bernoulli's flux over the pressure above saturation and over the rest. A bare hole (l = 0) is then exactly Bernoulli's
liquid, and beyond 10 cm the flow is at equilibrium. The two branches of the source do not meet at 10 cm: just below it the flux is lower
by ``1 / sqrt(1 + Germ² / Gsat²)``. Status: secondary (read through publications that quote these sources, no page seen).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.openings import AMBIENT, DISCHARGE, HOLE, LIQUID_DENSITY, area
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE = "release.two_phase"
EQUILIBRIUM_M: Final = 0.1
"""Length of pipe in m after which the flow is at equilibrium (ALOHA 3.4.5; CCPS 1996 p. 37). Status: secondary."""


def equilibrium_flux(
    heat_of_vaporisation_j_kg: float, expansion_m3_kg: float, temperature_k: float, liquid_heat_capacity_j_kg_k: float
) -> float:
    """Equilibrium rate in kg/(m² s), ``ΔHv / (vfg sqrt(T cp))``; ``expansion_m3_kg``: specific volume of vapour less that of liquid."""
    return float(heat_of_vaporisation_j_kg / expansion_m3_kg / np.sqrt(temperature_k * liquid_heat_capacity_j_kg_k))


def liquid_flux_squared(discharge_coefficient: float, density_kg_m3: float, drop_pa: float | Figures) -> Figures:
    """Square of Bernoulli's flux over a drop of pressure, ``2 Cd² ρ Δp`` in kg²/(m⁴ s²)."""
    return 2.0 * discharge_coefficient**2 * density_kg_m3 * np.asarray(drop_pa)


def non_equilibrium(equilibrium_kg_m2_s: float, saturated_squared: float | Figures, pipe_m: float | Figures) -> Figures:
    """``N = Germ² / Gsat² + l / le`` up to 10 cm of pipe, 1 beyond."""
    length = np.asarray(pipe_m)
    short = equilibrium_kg_m2_s**2 / np.asarray(saturated_squared) + length / EQUILIBRIUM_M
    return np.where(length < EQUILIBRIUM_M, short, 1.0)


def _run(
    discharge_coefficient: float,
    hole_m: float | Figures,
    pipe_m: float | Figures,
    density_kg_m3: float,
    pressure_pa: float | Figures,
    saturation_pa: float,
    temperature_k: float,
    heat_of_vaporisation_j_kg: float,
    expansion_m3_kg: float,
    liquid_heat_capacity_j_kg_k: float,
    ambient_pa: float,
) -> Answer:
    if saturation_pa <= ambient_pa:
        raise Contradiction(model=CODE, reason=N_("饱和蒸气压不高于环境压力，液体不闪蒸；请用液体孔口泄漏模型"))
    if np.any(np.asarray(pressure_pa) < saturation_pa):
        raise Contradiction(model=CODE, reason=N_("孔口前压力低于饱和蒸气压，容器内不会是液体；请核对压力、温度，或用气体孔口泄漏模型"))
    equilibrium = equilibrium_flux(heat_of_vaporisation_j_kg, expansion_m3_kg, temperature_k, liquid_heat_capacity_j_kg_k)
    saturated = liquid_flux_squared(discharge_coefficient, density_kg_m3, saturation_pa - ambient_pa)
    subcooled = liquid_flux_squared(discharge_coefficient, density_kg_m3, np.asarray(pressure_pa) - saturation_pa)
    flux = np.sqrt(subcooled + equilibrium**2 / non_equilibrium(equilibrium, saturated, pipe_m))
    return Answer(
        {"mass_rate_kg_s": flux * area(hole_m), "mass_flux_kg_m2_s": flux, "equilibrium_flux_kg_m2_s": equilibrium},
        TWO_PHASE.credentials,
        (Caution("two_phase_secondary", N_("两相泄漏公式系据转引资料核对，未见原书页。")),),
    )


TWO_PHASE = Model(
    code=CODE,
    title=N_("过热液体两相泄漏（孔口、短管与平衡流）"),
    version="1",
    citation="Fauske & Epstein 1987 as in ALOHA, NOAA TM NOS OR&R 43 (2013) 3.4.5; Crowl & Louvar, equilibrium rate model",
    inputs=(
        DISCHARGE,
        HOLE,
        Input("pipe_m", "m", N_("孔口前管长（容器壁上的孔为 0）"), low=0.0, default=0.0, many=True),
        LIQUID_DENSITY,
        Input("pressure_pa", "Pa", N_("孔口前绝对压力"), low=0.0, open_low=True, many=True),
        Input("saturation_pa", "Pa", N_("饱和蒸气压"), low=0.0, open_low=True),
        Input("temperature_k", "K", N_("容器内温度"), low=0.0, open_low=True),
        Input("heat_of_vaporisation_j_kg", "J/kg", N_("汽化热"), low=0.0, open_low=True),
        Input("expansion_m3_kg", "m³/kg", N_("汽液比体积差"), low=0.0, open_low=True),
        Input("liquid_heat_capacity_j_kg_k", "J/(kg K)", N_("液体定压比热容"), low=0.0, open_low=True),
        AMBIENT,
    ),
    outputs=(
        Output("mass_rate_kg_s", "kg/s", N_("泄漏速率")),
        Output("mass_flux_kg_m2_s", "kg/(m² s)", N_("质量通量")),
        Output("equilibrium_flux_kg_m2_s", "kg/(m² s)", N_("平衡流质量通量")),
    ),
    run=_run,
)
MODELS = (TWO_PHASE,)
