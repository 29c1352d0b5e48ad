"""At a place over time: when the cloud comes, when it is worst, when it goes, what dose is taken by now and in all.

The toxic load is ``∫ C^n dt`` in the units of the probit it is for: concentrations are multiplied by ``unit_per_kg_m3`` first, time is in
minutes. The exponent n belongs to the substance and its probit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.cancelling import ShouldStop, never, proceed
from anlan.consequence.clouds import Cloud
from anlan.consequence.validity import Figures, within
from anlan.consequence.zones import crossings
from anlan.kernel.words import N_

_SEARCHED = np.r_[0.0, np.geomspace(1.0, 2 * 86_400.0, 600)]
"""Moments between which a cloud is sought: closer together than any cloud is long, whose spread is about a hundredth of its way."""
_MOMENTS = 600
_TRACE = 1e-6
"""Share of the highest concentration below which a cloud is not there."""


@dataclass(frozen=True)
class Passage:
    """What happens at one place. Times in s since the release began; concentrations kg/m³; ``None``: it does not come, or has not gone.

    ``dose_so_far_kg_s_m3``: ``∫ C dt`` until now; ``load_so_far`` and ``load``: toxic load until now and in all.
    """

    x_m: float
    y_m: float
    arrival_s: float | None
    departure_s: float | None
    peak_s: float | None
    peak_kg_m3: float
    now_kg_m3: float
    dose_so_far_kg_s_m3: float
    load_so_far: float
    load: float
    time_s: Figures
    course_kg_m3: Figures


def at_places(
    cloud: Cloud,
    x_m: ArrayLike,
    y_m: ArrayLike,
    *,
    limit_kg_m3: float,
    now_s: float,
    exponent: float = 1.0,
    unit_per_kg_m3: float = 1.0,
    should_stop: ShouldStop = never,
) -> tuple[Passage, ...]:
    """The passage at each place. Raises ``Cancelled``, ``NotFinite``, ``OutOfRange``."""
    limit = float(within(limit_kg_m3, 0.0, np.inf, model="timeline", what=N_("浓度限值"), unit="kg/m³", open_low=True))
    now = float(within(now_s, 0.0, np.inf, model="timeline", what=N_("泄漏开始后的时间"), unit="s"))
    power = float(within(exponent, 0.0, 10.0, model="timeline", what=N_("毒性负荷指数"), unit="1", open_low=True))
    x = within(np.atleast_1d(x_m), -np.inf, np.inf, model="timeline", what=N_("下风向距离"), unit="m")
    y = within(np.atleast_1d(y_m), -np.inf, np.inf, model="timeline", what=N_("横风向距离"), unit="m")
    x, y = np.broadcast_arrays(x, y)
    found = []
    for place_x, place_y in zip(x.tolist(), y.tolist(), strict=True):
        proceed(should_stop)
        found.append(_passage(cloud, place_x, place_y, limit, now, power, unit_per_kg_m3))
    return tuple(found)


def toxic_load(time_s: Figures, course_kg_m3: Figures, exponent: float, unit_per_kg_m3: float, until_s: float = np.inf) -> float:
    """``∫ C^n dt`` until a moment, in the unit of ``C`` to the n times minutes; trapezoids, the last one cut at ``until_s``."""
    harm = (course_kg_m3 * unit_per_kg_m3) ** exponent
    if until_s < time_s[-1]:
        if until_s <= time_s[0]:
            return 0.0
        keep = time_s < until_s
        harm = np.r_[harm[keep], np.interp(until_s, time_s, harm)]
        time_s = np.r_[time_s[keep], until_s]
    return float(np.trapezoid(harm, time_s)) / 60.0


def _passage(cloud: Cloud, x: float, y: float, limit: float, now: float, power: float, unit: float) -> Passage:
    time, course = course_at(cloud, x, y)
    come, go = crossings(time, course, limit)
    top = int(np.argmax(course))
    peak = float(course[top])
    return Passage(
        x,
        y,
        come,
        go,
        float(time[top]) if peak > 0 else None,
        peak,
        float(np.interp(now, time, course, left=0.0, right=0.0)),
        60.0 * toxic_load(time, course, 1.0, 1.0, now),
        toxic_load(time, course, power, unit, now),
        toxic_load(time, course, power, unit),
        time,
        course,
    )


def course_at(cloud: Cloud, x_m: float, y_m: float) -> tuple[Figures, Figures]:
    """Moments (s) and concentrations (kg/m³) from just before the cloud comes until it is gone."""
    here = (np.array([x_m]), np.array([y_m]))
    course = cloud.course(*here, _SEARCHED)[:, 0]
    there = np.flatnonzero(course > _TRACE * course.max()) if course.max() > 0 else np.array([0])
    first, last = max(int(there[0]) - 1, 0), min(int(there[-1]) + 1, _SEARCHED.size - 1)
    time = np.linspace(_SEARCHED[first], _SEARCHED[last], _MOMENTS)
    return time, cloud.course(*here, time)[:, 0]
