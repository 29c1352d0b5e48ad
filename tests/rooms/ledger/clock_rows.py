"""A clock row with everything filled, for tests of the ledger: the ledger's own smallest record."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.kernel.ids import new_id
from anlan.ledger.models import Clock


def clock_row(now: datetime, **changes: object) -> Clock:
    """One stored clock that runs for two hours from ``now``."""
    values: dict[str, object] = {
        "subject_type": "filings.filing",
        "subject_id": new_id(),
        "rule_code": "R02",
        "label": "县级上报市级",
        "since": now,
        "until": now + timedelta(hours=2),
        "place_code": "370102",
    }
    return Clock.objects.create(**{**values, **changes})
