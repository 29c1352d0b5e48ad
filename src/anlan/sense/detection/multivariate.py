"""Faults of a process unit that no single variable shows: canonical variate analysis of its normal operation, and PCA to compare with.

A controller hides a fault in the variable that it controls and shows it in how the variables go together. Both methods here learn from normal
operation alone which combinations belong together, and give two statistics for each moment: how far the unit has moved within what it usually
does (``state``, Hotelling's T²) and how far outside of it (``residual``).

- :func:`canonical_variates` (CVA): Russell, Chiang, Braatz, "Fault detection in industrial processes using canonical variate analysis and
  dynamic principal component analysis", Chemometrics and Intelligent Laboratory Systems 51 (2000) 81–93. The state is the part of the last
  ``lags`` observations that best foretells the next ``lags``: the leading right singular vectors of Σff^(-1/2) Σfp Σpp^(-1/2).
- :func:`principal_components` (PCA with T² and SPE): Jackson, Mudholkar, Technometrics 21 (1979) 341–349; the classical baseline.

Thresholds are quantiles of each statistic on parts of the normal data that the model has not seen (contiguous parts: neighbours in time
resemble each other, so parts drawn at random would flatter it), not of a distribution that the data may not follow. The share of each variable
is the complete decomposition of the statistic (Alcala, Qin, "Reconstruction-based contribution for process monitoring", Automatica 45 (2009)
1593–1600, equation 14): squares that add up to the statistic exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

Matrix = NDArray[np.float64]

LAGS = 3
STATES = 28
"""Order of the lags and of the state that the source above arrives at for its plant of 52 variables; both are set for each unit."""
RIDGE = 0.01
"""Added to each variance, as a share of their mean: variables that hardly vary, or follow one another exactly, must not blow up."""
QUANTILE = 0.99
PARTS = 5
LEAST_ROWS_OF_VARIABLE = 5


class TooLittleNormalData(Refusal):
    code: ClassVar[str] = "multivariate_too_little_data"
    sentence: ClassVar[str] = N_("正常运行数据只有 {rows} 个时刻，{variables} 个变量至少需要 {needed} 个，请选择更长的时段。")
    status: ClassVar[int] = 422


class NotFiniteData(Refusal):
    code: ClassVar[str] = "multivariate_not_finite"
    sentence: ClassVar[str] = N_("第 {row} 个时刻的数据不完整，请先补齐或排除该时段。")
    status: ClassVar[int] = 422


class OtherVariables(Refusal):
    code: ClassVar[str] = "multivariate_other_variables"
    sentence: ClassVar[str] = N_("数据有 {found} 个变量，模型按 {expected} 个变量建立。")
    status: ClassVar[int] = 422


class MalformedModel(Refusal):
    code: ClassVar[str] = "multivariate_malformed_model"
    sentence: ClassVar[str] = N_("工艺单元模型无法读取：{reason}。请重新训练。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt. For n variables and l lags: ``mean``, ``scale`` (n,); ``state`` (k, n·l) and ``residual`` (m, n·l) map a standardised
    window, newest observation first, to coordinates whose squares add up to the two statistics; ``limits``: thresholds of both."""

    lags: int
    mean: Matrix
    scale: Matrix
    state: Matrix
    residual: Matrix
    limits: tuple[float, float] = (np.inf, np.inf)

    @property
    def variables(self) -> int:
        """How many variables the unit has."""
        return len(self.mean)


@dataclass(frozen=True, slots=True)
class Scores:
    """Statistics of successive moments, shape (rows,); the first ``lags - 1`` rows, which have no full window, are NaN.

    ``alarm``: where one of them passes its threshold.
    """

    state: Matrix
    residual: Matrix
    alarm: NDArray[np.bool_]


