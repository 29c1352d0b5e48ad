"""Verbs of command: open an incident, respond under a plan, order and finish tasks, write the log, end and close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.command.incidents import door, queries, rules
from anlan.command.incidents.models import Incident, IncidentLink, Response, ResponseTask, SituationEntry
from anlan.command.plans import door as plans
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms

_CONTENT = (
    "title",
    "kind",
    "level_code",
    "occurred_at",
    "place_code",
    "location",
    "longitude",
    "latitude",
    "enterprise_id",
    "description",
    "exercise",
    "classification",
)


def open_incident(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Incident:
    """Open an incident from plain values, and from ``filing_id`` or ``alarm_id`` when given: both are linked.

    Values given win over those taken from the filing or alarm. Raises ``NotFound``, ``NotPermitted``.
    """
    taken: dict[str, Any] = {}
    links: list[tuple[str, UUID]] = []
    if values.get("alarm_id"):
        alarm = alarms.alarm(values["alarm_id"], actor)
        taken |= {name: getattr(alarm, name) for name in ("title", "place_code", "enterprise_id", "longitude", "latitude", "exercise")}
        taken["occurred_at"] = alarm.raised_at
        links.append(("alarm", alarm.id))
    if values.get("filing_id"):
        filing = filings.filing(values["filing_id"], actor)
        taken |= {name: getattr(filing, name) for name in _CONTENT if hasattr(filing, name)}
        taken |= {"level_code": filing.level_code, "description": filing.brief_course}
        links.append(("filing", filing.id))
        if filing.alarm_id is not None and ("alarm", filing.alarm_id) not in links:
            links.append(("alarm", filing.alarm_id))
    content = taken | {name: value for name, value in values.items() if name in _CONTENT and value not in (None, "")}
    content.setdefault("occurred_at", now)
    content.setdefault("kind", "other")
    incident = Incident(
        state=rules.OPEN,
        opened_at=now,
        opened_by_id=actor.account_id,
        opened_by_name=actor.name,
        organisation_id=actor.organisation_id,
        **content,
    )
    with change(actor, "incidents.open", now=now, place_code=incident.place_code, enterprise_id=incident.enterprise_id) as gathered:
        incident.save(force_insert=True)
        gathered.subject = incident
        open_case(incident, actor=actor, now=now)
        for kind, subject_id in links:
            IncidentLink.objects.create(incident=incident, kind=kind, subject_id=subject_id, at=now, by=actor.name)
        gathered.announce(door.IncidentOpened(**_about(incident, now), title=incident.title))
    return incident


def link(incident: Incident, kind: str, subject_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Tie an alarm, filing or bulletin to the incident. Raises ``NotFound`` when the actor may not see it."""
    if kind not in rules.LINK_KINDS:
        raise NotFound(what=kind)
    if kind == "alarm":
        alarms.alarm(subject_id, actor)
    elif kind == "filing":
        filings.filing(subject_id, actor)
    with change(actor, "incidents.change", now=now, record=incident) as gathered:
        _row, fresh = IncidentLink.objects.get_or_create(
            incident=incident, kind=kind, subject_id=subject_id, defaults={"at": now, "by": actor.name}
        )
        gathered.facts.update({"link": kind, "subject_id": str(subject_id)})
        if fresh:
            gathered.announce(door.IncidentChanged(**_about(incident, now), title=incident.title))


def note(incident: Incident, kind: str, text: str, *, actor: Actor, now: datetime) -> SituationEntry:
    """Add a line to the situation log. Raises ``IncidentClosed``."""
    if incident.is_closed:
        raise rules.IncidentClosed
    with change(actor, "incidents.change", now=now, record=incident) as gathered:
        entry = _write(incident, kind if kind in rules.ENTRY_KINDS else "note", text.strip(), actor, now)
        gathered.facts.update({"entry": str(entry.pk), "kind": entry.kind})
        gathered.announce(door.IncidentChanged(**_about(incident, now), title=incident.title))
    return entry


# --- response --------------------------------------------------------------------------------------------------------------------


