"""Who and what is in the zones of a judgement: people, facilities, enterprises, hazard sources, roads, cameras, and whom to tell first.

Reads only; everything comes through the doors of other rooms. All numbers of people are estimates: show them with ``rounded``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.command.exposure.rules import DOINGS, EFFECTS
from anlan.ground.population.door import METHODS, PeopleInside, rounded
from anlan.kernel.access import Actor

__all__ = [
    "DOINGS",
    "EFFECTS",
    "METHODS",
    "Band",
    "CameraInView",
    "Enterprise",
    "ExposedZone",
    "Exposure",
    "Facility",
    "Hazard",
    "Line",
    "Outside",
    "PeopleInside",
    "RoadInside",
    "ZoneExposure",
    "exposure",
    "rounded",
]

Area = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]


@dataclass(frozen=True)
class ExposedZone:
    """One zone. ``area``: multi-polygon in degrees; ``arrival_s``: when its far end is reached (``None`` unknown); ``severity``: 1 worst (life in
    danger), 2 serious, 3 slight; ``effect``: toxic, heat, blast or flammable."""

    code: str
    label: str
    area: Area
    arrival_s: float | None
    severity: int
    effect: str = "toxic"


@dataclass(frozen=True)
class Facility:
    """A facility in a zone, told under its worst zone. ``people`` now, ``None`` while nobody has counted; ``direction`` from the source."""

    id: UUID
    kind: str
    name: str
    place_code: str
    longitude: float
    latitude: float
    people: int | None
    priority: int
    role: str
    contact_name: str
    contact_phone: str
    state: str
    zone: str
    severity: int
    effect: str
    distance_m: float | None
    direction: str
    arrival_s: float | None
    way_out_m: float


@dataclass(frozen=True)
class Enterprise:
    """An enterprise in a zone with how many of its staff are there now; ``is_source``: the one where it happened."""

    id: UUID
    name: str
    place_code: str
    longitude: float
    latitude: float
    staff: int | None
    has_major_hazard: bool
    zone: str
    severity: int
    effect: str
    distance_m: float | None
    direction: str
    arrival_s: float | None
    is_source: bool


@dataclass(frozen=True)
class Hazard:
    """A hazard source in a zone: where a second accident may start. Worst grade first, then nearest."""

    id: UUID
    enterprise_id: UUID
    enterprise_name: str
    code: str
    name: str
    kind: str
    substance_name: str
    quantity_t: float | None
    major_level: int | None
    longitude: float
    latitude: float
    zone: str
    severity: int
    effect: str
    distance_m: float | None
    arrival_s: float | None


@dataclass(frozen=True)
class RoadInside:
    """Roads of one name and class and how many metres of them lie in the zones."""

    name: str
    road_class: str
    class_label: str
    length_m: float


@dataclass(frozen=True)
class CameraInView:
    """A camera in a zone or near the source. ``line``: online, offline or never."""

    id: UUID
    name: str
    line: str
    longitude: float
    latitude: float
    zone: str
    distance_m: float | None


@dataclass(frozen=True)
class Band:
    """People whom the effect reaches between two moments after the start, seconds; ``until_s`` ``None``: later than all other bands."""

    from_s: float
    until_s: float | None
    people: float
    facilities: int


@dataclass(frozen=True)
class ZoneExposure:
    """What is in one zone, the worse zones inside it included; facilities and enterprises by number, their lists are in the whole."""

    zone: ExposedZone
    people: PeopleInside
    facilities: int
    enterprises: int
    hazards: int
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Line:
    """One line of the first hour: who is told, by which number, how many, what to do and why.

    ``subject``: facility, enterprise or place; ``doing``: a key of :data:`DOINGS`; ``reasons``: sentences in the reader's language; ``score`` by
    :func:`rules.score <anlan.command.exposure.rules.score>`.
    """

    rank: int
    subject: str
    subject_id: UUID | None
    place_code: str
    who: str
    contact_name: str
    phone: str
    people: int | None
    zone: str
    distance_m: float | None
    direction: str
    arrival_s: float | None
    doing: str
    reasons: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class Outside:
    """What lies outside the actor's jurisdiction: counted without names, and whom to ask. ``people``: of the facilities that were counted."""

    place_code: str
    place_name: str
    facilities: int
    people: int
    ask: str
    phone: str


@dataclass(frozen=True)
class Exposure:
    """The answer. ``people``: in all zones together; ``uncounted``: names of facilities and places of which nobody knows the number;
    ``roads_known``: whether a net of roads is in force; ``truncated``: lists were cut at their limit."""

    at: datetime
    night: bool
    people: PeopleInside
    zones: tuple[ZoneExposure, ...]
    facilities: tuple[Facility, ...]
    enterprises: tuple[Enterprise, ...]
    hazards: tuple[Hazard, ...]
    roads: tuple[RoadInside, ...]
    roads_known: bool
    cameras: tuple[CameraInView, ...]
    first_hour: tuple[Line, ...]
    outside: tuple[Outside, ...]
    uncounted: tuple[str, ...]
    truncated: bool


def exposure(
    zones: Sequence[ExposedZone],
    *,
    at: datetime,
    actor: Actor | None,
    source: tuple[float, float] | None = None,
    speed_m_s: float | None = None,
    source_enterprise: UUID | None = None,
) -> Exposure:
    """Who and what is in ``zones`` at ``at``, as far as ``actor`` may see it (``None``: everything, for processes).

    ``source`` (degrees) gives distances and directions; with ``speed_m_s`` of the cloud arrivals are told point by point, else in proportion to
    the zone's own. An empty sequence gives an empty answer.
    """
    from anlan.command.exposure import gathering

    return gathering.gather(tuple(zones), at=at, actor=actor, source=source, speed_m_s=speed_m_s, source_enterprise=source_enterprise)
