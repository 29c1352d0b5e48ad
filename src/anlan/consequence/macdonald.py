"""Breach of an embankment dam: MacDonald & Langridge-Monopolis 1984 (J. Hydraul. Eng. 110(5)), with Wahl's figures of its uncertainty.

Peak flow and, by way of the volume of earth washed away, the time the breach takes. What was said of ranges and of the valley below in
:mod:`anlan.consequence.froehlich` holds here too.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Model, Output
from anlan.consequence.froehlich import (
    AT_THE_DAM,
    BAND,
    EMBANKMENT,
    HEAD_INPUT,
    HOUR_S,
    OWN_RANGE,
    PEAK_OUTPUTS,
    TIME_OUTPUTS,
    VOLUME_INPUT,
    banded,
)
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE, VERSION = "macdonald_1984_breach", "1"
CITATION = "MacDonald & Langridge-Monopolis 1984, J. Hydraul. Eng. 110(5) 567; uncertainty: Wahl 2001 (FEMA workshop), table 1"
PEAK_COEFFICIENT = 1.175
"""Secondary (pe-calc.com). Wahl 2001 prints 1.154 for the same line; the greater of both is used, which is on the safe side by 2 %."""
OTHER_COEFFICIENT = 1.154

# Prediction intervals of 95 % about a predicted value of 1 (Wahl 2001, table 1; verified).
PEAK_BAND = (0.15, 3.7)
ERODED_BAND = (0.15, 6.8)
TIME_BAND = (0.24, 11.0)

COPIES = N_("峰值流量系数有两种转引：{used} 与 {other}，相差约 2%，取较大者。")
EARTHFILL = N_("冲走土方量和溃口时间按均质土坝系数，堆石坝系数不同。")


def peak_flow(volume_m3: Figures, head_m: Figures, coefficient: float = PEAK_COEFFICIENT) -> Figures:
    """Peak outflow, m³/s: ``1.175 (V h)^0.412``, V and h above the bottom of the breach."""
    return coefficient * (volume_m3 * head_m) ** 0.412


def eroded_volume(volume_m3: Figures, head_m: Figures) -> Figures:
    """Earth washed away from an earthfill dam, m³: ``0.0261 (V h)^0.769`` (Wahl 2001, table 1)."""
    return 0.0261 * (volume_m3 * head_m) ** 0.769


def breach_time(eroded_m3: Figures) -> Figures:
    """Time the breach takes to form, s: ``0.0179 V_er^0.364`` hours (Wahl 2001, table 1)."""
    return 0.0179 * eroded_m3**0.364 * HOUR_S


def _run(*, volume_m3: Figures, head_m: Figures) -> Answer:
    volume, head = np.asarray(volume_m3), np.asarray(head_m)
    eroded = eroded_volume(volume, head)
    values = {
        **banded("peak_m3_s", peak_flow(volume, head), PEAK_BAND),
        **banded("eroded_m3", eroded, ERODED_BAND),
        **banded("time_s", breach_time(eroded), TIME_BAND),
    }
    cautions = (
        Caution("at_the_dam", AT_THE_DAM),
        Caution("embankment_only", EMBANKMENT),
        Caution("regression_band", BAND),
        Caution("two_copies_of_coefficient", COPIES, {"used": PEAK_COEFFICIENT, "other": OTHER_COEFFICIENT}),
        Caution("earthfill_coefficients", EARTHFILL),
        Caution("own_range_of_reservoirs", OWN_RANGE),
    )
    return Answer(values, Credentials(CODE, VERSION, CITATION), cautions)


MODELS = (
    Model(
        code=CODE,
        title=N_("土石坝溃决（MacDonald 与 Langridge-Monopolis 1984）"),
        version=VERSION,
        citation=CITATION,
        inputs=(VOLUME_INPUT, HEAD_INPUT),
        outputs=(
            *PEAK_OUTPUTS,
            Output("eroded_m3", "m³", N_("冲走土方量")),
            Output("eroded_m3_low", "m³", N_("冲走土方量下限")),
            Output("eroded_m3_high", "m³", N_("冲走土方量上限")),
            *TIME_OUTPUTS,
        ),
        run=_run,
    ),
)
