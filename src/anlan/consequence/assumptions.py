"""A scenario with its substance, and what it leaves open: every default named, with its source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from anlan.consequence.chain import Scenario
from anlan.consequence.openings import SHARP_GAS, SHARP_LIQUID
from anlan.consequence.pool_area import LAYER_M, NO_BUND_M2
from anlan.consequence.pool_boiling import GROUNDS, SOIL
from anlan.consequence.substance import Substance
from anlan.consequence.validity import Contradiction, within
from anlan.kernel.words import N_

CODE = "sources"
LIQUID_SPACE, VAPOUR_SPACE = "liquid", "vapour"
SETTLE, STAY = "settle", "stay"
HORIZON_S: Final = 3600.0
"""How long a pool is followed when nothing stops it: one hour, as in ALOHA. Status: secondary."""


@dataclass(frozen=True)
class Assumptions:
    """What a scenario leaves open. Every default has its source where its name is defined; each may be set.

    ``opening``: liquid or vapour space of a vessel of liquefied gas; ``pipe_m``: length of pipe before the opening; ``droplets``: ``settle``
    by the table of :mod:`catastrophic`, or ``stay`` in the air, all of them (ALOHA: on the safe side); ``ground``: one of
    :data:`pool_boiling.GROUNDS`; ``ground_k``: its temperature (``None``: that of the air).
    """

    discharge_liquid: float = SHARP_LIQUID
    discharge_gas: float = SHARP_GAS
    pipe_m: float = 0.0
    opening: str = LIQUID_SPACE
    droplets: str = SETTLE
    ground: str = SOIL
    ground_k: float | None = None
    layer_m: float = LAYER_M
    horizon_s: float = HORIZON_S

    def __post_init__(self) -> None:
        for name, words in (("opening", (LIQUID_SPACE, VAPOUR_SPACE)), ("droplets", (SETTLE, STAY)), ("ground", tuple(GROUNDS))):
            if getattr(self, name) not in words:
                raise Contradiction(model=CODE, reason=f"{name} = {getattr(self, name)!r}; {' / '.join(words)}")
        within(self.horizon_s, 0.0, math.inf, model=CODE, what=N_("液池计算时长"), unit="s", open_low=True)
        within(self.layer_m, 0.0, math.inf, model=CODE, what=N_("液层最小厚度"), unit="m", open_low=True)


@dataclass(frozen=True)
class Case:
    """A scenario with its substance and assumptions, and what all paths ask of them."""

    scenario: Scenario
    substance: Substance
    assumed: Assumptions

    @property
    def ambient_pa(self) -> float:
        """Pressure of the air in Pa."""
        return self.scenario.weather.pressure_pa

    @property
    def boiling_k(self) -> float:
        """Boiling point in K at the pressure of the air. Raises ``NoFigure``."""
        return self.substance.boiling_at(self.ambient_pa, CODE)

    @property
    def ground_k(self) -> float:
        """Temperature of the ground in K: given, or that of the air."""
        return self.scenario.weather.temperature_k if self.assumed.ground_k is None else self.assumed.ground_k

    @property
    def bund_m2(self) -> float:
        """Area in m² that holds a pool."""
        return NO_BUND_M2 if self.scenario.bund_m2 is None else self.scenario.bund_m2

    def need(self, name: str) -> float:
        """A figure of the substance. Raises ``NoFigure``."""
        return self.substance.need(name, CODE)

    def open_for(self, lasts_s: float) -> float:
        """Seconds that something flows: until empty, or until the opening is closed."""
        return lasts_s if self.scenario.duration_s is None else min(lasts_s, self.scenario.duration_s)
