"""Breach of an embankment dam: peak flow of Froehlich 1995a, width and time of the breach of Froehlich 1995b and of Froehlich 2008.

Regressions over failures of embankment dams, in SI. How wrong they were for the failures they were tried on is Wahl's: *The Uncertainty of Embankment Dam
Breach Parameter Predictions*, FEMA workshop, Oklahoma City 2001, table 1 (also Wahl 2004, J. Hydraul. Eng. 130(5)): mean error and twice the standard
error in powers of ten, which make the 95 % band an answer carries. For Froehlich 2008 no such figures were found, and its answers have no band.

Peak flow is that at the dam. It lessens downstream with the shape of the valley; no method for that was found whose figures could be read in a source, so
none is here: depths and arrival times need a hydraulic model. Run-out of tailings is not here for the same reason.

Ranges: the sources print none in the copies read; bounds are those between the smallest and the largest reservoirs for which a dam is registered, and
are this project's.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

CODE_1995, CODE_2008, VERSION = "froehlich_1995_breach", "froehlich_2008_breach", "1"
_WAHL = "uncertainty: Wahl 2001 (FEMA workshop), table 1"
CITATION_1995 = (
    f"Froehlich 1995a, J. Water Resour. Plan. Manage. 121(1); Froehlich 1995b, Proc. 1st Int. Conf. Water Resources Engineering; {_WAHL}"
)
CITATION_2008 = "Froehlich 2008, J. Hydraul. Eng. 134(12) 1708 (secondary copies)"
GRAVITY_M_S2 = 9.81
HOUR_S = 3600.0
OVERTOPPING, PIPING = "overtopping", "piping"
WIDTH_FACTOR_1995 = {OVERTOPPING: 1.4, PIPING: 1.0}
"""K_o of Froehlich 1995b (verified: Wahl 2001)."""
WIDTH_FACTOR_2008 = {OVERTOPPING: 1.3, PIPING: 1.0}
"""k_0 of Froehlich 2008 (secondary)."""

# Prediction intervals of 95 % about a predicted value of 1 (Wahl 2001, table 1; verified).
PEAK_BAND = (0.53, 2.3)
WIDTH_BAND = (0.40, 2.4)
TIME_BAND = (0.38, 7.3)

AT_THE_DAM = N_("这是坝址处的数值，不含向下游的演进；下游各处的水深、流量和到达时间须用水力学模型或实测断面推算，不得直接套用。")
EMBANKMENT = N_("只适用于土石坝的渐溃；混凝土坝瞬溃、尾矿库溃坝不适用。")
BAND = N_("统计公式误差很大：应按区间研判，区间由历史溃坝实例回算得出（95%）。")
NO_BAND = N_("所用转引资料未给出该公式的误差区间，溃口参数的实际偏差可达数倍，请与其他方法对照。")
OWN_RANGE = N_("转引资料未载明适用范围，库容、水深的上下限为本平台设定。")

VOLUME, HEAD, BREACH = N_("溃口底以上蓄水量"), N_("溃口底以上水深"), N_("溃口高度")
LARGEST_M3, HIGHEST_M = 5e10, 350.0


def peak_flow(volume_m3: Figures, head_m: Figures) -> Figures:
    """Peak outflow, m³/s: ``0.607 V^0.295 h^1.24`` (Froehlich 1995a), V and h above the bottom of the breach."""
    return 0.607 * volume_m3**0.295 * head_m**1.24


def width_1995(volume_m3: Figures, breach_m: Figures, factor: float) -> Figures:
    """Mean width of the breach, m: ``0.1803 K V^0.32 h^0.19`` (Froehlich 1995b)."""
    return 0.1803 * factor * volume_m3**0.32 * breach_m**0.19


def time_1995(volume_m3: Figures, breach_m: Figures) -> Figures:
    """Time the breach takes to form, s: ``0.00254 V^0.53 h^-0.90`` hours (Froehlich 1995b)."""
    return 0.00254 * volume_m3**0.53 * breach_m**-0.90 * HOUR_S


def width_2008(volume_m3: Figures, breach_m: Figures, factor: float) -> Figures:
    """Mean width of the breach, m: ``0.27 k V^0.32 h^0.04`` (Froehlich 2008)."""
    return 0.27 * factor * volume_m3**0.32 * breach_m**0.04


def time_2008(volume_m3: Figures, breach_m: Figures) -> Figures:
    """Time the breach takes to form, s: ``63.2 sqrt(V / (g h²))`` (Froehlich 2008)."""
    return 63.2 * np.sqrt(volume_m3 / (GRAVITY_M_S2 * breach_m**2))


def banded(name: str, value: Figures, band: tuple[float, float]) -> dict[str, Figures]:
    """A value and the ends of its band under ``name``, ``name_low`` and ``name_high``."""
    return {name: value, f"{name}_low": value * band[0], f"{name}_high": value * band[1]}


def checked_head(model: str, head_m: Figures, breach_m: Figures) -> None:
    """Water above the bottom of a breach may stand above the crest, but not by the breach's own height (a bound of this project).

    Raises :class:`Contradiction`.
    """
    if np.any(np.asarray(head_m) > 2.0 * np.asarray(breach_m)):
        raise Contradiction(model=model, reason="head_m > 2 × breach_m")


def _run_1995(*, volume_m3: Figures, head_m: Figures, breach_m: Figures, cause: str) -> Answer:
    checked_head(CODE_1995, head_m, breach_m)
    volume, breach = np.asarray(volume_m3), np.asarray(breach_m)
    values = {
        **banded("peak_m3_s", peak_flow(volume, np.asarray(head_m)), PEAK_BAND),
        **banded("width_m", width_1995(volume, breach, WIDTH_FACTOR_1995[cause]), WIDTH_BAND),
        **banded("time_s", time_1995(volume, breach), TIME_BAND),
    }
    cautions = (
        Caution("at_the_dam", AT_THE_DAM),
        Caution("embankment_only", EMBANKMENT),
        Caution("regression_band", BAND),
        Caution("own_range_of_reservoirs", OWN_RANGE),
    )
    return Answer(values, Credentials(CODE_1995, VERSION, CITATION_1995), cautions)


def _run_2008(*, volume_m3: Figures, breach_m: Figures, cause: str) -> Answer:
    volume, breach = np.asarray(volume_m3), np.asarray(breach_m)
    values = {"width_m": width_2008(volume, breach, WIDTH_FACTOR_2008[cause]), "time_s": time_2008(volume, breach)}
    cautions = (
        Caution("at_the_dam", AT_THE_DAM),
        Caution("embankment_only", EMBANKMENT),
        Caution("no_regression_band", NO_BAND),
        Caution("own_range_of_reservoirs", OWN_RANGE),
    )
    return Answer(values, Credentials(CODE_2008, VERSION, CITATION_2008), cautions)


VOLUME_INPUT = Input("volume_m3", "m³", VOLUME, 1e3, LARGEST_M3, many=True)
HEAD_INPUT = Input("head_m", "m", HEAD, 1.0, HIGHEST_M, many=True)
_BREACH_INPUT = Input("breach_m", "m", BREACH, 1.0, HIGHEST_M, many=True)
_CAUSE_INPUT = Input("cause", "", N_("溃决方式（漫顶 overtopping、管涌 piping）"), default=OVERTOPPING, choices=(OVERTOPPING, PIPING))
WIDTH_OUTPUT, TIME_OUTPUT = Output("width_m", "m", N_("溃口平均宽度")), Output("time_s", "s", N_("溃口形成时间"))
PEAK_OUTPUTS = (
    Output("peak_m3_s", "m³/s", N_("坝址最大流量")),
    Output("peak_m3_s_low", "m³/s", N_("坝址最大流量下限")),
    Output("peak_m3_s_high", "m³/s", N_("坝址最大流量上限")),
)
TIME_OUTPUTS = (TIME_OUTPUT, Output("time_s_low", "s", N_("溃口形成时间下限")), Output("time_s_high", "s", N_("溃口形成时间上限")))

MODELS = (
    Model(
        code=CODE_1995,
        title=N_("土石坝溃决（Froehlich 1995）"),
        version=VERSION,
        citation=CITATION_1995,
        inputs=(VOLUME_INPUT, HEAD_INPUT, _BREACH_INPUT, _CAUSE_INPUT),
        outputs=(
            *PEAK_OUTPUTS,
            WIDTH_OUTPUT,
            Output("width_m_low", "m", N_("溃口平均宽度下限")),
            Output("width_m_high", "m", N_("溃口平均宽度上限")),
            *TIME_OUTPUTS,
        ),
        run=_run_1995,
    ),
    Model(
        code=CODE_2008,
        title=N_("土石坝溃口形成（Froehlich 2008）"),
        version=VERSION,
        citation=CITATION_2008,
        inputs=(VOLUME_INPUT, _BREACH_INPUT, _CAUSE_INPUT),
        outputs=(WIDTH_OUTPUT, TIME_OUTPUT),
        run=_run_2008,
    ),
)
