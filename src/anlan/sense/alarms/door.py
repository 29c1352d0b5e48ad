"""What other rooms may ask about alarms, and what alarms announce."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Event):
    """An alarm rings; ``subject_id`` is the alarm. ``level`` 1 (red) to 4 (blue).

    ``again``: how often it rang before (its acknowledgement expired, its shelving ended). ``told``: somebody is to be told of it on its own;
    where not, it is one of ``others`` + 1 alarms that an alarm already told explains, announced together (:func:`alarms_of_group`).
    ``sensor_id``: ``None`` where equipment itself reported something; ``alarm_kind``: a code of ``rules.KINDS``.
    """

    kind: ClassVar[str] = "alarms.raised"
    action: ClassVar[str] = "alarms.view"
    urgent: ClassVar[bool] = True
    title: str
    level: int
    sensor_id: UUID | None
    event_key: UUID
    alarm_kind: str = ""
    told: bool = True
    again: int = 0
    others: int = 0


@dataclass(frozen=True, kw_only=True)
class AlarmAcknowledged(Event):
    """A named person took notice of an alarm."""

    kind: ClassVar[str] = "alarms.acknowledged"
    action: ClassVar[str] = "alarms.view"
    title: str
    level: int
    by_name: str


@dataclass(frozen=True, kw_only=True)
class AlarmCleared(Event):
    """The value of an alarm came back to normal."""

    kind: ClassVar[str] = "alarms.cleared"
    action: ClassVar[str] = "alarms.view"
    title: str
    level: int


@dataclass(frozen=True, kw_only=True)
class AlarmNoted(Event):
    """Somebody wrote down what was seen or done about an alarm."""

    kind: ClassVar[str] = "alarms.noted"
    action: ClassVar[str] = "alarms.view"
    title: str
    by_name: str


@dataclass(frozen=True, kw_only=True)
class AlarmReviewed(Event):
    """A second person closed a grave alarm; ``finding`` is a code of ``data/findings.csv``."""

    kind: ClassVar[str] = "alarms.reviewed"
    action: ClassVar[str] = "alarms.view"
    title: str
    level: int
    finding: str
    by_name: str


@dataclass(frozen=True, kw_only=True)
class AlarmShelved(Event):
    """Somebody put an alarm aside until a time, or took it back (a time that is over)."""

    kind: ClassVar[str] = "alarms.shelved"
    action: ClassVar[str] = "alarms.view"
    title: str
    level: int
    until: datetime
    by_name: str


@dataclass(frozen=True, kw_only=True)
class AlarmEscalated(Event):
    """Nobody acknowledged an alarm in time: the holders of ``post_kind`` were told (``names``; empty: nobody holds the post)."""

    kind: ClassVar[str] = "alarms.escalated"
    action: ClassVar[str] = "alarms.view"
    urgent: ClassVar[bool] = True
    title: str
    level: int
    step: int
    post_kind: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class AlarmSummary:
    """One alarm as other rooms see it.

    Values in ``unit``; ``level`` 1 (red) to 4 (blue); ``kind`` a code of ``rules.KINDS``; ``active`` and ``acknowledged`` are the two axes;
    coordinates in degrees (CGCS2000); ``event_key`` groups the alarms of one event, ``group_key`` those that one alarm explains.
    ``sensor_id``: ``None`` where equipment itself reported something, then ``said`` are its own words and ``limit`` says nothing.
    """

    id: UUID
    title: str
    level: int
    kind: str
    state: str
    active: bool
    acknowledged: bool
    exercise: bool
    enterprise_id: UUID
    device_id: UUID
    sensor_id: UUID | None
    risk_source_id: UUID | None
    place_code: str
    event_key: UUID
    group_key: UUID
    rule: str
    said: str
    unit: str
    limit: float
    value: float
    peak: float
    raised_at: datetime
    received_at: datetime
    late: bool
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by_name: str
    longitude: float | None
    latitude: float | None
    url: str
    says: str
    """What it says, in one sentence of the reader's language."""
    measured: bool
    """Whether ``value`` and ``peak`` compare with ``limit``; otherwise only ``says`` tells what happened."""


@dataclass(frozen=True)
class TimelineEntry:
    """One line of an alarm's history: when, what kind (``raised``, ``acknowledged``, ``note:…``, ``cleared``, ``escalated``, …), by whom, in words."""

    at: datetime
    kind: str
    who: str
    text: str


def alarm(alarm_id: UUID | str, actor: Actor | None = None) -> AlarmSummary:
    """The alarm, as far as ``actor`` may see it (``None``: no check, for processes). Raises ``NotFound``."""
    from anlan.sense.alarms import queries

    return queries.summary(queries.one(alarm_id, actor))


def open_alarms(actor: Actor, limit: int = 50, place_code: str = "") -> tuple[AlarmSummary, ...]:
    """Alarms not yet closed that ``actor`` may see: unacknowledged first, then by level, newest first; at most ``limit``.

    With ``place_code`` only those of that place and everything below it.
    """
    from anlan.kernel.levels import prefix_of
    from anlan.sense.alarms import queries

    rows = queries.open_alarms(actor)
    if place_code:
        rows = rows.filter(place_code__startswith=prefix_of(place_code))
    return tuple(queries.summary(row) for row in rows[:limit])


