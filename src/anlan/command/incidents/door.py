"""What other rooms may ask of incidents and responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from anlan.command.incidents.rules import Force, TimelineLine, late_minutes
from anlan.ground.roads.door import RoadClosed, RoadOpened
from anlan.kernel.access import Actor
from anlan.kernel.events import Event

__all__ = [
    "ArrivalMoved",
    "Force",
    "IncidentChanged",
    "IncidentClosed",
    "IncidentOpened",
    "IncidentSummary",
    "ResponseEnded",
    "ResponseProposed",
    "ResponseStarted",
    "TaskChanged",
    "TaskSummary",
    "TaskUnaccepted",
    "TimelineLine",
    "late_minutes",
]


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Event):
    """An incident was opened; ``subject_id`` is the incident (so in every event here)."""

    kind: ClassVar[str] = "incidents.opened"
    action: ClassVar[str] = "incidents.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class IncidentChanged(Event):
    """Something about an incident changed: level, links, log."""

    kind: ClassVar[str] = "incidents.changed"
    action: ClassVar[str] = "incidents.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class ResponseProposed(Event):
    """A response waits for approval by a second person."""

    kind: ClassVar[str] = "incidents.response_proposed"
    action: ClassVar[str] = "incidents.view"
    title: str
    level: str
    response_id: str


@dataclass(frozen=True, kw_only=True)
class ResponseStarted(Event):
    """A response was approved and started."""

    kind: ClassVar[str] = "incidents.response_started"
    action: ClassVar[str] = "incidents.view"
    title: str
    level: str


@dataclass(frozen=True, kw_only=True)
class ResponseEnded(Event):
    """A response ended."""

    kind: ClassVar[str] = "incidents.response_ended"
    action: ClassVar[str] = "incidents.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class TaskChanged(Event):
    """A task was ordered, accepted, set out for, reached, done, declined or cancelled."""

    kind: ClassVar[str] = "incidents.task_changed"
    action: ClassVar[str] = "incidents.view"
    title: str
    task: str
    state: str
    task_id: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskUnaccepted(Event):
    """Nobody has accepted an order in time; ``step`` counts the reminders, one to three."""

    kind: ClassVar[str] = "incidents.task_unaccepted"
    action: ClassVar[str] = "incidents.view"
    urgent: ClassVar[bool] = True
    title: str
    task: str
    task_id: str
    step: int


@dataclass(frozen=True, kw_only=True)
class ArrivalMoved(Event):
    """What is under way will be there earlier or later (``minutes``), or no open road leads there (``blocked``). ``because``: the road."""

    kind: ClassVar[str] = "incidents.arrival"
    action: ClassVar[str] = "incidents.view"
    urgent: ClassVar[bool] = True
    title: str
    task_id: str
    force: str
    minutes: int
    expected: str
    because: str
    blocked: bool = False


@dataclass(frozen=True, kw_only=True)
class IncidentClosed(Event):
    """An incident was closed."""

    kind: ClassVar[str] = "incidents.closed"
    action: ClassVar[str] = "incidents.view"
    title: str


@dataclass(frozen=True)
class IncidentSummary:
    """One incident as other rooms see it; ``response_level`` is empty when no response runs."""

    id: UUID
    title: str
    kind: str
    state: str
    state_label: str
    place_code: str
    classification: int
    level_code: str
    response_level: str
    occurred_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    location: str
    longitude: float | None
    latitude: float | None
    enterprise_id: UUID | None
    open_tasks: int
    exercise: bool
    address: str


@dataclass(frozen=True)
class TaskSummary:
    """One task; ``late`` when its deadline has passed and it is not done."""

    id: UUID
    incident_id: UUID
    incident_title: str
    title: str
    role: str
    assignee: str
    due: datetime
    state: str
    state_label: str
    late: bool
    exercise: bool
    address: str
    group: str = ""
    number: int = 0
    resource_id: UUID | None = None
    resource_name: str = ""
    place_code: str = ""
    capability: str = ""


def incident(incident_id: UUID | str, actor: Actor | None) -> IncidentSummary:
    """One incident. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.command.incidents import queries

    return queries.summary(queries.incident(incident_id, actor))


def open_incidents(actor: Actor, *, limit: int = 20) -> tuple[IncidentSummary, ...]:
    """Incidents not closed that ``actor`` may see, newest first."""
    from anlan.command.incidents import queries

    return tuple(queries.summary(row) for row in queries.open_incidents(actor)[:limit])


