"""What other rooms may ask of mutual aid and of people on scene, and what this room announces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = ["AidAsked", "AidChanged", "OnScene", "SceneChanged", "SceneOverdue"]


@dataclass(frozen=True, kw_only=True)
class AidAsked(Event):
    """A bureau was asked for aid; ``subject_id`` is its answer, ``place_code`` its place."""

    kind: ClassVar[str] = "dispatch.aid_asked"
    action: ClassVar[str] = "dispatch.view"
    urgent: ClassVar[bool] = True
    title: str


@dataclass(frozen=True, kw_only=True)
class AidChanged(Event):
    """Aid was offered, agreed, declined, sent, has arrived, was released or is back; told at both places. ``to``: whose turn it is."""

    kind: ClassVar[str] = "dispatch.aid_changed"
    action: ClassVar[str] = "dispatch.view"
    title: str
    answer_id: str
    state: str
    to: str = ""


@dataclass(frozen=True, kw_only=True)
class SceneChanged(Event):
    """Somebody went in, reported or came out; a signal was given or everybody is accounted for. ``subject_id`` is the incident."""

    kind: ClassVar[str] = "dispatch.scene_changed"
    action: ClassVar[str] = "dispatch.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class SceneOverdue(Event):
    """Somebody inside has not reported, or not come out, in time. ``subject_id`` is the incident; ``step`` one to three."""

    kind: ClassVar[str] = "dispatch.scene_overdue"
    action: ClassVar[str] = "dispatch.view"
    urgent: ClassVar[bool] = True
    title: str
    who: str
    record_id: str
    signal: bool
    step: int


@dataclass(frozen=True)
class OnScene:
    """People on scene of an incident: crews and people inside, those overdue, and those a signal still waits for."""

    crews: int
    people: int
    overdue: int
    signalled: bool
    unaccounted: int
    next_check: datetime | None


def ask(incident_id: UUID, values: Mapping[str, Any], organisation_ids: Iterable[UUID], *, actor: Actor, now: datetime) -> UUID:
    """Ask bureaus for aid (see ``aid.ask``); returns the request's id."""
    from anlan.command.dispatch import aid

    return aid.ask(incident_id, values, organisation_ids, actor=actor, now=now).pk


def on_scene(incident_id: UUID, actor: Actor | None, now: datetime) -> OnScene:
    """Who is on scene now, in figures."""
    from anlan.command.dispatch import queries

    return queries.on_scene(incident_id, actor, now)


def cost(incident_id: UUID, actor: Actor) -> Decimal:
    """What the aid of other bureaus cost an incident, in yuan, as far as they have told it."""
    from anlan.command.dispatch import queries

    return queries.cost(incident_id, actor)


# Rooms that send people in on their own terms keep them in the one roll of the scene: its timers ring, its signal calls them out.


def enter(incident_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Register that somebody goes in (see ``scene.enter``); returns the id of the presence. Raises ``AlreadyInside``, ``SectorCleared``."""
    from anlan.command.dispatch import scene

    return scene.enter(incident_id, values, actor=actor, now=now).pk


def check_in(presence_id: UUID, *, actor: Actor, now: datetime, by: datetime | None = None) -> None:
    """They were heard of; they must report again by the sector's interval, or by ``by`` where that is earlier. Raises ``WrongState`` once out."""
    from anlan.command.dispatch import queries, scene

    scene.check_in(queries.presence(presence_id, actor), actor=actor, now=now, by=by)


def leave(presence_id: UUID, note: str = "", *, actor: Actor, now: datetime) -> None:
    """They came out; whoever was already registered out stays so."""
    from anlan.command.dispatch import queries, rules, scene

    presence = queries.presence(presence_id, actor)
    if presence.state == rules.INSIDE:
        scene.leave(presence, note, actor=actor, now=now)


def call_out(incident_id: UUID, sector: str, reason: str, *, actor: Actor, now: datetime) -> UUID | None:
    """Give the signal to leave a sector; ``None`` where nobody was ever registered into it. A signal that holds there is not given again."""
    from anlan.command.dispatch import queries, scene

    found = queries.sectors(incident_id).filter(name=sector).first()
    if found is None:
        return None
    standing = queries.standing_signal(incident_id, found)
    return standing.pk if standing is not None else scene.signal(incident_id, reason, found, actor=actor, now=now).pk