def open_count(actor: Actor) -> int:
    """How many alarms are not closed."""
    from anlan.sense.alarms import queries

    return queries.open_alarms(actor).count()


def unacknowledged_count(actor: Actor) -> int:
    """How many alarms wait for a named person to take notice."""
    from anlan.sense.alarms import queries

    return queries.unacknowledged(actor).count()


def open_counts_by_county(actor: Actor) -> dict[str, dict[int, int]]:
    """Open alarms by county code (6 digits) and level: ``{"370102": {1: 2, 2: 5}}``."""
    from anlan.sense.alarms import queries

    return queries.open_counts_by_county(actor)


def alarms_for_enterprise(enterprise_id: UUID, actor: Actor | None = None, *, limit: int = 50) -> tuple[AlarmSummary, ...]:
    """Alarms of one enterprise, newest first, closed ones included."""
    from anlan.sense.alarms import queries

    return tuple(queries.summary(row) for row in queries.alarms(actor).filter(enterprise_id=enterprise_id)[:limit])


def spans(sensor_ids: Iterable[UUID], since: datetime, until: datetime, actor: Actor | None = None) -> tuple[AlarmSummary, ...]:
    """Alarms of measuring points that were active at any time in [since, until), by beginning; at most 500."""
    from anlan.sense.alarms import queries

    return tuple(queries.summary(row) for row in queries.spans(tuple(sensor_ids), since, until, actor)[:500])


def active_levels(actor: Actor) -> dict[UUID, int]:
    """The gravest level (1 red to 4 blue) of the active alarms of each measuring point that has any and that ``actor`` may see."""
    from anlan.sense.alarms import queries

    return queries.active_levels(actor)


def alarms_of_event(event_key: UUID, actor: Actor | None = None) -> tuple[AlarmSummary, ...]:
    """All alarms that belong to one event, oldest first."""
    from anlan.sense.alarms import queries

    rows = queries.alarms(actor).filter(event_key=event_key).order_by("raised_at", "id")
    return tuple(queries.summary(row) for row in rows)


def of_events(alarm_ids: Iterable[UUID], actor: Actor | None = None, *, limit: int) -> tuple[int, tuple[AlarmSummary, ...]]:
    """How many alarms the events of the named ones have, and at most ``limit`` of them: active before over, the gravest level first, then the oldest."""
    from anlan.sense.alarms import queries

    rows = queries.of_events(alarm_ids, actor)
    return rows.count(), tuple(queries.summary(row) for row in queries.gravest_first(rows)[:limit])


def histories(alarm_ids: Iterable[UUID], actor: Actor | None = None) -> Iterator[tuple[AlarmSummary, tuple[TimelineEntry, ...]]]:
    """The named alarms and all others of their events, each with what happened to it, oldest first. What ``actor`` may not see is left out."""
    from anlan.sense.alarms import history, queries

    rows = list(queries.of_events(alarm_ids, actor).prefetch_related("escalations", "notes"))
    return ((queries.summary(row), entries) for row, entries in history.timelines(rows))


def is_hint(alarm: AlarmSummary) -> bool:
    """Whether it is of the lowest level and no limit was passed: how readings go together or change, told before there is an alarm proper."""
    from anlan.sense.alarms import rules

    return alarm.level == max(rules.LEVEL_COLOURS) and alarm.kind not in rules.LIMIT_KINDS | {rules.HAPPENED}


def alarms_of_group(group_key: UUID, actor: Actor | None = None, *, limit: int = 1000) -> tuple[AlarmSummary, ...]:
    """An alarm and those it explains, oldest first; at most ``limit``."""
    from anlan.sense.alarms import queries

    rows = queries.alarms(actor).filter(group_key=group_key).order_by("raised_at", "id")
    return tuple(queries.summary(row) for row in rows[:limit])


def timeline(alarm_id: UUID | str, actor: Actor | None = None) -> tuple[TimelineEntry, ...]:
    """Everything that happened to the alarm, oldest first. Raises ``NotFound``."""
    from anlan.sense.alarms import queries

    return queries.timeline(queries.one(alarm_id, actor))


def acknowledge(alarm_id: UUID | str, note: str = "", *, actor: Actor, now: datetime) -> AlarmSummary:
    """Acknowledge the alarm in ``actor``'s name, with an optional note.

    Raises ``NotFound``, ``NotPermitted``, ``AlreadyAcknowledged``.
    """
    from anlan.sense.alarms import queries, services

    return queries.summary(services.acknowledge(queries.one(alarm_id, actor), note, actor=actor, now=now))


class AlarmMark(NamedTuple):
    """One alarm as a risk grade weighs it. ``since``: when the node had it or it rang again (or when it cleared, where it is no longer ``active``)."""

    enterprise_id: UUID
    risk_source_id: UUID | None
    level: int
    active: bool
    acknowledged: bool
    since: datetime


def marks_at(at: datetime, enterprise_ids: Collection[UUID] | None = None, *, recent: timedelta = timedelta()) -> list[AlarmMark]:
    """Alarms that were active at a moment or cleared within ``recent`` before it, of some enterprises (``None``: of all).

    Left out: exercises, kinds that tell of the measuring itself (silent, frozen), and those of the past that were found groundless. No check: for
    processes.
    """
    from anlan.sense.alarms import as_of

    return as_of.marks(at, enterprise_ids, recent)
