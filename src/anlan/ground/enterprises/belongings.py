"""What belongs to an enterprise in every room: declared once by each room, counted and handed over when two files are merged.

A declaration names a table and its column; what is to happen where both enterprises have a row that may exist only once is said with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Concat, Left
from django.utils.functional import Promise
from django.utils.translation import gettext

from anlan.ground.enterprises.mergerules import SameNumberStillOpen
from anlan.ledger import clocks
from anlan.ledger.records import Case

Text = str | Promise
_SHOWN = 5


@dataclass(frozen=True)
class Rename:
    """The loser's row stays beside the survivor's under another name: ``column`` gets ``suffix`` with the end of the loser's code."""

    column: str
    suffix: str = "-{}"


@dataclass(frozen=True)
class SetAside:
    """The loser's row is handed over out of use (``values``): the survivor's says the same."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class Keep:
    """The loser's row stays with the closed file as its history: both files made this statement of the same day or year."""


@dataclass(frozen=True)
class Drop:
    """The loser's row goes with its clocks: nobody ever wrote anything into it (``when`` says which those are)."""

    when: Mapping[str, Any]


@dataclass(frozen=True)
class Fold:
    """The room adds the loser's rows to the survivor's itself: ``fold(survivor_id, loser_id)`` leaves no row that stands in the way."""

    fold: Callable[[UUID, UUID], int]


@dataclass(frozen=True)
class Refuse:
    """Nothing is merged while both have one: ``advice`` says what to do. ``when`` narrows to the loser's rows that stand in the way."""

    column: str
    advice: str
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stays:
    """The table keeps the loser's id, for the reason given: what was said stays said."""

    why: str


Conflict = Rename | SetAside | Keep | Drop | Fold | Refuse


@dataclass(frozen=True)
class Belonging:
    """A table whose rows belong to an enterprise. ``alike``: columns that, with the enterprise, may exist only once (``among`` those rows)."""

    model: str
    column: str = "enterprise_id"
    alike: tuple[str, ...] = ()
    among: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    shown: bool = True
    stays: Stays | None = None

    @property
    def label(self) -> Text:
        """What its rows are called."""
        return label_of(self.model)

    @property
    def table(self) -> type[models.Model]:
        """The model."""
        return apps.get_model(self.model)

    def rows(self, enterprise_id: UUID) -> QuerySet[Any]:
        """Rows of one enterprise."""
        return self.table._base_manager.filter(**{self.column: enterprise_id}, **self.where).order_by()

    def twins(self, survivor_id: UUID, loser_id: UUID) -> QuerySet[Any]:
        """Rows of the loser of which the survivor has one already."""
        same = {name: OuterRef(name) for name in self.alike}
        return self.rows(loser_id).filter(Exists(self.rows(survivor_id).filter(**same, **self.among)), **self.among)


@dataclass(frozen=True)
class HandedOver:
    """What happened to one table: rows handed over (``ids``, 16 bytes each), of them altered, and rows kept with the closed file."""

    belonging: Belonging
    moved: int
    altered: int
    kept: int
    ids: bytes


_declared: dict[tuple[str, str], Belonging] = {}


def declare(belonging: Belonging) -> None:
    """Declare a table; the same table and column again replaces it."""
    _declared[belonging.model.lower(), belonging.column] = belonging


def declared() -> tuple[Belonging, ...]:
    """Every table that was declared, in a steady order."""
    return tuple(_declared[key] for key in sorted(_declared))


def counts(enterprise_id: UUID) -> list[tuple[Text, int]]:
    """How many rows of each shown table an enterprise has, without the tables of which it has none."""
    found: dict[str, tuple[Text, int]] = {}
    for belonging in declared():
        if belonging.shown and belonging.stays is None and (count := belonging.rows(enterprise_id).count()):
            label, before = found.get(str(belonging.label), (belonging.label, 0))
            found[str(belonging.label)] = (label, before + count)
    return sorted(found.values(), key=lambda pair: -pair[1])


