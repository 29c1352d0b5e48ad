"""What other rooms may ask of audiences (预警受众): who is in an area, how many of whom, and how they are reached."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, ClassVar
from uuid import UUID

from anlan.ground.audiences import rules
from anlan.ground.audiences.rules import RoleRow
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class RecipientChanged(Event):
    """A recipient was entered or changed."""

    kind: ClassVar[str] = "audiences.changed"
    action: ClassVar[str] = "audiences.view"


@dataclass(frozen=True, kw_only=True)
class RecipientErased(Event):
    """A recipient's personal data were erased: whoever keeps a copy of them erases it too."""

    kind: ClassVar[str] = "audiences.erased"
    action: ClassVar[str] = "audiences.view"


@dataclass(frozen=True)
class Area:
    """Where people are told: the union of places, polygons (outer ring, holes; longitude and latitude in degrees) and circles (longitude, latitude, km)."""

    place_codes: tuple[str, ...] = ()
    polygons: tuple[tuple[Ring, ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it names nothing at all."""
        return not (self.place_codes or self.polygons or self.circles)


@dataclass(frozen=True)
class Audience:
    """How many there are in an area.

    ``by_role``: role → number; ``by_address``: phone, email, device → number that have it; ``by_channel_of_device``: loudspeakers, boards … by their
    channel; ``by_language``; ``without_point``: counted by their township alone; ``not_told``: not told at this level (no ground for it).
    """

    people: int = 0
    by_role: Mapping[str, int] = field(default_factory=dict)
    by_address: Mapping[str, int] = field(default_factory=dict)
    by_channel_of_device: Mapping[str, int] = field(default_factory=dict)
    by_language: Mapping[str, int] = field(default_factory=dict)
    without_point: int = 0
    not_told: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient as a message needs him. ``addresses``: phone, email, device → address; quiet hours in Beijing time."""

    id: UUID
    name: str
    role: str
    place_code: str
    phone: str
    email: str
    device: str
    language: str
    needs: str
    quiet_from: time | None
    quiet_until: time | None
    longitude: float | None = None
    latitude: float | None = None

    def address(self, kind: str) -> str:
        """The address of a kind (phone, email, device), empty when there is none."""
        return str(getattr(self, kind))


@dataclass(frozen=True)
class Relation:
    """Recipients as a query of the database, for whoever makes rows of a million of them there: ``sql`` with its ``values`` has the columns ``id``,
    ``role``, ``place_code``, ``phone``, ``email``, ``device``, ``language``, ``needs``, ``quiet_until`` with the meaning of :class:`Recipient`.
    """

    sql: str
    values: tuple[Any, ...]


def roles() -> Mapping[str, RoleRow]:
    """Every role by its code, those told first first."""
    return rules.roles()


def role_name(code: str) -> str:
    """Name of a role in the language of the request."""
    from anlan.ground.audiences import wording

    return wording.role(code)


def masked_name(name: str) -> str:
    """A name as it is shown to those who may not see it in full."""
    return rules.masked_name(name)


def masked_address(address: str) -> str:
    """An address as it is shown to those who may not see it in full."""
    return rules.masked_address(address)


def quiet(at: time, begins: time | None, ends: time | None) -> bool:
    """Whether ``at`` lies in somebody's quiet hours; they may go over midnight."""
    return rules.quiet(at, begins, ends)


def count(area: Area, *, level: str = "") -> Audience:
    """How many would be told of a warning of ``level`` (red to blue; empty: the lowest) in ``area``.

    Counted from indexes: well under a second over a million recipients. Raises ``rules.AreaTooLarge``, ``rules.AreaNotAnArea``.
    """
    from anlan.ground.audiences import counting

    return counting.count(area, level)


def recipients(area: Area, *, level: str = "", kinds: Collection[str] | None = None, batch: int = 5000) -> Iterator[list[Recipient]]:
    """Everybody who is told of a warning of ``level`` in ``area``, those told first first, in lists of at most ``batch``.

    ``kinds``: codes of roles (default: all). The reader may commit between lists. Somebody may come twice: whoever plans messages keeps
    one for each address. Raises as :func:`count` does.
    """
    from anlan.ground.audiences import counting

    return counting.recipients(area, level, kinds, batch)


def relations(
    area: Area, *, level: str = "", kinds: Collection[str] | None = None, batch: int = 5000
) -> Iterator[Relation | list[Recipient]]:
    """The same people as :func:`recipients` in the same order, as relations of the database where an index tells who lies in the area, and as lists
    where points are tested one by one.
    """
    from anlan.ground.audiences import counting

    return counting.relations(area, level, kinds, batch)


def by_ids(ids: Sequence[UUID]) -> dict[UUID, Recipient]:
    """Recipients by their ids; those that are gone are left out."""
    from anlan.ground.audiences import counting

    return counting.by_ids(ids)


def staff_of(place_code: str) -> list[Recipient]:
    """Who goes and calls people of a place: staff of exactly that place (village heads, grid members, duty officers), by name."""
    from anlan.ground.audiences import counting

    return counting.staff_of(place_code)


def register(*, actor: Actor, now: datetime, **values: Any) -> UUID:
    """Enter a recipient (see ``services.register_recipient`` for the fields and refusals)."""
    from anlan.ground.audiences import services

    return services.register_recipient(actor=actor, now=now, **values).pk


def bring_in(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Enter many checked recipients; how many."""
    from anlan.ground.audiences import services

    return services.import_recipients(rows, actor=actor, now=now)


def may_see_addresses(actor: Actor, place_code: str) -> bool:
    """Whether ``actor`` sees names and numbers of a place in full."""
    return actor.may("audiences.view_addresses", place_code=place_code)
