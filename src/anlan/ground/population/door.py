"""What other rooms may ask of population: how many people are in an area at an hour, and how that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from anlan.ground.population import rules
from anlan.ground.population.rules import METHODS, rounded
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

if TYPE_CHECKING:
    from anlan.ground.population.answering import CountyAnswer

__all__ = [
    "METHODS",
    "PeopleInside",
    "PlaceShare",
    "PopulationImported",
    "PopulationWithdrawn",
    "import_population",
    "is_night",
    "people_in",
    "people_in_each",
    "rounded",
    "staff_share",
]

Area = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]


@dataclass(frozen=True, kw_only=True)
class PopulationImported(Event):
    """An import came into use; ``subject_id`` is its id."""

    kind: ClassVar[str] = "population.imported"
    action: ClassVar[str] = "population.view"
    name: str


@dataclass(frozen=True, kw_only=True)
class PopulationWithdrawn(Event):
    """An import was taken out of use."""

    kind: ClassVar[str] = "population.withdrawn"
    action: ClassVar[str] = "population.view"
    name: str


@dataclass(frozen=True)
class PlaceShare:
    """People of one place inside the area. ``method``: a key of :data:`METHODS`; ``status``: verified, secondary or unverified."""

    place_code: str
    name: str
    people: float
    method: str
    status: str


@dataclass(frozen=True)
class PeopleInside:
    """People inside an area: an estimate, to be shown with :func:`rounded`.

    ``total`` is the sum of ``by_place`` (most people first). ``counted`` of them were counted at schools, hospitals, plants and the like, and are
    part of the total. ``unknown``: codes of counties in the area of which nobody knows how many people live there; they count as nobody and
    must be told. ``method``: the methods of all lines, the one with most people first; ``night``: residents are taken to be at home.
    """

    total: float
    by_place: tuple[PlaceShare, ...]
    method: tuple[str, ...]
    night: bool
    counted: float = 0.0
    unknown: tuple[str, ...] = ()


def people_in(area: Area, *, at: datetime, actor: Actor | None = None) -> PeopleInside:
    """How many people are inside ``area`` (multi-polygon, degrees) at ``at``.

    Numbers are public statistics and are counted whoever asks; villages and townships outside the jurisdiction of ``actor`` are told as their
    county only. Quick: a few milliseconds once a county has been asked for.
    """
    return people_in_each((area,), at=at, actor=actor)[0]


def people_in_each(areas: Sequence[Area], *, at: datetime, actor: Actor | None = None) -> tuple[PeopleInside, ...]:
    """:func:`people_in` of several areas, in their order; what is in force is read once for all of them."""
    from anlan.ground.population import answering

    return tuple(_inside(answers, night, actor) for answers, night in answering.answers(areas, at))


def _inside(answers: list[CountyAnswer], night: bool, actor: Actor | None) -> PeopleInside:
    shares = [share for answer in answers for share in _shares(answer, actor)]
    shares.sort(key=lambda share: (-share.people, share.place_code, share.name))
    weights: dict[str, float] = {}
    for share in shares:
        weights[share.method] = weights.get(share.method, 0.0) + share.people
    return PeopleInside(
        total=sum(share.people for share in shares),
        by_place=tuple(shares),
        method=tuple(sorted(weights, key=lambda method: -weights[method])),
        night=night,
        counted=weights.get(rules.COUNTED, 0.0),
        unknown=tuple(answer.code for answer in answers if not answer.known),
    )


def _shares(answer: CountyAnswer, actor: Actor | None) -> list[PlaceShare]:
    from anlan.ground.places import door as places

    held = {(line.place_code, line.name, line.method, line.status): people for line, people in answer.lines.items()}
    if actor is not None and not actor.may("population.view", place_code=answer.code):
        folded: dict[tuple[str, str, str, str], float] = {}
        for (_, _, method, status), people in held.items():
            key = (answer.code, places.place_name(answer.code), method, status)
            folded[key] = folded.get(key, 0.0) + people
        held = folded
    return [PlaceShare(code, name, people, method, status) for (code, name, method, status), people in held.items()]


def is_night(at: datetime, place_code: str = "") -> bool:
    """Whether residents of a place are taken to be at home at ``at``."""
    from anlan.ground.population import queries

    return queries.presence_at(place_code, at, queries.own_presence()).is_night(at)


def staff_share(at: datetime, *, night: bool, place_code: str = "") -> float:
    """Which share of an enterprise's staff at a place is taken to be there."""
    from anlan.ground.population import queries

    figures = queries.presence_at(place_code, at, queries.own_presence())
    return figures.staff_night if night else figures.staff_day


def import_population(content: bytes, *, actor: Actor, now: datetime, **values: Any) -> UUID:
    """Take in a file (see ``services.import_population`` for the values and refusals); returns the id of the import."""
    from anlan.ground.population import services

    return services.import_population(content, actor=actor, now=now, **values).pk