def blocks(survivor_id: UUID, loser_id: UUID) -> list[SameNumberStillOpen]:
    """What stands in the way, in words."""
    found = []
    for belonging in declared():
        for conflict in belonging.conflicts:
            if isinstance(conflict, Refuse):
                rows = belonging.twins(survivor_id, loser_id).filter(**conflict.when)
                if numbers := list(rows.values_list(conflict.column, flat=True)[:_SHOWN]):
                    what = "、".join(map(str, numbers))
                    found.append(SameNumberStillOpen(what=str(belonging.label), numbers=what, advice=gettext(conflict.advice)))
    return found


def hand_over(survivor_id: UUID, loser_id: UUID, mark: str) -> Iterator[HandedOver]:
    """Give everything of the loser to the survivor, table by table, inside the caller's transaction. ``mark`` tells renamed rows apart.

    Both enterprises are locked by the caller, and :func:`blocks` was empty. Derived rows are folded first, then what may exist only once.
    """
    with connection.cursor() as cursor:
        # The one change that exhibits allow: to this enterprise, in this transaction (see evidence, migration 0002).
        cursor.execute("SELECT set_config('anlan.merging', %s, true)", [f"{loser_id}>{survivor_id}"])
    for belonging in declared():
        if belonging.stays is None and belonging.rows(loser_id).exists():
            yield _one(belonging, survivor_id, loser_id, mark)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.merging', '', true)")


def _one(belonging: Belonging, survivor_id: UUID, loser_id: UUID, mark: str) -> HandedOver:
    altered = kept = 0
    leaving = belonging.rows(loser_id)
    for conflict in belonging.conflicts:
        match conflict:
            case Fold(fold):
                altered += fold(survivor_id, loser_id)
            case Rename(column, suffix):
                altered += _renamed(belonging, belonging.twins(survivor_id, loser_id), column, suffix.format(mark))
            case SetAside(values):
                altered += belonging.twins(survivor_id, loser_id).update(**values)
            case Drop(when):
                altered += _dropped(belonging.twins(survivor_id, loser_id).filter(**when))
            case Keep():
                staying = list(belonging.twins(survivor_id, loser_id).values_list("pk", flat=True))
                kept, leaving = len(staying), leaving.exclude(pk__in=staying)
            case Refuse():
                pass
    keys = list(leaving.values_list("pk", flat=True))
    if issubclass(belonging.table, Case) and belonging.column == "enterprise_id":
        clocks.hand_over(belonging.table, keys, survivor_id)
    leaving.update(**{belonging.column: survivor_id})
    return HandedOver(belonging, len(keys), altered, kept, packed(keys))


def _dropped(rows: QuerySet[Any]) -> int:
    keys = list(rows.values_list("pk", flat=True))
    clocks.forget(rows.model, keys)
    rows.model._base_manager.filter(pk__in=keys).delete()
    return len(keys)


def _renamed(belonging: Belonging, rows: QuerySet[Any], column: str, suffix: str) -> int:
    longest = belonging.table._meta.get_field(column).max_length  # type: ignore[union-attr]
    return rows.update(**{column: Concat(Left(F(column), longest - len(suffix)), Value(suffix))})


def label_of(model: str) -> Text:
    """What the rows of a table are called; the name of a table that is no more."""
    try:
        return apps.get_model(model)._meta.verbose_name_plural or model
    except LookupError:
        return model


def packed(keys: Collection[Any]) -> bytes:
    """Keys of rows as they are kept: a UUID as it is, a number filled up to 16 bytes."""
    return b"".join(key.bytes if isinstance(key, UUID) else int(key).to_bytes(16, "big") for key in keys)


def unpacked(kept: bytes) -> list[UUID]:
    """The keys again; numbers come as UUIDs of the same value (``int(key)``)."""
    return [UUID(bytes=bytes(kept[at : at + 16])) for at in range(0, len(kept), 16)]
