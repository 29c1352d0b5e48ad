"""Moves cases along their flow tables: lock, check, change, step, clocks, audit, announce, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import QuerySet

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotPermitted
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.copying import Blank, copy_in
from anlan.ledger.models import FlowStep
from anlan.ledger.records import Case

C = TypeVar("C", bound=Case)
EventOf = Callable[[Any, Move, Change], Event | None]


def advance(
    case: C,
    move_code: str,
    *,
    actor: Actor,
    now: datetime,
    fields: Mapping[str, object] | None = None,
    reason: str = "",
    event: EventOf | None = None,
    after: Callable[[C, Move, Change], None] | None = None,
) -> C:
    """Make one move of ``case``, or do one act upon it, and return it as stored.

    ``fields`` are set before the check; ``after`` runs inside the transaction once the state is saved (clocks that need facts,
    further records); ``event`` builds what is announced. The clocks a move names in ``stops`` are stopped here; those in ``starts``
    are started by ``after``, which knows the facts. Raises the refusals of :meth:`anlan.kernel.flow.Flow.check` and
    :class:`NotPermitted`.
    """
    move = case.flow.move(move_code)
    permit(actor, move.action, record=case)
    with change(actor, move.action, now=now, record=case) as gathered:
        locked: C = cast("Any", type(case))._default_manager.select_for_update().get(pk=case.pk)
        for name, value in (fields or {}).items():
            setattr(locked, name, value)
        filled = {f.name: f.value_from_object(locked) for f in locked._meta.concrete_fields}
        holders = {name: getattr(locked, name, None) for name in move.not_by}
        case.flow.check(move_code, locked.state, filled, actor.account_id, holders, reason)
        source, target = locked.state, move.target or locked.state
        locked.state = target
        if target != source and case.flow.state(target).final:
            locked.closed_at = now
        locked.save()
        FlowStep.objects.create(
            flow=case.flow.code,
            subject_type=locked._meta.label_lower,
            subject_id=locked.pk,
            move=move.code,
            source=source,
            target=target,
            actor_id=actor.account_id,
            actor_name=actor.name,
            post=actor.post,
            reason=reason,
            at=now,
        )
        for rule_code in move.stops:
            clocks.stop(locked, rule_code, now=now, by=actor.name)
        gathered.subject = locked
        gathered.facts.update({"move": move.code, "from": source, "to": target, "reason": reason})
        if after is not None:
            after(locked, move, gathered)
        announced = event(locked, move, gathered) if event is not None else None
        if announced is not None:
            gathered.announce(announced)
    for f in locked._meta.concrete_fields:
        setattr(case, f.attname, getattr(locked, f.attname))
    return case


def open_case(case: Case, *, actor: Actor, now: datetime) -> None:
    """Write the first step of a new case. Call inside the ``change`` block that saved it."""
    FlowStep.objects.create(
        flow=case.flow.code,
        subject_type=case._meta.label_lower,
        subject_id=case.pk,
        move="open",
        source="",
        target=case.state,
        actor_id=actor.account_id,
        actor_name=actor.name,
        post=actor.post,
        at=now,
    )


def open_many(cases: Sequence[Case], *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Write the first step of many new cases, each into the state it stands in. Call inside the ``change`` block that saved them."""
    step = Blank(FlowStep)
    copy_in(
        [
            step(
                flow=case.flow.code,
                subject_type=case._meta.label_lower,
                subject_id=case.pk,
                move="open",
                source="",
                target=case.state,
                actor_id=actor.account_id,
                actor_name=actor.name,
                post=actor.post,
                reason=reason,
                at=now,
            )
            for case in cases
        ]
    )


def steps(case: Case) -> QuerySet[FlowStep]:
    """The case's moves in order."""
    return FlowStep.objects.filter(subject_type=case._meta.label_lower, subject_id=case.pk)


def steps_of(model: type[Case], keys: Iterable[UUID]) -> dict[UUID, list[FlowStep]]:
    """The moves of many cases of one kind in order, in one query; a case without any has no entry."""
    found: dict[UUID, list[FlowStep]] = {}
    for step in FlowStep.objects.filter(subject_type=model._meta.label_lower, subject_id__in=list(keys)):
        found.setdefault(step.subject_id, []).append(step)
    return found


def available_moves(case: Case, actor: Actor) -> tuple[Move, ...]:
    """Moves that ``actor`` may make on ``case`` as it stands; missing fields do not hide a move, four eyes do."""
    return _permitted(case, actor, case.flow.moves_from(case.state))


def available_acts(case: Case, actor: Actor) -> tuple[Move, ...]:
    """Acts that ``actor`` may do upon ``case`` as it stands, by the same rule."""
    return _permitted(case, actor, case.flow.acts_in(case.state))


def _permitted(case: Case, actor: Actor, moves: tuple[Move, ...]) -> tuple[Move, ...]:
    def permitted(move: Move) -> bool:
        try:
            permit(actor, move.action, record=case)
        except NotPermitted:
            return False
        return all(getattr(case, name, None) != actor.account_id for name in move.not_by)

    return tuple(move for move in moves if permitted(move))
