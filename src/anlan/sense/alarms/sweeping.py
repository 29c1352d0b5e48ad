"""What time alone brings, once a minute: shelved alarms come back, acknowledgements expire, alarms that nobody acknowledges climb the ladder.

Each alarm is dealt with in a transaction of its own and looked at again under its lock, so that a sweep run twice, or beside a person who
acknowledges at that moment, does nothing twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.ground.people.door import Holder
from anlan.kernel.access import system_actor
from anlan.kernel.flow import Move
from anlan.kernel.levels import code_of
from anlan.kernel.words import N_
from anlan.ledger import flows
from anlan.ledger.changes import Change, change
from anlan.sense.alarms import naming, rules, tables, timing
from anlan.sense.alarms.door import AlarmEscalated, AlarmRaised
from anlan.sense.alarms.models import Alarm, EscalationRecord
from anlan.sense.alarms.tables import Step

log = structlog.get_logger()

ACTOR = system_actor("alarms")
_DIGITS = {"county": 6, "city": 4, "province": 2}
MOST = 2000
"""Alarms dealt with in one sweep; the rest waits a minute."""


def sweep(now: datetime) -> dict[str, int]:
    """Everything that is due at ``now``; how many alarms came back, rang again and climbed a rung."""
    return {"unshelved": unshelve(now), "expired": expire(now), "escalated": escalate(now)}


def unshelve(now: datetime) -> int:
    """Alarms whose shelving is over stand in the list again, and ring where the condition still wants somebody."""
    return _each(Q(shelved_until__lte=now), now, _come_back)


def expire(now: datetime) -> int:
    """Acknowledged alarms that are still active and about which nothing was done in time ring again; the first acknowledgement stays in the history."""
    due = Q(state=rules.ACKNOWLEDGED, acknowledgement_until__lte=now) & ~Q(shelved_until__gt=now)
    said: set[UUID] = set()

    def again(alarm: Alarm, moment: datetime) -> bool:
        return _ring_again(alarm, moment, said)

    return _each(due, now, again)


def escalate(now: datetime) -> int:
    """Alarms that nobody acknowledged climb as many rungs of the ladder as are due; where nobody holds a post the next one is told at once."""
    ladders = timing.ladders(now)

    def climb(alarm: Alarm, moment: datetime) -> bool:
        return _climb(alarm, ladders.get(alarm.level, []), moment)

    return _each(Q(escalates_at__lte=now) & ~Q(shelved_until__gt=now), now, climb)


def _each(due: Q, now: datetime, do: Any) -> int:
    done = 0
    for pk in list(Alarm.objects.filter(due).order_by("level", "raised_at").values_list("pk", flat=True)[:MOST]):
        with transaction.atomic():
            alarm = Alarm.objects.select_for_update(skip_locked=True, of=("self",)).filter(due, pk=pk).first()
            if alarm is not None and do(alarm, now):
                done += 1
    return done


def _rings(alarm: Alarm, now: datetime) -> dict[str, Any]:
    """What changes when an alarm rings once more."""
    rung = timing.first_rungs(now).get(alarm.level) if alarm.told else None
    return {
        "rings": alarm.rings + 1,
        "rang_at": now,
        "escalation_step": 0,
        "escalates_at": now + rung if rung is not None else None,
    }


def _come_back(alarm: Alarm, now: datetime) -> bool:
    values: dict[str, Any] = {"shelved_until": None}
    waits = alarm.state in rules.UNACKNOWLEDGED_STATES
    if waits:
        values |= _rings(alarm, now)
    elif alarm.state == rules.ACKNOWLEDGED and alarm.handled_at is None:
        values["acknowledgement_until"] = now
    with change(ACTOR, "alarms.detect", now=now, record=alarm) as gathered:
        for name, value in values.items():
            setattr(alarm, name, value)
        alarm.save(update_fields=list(values))
        if waits:
            gathered.announce(naming.raised_event(alarm, now))
    return True


def _ring_again(alarm: Alarm, now: datetime, said: set[UUID]) -> bool:
    nobody = {"acknowledged_at": None, "acknowledged_by_id": None, "acknowledged_by_name": "", "acknowledgement_until": None}

    def rang(row: Alarm, _move: Move, _gathered: Change) -> AlarmRaised | None:
        silent = not row.told and row.group_key in said
        said.add(row.group_key)
        return None if silent else naming.raised_event(row, now)

    flows.advance(alarm, "expire", actor=ACTOR, now=now, fields=nobody | _rings(alarm, now), event=rang)
    return True


def _climb(alarm: Alarm, ladder: list[tuple[Step, Any]], now: datetime) -> bool:
    since = alarm.rang_at or alarm.received_at
    with change(ACTOR, "alarms.detect", now=now, record=alarm) as gathered:
        alarm.escalates_at = None
        if alarm.state in rules.UNACKNOWLEDGED_STATES:
            reached = True
            done = set(alarm.escalations.filter(ring=alarm.rings).values_list("step", flat=True))
            for rung, after in ladder:
                if rung.step in done:
                    continue
                if since + after > now and reached:
                    alarm.escalates_at = since + after
                    break
                reached = _tell(alarm, rung, now, gathered)
        alarm.save(update_fields=["escalates_at", "escalation_step"])
    return True


def _tell(alarm: Alarm, rung: Step, now: datetime, gathered: Change) -> bool:
    """Tell the holders of one rung's post and write it down. Whether anybody holds it."""
    place = _place(alarm, rung)
    holders = _holders(alarm, rung, place, now)
    EscalationRecord.objects.create(
        alarm=alarm,
        ring=alarm.rings,
        step=rung.step,
        side=rung.side,
        post_kind=rung.post_kind,
        place_code=place,
        at=now,
        told=[[str(holder.account_id), holder.name] for holder in holders],
    )
    alarm.escalation_step = rung.step
    minutes = int((now - (alarm.rang_at or alarm.received_at)).total_seconds() // 60)
    for holder in holders:
        notify(
            holder.account_id,
            event=AlarmEscalated.kind,
            once=f"alarms.escalated:{alarm.pk}:{alarm.rings}:{rung.step}",
            sentence=N_("报警升级：{title} 已 {minutes} 分钟无人确认，请立即处理。"),
            facts={"title": alarm.title, "minutes": minutes},
            url=reverse("alarms:detail", args=[alarm.pk]),
            tone=rules.LEVEL_COLOURS.get(alarm.level, "blue"),
            exercise=alarm.exercise,
            now=now,
        )
    gathered.announce(
        AlarmEscalated(
            **naming.common(alarm, now),
            title=alarm.title,
            level=alarm.level,
            step=rung.step,
            post_kind=rung.post_kind,
            names=tuple(holder.name for holder in holders),
        )
    )
    if not holders:
        log.warning("nobody holds the post an alarm climbed to", alarm=str(alarm.pk), post=rung.post_kind, place=place)
    return bool(holders)


def _place(alarm: Alarm, rung: Step) -> str:
    return code_of(alarm.place_code[: _DIGITS[rung.place_level]]) if rung.side == tables.BUREAU else ""


def _holders(alarm: Alarm, rung: Step, place: str, now: datetime) -> tuple[Holder, ...]:
    if rung.side == tables.ENTERPRISE:
        return people.holders_in_enterprise(rung.post_kind, alarm.enterprise_id, now=now)
    return people.holders_of(rung.post_kind, place, now=now)
