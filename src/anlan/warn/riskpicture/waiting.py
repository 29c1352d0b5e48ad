"""What waits to be graded: written by hearers, taken by a job within seconds, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app as _app

from anlan.kernel.levels import prefix_of
from anlan.warn.riskpicture import areas, grading, living, rules
from anlan.warn.riskpicture.models import Grade, GradeMove, Waiting

AT_ONCE = 500
"""Subjects graded in one transaction: short enough that a hearer which waits for the same row waits little. Project default."""
FEW = 50
"""More than so many told of at once stand back behind those that were told of alone: an alarm does not wait for the rain over a province. Project default."""
JOB = "riskpicture.grade"
URGENT = 10
"""Priority of the job for those told of alone; the same as that of urgent events."""


def note(kind: str, ids: Collection[UUID], *, now: datetime) -> int:
    """Write down that these subjects are to be graded; queues the job where any was not waiting yet, or waited among many. How many did."""
    if not ids:
        return 0
    told = sorted(set(ids))
    table = Waiting._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" AS waits (kind, subject_id, at, among_many) SELECT %s, told, %s, %s FROM unnest(%s::uuid[]) AS told '
            "ON CONFLICT (kind, subject_id) DO UPDATE SET among_many = false WHERE waits.among_many AND NOT EXCLUDED.among_many",
            [kind, now, len(told) > FEW, told],
        )
        fresh = cursor.rowcount
        if fresh:
            _app.configure_task(JOB, queue="announcements", priority=0 if len(told) > FEW else URGENT).defer()
    return fresh


def note_places(place_codes: Iterable[str], *, now: datetime) -> int:
    """All graded subjects in these places and below them."""
    found: dict[str, set[UUID]] = defaultdict(set)
    for code in place_codes:
        rows = Grade.objects.filter(place_code__startswith=prefix_of(code)).order_by()
        for kind, enterprise, source in rows.values_list("kind", "enterprise_id", "source_id"):
            found[kind].add(enterprise if kind == rules.ENTERPRISE else source)
    return sum(note(kind, ids, now=now) for kind, ids in found.items())


def take(*, now: datetime) -> int:
    """Grade what waits as of ``now``, those told of alone first, the oldest first, until nothing is left; how many. Two workers take different ones."""
    number = 0
    while taken := take_some(now=now):
        number += taken
    return number


def take_some(*, now: datetime) -> int:
    """Grade the next few that wait; how many waited. ``now`` is read anew for each piece: what came meanwhile is newer than the last one."""
    moved: set[str] = set()
    with transaction.atomic():
        taken = _taken()
        if not taken:
            return 0
        index = living.live_index(now)
        for kind, ids in taken.items():
            graded = grading.grade_among(index, kind, ids, now=now, cause=GradeMove.EVENT)
            if kind == rules.ENTERPRISE:
                moved |= graded.places
    areas.refresh(index, moved, now=now)
    return sum(len(ids) for ids in taken.values())


def _taken() -> dict[str, list[UUID]]:
    table = Waiting._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM "{table}" WHERE id IN (SELECT id FROM "{table}" ORDER BY among_many, at, id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING kind, subject_id',
            [AT_ONCE],
        )
        found: dict[str, list[UUID]] = defaultdict(list)
        for kind, subject in cursor.fetchall():
            found[kind].append(subject)
    return dict(found)
