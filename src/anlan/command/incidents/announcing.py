"""What every verb of this room says: the head of its events, the label of a level, a line of the situation log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from anlan.command.incidents import door, rules
from anlan.command.incidents.models import Incident, ResponseTask, SituationEntry
from anlan.kernel.access import Actor


def about(incident: Incident, now: datetime) -> dict[str, Any]:
    """The fields that every event about an incident carries."""
    return {
        "subject_id": incident.pk,
        "place_code": incident.place_code,
        "enterprise_id": incident.enterprise_id,
        "classification": incident.classification,
        "at": now,
        "exercise": incident.exercise,
    }


def changed(incident: Incident, now: datetime) -> door.IncidentChanged:
    """The incident's page shows something new."""
    return door.IncidentChanged(**about(incident, now), title=incident.title)


def task_changed(task: ResponseTask, now: datetime) -> door.TaskChanged:
    """The event of a task that was ordered or moved."""
    more = {"task": task.title, "task_id": str(task.pk), "state": task.state}
    return door.TaskChanged(**about(task.incident, now), title=task.incident.title, **more)


def level_label(code: str) -> str:
    """A response level in the reader's language."""
    return _(rules.RESPONSE_LEVELS[code]) if code in rules.RESPONSE_LEVELS else code


def write_entry(incident: Incident, kind: str, text: str, actor: Actor, now: datetime) -> SituationEntry:
    """A line of the situation log. Call inside a ``change``."""
    return SituationEntry.objects.create(
        incident=incident, at=now, kind=kind, text=text, author_id=actor.account_id, author_name=actor.name, post=actor.post
    )
