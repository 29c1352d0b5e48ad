"""What this room hears: a lesson whose day has passed. Runs in a transaction of its own and may run twice without harm."""

from __future__ import annotations

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.words import N_
from anlan.ledger.clocks import ClockMissed
from anlan.review.aftermath import queries
from anlan.review.aftermath.models import Lesson


def tell_late_lesson(event: ClockMissed) -> None:
    """The leaders of the place are told that a lesson was not carried out in time."""
    if event.subject_type != Lesson._meta.label_lower:
        return
    lesson = Lesson.objects.filter(pk=event.subject_id).first()
    if lesson is None:
        return
    for holder in people.holders_of("duty_leader", lesson.place_code[:6], now=event.at):
        notify(
            holder.account_id,
            event=event.kind,
            once=f"clocks.missed:{lesson.pk}",
            sentence=N_("改进事项“{problem}”到期未落实，责任人：{who}。"),
            facts={"problem": str(lesson), "who": lesson.owner_name},
            url=queries.address(lesson.review_id),
            tone="orange",
            exercise=lesson.exercise,
            now=event.at,
        )
