"""Radiation of a fire taken as a point: ``q = η Q τ / (4 π x²)``, Q the heat it sets free.

Common to all handbooks (TNO Yellow Book CPR 14E, 2005; API 521; Chinese handbooks): everything that is radiated passes through a sphere about the
fire. It holds some flame lengths away; nearer it is too low or too high, which is told. Status: verified by derivation.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Input, Model
from anlan.consequence.flames import DISTANCE, RADIATION, TRANSMISSIVITY, of_transmissivity
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "fire.point_source"
NEAR_FIRE = N_("点源模型把火焰看作一点，在距火焰数倍火焰长度以内误差较大；近处请用固体火焰模型。")
POINT_SOURCE_NEAR = Caution("point_source_fire", NEAR_FIRE)


def radiation(radiated_w: float, distance_m: Figures, transmissivity: float = 1.0) -> Figures:
    """``q = η Q τ / (4 π x²)``, W/m², of the radiated share ``η Q``."""
    return radiated_w * transmissivity / (4 * np.pi * np.asarray(distance_m, np.float64) ** 2)


def reach(radiated_w: float, level_w_m2: float, transmissivity: float = 1.0) -> float:
    """Where the radiation is at a level, m: the inverse of :func:`radiation`."""
    return float(np.sqrt(radiated_w * transmissivity / (4 * np.pi * level_w_m2)))


def _run(heat_release_w: float, radiative_fraction: float, distance_m: Figures, transmissivity: float) -> Answer:
    found = radiation(radiative_fraction * heat_release_w, distance_m, transmissivity)
    return Answer({"radiation_w_m2": found}, POINT_SOURCE.credentials, (POINT_SOURCE_NEAR, *of_transmissivity(transmissivity)))


POINT_SOURCE = Model(
    code=CODE,
    title=N_("火焰热辐射：点源"),
    version="1",
    citation="TNO Yellow Book CPR 14E (2005); API 521",
    inputs=(
        Input("heat_release_w", "W", N_("火焰热释放速率"), low=0.0, open_low=True),
        Input("radiative_fraction", "1", N_("辐射份额"), low=0.0, high=1.0, open_low=True),
        DISTANCE,
        TRANSMISSIVITY,
    ),
    outputs=(RADIATION,),
    run=_run,
)
MODELS = (POINT_SOURCE,)
