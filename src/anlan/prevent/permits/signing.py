"""Verbs between asking for a permit and working under it: conflicts answered, the signature on the spot, sending back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change
from anlan.ledger.changes import permit as permitted
from anlan.prevent.permits import gas, queries, refusals, rules
from anlan.prevent.permits.models import ConflictAnswer, Permit
from anlan.prevent.permits.services import guarded, step


@transaction.atomic
def answer_conflict(permit_id: UUID, *, other_id: UUID, pair: str, reason: str, actor: Actor, now: datetime) -> ConflictAnswer:
    """Say how a conflict with another permit is kept safe. Raises ``NotFound`` where there is none, ``ReasonRequired``."""
    row = guarded(permit_id, actor, None)
    found = [each for each in queries.conflicts_of(row, now) if each.other.pk == other_id and each.pair.code == pair]
    if not found:
        raise NotFound(what=pair)
    made: list[ConflictAnswer] = []

    def keep(stored: Permit, _move: Move, gathered: Change) -> None:
        if found[0].answer is not None:
            ConflictAnswer.objects.filter(pk=found[0].answer.pk).delete()
        made.append(
            ConflictAnswer.objects.create(
                permit=stored, other_id=other_id, pair=pair, text=reason.strip()[:400], by_name=actor.name, at=now
            )
        )
        gathered.facts["conflict"] = {"other": str(other_id), "pair": pair}

    step(row, "answer", actor=actor, now=now, values={"last_record_at": now}, reason=reason, after=keep)
    return made[0]


@transaction.atomic
def approve(
    permit_id: UUID,
    *,
    password: str,
    leader_name: str,
    supervisor_name: str,
    briefed_by_name: str,
    briefed_to_name: str,
    supervisor_id: UUID | None = None,
    opinion: str = "",
    longitude: float | None = None,
    latitude: float | None = None,
    accuracy: float | None = None,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Permit:
    """Sign a permit on the spot (4.11 a): by whom table B.1 names for the grade, never by who asked; the signature is the own password.

    ``longitude``, ``latitude``, ``accuracy`` (metres): where the phone stood, if it said so. Raises ``ApproverWrong``, ``SignatureWrong``,
    ``ConflictOpen``, the refusals of :func:`validity.check_time` and :func:`gas.check`, ``FourEyes`` and the others of the flow.
    """
    row = guarded(permit_id, actor, seen)
    permitted(actor, "permits.approve", record=row)
    grade, law = queries.grade(row.grade_code), queries.law(now)
    if actor.kind != "system":
        if actor.facts.get("post_kind") not in grade.approver_posts.split():
            raise refusals.ApproverWrong(grade=queries.worded(grade), approver=queries.worded(grade, "approver"))
        if not people.is_own_password(actor.account_id, password):
            raise refusals.SignatureWrong()
    if now >= row.valid_until:
        raise refusals.PermitExpired(number=row.number, at=f"{row.valid_until.astimezone(rules.CHINA):%m-%d %H:%M}")
    waiting = [each for each in queries.conflicts_of(row, now) if each.answer is None]
    if waiting:
        words = "；".join(f"{each.other.number} {queries.worded(each.pair, 'reason')}" for each in waiting[:5])
        raise refusals.ConflictOpen(count=len(waiting), conflicts=words)
    if row.state in (rules.CONFIRMED, rules.ANALYSED):
        gas.check(grade, queries.standing(row).readings, law.limits, now=now, say=law.say)
    values = {
        "leader_name": leader_name.strip()[:60],
        "supervisor_name": supervisor_name.strip()[:60],
        "supervisor_id": supervisor_id,
        "briefed_by_name": briefed_by_name.strip()[:60],
        "briefed_to_name": briefed_to_name.strip()[:60],
        "opinion": opinion.strip()[:300],
        "approved_at": now,
        "approved_by_id": actor.account_id,
        "approved_by_name": actor.name,
        "approved_post": actor.post[:40],
        "approved_longitude": longitude,
        "approved_latitude": latitude,
        "approved_accuracy": accuracy,
    }
    return step(row, "approve", actor=actor, now=now, values=values)


@transaction.atomic
def send_back(permit_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Permit:
    """Return a permit to whoever asked for it, before it is signed."""
    return step(guarded(permit_id, actor, seen), "return", actor=actor, now=now, reason=reason)
