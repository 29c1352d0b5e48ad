"""Terms of a source as they are put together: which models were used on the way, what to know of them, rates between moments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anlan.consequence.assumptions import CODE, Case
from anlan.consequence.catalogue import Answer, Caution, Credentials
from anlan.consequence.chain import SourceTerm
from anlan.consequence.validity import Figures


@dataclass(frozen=True)
class Trail:
    """Models used on the way, and what to know of them, each once and in order."""

    by: tuple[Credentials, ...] = ()
    cautions: tuple[Caution, ...] = ()

    def names(self, *credentials: Credentials) -> Trail:
        """With these models."""
        return Trail(tuple(dict.fromkeys((*self.by, *credentials))), self.cautions)

    def warns(self, *cautions: Caution) -> Trail:
        """With these cautions."""
        return Trail(self.by, (*self.cautions, *(each for each in cautions if each not in self.cautions)))

    def adds(self, answer: Answer) -> Trail:
        """With the model of an answer and what it has to say."""
        return self.names(answer.by).warns(*answer.cautions)


def lasting(case: Case, trail: Trail, edges: Figures, rate: Figures) -> SourceTerm:
    """A term that lasts, of the mean rates between ``edges``; temperature and density are those of the vapour until said otherwise."""
    temperature = case.scenario.temperature_k
    return SourceTerm(
        time_s=edges[:-1],
        rate_kg_s=rate,
        duration_s=float(edges[-1]),
        mass_kg=float(np.sum(rate * np.diff(edges))),
        temperature_k=temperature,
        density_kg_m3=case.substance.gas_density(temperature, case.ambient_pa, CODE),
        height_m=case.scenario.height_m,
        by=trail.by,
        cautions=trail.cautions,
    )


def at_once(case: Case, trail: Trail, mass_kg: float) -> SourceTerm:
    """A term that goes into the air at the first moment."""
    empty = lasting(case, trail, np.array([0.0]), np.array([]))
    return replace(empty, mass_kg=mass_kg)
