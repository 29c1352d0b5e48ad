"""Zones of effects that reach equally far all around: rings for thresholds of radiation, overpressure and probability.

A ring is a regular polygon about the circle, so that nobody who stands in the circle stands outside of the ring. Of a fire that wind tilts the circle has
the downwind reach, which is the longest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from anlan.consequence import chinese_blast
from anlan.consequence.blasts import Curve
from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.chain import Zone
from anlan.consequence.falling import Quantity, outermost, within_reach
from anlan.consequence.harm_limits import OVERPRESSURE, PROBABILITY, PROPERTY, RADIATION, HarmLimit, limit, of_quantity
from anlan.consequence.validity import Contradiction, Figures, within
from anlan.kernel.words import N_

SIDES: Final = 180
"""Of a ring."""
_DEATH = HarmLimit("blast_death", PROBABILITY, 0.5, N_("爆炸死亡半径（半数死亡）"), chinese_blast.CITATION, "secondary")
_PROPERTY = HarmLimit("blast_property", PROPERTY, chinese_blast.PROPERTY_K, N_("爆炸财产损失半径"), chinese_blast.CITATION, "secondary")
Reach = Callable[[float], float | None]
"""How far a level is reached, m; ``None``: nowhere outside of the source."""


def ring(radius_m: float, centre_m: tuple[float, float] = (0.0, 0.0)) -> Figures:
    """A closed ring about a circle, counter-clockwise. Raises ``OutOfRange`` unless the radius is above 0."""
    radius = float(within(radius_m, 0.0, np.inf, model="zone.circle", what=N_("半径"), unit="m", open_low=True, open_high=True))
    angle = 2 * np.pi * np.arange(SIDES) / SIDES
    around = radius / np.cos(np.pi / SIDES)
    corners = np.stack([centre_m[0] + around * np.cos(angle), centre_m[1] + around * np.sin(angle)], axis=1)
    return np.concatenate([corners, corners[:1]])


def circle(threshold: HarmLimit, reach_m: float, by: tuple[Credentials, ...], cautions: tuple[Caution, ...] = ()) -> Zone:
    """The zone of a limit that is reached that far all around."""
    area = float(np.pi) * reach_m**2
    return Zone(
        threshold.code,
        threshold.label,
        threshold.value,
        threshold.unit,
        (ring(reach_m),),
        reach_m,
        area,
        by,
        (*cautions, *threshold.cautions),
    )


def of_reach(
    reach: Reach, limits: Sequence[HarmLimit], by: tuple[Credentials, ...], cautions: tuple[Caution, ...] = ()
) -> tuple[Zone, ...]:
    """A zone for each limit that is reached somewhere, in the order of the limits."""
    found = ((each, reach(each.value)) for each in limits)
    return tuple(circle(each, far, by, cautions) for each, far in found if far is not None)


def of_quantity_over_distance(
    quantity: Quantity,
    nearest_m: float,
    farthest_m: float,
    limits: Sequence[HarmLimit],
    by: tuple[Credentials, ...],
    cautions: tuple[Caution, ...] = (),
) -> tuple[Zone, ...]:
    """Zones of a quantity of the distance that holds between two distances. Raises ``OutOfRange`` where a limit is still reached at the
    farthest: the model does not tell how far it goes."""

    def reach(level: float) -> float | None:
        found = outermost(level, quantity, nearest_m, farthest_m)
        return found if found is None else within_reach(found, level, farthest_m, by[-1].model)

    return of_reach(reach, limits, by, cautions)


def of_radiation(
    reach: Reach, by: tuple[Credentials, ...], cautions: tuple[Caution, ...] = (), limits: Sequence[HarmLimit] | None = None
) -> tuple[Zone, ...]:
    """Zones of a fire, by its reach of a radiation in W/m² (``PoolFlame.reach``, ``Fireball.reach``, …)."""
    return of_reach(reach, _of(RADIATION, limits), by, cautions)


def of_blast(
    curve: Curve,
    tnt_kg: float,
    cautions: tuple[Caution, ...] = (),
    limits: Sequence[HarmLimit] | None = None,
    ambient_pa: float = 101_325.0,
) -> tuple[Zone, ...]:
    """Zones of an explosion of that much TNT. Raises ``OutOfRange`` for no charge, or for a limit the curve does not reach down to."""
    charge = float(within(tnt_kg, 0.0, np.inf, model=curve.by.model, what=N_("TNT 当量"), unit="kg", open_low=True, open_high=True))
    return of_reach(
        lambda level: float(curve.reach(np.asarray(level), charge, ambient_pa)), _of(OVERPRESSURE, limits), (curve.by,), cautions
    )


def of_chinese_blast(tnt_kg: float, ambient_pa: float = chinese_blast.AMBIENT_PA) -> tuple[Zone, ...]:
    """The four radii of Chinese assessment handbooks: death, serious injury, minor injury, property. Raises ``OutOfRange`` for no charge."""
    told = chinese_blast.CHINESE_RADII.answer({"tnt_kg": tnt_kg, "ambient_pa": ambient_pa})
    limits = {"death": _DEATH, "serious": limit("overpressure_serious"), "minor": limit("overpressure_minor"), "property": _PROPERTY}
    return tuple(circle(each, float(told.values[f"{name}_m"]), (told.by,), told.cautions) for name, each in limits.items())


def of_probability(
    quantity: Quantity,
    nearest_m: float,
    farthest_m: float,
    by: tuple[Credentials, ...],
    cautions: tuple[Caution, ...] = (),
    limits: Sequence[HarmLimit] | None = None,
) -> tuple[Zone, ...]:
    """Zones of a probability of harm over the distance."""
    return of_quantity_over_distance(quantity, nearest_m, farthest_m, _of(PROBABILITY, limits), by, cautions)


def _of(quantity: str, limits: Sequence[HarmLimit] | None) -> Sequence[HarmLimit]:
    chosen = of_quantity(quantity) if limits is None else limits
    if any(each.quantity != quantity for each in chosen):
        raise Contradiction(model="zone.circle", reason=N_("阈值的物理量与所算结果不一致"))
    return chosen
