"""What other rooms may ask of emergency resources (应急资源), what they may have done there, and what this room announces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from anlan.command.resources.rules import AlreadyCommitted, NotCommitted, NotEnough, OutOfService, Reason
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = [
    "AlreadyCommitted",
    "Arrival",
    "Choice",
    "Held",
    "Need",
    "NotCommitted",
    "NotEnough",
    "OutOfService",
    "Reason",
    "Recommendation",
    "ResourceSummary",
    "Way",
]

Area = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
Position = tuple[float, float, datetime]
"""Longitude, latitude (degrees) and when."""


@dataclass(frozen=True, kw_only=True)
class ResourceChanged(Event):
    """A resource was registered, corrected or confirmed, or its readiness changed; ``subject_id`` is the resource."""

    kind: ClassVar[str] = "resources.changed"
    action: ClassVar[str] = "resources.view"
    name: str
    readiness: str


@dataclass(frozen=True, kw_only=True)
class ResourceCommitted(Event):
    """A resource (``subject_id``) was taken for a task, or has arrived at it (``arrived``)."""

    kind: ClassVar[str] = "resources.committed"
    action: ClassVar[str] = "resources.view"
    name: str
    title: str
    task_type: str
    task_id: str
    arrived: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceReleased(Event):
    """A resource (``subject_id``) is free again."""

    kind: ClassVar[str] = "resources.released"
    action: ClassVar[str] = "resources.view"
    name: str
    title: str
    task_type: str
    task_id: str


@dataclass(frozen=True, kw_only=True)
class ResourcesMoved(Event):
    """Terminals of resources of a place told where they are; ``subject_id`` is one of them. Told at most once a batch and place."""

    kind: ClassVar[str] = "resources.moved"
    action: ClassVar[str] = "resources.view"
    count: int


@dataclass(frozen=True, kw_only=True)
class StockMoved(Event):
    """Stock of an item (``subject_id``) changed; ``below``: it fell below its minimum by this."""

    kind: ClassVar[str] = "resources.stock"
    action: ClassVar[str] = "resources.view"
    name: str
    quantity: str
    unit: str
    below: bool = False
    depot: str = ""
    minimum: str = ""


@dataclass(frozen=True, kw_only=True)
class ConfirmationDue(Event):
    """Records of a place were not confirmed within the year; ``subject_id`` is one of them."""

    kind: ClassVar[str] = "resources.confirmation_due"
    action: ClassVar[str] = "resources.view"
    count: int


@dataclass(frozen=True)
class Held:
    """The task that holds a resource."""

    subject_type: str
    subject_id: UUID
    title: str
    exercise: bool
    committed_at: datetime
    committed_by_name: str
    arrived_at: datetime | None


@dataclass(frozen=True)
class ResourceSummary:
    """One resource as other rooms see it.

    Degrees (CGCS2000) of where it is now; ``position_at``: when its terminal said so, ``None``: its base. ``offers``: how much of what, by code.
    ``readiness``: ready, committed, limited, out. ``vehicle``: a code of ``routing.vehicles``. Phones are empty for whoever may not read them.
    ``lapsed``: certificates that have run out.
    """

    id: UUID
    kind: str
    name: str
    owner_name: str
    place_code: str
    classification: int
    organisation_id: UUID | None
    facility_id: UUID | None
    parent_id: UUID | None
    longitude: float
    latitude: float
    position_at: datetime | None
    vehicle: str
    turnout_min: int
    people: int | None
    offers: Mapping[str, Decimal]
    contact_name: str
    contact_phone: str
    duty_phone: str
    readiness: str
    readiness_reason: str
    confirmed: bool
    held: Held | None
    address: str
    lapsed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """From where (degrees) and when a resource goes on towards its task; when it has not left yet, ``since`` is when it will."""

    longitude: float
    latitude: float
    since: datetime


@dataclass(frozen=True)
class Arrival:
    """When a resource will be there. ``by_road``: by a road net, else an estimate; ``live``: from where its terminal is."""

    at: datetime
    way: Way
    by_road: bool
    live: bool

    def kept(self) -> dict[str, Any]:
        """As a JSON column keeps it; :meth:`read` reads it."""
        plain = {"longitude": self.way.longitude, "latitude": self.way.latitude, "since": self.way.since.isoformat()}
        return plain | {"at": self.at.isoformat(), "by_road": self.by_road, "live": self.live}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Arrival:
        """What :meth:`kept` wrote."""
        way = Way(kept["longitude"], kept["latitude"], datetime.fromisoformat(kept["since"]))
        return cls(datetime.fromisoformat(kept["at"]), way, kept["by_road"], kept["live"])


@dataclass(frozen=True)
class Need:
    """What is needed where: ``capability`` (or a class of GB/T 38565), how much, degrees, when. ``vehicle``: go by it whatever the records say.

    ``place_code``: whose agreements of mutual aid count (empty: those of the actor's place). ``avoid``: areas not to be driven into.
    """

    capability: str
    quantity: Decimal
    longitude: float
    latitude: float
    at: datetime
    vehicle: str = ""
    place_code: str = ""
    exercise: bool = False
    avoid: Sequence[Area] = ()


@dataclass(frozen=True)
class Uncovered:
    """A hazard source that nobody else with the capability reaches in time once the resource has gone. ``name`` is empty for one out of sight."""

    source_id: UUID
    name: str
    minutes: float


@dataclass(frozen=True)
class Choice:
    """One resource for a need. ``minutes``: turnout and road together; ``score``: minutes with what its reasons cost; ``km``: straight distance.

    ``gathered``: what this one and those before it offer together. ``agreement``: by which it may be asked for, where it is another bureau's.
    ``uncovered`` is ``None`` where it was not reckoned.
    """

    resource: ResourceSummary
    minutes: float
    road_minutes: float
    km: float
    by_road: bool
    quantity: Decimal
    gathered: Decimal
    score: float
    reasons: tuple[Reason, ...]
    agreement: str = ""
    uncovered: tuple[Uncovered, ...] | None = None

    @property
    def needs_aid(self) -> bool:
        """Whether it must be asked of another bureau."""
        return bool(self.agreement)


@dataclass(frozen=True)
class Recommendation:
    """The answer to a need, the best first. ``busy``: suitable, but held by a task, the nearest first. ``by_road``: a road net was in force."""

    need: Need
    choices: tuple[Choice, ...]
    busy: tuple[ResourceSummary, ...]
    by_road: bool
    cover_minutes: int

    @property
    def enough(self) -> bool:
        """Whether the choices together offer what is needed."""
        return bool(self.choices) and self.choices[-1].gathered >= self.need.quantity


_tellers: list[Callable[[Collection[UUID]], Mapping[UUID, Position]]] = []


def join_positions(teller: Callable[[Collection[UUID]], Mapping[UUID, Position]]) -> None:
    """A room above tells where field units are: ``teller(unit ids) -> {unit id: (longitude, latitude, when)}``. Call once, in ``ready()``."""
    if teller not in _tellers:
        _tellers.append(teller)


def told_positions(unit_ids: Collection[UUID]) -> dict[UUID, Position]:
    """What the rooms above know of the places of field units."""
    found: dict[UUID, Position] = {}
    for teller in _tellers:
        found |= teller(unit_ids)
    return found


def resource(resource_id: UUID | str, actor: Actor | None, *, at: datetime | None = None) -> ResourceSummary:
    """One resource. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.command.resources import queries
    from anlan.kernel import clock

    return queries.summary(queries.one(resource_id, actor), actor, at or clock.now())


def resources(
    actor: Actor | None, *, at: datetime, ids: Collection[UUID] | None = None, place_code: str = "", capability: str = "", limit: int = 500
) -> tuple[ResourceSummary, ...]:
    """Resources that ``actor`` may see, by name: those of ``ids``, of a place, or that answer a capability."""
    from anlan.command.resources import queries

    return queries.summaries(queries.some(actor, ids=ids, place_code=place_code, capability=capability)[:limit], actor, at)


def find(text: str, actor: Actor | None, *, at: datetime, limit: int = 20) -> tuple[ResourceSummary, ...]:
    """Resources that ``actor`` may see, found by name, pinyin or number."""
    from anlan.command.resources import queries
    from anlan.desk.search.matching import matching

    return queries.summaries(matching(queries.resources(actor), text)[:limit], actor, at)


def held_by(subject_type: str, subject_id: UUID, actor: Actor | None, *, at: datetime) -> tuple[ResourceSummary, ...]:
    """Resources that a task holds now."""
    from anlan.command.resources import queries

    return queries.summaries(queries.held_by(subject_type, subject_id, actor), actor, at)


def holds(resource_id: UUID | None, subject_type: str, subject_id: UUID) -> bool:
    """Whether a task (still) holds a resource."""
    from anlan.command.resources import queries

    held = queries.holders([resource_id]).get(resource_id) if resource_id is not None else None
    return held is not None and (held.subject_type, held.subject_id) == (subject_type, subject_id)


def capability_name(code: str) -> str:
    """Name of a capability or class of supplies in the language of the request."""
    from anlan.command.resources import wording

    return wording.offer_name(code)


def reasons_told(choice: Choice) -> tuple[str, ...]:
    """Why a choice stands where it does, in words."""
    from anlan.command.resources import wording

    return tuple(wording.reason(each) for each in choice.reasons)


def capability_choices() -> tuple[tuple[str, str], ...]:
    """Capabilities to choose from: code and name in the language of the request."""
    from anlan.command.resources import wording

    return tuple(wording.capability_choices())


def recommend(need: Need, *, actor: Actor, limit: int = 10, coverage: bool = True) -> Recommendation:
    """Who can help and how soon, the best first (see ``recommending.recommend``). Raises ``UnknownCapability``, ``UnknownVehicle``."""
    from anlan.command.resources import recommending

    return recommending.recommend(need, actor=actor, limit=limit, coverage=coverage)


def along(points: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    """Where one is after ``share`` (0 to 1) of the length of a line of points in degrees."""
    from anlan.command.resources import rules

    return rules.along(points, share)


def set_out(
    resource_id: UUID | str, end: tuple[float, float], *, ordered_at: datetime, left_at: datetime | None = None, exercise: bool = False
) -> Arrival | None:
    """When a resource ordered (or gone) then will be at ``end`` (degrees), by what was closed then; ``None`` where no road leads there."""
    from anlan.command.resources import arriving, queries

    return arriving.set_out(queries.one(resource_id, None), end, ordered_at=ordered_at, left_at=left_at, exercise=exercise)


def go_on(resource_id: UUID | str, end: tuple[float, float], before: Arrival, *, now: datetime, exercise: bool = False) -> Arrival | None:
    """The arrival reckoned anew by what is closed ``now``, from where the resource must be on its way; ``None`` where no road leads any more."""
    from anlan.command.resources import arriving, queries

    return arriving.go_on(queries.one(resource_id, None), end, before, now=now, exercise=exercise)


def left_uncovered(resource_id: UUID | str, need: Need, *, actor: Actor) -> tuple[Uncovered, ...]:
    """Hazard sources that nobody else with the capability reaches in time while this resource is away at the need."""
    from anlan.command.resources import queries, recommending

    return recommending.left_uncovered(queries.one(resource_id, None), need, actor=actor)


def telephone(resource_id: UUID | str) -> str:
    """The number of a resource itself: its duty telephone, else that of whoever is in charge of it; empty where it has none."""
    from anlan.command.resources import queries

    row = queries.one(resource_id, None)
    return row.duty_phone or row.contact_phone


def unconfirmed(actor: Actor, now: datetime, *, limit: int = 50) -> tuple[ResourceSummary, ...]:
    """Resources whose yearly confirmation is due, the longest overdue first."""
    from anlan.command.resources import queries

    return queries.summaries(queries.unconfirmed(actor, now)[:limit], actor, now)


def commit(
    resource_id: UUID | str,
    *,
    subject_type: str,
    subject_id: UUID,
    title: str,
    actor: Actor,
    now: datetime,
    exercise: bool = False,
) -> ResourceSummary:
    """Take a resource for a task; asked again for the same task nothing changes. Raises ``AlreadyCommitted``, ``OutOfService``, ``NotPermitted``."""
    from anlan.command.resources import committing, queries

    row = committing.commit(
        resource_id, subject_type=subject_type, subject_id=subject_id, title=title, exercise=exercise, actor=actor, now=now
    )
    return queries.summary(row, actor, now)


def arrived(resource_id: UUID | str, *, subject_type: str, subject_id: UUID, actor: Actor, now: datetime) -> ResourceSummary:
    """A resource is where its task is. Raises ``NotCommitted``, ``NotPermitted``."""
    from anlan.command.resources import committing, queries

    return queries.summary(
        committing.arrived(resource_id, subject_type=subject_type, subject_id=subject_id, actor=actor, now=now), actor, now
    )


def release(
    resource_id: UUID | str, *, subject_type: str, subject_id: UUID, actor: Actor, now: datetime, reason: str = ""
) -> ResourceSummary:
    """Give a resource back. Raises ``NotCommitted``, ``NotPermitted``."""
    from anlan.command.resources import committing, queries

    row = committing.release(resource_id, subject_type=subject_type, subject_id=subject_id, reason=reason, actor=actor, now=now)
    return queries.summary(row, actor, now)


def issue_stock(
    item_id: UUID | str,
    quantity: Decimal,
    *,
    actor: Actor,
    now: datetime,
    subject_type: str = "",
    subject_id: UUID | None = None,
    note: str = "",
    key: str = "",
) -> Decimal:
    """Take supplies out of a depot, what runs out first; returns what is left. Raises ``NotEnough``, ``ExpiredBatch``, ``NotPermitted``."""
    from anlan.command.resources import stocking

    about = {"subject_type": subject_type, "subject_id": subject_id, "note": note, "key": key}
    return stocking.issue(item_id, quantity, actor=actor, now=now, **about).quantity


def register_resource(*, actor: Actor, now: datetime, **values: Any) -> UUID:
    """Register a resource (see ``services.register_resource``); returns its id."""
    from anlan.command.resources import services

    return services.register_resource(actor=actor, now=now, **values).pk
