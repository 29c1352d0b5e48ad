"""What the ledger of chemicals announces, and what other rooms may ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class HoldingsEvent(Event):
    """Base: ``enterprise_id`` is whose ledger it is, ``product`` the name of the product."""

    action: ClassVar[str] = "holdings.view"
    product: str


@dataclass(frozen=True, kw_only=True)
class HoldingsChanged(HoldingsEvent):
    """A product, a place or a movement was written; ``subject_id`` is it."""

    kind: ClassVar[str] = "holdings.changed"
    what: str


@dataclass(frozen=True, kw_only=True)
class LimitExceeded(HoldingsEvent):
    """What is held has just come over a limit. ``subject_id``: the movement; ``limit``: ``design_max`` of a hazard source or ``critical`` quantity of
    GB 18218; ``source_id``: id of the hazard source as text, or empty; quantities in kg as text."""

    kind: ClassVar[str] = "holdings.exceeded"
    limit: str
    where: str
    held_kg: str
    limit_kg: str
    source_id: str = ""


@dataclass(frozen=True, kw_only=True)
class CountDiffers(HoldingsEvent):
    """A count found another quantity than the book says; ``subject_id`` is the count."""

    kind: ClassVar[str] = "holdings.count"
    where: str
    difference_kg: str


@dataclass(frozen=True, kw_only=True)
class LoadMoved(HoldingsEvent):
    """A load was sent, arrived, was taken back or is overdue; ``subject_id`` is the load. ``receiver_id`` as text, or empty."""

    kind: ClassVar[str] = "holdings.load"
    state: str
    plate: str
    overdue: bool
    beyond: bool
    receiver_id: str
    receiver_place_code: str
    difference_kg: str = ""


@dataclass(frozen=True)
class Stock:
    """What one place of an enterprise holds of one product. ``mass_kg`` in kg; coordinates in degrees (CGCS2000)."""

    enterprise_id: UUID
    product_id: UUID
    product: str
    chemical_code: str
    store_id: UUID
    store: str
    source_id: UUID | None
    mass_kg: Decimal
    last_at: datetime | None
    longitude: float | None
    latitude: float | None


def stock_of(enterprise_id: UUID, actor: Actor | None = None) -> tuple[Stock, ...]:
    """What an enterprise holds, as far as ``actor`` may see it (``None``: no check, for processes); the largest quantity first."""
    from anlan.prevent.holdings import queries

    return tuple(queries.stock(row) for row in queries.holdings(actor).filter(enterprise_id=enterprise_id, mass_kg__gt=0))


def stock_of_source(source_id: UUID, actor: Actor | None = None) -> tuple[Stock, ...]:
    """What the places of one hazard source hold, as :func:`stock_of`."""
    from anlan.prevent.holdings import queries

    return tuple(queries.stock(row) for row in queries.holdings(actor).filter(store__source_id=source_id, mass_kg__gt=0))
