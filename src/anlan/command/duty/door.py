"""What other rooms may ask of duty."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
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


@dataclass(frozen=True, kw_only=True)
class RotaPublished(Event):
    """A rota was put in force, or again after a change. ``gaps``: turns of the future that nobody takes; ``first_gap`` where it begins (ISO)."""

    kind: ClassVar[str] = "duty.rota_published"
    action: ClassVar[str] = "duty.view"
    name: str
    gaps: int
    first_gap: str = ""


@dataclass(frozen=True, kw_only=True)
class ShiftsChanged(Event):
    """Future shifts of one person changed: how many came and went, and when the next begins (ISO; empty: none)."""

    kind: ClassVar[str] = "duty.shifts_changed"
    action: ClassVar[str] = "duty.view"
    account_id: str
    added: int
    removed: int
    next_at: str = ""


@dataclass(frozen=True, kw_only=True)
class SwapChanged(Event):
    """Somebody asked for a swap, or it was answered, decided or withdrawn."""

    kind: ClassVar[str] = "duty.swap_changed"
    action: ClassVar[str] = "duty.view"
    state: str


@dataclass(frozen=True, kw_only=True)
class RingChanged(Event):
    """Something began to ring on the desk of a place, or was answered."""

    kind: ClassVar[str] = "duty.ring"
    action: ClassVar[str] = "duty.view"
    urgent: ClassVar[bool] = True
    answered: bool


@dataclass(frozen=True, kw_only=True)
class RingWentOn(Event):
    """Nobody answered what rings: ``whom`` (officer, deputy, leader, upper) is told, by these accounts; none where nobody is on the post."""

    kind: ClassVar[str] = "duty.ring_went_on"
    action: ClassVar[str] = "duty.view"
    urgent: ClassVar[bool] = True
    title: str
    whom: str
    accounts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CallChanged(Event):
    """A call began, or something became of it; ``state`` is a state of ``rules.CALL_FLOW``."""

    kind: ClassVar[str] = "duty.call"
    action: ClassVar[str] = "duty.view"
    urgent: ClassVar[bool] = True
    state: str


@dataclass(frozen=True, kw_only=True)
class ReportIssued(Event):
    """A daily report or brief was signed; the bureau above finds it in its list."""

    kind: ClassVar[str] = "duty.report_issued"
    action: ClassVar[str] = "duty.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class FaultFound(Event):
    """A fault of duty was written down; ``fault`` is a code of ``rules.FAULT_KINDS``."""

    kind: ClassVar[str] = "duty.fault"
    action: ClassVar[str] = "duty.view"
    fault: str
    detail: str


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


def join_digest(code: str, label: str, teller: Callable[[Actor, datetime], Iterable[dict[str, Any]]]) -> None:
    """Let a room add to the digest of a handover: ``teller(actor, now)`` answers lines ``{"title": …}``; ``label`` is Chinese source text."""
    from anlan.command.duty import rules

    rules.DIGEST[code] = (label, teller)


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