Method = Callable[..., Model]
"""Makes a model without thresholds of normal rows (rows, variables); ``stretch``: see :func:`learnt`."""
Stretch = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model and what it is worth: ``false_alarm_rate``, the share of normal moments above a threshold that was set without them."""

    model: Model
    false_alarm_rate: float


def principal_components(normal: Matrix, *, explained: float = 0.85, stretch: Stretch | None = None) -> Model:
    """PCA of ``normal`` (rows, variables), standardised, with as many components as explain that share of the variance. Without thresholds.

    It looks at each moment alone, so that ``stretch`` changes nothing.
    """
    mean, scale = _standard(normal)
    weights, directions = np.linalg.eigh(np.cov((normal - mean) / scale, rowvar=False))
    order = np.argsort(-weights)
    weights, directions = np.maximum(weights[order], 1e-12), directions[:, order]
    # One direction at least is left to be a residual.
    number = min(int(np.searchsorted(np.cumsum(weights) / weights.sum(), explained)) + 1, max(1, len(weights) - 1))
    state = (directions[:, :number] / np.sqrt(weights[:number])).T
    return Model(1, mean, scale, state, directions[:, number:].T.copy())


def canonical_variates(normal: Matrix, *, lags: int = LAGS, states: int = STATES, stretch: Stretch | None = None) -> Model:
    """CVA of ``normal`` (rows, variables). Without thresholds; of a small unit at most half of all directions are states, so that something
    is left to be a residual (project default).

    ``stretch``: by row, the number of the stretch without a gap that it belongs to; past and future across a gap are not compared.
    """
    mean, scale = _standard(normal)
    standard = (normal - mean) / scale
    window = windows(standard, lags)
    past, future = window[:-lags], window[lags:]
    if stretch is not None:
        whole = stretch[: len(past)] == stretch[2 * lags - 1 :]
        past, future = past[whole], future[whole]
    whiten_past, whiten_future = _inverse_root(past.T @ past / len(past)), _inverse_root(future.T @ future / len(past))
    _left, _strength, right = np.linalg.svd(whiten_future @ (future.T @ past / len(past)) @ whiten_past)
    states = min(states, max(1, len(right) // 2))
    return Model(lags, mean, scale, right[:states] @ whiten_past, right[states:] @ whiten_past)


def trained(normal: Matrix, method: Method = canonical_variates, *, quantile: float = QUANTILE, parts: int = PARTS) -> Model:
    """A model of all of ``normal``, which has no gaps, with thresholds from the parts left out one after the other.

    Raises :class:`TooLittleNormalData`, :class:`NotFiniteData`.
    """
    return learnt(normal, method, quantile=quantile, parts=parts).model


def learnt(
    normal: Matrix,
    method: Method = canonical_variates,
    *,
    stretch: Stretch | None = None,
    quantile: float = QUANTILE,
    parts: int = PARTS,
    progress: Callable[[int], None] = lambda _done: None,
) -> Learnt:
    """As :func:`trained`, of rows that may have gaps between them, and proved.

    ``stretch``: by row, the ascending number of the stretch without a gap that it belongs to; no window reaches over a gap. ``progress`` is
    told of each of the ``parts + 1`` models made. The rate of false alarms is that of each part by thresholds from the other parts.
    """
    rows, variables = normal.shape
    needed = LEAST_ROWS_OF_VARIABLE * variables
    if rows < needed:
        raise TooLittleNormalData(rows=rows, variables=variables, needed=needed)
    broken = ~np.isfinite(normal).all(axis=1)
    if broken.any():
        raise NotFiniteData(row=int(np.flatnonzero(broken)[0]) + 1)
    stretch = np.zeros(rows, np.int64) if stretch is None else stretch
    unseen: list[Matrix] = []
    for part in range(parts):
        first, last = part * rows // parts, (part + 1) * rows // parts
        # What stands before and behind the part left out does not follow one another.
        kept = np.concatenate([stretch[:first], stretch[last:] + 1])
        model = method(np.concatenate([normal[:first], normal[last:]]), stretch=kept)
        found = scores(model, normal[first:last], stretch[first:last])
        both = np.stack([found.state, found.residual])
        unseen.append(both[:, np.isfinite(both).all(axis=0)])
        progress(part + 1)
    limits = np.quantile(np.concatenate(unseen, axis=1), quantile, axis=1)
    whole = method(normal, stretch=stretch)
    progress(parts + 1)
    model = Model(whole.lags, whole.mean, whole.scale, whole.state, whole.residual, (float(limits[0]), float(limits[1])))
    return Learnt(model, _false_alarm_rate(unseen, quantile))


def _false_alarm_rate(unseen: list[Matrix], quantile: float) -> float:
    false = 0
    for part, found in enumerate(unseen):
        others = np.concatenate([each for number, each in enumerate(unseen) if number != part], axis=1)
        false += int((found > np.quantile(others, quantile, axis=1)[:, None]).any(axis=0).sum())
    return false / max(1, sum(found.shape[1] for found in unseen))


def scores(model: Model, observed: Matrix, stretch: Stretch | None = None) -> Scores:
    """Statistics of ``observed`` (rows, variables), rows in order of time at the interval of the training.

    ``stretch``: by row, the stretch without a gap that it belongs to; the first ``lags - 1`` rows of each have no full window. Raises
    :class:`OtherVariables`.
    """
    if observed.shape[1] != model.variables:
        raise OtherVariables(found=observed.shape[1], expected=model.variables)
    window = windows((observed - model.mean) / model.scale, model.lags)
    blank = np.full(min(model.lags - 1, len(observed)), np.nan)
    state, residual = (np.concatenate([blank, ((window @ part.T) ** 2).sum(axis=1)]) for part in (model.state, model.residual))
    if stretch is not None and model.lags > 1:
        torn = np.flatnonzero(stretch[model.lags - 1 :] != stretch[: -(model.lags - 1)]) + model.lags - 1
        state[torn] = residual[torn] = np.nan
    with np.errstate(invalid="ignore"):
        alarm = (state > model.limits[0]) | (residual > model.limits[1])
    return Scores(state, residual, alarm)


Roots = tuple[Matrix, Matrix]
"""Symmetric roots of both statistics of a model. A second's work for 500 variables: whoever asks for shares again keeps them."""


