"""The complementary error function over arrays: numpy has none.

``erfc(x) = e^(-x²) P(t)`` with ``t = (x - 3.75) / (x + 3.75)``: P is the Chebyshev series through ``math.erfc`` itself, made once at import.
Of degree 26 its relative error is below 1e-12 for 0 ≤ x ≤ 26, beyond which erfc is smaller than the smallest float64 and taken as 0 (tested
against ``math.erfc``).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike

from anlan.consequence.validity import Figures

_SHIFT, _DEGREE, _END = 3.75, 26, 26.0


def _scaled(x: float) -> float:
    """``e^(x²) erfc(x)``; beyond 26 its asymptotic series, for ``math.erfc`` is nothing there."""
    if x < _END:
        return math.exp(x * x) * math.erfc(x)
    half = 1 / (2 * x * x)
    return (1 - half + 3 * half**2 - 15 * half**3 + 105 * half**4) / (x * math.sqrt(math.pi))


def _series() -> Figures:
    nodes = np.cos(np.pi * (np.arange(128) + 0.5) / 128)
    places = _SHIFT * (1 + nodes) / (1 - nodes)
    return np.asarray(chebyshev.chebfit(nodes, [_scaled(float(x)) for x in places], _DEGREE), np.float64)


_COEFFICIENTS = _series()


def erfc_of_magnitude(x: ArrayLike) -> Figures:
    """``erfc(|x|)``, relative error below 1e-12; 0 beyond 26."""
    magnitude = np.minimum(np.abs(np.asarray(x, np.float64)), _END + 1)
    scaled = chebyshev.chebval((magnitude - _SHIFT) / (magnitude + _SHIFT), _COEFFICIENTS)
    return np.where(magnitude > _END, 0.0, scaled * np.exp(-magnitude * magnitude))


_TABLE_END = 6.5
_TABLE = np.linspace(0.0, _TABLE_END, 8193)
_TABLED = np.array([math.erfc(float(x)) for x in _TABLE])


def erfc_of_magnitude_tabled(x: ArrayLike) -> Figures:
    """``erfc(|x|)``, linear between 8193 values: absolute error below 1e-7 (h²/8 of the largest second derivative), ten times as fast.

    For what is largest, never for what is small.
    """
    return np.interp(np.abs(x), _TABLE, _TABLED)


def erfc(x: ArrayLike) -> Figures:
    """The complementary error function."""
    magnitude = erfc_of_magnitude(x)
    return np.where(np.asarray(x) < 0, 2 - magnitude, magnitude)


def normal_share(x: ArrayLike) -> Figures:
    """The standard normal distribution function: the share below ``x``."""
    return 0.5 * erfc(-np.asarray(x, np.float64) / math.sqrt(2))
