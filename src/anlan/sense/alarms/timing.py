"""Lengths of time in force: the dated tables with this node's own values in their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from anlan.sense.alarms import tables
from anlan.sense.alarms.models import OwnSpan
from anlan.sense.alarms.tables import Span, Step

LONGEST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class InForce:
    """One length of time as it holds now. ``own``: this node's own value, in place of the table's."""

    row: Span | Step
    minutes: int
    own: OwnSpan | None

    @property
    def length(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(minutes=self.minutes)


def in_force(now: datetime) -> dict[str, InForce]:
    """Every length of time by its name, as it holds at ``now``."""
    own = {row.name: row for row in OwnSpan.objects.filter(effective_from__lte=now).order_by("effective_from", "id")}
    day = timezone.localtime(now).date()
    named: list[tuple[Span | Step, int]] = [(span, span.minutes) for span in tables.spans(day)]
    named += [(step, step.after_minutes) for step in tables.ladder(day)]
    return {row.name: InForce(row, own[row.name].minutes if row.name in own else minutes, own.get(row.name)) for row, minutes in named}


def length(code: str, level: int, now: datetime) -> timedelta | None:
    """How long ``code`` lasts for a level at ``now``; ``None`` where no row says."""
    found = in_force(now).get(f"{code}.{level}")
    return found.length if found is not None else None


def ladders(now: datetime) -> dict[int, list[tuple[Step, timedelta]]]:
    """By level, its rungs at ``now`` with the time after which each is climbed, soonest first; levels without any are left out."""
    found: dict[int, list[tuple[Step, timedelta]]] = {}
    for each in in_force(now).values():
        if isinstance(each.row, Step):
            found.setdefault(each.row.level, []).append((each.row, each.length))
    return {level: sorted(rungs, key=lambda rung: (rung[1], rung[0].step)) for level, rungs in found.items()}


def first_rungs(now: datetime) -> dict[int, timedelta]:
    """By level, when an alarm climbs its first rung; levels without any are left out."""
    return {level: rungs[0][1] for level, rungs in ladders(now).items()}
