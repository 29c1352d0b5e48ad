"""What this room keeps only for a time (``data/retention.csv``): the township grid of long ago, bytes of old messages, intakes, old hot spots.

Signals, earthquakes, estimates, orders and outcomes are records and stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import QuerySet

from anlan.ledger.sources import law_day
from anlan.warn.hazards import rules
from anlan.warn.hazards.models import GridRun, HazardSignal, HotSpot, Intake, TownshipSpan

log = structlog.get_logger()
BATCH = 20_000
"""Rows of one statement: a night's work must not hold the grid up."""


def tidy(now: datetime) -> dict[str, int]:
    """Remove what has been kept long enough; how many of each. Running twice removes nothing the second time."""
    until = {row.code: now - timedelta(days=row.days) for row in rules.retention(law_day(now))}
    removed = {
        "spans": _delete(TownshipSpan.objects.filter(ends_at__lt=until["spans"])),
        "runs": _delete(GridRun.objects.filter(at__lt=until["spans"])),
        "intakes": _delete(Intake.objects.filter(received_at__lt=until["intakes"])),
        "hotspots": _delete(HotSpot.objects.filter(seen_at__lt=until["hotspots"])),
        "raw": HazardSignal.objects.filter(received_at__lt=until["raw"]).exclude(raw=b"").update(raw=b""),
    }
    log.info("hazards_tidied", **removed)
    return removed


def _delete(rows: QuerySet[Any]) -> int:
    removed = 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        removed += rows.model.objects.filter(pk__in=ids).delete()[0]
    return removed
