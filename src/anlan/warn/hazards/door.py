"""What natural hazards announce, and what other rooms may ask: levels of townships by hour, signals that reach a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = [
    "ActionOrdered",
    "CountyRisen",
    "EstimateTaken",
    "FeedMoved",
    "GridReckoned",
    "OrderAnswered",
    "PlaceLevel",
    "SignalTaken",
    "SignalView",
    "levels_at",
    "reckon",
    "register_action",
    "signals_at",
    "take",
    "worst_levels",
]


@dataclass(frozen=True, kw_only=True)
class SignalTaken(Event):
    """A signal came in; ``change`` is ``new``, ``update`` or ``lift``; ``level`` 1–4; ``areas``: the divisions it names."""

    kind: ClassVar[str] = "hazards.signal"
    action: ClassVar[str] = "hazards.view"
    title: str
    level: int
    hazard: str
    change: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GridReckoned(Event):
    """The township grid was reckoned anew; ``counties``: those of which a township's level changed. ``subject_id`` is the run."""

    kind: ClassVar[str] = "hazards.grid"
    action: ClassVar[str] = "hazards.view"
    counties: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CountyRisen(Event):
    """Townships of a county rose to orange (3) or red (4) within the hours ahead. ``place_code`` is the county, ``townships`` the first of them;
    ``count`` 0: no township, but hazard sources of the county of which the township is not known.

    ``chains``: codes of the chains that raised it, empty where the hazard alone is that high; ``since``: from when on (ISO).
    """

    kind: ClassVar[str] = "hazards.risen"
    action: ClassVar[str] = "hazards.view"
    urgent: ClassVar[bool] = True
    level: int
    townships: tuple[str, ...]
    count: int
    since: str
    chains: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EstimateTaken(Event):
    """An estimate of an earthquake came in, first, updated, catalogued or cancelled (``change``). ``subject_id`` is the earthquake."""

    kind: ClassVar[str] = "hazards.quake"
    action: ClassVar[str] = "hazards.view"
    urgent: ClassVar[bool] = True
    title: str
    number: int
    change: str
    magnitude: float


@dataclass(frozen=True, kw_only=True)
class ActionOrdered(Event):
    """A plant's device is told something; ``subject_id`` is the order, which goes by the channels to ``address`` with ``message`` as its data.

    ``message``: ``order``, ``verb``, ``purpose`` (``do`` or ``recall``), ``device``, ``intensity``, ``arrives_at`` (ISO), ``quake``, ``estimate``,
    ``exercise``, ``answer`` (the path that takes the acknowledgement).
    """

    kind: ClassVar[str] = "hazards.order"
    action: ClassVar[str] = "hazards.view"
    urgent: ClassVar[bool] = True
    title: str
    purpose: str
    address: str
    message: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class OrderAnswered(Event):
    """What became of an order (``state``): the plant or its device acknowledged it (``done``), said that it was not done (``failed``), said nothing
    in time (``missing``); it did not arrive (``unreached``), or was stopped before it left (``withdrawn``)."""

    kind: ClassVar[str] = "hazards.answered"
    action: ClassVar[str] = "hazards.view"
    urgent: ClassVar[bool] = True
    title: str
    state: str


@dataclass(frozen=True, kw_only=True)
class FeedMoved(Event):
    """A feed of earthquakes or hot spots could not be read so often in a row that somebody must know (``failing``), or can be read again."""

    kind: ClassVar[str] = "hazards.feed"
    action: ClassVar[str] = "hazards.view"
    title: str
    failing: bool
    failures: int


@dataclass(frozen=True)
class PlaceLevel:
    """The combined level (0–4) of a place at a moment: that of its worst township. ``until``: end of the hours with this level, ``None`` for 0.

    ``reasons``: in words, worst first, in the language of the request. ``known``: whether the grid was reckoned for that hour; where it was not,
    0 means nothing.
    """

    place_code: str
    level: int
    until: datetime | None
    reasons: tuple[str, ...]
    known: bool


@dataclass(frozen=True)
class SignalView:
    """One signal in force. ``level`` 1–4, ``tone`` its colour; ``kind``: its hazard in words."""

    id: UUID
    source: str
    hazard: str
    kind: str
    title: str
    level: int
    tone: str
    sender: str
    starts_at: datetime
    ends_at: datetime
    exercise: bool
    url: str


def levels_at(place_codes: Iterable[str], now: datetime) -> dict[str, PlaceLevel]:
    """The level of each place (nation to township) in the hour of ``now``; real hazards only, exercises left out. No check: public warnings."""
    from anlan.warn.hazards import queries

    return queries.levels_at(tuple(place_codes), now)


def worst_levels(place_codes: Iterable[str], now: datetime) -> dict[str, int]:
    """The same levels without their reasons, for many thousand places: those that have one; none while the hour was not reckoned."""
    from anlan.warn.hazards import queries

    return queries.worst_levels(place_codes, now)


def signals_at(place_code: str, now: datetime) -> tuple[SignalView, ...]:
    """Signals in force at a place at ``now``: those that name it, a division above it, or one below; highest first. No check: public warnings."""
    from anlan.warn.hazards import queries

    return queries.signals_at(place_code, now)


def take(content: bytes, *, name: str, via: str, actor: Actor, now: datetime, exercise: bool = False) -> UUID:
    """Take in a file or message of any form this room reads (see ``services.take``); the id of the intake, which tells what was good and bad."""
    from anlan.warn.hazards import services

    return services.take(content, name=name, via=via, actor=actor, now=now, exercise=exercise).pk


def register_action(enterprise_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> UUID:
    """Register an automatic action of a plant (see ``services.subscribe`` for the values and refusals); its id."""
    from anlan.warn.hazards import services

    return services.subscribe(enterprise_id, actor=actor, now=now, **values).pk


def reckon(now: datetime) -> None:
    """Reckon the township grid for the hours from ``now`` on."""
    from anlan.warn.hazards import services

    services.reckon_grid(now)
