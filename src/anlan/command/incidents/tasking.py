"""Orders: given to a post, a unit or a person, accepted, carried to the scene, done; refused, taken back; who is told, and who after him."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.command.incidents import rules, sending
from anlan.command.incidents.announcing import task_changed
from anlan.command.incidents.models import CommandPost, Incident, Response, ResponseTask
from anlan.command.plans import door as plans
from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day

_PLAIN = ("code", "role", "resource", "done_when", "group", "capability", "form", "resource_name")


def values_of(draft: plans.TaskDraft) -> dict[str, Any]:
    """A plan's draft as the values of an order."""
    return {
        "code": draft.code,
        "title": draft.title,
        "role": draft.role,
        "assignee": draft.post,
        "due": draft.due,
        "resource": draft.resource,
        "done_when": draft.done_when,
        "group": draft.group,
        "depends_on": draft.depends_on,
        "form": draft.form,
        "capability": draft.capability,
    }


def order_task(incident: Incident, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> ResponseTask:
    """Order one more task: ``title``, ``assignee``, ``due``; as wished ``role``, ``group``, ``done_when``, ``depends_on`` (codes),
    ``assignee_account_id`` and ``assignee_organisation_id``, ``resource_id`` (taken for the task).

    An order to a person without a telephone goes to the duty desk of his unit, the order says so, and somebody must speak to him. Raises
    ``DueInThePast``, ``IncidentClosed``, ``AlreadyCommitted`` naming the task that holds the resource, ``NobodyToReach`` when there is no such desk.
    """
    if incident.is_closed:
        raise rules.IncidentClosed
    if values["due"] <= now:
        raise rules.DueInThePast
    running = incident.responses.filter(state=rules.ACTIVE).first()
    with change(actor, "incidents.order_task", now=now, record=incident) as gathered:
        task = place(incident, running, values, actor=actor, now=now)
        gathered.facts.update({"task": str(task.pk), "told_through": task.told_through})
        gathered.announce(task_changed(task, now))
    return task


def place(incident: Incident, response: Response | None, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> ResponseTask:
    """Write an order with its two clocks: until when accepted, until when done. Call inside a ``change``."""
    Incident.objects.select_for_update().get(pk=incident.pk)  # numbers are given one at a time
    account_id, organisation_id = _for_whom(incident, values)
    accept_by = now + _minutes("accept_minutes", now)
    number = incident.tasks.count() + 1
    task = ResponseTask.objects.create(
        incident=incident,
        response=response,
        state=rules.ORDERED,
        exercise=incident.exercise,
        opened_at=now,
        place_code=incident.place_code,
        classification=incident.classification,
        enterprise_id=incident.enterprise_id,
        number=number,
        ordered_by_id=actor.account_id,
        ordered_by_name=actor.name,
        accept_by=accept_by,
        depends_on=list(values.get("depends_on") or ()),
        assignee_account_id=account_id,
        assignee_organisation_id=organisation_id,
        told_through=reached_through(account_id, organisation_id, now),
        **{name: values[name] for name in ("title", "assignee", "due")},
        **{name: values.get(name, "") or "" for name in _PLAIN} | {"code": values.get("code") or f"order-{number}"},
    )
    open_case(task, actor=actor, now=now)
    if values.get("resource_id") is not None:
        sending.take(task, values["resource_id"], actor=actor, now=now)
    _start(task, rules.ACCEPT_CLOCK, rules.ACCEPT_LABEL, now, accept_by)
    _start(task, rules.TASK_CLOCK, task.title, now, task.due)
    return task


def reached_through(account_id: UUID | None, organisation_id: UUID | None, now: datetime) -> str:
    """The desk that an order must go through because the person has no telephone; empty when he has one, or no person is named.

    Raises ``NobodyToReach``.
    """
    if account_id is None or people.phone_of(account_id):
        return ""
    own = [post.organisation_id for post in people.posts_of(account_id, now=now)]
    for unit in (organisation_id, *own):
        found = organisations.organisation(unit) if unit is not None else None
        if found is not None and found.duty_phone:
            return f"{found.name} {found.duty_phone}"
    raise rules.NobodyToReach(who=people.account_name(account_id))


def _for_whom(incident: Incident, values: Mapping[str, Any]) -> tuple[UUID | None, UUID | None]:
    """Account and unit of an order: those named, else whoever leads its group now."""
    account_id, organisation_id = values.get("assignee_account_id"), values.get("assignee_organisation_id")
    if account_id is None and organisation_id is None and values.get("group"):
        post = CommandPost.objects.filter(incident=incident, group=values["group"], until=None).first()
        if post is not None:
            return post.account_id if post.phone else None, post.organisation_id
    return account_id, organisation_id


def _minutes(code: str, now: datetime) -> timedelta:
    return timedelta(minutes=rules.TABLES.parameter(code, law_day(now)))


def _start(task: ResponseTask, code: str, label: str, now: datetime, until: datetime) -> None:
    rule = clocks.ClockRule(code, label, "", "verified" if code == rules.TASK_CLOCK else "unverified")
    clocks.start(task, rule, since=now, until=until, owed_by=task.assignee, owed_to=task.ordered_by_name)


# --- moves -----------------------------------------------------------------------------------------------------------------------


def accept_task(task: ResponseTask, *, actor: Actor, now: datetime) -> ResponseTask:
    """Accept an order; the clock of its acceptance is met or missed."""
    return _move(task, "accept", {"accepted_by_name": actor.name, "accepted_at": now}, "", actor=actor, now=now)


def depart(task: ResponseTask, *, actor: Actor, now: datetime) -> ResponseTask:
    """Set out; who sets out without a word has accepted. Raises ``TaskWaits`` while what must come first is open."""
    _refuse_waiting(task)
    fields: dict[str, Any] = {"departed_at": now}
    if task.accepted_at is None:
        fields |= {"accepted_by_name": actor.name, "accepted_at": now}
    return _move(task, "depart", fields, "", actor=actor, now=now)


def arrive(task: ResponseTask, *, actor: Actor, now: datetime) -> ResponseTask:
    """Report on scene. Raises ``TaskWaits``."""
    _refuse_waiting(task)
    return _move(task, "arrive", {"arrived_at": now}, "", actor=actor, now=now)


def finish_task(task: ResponseTask, outcome: str, *, actor: Actor, now: datetime) -> ResponseTask:
    """Report a task done, with its outcome; its clock becomes met or missed. Raises ``TaskWaits``."""
    _refuse_waiting(task)
    return _move(task, "finish", {"outcome": outcome.strip()}, "", actor=actor, now=now)


def decline_task(task: ResponseTask, reason: str, *, actor: Actor, now: datetime) -> ResponseTask:
    """Turn an order down, with the reason; whoever ordered it is told."""
    return _move(task, "decline", {}, reason, actor=actor, now=now)


def cancel_task(task: ResponseTask, reason: str, *, actor: Actor, now: datetime) -> ResponseTask:
    """Take an order back, with the reason."""
    return _move(task, "cancel", {}, reason, actor=actor, now=now)


def move_task(task: ResponseTask, move: str, words: str = "", *, actor: Actor, now: datetime) -> ResponseTask:
    """Make one move by its code; ``words`` are the outcome or the reason. Raises ``NotFound`` for an unknown move."""
    plain = {"accept": accept_task, "depart": depart, "arrive": arrive}
    spoken = {"finish": finish_task, "decline": decline_task, "cancel": cancel_task}
    if move in plain:
        return plain[move](task, actor=actor, now=now)
    if move in spoken:
        return spoken[move](task, words, actor=actor, now=now)
    raise NotFound(what=move)


def _refuse_waiting(task: ResponseTask) -> None:
    if not task.depends_on:
        return
    others = {row.code: row for row in task.incident.tasks.filter(code__in=task.depends_on).exclude(pk=task.pk)}
    waiting = rules.waiting_for(task.depends_on, {code: row.state for code, row in others.items()})
    if waiting:
        raise rules.TaskWaits(tasks="、".join(f"#{others[code].number} {others[code].title}" for code in waiting))


def _move(task: ResponseTask, move: str, fields: Mapping[str, Any], reason: str, *, actor: Actor, now: datetime) -> ResponseTask:
    def settle(locked: ResponseTask, made: Move, _gathered: Change) -> None:
        sending.follow(locked, made.target, now)
        if made.target in (rules.DECLINED, rules.CANCELLED):
            clocks.cancel(locked, rules.ACCEPT_CLOCK)
            clocks.cancel(locked, rules.TASK_CLOCK)
            return
        clocks.stop(locked, rules.ACCEPT_CLOCK, now=now, by=actor.name)
        if made.target == rules.DONE:
            clocks.stop(locked, rules.TASK_CLOCK, now=now, by=actor.name)

    def event(locked: ResponseTask, _made: Move, _gathered: Change) -> Event:
        return task_changed(locked, now)

    return advance(task, move, actor=actor, now=now, fields=fields, reason=reason, after=settle, event=event)
