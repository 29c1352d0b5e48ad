"""What this room hears: a filing that becomes graver, a response that waits for approval, a task that is late.

Hearers run in a transaction of their own and may run twice without harm.
"""

from __future__ import annotations

from anlan.command.incidents import door, queries, rules
from anlan.command.incidents.models import Incident, ResponseTask
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.access import system_actor
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.ledger.clocks import ClockMissed
from anlan.report.filings import door as filings

_LISTENER = system_actor("incidents")


def follow_filing(event: filings.FilingSupplemented) -> None:
    """The level of open incidents follows the filing they were opened for; their pages are told to refresh."""
    level = filings.filing(event.subject_id, None).level_code
    for incident in Incident.objects.filter(links__kind="filing", links__subject_id=event.subject_id).exclude(state=rules.CLOSED):
        with change(_LISTENER, "incidents.change", now=event.at, record=incident) as gathered:
            incident.level_code = level
            incident.save(update_fields=["level_code"])
            gathered.announce(
                door.IncidentChanged(
                    subject_id=incident.pk,
                    place_code=incident.place_code,
                    enterprise_id=incident.enterprise_id,
                    at=event.at,
                    exercise=incident.exercise,
                    title=incident.title,
                )
            )


def tell_leaders(event: door.ResponseProposed) -> None:
    """The leaders of the county are told that a response waits for their approval."""
    for holder in people.holders_of("duty_leader", event.place_code[:6], now=event.at):
        notify(
            holder.account_id,
            event=event.kind,
            once=f"incidents.proposed:{event.response_id}",
            sentence=N_("“{title}”提请启动响应，待您批准。"),
            facts={"title": event.title},
            url=queries.address(event.subject_id),
            tone="orange",
            exercise=event.exercise,
            now=event.at,
        )


def tell_late_task(event: ClockMissed) -> None:
    """Officers of the county are told that a task was not done in time."""
    if event.subject_type != ResponseTask._meta.label_lower:
        return
    task = ResponseTask.objects.filter(pk=event.subject_id).first()
    if task is None:
        return
    for holder in people.holders_of("duty_officer", task.place_code[:6], now=event.at):
        notify(
            holder.account_id,
            event=event.kind,
            once=f"clocks.missed:{task.pk}",
            sentence=N_("任务“{task}”到期未完成，承办：{who}。"),
            facts={"task": task.title, "who": task.assignee},
            url=f"{queries.address(task.incident_id)}#task-{task.pk}",
            tone="red",
            exercise=task.exercise,
            now=event.at,
        )
