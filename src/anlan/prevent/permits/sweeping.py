"""What falls due by itself: permits that end, reminders before it, records of the air, hours in which a permit has to rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.prevent.permits import door, gas, queries, refusals, rules, validity
from anlan.prevent.permits.models import Deed, Permit
from anlan.prevent.permits.services import about, next_look, step

_SWEEPER = system_actor("permits")
MOST_AT_ONCE = 500
DEEDS_KEPT_DAYS = 30
"""Permits looked at in one sweep; the rest follow a minute later. Project default."""

ENDING = N_("作业票 {title} 将于 {at} 到期，到期须停止作业。")
RECORD = N_("作业票 {title} 已超过 {minutes} 分钟没有气体检测记录，请立即检测并登记。")


def sweep(now: datetime) -> int:
    """Look at every permit for which something is due; returns how many. Running it twice does nothing twice."""
    due = Permit.objects.filter(next_look_at__isnull=False, next_look_at__lte=now).order_by("next_look_at")
    found = list(due.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in found:
        _look(pk, now)
    return len(found)


def forget_deeds(now: datetime) -> int:
    """Forget what phones did more than a month ago: nothing waits longer for a network. Returns how many."""
    return Deed.objects.filter(at__lt=now - timedelta(days=DEEDS_KEPT_DAYS)).delete()[0]


@transaction.atomic
def _look(permit_id: UUID, now: datetime) -> None:
    row = Permit.objects.select_for_update(skip_locked=True).filter(pk=permit_id).first()
    if row is None or row.state not in (*rules.BEFORE_APPROVAL, *rules.LIVE_STATES):
        return
    if now >= row.valid_until:
        # 4.16: it ends, whatever goes on; whoever works on does so without a permit.
        values = {"overrun": row.started_at is not None and row.finished_at is None}
        step(row, "expire", actor=_SWEEPER, now=now, values=values)
        return
    if row.state == rules.WORKING and _must_rest(row, now):
        return
    with change(_SWEEPER, "permits.expire", now=now, record=row) as made:
        for event in _reminders(row, now):
            made.announce(event)
        row.next_look_at = next_look(row, now)
        row.save(update_fields=["next_look_at", "reminded"])


def _must_rest(row: Permit, now: datetime) -> bool:
    """Hold a work that has come into hours for which its permit was not raised (5.1.1)."""
    try:
        validity.check_time(queries.standing(row), queries.law(now), now)
    except refusals.UpgradeNeeded as refusal:
        _hold(row, refusal, now)
        return True
    return False


def _hold(row: Permit, refusal: Refusal, now: datetime) -> None:
    values = {"pause_kind": rules.UPGRADE, "paused_at": now}
    step(row, "hold", actor=_SWEEPER, now=now, values=values, reason=refusal.message())


def _reminders(row: Permit, now: datetime) -> list[door.PermitWarned]:
    """What is to be said of a permit now, each once."""
    found = []
    told = about(row, _SWEEPER, now)
    ahead = timedelta(minutes=queries.parameter("ending_minutes", now))
    if row.state in rules.LIVE_STATES and "ending" not in row.reminded and now >= row.valid_until - ahead:
        row.reminded["ending"] = row.valid_until.isoformat()
        found.append(door.PermitWarned(**told, about="ending"))
    if row.state == rules.WORKING and row.started_at is not None:
        grade, every = queries.grade(row.grade_code), queries.parameter("record_minutes", now)
        readings = queries.standing(row).readings
        if gas.record_overdue(grade, readings, now=now, since=row.started_at, every_minutes=every):
            last = gas.newest(readings, now)
            since = max(row.started_at, last.sampled_at) if last is not None else row.started_at
            if row.reminded.get("record") != since.isoformat():
                row.reminded["record"] = since.isoformat()
                found.append(door.PermitWarned(**told, about="record"))
    return found
