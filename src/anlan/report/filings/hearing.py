"""What this room hears: who is told that a report waits for a signature, or that a deadline was missed.

Hearers run in a transaction of their own and may run twice; a notification is told once for each occasion.
"""

from __future__ import annotations

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.levels import Level, code_of
from anlan.kernel.words import N_
from anlan.ledger.clocks import ClockMissed
from anlan.report.filings import summaries
from anlan.report.filings.door import FilingReportedUp, FilingSubmitted
from anlan.report.filings.models import Filing

_DIGITS = {Level.NATION: 0, Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6}
_TONES = {"red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"}


def tell_receiver(event: FilingSubmitted | FilingReportedUp) -> None:
    """Officers of the bureau for which a report waits are told to sign for it."""
    filing = Filing.objects.filter(pk=event.subject_id).first()
    if filing is None:
        return
    for step in filing.steps.filter(received_at__isnull=True):
        place = code_of(filing.place_code[: _DIGITS[Level(step.receiver_level)]])
        for holder in people.holders_of("duty_officer", place, now=event.at):
            notify(
                holder.account_id,
                event=event.kind,
                once=f"filings.waiting:{step.pk}",
                sentence=N_("{sender}报送“{title}”，请签收。"),
                facts={"sender": step.sender_name, "title": filing.title},
                url=summaries.address(filing.pk),
                tone=_TONES.get(summaries.level_colour(filing.reporting_code), "blue"),
                exercise=filing.exercise,
                now=event.at,
            )


def tell_missed(event: ClockMissed) -> None:
    """A reporting deadline passed: officers and leaders of the place that owes it are told."""
    if event.subject_type != Filing._meta.label_lower:
        return
    filing = Filing.objects.filter(pk=event.subject_id).first()
    if filing is None:
        return
    level = Level(filing.holder_level if filing.holder_level is not None else Level.COUNTY)
    place = code_of(filing.place_code[: _DIGITS[level]])
    for kind in ("duty_officer", "duty_leader"):
        for holder in people.holders_of(kind, place, now=event.at):
            notify(
                holder.account_id,
                event=event.kind,
                once=f"clocks.missed:{filing.pk}:{event.label}",
                sentence=N_("“{title}”：{label}已超时，责任单位 {owed_by}。"),
                facts={"title": filing.title, "label": event.label, "owed_by": event.owed_by},
                url=summaries.address(filing.pk),
                tone="red",
                exercise=filing.exercise,
                now=event.at,
            )