def occurred(since: datetime, until: datetime, place_prefix: str, actor: Actor, *, limit: int = 50) -> tuple[IncidentSummary, ...]:
    """Incidents that occurred between two moments below a place prefix and that ``actor`` may see, newest first."""
    from anlan.command.incidents import queries

    rows = queries.incidents(actor).filter(occurred_at__range=(since, until), place_code__startswith=place_prefix)
    return tuple(queries.summary(row) for row in rows.order_by("-occurred_at", "-pk")[:limit])


def open_tasks(actor: Actor, now: datetime, *, limit: int = 30) -> tuple[TaskSummary, ...]:
    """Tasks not done that ``actor`` may see, nearest deadline first."""
    from anlan.command.incidents import queries

    return tuple(queries.task_summary(row, now) for row in queries.open_tasks(actor)[:limit])


def linked(incident_id: UUID | str, kind: str, actor: Actor | None) -> tuple[UUID, ...]:
    """Identities of the alarms, filings or bulletins (``kind``) that an incident is about. Raises ``NotFound``."""
    from anlan.command.incidents import queries

    return tuple(queries.linked(queries.incident(incident_id, actor), kind))


def of_enterprise(enterprise_id: UUID, actor: Actor, *, limit: int = 20) -> tuple[IncidentSummary, ...]:
    """Incidents at an enterprise, newest first."""
    from anlan.command.incidents import queries

    return tuple(queries.summary(row) for row in queries.incidents(actor).filter(enterprise_id=enterprise_id)[:limit])


def for_subject(kind: str, subject_id: UUID, actor: Actor | None) -> tuple[IncidentSummary, ...]:
    """Incidents linked to an alarm, filing or bulletin (``kind``)."""
    from anlan.command.incidents import queries

    rows = queries.incidents(actor).filter(links__kind=kind, links__subject_id=subject_id)
    return tuple(queries.summary(row) for row in rows)


def timeline(incident_id: UUID | str, actor: Actor, now: datetime) -> tuple[TimelineLine, ...]:
    """Everything known about an incident in order of time: alarms, filings, bulletins, responses, tasks, log, clocks met and missed."""
    from anlan.command.incidents import timeline as gathering

    return gathering.lines(incident_id, actor, now)


def timeline_kinds() -> dict[str, str]:
    """Kinds of timeline lines with their names in the reader's language."""
    from anlan.command.incidents import timeline as gathering

    return gathering.kinds()


def join_timeline(teller: Callable[[UUID, Actor], Iterable[TimelineLine]]) -> None:
    """Let a room that incidents do not know tell its lines (incident, reader → lines, of a kind in ``rules.TIMELINE_KINDS``)."""
    from anlan.command.incidents import timeline as gathering

    gathering.join(teller)


def forces(incident_id: UUID | str, actor: Actor, now: datetime) -> tuple[Force, ...]:
    """Forces ordered for an incident and not yet home, those of other bureaus with them. Raises ``NotFound``."""
    from anlan.command.incidents import forces as gathering
    from anlan.command.incidents import queries

    return gathering.forces(queries.incident(incident_id, actor), actor, now)


def join_forces(teller: Callable[[UUID, Actor, datetime], Iterable[Force]]) -> None:
    """Let a room above tell of forces that it brings to an incident (incident, reader, moment → forces)."""
    from anlan.command.incidents import forces as gathering

    gathering.join(teller)


def join_asking(address: Callable[[UUID, UUID], str]) -> None:
    """Let the room that asks other bureaus for aid say where (incident, task → address)."""
    from anlan.command.incidents import forces as gathering

    gathering.join_asking(address)


def arrival_moved(force: str, was: datetime | None, comes: datetime | None, because: str) -> str:
    """A sentence of an arrival that moved (``None``: no open road); empty where it moved by too little to tell."""
    from anlan.command.incidents import arriving

    return arriving.sentence(force, was, comes, because) if arriving.moved(was, comes) else ""


def road_news(event: RoadClosed | RoadOpened) -> str:
    """What happened to a road, in words."""
    from anlan.command.incidents import arriving

    return arriving.road_news(event)


def send_force(task_id: UUID, resource_id: UUID, *, actor: Actor, now: datetime) -> TaskSummary:
    """Send a resource with a task (see ``sending.send``). Raises ``AlreadyCommitted`` naming the task that holds it, ``NobodyToReach``."""
    from anlan.command.incidents import queries, sending

    return queries.task_summary(sending.send(queries.task(task_id, actor), resource_id, actor=actor, now=now), now)


