"""What this room hears of itself: a grave alarm rings at those who must take notice of it.

Hearers run in a transaction of their own and may run twice; a notification is told once for each time an alarm rings.
"""

from __future__ import annotations

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.words import N_
from anlan.sense.alarms import rules
from anlan.sense.alarms.door import AlarmRaised

_OF_ENTERPRISE = ("enterprise_operator", "enterprise_manager")


def tell_watchers(event: AlarmRaised) -> None:
    """Duty officers of the county and the enterprise's own people are told of an alarm of level 1 or 2, not of each one that it explains."""
    if event.level > rules.TOLD_LEVEL or not event.told:
        return
    holders = list(people.holders_of("duty_officer", event.place_code[:6], now=event.at))
    if event.enterprise_id is not None:
        for kind in _OF_ENTERPRISE:
            holders += people.holders_in_enterprise(kind, event.enterprise_id, now=event.at)
    sentence = N_("再次报警：{title}，确认后未见处置，请立即处理。") if event.again else N_("报警：{title}，请确认。")
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=f"alarms.raised:{event.subject_id}:{event.again}",
            sentence=sentence,
            facts={"title": event.title},
            url=reverse("alarms:detail", args=[event.subject_id]),
            tone=rules.LEVEL_COLOURS.get(event.level, "blue"),
            exercise=event.exercise,
            now=event.at,
        )
