"""What this room hears and tells people: changes of their shifts, turns that nobody takes, swaps, and what rings on the desk.

Hearers run in a transaction of their own and may run twice; a notification is told once for each occasion.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from anlan.command.duty import door, faults, ringing, rules
from anlan.command.duty.models import Ring, Swap
from anlan.desk.notifications import notify
from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.levels import Level, code_at, parent_code
from anlan.kernel.words import N_
from anlan.ledger.clocks import ClockMissed
from anlan.ledger.models import Clock, ClockState
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms


def tell_changed(event: door.ShiftsChanged) -> None:
    """Whoever gained or lost a future shift is told."""
    notify(
        UUID(event.account_id),
        event=event.kind,
        once=f"duty.shifts:{event.subject_id}:{event.at.isoformat()}",
        sentence=N_("您的值班安排有变化：新增 {added} 班，取消 {removed} 班。下一班：{next}。"),
        facts={"added": event.added, "removed": event.removed, "next": _moment(event.next_at)},
        url=reverse("duty:mine"),
        now=event.at,
    )


def _moment(iso: str) -> str:
    return rules.moment_words(datetime.fromisoformat(iso)) if iso else "—"


def tell_gaps(event: door.RotaPublished) -> None:
    """Whoever plans at the place is told of turns that nobody takes."""
    if not event.gaps:
        return
    for holder in people.holders_of("duty_leader", event.place_code, now=event.at):
        notify(
            holder.account_id,
            event=event.kind,
            once=f"duty.gaps:{event.subject_id}:{event.at.isoformat()}",
            sentence=N_("值班表“{name}”有 {gaps} 个班次无人值守，最早 {first}，请安排人员。"),
            facts={"name": event.name, "gaps": event.gaps, "first": _moment(event.first_gap)},
            url=reverse("duty:rota", args=[event.subject_id]),
            tone="red",
            now=event.at,
        )


_SWAP_SENTENCES = {
    rules.ASKED: N_("{by}请您换班：{shift}。"),
    rules.AGREED: N_("{by}与{of}的换班待审批：{shift}。"),
    rules.APPLIED: N_("换班已批准：{by}的班次 {shift} 由{of}值守。"),
    rules.DECLINED: N_("{of}未同意换班：{shift}。"),
    rules.REFUSED: N_("换班未获批准：{shift}。"),
    rules.WITHDRAWN: N_("{by}已撤回换班申请：{shift}。"),
    rules.VOID: N_("换班申请已失效：{shift}，值班表已调整。"),
}


def tell_swap(event: door.SwapChanged) -> None:
    """Whoever must answer or decide, and whom the answer concerns."""
    swap = Swap.objects.filter(pk=event.subject_id).first()
    if swap is None:
        return
    planners = {each.account_id for each in people.holders_of("duty_leader", swap.place_code, now=event.at)}
    whom = {
        rules.ASKED: {swap.asked_of_id},
        rules.AGREED: planners - {swap.asked_by_id, swap.asked_of_id},
        rules.DECLINED: {swap.asked_by_id},
        rules.WITHDRAWN: {swap.asked_of_id},
    }.get(event.state, {swap.asked_by_id, swap.asked_of_id})
    for account_id in whom:
        notify(
            account_id,
            event=event.kind,
            once=f"duty.swap:{swap.pk}:{event.state}",
            sentence=_SWAP_SENTENCES[event.state],
            facts={"by": swap.asked_by_name, "of": swap.asked_of_name, "shift": swap.title},
            url=reverse("duty:swap", args=[swap.pk]),
            now=event.at,
        )


def ring_filing(event: filings.FilingSubmitted | filings.FilingReportedUp) -> None:
    """A report that waits for a signature rings at the bureau that must sign for it."""
    level = Level(event.to_level) if isinstance(event, filings.FilingReportedUp) else Level.COUNTY
    # On its way there, or signed for before this was heard: whoever takes a call has signed at once.
    if not filings.waits_for(event.subject_id, level):
        return
    place = code_at(level, event.place_code)
    ringing.ring(
        "filing",
        event.subject_id,
        occasion=f"filing:{event.subject_id}:{place}:{event.at.isoformat()}",
        title=event.title,
        url=filings.filing(event.subject_id, None).address,
        place_code=place,
        since=event.at,
        exercise=event.exercise,
    )


def hush_filing(event: filings.FilingReceived | filings.FilingClosed) -> None:
    """Signed for by a bureau, or closed: it rings there no more."""
    place = code_at(Level(event.level), event.place_code) if isinstance(event, filings.FilingReceived) else ""
    ringing.settle(event.subject_id, "", event.at, kind="filing", place_code=place)


def ring_clock(event: ClockMissed) -> None:
    """A reporting deadline that passed rings at the bureau that owes it."""
    missed = Clock.objects.filter(subject_id=event.subject_id, label=event.label, state=ClockState.MISSED, met_at__isnull=True).first()
    if missed is None or not event.subject_type.startswith("filings."):
        return
    unit = organisations.organisation(missed.owed_by_organisation_id) if missed.owed_by_organisation_id is not None else None
    filing = filings.filing(event.subject_id, None)
    ringing.ring(
        "clock",
        event.subject_id,
        occasion=f"clock:{missed.pk}",
        title=f"{event.label}：{filing.title}",
        url=filing.address,
        place_code=unit.place_code if unit is not None else event.place_code[:6],
        since=event.at,
        exercise=event.exercise,
    )


def ring_alarm(event: alarms.AlarmEscalated) -> None:
    """An alarm for which the room of alarms found nobody on a bureau's post rings on the desk of the county."""
    if event.names or not event.post_kind.startswith("duty_"):
        return
    ringing.ring(
        "alarm",
        event.subject_id,
        occasion=f"alarm:{event.subject_id}",
        title=event.title,
        url=reverse("alarms:detail", args=[event.subject_id]),
        place_code=event.place_code[:6],
        since=event.at,
        exercise=event.exercise,
    )


