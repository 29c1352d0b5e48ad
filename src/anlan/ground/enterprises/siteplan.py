"""A plan of an enterprise's sites as plain SVG figures: outlines, points and a scale bar. Needs no map service, and prints.

Positions come from local distances: at the size of a plant (a few kilometres) a degree of latitude is 111.2 km and one of longitude
that times the cosine of the latitude, to better than 0.5 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anlan.kernel.access import Actor

WIDTH, HEIGHT, MARGIN = 640, 360, 36
_METRES_PER_DEGREE = 111_195.0
_SMALLEST_M = 200.0
_LARGEST_M = 60_000.0


@dataclass(frozen=True)
class PlanPoint:
    """Something on the plan. ``tone`` colours it by level (``red`` … ``blue``, ``grey``); ``url`` leads to it."""

    longitude: float
    latitude: float
    label: str
    kind: str = "site"
    tone: str = "grey"
    url: str = ""


@dataclass(frozen=True)
class Mark:
    """A point in the units of the drawing."""

    x: float
    y: float
    label: str
    kind: str
    tone: str
    url: str
    number: int

    @property
    def left(self) -> float:
        """Left edge of a site's square."""
        return self.x - 5

    @property
    def top(self) -> float:
        """Upper edge of a site's square."""
        return self.y - 5

    @property
    def text_x(self) -> float:
        """Where its number stands."""
        return self.x + 10

    @property
    def text_y(self) -> float:
        """Base line of its number."""
        return self.y + 5


@dataclass(frozen=True)
class Plan:
    """Everything the template draws; ``bar`` is the length of the scale bar in drawing units, ``bar_label`` what it stands for."""

    outlines: tuple[str, ...]
    marks: tuple[Mark, ...]
    bar: float
    bar_label: str
    width: int = WIDTH
    height: int = HEIGHT
    bar_y: int = HEIGHT - 10
    bar_text_y: int = HEIGHT - 22


Provider = Callable[[UUID, Actor], Iterable[PlanPoint]]
providers: dict[str, Provider] = {}
"""Further points by the room that adds them; see ``door.register_plan_points``."""


def draw(points: Sequence[PlanPoint], outlines: Sequence[dict[str, Any]]) -> Plan | None:
    """The plan of ``points`` and GeoJSON polygons, ``None`` when there is nothing to draw or it would span more than 60 km."""
    rings = [ring for outline in outlines for ring in outline["coordinates"]]
    places = [(point.longitude, point.latitude) for point in points] + [(pair[0], pair[1]) for ring in rings for pair in ring]
    if not places:
        return None
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    east_m = _METRES_PER_DEGREE * math.cos(math.radians(middle_y))
    span_x = max((east - west) * east_m, _SMALLEST_M)
    span_y = max((north - south) * _METRES_PER_DEGREE, _SMALLEST_M)
    if max(span_x, span_y) > _LARGEST_M:
        return None
    scale = min((WIDTH - 2 * MARGIN) / span_x, (HEIGHT - 2 * MARGIN) / span_y)

    def at(longitude: float, latitude: float) -> tuple[float, float]:
        x = WIDTH / 2 + (longitude - middle_x) * east_m * scale
        y = HEIGHT / 2 - (latitude - middle_y) * _METRES_PER_DEGREE * scale
        return round(x, 1), round(y, 1)

    bar_m = _round_length((WIDTH / 5) / scale)
    return Plan(
        outlines=tuple(" ".join(f"{x},{y}" for x, y in (at(pair[0], pair[1]) for pair in ring)) for ring in rings),
        marks=tuple(
            Mark(*at(point.longitude, point.latitude), point.label, point.kind, point.tone, point.url, number)
            for number, point in enumerate(points, 1)
        ),
        bar=round(bar_m * scale, 1),
        bar_label=f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m:g} m",
    )


def _round_length(metres: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)
