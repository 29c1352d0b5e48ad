"""Verbs upon a permit that was signed: begin, pause, go on, finish, accept, stop, cancel. What a phone kept offline comes with its own time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from anlan.kernel.access import Actor
from anlan.ledger.changes import permit as permitted
from anlan.prevent.permits import queries, refusals, rules, validity
from anlan.prevent.permits.models import Permit
from anlan.prevent.permits.services import checked_moment, done_before, guarded, step


@transaction.atomic
def start(permit_id: UUID, *, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Begin the work: the permit holds, and the air passed within its window. Raises the refusals of :func:`validity.check_workable`."""
    row = guarded(permit_id, actor, seen)
    permitted(actor, "permits.work", record=row)
    if row.state == rules.APPROVED:
        validity.check_workable(queries.standing(row), queries.law(now), now)
    return step(row, "start", actor=actor, now=now, values={"started_at": now, "paused_at": None, "pause_kind": ""})


@transaction.atomic
def pause(
    permit_id: UUID,
    *,
    cause: str = rules.BREAK,
    happened_at: datetime | None = None,
    once: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Permit:
    """Pause the work; the time for a new analysis runs from when it stopped. A supervisor who leaves takes the permit back (4.10 f).

    Raises ``HappenedInTheFuture``, the refusals of the flow.
    """
    row = guarded(permit_id, actor, None)
    permitted(actor, "permits.work", record=row)
    if done_before(once, row.pk, actor, now) is not None:
        return row
    at = checked_moment(happened_at, now)
    if row.started_at is not None:
        at = max(at, row.started_at)
    cause = cause if cause in rules.PAUSES_BY_PEOPLE else rules.BREAK
    return step(row, "pause", actor=actor, now=now, values={"paused_at": at, "pause_kind": cause})


@transaction.atomic
def resume(permit_id: UUID, *, supervisor_present: bool = False, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Go on after a break. Raises ``StoppedByOrder``, ``SupervisorAway``, the refusals of :func:`validity.check_workable`."""
    row = guarded(permit_id, actor, seen)
    permitted(actor, "permits.work", record=row)
    if row.state == rules.PAUSED:
        if row.pause_kind == rules.STOPPED:
            raise refusals.StoppedByOrder()
        if row.pause_kind == rules.SUPERVISOR_LEFT and not (supervisor_present or actor.account_id == row.supervisor_id):
            raise refusals.SupervisorAway()
        validity.check_workable(queries.standing(row), queries.law(now), now)
    values = {"started_at": row.started_at or now, "paused_at": None, "pause_kind": ""}
    return step(row, "resume", actor=actor, now=now, values=values)


@transaction.atomic
def finish(permit_id: UUID, *, happened_at: datetime | None = None, once: UUID | None = None, actor: Actor, now: datetime) -> Permit:
    """Say that the work is done and the place cleared; somebody else accepts it.

    Told late by a phone without network after the permit had run out, it is noted beside it: the work had not outlasted its time then.
    """
    row = guarded(permit_id, actor, None)
    permitted(actor, "permits.work", record=row)
    if done_before(once, row.pk, actor, now) is not None:
        return row
    at = checked_moment(happened_at, now)
    if row.started_at is not None:
        at = max(at, row.started_at)
    values: dict[str, object] = {
        "finished_at": at,
        "finished_by_id": actor.account_id,
        "finished_by_name": actor.name,
        "paused_at": None,
        "pause_kind": "",
    }
    if row.state == rules.EXPIRED and row.started_at is not None and row.finished_at is None:
        return step(row, "note_finish", actor=actor, now=now, values={**values, "overrun": at > row.valid_until})
    return step(row, "finish", actor=actor, now=now, values=values)


@transaction.atomic
def accept(permit_id: UUID, *, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Accept the finished work (完工验收): by another than who finished it."""
    row = guarded(permit_id, actor, seen)
    return step(row, "accept", actor=actor, now=now, values={"accepted_at": now, "accepted_by_name": actor.name})


@transaction.atomic
def reject(permit_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Refuse the finished work: it counts as paused from now. Past its time it is to be cancelled or asked for anew."""
    row = guarded(permit_id, actor, seen)
    values = {"finished_at": None, "paused_at": now, "pause_kind": rules.NOT_ACCEPTED}
    return step(row, "reject", actor=actor, now=now, reason=reason, values=values)


@transaction.atomic
def stop(permit_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Order the work to stop; it goes on only after :func:`release`."""
    row = guarded(permit_id, actor, seen)
    values = {"paused_at": now, "pause_kind": rules.STOPPED, "stopped_by_bureau": actor.enterprise_id is None}
    return step(row, "stop", actor=actor, now=now, reason=reason, values=values)


@transaction.atomic
def release(permit_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Let a stopped work go on: those on the spot resume it, by the same rules as after a break. What a bureau stopped, only a bureau.

    Raises ``NotStopped``, ``StoppedByBureau``, the refusals of the flow.
    """
    row = guarded(permit_id, actor, seen)
    permitted(actor, "permits.stop", record=row)
    if row.state == rules.PAUSED and row.pause_kind != rules.STOPPED:
        raise refusals.NotStopped()
    if row.stopped_by_bureau and actor.enterprise_id is not None:
        raise refusals.StoppedByBureau()
    values = {"pause_kind": rules.BREAK, "stopped_by_bureau": False}
    return step(row, "release", actor=actor, now=now, reason=reason, values=values)


@transaction.atomic
def cancel(permit_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Cancel a permit: content, place or conditions changed (4.16, 4.17), or the work is not done after all."""
    return step(guarded(permit_id, actor, seen), "cancel", actor=actor, now=now, reason=reason)


def said(pause_kind: str) -> str:
    """Why a work pauses, in the language of the request."""
    return gettext(rules.PAUSES[pause_kind]) if pause_kind in rules.PAUSES else ""
