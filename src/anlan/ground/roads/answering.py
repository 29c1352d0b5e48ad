"""Questions to the net in force at a moment, with what is closed then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.ground.roads import keeping, queries, rules
from anlan.ground.roads.models import RoadClosure
from anlan.routing import closing, vehicles
from anlan.routing.network import Network
from anlan.routing.plane import Area, Floats, Plane
from anlan.routing.travel import Hindrances, hindrances
from anlan.routing.vehicles import Speeds, Vehicle

_edges: dict[tuple[UUID, UUID, int], NDArray[np.intp]] = {}
"""Edges of the closures in force, by net, closure and its version: reckoned once, forgotten when the closure is."""


@dataclass(frozen=True)
class Present:
    """The net in force with its record's id and the speeds of that day."""

    id: UUID
    network: Network
    speeds: Speeds

    def vehicle(self, code: str) -> Vehicle:
        """Raises ``UnknownVehicle``."""
        return vehicles.vehicle(code, self.speeds)


def present(at: datetime) -> Present:
    """Raises :class:`NoNetwork`, ``NetworkUnreadable``, ``SpeedsUnreadable``."""
    row = queries.in_force(at)
    if row is None:
        raise rules.NoNetwork()
    return Present(row.pk, keeping.loaded(row.pk), keeping.speeds(timezone.localtime(at).date()))


def edges_of(now: Present, closure: RoadClosure) -> NDArray[np.intp]:
    """Numbers of the edges that a closure closes."""
    key = (now.id, closure.pk, closure.version)
    if key not in _edges:
        _edges[key] = np.flatnonzero(mask_of(now.network, closure.shape, closure.points, closure.radius_m))
    return _edges[key]


def lines_of(now: Present | None, closure: RoadClosure) -> list[Floats]:
    """The lines that a closure closes, degrees; where it meets no road (or no net is in force), the outline of what was drawn."""
    edges = edges_of(now, closure) if now is not None else ()
    if now is not None and len(edges):
        return [now.network.line(int(edge)) for edge in edges]
    ring = outline_of(closure)
    if ring is not None:
        return [ring]
    return [np.array(closure.points, np.float64).reshape(-1, 2)] if closure.points else []


def outline_of(closure: RoadClosure) -> Floats | None:
    """The closed ring that was drawn, degrees: the circle about a point, the border of an area; ``None`` for a line."""
    drawn = np.array(closure.points, np.float64).reshape(-1, 2)
    if not len(drawn) or closure.shape == rules.LINE:
        return None
    if closure.shape == rules.POINT:
        angles = np.linspace(0, 2 * np.pi, 65)
        return Plane(*drawn[0]).degrees(closure.radius_m * np.stack([np.cos(angles), np.sin(angles)], axis=-1))
    return np.concatenate([drawn, drawn[:1]])


def mask_of(network: Network, shape: str, points: Sequence[tuple[float, float]], radius_m: float) -> NDArray[np.bool_]:
    """Edges closed by a shape, shape (edges,)."""
    if shape == rules.POINT:
        return closing.near_point(network, points[0], radius_m)
    if shape == rules.LINE:
        return closing.along_line(network, points, radius_m)
    return closing.within(network, ((tuple(points),),))


def in_the_way(now: Present, vehicle: str, at: datetime, *, avoid: Sequence[Area] = (), exercise: bool = False) -> Hindrances:
    """Closures that hold at ``at`` for ``vehicle`` (those of exercises only for an exercise) and the zones to avoid."""
    rows = list(queries.closed_at(at, None, exercise=exercise))
    if vehicle in vehicles.EMERGENCY:
        rows = [row for row in rows if not row.lets_emergency_pass]
    if not rows:
        return hindrances(now.network, avoid=avoid)
    closed = np.zeros(now.network.edges, np.bool_)
    for row in rows:
        closed[edges_of(now, row)] = True
    _forget({(now.id, row.pk, row.version) for row in rows})
    return hindrances(now.network, closed=closed, avoid=avoid)


def _forget(used: set[tuple[UUID, UUID, int]]) -> None:
    if len(_edges) > 2 * len(used) + 100:
        for key in [key for key in _edges if key not in used]:
            _edges.pop(key, None)
