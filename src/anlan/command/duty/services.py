"""Verbs of duty: the log, the roster, the handover with its digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from anlan.command.duty import door, queries, rules
from anlan.command.duty.models import DutyLogEntry, DutyShift, Handover
from anlan.command.incidents import door as incidents
from anlan.ground.people import door as people
from anlan.kernel.access import Actor, Classification
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms
from anlan.warn.bulletins import door as bulletins


def append_log(
    text: str,
    *,
    kind: str,
    actor: Actor,
    now: datetime,
    caller: str = "",
    exercise: bool = False,
    subject: tuple[str, UUID] | None = None,
) -> DutyLogEntry:
    """Add a line to the log of the actor's place; lines are never changed. Raises ``EmptyEntry``."""
    if not text.strip():
        raise rules.EmptyEntry
    with change(actor, "duty.log", now=now, place_code=actor.place_code) as gathered:
        entry = DutyLogEntry.objects.create(
            place_code=actor.place_code,
            organisation_id=actor.organisation_id,
            at=now,
            kind=kind if kind in rules.ENTRY_KINDS else "memo",
            text=text.strip(),
            caller=caller.strip(),
            subject_type=subject[0] if subject else "",
            subject_id=subject[1] if subject else None,
            exercise=exercise,
            author_id=actor.account_id,
            author_name=actor.name,
            post=actor.post,
        )
        gathered.subject = entry
        gathered.announce(
            door.LogAppended(subject_id=entry.pk, place_code=entry.place_code, at=now, exercise=exercise, text=entry.text[:120])
        )
    return entry


def add_shift(
    account_id: UUID,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    place_code: str = "",
    post: str = "",
) -> DutyShift:
    """Put somebody on the roster of a place. Raises ``ShiftEndsBeforeItStarts``, ``DoubleBooked``."""
    if ends_at <= starts_at:
        raise rules.ShiftEndsBeforeItStarts
    where = place_code or actor.place_code
    with change(actor, "duty.plan", now=now, place_code=where) as gathered:
        clash = DutyShift.objects.filter(account_id=account_id, starts_at__lt=ends_at, ends_at__gt=starts_at).first()
        if clash is not None:
            raise rules.DoubleBooked(
                who=people.account_name(account_id), start=rules.moment_words(clash.starts_at), end=rules.moment_words(clash.ends_at)
            )
        shift = DutyShift.objects.create(
            place_code=where,
            classification=Classification.INTERNAL,
            organisation_id=actor.organisation_id if where == actor.place_code else None,
            account_id=account_id,
            kind=kind,
            post=post,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        gathered.subject = shift
    return shift


def digest(actor: Actor, now: datetime) -> dict[str, Any]:
    """What the next shift must know: open alarms, reports owed, bulletins to approve, open incidents and tasks."""
    return {
        "alarms": [{"title": row.title, "at": row.raised_at.isoformat()} for row in alarms.open_alarms(actor, 50)],
        "owed": [
            {"title": line.filing_title, "label": line.label, "until": line.until.isoformat(), "late": line.late_minutes}
            for line in filings.owed(actor, now)
        ],
        "instructions": [
            {"title": f"{line.filing_title}：{line.text}"[:160], "due": line.due.isoformat() if line.due else ""}
            for line in filings.open_instructions(actor)
        ],
        "calls": [
            {"title": f"{timezone.localtime(call.opened_at):%H:%M} {call.answers.get('place', '')}"}
            for call in queries.open_calls(actor.place_code)
        ],
        "rings": [{"title": row.title} for row in queries.ringing_at(actor.place_code)[:50]],
        **{code: list(teller(actor, now)) for code, (_label, teller) in rules.DIGEST.items()},
        "filings": [{"title": row.title, "state": row.state_label} for row in filings.open_filings(actor)],
        "bulletins": [{"title": row.headline} for row in bulletins.awaiting_approval(actor)],
        "incidents": [{"title": row.title, "state": row.state_label} for row in incidents.open_incidents(actor)],
        "tasks": [
            {"title": row.title, "due": row.due.isoformat(), "late": incidents.late_minutes(row.due, now)}
            for row in incidents.open_tasks(actor, now)
        ],
    }


def prepare_handover(note: str, *, actor: Actor, now: datetime) -> Handover:
    """Draw up a handover for the actor's place with the digest of this moment. Raises ``HandoverWaiting``."""
    with change(actor, "duty.hand_over", now=now, place_code=actor.place_code) as gathered:
        if queries.waiting_handover(actor.place_code) is not None:
            raise rules.HandoverWaiting
        handover = Handover.objects.create(
            state=rules.PREPARED,
            opened_at=now,
            place_code=actor.place_code,
            organisation_id=actor.organisation_id,
            digest=digest(actor, now),
            note=note.strip(),
        )
        gathered.subject = handover
        open_case(handover, actor=actor, now=now)
    return handover


def sign_off(handover: Handover, *, actor: Actor, now: datetime) -> Handover:
    """The one who leaves signs; the digest is drawn anew so that he signs what stands now."""

    def event(locked: Handover, _move: Move, _gathered: Change) -> Event:
        return door.HandedOver(subject_id=locked.pk, place_code=locked.place_code, at=now, by=actor.name)

    fields = {
        "handed_by_id": actor.account_id,
        "handed_by_name": actor.name,
        "handed_at": now,
        "digest": digest(actor, now),
    }
    return advance(handover, "hand", actor=actor, now=now, fields=fields, event=event)


def sign_on(handover: Handover, *, actor: Actor, now: datetime) -> Handover:
    """The one who comes signs; he cannot be the one who left. Raises ``FourEyes``."""

    def write(locked: Handover, _move: Move, _gathered: Change) -> None:
        locked.received_by_id, locked.received_by_name, locked.received_at = actor.account_id, actor.name, now
        locked.save(update_fields=["received_by_id", "received_by_name", "received_at"])

    def event(locked: Handover, _move: Move, _gathered: Change) -> Event:
        return door.HandoverReceived(subject_id=locked.pk, place_code=locked.place_code, at=now, by=actor.name)

    return advance(handover, "receive", actor=actor, now=now, after=write, event=event)


def drop(handover: Handover, reason: str, *, actor: Actor, now: datetime) -> Handover:
    """Drop a handover that was not finished."""
    return advance(handover, "drop", actor=actor, now=now, reason=reason)
