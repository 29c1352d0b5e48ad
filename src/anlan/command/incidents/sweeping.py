"""What time alone brings about: orders that nobody accepts are pressed, a response that its leader does not answer goes to the next."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.command.incidents import approving, door, queries, rules
from anlan.command.incidents.announcing import about
from anlan.command.incidents.models import ResponseTask
from anlan.kernel.access import system_actor
from anlan.ledger.changes import change
from anlan.ledger.sources import law_day

_SWEEPER = system_actor("incidents")


def sweep(now: datetime) -> int:
    """Press and ask on; how many orders and responses. Running it twice at one moment presses nobody twice."""
    again = timedelta(minutes=rules.TABLES.parameter("remind_again_minutes", law_day(now)))
    pressed = sum(_press(key, now, again) for key in queries.unaccepted(now).values_list("pk", flat=True))
    return pressed + sum(_ask_on(row.pk, now) for row in queries.proposed() if approving.unanswered(row, now))


def _press(key: object, now: datetime, again: timedelta) -> bool:
    with transaction.atomic():
        task = queries.unaccepted(now).select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
        due = rules.reminders_due(task.accept_by, now, again) if task is not None and task.accept_by is not None else 0
        if task is None or due <= task.reminded:
            return False
        _remind(task, due, now)
        return True


def _remind(task: ResponseTask, due: int, now: datetime) -> None:
    with change(_SWEEPER, "incidents.order_task", now=now, record=task) as gathered:
        steps = range(task.reminded + 1, due + 1)
        task.reminded = due
        task.save(update_fields=["reminded"])
        for step in steps:
            more = {"title": task.incident.title, "task": task.title, "task_id": str(task.pk), "step": step}
            gathered.announce(door.TaskUnaccepted(**about(task.incident, now), **more))


def _ask_on(key: object, now: datetime) -> bool:
    with transaction.atomic():
        response = queries.proposed().select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
        if response is None or not approving.unanswered(response, now):
            return False
        with change(_SWEEPER, "incidents.propose_response", now=now, record=response) as gathered:
            asked = approving.ask_next(response, now)
            gathered.facts["asked"] = [each.name for each in asked]
        return bool(asked)
