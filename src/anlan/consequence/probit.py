"""Probits: the share of people harmed is ``P = Φ(Pr - 5)``, Φ the standard normal distribution function; ``Pr = a + b ln(dose)``.

Finney 1971, as all handbooks have it (TNO Purple Book CPR 18E, 1999, eq. 5.3). Φ is right to 1e-12 of its value (:mod:`gauss_error`), its inverse to
float64 (Wichura AS 241, of the standard library).
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.catalogue import Input, Output
from anlan.consequence.gauss_error import normal_share
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

HALF: Final = 5.0
"""The probit at which half are harmed."""
PROBABILITY = Output("probability", "1", N_("受害概率"))
PROBIT = Output("probit", "1", N_("概率单位"))
SHARE = Input("probability", "1", N_("受害概率"), low=1e-9, high=1 - 1e-9, many=True)
"""Within what a share of people can mean: from one in a thousand million to all but one."""

_inverse = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])


def share(probit: ArrayLike) -> Figures:
    """``Φ(Pr - 5)``: 0 to 1."""
    return normal_share(np.asarray(probit, np.float64) - HALF)


def of_share(probability: ArrayLike, *, model: str = "probit") -> Figures:
    """``Φ⁻¹(P) + 5``. Raises ``OutOfRange`` unless P lies between 1e-9 and 1 - 1e-9."""
    return _inverse(within(probability, SHARE.low, SHARE.high, model=model, what=SHARE.meaning, unit="1")) + HALF


def of_dose(a: float, b: float, dose: ArrayLike) -> Figures:
    """``a + b ln(dose)`` for doses above 0; ``-inf``, nobody harmed, for none."""
    found = np.asarray(dose, np.float64)
    with np.errstate(divide="ignore"):
        return a + b * np.log(found)


def dose_of(a: float, b: float, probit: ArrayLike) -> Figures:
    """The dose of a probit: ``e^((Pr - a) / b)``."""
    return np.exp((np.asarray(probit, np.float64) - a) / b)
