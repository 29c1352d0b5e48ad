"""Moves of several alarms at once, by a person: locked in the order of their keys, checked one by one, written together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.ledger import audit
from anlan.ledger.changes import permit, snapshot
from anlan.ledger.events import announce_all
from anlan.ledger.models import FlowStep
from anlan.sense.alarms import rules
from anlan.sense.alarms.models import Alarm


def move_all(
    rows: QuerySet[Alarm],
    *,
    actor: Actor,
    now: datetime,
    move_of: Callable[[Alarm], str | None],
    fields_of: Callable[[Alarm], dict[str, Any]],
    events_of: Callable[[Sequence[Alarm]], Iterable[Event]],
) -> list[Alarm]:
    """Make one move of each of ``rows`` that ``move_of`` names one for, all or none; returns them as stored.

    Raises the refusals of :meth:`anlan.kernel.flow.Flow.check` and ``NotPermitted`` for the first alarm that refuses.
    """
    written: set[str] = {"state", "closed_at", "updated_at", "version"}
    moved: list[Alarm] = []
    steps: list[FlowStep] = []
    with transaction.atomic(), audit.at_the_end():
        for row in rows.select_for_update(of=("self",)).order_by("pk"):
            code = move_of(row)
            if code is None:
                continue
            before, source, fields = snapshot(row), row.state, fields_of(row)
            for name, value in fields.items():
                setattr(row, name, value)
            written |= set(fields)
            holders = {name: before[name] for name in rules.FLOW.move(code).not_by}
            filled = {f.name: f.value_from_object(row) for f in row._meta.concrete_fields}
            move = rules.FLOW.check(code, source, filled, actor.account_id, holders)  # type: ignore[arg-type]
            permit(actor, move.action, record=row)
            row.state, row.updated_at, row.version = move.target, now, row.version + 1
            row.closed_at = now if rules.FLOW.state(move.target).final else None
            steps.append(_step(row, code, source, actor, now))
            changed = {name: [before[name], value] for name, value in snapshot(row).items() if before[name] != value}
            _audit(row, move.action, changed, {"move": code, "from": source, "to": row.state}, actor, now)
            moved.append(row)
        Alarm.objects.bulk_update(moved, sorted(written), batch_size=500) if moved else None
        FlowStep.objects.bulk_create(steps, batch_size=1000)
        announce_all(list(events_of(moved)))
    return moved


def one_of_each_group(rows: Sequence[Alarm]) -> list[Alarm]:
    """Those told on their own, and one of every group of the others: what is worth an announcement."""
    found: list[Alarm] = []
    said = set()
    for row in rows:
        if row.told or row.group_key not in said:
            found.append(row)
        said.add(row.group_key)
    return found


def _step(row: Alarm, move: str, source: str, actor: Actor, now: datetime) -> FlowStep:
    return FlowStep(
        flow=rules.FLOW.code,
        subject_type=Alarm._meta.label_lower,
        subject_id=row.pk,
        move=move,
        source=source,
        target=row.state,
        actor_id=actor.account_id,
        actor_name=actor.name,
        post=actor.post,
        at=now,
    )


def _audit(row: Alarm, action: str, changed: dict[str, Any], facts: dict[str, object], actor: Actor, now: datetime) -> None:
    audit.append(
        actor=actor,
        action=action,
        subject_type=Alarm._meta.label_lower,
        subject_id=row.pk,
        place_code=row.place_code,
        content={"changed": changed, "facts": facts},
        at=now,
    )
