"""Verbs of looking back: open a review, write it, pass it; note a lesson, do it, verify it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.incidents import door as incidents
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import CHINA, law_day
from anlan.review.aftermath import door, queries, rules
from anlan.review.aftermath.models import Lesson, Review


def open_review(incident_id: UUID, *, actor: Actor, now: datetime) -> Review:
    """Begin the review of an incident. Raises ``NotFound``, ``NotPermitted``, ``ReviewExists``."""
    incident = incidents.incident(incident_id, actor)
    held = queries.of_incident(incident.id, None)
    if held is not None:
        raise rules.ReviewExists(title=held.title)
    row = Review(
        state=rules.DRAFT,
        opened_at=now,
        exercise=incident.exercise,
        place_code=incident.place_code,
        classification=incident.classification,
        incident_id=incident.id,
        kind=incident.kind,
        title=_("{title}：复盘评估").format(title=incident.title)[:140],
        happened_at=incident.occurred_at,
        written_by_name=actor.name,
    )
    with change(actor, "aftermath.write", now=now, place_code=row.place_code) as gathered:
        row.save(force_insert=True)
        gathered.subject = row
        open_case(row, actor=actor, now=now)
        gathered.announce(door.ReviewChanged(**_about(row, now)))
    return row


def write(row: Review, values: Mapping[str, str], *, actor: Actor, now: datetime) -> Review:
    """Write what was achieved and what failed. Raises ``ReviewClosed``."""
    if row.is_closed:
        raise rules.ReviewClosed
    with change(actor, "aftermath.write", now=now, record=row) as gathered:
        for name in ("achieved", "failed"):
            if name in values:
                setattr(row, name, values[name].strip())
        row.save(update_fields=["achieved", "failed"])
        gathered.announce(door.ReviewChanged(**_about(row, now)))
    return row


def submit(row: Review, *, actor: Actor, now: datetime) -> Review:
    """Hand a review in. Raises ``IncidentStillOpen`` while the response runs, ``MissingFields``."""
    incident = incidents.incident(row.incident_id, actor)
    if incident.response_level:
        raise rules.IncidentStillOpen(title=incident.title)
    fields = {"submitted_by_id": actor.account_id, "submitted_by_name": actor.name}
    return advance(row, "submit", actor=actor, now=now, fields=fields, event=_changed(now))


def send_back(row: Review, reason: str, *, actor: Actor, now: datetime) -> Review:
    """Return a review to whoever writes it."""
    return advance(row, "return", actor=actor, now=now, reason=reason, event=_changed(now))


def issue(row: Review, *, actor: Actor, now: datetime) -> Review:
    """Pass a review; its figures are kept as they are now. Raises ``FourEyes`` for the one who handed it in."""
    kept = queries.figures(row, queries.lines(row, actor, now))

    def event(locked: Review, _move: Move, _gathered: Change) -> Event:
        return door.ReviewIssued(**_about(locked, now))

    return advance(
        row, "issue", actor=actor, now=now, fields={"issued_at": now, "issued_by_name": actor.name, "figures": kept}, event=event
    )


def drop(row: Review, reason: str, *, actor: Actor, now: datetime) -> Review:
    """Give a review up; another may be begun."""
    return advance(row, "drop", actor=actor, now=now, reason=reason)


# --- lessons ---------------------------------------------------------------------------------------------------------------------


def note_lesson(row: Review, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Lesson:
    """Note a lesson: ``area``, ``problem``, ``measure``, ``owner_name``, ``organisation_id``, ``due`` (date). Its clock runs until it is done.

    Raises ``BadLesson``, ``ReviewClosed`` when the review was dropped. A lesson may be added to an issued review.
    """
    told = {name: str(values.get(name) or "").strip() for name in ("area", "problem", "measure", "owner_name")}
    due = values.get("due")
    if row.state == rules.DROPPED:
        raise rules.ReviewClosed
    if not all(told.values()) or told["area"] not in rules.areas(law_day(now)) or due is None or due <= law_day(now):
        raise rules.BadLesson
    with change(actor, "aftermath.write", now=now, record=row) as gathered:
        made = Lesson.objects.create(
            review=row,
            state=rules.OPEN,
            opened_at=now,
            exercise=row.exercise,
            place_code=row.place_code,
            classification=row.classification,
            number=row.lessons.count() + 1,
            organisation_id=values.get("organisation_id") or None,
            due=due,
            **told,
        )
        open_case(made, actor=actor, now=now)
        _start_clock(made, now)
        gathered.facts.update({"lesson": str(made.pk), "due": due.isoformat()})
        gathered.announce(door.ReviewChanged(**_about(row, now)))
    return made


def _start_clock(lesson: Lesson, now: datetime) -> None:
    """Until the end of its day in China."""
    until = datetime.combine(lesson.due, time(23, 59, 59), CHINA)
    rule = clocks.ClockRule(rules.LESSON_CLOCK, N_("改进事项到期"), rules.GROUNDS, "unverified")
    clocks.start(lesson, rule, since=now, until=until, owed_by=lesson.owner_name)


def finish(lesson: Lesson, outcome: str, *, actor: Actor, now: datetime) -> Lesson:
    """A lesson is done. Raises ``MissingFields`` without what was done."""
    fields = {"outcome": outcome.strip(), "done_by_id": actor.account_id, "done_by_name": actor.name}
    return advance(lesson, "finish", actor=actor, now=now, fields=fields, event=_lesson_changed(now))


def verify(lesson: Lesson, *, actor: Actor, now: datetime) -> Lesson:
    """Somebody else has seen that it is so. Raises ``FourEyes``."""
    return advance(lesson, "verify", actor=actor, now=now, fields={"verified_by_name": actor.name}, event=_lesson_changed(now))


def reopen(lesson: Lesson, reason: str, *, actor: Actor, now: datetime) -> Lesson:
    """It is not so: back to its owner, the clock runs again to the same day."""

    def again(locked: Lesson, _move: Move, _gathered: Change) -> None:
        _start_clock(locked, now)

    return advance(lesson, "reopen", actor=actor, now=now, reason=reason, after=again, event=_lesson_changed(now))


def strike(lesson: Lesson, reason: str, *, actor: Actor, now: datetime) -> Lesson:
    """Give a lesson up, with the reason."""

    def stop(locked: Lesson, _move: Move, _gathered: Change) -> None:
        clocks.cancel(locked, rules.LESSON_CLOCK)

    return advance(lesson, "strike", actor=actor, now=now, reason=reason, after=stop)


def _about(row: Review, now: datetime) -> dict[str, Any]:
    return {"subject_id": row.pk, "place_code": row.place_code, "at": now, "exercise": row.exercise, "title": row.title}


def _changed(now: datetime) -> Any:
    return lambda locked, _move, _gathered: door.ReviewChanged(**_about(locked, now))


def _lesson_changed(now: datetime) -> Any:
    return lambda locked, _move, _gathered: door.ReviewChanged(**_about(locked.review, now))
