"""What is sent with an order: the nearest suitable proposed with reasons, one taken in one press, its arrival reckoned, given back when the task ends."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.incidents import arriving, rules
from anlan.command.incidents.announcing import changed, task_changed, write_entry
from anlan.command.incidents.models import Incident, ResponseTask
from anlan.command.resources import door as resources
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor, system_actor
from anlan.ledger.changes import change

_KEEPER = system_actor("incidents")
"""Books what follows from a move of the task: whoever carries an order out need not be allowed to dispose of forces."""
SUBJECT = ResponseTask._meta.label_lower
OPEN = (rules.ORDERED, rules.ACCEPTED)
SENT = (
    "resource_id",
    "resource_name",
    "told_through",
    "spoken_at",
    "spoken_to",
    "assignee_organisation_id",
    *arriving.RECKONED,
    "uncovered",
)


def recommend(
    incident: Incident, capability: str, quantity: Decimal, *, actor: Actor, now: datetime, limit: int = 3
) -> resources.Recommendation:
    """Forces with a capability, the soonest on scene first. Raises ``NoPosition``, ``UnknownCapability``."""
    return resources.recommend(_need(incident, capability, quantity, now), actor=actor, limit=limit)


def _need(incident: Incident, capability: str, quantity: Decimal, now: datetime) -> resources.Need:
    if incident.longitude is None or incident.latitude is None:
        raise rules.NoPosition
    return resources.Need(
        capability=capability,
        quantity=quantity,
        longitude=incident.longitude,
        latitude=incident.latitude,
        at=now,
        place_code=incident.place_code,
        exercise=incident.exercise,
    )


def send(task: ResponseTask, resource_id: UUID, *, actor: Actor, now: datetime) -> ResponseTask:
    """Send a resource with the task; what the task had before is given back.

    A resource without a telephone is told through its team or its unit, and somebody must speak to it. Raises ``AlreadyCommitted`` naming the task that
    holds it, ``OutOfService``, ``NobodyToReach`` when there is no such way either, ``TooLateToSend`` once the task is under way.
    """
    if task.state not in OPEN:
        raise rules.TooLateToSend(task=task.title)
    with change(actor, "incidents.order_task", now=now, record=task) as gathered:
        if task.resource_id is not None and task.resource_id != resource_id:
            give_back(task, now)
        lapsed = take(task, resource_id, actor=actor, now=now)
        gathered.facts.update({"resource": str(resource_id), "name": task.resource_name, "told_through": task.told_through})
        gathered.facts.update({"lapsed": list(lapsed)} if lapsed else {})
        gathered.announce(task_changed(task, now))
    return task


def take(task: ResponseTask, resource_id: UUID, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Commit a resource to a task, which is saved; the certificates of it that have run out. Call inside a ``change``. Raises as :func:`send`."""
    through = _told_through(resource_id, now)
    about = {"subject_type": SUBJECT, "subject_id": task.pk, "title": f"{task.incident.title}：{task.title}"[:200]}
    held = resources.commit(resource_id, **about, exercise=task.exercise, actor=actor, now=now)
    task.resource_id, task.resource_name, task.told_through = held.id, held.name[:120], through
    task.spoken_at, task.spoken_to = None, ""
    if task.assignee_organisation_id is None:
        task.assignee_organisation_id = held.organisation_id
    arriving.set_out(task, now)
    task.uncovered = _uncovered(task, held, actor, now)
    task.save(update_fields=list(SENT))
    return held.lapsed


def _told_through(resource_id: UUID, now: datetime) -> str:
    """The team or desk through which a resource without a telephone is told; empty where it has one. Raises ``NobodyToReach``."""
    if resources.telephone(resource_id):
        return ""
    told = resources.resource(resource_id, None, at=now)
    if told.parent_id is not None and (phone := resources.telephone(told.parent_id)):
        return f"{resources.resource(told.parent_id, None, at=now).name} {phone}"[:160]
    desk = organisations.organisation(told.organisation_id) if told.organisation_id is not None else None
    desk = desk or organisations.bureau_of(told.place_code)
    if desk is None or not desk.duty_phone:
        raise rules.NobodyToReach(who=told.name)
    return f"{desk.name} {desk.duty_phone}"[:160]


def _uncovered(task: ResponseTask, held: resources.ResourceSummary, actor: Actor, now: datetime) -> dict[str, float] | None:
    capability = task.capability if task.capability in held.offers else next(iter(held.offers), "")
    if not capability or task.incident.longitude is None:
        return None
    found = resources.left_uncovered(held.id, _need(task.incident, capability, Decimal(1), now), actor=actor)
    return {str(each.source_id): round(each.minutes, 1) for each in found}


def speak(task: ResponseTask, to: str, *, actor: Actor, now: datetime) -> ResponseTask:
    """Note that an order which no telephone could give was given by mouth, and to whom. Raises ``NothingToSay``, ``SpokenToNobody``."""
    if not task.told_through or task.state != rules.ORDERED:
        raise rules.NothingToSay(task=task.title)
    if not to.strip():
        raise rules.SpokenToNobody
    with change(actor, "incidents.order_task", now=now, record=task) as gathered:
        task.spoken_at, task.spoken_to = now, to.strip()[:100]
        task.save(update_fields=["spoken_at", "spoken_to"])
        text = _("口头通知{to}：任务“{task}”").format(to=task.spoken_to, task=task.title)
        write_entry(task.incident, "contact", text, actor, now)
        gathered.facts["spoken_to"] = task.spoken_to
        gathered.announce(changed(task.incident, now))
    return task


def follow(task: ResponseTask, target: str, now: datetime) -> None:
    """The forces of a task set out, arrive and come free with it; those taken away meanwhile are nobody's of this task."""
    if target == rules.EN_ROUTE and task.resource_id is not None:
        arriving.set_out(task, now, left_at=now)
        task.save(update_fields=list(arriving.RECKONED))
    elif target == rules.ON_SCENE and task.resource_id is not None and resources.holds(task.resource_id, SUBJECT, task.pk):
        resources.arrived(task.resource_id, subject_type=SUBJECT, subject_id=task.pk, actor=_KEEPER, now=now)
    elif target not in rules.OPEN_TASKS:
        give_back(task, now)


def give_back(task: ResponseTask, now: datetime) -> None:
    """The forces of a task are free again."""
    if task.resource_id is not None and resources.holds(task.resource_id, SUBJECT, task.pk):
        resources.release(task.resource_id, subject_type=SUBJECT, subject_id=task.pk, actor=_KEEPER, now=now)
