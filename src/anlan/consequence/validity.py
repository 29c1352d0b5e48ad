"""What a model needs to hold: finite figures within the range of its source. Everything else is a refusal with a sentence."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

Figures = NDArray[np.float64]


class OutOfRange(Refusal):
    code: ClassVar[str] = "model_out_of_range"
    sentence: ClassVar[str] = N_("模型 {model} 要求{what}在 {low} 至 {high} {unit} 之间，现为 {value}。请核对输入，或改用适用的模型。")
    status: ClassVar[int] = 422


class NotFinite(Refusal):
    code: ClassVar[str] = "model_not_finite"
    sentence: ClassVar[str] = N_("模型 {model} 的{what}不是有效数字。请填写数值（{unit}）。")
    status: ClassVar[int] = 422


class NoFigure(Refusal):
    code: ClassVar[str] = "model_no_figure"
    sentence: ClassVar[str] = N_("模型 {model} 缺少{what}（{unit}）。没有这项数据不能计算，请补充。")
    status: ClassVar[int] = 422


class Contradiction(Refusal):
    code: ClassVar[str] = "model_contradiction"
    sentence: ClassVar[str] = N_("模型 {model} 的输入互相矛盾：{reason}。请核对后再算。")
    status: ClassVar[int] = 422


def within(
    value: Any, low: float, high: float, *, model: str, what: str, unit: str, open_low: bool = False, open_high: bool = False
) -> Figures:
    """``value`` as an array of float64, every element finite and in [low, high] (``open_…``: without that end).

    Raises :class:`NotFinite`, :class:`OutOfRange`; the refusal names the first element that is wrong.
    """
    try:
        found = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise NotFinite(model=model, what=what, unit=unit) from None
    if not np.isfinite(found).all():
        raise NotFinite(model=model, what=what, unit=unit)
    wrong = (found <= low if open_low else found < low) | (found >= high if open_high else found > high)
    if wrong.any():
        first = float(np.atleast_1d(found)[np.atleast_1d(wrong)][0])
        raise OutOfRange(model=model, what=what, unit=unit, low=_told(low), high=_told(high), value=_told(first))
    return found


def _told(value: float) -> str:
    return "∞" if value == np.inf else "-∞" if value == -np.inf else f"{value:.6g}"
