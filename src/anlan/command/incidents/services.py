"""Verbs of command: open an incident, respond under a plan, write the log, end and close. Tasks: ``tasking``; who commands: ``structuring``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.command.incidents import advising, approving, door, queries, rules, structuring, tasking
from anlan.command.incidents.announcing import about, changed, level_label, write_entry
from anlan.command.incidents.models import Incident, IncidentLink, Response, SituationEntry
from anlan.command.plans import door as plans
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
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
        gathered.announce(door.IncidentOpened(**about(incident, now), title=incident.title))
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
            gathered.announce(changed(incident, now))


def note(incident: Incident, kind: str, text: str, *, actor: Actor, now: datetime) -> SituationEntry:
    """Add a line to the situation log. Raises ``IncidentClosed``."""
    if incident.is_closed:
        raise rules.IncidentClosed
    with change(actor, "incidents.change", now=now, record=incident) as gathered:
        entry = write_entry(incident, kind if kind in rules.ENTRY_KINDS else "note", text.strip(), actor, now)
        gathered.facts.update({"entry": str(entry.pk), "kind": entry.kind})
        gathered.announce(changed(incident, now))
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
        raise rules.ResponseRunning(level=level_label(running.level))
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
    response.recommended, response.recommended_for = advising.told(incident, now)
    with change(actor, "incidents.propose_response", now=now, record=incident) as gathered:
        response.save(force_insert=True)
        open_case(response, actor=actor, now=now)
        approving.ask_next(response, now)
        gathered.facts.update({"response": str(response.pk), "level": response.level})
        gathered.announce(
            door.ResponseProposed(**about(incident, now), title=incident.title, level=response.level, response_id=str(response.pk))
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
        structuring.fill(incident, locked.plan_id, locked.level, actor=actor, now=now)
        drafts = plans.instantiate(locked.plan_id, locked.level, now) if locked.plan_id else ()
        for draft in drafts:
            tasking.place(incident, locked, tasking.values_of(draft), actor=actor, now=now)
        gathered.facts["tasks"] = len(drafts)
        text = _("启动{level}：{matter}。依据：{grounds}").format(
            level=level_label(locked.level), matter=locked.matter, grounds=locked.grounds
        )
        silent = approving.passed_over(locked, actor.account_id)
        if silent:
            text += _("先请批：{who}。").format(who=silent)
            gathered.facts["passed_over"] = silent
        write_entry(incident, "decision", text, actor, now)

    def event(locked: Response, _move: Move, _gathered: Change) -> Event:
        return door.ResponseStarted(**about(incident, now), title=incident.title, level=locked.level)

    with transaction.atomic():
        advance(response, "start", actor=actor, now=now, after=order_all, event=event)
        advance(incident, "respond", actor=actor, now=now)
    return response


def refuse_response(response: Response, reason: str, *, actor: Actor, now: datetime) -> Response:
    """Turn a proposed response down, with the reason."""

    def event(locked: Response, _move: Move, _gathered: Change) -> Event:
        return changed(locked.incident, now)

    return advance(response, "refuse", actor=actor, now=now, reason=reason, event=event)


def change_level(response: Response, level: str, expected_until: datetime, reason: str, *, actor: Actor, now: datetime) -> Response:
    """Raise or lower a running response; actions of the plan that the new level adds become tasks."""
    if expected_until <= now:
        raise rules.PeriodPassed
    incident, before = response.incident, response.level

    def order_more(locked: Response, _move: Move, gathered: Change) -> None:
        structuring.fill(incident, locked.plan_id, level, actor=actor, now=now)
        known = set(locked.tasks.values_list("code", flat=True))
        drafts = plans.instantiate(locked.plan_id, level, now) if locked.plan_id else ()
        fresh = [draft for draft in drafts if draft.code not in known]
        for draft in fresh:
            tasking.place(incident, locked, tasking.values_of(draft), actor=actor, now=now)
        gathered.facts["tasks"] = len(fresh)
        text = _("响应由{before}调整为{after}。理由：{reason}").format(before=level_label(before), after=level_label(level), reason=reason)
        write_entry(incident, "decision", text, actor, now)

    def event(_locked: Response, _move: Move, _gathered: Change) -> Event:
        return changed(incident, now)

    fields = {"level": level, "expected_until": expected_until}
    return advance(response, "change_level", actor=actor, now=now, fields=fields, reason=reason, after=order_more, event=event)


def end_response(response: Response, grounds: str, *, actor: Actor, now: datetime) -> Response:
    """End a running response with its grounds; the incident is stabilised. Open tasks stay open until done or cancelled."""
    incident = response.incident

    def write(locked: Response, _move: Move, _gathered: Change) -> None:
        locked.ended_at, locked.ended_by_name = now, actor.name
        locked.save(update_fields=["ended_at", "ended_by_name"])
        text = _("结束{level}。依据：{grounds}").format(level=level_label(locked.level), grounds=locked.end_grounds)
        write_entry(incident, "decision", text, actor, now)

    def event(_locked: Response, _move: Move, _gathered: Change) -> Event:
        return door.ResponseEnded(**about(incident, now), title=incident.title)

    with transaction.atomic():
        advance(response, "end", actor=actor, now=now, fields={"end_grounds": grounds.strip()}, after=write, event=event)
        advance(incident, "stabilise", actor=actor, now=now)
    return response


def close_incident(incident: Incident, summary: str, *, actor: Actor, now: datetime) -> Incident:
    """Close an incident. Raises ``TasksOpen``, ``ResponseRunning``, ``MissingFields``."""
    running = incident.responses.filter(state__in=[rules.PROPOSED, rules.ACTIVE]).first()
    if running is not None:
        raise rules.ResponseRunning(level=level_label(running.level))
    waiting = list(incident.tasks.filter(state__in=queries.OPEN_TASKS).values_list("title", flat=True))
    if waiting:
        raise rules.TasksOpen(count=len(waiting), tasks="、".join(waiting))

    def event(locked: Incident, _move: Move, _gathered: Change) -> Event:
        return door.IncidentClosed(**about(locked, now), title=locked.title)

    return advance(incident, "close", actor=actor, now=now, fields={"closing_summary": summary.strip()}, event=event)
