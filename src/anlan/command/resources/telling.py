"""What events and refusals of a resource say of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.command.resources import rules
from anlan.command.resources.models import Commitment, RescueResource
from anlan.kernel.access import Classification
from anlan.ledger.sources import CHINA


def already(name: str, held: Commitment) -> rules.AlreadyCommitted:
    """The refusal that names the task which holds a resource."""
    since = held.committed_at.astimezone(CHINA)
    return rules.AlreadyCommitted(name=name, title=held.title, by=held.committed_by_name, since=f"{since:%m-%d %H:%M}")


def about(row: RescueResource, now: datetime) -> dict[str, Any]:
    """What every event of a resource says of it."""
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "enterprise_id": row.enterprise_id,
        "classification": Classification(row.classification),
        "at": now,
    }
