"""Where a limit is reached: rings in metres downwind (x) and to the left (y), how far, how much ground, when it comes and goes.

Of a cloud the rings follow from its half width, which is known in closed form; of any field on a grid they are found by marching squares,
holes and separate pieces included. Outer rings run counter-clockwise, holes clockwise; the first place is repeated at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from anlan.consequence.catalogue import Caution, Credentials
from anlan.consequence.chain import Zone
from anlan.consequence.clouds import Cloud, together
from anlan.consequence.reservations import of_distance
from anlan.consequence.validity import Figures
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

_AROUND = 181
"""Places along one side of a ring."""
_HALVINGS = 40
TOWARD_TIP = 0.95
"""Share of the reach at which arrival and departure are told: the very tip is touched for a moment only. Project default."""
_MOMENTS = 600

OVER_EDGE = N_("范围超出计算区域（{edge} m），实际更远；图上边界在此处被截断。")


class NotAGrid(Refusal):
    code: ClassVar[str] = "zone_no_grid"
    sentence: ClassVar[str] = N_("要划定范围的数值须排成规则网格：横坐标、纵坐标逐点增大，数值均为有效数字。请检查网格数据。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Limit:
    """What is asked for: ``value`` in ``unit``, and the same in the unit of the field, ``field_value``."""

    code: str
    label: str
    value: float
    unit: str
    field_value: float


def area_of(ring: Figures) -> float:
    """Signed area of a closed ring, m²: positive if it runs counter-clockwise."""
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def half_width(zone: Zone) -> float:
    """The farthest any place of a zone lies across the wind from the axis, m."""
    return float(max((np.abs(ring[:, 1]).max() for ring in zone.rings), default=0.0))


def holds(ring: Figures, x: float, y: float) -> bool:
    """Whether a place lies within a closed ring (crossings of a ray)."""
    low, high = ring[:-1], ring[1:]
    crosses = (low[:, 1] > y) != (high[:, 1] > y)
    low, high = low[crosses], high[crosses]
    at = low[:, 0] + (y - low[:, 1]) / (high[:, 1] - low[:, 1]) * (high[:, 0] - low[:, 0])
    return bool(np.count_nonzero(at > x) % 2)


def inside(zone: Zone, x: float, y: float) -> bool:
    """Whether a place lies in a zone and not in one of its holes."""
    return bool(zone.rings) and holds(zone.rings[0], x, y) and not any(holds(ring, x, y) for ring in zone.rings[1:])


def of_cloud(cloud: Cloud, limit: Limit, cautions: tuple[Caution, ...] = ()) -> tuple[Zone, ...]:
    """The zones of a cloud, one for each piece, the nearest first; none where the limit is nowhere reached."""
    x = cloud.nodes()
    wide = cloud.half_width(x, limit.field_value) > 0
    change = np.flatnonzero(np.diff(np.r_[False, wide, False].astype(np.int8)))
    return tuple(_piece(cloud, limit, x, first, last - 1, cautions) for first, last in change.reshape(-1, 2))


def _piece(cloud: Cloud, limit: Limit, x: Figures, first: int, last: int, cautions: tuple[Caution, ...]) -> Zone:
    left = x[first] if first == 0 else _tip(cloud, limit.field_value, x[first], x[first - 1])
    right = x[last] if last == x.size - 1 else _tip(cloud, limit.field_value, x[last], x[last + 1])
    along = left + (right - left) * (1 - np.cos(np.linspace(0.0, np.pi, _AROUND))) / 2
    wide = cloud.half_width(along, limit.field_value)
    # At the tips the ring closes; where the reckoning ends it is cut off straight.
    ring = np.concatenate([np.stack([along, -wide], axis=1), np.stack([along, wide], axis=1)[::-1]])
    ring = np.concatenate([ring, ring[:1]])
    found = list(cautions)
    if last == x.size - 1:
        found.append(Caution("over_edge", OVER_EDGE, {"edge": round(float(right))}))
    come, go = passage(cloud, float(max(left, TOWARD_TIP * right)), limit.field_value)
    return Zone(
        limit.code,
        limit.label,
        limit.value,
        limit.unit,
        (ring,),
        float(right),
        area_of(ring),
        cloud.by,
        together(tuple(found), cloud.cautions, of_distance(np.array([right]))),
        arrival_s=come,
        departure_s=go,
    )


def _tip(cloud: Cloud, limit: float, within: float, beyond: float) -> float:
    """Where the half width becomes nothing between two distances."""
    for _ in range(_HALVINGS):
        middle = 0.5 * (within + beyond)
        if float(cloud.half_width(np.array([middle]), limit)[0]) > 0:
            within = middle
        else:
            beyond = middle
    return within


def reach(cloud: Cloud, limit: float) -> float:
    """The farthest distance downwind at which a limit is reached, m; 0 where it is not."""
    x = cloud.nodes()
    wide = np.flatnonzero(cloud.half_width(x, limit) > 0)
    if not wide.size:
        return 0.0
    last = int(wide[-1])
    return float(x[last] if last == x.size - 1 else _tip(cloud, limit, x[last], x[last + 1]))


def passage(cloud: Cloud, x_m: float, limit: float) -> tuple[float | None, float | None]:
    """When a limit is first reached and last left on the axis at x, s; ``None`` where it is not. Between moments linear."""
    moments = np.r_[0.0, np.geomspace(1.0, 2 * 86_400.0, _MOMENTS)]
    course = cloud.course(np.array([x_m]), np.array([0.0]), moments)[:, 0]
    if not (course >= limit).any():
        # It passes between two moments: look closer around the highest.
        top = int(np.argmax(course))
        moments = np.linspace(moments[max(top - 2, 0)], moments[min(top + 2, moments.size - 1)], _MOMENTS)
        course = cloud.course(np.array([x_m]), np.array([0.0]), moments)[:, 0]
    return crossings(moments, course, limit)


def crossings(time_s: Figures, course: Figures, limit: float) -> tuple[float | None, float | None]:
    """First and last time at which a course is at ``limit`` or above, linear between; ``None``: never, or not left within the times."""
    above = np.flatnonzero(course >= limit)
    if not above.size:
        return None, None
    first, last = int(above[0]), int(above[-1])
    come = time_s[0] if first == 0 else _between(time_s[first - 1 : first + 1], course[first - 1 : first + 1], limit)
    go = None if last == time_s.size - 1 else _between(time_s[last : last + 2], course[last : last + 2], limit)
    return float(come), go


def _between(time: Figures, course: Figures, limit: float) -> float:
    return float(time[0] + (limit - course[0]) / (course[1] - course[0]) * (time[1] - time[0]))


def of_grid(
    x_m: ArrayLike, y_m: ArrayLike, value: ArrayLike, limit: Limit, by: tuple[Credentials, ...], cautions: tuple[Caution, ...] = ()
) -> tuple[Zone, ...]:
    """The zones of a field ``value[j, i]`` at (``x_m[i]``, ``y_m[j]``), one for each piece, the largest first. Raises :class:`NotAGrid`."""
    found = []
    x, y, field = np.asarray(x_m, np.float64), np.asarray(y_m, np.float64), np.asarray(value, np.float64)
    for rings in polygons(x, y, field, limit.field_value):
        outer = rings[0]
        edge = np.isin(outer[:, 0], (x[0], x[-1])) | np.isin(outer[:, 1], (y[0], y[-1]))
        told = (*cautions, Caution("over_edge", OVER_EDGE, {"edge": round(float(np.abs(outer[edge]).max()))})) if edge.any() else cautions
        area = sum(area_of(ring) for ring in rings)
        found.append(Zone(limit.code, limit.label, limit.value, limit.unit, rings, float(outer[:, 0].max()), area, by, told))
    return tuple(sorted(found, key=lambda zone: -zone.area_m2))


def polygons(x: Figures, y: Figures, value: Figures, limit: float) -> list[tuple[Figures, ...]]:
    """Where a gridded field is at ``limit`` or above: polygons, each an outer ring and its holes. Raises :class:`NotAGrid`."""
    if (
        min(x.size, y.size) < 2
        or value.shape != (y.size, x.size)
        or not all(np.isfinite(each).all() for each in (x, y, value))
        or (np.diff(x) <= 0).any()
        or (np.diff(y) <= 0).any()
    ):
        raise NotAGrid()
    rings = _loops(*_segments(np.pad(x, 1, "edge"), np.pad(y, 1, "edge"), np.pad(value, 1, constant_values=_below(value, limit)), limit))
    areas = [area_of(ring) for ring in rings]
    outer = [(ring, area) for ring, area in zip(rings, areas, strict=True) if area > 0]
    holes: list[list[Figures]] = [[] for _ in outer]
    for ring, area in zip(rings, areas, strict=True):
        if area < 0:
            place = _beside(ring)
            around = [index for index, (each, size) in enumerate(outer) if size > -area and holds(each, *place)]
            if around:
                holes[min(around, key=lambda index: outer[index][1])].append(ring)
    return [(ring, *inner) for (ring, _), inner in zip(outer, holes, strict=True)]


def _below(value: Figures, limit: float) -> float:
    return float(min(value.min(), limit)) - 1.0


def _beside(ring: Figures) -> tuple[float, float]:
    """The middle of a ring's first edge that has a length."""
    step = np.hypot(*np.diff(ring, axis=0).T)
    edge = int(np.argmax(step))
    middle = (ring[edge] + ring[edge + 1]) / 2
    return float(middle[0]), float(middle[1])


