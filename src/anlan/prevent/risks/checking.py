"""Checks that prove measures: made by their periods, done by people of the enterprise on phones that may be offline, pressed for when late.

Every step can run twice: a task is one by measure and window, a result one by the key that the phone chose, a danger one by its result.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.ids import new_id
from anlan.ledger.changes import change, permit
from anlan.prevent.dangers import door as dangers
from anlan.prevent.risks import door, queries, refusals, rules
from anlan.prevent.risks.models import CheckResult, CheckTask, Measure

MOST_AT_ONCE = 500
_SWEEP = "risks.sweep"
_SYSTEM = system_actor("risks")


# --- the sweep -------------------------------------------------------------------------------------------------------------------


def sweep(now: datetime) -> int:
    """Make the checks that are due to be made, close those that a newer one replaced, tell those that are late; returns how many were touched."""
    touched = 0
    # Told first: what a newer check replaces was told before.
    for step in (press, open_tasks):
        while count := step(now):
            touched += count
            if count < MOST_AT_ONCE:
                break
    return touched


@transaction.atomic
def open_tasks(now: datetime) -> int:
    """One batch of checks whose window began. A window that passed while nobody swept is not made up: nobody could have known of it."""
    rows = Measure.objects.select_for_update(skip_locked=True, of=("self",)).select_related("event__object", "event__unit")
    due = list(rows.filter(next_task_at__isnull=False, next_task_at__lte=now).order_by("next_task_at")[:MOST_AT_ONCE])
    if not due:
        return 0
    made, by_start = [], dict[datetime, list[Measure]]()
    for measure in due:
        start, end = rules.window(measure.period, now)
        made.append(_task(measure, start, end, now))
        measure.next_task_at = end
        by_start.setdefault(start, []).append(measure)
    with change(_SYSTEM, _SWEEP, now=now, place_code="") as changed:
        # What is late stays open for one more window; then nobody can do it any more.
        gone = [
            CheckTask.objects.filter(measure__in=measures, state=rules.OPEN, due_at__lt=start).update(state=rules.MISSED)
            for start, measures in by_start.items()
        ]
        changed.facts["missed"] = sum(gone)
        CheckTask.objects.bulk_create(made, ignore_conflicts=True)
        Measure.objects.bulk_update(due, ["next_task_at"])
        changed.facts["made"] = len(made)
        for enterprise_id, count in Counter(task.enterprise_id for task in made).items():
            one = next(task for task in made if task.enterprise_id == enterprise_id)
            changed.announce(door.ChecksOpened(**_about(one, now), count=count))
    return len(due)


def _task(measure: Measure, start: datetime, end: datetime, now: datetime) -> CheckTask:
    event = measure.event
    return CheckTask(
        measure=measure,
        event=event,
        object_id=event.object_id,
        enterprise_id=measure.enterprise_id,
        place_code=measure.place_code,
        classification=measure.classification,
        created_at=now,
        updated_at=now,
        title=measure.check_text,
        measure_text=measure.text,
        where=f"{event.object.name} · {event.unit.name}"[:250],
        period=measure.period,
        window_from=start,
        due_at=end,
        post_kind=measure.post_kind,
        person_id=measure.person_id,
        person_name=measure.person_name,
    )


def _about(task: CheckTask, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": task.enterprise_id,
        "place_code": task.place_code,
        "enterprise_id": task.enterprise_id,
        "classification": Classification(task.classification),
        "at": now,
    }


@transaction.atomic
def press(now: datetime) -> int:
    """One batch of checks that were not done in their window: marked, and told once."""
    late = CheckTask.objects.select_for_update(skip_locked=True).filter(state=rules.OPEN, overdue=False, due_at__lte=now)
    rows = list(late.order_by("due_at")[:MOST_AT_ONCE])
    if not rows:
        return 0
    with change(_SYSTEM, _SWEEP, now=now, place_code="") as changed:
        CheckTask.objects.filter(pk__in=[row.pk for row in rows]).update(overdue=True)
        changed.facts["late"] = len(rows)
        for row in rows:
            changed.announce(
                door.CheckOverdue(
                    **(_about(row, now) | {"subject_id": row.pk}),
                    title=row.title,
                    where=row.where,
                    post_kind=row.post_kind,
                    person_id=str(row.person_id or ""),
                    due_at=row.due_at.isoformat(),
                )
            )
    return len(rows)


# --- results ---------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def record(
    task_id: UUID,
    *,
    outcome: str,
    note: str = "",
    once: UUID | None = None,
    happened_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> CheckResult:
    """Keep one result of a check. ``once``: the key that a phone chose; the same key again gives the result that is there.

    ``happened_at``: when it was made, where it waited for a network. An abnormal one makes one hidden danger. A check that was done by then
    keeps its first result; this one stands beside it and the task says so: nothing is lost. Raises ``NotFound``, ``NotPermitted``,
    ``UnknownChoice``, ``NoteNeeded``, ``KeyTaken``.
    """
    queries.one(queries.tasks(actor), task_id)
    if once is not None:
        # The same phone, sending twice at one time: the second waits here and finds what the first has made.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"risks:{once}"])
    task = CheckTask.objects.select_for_update().get(pk=task_id)
    permit(actor, "risks.check", record=task)
    known = CheckResult.objects.filter(pk=once).first() if once is not None else None
    if known is not None:
        if known.task_id != task.pk or known.by_id != actor.account_id:
            raise refusals.KeyTaken()
        return known
    rules.check_outcome(outcome, note)
    done_at = min(happened_at or now, now)
    result = CheckResult(
        id=once or new_id(),
        task=task,
        enterprise_id=task.enterprise_id,
        place_code=task.place_code,
        classification=task.classification,
        created_at=now,
        updated_at=now,
        outcome=outcome,
        note=note.strip(),
        done_at=done_at,
        received_at=now,
        by_id=actor.account_id,
        by_name=actor.name,
        late=rules.is_late(done_at, now, queries.parameter("late_minutes", now)),
        second=task.state == rules.DONE,
    )
    with change(actor, "risks.check", now=now, record=task) as made:
        if outcome == rules.ABNORMAL:
            result.danger_id = _danger(task, result, actor, now).id
        result.save(force_insert=True)
        _settle(task, result)
        made.facts |= {"outcome": outcome, "result": str(result.pk), "done_at": done_at.isoformat()}
        told: dict[str, Any] = {**_about(task, now), "subject_id": task.pk}
        made.announce(door.CheckDone(**told, title=task.title, outcome=outcome, second=result.second, by_name=actor.name))
    return result


def _settle(task: CheckTask, result: CheckResult) -> None:
    if result.second:
        task.contested = True
    else:
        task.state, task.outcome, task.done_at, task.done_by_name = rules.DONE, result.outcome, result.done_at, result.by_name
        # Done in its window and only sent later: it never was late.
        task.overdue = result.done_at > task.due_at
    task.save()


def _danger(task: CheckTask, result: CheckResult, actor: Actor, now: datetime) -> dangers.DangerSummary:
    first = result.note.splitlines()[0]
    return dangers.report_self_check(
        task.enterprise_id,
        source_id=result.pk,
        title=first[:120],
        location=task.where[:160],
        description="\n".join((result.note, task.title, task.measure_text)),
        found_at=result.done_at,
        longitude=task.object.longitude,
        latitude=task.object.latitude,
        actor=actor,
        now=now,
    )


def add_picture(result_id: UUID, file: evidence.File, *, actor: Actor, now: datetime) -> CheckResult:
    """Attach one picture to a result and to the danger it made. The same picture again is the one that is there.

    Raises the refusals of evidence (too large, a program under another name), ``NotFound``, ``NotPermitted``.
    """
    result = queries.result(result_id, actor)
    permit(actor, "risks.check", record=result)
    with transaction.atomic():
        evidence.attach(result, file, actor=actor, now=now)
        if result.danger_id is not None:
            file.seek(0)  # type: ignore[attr-defined]
            dangers.attach(result.danger_id, file, actor=actor, now=now)
    return result
