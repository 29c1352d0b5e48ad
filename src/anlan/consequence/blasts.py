"""What models of blast ask for and tell, and how each turns its curve round: from a distance to an overpressure and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.falling import distance_of
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

TNT_J_KG: Final = 4.52e6
"""Heat of explosion of TNT as Chinese handbooks take it, 4520 kJ/kg. Secondary; other sources say 4.18 to 4.69 MJ/kg."""
DISTANCE = Input("distance_m", "m", N_("到爆炸中心的距离"), low=0.0, many=True, open_low=True)
OVERPRESSURE_IN = Input("overpressure_pa", "Pa", N_("冲击波超压"), low=0.0, many=True, open_low=True)
OVERPRESSURE = Output("overpressure_pa", "Pa", OVERPRESSURE_IN.meaning)
REACH = Output("distance_m", "m", N_("达到该超压的距离"))
SCALED = N_("比例距离 R/W^(1/3)")


@dataclass(frozen=True)
class Curve:
    """Overpressure over scaled distance, falling from ``nearest`` to ``farthest`` but for ``seams``, where its pieces meet and it may jump up a little;
    ``scale(tnt_kg, ambient_pa)`` m per unit of scaled distance."""

    by: Credentials
    overpressure: Callable[[Figures, float], Figures]
    """Of scaled distances and the pressure of the air, Pa."""
    nearest: float
    farthest: float
    unit: str
    scale: Callable[[float, float], float]
    seams: tuple[float, ...] = ()

    def at(self, distance_m: Figures, tnt_kg: float, ambient_pa: float) -> Figures:
        """Overpressure at distances, Pa. Raises ``OutOfRange`` where the scaled distance leaves the curve."""
        scaled = np.asarray(distance_m, np.float64) / self.scale(tnt_kg, ambient_pa)
        checked = within(scaled, self.nearest, self.farthest, model=self.by.model, what=SCALED, unit=self.unit)
        return self.overpressure(checked, ambient_pa)

    def reach(self, overpressure_pa: Figures, tnt_kg: float, ambient_pa: float) -> Figures:
        """The distance at which an overpressure is reached, m; the farthest, where a jump gives it several. Raises ``OutOfRange`` for one the
        curve does not have."""
        least, most = (float(self.overpressure(np.asarray(each), ambient_pa)) for each in (self.farthest, self.nearest))
        level = within(overpressure_pa, least, most, model=self.by.model, what=OVERPRESSURE_IN.meaning, unit="Pa")
        # The farthest piece that still begins with as much; a hair beyond the seam, so that the piece that begins there tells.
        begins = np.array([self.nearest, *(each * (1 + 1e-12) for each in self.seams)])
        ends = np.array([*self.seams, self.farthest])
        piece = np.searchsorted(-self.overpressure(begins, ambient_pa), -level, side="right") - 1
        scaled = distance_of(level, lambda each: self.overpressure(each, ambient_pa), begins[piece], ends[piece])
        return scaled * self.scale(tnt_kg, ambient_pa)


def cube_root_scale(tnt_kg: float, ambient_pa: float) -> float:
    """Hopkinson: ``W^(1/3)`` in kg^(1/3); the pressure of the air does not enter."""
    del ambient_pa
    return float(np.cbrt(tnt_kg))


def pair(
    curve: Curve, title: str, title_back: str, charge: Input, ambient: Input | None, cautions: tuple[Caution, ...]
) -> tuple[Model, Model]:
    """The two models of a curve: ``<code>`` tells overpressures at distances, ``<code>_distance`` distances of overpressures."""
    by = curve.by
    back = Credentials(f"{by.model}_distance", by.version, by.citation)
    shared = (charge,) if ambient is None else (charge, ambient)

    def there(tnt_kg: float, distance_m: Figures, ambient_pa: float = 101_325.0) -> Answer:
        return Answer({"overpressure_pa": curve.at(distance_m, tnt_kg, ambient_pa)}, by, cautions)

    def again(tnt_kg: float, overpressure_pa: Figures, ambient_pa: float = 101_325.0) -> Answer:
        return Answer({"distance_m": curve.reach(overpressure_pa, tnt_kg, ambient_pa)}, back, cautions)

    return (
        Model(by.model, title, by.version, by.citation, (*shared, DISTANCE), (OVERPRESSURE,), there),
        Model(back.model, title_back, by.version, by.citation, (*shared, OVERPRESSURE_IN), (REACH,), again),
    )
