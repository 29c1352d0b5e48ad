"""What this room hears: who is told that a report waits for a signature, or that a deadline was missed.

Hearers run in a transaction of their own and may run twice; a notification is told once for each occasion.
"""

from __future__ import annotations

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.levels import Level, code_at
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.clocks import ClockMissed
from anlan.report.filings import recording, summaries
from anlan.report.filings.door import FilingInstructed, FilingReportedUp, FilingSubmitted
from anlan.report.filings.models import Filing

_TONES = {"red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"}


def tell_receiver(event: FilingSubmitted | FilingReportedUp) -> None:
    """Officers of the bureau for which a report waits are told to sign for it."""
    filing = Filing.objects.filter(pk=event.subject_id).first()
    if filing is None:
        return
    for step in filing.steps.filter(received_at__isnull=True, delivered_at__isnull=False):
        place = code_at(Level(step.receiver_level), filing.place_code)
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
    clock = clocks.for_subject(filing).filter(label=event.label, owed_by=event.owed_by).order_by("-until").first()
    owed = recording.level_of(clock) if clock is not None else None
    # A unit's duty rings at the county, which has to see to it.
    level = Level(owed) if owed is not None else Level.COUNTY
    place = code_at(level, filing.place_code)
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


def tell_instructed(event: FilingInstructed) -> None:
    """Officers of the level that is to carry out an instruction are told of it, once."""
    filing = Filing.objects.filter(pk=event.subject_id).first()
    if filing is None:
        return
    for row in filing.instructions.filter(done_at__isnull=True):
        level = Level(
            row.to_level if row.to_level is not None else filing.holder_level if filing.holder_level is not None else Level.COUNTY
        )
        for holder in people.holders_of("duty_officer", code_at(level, filing.place_code), now=event.at):
            notify(
                holder.account_id,
                event=event.kind,
                once=f"filings.instructed:{row.pk}:{row.returned[:20]}",
                sentence=N_("{who}对“{title}”作出批示，请办理：{text}"),
                facts={"who": row.given_by, "title": filing.title, "text": row.text[:80]},
                url=summaries.address(filing.pk),
                tone="orange",
                exercise=filing.exercise,
                now=event.at,
            )
