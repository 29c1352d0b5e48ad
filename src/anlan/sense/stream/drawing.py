"""A line chart of one point as plain SVG geometry: band of lowest to highest, line of means, limits, axes. No Django, no clock.

Drawn on the server, so that it prints, needs no script and reads the same everywhere; gaps in the data are gaps in the line.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10

WIDTH, HEIGHT = 900, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 10, 26
GAP_FACTOR = 4.0
"""A pause longer than so many usual pauses between buckets is a gap."""
_STEPS = (60, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 2 * 86400, 7 * 86400)


@dataclass(frozen=True)
class Reading:
    """One bucket to be drawn."""

    at: datetime
    lowest: float
    highest: float
    mean: float


@dataclass(frozen=True)
class Rule:
    """A limit drawn across the chart; ``tone`` is a level colour."""

    value: float
    label: str
    tone: str


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where (pixels) and what it says; times are formatted by the page."""

    at: float
    label: str = ""
    moment: datetime | None = None


@dataclass(frozen=True)
class DrawnRule:
    """A limit's height in pixels."""

    y: float
    label: str
    tone: str


@dataclass(frozen=True)
class Drawing:
    """Everything the template needs; ``empty`` when there is nothing to draw."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    rules: tuple[DrawnRule, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    marks: tuple[float, ...]
    empty: bool


def draw(
    readings: Sequence[Reading], since: datetime, until: datetime, *, rules: Sequence[Rule] = (), marks: Sequence[datetime] = ()
) -> Drawing:
    """The chart of ``readings`` between two times. ``marks``: moments drawn as vertical lines (an alarm's beginning and end)."""
    values = [r.lowest for r in readings] + [r.highest for r in readings]
    low, high, step = _scale(values, [rule.value for rule in rules])
    span = max((until - since).total_seconds(), 1.0)

    def x(moment: datetime) -> float:
        return round(LEFT + (moment - since).total_seconds() / span * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    stretches = _stretches(readings)
    decimals = max(0, -floor(log10(step)))
    ticks = [low + number * step for number in range(round((high - low) / step) + 1)]
    return Drawing(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        TOP,
        HEIGHT - BOTTOM,
        lines=tuple(" ".join(f"{x(r.at)},{y(r.mean)}" for r in part) for part in stretches if len(part) > 1),
        bands=tuple(
            " ".join([*(f"{x(r.at)},{y(r.highest)}" for r in part), *(f"{x(r.at)},{y(r.lowest)}" for r in reversed(part))])
            for part in stretches
            if len(part) > 1 and any(r.highest > r.lowest for r in part)
        ),
        dots=tuple((x(part[0].at), y(part[0].mean)) for part in stretches if len(part) == 1),
        rules=tuple(DrawnRule(y(rule.value), rule.label, rule.tone) for rule in rules if low <= rule.value <= high),
        y_ticks=tuple(Tick(y(value), f"{value:.{decimals}f}") for value in ticks),
        x_ticks=tuple(Tick(x(moment), moment=moment) for moment in _moments(since, until)),
        marks=tuple(x(moment) for moment in marks if since <= moment <= until),
        empty=not readings,
    )


def _scale(values: Sequence[float], limits: Sequence[float]) -> tuple[float, float, float]:
    """Lower end, upper end and step of the value axis: round numbers; limits near the values are taken in, far ones are not."""
    low, high = (min(values), max(values)) if values else (min(limits, default=0.0), max(limits, default=1.0))
    reach = max(high - low, abs(high) * 0.05, 1e-9)
    near = [limit for limit in limits if low - 2 * reach <= limit <= high + 2 * reach]
    low, high = min([low, *near]), max([high, *near])
    spread = max(high - low, abs(high) * 0.02, 1e-9)
    rough = spread * 1.1 / 5
    size = 10.0 ** floor(log10(rough))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= rough)
    low, high = floor(low / step) * step, ceil(high / step) * step
    return (low, high, step) if high > low else (low, low + step, step)


def _stretches(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Readings without gaps between them."""
    if not readings:
        return []
    pauses = sorted((b.at - a.at).total_seconds() for a, b in itertools.pairwise(readings))
    longest = GAP_FACTOR * pauses[len(pauses) // 2] if pauses else 0.0
    parts = [[readings[0]]]
    for before, reading in itertools.pairwise(readings):
        if (reading.at - before.at).total_seconds() > longest:
            parts.append([])
        parts[-1].append(reading)
    return parts


def _moments(since: datetime, until: datetime) -> list[datetime]:
    """Five to nine round moments on the time axis, counted in China Standard Time."""
    span = (until - since).total_seconds()
    step = next((step for step in _STEPS if span / step <= 8), _STEPS[-1])
    zone = 8 * 3600
    first = ceil((since.timestamp() + zone) / step) * step - zone
    moment = since + timedelta(seconds=first - since.timestamp())
    found = []
    while moment <= until:
        found.append(moment)
        moment += timedelta(seconds=step)
    return found
