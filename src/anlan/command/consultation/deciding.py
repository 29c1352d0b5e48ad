"""What is decided: who does what by when and why. With an incident it is ordered there as a task; without one it is followed here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from anlan.command.consultation import rules
from anlan.command.consultation.models import Consultation, Decision, Seat
from anlan.command.consultation.services import announce, writable
from anlan.command.incidents import door as incidents
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import change


def decide(row: Consultation, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Decision:
    """Write down a decision: ``text``, ``assignee`` or ``seat``, ``due``, ``grounds``, as wished ``item``.

    Of an incident it becomes a task at once, told to the seat's account or organisation. The same decision sent twice stands once. Raises ``DecisionIncomplete``, ``DayPassed``,
    ``IncidentOver``, ``RecordClosed``, and what incidents refuse.
    """
    writable(row)
    seat: Seat | None = values.get("seat")
    told = {name: str(values.get(name) or "").strip() for name in ("text", "grounds", "assignee")}
    told["assignee"] = told["assignee"] or (seat.name if seat is not None else "")
    told["text"], told["assignee"] = told["text"][:200], told["assignee"][:120]
    _complete(told, values.get("due"), now)
    _incident_goes_on(row, actor)
    with change(actor, "consultation.record", now=now, record=row) as gathered:
        Consultation.objects.select_for_update().get(pk=row.pk)  # numbers are given one at a time
        same = row.decisions.filter(**told, due=values["due"], done_at=None, revoked_at=None).first()
        if same is not None:
            return same
        number = (row.decisions.aggregate(last=Max("number"))["last"] or 0) + 1
        made = Decision(
            consultation=row,
            number=number,
            item=values.get("item"),
            seat=seat,
            due=values["due"],
            decided_at=now,
            by_name=actor.name,
            **told,
        )
        if row.incident_id is not None:
            made.task_id = _order(row.incident_id, made, seat, actor, now)
        made.save(force_insert=True)
        gathered.facts.update({"decision": number, "task": str(made.task_id or "")})
        announce(row, gathered, now)
    return made


def _complete(told: Mapping[str, str], due: datetime | None, now: datetime) -> None:
    wanted = {"text": _("议定事项"), "assignee": _("责任单位或人员"), "grounds": _("依据和理由")}
    missing = [label for name, label in wanted.items() if not told[name]]
    if due is None:
        missing.append(_("完成时限"))
    if missing:
        raise rules.DecisionIncomplete(what="、".join(missing))
    if due is not None and due <= now:
        raise rules.DayPassed


def _incident_goes_on(row: Consultation, actor: Actor) -> None:
    if row.incident_id is not None and incidents.incident(row.incident_id, actor).closed_at is not None:
        raise rules.IncidentOver


def _order(incident_id: UUID, made: Decision, seat: Seat | None, actor: Actor, now: datetime) -> UUID:
    values = {
        "title": made.text,
        "assignee": made.assignee,
        "due": made.due,
        "done_when": made.grounds[:200],
        "assignee_account_id": seat.account_id if seat is not None else None,
        "assignee_organisation_id": seat.organisation_id if seat is not None else None,
    }
    return incidents.order_task(incident_id, values, actor=actor, now=now)


def finish(decision: Decision, outcome: str, *, actor: Actor, now: datetime) -> Decision:
    """A decision without an incident was carried out, with what came of it. Raises ``NothingSaid``, ``DecisionSettled``."""
    if decision.task_id is not None:
        raise rules.DecisionSettled
    return _settle(decision, {"done_at": now, "outcome": outcome.strip()[:300]}, outcome, actor, now)


def revoke(decision: Decision, reason: str, *, actor: Actor, now: datetime) -> Decision:
    """Take a decision back, with the reason; its task is cancelled. Raises ``NothingSaid``, ``DecisionSettled``."""
    return _settle(decision, {"revoked_at": now, "revoked_reason": reason.strip()[:300]}, reason, actor, now)


def _settle(decision: Decision, fields: Mapping[str, Any], words: str, actor: Actor, now: datetime) -> Decision:
    if not words.strip():
        raise rules.NothingSaid
    row = decision.consultation
    with change(actor, "consultation.record", now=now, record=row) as gathered:
        locked = Decision.objects.select_for_update().get(pk=decision.pk)
        if locked.done_at is not None or locked.revoked_at is not None:
            raise rules.DecisionSettled
        for name, value in fields.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(fields))
        if locked.task_id is not None:
            _cancel(locked.task_id, words, actor, now)
        gathered.facts.update({"decision": locked.number, "words": words.strip()})
        announce(row, gathered, now)
    return locked


def _cancel(task_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    try:
        incidents.move_task(task_id, "cancel", reason, actor=actor, now=now)
    except Refusal as refusal:
        raise rules.DecisionSettled from refusal
