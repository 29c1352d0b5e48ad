"""Radiation of a pool fire seen as a solid cylinder, upright or tilted by the wind: ``q = SEP F τ``.

Flame of Thomas (:mod:`thomas`, :mod:`flame_tilt`), surface of Mudan or as given, view factors of Raj and Mudan (:mod:`view_factor`): the chain of the
TNO Yellow Book (CPR 14E, 2005) 6.6.3, whose benzene example is recomputed. The target is the one turned for the most. Downwind the flame comes
nearer than anywhere else: a circle with the downwind reach holds all of the zone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.consequence import emissive_power
from anlan.consequence.catalogue import Answer, Caution, Input, Model, Output
from anlan.consequence.falling import outermost, within_reach
from anlan.consequence.flame_tilt import VISCOSITY, tilt
from anlan.consequence.flames import AIR_DENSITY, BURNING_FLUX, DIAMETER, DISTANCE, RADIATION, TRANSMISSIVITY, of_transmissivity
from anlan.consequence.thomas import WIND_10M, length_in_wind, length_still
from anlan.consequence.validity import Contradiction, Figures
from anlan.consequence.view_factor import FARTHEST_RADII, STEEPEST_RAD, edge_m, factors
from anlan.kernel.words import N_

CODE = "fire.pool_solid_flame"
MUDAN_POWER = 0.0
"""As ``emissive_power_w_m2``: reckon it by Mudan."""


@dataclass(frozen=True)
class PoolFlame:
    """A cylinder of flame on a pool: ``tilt_rad`` from upright, downwind."""

    diameter_m: float
    length_m: float
    tilt_rad: float
    emissive_power_w_m2: float
    transmissivity: float = 1.0

    @property
    def radius_m(self) -> float:
        """Half the diameter."""
        return self.diameter_m / 2

    @property
    def edge_m(self) -> float:
        """How far from the middle of the pool the flame itself reaches, downwind."""
        return edge_m(self.radius_m, self.length_m, self.tilt_rad)

    def radiation(self, distance_m: Figures) -> Figures:
        """W/m² on a target turned for the most, downwind of the middle of the pool. Raises ``OutOfRange`` in or under the flame."""
        _, _, greatest = factors(self.radius_m, self.length_m, distance_m, self.tilt_rad, model=CODE)
        return self.emissive_power_w_m2 * self.transmissivity * greatest

    def reach(self, level_w_m2: float) -> float:
        """How far downwind a level is reached, m; not less than the flame itself reaches, under and in which everybody is burnt.

        Raises ``OutOfRange`` beyond 1000 radii.
        """
        nearest, farthest = self.edge_m * (1 + 1e-9), self.radius_m * FARTHEST_RADII * (1 - 1e-9)
        found = outermost(level_w_m2, self.radiation, nearest, farthest)
        return self.edge_m if found is None else within_reach(found, level_w_m2, farthest, CODE)


def pool_flame(
    diameter_m: float,
    burning_flux_kg_m2_s: float,
    *,
    wind_m_s: float = 0.0,
    emissive_power_w_m2: float | None = None,
    air_kg_m3: float = 1.2,
    viscosity_m2_s: float = VISCOSITY,
    transmissivity: float = 1.0,
) -> PoolFlame:
    """The flame of a pool: Thomas's length in still air or in wind, and the tilt. Raises ``Contradiction`` for one that lies on the ground."""
    power = emissive_power.mudan(diameter_m) if emissive_power_w_m2 is None else emissive_power_w_m2
    if wind_m_s == 0:
        return PoolFlame(diameter_m, length_still(diameter_m, burning_flux_kg_m2_s, air_kg_m3), 0.0, power, transmissivity)
    length = length_in_wind(diameter_m, burning_flux_kg_m2_s, air_kg_m3, wind_m_s)
    leaning = tilt(diameter_m, wind_m_s, viscosity_m2_s)
    if leaning > STEEPEST_RAD:
        raise Contradiction(model=CODE, reason=N_("风太大，火焰几乎贴地，圆柱火焰模型不适用；请减小风速或按点源计算"))
    return PoolFlame(diameter_m, length, leaning, power, transmissivity)


def _run(
    diameter_m: float,
    burning_flux_kg_m2_s: float,
    wind_m_s: float,
    emissive_power_w_m2: float,
    air_density_kg_m3: float,
    viscosity_m2_s: float,
    transmissivity: float,
    distance_m: Figures,
) -> Answer:
    given = None if emissive_power_w_m2 == MUDAN_POWER else emissive_power_w_m2
    flame = pool_flame(
        diameter_m,
        burning_flux_kg_m2_s,
        wind_m_s=wind_m_s,
        emissive_power_w_m2=given,
        air_kg_m3=air_density_kg_m3,
        viscosity_m2_s=viscosity_m2_s,
        transmissivity=transmissivity,
    )
    cautions = of_transmissivity(transmissivity)
    if given is None:
        cautions = (*cautions, Caution("mudan_sooty_fuels", emissive_power.SOOTY_FUELS))
    values = {
        "flame_length_m": flame.length_m,
        "tilt_deg": float(np.degrees(flame.tilt_rad)),
        "flame_edge_m": flame.edge_m,
        "emissive_power_w_m2": flame.emissive_power_w_m2,
        "radiation_w_m2": flame.radiation(np.asarray(distance_m)),
    }
    return Answer(values, POOL_SOLID_FLAME.credentials, cautions)


POOL_SOLID_FLAME = Model(
    code=CODE,
    title=N_("池火热辐射：固体火焰（圆柱）"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005) 6.6.3; Thomas 1963; Mudan 1984; Raj",
    inputs=(
        DIAMETER,
        BURNING_FLUX,
        WIND_10M,
        Input("emissive_power_w_m2", "W/m²", N_("火焰表面辐射功率（0：按 Mudan 式计算）"), low=0.0, default=MUDAN_POWER),
        AIR_DENSITY,
        Input("viscosity_m2_s", "m²/s", N_("空气运动黏度"), low=0.0, default=VISCOSITY, open_low=True),
        TRANSMISSIVITY,
        Input("distance_m", "m", N_("下风向到液池中心的距离"), low=0.0, high=DISTANCE.high, many=True, open_low=True),
    ),
    outputs=(
        Output("flame_length_m", "m", N_("火焰长度")),
        Output("tilt_deg", "°", N_("火焰偏离竖直方向的角度")),
        Output("flame_edge_m", "m", N_("火焰前缘到液池中心的水平距离")),
        emissive_power.POWER,
        RADIATION,
    ),
    run=_run,
)
MODELS = (POOL_SOLID_FLAME,)
