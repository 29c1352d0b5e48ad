"""What this room hears: a filing that becomes graver, a response that waits for approval, a task that is late.

Hearers run in a transaction of their own and may run twice without harm.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.command.incidents import arriving, door, queries, rules
from anlan.command.incidents.models import Incident, ResponseTask
from anlan.desk.notifications import notify
from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people
from anlan.ground.roads import door as roads
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


def tell_task(event: door.TaskChanged) -> None:
    """Whoever an order is for is told of it; whoever gave it is told that it was declined."""
    task = ResponseTask.objects.filter(pk=event.task_id).first() if event.task_id else None
    if task is None:
        return
    if event.state == rules.ORDERED or (event.state == rules.ACCEPTED and task.resource_id is not None):
        occasion = "ordered" if task.resource_id is None else f"ordered:{task.resource_id}"
        _tell(_assignees(task, event.at), task, occasion, N_("新任务“{task}”，请接收。下达人：{who}。"), task.ordered_by_name, event.at)
    elif event.state == rules.DECLINED:
        sentence = N_("任务“{task}”被拒绝，请改派。承办：{who}。")
        whom = {task.ordered_by_id} if task.ordered_by_id is not None else set()
        _tell(whom | _posts("duty_officer", task, event.at), task, "declined", sentence, task.assignee, event.at)


def tell_unaccepted(event: door.TaskUnaccepted) -> None:
    """Reminders of an order that nobody accepts: first whoever it is for and whoever gave it, then the officers, then the leaders."""
    task = ResponseTask.objects.filter(pk=event.task_id, state=rules.ORDERED).first()
    if task is None:
        return
    whom = {
        1: _assignees(task, event.at) | ({task.ordered_by_id} if task.ordered_by_id is not None else set()),
        2: _posts("duty_officer", task, event.at),
        3: _posts("duty_leader", task, event.at),
    }[event.step]
    _tell(whom, task, f"unaccepted:{event.step}", N_("任务“{task}”下达后无人接收，请接收或改派。承办：{who}。"), task.assignee, event.at)


def reckon_arrivals(event: roads.RoadClosed | roads.RoadOpened) -> None:
    """What is under way is reckoned anew by the roads as they are now."""
    arriving.reckon(event.at, arriving.road_news(event), exercise=event.exercise)


def tell_arrival(event: door.ArrivalMoved) -> None:
    """Whoever ordered, the officers and commanders of the place, and whoever drives learn when it will be there now."""
    task = ResponseTask.objects.filter(pk=event.task_id).first()
    if task is None:
        return
    whom = _posts("duty_officer", task, event.at) | _posts("commander", task, event.at) | _assignees(task, event.at)
    whom |= {task.ordered_by_id} if task.ordered_by_id is not None else set()
    moved = N_("{who}预计到场时间改为 {at}（{why}）。")
    blocked = N_("{who}无路可到现场（{why}），请改道或另派力量。")
    for account_id in whom:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{task.pk}:{event.at.isoformat()}",
            sentence=blocked if event.blocked else moved,
            facts={"who": event.force, "at": event.expected, "why": event.because},
            url=f"{queries.address(task.incident_id)}#forces",
            tone="orange",
            exercise=task.exercise,
            now=event.at,
        )


def _assignees(task: ResponseTask, now: datetime) -> set[UUID]:
    if task.assignee_account_id is not None:
        return {task.assignee_account_id}
    unit = organisations.organisation(task.assignee_organisation_id) if task.assignee_organisation_id is not None else None
    if unit is None:
        return set()
    holders = [each for kind in ("duty_officer", "rescue_team") for each in people.holders_of(kind, unit.place_code, now=now)]
    return {each.account_id for each in holders if each.organisation_id == unit.id}


def _posts(kind: str, task: ResponseTask, now: datetime) -> set[UUID]:
    return {holder.account_id for holder in people.holders_of(kind, task.place_code[:6], now=now)}


def _tell(whom: set[UUID], task: ResponseTask, occasion: str, sentence: str, who: str, now: datetime) -> None:
    for account_id in whom:
        notify(
            account_id,
            event="incidents.task_changed",
            once=f"incidents.task:{task.pk}:{occasion}",
            sentence=sentence,
            facts={"task": task.title, "who": who},
            url=f"{queries.address(task.incident_id)}#task-{task.pk}",
            tone="orange",
            exercise=task.exercise,
            now=now,
        )


def tell_late_task(event: ClockMissed) -> None:
    """Officers of the county are told that a task was not done in time."""
    if event.subject_type != ResponseTask._meta.label_lower:
        return
    task = ResponseTask.objects.filter(pk=event.subject_id).first()
    if task is None:
        return
    if event.at < task.due:
        return  # the clock of its acceptance: ``tell_unaccepted`` asks for that, step by step
    _tell(_posts("duty_officer", task, event.at), task, "late", N_("任务“{task}”到期未完成，承办：{who}。"), task.assignee, event.at)
