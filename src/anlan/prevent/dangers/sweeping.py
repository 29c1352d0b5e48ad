"""What time does: deadlines that near or pass climb the levels, each step once; tables of quarters and years fall due."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.kernel.access import system_actor
from anlan.kernel.levels import code_of
from anlan.ledger import clocks
from anlan.ledger.changes import change
from anlan.ledger.clocks import ClockRule
from anlan.ledger.flows import open_case
from anlan.prevent.dangers import door, escalation, periods, queries, rules, services, statistics
from anlan.prevent.dangers.models import Danger, Escalation, PeriodReport

_SWEEPER = system_actor("dangers")
MOST_AT_ONCE = 500
"""Dangers looked at in one sweep; the rest follow a minute later. Project default."""
_REPORTS_AT_ONCE = 500


def sweep(now: datetime) -> int:
    """Take every step of escalation that is due; returns how many dangers were looked at. Running it twice takes no step twice."""
    due = Danger.objects.filter(next_step_at__isnull=False, next_step_at__lte=now).order_by("next_step_at")
    found = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in found:
        _look(pk, now)
    return len(found)


@transaction.atomic
def _look(danger_id: UUID, now: datetime) -> None:
    """One danger: its steps that are due, its overdue mark, and when to look next."""
    locked = Danger.objects.select_for_update(skip_locked=True, of=("self",)).select_related("enterprise").filter(pk=danger_id).first()
    if locked is None or locked.deadline is None or locked.state not in rules.WORKING_STATES:
        # Somebody works on it this moment, or it was removed since: what he writes says when to look next.
        return
    with change(_SWEEPER, "dangers.escalate", now=now, record=locked) as made:
        if rules.is_overdue(locked.state, locked.deadline, now):
            locked.overdue = locked.was_overdue = True
        for step in _due(locked, now):
            place = "" if step.level == escalation.OF_ENTERPRISE else escalation.place_at(step.level, locked.place_code) or ""
            told = _holders(step, locked, place, now)
            Escalation.objects.create(
                danger=locked, step=step.code, level=step.level, deadline=locked.deadline, at=now, place_code=place, names=told
            )
            if not step.is_reminder:
                locked.escalated_to = step.level
            made.announce(
                door.DangerEscalated(
                    **services.about(locked, _SWEEPER, now),
                    step=step.code,
                    level=step.level,
                    posts=step.posts,
                    at_place=place,
                    overdue=not step.is_reminder,
                    deadline=locked.deadline.isoformat(),
                )
            )
        locked.next_step_at = services.next_look(locked, now)
        locked.save(update_fields=["overdue", "was_overdue", "escalated_to", "next_step_at"])


def _due(danger: Danger, now: datetime) -> tuple[escalation.EscalationStep, ...]:
    assert danger.deadline is not None  # the caller sees to it
    steps = escalation.steps_for(queries.escalation_steps(danger.deadline), grade=danger.grade, place_code=danger.place_code)
    taken = danger.escalations.filter(deadline=danger.deadline).values_list("step", flat=True)
    return escalation.due_steps(steps, ordered_at=danger.ordered_at or danger.opened_at, deadline=danger.deadline, now=now, taken=taken)


def _holders(step: escalation.EscalationStep, danger: Danger, place: str, now: datetime) -> list[str]:
    return sorted({holder.name for holder in holders(step.posts, place, danger.enterprise_id, now)})


def holders(posts: str, place: str, enterprise_id: UUID | None, now: datetime) -> list[people.Holder]:
    """Who is told: holders of the posts (by blanks) at a place, or in the enterprise where no place is named."""
    found: list[people.Holder] = []
    for kind in posts.split():
        if place:
            found += people.holders_of(kind, place, now=now)
        elif enterprise_id is not None:
            found += people.holders_in_enterprise(kind, enterprise_id, now=now)
    return found


# --- tables of quarters and years ------------------------------------------------------------------------------------------------


def open_reports(now: datetime) -> int:
    """Open the tables that fell due with the end of a quarter or year, for every enterprise that had a hidden danger then; returns how many."""
    opened = 0
    for period in periods.over(now):
        wanted = statistics.counted_in(period).order_by().values("enterprise_id").annotate(first=Min("found_at"))
        known = PeriodReport.objects.filter(period=period.code).values("enterprise_id")
        missing = [row["enterprise_id"] for row in wanted.exclude(enterprise_id__in=known)]
        for at in range(0, len(missing), _REPORTS_AT_ONCE):
            opened += _open(missing[at : at + _REPORTS_AT_ONCE], period, now)
    return opened


@transaction.atomic
def _open(enterprise_ids: list[UUID], period: periods.Period, now: datetime) -> int:
    row = queries.period_row(period.kind, period.ends)
    due = period.due(row)
    rule = ClockRule(
        code=period.kind, label=rules.CLOCK_LABELS[period.kind], article=f"{row.source} {row.article}"[:200], status=row.status
    )
    opened = 0
    for enterprise_id, enterprise in enterprises.enterprises(enterprise_ids).items():
        report, fresh = PeriodReport.objects.get_or_create(
            enterprise_id=enterprise_id,
            period=period.code,
            defaults={
                "kind": period.kind,
                "due_at": due,
                "place_code": enterprise.place_code,
                "classification": max(1, enterprise.classification),
                "state": periods.OWED,
                "opened_at": now,
                "created_at": now,
                "updated_at": now,
            },
        )
        if fresh:
            opened += 1
            open_case(report, actor=_SWEEPER, now=now)
            bureau = services.bureau_name(code_of(enterprise.place_code[:6]))
            clocks.start(report, rule, since=period.ends, until=due, owed_by=enterprise.name, owed_to=bureau)
    return opened
