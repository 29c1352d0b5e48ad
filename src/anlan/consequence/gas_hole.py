"""A gas through a hole: isentropic flow of an ideal gas, choked or not.

TNO Yellow Book CPR 14E (2005) 2.22 to 2.26; CCPS 1999 p. 47; ALOHA (NOAA TM NOS OR&R 43) 3.4.6. Status: verified against the worked example
of CCPS. Inputs: the source gives no range beyond an ideal gas; above 50 bar the answer says so.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.openings import AMBIENT, DISCHARGE, EXPONENT, HOLE, PRESSURE, TEMPERATURE, area
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE = "release.gas_hole"
IDEAL_PA: Final = 5.0e6
"""Above about 50 bar a gas is no longer ideal (a rule of the field, no hard limit)."""


def critical_ratio(k: float) -> float:
    """Pressure of vessel over ambient from which the flow is choked, ``((k + 1) / 2)^(k / (k - 1))`` (Yellow Book 2.22 to 2.26)."""
    return ((k + 1.0) / 2.0) ** (k / (k - 1.0))


def choked_flux(pressure_pa: float | Figures, density_kg_m3: float | Figures, k: float) -> Figures:
    """Ideal mass flux in kg/(m² s) of choked flow, ``sqrt(ρ0 p0 k (2 / (k + 1))^((k + 1) / (k - 1)))`` (Yellow Book 2.22 to 2.26)."""
    return np.sqrt(np.asarray(density_kg_m3) * pressure_pa * k * (2.0 / (k + 1.0)) ** ((k + 1.0) / (k - 1.0)))


def subsonic_flux(pressure_pa: float | Figures, ambient_pa: float, density_kg_m3: float | Figures, k: float) -> Figures:
    """Ideal mass flux in kg/(m² s) below choking, ``sqrt(2 p0 ρ0 k/(k-1) (r^(2/k) - r^((k+1)/k)))``, ``r = pa/p0`` (Yellow Book 2.22 to 2.26)."""
    ratio = ambient_pa / np.asarray(pressure_pa)
    # r^(2/k) (1 - r^((k-1)/k)): the difference of two nearly equal powers would lose its digits near equal pressures.
    drop = -np.expm1((k - 1.0) / k * np.log(ratio))
    return np.sqrt(2.0 * np.asarray(pressure_pa) * density_kg_m3 * k / (k - 1.0) * ratio ** (2.0 / k) * drop)


def mass_flux(pressure_pa: float | Figures, ambient_pa: float, density_kg_m3: float | Figures, k: float) -> Figures:
    """Ideal mass flux in kg/(m² s), choked or not; ``pressure_pa`` not below ``ambient_pa``."""
    choked = np.asarray(pressure_pa) / ambient_pa >= critical_ratio(k)
    return np.where(choked, choked_flux(pressure_pa, density_kg_m3, k), subsonic_flux(pressure_pa, ambient_pa, density_kg_m3, k))


def throat_pressure(pressure_pa: float | Figures, ambient_pa: float, k: float) -> Figures:
    """Pressure in Pa in the throat: ``p0 (2 / (k + 1))^(k / (k - 1))`` when choked, else that of the air."""
    return np.maximum(np.asarray(pressure_pa) / critical_ratio(k), ambient_pa)


def expanded_temperature(temperature_k: float | Figures, pressure_pa: float | Figures, to_pa: float | Figures, k: float) -> Figures:
    """Temperature in K after isentropic expansion to ``to_pa``, ``T0 (p / p0)^((k - 1) / k)`` (ALOHA 3.4.6.2)."""
    return np.asarray(temperature_k) * (np.asarray(to_pa) / np.asarray(pressure_pa)) ** ((k - 1.0) / k)


def outflowing(pressure_pa: float | Figures, ambient_pa: float, model: str) -> None:
    """Refuse (:class:`Contradiction`) a vessel whose pressure is not above that of the air: nothing flows out of it."""
    if np.any(np.asarray(pressure_pa) <= ambient_pa * (1.0 + 1e-9)):
        raise Contradiction(model=model, reason=N_("容器压力不高于环境压力，气体不会流出"))


def ideal_gas_caution(pressure_pa: float | Figures) -> tuple[Caution, ...]:
    """What to know of an answer for an ideal gas at this pressure."""
    highest = float(np.max(pressure_pa))
    if highest <= IDEAL_PA:
        return ()
    return (
        Caution(
            "release_not_ideal_gas",
            N_("容器压力 {bar} bar 超过约 50 bar，理想气体假设的偏差增大，请用实际气体密度复核。"),
            {"bar": f"{highest / 1e5:.0f}"},
        ),
    )


def _run(
    discharge_coefficient: float,
    hole_m: float | Figures,
    density_kg_m3: float | Figures,
    pressure_pa: float | Figures,
    temperature_k: float | Figures,
    isentropic_exponent: float,
    ambient_pa: float,
) -> Answer:
    outflowing(pressure_pa, ambient_pa, CODE)
    k = isentropic_exponent
    throat = throat_pressure(pressure_pa, ambient_pa, k)
    choked = np.asarray(pressure_pa) / ambient_pa >= critical_ratio(k)
    return Answer(
        {
            "mass_rate_kg_s": discharge_coefficient * area(hole_m) * mass_flux(pressure_pa, ambient_pa, density_kg_m3, k),
            "throat_pressure_pa": throat,
            "throat_temperature_k": expanded_temperature(temperature_k, pressure_pa, throat, k),
            "expanded_temperature_k": expanded_temperature(temperature_k, pressure_pa, ambient_pa, k),
            "choked": choked if choked.ndim else bool(choked),
        },
        GAS_HOLE.credentials,
        ideal_gas_caution(pressure_pa),
    )


GAS_HOLE = Model(
    code=CODE,
    title=N_("气体孔口泄漏（等熵流动，临界与非临界）"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005) 2.22-2.26; CCPS 1999 p. 47",
    inputs=(
        DISCHARGE,
        HOLE,
        Input("density_kg_m3", "kg/m³", N_("容器内气体密度"), low=0.0, open_low=True, many=True),
        PRESSURE,
        TEMPERATURE,
        EXPONENT,
        AMBIENT,
    ),
    outputs=(
        Output("mass_rate_kg_s", "kg/s", N_("泄漏速率")),
        Output("throat_pressure_pa", "Pa", N_("喉部压力")),
        Output("throat_temperature_k", "K", N_("喉部温度")),
        Output("expanded_temperature_k", "K", N_("膨胀到环境压力后的温度")),
        Output("choked", "", N_("是否临界流动")),
    ),
    run=_run,
)
MODELS = (GAS_HOLE,)
