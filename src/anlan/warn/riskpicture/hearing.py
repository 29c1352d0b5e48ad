"""What this room hears: whatever changes a factor marks its enterprise to be graded again; a grade that got worse rings at the duty post.

Hearers run in a transaction of their own and may run twice: a mark made twice is one mark, a notification names its occasion.
"""

from __future__ import annotations

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.words import N_
from anlan.prevent.dangers import door as dangers
from anlan.sense.alarms import door as alarms
from anlan.warn.hazards import door as hazards
from anlan.warn.riskpicture import door, queries, rules, running, waiting


def hear_alarm(event: Event) -> None:
    """An alarm rang, was acknowledged, cleared or closed: its enterprise and its hazard source are graded again. Alarms of exercises weigh nothing."""
    if event.exercise:
        return
    try:
        alarm = alarms.alarm(event.subject_id)
    except NotFound:
        return
    waiting.note(rules.ENTERPRISE, [alarm.enterprise_id], now=event.at)
    if alarm.risk_source_id is not None:
        waiting.note(rules.SOURCE, [alarm.risk_source_id], now=event.at)


def hear_enterprise(event: Event) -> None:
    """Something of an enterprise changed that may be a factor of its grade."""
    if event.enterprise_id is not None and not event.exercise:
        waiting.note(rules.ENTERPRISE, [event.enterprise_id], now=event.at)


def hear_file(event: Event) -> None:
    """An enterprise came into the file, or its file changed: what is no longer in operation loses its grade."""
    waiting.note(rules.ENTERPRISE, [event.subject_id], now=event.at)


def hear_source(event: Event) -> None:
    """A hazard source came, changed or went."""
    waiting.note(rules.SOURCE, [event.subject_id], now=event.at)
    hear_enterprise(event)


def hear_grid(event: hazards.GridReckoned) -> None:
    """The level of natural hazards changed in these counties: what lies there is graded again."""
    waiting.note_places(event.counties, now=event.at)


def hear_dangers_imported(event: Event) -> None:
    """A list of dangers was taken over: every enterprise that has open ones is graded again."""
    waiting.note(rules.ENTERPRISE, [each.enterprise_id for each in dangers.counts_at(event.at)], now=event.at)


def hear_enterprises_imported(event: Event) -> None:
    """A list of enterprises was taken over: those without a grade are graded."""
    running.newcomers(event.at)


def tell_worse(event: door.GradeChanged) -> None:
    """Duty officers of the county and the safety managers are told when an enterprise becomes orange or red; better news wait on the page."""
    if event.subject_kind != rules.ENTERPRISE or not event.worsened or event.after > rules.ORANGE or event.enterprise_id is None:
        return
    holders = list(people.holders_of("duty_officer", event.place_code[:6], now=event.at))
    holders += people.holders_in_enterprise("enterprise_manager", event.enterprise_id, now=event.at)
    sentence = (
        N_("{title}风险升为红色，主要原因：{why}。请立即核实处置。")
        if event.after == rules.RED
        else N_("{title}风险升为橙色，主要原因：{why}。请核实处置。")
    )
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}:{event.after}:{event.at:%Y%m%d%H%M%S%f}",
            sentence=sentence,
            facts={"title": event.title, "why": queries.factor_names(event.reasons) or "—"},
            url=reverse("riskpicture:card", args=[event.enterprise_id]),
            tone=rules.TONES[event.after],
            exercise=event.exercise,
            now=event.at,
        )
