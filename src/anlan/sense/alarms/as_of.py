"""Alarms as they stood at a moment, for many enterprises at once: what a risk grade weighs and a replay of history asks again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from anlan.sense.alarms import rules, tables
from anlan.sense.alarms.door import AlarmMark
from anlan.sense.alarms.models import Alarm

UNREACHED = frozenset({"SILENT", "LINK", "FROZEN", "REPEATED", "BLOCKED", "CONFIGURED"})
"""Kinds that tell of the measuring and not of what is measured."""


def marks(at: datetime, enterprise_ids: Collection[UUID] | None, recent: timedelta) -> list[AlarmMark]:
    """See :func:`anlan.sense.alarms.door.marks_at`."""
    rows = Alarm.objects.filter(Q(cleared_at__isnull=True) | Q(cleared_at__gt=at - recent), raised_at__lte=at, exercise=False).order_by()
    rows = rows.exclude(kind__in=sorted(UNREACHED))
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__in=list(enterprise_ids))
    found = []
    told = rows.values_list(
        "enterprise_id", "risk_source_id", "level", "raised_at", "rang_at", "cleared_at", "acknowledged_at", "state", "withdrawn", "finding"
    )
    for enterprise, source, level, raised, rang, cleared, acknowledged, state, withdrawn, finding in told.iterator(chunk_size=5000):
        active = cleared is None or cleared > at
        if not active and (withdrawn or _groundless(finding)):
            continue
        if active and cleared is None and state not in rules.ACTIVE_STATES:
            continue
        heeded = acknowledged is not None and acknowledged <= at
        since = (
            cleared if cleared is not None and not active else rang if rang is not None and rang <= at and not heeded else raised
        ) or raised
        found.append(AlarmMark(enterprise, source, level, active, heeded, since))
    return found


def _groundless(finding: str) -> bool:
    row = tables.finding(finding) if finding else None
    return row is not None and not row.genuine
