"""Distances of the US EPA's Risk Management Program, looked up as tabulated: the regulator's own worst case, F stability and 1.5 m/s.

Tables 1 and 2 (neutral gas, rural, 10 and 60 minutes) are entered with the release rate over the endpoint; a row holds from its own figure up
to the next. Table 9 (ammonia liquefied under pressure, endpoint 0.14 mg/L) is entered with the rate; between two rows the higher is taken, which
is on the safe side. Only these tables were found whole (JRC RAPID-N's transcription: secondary). A look-up, no physics: nothing is interpolated,
and what lies beyond a table is refused.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.chain import RURAL, URBAN
from anlan.consequence.validity import Figures, OutOfRange
from anlan.kernel.words import N_

FILE = Path(__file__).parent / "data" / "rmp_distances.csv"
NEUTRAL, AMMONIA, VERSION = "screening.rmp_neutral", "screening.rmp_ammonia", "1"
CITATION = "US EPA 550-B-99-009, Risk Management Program Guidance for Offsite Consequence Analysis (1999), Reference Table"
MILE_M = 1_609.344
POUND_MIN_KG_S = 0.453_592_37 / 60
"""One lb/min in kg/s; the international pound."""
MG_L_KG_M3 = 1e-3

SECONDARY_TABLE = N_("表值取自 JRC RAPID-N 的转载，尚未与美国环保署原表核对；仅对应 F 类稳定度、风速 1.5 m/s。")


@cache
def table(number: int, ground: str) -> tuple[Figures, Figures]:
    """Where each row begins (in the unit of the table) and its distance in miles."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if int(row["table"]) == number and row["ground"] == ground]
    return np.array([float(row["from"]) for row in rows]), np.array([float(row["distance_mi"]) for row in rows])


def neutral_miles(number: int, rate_over_endpoint: float) -> float:
    """Distance of Table 1 or 2, miles, for (lb/min) / (mg/L). Raises ``OutOfRange`` beyond the table."""
    begins, miles = table(number, RURAL)
    if not begins[0] * (1 - 1e-12) <= rate_over_endpoint <= begins[-1] * (1 + 1e-12):
        raise _outside(NEUTRAL, N_("泄漏速率与终点浓度之比"), "(lb/min)/(mg/L)", begins, rate_over_endpoint)
    return float(miles[np.searchsorted(begins, rate_over_endpoint * (1 + 1e-12), side="right") - 1])


def ammonia_miles(ground: str, rate_lb_min: float) -> float:
    """Distance of Table 9, miles, for lb/min; between rows the higher. Raises ``OutOfRange`` beyond the table."""
    begins, miles = table(9, ground)
    row = int(np.searchsorted(begins, rate_lb_min * (1 - 1e-12)))
    if row == begins.size or rate_lb_min * (1 + 1e-12) < begins[0]:
        raise _outside(AMMONIA, N_("泄漏速率"), "lb/min", begins, rate_lb_min)
    return float(miles[row])


def _outside(model: str, what: str, unit: str, begins: Figures, value: float) -> OutOfRange:
    return OutOfRange(model=model, what=what, unit=unit, low=f"{begins[0]:g}", high=f"{begins[-1]:g}", value=f"{value:.4g}")


def _answer(model: str, number: int, miles: float) -> Answer:
    told = Caution("table_secondary", SECONDARY_TABLE)
    return Answer({"distance_m": miles * MILE_M}, Credentials(model, VERSION, f"{CITATION} {number}"), (told,))


def _neutral(*, rate_kg_s: float, endpoint_kg_m3: float, duration: str) -> Answer:
    number = 1 if duration == "10" else 2
    return _answer(NEUTRAL, number, neutral_miles(number, rate_kg_s / POUND_MIN_KG_S / (endpoint_kg_m3 / MG_L_KG_M3)))


def _ammonia(*, rate_kg_s: float, ground: str) -> Answer:
    return _answer(AMMONIA, 9, ammonia_miles(ground, rate_kg_s / POUND_MIN_KG_S))


_RATE = Input("rate_kg_s", "kg/s", N_("泄漏速率"), 0.0, open_low=True)
_DISTANCE = Output("distance_m", "m", N_("至终点浓度的距离"))
MODELS = (
    Model(
        NEUTRAL,
        N_("美国环保署风险管理计划距离表：中性气体"),
        VERSION,
        f"{CITATION}s 1 and 2",
        (
            _RATE,
            Input("endpoint_kg_m3", "kg/m³", N_("终点浓度"), 0.0, open_low=True),
            Input("duration", "", N_("泄漏持续时间（min）"), choices=("10", "60")),
        ),
        (_DISTANCE,),
        _neutral,
    ),
    Model(
        AMMONIA,
        N_("美国环保署风险管理计划距离表：加压液氨"),
        VERSION,
        f"{CITATION} 9",
        (_RATE, Input("ground", "", N_("地表类型"), choices=(RURAL, URBAN))),
        (_DISTANCE,),
        _ammonia,
    ),
)
