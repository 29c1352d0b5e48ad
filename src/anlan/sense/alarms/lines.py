"""The desk's lines: one for each alarm that stands alone, one for each group that one alarm explains or that belongs to one event.

Groups are counted, ordered and paged by the database over the index of open alarms; only the rows of one page are read whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Case, Count, F, Max, Min, Q, QuerySet, Value, When

from anlan.kernel.access import Actor
from anlan.sense.alarms import queries, rules
from anlan.sense.alarms.models import Alarm

BY_CAUSE, BY_EVENT, ONE_BY_ONE = "cause", "event", "single"
GROUPINGS = (BY_CAUSE, BY_EVENT, ONE_BY_ONE)
OPEN, UNACKNOWLEDGED, ACTIVE, SHELVED, REVIEWING = "open", "unacknowledged", "active", "shelved", "reviewing"
SHOWS = (OPEN, UNACKNOWLEDGED, ACTIVE, SHELVED, REVIEWING)
PAGE = 50
MEMBERS = 100
"""So many alarms of an opened group are listed; the others stand on the list of all alarms."""


@dataclass(frozen=True)
class Wanted:
    """What the reader of the desk asked for. ``words``: found in title, enterprise or the equipment's own words; ``level`` 0: every one."""

    show: str = OPEN
    by: str = BY_CAUSE
    words: str = ""
    level: int = 0
    number: int = 1
    opened: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line. ``lead`` stands for the group: its head where that is among them, else the gravest that waits longest.

    ``level`` is the gravest of those that nobody acknowledged, else the gravest of all; times of the group's earliest and latest alarm.
    """

    key: UUID
    lead: Alarm
    count: int
    waiting: int
    active: int
    level: int
    since: datetime
    latest: datetime
    members: tuple[Alarm, ...] = ()
    """Filled where the reader opened the group."""


@dataclass(frozen=True)
class Page:
    """Lines of one page."""

    lines: tuple[Line, ...]
    number: int
    more: bool
    total: int


@dataclass(frozen=True)
class Counts:
    """How many alarms stand in each list, and how many lines they make."""

    open: int
    waiting: int
    active: int
    shelved: int
    reviewing: int


def counts(actor: Actor) -> Counts:
    """How much there is to do for ``actor``; open ones that are shelved are counted apart."""
    found = queries.still_open(actor).aggregate(
        open=Count("id"),
        waiting=Count("id", filter=Q(state__in=sorted(rules.UNACKNOWLEDGED_STATES))),
        active=Count("id", filter=Q(state__in=sorted(rules.ACTIVE_STATES))),
    )
    return Counts(**found, shelved=queries.shelved(actor).count(), reviewing=queries.reviewing(actor).count())


def page(actor: Actor, wanted: Wanted, size: int = PAGE) -> Page:
    """The lines asked for: those nobody acknowledged first, then by level, the newest first."""
    rows = chosen(actor, wanted)
    groups = _grouped(rows, wanted.by)
    total = groups.count()
    begin = (wanted.number - 1) * size
    found = list(groups[begin : begin + size + 1])
    return Page(_lines(rows, found[:size], wanted), wanted.number, len(found) > size, total)


def chosen(actor: Actor, wanted: Wanted) -> QuerySet[Alarm]:
    """Alarms among which the lines are made."""
    if wanted.show == REVIEWING:
        rows = queries.reviewing(actor).order_by()
    elif wanted.show == SHELVED:
        rows = queries.shelved(actor)
    else:
        rows = queries.still_open(actor)
        if wanted.show == UNACKNOWLEDGED:
            rows = rows.filter(state__in=sorted(rules.UNACKNOWLEDGED_STATES))
        elif wanted.show == ACTIVE:
            rows = rows.filter(state__in=sorted(rules.ACTIVE_STATES))
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    for word in wanted.words.split():
        rows = rows.filter(Q(title__icontains=word) | Q(said__icontains=word) | Q(enterprise__name__icontains=word))
    return rows


def key_of(by: str) -> str:
    """The column that a grouping goes by."""
    return {BY_CAUSE: "group_key", BY_EVENT: "event_key"}.get(by, "id")


def _grouped(rows: QuerySet[Alarm], by: str) -> QuerySet[Any, dict[str, Any]]:
    waits = Q(state__in=sorted(rules.UNACKNOWLEDGED_STATES))
    key = key_of(by)
    heads: Any = Case(When(Q(id=F(key)), then=Value(False)), default=Value(True), output_field=BooleanField())
    calm: Any = Case(When(waits, then=Value(False)), default=Value(True), output_field=BooleanField())
    order: Any = (heads, calm, F("level"), F("raised_at"), F("id"))
    return (
        rows.annotate(line=F(key))
        .values("line")
        .annotate(
            number=Count("id"),
            waiting=Count("id", filter=waits),
            active=Count("id", filter=Q(state__in=sorted(rules.ACTIVE_STATES))),
            gravest=Min("level"),
            gravest_waiting=Min("level", filter=waits),
            since=Min("raised_at"),
            latest=Max("rang_at"),
            lead=ArrayAgg("id", order_by=order),
        )
        .annotate(first=F("lead__0"), calm=Case(When(waiting__gt=0, then=Value(0)), default=Value(1)))
        .values("line", "number", "waiting", "active", "gravest", "gravest_waiting", "since", "latest", "first", "calm")
        .order_by("calm", F("gravest_waiting").asc(nulls_last=True), "gravest", F("latest").desc(nulls_last=True), "line")
    )


def _lines(rows: QuerySet[Alarm], found: Sequence[dict[str, Any]], wanted: Wanted) -> tuple[Line, ...]:
    leads = Alarm.objects.in_bulk([each["first"] for each in found])
    opened = {each["line"] for each in found if each["line"] in wanted.opened and each["number"] > 1}
    return tuple(
        Line(
            key=each["line"],
            lead=leads[each["first"]],
            count=each["number"],
            waiting=each["waiting"],
            active=each["active"],
            level=each["gravest_waiting"] or each["gravest"],
            since=each["since"],
            latest=each["latest"] or each["since"],
            members=_members(rows, wanted.by, each["line"], each["first"]) if each["line"] in opened else (),
        )
        for each in found
        if each["first"] in leads
    )


def _members(rows: QuerySet[Alarm], by: str, key: UUID, lead: UUID) -> tuple[Alarm, ...]:
    waits = Case(When(state__in=sorted(rules.UNACKNOWLEDGED_STATES), then=Value(0)), default=Value(1))
    return tuple(rows.filter(**{key_of(by): key}).exclude(pk=lead).order_by(waits, "level", "raised_at", "id")[:MEMBERS])
