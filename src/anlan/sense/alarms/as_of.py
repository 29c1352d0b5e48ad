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
AHEAD = timedelta(minutes=5)
"""By so much a device's clock may run ahead: an alarm that cleared less than this after a moment was over then. Project default."""


def marks(at: datetime, enterprise_ids: Collection[UUID] | None, recent: timedelta) -> list[AlarmMark]:
    """See :func:`anlan.sense.alarms.door.marks_at`."""
    # What the node knew at the moment: clocks of devices run ahead and behind, and what came late was known late.
    rows = Alarm.objects.filter(Q(cleared_at__isnull=True) | Q(cleared_at__gt=at - recent), received_at__lte=at, exercise=False).order_by()
    rows = rows.exclude(kind__in=sorted(UNREACHED))
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    found = []
    told = rows.values_list(
        "enterprise_id",
        "risk_source_id",
        "level",
        "received_at",
        "rang_at",
        "cleared_at",
        "acknowledged_at",
        "state",
        "withdrawn",
        "finding",
    )
    for enterprise, source, level, received, rang, cleared, acknowledged, state, withdrawn, finding in told.iterator(chunk_size=5000):
        active = state in rules.ACTIVE_STATES if cleared is None else cleared > at + AHEAD
        if not active and (cleared is None or withdrawn or _groundless(finding)):
            continue
        heeded = acknowledged is not None and acknowledged <= at
        began = rang if rang is not None and rang <= at and not heeded else received
        found.append(AlarmMark(enterprise, source, level, active, heeded, began if active else min(cleared, at)))
    return found


def _groundless(finding: str) -> bool:
    row = tables.finding(finding) if finding else None
    return row is not None and not row.genuine
