"""Seismic intensity from ground motion: the instrumental method of GB/T 17742-2020 中国地震烈度表, appendix A (formulas A.5 to A.8).

The wording of the standard was read in three public copies of its formulas, not in its own pages (status: secondary). The table of the standard's ranges
of acceleration and velocity follows from the same formulas to within 0.06 of a degree and is not carried here.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE, VERSION = "gbt_17742_2020_intensity", "1"
CITATION = "GB/T 17742-2020 中国地震烈度表, appendix A (secondary copies)"
SLOPE_A, OFFSET_A = 3.17, 6.59
"""I_A = 3.17 lg PGA + 6.59, PGA in m/s² (secondary)."""
SLOPE_V, OFFSET_V = 3.00, 9.77
"""I_V = 3.00 lg PGV + 9.77, PGV in m/s (secondary)."""

INSTRUMENTAL = N_("这是按地震动估算的仪器烈度，不是现场调查评定的烈度；标准以 0.1–10 Hz 三分量合成峰值计算。")
COPY = N_("公式取自 GB/T 17742—2020 的公开转引，未见标准原文，正式评定前请对照原文。")


def of_acceleration(pga_m_s2: Figures) -> Figures:
    """I_A of a peak acceleration in m/s² (A.5), before it is bounded."""
    return SLOPE_A * np.log10(pga_m_s2) + OFFSET_A


def of_velocity(pgv_m_s: Figures) -> Figures:
    """I_V of a peak velocity in m/s (A.6), before it is bounded."""
    return SLOPE_V * np.log10(pgv_m_s) + OFFSET_V


def instrumental(by_acceleration: Figures, by_velocity: Figures) -> Figures:
    """I of both (A.7): I_V where both are 6 or more, else their mean; the standard itself bounds it to 1 to 12."""
    found = np.where((by_acceleration >= 6.0) & (by_velocity >= 6.0), by_velocity, (by_acceleration + by_velocity) / 2.0)
    return np.clip(found, 1.0, 12.0)


def degree(intensity: Figures) -> Figures:
    """The degree an intensity is told as: the nearest whole one."""
    return np.floor(intensity + 0.5)


def _run(*, pga_m_s2: Figures, pgv_m_s: Figures) -> Answer:
    by_acceleration, by_velocity = of_acceleration(np.asarray(pga_m_s2)), of_velocity(np.asarray(pgv_m_s))
    found = instrumental(by_acceleration, by_velocity)
    values = {"intensity": found, "degree": degree(found), "by_acceleration": by_acceleration, "by_velocity": by_velocity}
    cautions = (Caution("instrumental_intensity", INSTRUMENTAL), Caution("secondary_copy_of_gbt_17742", COPY))
    return Answer(values, Credentials(CODE, VERSION, CITATION), cautions)


MODELS = (
    Model(
        code=CODE,
        title=N_("由地震动估算烈度（GB/T 17742—2020）"),
        version=VERSION,
        citation=CITATION,
        # Bounds are physical: from what a strong motion instrument resolves to several times the greatest motion recorded.
        inputs=(
            Input("pga_m_s2", "m/s²", N_("峰值加速度"), 1e-4, 100.0, many=True),
            Input("pgv_m_s", "m/s", N_("峰值速度"), 1e-6, 10.0, many=True),
        ),
        outputs=(
            Output("intensity", "1", N_("仪器烈度")),
            Output("degree", "1", N_("烈度（度）")),
            Output("by_acceleration", "1", N_("按加速度的烈度值")),
            Output("by_velocity", "1", N_("按速度的烈度值")),
        ),
        run=_run,
    ),
)
