"""What was registered of a danger is corrected by those who found it, until it is graded: a grade rests on what was written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel.access import Actor
from anlan.ledger.changes import change, permit
from anlan.prevent.dangers import door, queries, refusals, rules, services
from anlan.prevent.dangers.models import Danger

AMENDABLE = ("title", "location", "description", "sector", "found_at")


def cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """The given values as a danger keeps them."""
    limits = {"title": 120, "location": 160}
    texts = ("title", "location", "description")
    return {name: str(value or "").strip()[: limits.get(name)] if name in texts else value for name, value in values.items()}


@transaction.atomic
def amend(danger_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> Danger:
    """Correct what was registered (:data:`AMENDABLE`). Needs ``dangers.report``.

    Raises ``GradedAlready``, ``NotSelfFound`` for what a bureau found, ``FoundInTheFuture``, ``UnknownCode``, ``NotFound``, ``NotPermitted``.
    """
    danger = services.guarded(danger_id, actor, None)
    permit(actor, "dangers.report", record=danger)
    if danger.found_by_bureau != (actor.enterprise_id is None):
        raise refusals.NotSelfFound()
    if danger.state != rules.FOUND:
        raise refusals.GradedAlready()
    given = cleaned({name: values[name] for name in AMENDABLE if name in values})
    services.check_report(danger.source, given.get("sector") or danger.sector, given.get("found_at") or danger.found_at, actor, now)
    with change(actor, "dangers.report", now=now, record=danger) as made:
        for name, value in given.items():
            setattr(danger, name, value)
        danger.location_key = rules.object_key(danger.location)
        danger.late = rules.is_late(danger.found_at, danger.opened_at, queries.parameter("late_hours", now))
        services.mark_repeated(danger)
        danger.save()
        made.announce(door.DangerChanged(**services.about(danger, actor, now), act="amend"))
    danger.refresh_from_db()
    return danger
