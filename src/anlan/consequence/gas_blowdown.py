"""A vessel of gas that empties through a hole: ``dm/dt = -Q(p)`` with the gas left behind expanding adiabatically.

``p = p0 (m/m0)^k``, ``T = T0 (m/m0)^(k-1)`` (isentropic expansion of an ideal gas; TNO Yellow Book CPR 14E (2005) chapter 2), Q of :mod:`gas_hole`. The mass is the
independent variable: ``t = ∫ dm / Q`` is integrated on masses that fall from m0 to that at ambient pressure, so the curve is monotone and
conserves mass by construction. While the flow is choked it has the closed form ``m/m0 = (1 + (k-1)/2 Q0 t/m0)^(-2/(k-1))``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.gas_hole import ideal_gas_caution, mass_flux, outflowing
from anlan.consequence.openings import AMBIENT, DISCHARGE, EXPONENT, MASS, STEPS, area
from anlan.consequence.substance import ideal_gas_density
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "release.gas_blowdown"
ADIABATIC = Caution("blowdown_adiabatic", N_("放空按绝热计算，未计容器壁传入的热量：实际降压较慢，后期速率偏低，初始速率不受影响。"))


@dataclass(frozen=True)
class Vessel:
    """Gas in a closed vessel: state at the beginning."""

    mass_kg: float
    pressure_pa: float
    temperature_k: float
    molar_mass_kg_mol: float
    isentropic_exponent: float

    @property
    def density_kg_m3(self) -> float:
        """At the beginning, as an ideal gas."""
        return ideal_gas_density(self.pressure_pa, self.temperature_k, self.molar_mass_kg_mol)

    def pressure(self, left: Figures) -> Figures:
        """Pressure in Pa with the share ``left`` of the mass still inside, ``p0 x^k``."""
        return self.pressure_pa * left**self.isentropic_exponent

    def temperature(self, left: Figures) -> Figures:
        """Temperature in K with the share ``left`` of the mass still inside, ``T0 x^(k-1)``."""
        return self.temperature_k * left ** (self.isentropic_exponent - 1.0)

    def rest(self, ambient_pa: float) -> float:
        """Share of the mass that stays inside at ambient pressure, ``(pa/p0)^(1/k)``."""
        return (ambient_pa / self.pressure_pa) ** (1.0 / self.isentropic_exponent)

    def rate(self, left: Figures, opening_m2: float, ambient_pa: float) -> Figures:
        """Outflow in kg/s with the share ``left`` inside, through an effective area ``Cd A``."""
        pressure = np.maximum(self.pressure(left), ambient_pa)
        return opening_m2 * mass_flux(pressure, ambient_pa, self.density_kg_m3 * left, self.isentropic_exponent)


def emptying(vessel: Vessel, opening_m2: float, ambient_pa: float, steps: int) -> tuple[Figures, Figures]:
    """Times in s and shares of the mass left at them, ``steps`` + 1 of each, down to ambient pressure.

    With ``x = xe + (1 - xe) s²`` the integrand ``2 (1 - xe) s m0 / Q`` stays finite where Q goes to zero as the square root of the pressure
    difference; each piece is integrated by Gauss and Legendre with eight nodes.
    """
    rest = vessel.rest(ambient_pa)
    edges = np.linspace(1.0, 0.0, steps + 1)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = (edges[:-1] - edges[1:]) / 2.0
    inside = (edges[:-1] + edges[1:])[:, None] / 2.0 + half[:, None] * nodes
    slope = 2.0 * (1.0 - rest) * inside * vessel.mass_kg / vessel.rate(rest + (1.0 - rest) * inside**2, opening_m2, ambient_pa)
    lasts = (slope * weights).sum(axis=1) * half
    return np.concatenate(([0.0], np.cumsum(lasts))), rest + (1.0 - rest) * edges**2


def _run(
    discharge_coefficient: float,
    hole_m: float,
    mass_kg: float,
    pressure_pa: float,
    temperature_k: float,
    molar_mass_kg_mol: float,
    isentropic_exponent: float,
    ambient_pa: float,
    steps: float,
) -> Answer:
    outflowing(pressure_pa, ambient_pa, CODE)
    vessel = Vessel(mass_kg, pressure_pa, temperature_k, molar_mass_kg_mol, isentropic_exponent)
    opening = discharge_coefficient * float(area(hole_m))
    time, left = emptying(vessel, opening, ambient_pa, int(steps))
    rate = vessel.rate(left, opening, ambient_pa)
    rate[-1] = 0.0
    return Answer(
        {
            "time_s": time,
            "mass_rate_kg_s": rate,
            "left_kg": vessel.mass_kg * left,
            "pressure_pa": vessel.pressure(left),
            "temperature_k": vessel.temperature(left),
            "empty_s": float(time[-1]),
        },
        GAS_BLOWDOWN.credentials,
        (ADIABATIC, *ideal_gas_caution(pressure_pa)),
    )


GAS_BLOWDOWN = Model(
    code=CODE,
    title=N_("压力容器气体放空过程（绝热）"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005) 2.22-2.26, vessel emptied adiabatically",
    inputs=(
        DISCHARGE,
        Input("hole_m", "m", N_("孔口当量直径"), low=0.0, open_low=True),
        MASS,
        Input("pressure_pa", "Pa", N_("容器内绝对压力"), low=0.0, open_low=True),
        Input("temperature_k", "K", N_("容器内温度"), low=0.0, open_low=True),
        Input("molar_mass_kg_mol", "kg/mol", N_("摩尔质量"), low=0.0, open_low=True),
        EXPONENT,
        AMBIENT,
        STEPS,
    ),
    outputs=(
        Output("time_s", "s", N_("时刻")),
        Output("mass_rate_kg_s", "kg/s", N_("各时刻泄漏速率")),
        Output("left_kg", "kg", N_("各时刻容器内余量")),
        Output("pressure_pa", "Pa", N_("各时刻容器内压力")),
        Output("temperature_k", "K", N_("各时刻容器内温度")),
        Output("empty_s", "s", N_("降到环境压力的时间")),
    ),
    run=_run,
)
MODELS = (GAS_BLOWDOWN,)
