"""How much radiation the water vapour of the air lets through: ``τ = 2.02 (pw x)^-0.09``.

Bagster, for 1e4 <= pw x <= 1e5 N/m (TNO Yellow Book CPR 14E, 2005, eq. 6.29); nearer or farther it is refused. Status: secondary. The pressure
of water vapour follows from temperature and humidity by the saturation formula over water of WMO-No. 8, valid from -45 to 60 °C (from memory,
unverified; 0.3 % below the 2339 Pa of steam tables at 20 °C).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.flames import DISTANCE
from anlan.consequence.flames import TRANSMISSIVITY as TOLD
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

CODE = "fire.transmissivity"
LEAST, MOST = 1e4, 1e5
"""N/m: where the fit holds."""
COLDEST_K, HOTTEST_K = 228.15, 333.15
FREEZING_K: Final = 273.15


def saturation_pressure(temperature_k: float) -> float:
    """Of water over liquid water, Pa: ``611.2 e^(17.62 t / (243.12 + t))``, t in °C."""
    t = temperature_k - FREEZING_K
    return 611.2 * float(np.exp(17.62 * t / (243.12 + t)))


def transmissivity(vapour_pressure_pa: float, path_m: Figures) -> Figures:
    """``2.02 (pw x)^-0.09``. Raises ``OutOfRange`` unless 1e4 <= pw x <= 1e5 N/m."""
    product = within(
        vapour_pressure_pa * np.asarray(path_m, np.float64), LEAST, MOST, model=CODE, what=N_("水蒸气分压与距离之积"), unit="N/m"
    )
    return 2.02 * product**-0.09


def _run(temperature_k: float, humidity: float, distance_m: float | Figures) -> Answer:
    vapour = humidity * saturation_pressure(temperature_k)
    return Answer({"transmissivity": transmissivity(vapour, np.asarray(distance_m)), "vapour_pressure_pa": vapour}, BAGSTER.credentials)


BAGSTER = Model(
    code=CODE,
    title=N_("大气透射率（Bagster）"),
    version="1",
    citation="Bagster; TNO Yellow Book CPR 14E (2005) eq. 6.29; WMO-No. 8",
    inputs=(
        Input("temperature_k", "K", N_("气温"), low=COLDEST_K, high=HOTTEST_K, default=288.15),
        Input("humidity", "1", N_("相对湿度（0 至 1）"), low=0.0, high=1.0, default=0.5, open_low=True),
        Input("distance_m", "m", N_("辐射在空气中经过的距离"), low=0.0, high=DISTANCE.high, many=True, open_low=True),
    ),
    outputs=(Output("transmissivity", "1", TOLD.meaning), Output("vapour_pressure_pa", "Pa", N_("水蒸气分压"))),
    run=_run,
)
MODELS = (BAGSTER,)