def propose_response(incident: Incident, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Response:
    """Ask for a response (``plan_id``, ``level``, ``matter``, ``grounds``, ``measures``, ``expected_until``); somebody else approves it.

    Raises ``ResponseRunning``, ``NoActions`` when the plan has nothing to do at the level, ``PeriodPassed``, ``IncidentClosed``.
    """
    if incident.is_closed:
        raise rules.IncidentClosed
    running = incident.responses.filter(state__in=[rules.PROPOSED, rules.ACTIVE]).first()
    if running is not None:
        raise rules.ResponseRunning(level=_level(running.level))
    if not values.get("plan_id"):
        raise rules.NoPlan
    plan = plans.plan(values["plan_id"])
    plans.instantiate(plan.id, values["level"], now)
    if values["expected_until"] <= now:
        raise rules.PeriodPassed
    response = Response(
        incident=incident,
        state=rules.PROPOSED,
        exercise=incident.exercise,
        opened_at=now,
        place_code=incident.place_code,
        classification=incident.classification,
        enterprise_id=incident.enterprise_id,
        plan_id=plan.id,
        plan_title=plan.title,
        proposed_by_id=actor.account_id,
        proposed_by_name=actor.name,
        **{name: values[name] for name in ("level", "matter", "grounds", "measures", "expected_until")},
    )
    with change(actor, "incidents.propose_response", now=now, record=incident) as gathered:
        response.save(force_insert=True)
        open_case(response, actor=actor, now=now)
        gathered.facts.update({"response": str(response.pk), "level": response.level})
        gathered.announce(
            door.ResponseProposed(**_about(incident, now), title=incident.title, level=response.level, response_id=str(response.pk))
        )
    return response


def start_response(response: Response, *, actor: Actor, now: datetime) -> Response:
    """Approve a proposed response, by a second person: the plan's actions at its level become tasks, the incident is responding.

    Raises ``FourEyes``, ``WrongState``, ``PeriodPassed``.
    """
    if response.expected_until <= now:
        raise rules.PeriodPassed
    incident = response.incident

    def order_all(locked: Response, _move: Move, gathered: Change) -> None:
        locked.started_at, locked.started_by_id, locked.started_by_name = now, actor.account_id, actor.name
        locked.save(update_fields=["started_at", "started_by_id", "started_by_name"])
        drafts = plans.instantiate(locked.plan_id, locked.level, now) if locked.plan_id else ()
        for draft in drafts:
            _order(incident, locked, _task_values(draft), actor=actor, now=now)
        gathered.facts["tasks"] = len(drafts)
        text = _("启动{level}：{matter}。依据：{grounds}").format(level=_level(locked.level), matter=locked.matter, grounds=locked.grounds)
        _write(incident, "decision", text, actor, now)

    def event(locked: Response, _move: Move, _gathered: Change) -> Event:
        return door.ResponseStarted(**_about(incident, now), title=incident.title, level=locked.level)

    with transaction.atomic():
        advance(response, "start", actor=actor, now=now, after=order_all, event=event)
        advance(incident, "respond", actor=actor, now=now)
    return response


def refuse_response(response: Response, reason: str, *, actor: Actor, now: datetime) -> Response:
    """Turn a proposed response down, with the reason."""

    def event(locked: Response, _move: Move, _gathered: Change) -> Event:
        return door.IncidentChanged(**_about(locked.incident, now), title=locked.incident.title)

    return advance(response, "refuse", actor=actor, now=now, reason=reason, event=event)


def change_level(response: Response, level: str, expected_until: datetime, reason: str, *, actor: Actor, now: datetime) -> Response:
    """Raise or lower a running response; actions of the plan that the new level adds become tasks."""
    if expected_until <= now:
        raise rules.PeriodPassed
    incident, before = response.incident, response.level

    def order_more(locked: Response, _move: Move, gathered: Change) -> None:
        known = set(locked.tasks.values_list("code", flat=True))
        drafts = plans.instantiate(locked.plan_id, level, now) if locked.plan_id else ()
        fresh = [draft for draft in drafts if draft.code not in known]
        for draft in fresh:
            _order(incident, locked, _task_values(draft), actor=actor, now=now)
        gathered.facts["tasks"] = len(fresh)
        text = _("响应由{before}调整为{after}。理由：{reason}").format(before=_level(before), after=_level(level), reason=reason)
        _write(incident, "decision", text, actor, now)

    def event(_locked: Response, _move: Move, _gathered: Change) -> Event:
        return door.IncidentChanged(**_about(incident, now), title=incident.title)

    fields = {"level": level, "expected_until": expected_until}
    return advance(response, "change_level", actor=actor, now=now, fields=fields, reason=reason, after=order_more, event=event)


def end_response(response: Response, grounds: str, *, actor: Actor, now: datetime) -> Response:
    """End a running response with its grounds; the incident is stabilised. Open tasks stay open until done or cancelled."""
    incident = response.incident

    def write(locked: Response, _move: Move, _gathered: Change) -> None:
        locked.ended_at, locked.ended_by_name = now, actor.name
        locked.save(update_fields=["ended_at", "ended_by_name"])
        text = _("结束{level}。依据：{grounds}").format(level=_level(locked.level), grounds=locked.end_grounds)
        _write(incident, "decision", text, actor, now)

    def event(_locked: Response, _move: Move, _gathered: Change) -> Event:
        return door.ResponseEnded(**_about(incident, now), title=incident.title)

    with transaction.atomic():
        advance(response, "end", actor=actor, now=now, fields={"end_grounds": grounds.strip()}, after=write, event=event)
        advance(incident, "stabilise", actor=actor, now=now)
    return response


# --- tasks -----------------------------------------------------------------------------------------------------------------------


def order_task(incident: Incident, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> ResponseTask:
    """Order one more task (``title``, ``assignee``, ``due``, and as wished ``role``, ``resource``, ``done_when``).

    Raises ``DueInThePast``, ``IncidentClosed``.
    """
    if incident.is_closed:
        raise rules.IncidentClosed
    if values["due"] <= now:
        raise rules.DueInThePast
    running = incident.responses.filter(state=rules.ACTIVE).first()
    with change(actor, "incidents.order_task", now=now, record=incident) as gathered:
        task = _order(incident, running, values, actor=actor, now=now)
        gathered.facts["task"] = str(task.pk)
        gathered.announce(_task_changed(task, now))
    return task


def accept_task(task: ResponseTask, *, actor: Actor, now: datetime) -> ResponseTask:
    """Accept an order."""
    fields = {"accepted_by_name": actor.name, "accepted_at": now}
    return _move_task(task, "accept", fields, "", actor=actor, now=now)


def finish_task(task: ResponseTask, outcome: str, *, actor: Actor, now: datetime) -> ResponseTask:
    """Report a task done, with its outcome; its clock becomes met or missed."""
    return _move_task(task, "finish", {"outcome": outcome.strip()}, "", actor=actor, now=now)


def cancel_task(task: ResponseTask, reason: str, *, actor: Actor, now: datetime) -> ResponseTask:
    """Cancel a task with the reason."""
    return _move_task(task, "cancel", {}, reason, actor=actor, now=now)


def close_incident(incident: Incident, summary: str, *, actor: Actor, now: datetime) -> Incident:
    """Close an incident. Raises ``TasksOpen``, ``ResponseRunning``, ``MissingFields``."""
    running = incident.responses.filter(state__in=[rules.PROPOSED, rules.ACTIVE]).first()
    if running is not None:
        raise rules.ResponseRunning(level=_level(running.level))
    waiting = list(incident.tasks.filter(state__in=queries.OPEN_TASKS).values_list("title", flat=True))
    if waiting:
        raise rules.TasksOpen(count=len(waiting), tasks="、".join(waiting))

    def event(locked: Incident, _move: Move, _gathered: Change) -> Event:
        return door.IncidentClosed(**_about(locked, now), title=locked.title)

    return advance(incident, "close", actor=actor, now=now, fields={"closing_summary": summary.strip()}, event=event)


# --- parts -----------------------------------------------------------------------------------------------------------------------


def _about(incident: Incident, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": incident.pk,
        "place_code": incident.place_code,
        "enterprise_id": incident.enterprise_id,
        "classification": incident.classification,
        "at": now,
        "exercise": incident.exercise,
    }


def _level(code: str) -> str:
    return _(rules.RESPONSE_LEVELS[code]) if code in rules.RESPONSE_LEVELS else code


def _write(incident: Incident, kind: str, text: str, actor: Actor, now: datetime) -> SituationEntry:
    return SituationEntry.objects.create(
        incident=incident,
        at=now,
        kind=kind,
        text=text,
        author_id=actor.account_id,
        author_name=actor.name,
        post=actor.post,
    )


def _task_values(draft: plans.TaskDraft) -> dict[str, Any]:
    return {
        "code": draft.code,
        "title": draft.title,
        "role": draft.role,
        "assignee": draft.post,
        "due": draft.due,
        "resource": draft.resource,
        "done_when": draft.done_when,
    }


def _order(incident: Incident, response: Response | None, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> ResponseTask:
    Incident.objects.select_for_update().get(pk=incident.pk)  # numbers are given one at a time
    task = ResponseTask.objects.create(
        incident=incident,
        response=response,
        state=rules.ORDERED,
        exercise=incident.exercise,
        opened_at=now,
        place_code=incident.place_code,
        classification=incident.classification,
        enterprise_id=incident.enterprise_id,
        number=incident.tasks.count() + 1,
        ordered_by_name=actor.name,
        **{name: values[name] for name in ("title", "assignee", "due")},
        **{name: values.get(name, "") for name in ("code", "role", "resource", "done_when")},
    )
    open_case(task, actor=actor, now=now)
    clocks.start(
        task,
        clocks.ClockRule(rules.TASK_CLOCK, task.title, "", "verified"),
        since=now,
        until=task.due,
        owed_by=task.assignee,
        owed_to=actor.name,
    )
    return task


def _task_changed(task: ResponseTask, now: datetime) -> door.TaskChanged:
    return door.TaskChanged(**_about(task.incident, now), title=task.incident.title, task=task.title, state=task.state)


def _move_task(task: ResponseTask, move: str, fields: Mapping[str, Any], reason: str, *, actor: Actor, now: datetime) -> ResponseTask:
    def settle(locked: ResponseTask, made: Move, _gathered: Change) -> None:
        if made.target == rules.DONE:
            clocks.stop(locked, rules.TASK_CLOCK, now=now, by=actor.name)
        elif made.target == rules.CANCELLED:
            clocks.cancel(locked, rules.TASK_CLOCK)

    def event(locked: ResponseTask, _made: Move, _gathered: Change) -> Event:
        return _task_changed(locked, now)

    return advance(task, move, actor=actor, now=now, fields=fields, reason=reason, after=settle, event=event)