# Of a cell whose corners are counted counter-clockwise from the lower left (1, 2, 4, 8 where at the limit or above), the edges
# (0 below, 1 right, 2 above, 3 left) from and to which the line runs with the higher ground on its left.
_LINES: Sequence[tuple[tuple[int, int], ...]] = (
    (),
    ((0, 3),),
    ((1, 0),),
    ((1, 3),),
    ((2, 1),),
    (),
    ((2, 0),),
    ((2, 3),),
    ((3, 2),),
    ((0, 2),),
    (),
    ((1, 2),),
    ((3, 1),),
    ((0, 1),),
    ((3, 0),),
    (),
)
_SADDLES = {
    (5, True): ((0, 1), (2, 3)),
    (5, False): ((0, 3), (2, 1)),
    (10, True): ((3, 0), (1, 2)),
    (10, False): ((1, 0), (3, 2)),
}
"""Of cells with two high corners across: joined over the middle if that is high."""


def _segments(x: Figures, y: Figures, value: Figures, limit: float) -> tuple[Figures, Figures, Figures]:
    """From which edge to which edge the lines run, and where each edge is crossed (by its number)."""
    rows, columns = value.shape
    high = value >= limit
    case = high[:-1, :-1] + 2 * high[:-1, 1:] + 4 * high[1:, 1:] + 8 * high[1:, :-1]
    middle = (value[:-1, :-1] + value[:-1, 1:] + value[1:, 1:] + value[1:, :-1]) / 4 >= limit
    upright = rows * columns
    starts, ends = [], []
    for kind in range(1, 15):
        for saddle in (True, False) if kind in (5, 10) else (None,):
            cells = case == kind if saddle is None else (case == kind) & (middle == saddle)
            j, i = np.nonzero(cells)
            edge = (j * columns + i, upright + j * columns + i + 1, (j + 1) * columns + i, upright + j * columns + i)
            for start, end in _LINES[kind] if saddle is None else _SADDLES[kind, saddle]:
                starts.append(edge[start])
                ends.append(edge[end])
    start, end = np.concatenate(starts), np.concatenate(ends)
    flat = start >= upright
    j, i = np.divmod(np.where(flat, start - upright, start), columns)
    j_to, i_to = np.where(flat, j + 1, j), np.where(flat, i, i + 1)
    share = (limit - value[j, i]) / (value[j_to, i_to] - value[j, i])
    places = np.stack([x[i] + share * (x[i_to] - x[i]), y[j] + share * (y[j_to] - y[j])], axis=1)
    return start, end, places


def _loops(start: Figures, end: Figures, places: Figures) -> list[Figures]:
    """Closed rings: each crossed edge is the start of one line and the end of one."""
    order = {int(edge): index for index, edge in enumerate(start)}
    follows = [order[int(edge)] for edge in end]
    seen = [False] * len(follows)
    rings = []
    for first in range(len(follows)):
        if seen[first]:
            continue
        loop, index = [], first
        while not seen[index]:
            seen[index] = True
            loop.append(index)
            index = follows[index]
        ring = places[loop]
        ring = ring[np.r_[True, np.any(np.diff(ring, axis=0) != 0, axis=1)]]
        if ring.shape[0] > 2:
            rings.append(np.concatenate([ring, ring[:1]]))
    return rings
