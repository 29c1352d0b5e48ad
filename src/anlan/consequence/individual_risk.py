"""Individual risk: how often in a year somebody who is always at a place, unprotected, dies there.

``IR = Σ f_i P_i``, f the yearly frequency of a scenario in a weather, P the probability of death (TNO Purple Book CPR 18E, 1999, eq. 6.1, 6.2). Of a toxic
plume that may blow anywhere ``P = Pcl Pci``: on its centre line, times the share of wind directions that put it over the place,
``Pci = n ECW / (2 π x)`` with the effective width ``ECW = PI / Pcl`` of the integral of the probability across the wind, and n sectors of wind
(eq. 6.7 to 6.13). Its worked contribution (App. 6.B) is recomputed. Status: secondary. Chinese criteria are not judged here: the tables of
GB 36894-2018 and GB/T 37243-2019 were not found in an open source that could be checked.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.validity import Contradiction, Figures
from anlan.kernel.words import N_

INDIVIDUAL, SECTOR = "risk.individual", "risk.plume_coverage"
VERSION = "1"
CITATION = "TNO Purple Book CPR 18E (1999) eq. 6.1, 6.2, 6.7 to 6.13"


def individual_risk(frequency_1_a: Figures, probability: Figures) -> float:
    """``Σ f P``, 1/a."""
    return float(np.sum(np.asarray(frequency_1_a, np.float64) * np.asarray(probability, np.float64)))


def probability_integral(across_m: Figures, probability: Figures) -> float:
    """``PI = ∫ P dy`` across the wind by trapezoids, m; y ascending."""
    return float(np.trapezoid(np.asarray(probability, np.float64), np.asarray(across_m, np.float64)))


def coverage(integral_m: float, on_axis: float, distance_m: float, sectors: int) -> float:
    """``Pci = n ECW / (2 π x)`` with ``ECW = PI / Pcl``: the share of the winds of one sector that cover the place."""
    return sectors * integral_m / on_axis / (2 * np.pi * distance_m)


def _run_individual(frequency_1_a: Figures, probability: Figures) -> Answer:
    each = np.asarray(frequency_1_a) * np.asarray(probability)
    return Answer({"contribution_1_a": each, "individual_risk_1_a": float(np.sum(each))}, INDIVIDUAL_RISK.credentials)


def _run_sector(integral_m: float, on_axis: float, distance_m: float, sectors: float) -> Answer:
    if sectors != int(sectors):
        raise Contradiction(model=SECTOR, reason=N_("风向扇区数须为整数"))
    share = coverage(integral_m, on_axis, distance_m, int(sectors))
    if share > 1:
        raise Contradiction(model=SECTOR, reason=N_("烟羽比风向扇区还宽（覆盖概率大于 1），请增大扇区或取更远的距离"))
    return Answer({"coverage": share, "probability": share * on_axis}, PLUME_COVERAGE.credentials)


INDIVIDUAL_RISK = Model(
    code=INDIVIDUAL,
    title=N_("个人风险"),
    version=VERSION,
    citation=CITATION,
    inputs=(
        Input("frequency_1_a", "1/a", N_("事故发生频率（含天气概率）"), low=0.0, high=1e3, many=True),
        Input("probability", "1", N_("该处的死亡概率"), low=0.0, high=1.0, many=True),
    ),
    outputs=(Output("contribution_1_a", "1/a", N_("各事故的贡献")), Output("individual_risk_1_a", "1/a", N_("个人风险"))),
    run=_run_individual,
)
PLUME_COVERAGE = Model(
    code=SECTOR,
    title=N_("毒气烟羽覆盖概率"),
    version=VERSION,
    citation=CITATION,
    inputs=(
        Input("integral_m", "m", N_("死亡概率横风向积分"), low=0.0),
        Input("on_axis", "1", N_("轴线死亡概率"), low=0.0, high=1.0, open_low=True),
        Input("distance_m", "m", N_("到泄漏点的距离"), low=0.0, open_low=True),
        Input("sectors", "1", N_("风向扇区数"), low=1.0, high=360.0, default=12.0),
    ),
    outputs=(Output("coverage", "1", N_("烟羽覆盖概率")), Output("probability", "1", N_("该扇区来风时的死亡概率"))),
    run=_run_sector,
)
MODELS = (INDIVIDUAL_RISK, PLUME_COVERAGE)
