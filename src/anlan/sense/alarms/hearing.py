"""What this room hears of itself: a grave alarm rings at those who must take notice of it.

Hearers run in a transaction of their own and may run twice; a notification is told once for each alarm.
"""

from __future__ import annotations

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.words import N_
from anlan.sense.alarms import rules
from anlan.sense.alarms.door import AlarmRaised


def tell_watchers(event: AlarmRaised) -> None:
    """Duty officers of the county and the enterprise's own people are told of an alarm of level 1 or 2."""
    if event.level > rules.TOLD_LEVEL:
        return
    county = event.place_code[:6]
    told = {
        holder.account_id
        for kind in ("duty_officer", "enterprise_operator", "enterprise_manager")
        for holder in people.holders_of(kind, county, now=event.at)
        if holder.enterprise_id in (None, event.enterprise_id)
    }
    for account_id in told:
        notify(
            account_id,
            event=event.kind,
            once=f"alarms.raised:{event.subject_id}",
            sentence=N_("报警：{title}，请确认。"),
            facts={"title": event.title},
            url=reverse("alarms:detail", args=[event.subject_id]),
            tone=rules.LEVEL_COLOURS.get(event.level, "blue"),
            exercise=event.exercise,
            now=event.at,
        )
