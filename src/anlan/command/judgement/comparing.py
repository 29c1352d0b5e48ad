"""Options side by side: do nothing, shelter in place, evacuate, each with and without a water curtain. Pure.

People are counted as harmed where their dose ``∫ C dt`` reaches that of the level, its limit times its minutes (Haber's rule: a default of this
project; for gases whose harm grows faster than the dose it overstates long weak exposures and understates short strong ones). Indoors the air
is taken as well mixed and exchanged ``n`` times an hour, ``dCi/dt = n (Co - Ci)`` (single zone, as ALOHA reckons indoors: NOAA OR&R 43; not
seen on its page, status unverified). Whoever evacuates stays indoors until he sets out and then walks across the wind out of the zone, in
the concentration of its axis, which is on the safe side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from anlan.consequence.cancelling import ShouldStop, never, proceed
from anlan.consequence.clouds import Cloud
from anlan.consequence.validity import Figures
from anlan.kernel.words import N_

NOTHING, SHELTER, EVACUATE = "nothing", "shelter", "evacuate"
OPTIONS: Final = {NOTHING: N_("不采取措施（室外）"), SHELTER: N_("就地避险（关闭门窗）"), EVACUATE: N_("步行撤离")}
NEEDS: Final = {
    NOTHING: "",
    SHELTER: N_("通知到户：关闭门窗和通风，等候解除"),
    EVACUATE: N_("通知到户、组织引导、接收安置"),
}
CURTAIN_NEEDS = N_("水幕水枪或喷淋，处置人员须着重型防护")
_MOMENTS = np.r_[0.0, np.geomspace(10.0, 2 * 86_400.0, 360)]
_PLACES = 48
NEAREST_M = 50.0
GONE = 0.99
"""Share of the dose outdoors after which whoever sheltered is told to open windows and come out."""


@dataclass(frozen=True)
class Assumed:
    """What is assumed of people and houses: air changes per hour, walking speed in m/s, seconds until people set out after ``now_s``."""

    air_changes_per_h: float
    walking_m_s: float
    delay_s: float
    now_s: float


def indoors(time_s: Figures, outdoors: Figures, air_changes_per_h: float) -> Figures:
    """Concentration indoors, from none at the first moment; ``outdoors`` (times, places) taken as its mean between two moments."""
    found = np.zeros_like(outdoors)
    share = np.exp(-air_changes_per_h / 3600.0 * np.diff(time_s))
    for step, kept in enumerate(share):
        middle = 0.5 * (outdoors[step] + outdoors[step + 1])
        found[step + 1] = middle + (found[step] - middle) * kept
    return found


def so_far(time_s: Figures, course: Figures) -> Figures:
    """``∫ C dt`` until each moment (times, places), trapezoids."""
    steps = 0.5 * (course[1:] + course[:-1]) * np.diff(time_s)[:, None]
    return np.concatenate([np.zeros((1, course.shape[1])), np.cumsum(steps, axis=0)])


def at(time_s: Figures, values: Figures, moments: Figures) -> Figures:
    """A value of each place at a moment of its own, linear between."""
    return np.array([np.interp(moment, time_s, values[:, place]) for place, moment in enumerate(moments)])


def doses(time_s: Figures, outdoors: Figures, leaving_m: Figures, figures: Assumed) -> dict[str, Figures]:
    """Dose at each place by option; ``leaving_m``: how far people must walk to be out of the zone."""
    inside = indoors(time_s, outdoors, figures.air_changes_per_h)
    out, within = so_far(time_s, outdoors), so_far(time_s, inside)
    over = np.array([np.interp(GONE, row / row[-1], time_s) if row[-1] > 0 else 0.0 for row in out.T])
    set_out = np.full(outdoors.shape[1], figures.now_s + figures.delay_s)
    safe = set_out + leaving_m / figures.walking_m_s
    return {
        NOTHING: out[-1],
        SHELTER: at(time_s, within, over),
        EVACUATE: at(time_s, within, set_out) + at(time_s, out, safe) - at(time_s, out, set_out),
    }


def compared(
    cloud: Cloud, *, limit_kg_m3: float, minutes: float, reach_m: float, figures: Assumed, should_stop: ShouldStop = never
) -> list[dict[str, Any]]:
    """For each option how far downwind the dose of the level is reached (m), and the concentration at the edge of the area in which it is, kg/m³.

    ``seconds``: how long it takes until the farthest people are out of danger. Raises ``Cancelled``.
    """
    along = np.geomspace(NEAREST_M, max(1.5 * reach_m, 2 * NEAREST_M), _PLACES)
    outdoors = cloud.course(along, np.zeros_like(along), _MOMENTS)
    proceed(should_stop)
    leaving = np.asarray(cloud.half_width(along, limit_kg_m3), np.float64)
    wanted = limit_kg_m3 * minutes * 60.0
    peak = np.asarray(cloud.peak(along, np.zeros_like(along)), np.float64)
    found = []
    for option, dose in doses(_MOMENTS, outdoors, leaving, figures).items():
        reached = np.flatnonzero(dose >= wanted)
        far = float(_edge(along, dose, wanted, int(reached[-1]))) if reached.size else 0.0
        found.append(
            {
                "option": option,
                "reach_m": far,
                "edge_kg_m3": float(np.interp(far, along, peak)) if far > 0 else None,
                "seconds": _seconds(option, leaving, figures),
            }
        )
    return found


def _edge(along: Figures, dose: Figures, wanted: float, last: int) -> float:
    if last == along.size - 1:
        return float(along[-1])
    before, after = dose[last], dose[last + 1]
    return float(along[last] + (before - wanted) / (before - after) * (along[last + 1] - along[last]))


def _seconds(option: str, leaving_m: Figures, figures: Assumed) -> float | None:
    if option == EVACUATE:
        return float(figures.delay_s + leaving_m.max() / figures.walking_m_s)
    return None


def best(options: Sequence[Mapping[str, Any]]) -> str:
    """The option that harms over the shortest way; sheltering where it is as good, for it asks the least of people."""
    order = {SHELTER: 0, EVACUATE: 1, NOTHING: 2}
    return str(min(options, key=lambda each: (round(float(each["reach_m"]), -1), order[each["option"]]))["option"])