def hush_alarm(event: alarms.AlarmAcknowledged) -> None:
    """An alarm that somebody acknowledged rings no more."""
    ringing.settle(event.subject_id, event.by_name, event.at, kind="alarm")


def tell_ring(event: door.RingWentOn) -> None:
    """Whoever is next in turn is told that nobody answered."""
    row = Ring.objects.filter(pk=event.subject_id).first()
    if row is None:
        return
    for account_id in event.accounts:
        notify(
            UUID(account_id),
            event=event.kind,
            once=f"duty.ring:{row.pk}:{event.whom}",
            sentence=N_("{place}值班台无人应答：{title}，请立即处理。")
            if event.whom == "upper"
            else N_("值班台待应答：{title}，请立即处理。"),
            facts={"title": row.title, "place": places.place_name(row.place_code)},
            url=row.url,
            tone="red",
            exercise=row.exercise,
            now=event.at,
        )


_FAULT_SENTENCES = {
    "handover": N_("班次结束未交接班：{detail}。"),
    "gap": N_("现在岗位无人值守，请立即安排。"),
    "unanswered": N_("值班事项未及时应答：{detail}。"),
}


def tell_fault(event: door.FaultFound) -> None:
    """Leaders of the place learn of a fault of duty."""
    for account_id in faults.planners(event.place_code, event.at):
        notify(
            account_id,
            event=event.kind,
            once=f"duty.fault:{event.subject_id}",
            sentence=_FAULT_SENTENCES[event.fault],
            facts={"detail": event.detail},
            url=reverse("desk:duty-faults-list"),
            tone="orange",
            exercise=event.exercise,
            now=event.at,
        )


def tell_issued(event: door.ReportIssued) -> None:
    """Officers of the bureau above learn that a daily report or brief came up."""
    above = parent_code(event.place_code)
    for holder in people.holders_of("duty_officer", above, now=event.at) if above is not None else ():
        notify(
            holder.account_id,
            event=event.kind,
            once=f"duty.report:{event.subject_id}",
            sentence=N_("{place}报来：{title}。"),
            facts={"title": event.title, "place": places.place_name(event.place_code)},
            url=reverse("duty:report", args=[event.subject_id]),
            exercise=event.exercise,
            now=event.at,
        )