def to_speak_to(actor: Actor, now: datetime) -> tuple[TaskSummary, ...]:
    """Orders that somebody must still give by mouth, for there is no telephone."""
    from anlan.command.incidents import queries

    return tuple(queries.task_summary(row, now) for row in queries.to_speak_to(actor)[:50])


def open_incident(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Open an incident (see ``services.open_incident``); returns its id."""
    from anlan.command.incidents import services

    return services.open_incident(values, actor=actor, now=now).pk


def propose_response(incident_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Ask for a response under a plan (see ``services.propose_response``); returns the response's id."""
    from anlan.command.incidents import queries, services

    return services.propose_response(queries.incident(incident_id, actor), values, actor=actor, now=now).pk


def start_response(response_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Approve a proposed response; its plan becomes tasks (see ``services.start_response``)."""
    from anlan.command.incidents import queries, services

    services.start_response(queries.response(response_id, actor), actor=actor, now=now)


def end_response(response_id: UUID, grounds: str, *, actor: Actor, now: datetime) -> None:
    """End a response with its grounds (see ``services.end_response``)."""
    from anlan.command.incidents import queries, services

    services.end_response(queries.response(response_id, actor), grounds, actor=actor, now=now)


def join_on_duty(asker: Callable[..., Iterable[Any]]) -> None:
    """Let the keeper of a rota tell who is on duty: (place, moment, ``kind`` of shift) → people with ``account_id``, ``name``, ``phone``."""
    from anlan.command.incidents import rota

    rota.join(asker)


def join_people_at_risk(counter: Callable[[UUID, datetime], int | None]) -> None:
    """Let a room count the people in the zone of its newest judgement of an incident at a moment; ``None`` when it has none."""
    from anlan.command.incidents import advising

    advising.join(counter)


def order_task(incident_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Order a task (see ``tasking.order_task``); returns its id."""
    from anlan.command.incidents import queries, tasking

    return tasking.order_task(queries.incident(incident_id, actor), values, actor=actor, now=now).pk


def task(task_id: UUID | str, actor: Actor | None, now: datetime) -> TaskSummary:
    """One task. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.command.incidents import queries

    return queries.task_summary(queries.task(task_id, actor), now)


def my_tasks(actor: Actor, now: datetime) -> tuple[TaskSummary, ...]:
    """Open tasks of ``actor`` himself, of his unit, and of the groups he leads; nearest deadline first."""
    from anlan.command.incidents import queries

    return tuple(queries.task_summary(row, now) for row in queries.my_tasks(actor))


def move_task(task_id: UUID, move: str, words: str = "", *, actor: Actor, now: datetime) -> None:
    """Move a task: ``accept``, ``depart``, ``arrive``, ``finish``, ``decline``, ``cancel``; the last three need ``words``."""
    from anlan.command.incidents import queries, tasking

    tasking.move_task(queries.task(task_id, actor), move, words, actor=actor, now=now)


def note(incident_id: UUID, kind: str, text: str, *, actor: Actor, now: datetime) -> None:
    """Add a line to the situation log of an incident."""
    from anlan.command.incidents import queries, services

    services.note(queries.incident(incident_id, actor), kind, text, actor=actor, now=now)


def accept_task(task_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Accept a task."""
    from anlan.command.incidents import queries, tasking

    tasking.accept_task(queries.task(task_id, actor), actor=actor, now=now)


def finish_task(task_id: UUID, outcome: str, *, actor: Actor, now: datetime) -> None:
    """Report a task done."""
    from anlan.command.incidents import queries, tasking

    tasking.finish_task(queries.task(task_id, actor), outcome, actor=actor, now=now)


def close_incident(incident_id: UUID, summary: str, *, actor: Actor, now: datetime) -> None:
    """Close an incident. Raises ``TasksOpen`` while tasks are open."""
    from anlan.command.incidents import queries, services

    services.close_incident(queries.incident(incident_id, actor), summary, actor=actor, now=now)


def link(incident_id: UUID, kind: str, subject_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Tie an alarm, filing or bulletin to an incident; tying twice changes nothing."""
    from anlan.command.incidents import queries, services

    services.link(queries.incident(incident_id, actor), kind, subject_id, actor=actor, now=now)
