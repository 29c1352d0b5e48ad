"""What other rooms may ask of duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class LogAppended(Event):
    """A line was added to the duty log; ``subject_id`` is the line."""

    kind: ClassVar[str] = "duty.logged"
    action: ClassVar[str] = "duty.view"
    text: str


@dataclass(frozen=True, kw_only=True)
class HandedOver(Event):
    """A handover was signed by the one who leaves."""

    kind: ClassVar[str] = "duty.handed"
    action: ClassVar[str] = "duty.view"
    by: str


@dataclass(frozen=True, kw_only=True)
class HandoverReceived(Event):
    """A handover was signed by the one who comes: the shift has changed."""

    kind: ClassVar[str] = "duty.received"
    action: ClassVar[str] = "duty.view"
    by: str


@dataclass(frozen=True)
class OnDuty:
    """Somebody on duty now."""

    account_id: UUID
    name: str
    kind: str
    kind_label: str
    post: str
    starts_at: datetime
    ends_at: datetime
    phone: str


def on_duty(place_code: str, now: datetime, *, kind: str = "") -> tuple[OnDuty, ...]:
    """Who is on duty at exactly this place now; leader first."""
    from anlan.command.duty import queries

    return queries.on_duty(place_code, now, kind=kind)


def append_log(text: str, *, kind: str, actor: Actor, now: datetime, exercise: bool = False) -> UUID:
    """Add a line to the duty log of the actor's place (see ``services.append_log``); returns its id."""
    from anlan.command.duty import services

    return services.append_log(text, kind=kind, actor=actor, now=now, exercise=exercise).pk


def add_shift(
    account_id: UUID, kind: str, starts_at: datetime, ends_at: datetime, *, actor: Actor, now: datetime, place_code: str = ""
) -> UUID:
    """Put somebody on the roster (see ``services.add_shift``); returns the shift's id."""
    from anlan.command.duty import services

    return services.add_shift(account_id, kind, starts_at, ends_at, actor=actor, now=now, place_code=place_code).pk
