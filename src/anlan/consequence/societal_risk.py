"""Societal risk: how often in a year N people or more die, the F-N curve, and its area, the expected deaths of a year.

``F(N) = Σ f_i over N_i >= N`` (TNO Purple Book CPR 18E, 1999, eq. 6.3 to 6.6); ``∫ F dN = Σ f_i N_i = PLL``. A criterion line ``F = C N^-α`` from N_min on is
judged at the corners of the curve, which is where a falling step curve comes nearest to a falling line. C, α and N_min are inputs and no criterion is built in: the
Chinese one (GB 36894-2018, a figure) was not found in an open source that could be checked. Dutch guide line: 1e-3, 2, 10 (Bevi). Status: secondary.
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

CODE = "risk.societal"
SAME = 1e-9
"""Relative; a curve this near to the line touches it and does not cross it."""


def exceedance(deaths: Figures, frequency_1_a: Figures, at_least: Figures) -> Figures:
    """``F(N)``: the yearly frequency of N deaths or more, for each of ``at_least``."""
    order = np.argsort(deaths, kind="stable")
    # Summed from the rarest end, small frequencies first, so that they are not lost beside the large ones.
    tail = np.r_[np.cumsum(np.asarray(frequency_1_a, np.float64)[order][::-1])[::-1], 0.0]
    return tail[np.searchsorted(np.asarray(deaths, np.float64)[order], at_least, side="left")]


def potential_loss(deaths: Figures, frequency_1_a: Figures) -> float:
    """``PLL = Σ f N``, deaths a year."""
    return float(np.sum(np.asarray(deaths, np.float64) * np.asarray(frequency_1_a, np.float64)))


def area(deaths: Figures, frequency_1_a: Figures) -> float:
    """``∫ F dN`` from 0 on, of the step curve: the same as :func:`potential_loss`, by another way."""
    corners = np.unique(deaths)
    return float(np.sum(np.diff(np.r_[0.0, corners]) * exceedance(deaths, frequency_1_a, corners)))


def criterion(at_least: Figures, constant: float, power: float) -> Figures:
    """``C N^-α``, 1/a."""
    return constant * np.asarray(at_least, np.float64) ** -power


def _run(deaths: Figures, frequency_1_a: Figures, criterion_constant: float, criterion_power: float, criterion_from: float) -> Answer:
    number, frequency = (np.ascontiguousarray(each) for each in np.broadcast_arrays(np.atleast_1d(deaths), np.atleast_1d(frequency_1_a)))
    number, frequency = number.ravel(), frequency.ravel()
    corners = np.unique(number)
    curve = exceedance(number, frequency, corners)
    # The line begins between corners, too: there the curve has the height of the next corner.
    judged = np.unique(np.r_[corners[corners >= criterion_from], criterion_from])
    ratio = exceedance(number, frequency, judged) / criterion(judged, criterion_constant, criterion_power)
    values = {
        "n": corners,
        "f_1_a": curve,
        "potential_loss_1_a": potential_loss(number, frequency),
        "highest_ratio": float(ratio.max()),
        "crosses": bool(ratio.max() > 1 + SAME),
    }
    return Answer(values, SOCIETAL_RISK.credentials)


SOCIETAL_RISK = Model(
    code=CODE,
    title=N_("社会风险（F-N 曲线）"),
    version="1",
    citation="TNO Purple Book CPR 18E (1999) eq. 6.3 to 6.6",
    inputs=(
        Input("deaths", "1", N_("各事故的死亡人数"), low=0.0, high=1e7, many=True, open_low=True),
        Input("frequency_1_a", "1/a", N_("各事故的发生频率"), low=0.0, high=1e3, many=True),
        Input("criterion_constant", "1/a", N_("准则线常数 C（F = C·N^-α）"), low=0.0, high=1e3, open_low=True),
        Input("criterion_power", "1", N_("准则线指数 α"), low=0.0, high=10.0),
        Input("criterion_from", "1", N_("准则线起始死亡人数"), low=0.0, high=1e6, default=1.0, open_low=True),
    ),
    outputs=(
        Output("n", "1", N_("F-N 曲线：死亡人数 N")),
        Output("f_1_a", "1/a", N_("F-N 曲线：N 人及以上死亡的累积频率 F")),
        Output("potential_loss_1_a", "1/a", N_("年均死亡人数（PLL）")),
        Output("highest_ratio", "1", N_("曲线与准则线之比的最大值")),
        Output("crosses", "", N_("是否超过准则线")),
    ),
    run=_run,
)
MODELS = (SOCIETAL_RISK,)