def roots(model: Model) -> Roots:
    """What :func:`shares` decomposes by."""
    return _root(model.state), _root(model.residual)


def shares(model: Model, window: Matrix, kept: Roots | None = None) -> tuple[Matrix, Matrix]:
    """What each variable contributes to both statistics at the last moment of ``window`` (lags, variables), oldest first; sums are the statistics.

    ``kept``: the model's :func:`roots`, where they are known.
    """
    standard = windows((window - model.mean) / model.scale, model.lags)[-1]
    found = [((root @ standard) ** 2).reshape(model.lags, -1).sum(axis=0) for root in kept or roots(model)]
    return found[0], found[1]


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """A model as it travels: columns as little-endian float64, row by row."""

    variables: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    lags: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    limits: tuple[float, float]
    mean: bytes
    scale: bytes
    state: bytes
    residual: bytes


def pack(model: Model) -> bytes:
    """The model as bytes (MessagePack); equal models give equal bytes."""
    columns = (np.ascontiguousarray(column, "<f8").tobytes() for column in (model.mean, model.scale, model.state, model.residual))
    return msgspec.msgpack.encode(_Packed(model.variables, model.lags, model.limits, *columns))


def unpack(data: bytes) -> Model:
    """The model in ``data``. Raises :class:`MalformedModel`."""
    try:
        kept = msgspec.msgpack.decode(data, type=_Packed)
        mean, scale, state, residual = (np.frombuffer(column, "<f8") for column in (kept.mean, kept.scale, kept.state, kept.residual))
        wide = kept.variables * kept.lags
        found = Model(
            kept.lags,
            mean.reshape(kept.variables),
            scale.reshape(kept.variables),
            state.reshape(-1, wide),
            residual.reshape(-1, wide),
            kept.limits,
        )
    except (msgspec.MsgspecError, ValueError) as damage:
        raise MalformedModel(reason=str(damage)[:120]) from None
    if not (np.isfinite(np.concatenate([mean, scale, state, residual])).all() and (scale > 0).all() and min(kept.limits) > 0):
        raise MalformedModel(reason="NaN")
    return found


def windows(rows: Matrix, lags: int) -> Matrix:
    """Every ``lags`` successive rows as one, newest first: shape (rows - lags + 1, lags · variables)."""
    number = max(0, len(rows) - lags + 1)
    return np.concatenate([rows[lags - 1 - back : lags - 1 - back + number] for back in range(lags)], axis=1)


def _standard(normal: Matrix) -> tuple[Matrix, Matrix]:
    scale = normal.std(axis=0, ddof=1)
    # What never moved in training says nothing when it moves by rounding; it is compared with its own size.
    still = scale <= 1e-9 * np.maximum(1.0, np.abs(normal).max(axis=0))
    return normal.mean(axis=0), np.where(still, np.maximum(1.0, np.abs(normal).max(axis=0)), scale)


def _root(part: Matrix) -> Matrix:
    """The symmetric root of partᵀ·part, by the singular values of part."""
    _left, strength, right = np.linalg.svd(part, full_matrices=False)
    return (right.T * strength) @ right


def _inverse_root(covariance: Matrix) -> Matrix:
    weights, directions = np.linalg.eigh(covariance)
    weights = np.maximum(weights, 0.0)
    return (directions / np.sqrt(weights + RIDGE * weights.mean())) @ directions.T
