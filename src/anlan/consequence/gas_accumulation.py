"""How gas gathers in a ventilated or unventilated working: the mass balance of a well mixed space.

``V dC/dt = q - Q (C - C_in)`` with a flow of air Q, an inflow of gas q that is small against it, and an intake concentration C_in; hence
``C(t) = C_in + (q/Q)(1 - exp(-Q t/V))`` from ``C(0) = C_in`` and ``C(t) = C_0 + q t/V`` once the air stands still (mine ventilation textbooks, e.g.
McPherson 1993, *Subsurface Ventilation Engineering*, ch. 12). Leaving the gas out of the outflow overstates C by the share q/Q at most.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

CODE, VERSION = "gas_accumulation", "1"
CITATION = "mass balance of a well mixed space; McPherson 1993, Subsurface Ventilation Engineering, ch. 12"
NOTABLE_SHARE = 0.05
"""Share of gas in the air from which an answer tells what was left out (a figure of this project)."""

MIXED = N_("假定空间内气体混合均匀；甲烷会在顶板和盲巷积聚成层，局部浓度可远高于此值，不得以此代替检测。")
GAS_IN_AIR = N_("瓦斯涌出量已达风量的 {percent}%，公式忽略了它对风量的影响，结果偏高至多 {percent}%。")


class Overfull(Refusal):
    """More gas than the space holds: the inflow would push the air out, which this balance does not know."""

    code: ClassVar[str] = "gas_overfull"
    sentence: ClassVar[str] = N_("按所给涌出量、风量和时间，浓度将超过 100%，公式已不成立。请核对涌出量和空间体积，或缩短时间。")
    status: ClassVar[int] = 422


def decay(air_m3_s: Figures, volume_m3: Figures, elapsed_s: Figures) -> Figures:
    """``(1 - exp(-x))/x`` with the air changes ``x = Q t/V``; 1 when the air stands still."""
    changes = air_m3_s * elapsed_s / volume_m3
    moving = changes > 1e-12
    return np.where(moving, -np.expm1(-changes) / np.where(moving, changes, 1.0), 1.0)


def concentration(
    gas_m3_s: Figures, air_m3_s: Figures, volume_m3: Figures, elapsed_s: Figures, intake: Figures, initial: Figures
) -> Figures:
    """Share of gas in the air after ``elapsed_s``, from ``initial``, with air of ``intake`` coming in."""
    left = np.exp(-air_m3_s * elapsed_s / volume_m3)
    return intake + (initial - intake) * left + gas_m3_s * elapsed_s / volume_m3 * decay(air_m3_s, volume_m3, elapsed_s)


def steady(gas_m3_s: float, air_m3_s: float, intake: float) -> float | None:
    """Where the concentration settles; ``None``: nowhere, for the air stands still."""
    return intake + gas_m3_s / air_m3_s if air_m3_s > 0.0 else None


def time_to(limit: float, gas_m3_s: float, air_m3_s: float, volume_m3: float, intake: float, initial: float) -> float | None:
    """Seconds until the concentration has risen to ``limit``; 0 if it is there already, ``None``: never."""
    if initial >= limit:
        return 0.0
    settled = steady(gas_m3_s, air_m3_s, intake)
    if settled is None:
        return (limit - initial) * volume_m3 / gas_m3_s if gas_m3_s > 0.0 else None
    if settled <= limit:
        return None
    return float(-np.log1p((limit - initial) / (initial - settled)) * volume_m3 / air_m3_s)


def _run(*, gas_m3_s: float, air_m3_s: float, volume_m3: float, elapsed_s: Figures, intake: float, initial: float, limit: float) -> Answer:
    found = concentration(
        np.asarray(gas_m3_s), np.asarray(air_m3_s), np.asarray(volume_m3), np.asarray(elapsed_s), np.asarray(intake), np.asarray(initial)
    )
    if np.any(found > 1.0):
        raise Overfull()
    when = time_to(limit, gas_m3_s, air_m3_s, volume_m3, intake, initial)
    values: dict[str, object] = {"concentration": found, "reaches_limit": when is not None}
    if when is not None:
        values["time_to_limit_s"] = when
    settled = steady(gas_m3_s, air_m3_s, intake)
    if settled is not None:
        values["steady"] = settled
    cautions = [Caution("well_mixed", MIXED)]
    if air_m3_s > 0.0 and gas_m3_s / air_m3_s > NOTABLE_SHARE:
        cautions.append(Caution("gas_in_the_air_flow", GAS_IN_AIR, {"percent": f"{100.0 * gas_m3_s / air_m3_s:.0f}"}))
    return Answer(values, Credentials(CODE, VERSION, CITATION), tuple(cautions))


MODELS = (
    Model(
        code=CODE,
        title=N_("巷道瓦斯积聚"),
        version=VERSION,
        citation=CITATION,
        # Bounds are physical: the source holds for any space that is well mixed.
        inputs=(
            Input("gas_m3_s", "m³/s", N_("瓦斯涌出量"), 0.0, 100.0),
            Input("air_m3_s", "m³/s", N_("风量（停风填 0）"), 0.0, 2000.0),
            Input("volume_m3", "m³", N_("空间体积"), 1.0, 1e7),
            Input("elapsed_s", "s", N_("经过的时间"), 0.0, 30 * 86_400.0, many=True),
            Input("intake", "1", N_("进风流瓦斯浓度"), 0.0, 1.0, default=0.0),
            Input("initial", "1", N_("初始瓦斯浓度"), 0.0, 1.0, default=0.0),
            Input("limit", "1", N_("要判断的浓度限值"), 0.0, 1.0, open_low=True),
        ),
        outputs=(
            Output("concentration", "1", N_("瓦斯浓度")),
            Output("reaches_limit", "", N_("是否会达到限值")),
            Output("time_to_limit_s", "s", N_("达到限值的时间（会达到时才有）")),
            Output("steady", "1", N_("稳定浓度（有风时才有）")),
        ),
        run=_run,
    ),
)
