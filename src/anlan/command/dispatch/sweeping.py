"""What time alone brings about on scene: whoever does not report rings, louder each time, and so does a roll that is not complete."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.command.dispatch import door, queries, rules, scene
from anlan.command.dispatch.models import AllOut, Presence
from anlan.kernel.access import Classification, system_actor
from anlan.ledger.changes import change

_SWEEPER = system_actor("dispatch")


def sweep(now: datetime) -> int:
    """Ring for whoever is overdue; how many records rang. Running it twice at one moment rings once."""
    late = sum(_late(key, now) for key in queries.overdue(now).values_list("pk", flat=True))
    return late + sum(_incomplete(key, now) for key in queries.unanswered_signals(now).values_list("pk", flat=True))


def _late(key: object, now: datetime) -> bool:
    with transaction.atomic():
        row = queries.overdue(now).select_for_update(skip_locked=True).filter(pk=key).first()
        return row is not None and _ring(row, row.check_by, f"{row.who}", now)


def _incomplete(key: object, now: datetime) -> bool:
    with transaction.atomic():
        row = queries.unanswered_signals(now).select_for_update(skip_locked=True).filter(pk=key).first()
        if row is None:
            return False
        return _ring(row, row.account_by, "、".join(each.who for each in queries.unaccounted(row)), now)


def _ring(row: Presence | AllOut, due: datetime, who: str, now: datetime) -> bool:
    wanted = rules.rings_due(due, now, scene.minutes("ring_again_minutes", now))
    if wanted <= row.rings:
        return False
    with change(_SWEEPER, "dispatch.account", now=now, record=row) as gathered:
        if isinstance(row, Presence) and row.rings == 0:
            row.missed = [*row.missed, {"due": due.isoformat(), "at": ""}]
        steps, row.rings = range(row.rings + 1, wanted + 1), wanted
        row.save(update_fields=["rings", "missed"] if isinstance(row, Presence) else ["rings"])
        for step in steps:
            gathered.announce(
                door.SceneOverdue(
                    subject_id=row.incident_id,
                    place_code=row.place_code,
                    classification=Classification(row.classification),
                    at=now,
                    exercise=row.exercise,
                    title=str(row),
                    who=who,
                    record_id=str(row.pk),
                    signal=isinstance(row, AllOut),
                    step=step,
                )
            )
    return True
