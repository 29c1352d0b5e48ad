"""The schematic of a mine as shapes to draw: places as tags with their gas, airways as lines with an arrow where the air goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import atan2, degrees
from uuid import UUID

from anlan.command.minerescue import air
from anlan.command.minerescue.models import Airway
from anlan.command.minerescue.picture import Shown

WIDTH, HEIGHT, TAG, TALL = 1000, 520, 168, 42
"""The drawing and a tag in it, in its own units."""


@dataclass(frozen=True)
class Tag:
    """A place: left upper corner and middle of its tag, what it says, its tone, and how many people are heading there."""

    name: str
    left: float
    top: float
    tone: str
    value: str
    label: str
    people: int


@dataclass(frozen=True)
class Line:
    """An airway: both ends, and where its arrow stands and points (degrees). ``against``: air was measured to flow the other way at its start."""

    ends: tuple[float, float, float, float]
    middle: tuple[float, float]
    angle: float
    against: bool


@dataclass(frozen=True)
class Drawing:
    """Everything to draw."""

    tags: tuple[Tag, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT


def tone(known: air.PlaceAir) -> str:
    """The colour of a place: grey where nobody knows or nobody knows any more, except for danger, which stays."""
    if known.state in air.DANGEROUS:
        return "red"
    if known.minutes is not None:
        return "orange"
    return "grey" if known.old else air.STATES[known.state][1]


def draw(shown: Iterable[Shown], airways: Iterable[Airway], people: dict[UUID, int]) -> Drawing:
    """The schematic of the places of a picture; ``people``: underground on the way to a place, by its id."""
    points: dict[UUID, tuple[float, float]] = {}
    reversed_at = set()
    tags = []
    for each in shown:
        if each.place is None:
            continue
        x = TAG / 2 + 4 + each.place.x / 100 * (WIDTH - TAG - 8)
        y = TALL / 2 + 4 + each.place.y / 100 * (HEIGHT - TALL - 8)
        points[each.place.pk] = (x, y)
        methane, flow = each.air.newest.get("methane"), each.air.newest.get("airflow")
        if flow is not None and flow.value < 0:
            reversed_at.add(each.place.pk)
        value = "" if methane is None else f"{methane.value:.2f} %"
        found = Tag(
            each.name, x - TAG / 2, y - TALL / 2, tone(each.air), value, air.STATES[each.air.state][0], people.get(each.place.pk, 0)
        )
        tags.append(found)
    lines = [_line(points[way.start_id], points[way.end_id], way.start_id in reversed_at) for way in airways]  # type: ignore[attr-defined]
    return Drawing(tuple(tags), tuple(lines))


def _line(start: tuple[float, float], end: tuple[float, float], against: bool) -> Line:
    angle = degrees(atan2(end[1] - start[1], end[0] - start[0])) + (180 if against else 0)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    return Line((*start, *end), middle, angle, against)
