"""Several reports of one event become one: proposed by likeness, merged by a person, split off again when it was a mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance
from anlan.ledger.models import Clock, ClockState
from anlan.ledger.sources import law_day
from anlan.report.filings import chain, door, queries, recording, refusals, rules, services, summaries
from anlan.report.filings.likeness import REASONS, Likeness, Told, likeness
from anlan.report.filings.models import Filing, FilingSource


@dataclass(frozen=True)
class Proposal:
    """A report that may be about the same event: how much speaks for it (0 to 110) and why, in the reader's language."""

    filing: Filing
    score: int
    reasons: tuple[str, ...]


def proposals(told: Told, actor: Actor, *, but: Filing | None = None, limit: int = 5) -> tuple[Proposal, ...]:
    """Open reports that may be about what is ``told``, the likeliest first, as far as ``actor`` may see them."""
    day = law_day(told.occurred_at)
    minutes, metres = queries.parameter("same_minutes", day), queries.parameter("same_metres", day)
    span = timedelta(minutes=minutes)
    rows = queries.open_filings(actor).filter(occurred_at__range=(told.occurred_at - span, told.occurred_at + span))
    if but is not None and but.pk is not None:
        rows = rows.exclude(pk=but.pk)
    found = []
    for row in rows[:500]:
        seen = likeness(told, told_by(row), within_minutes=minutes, within_m=metres)
        if seen.score >= queries.parameter("same_score", day):
            found.append(Proposal(row, seen.score, _worded(seen)))
    return tuple(sorted(found, key=lambda each: -each.score)[:limit])


def told_by(row: Filing) -> Told:
    """What a report says, as far as likeness needs it."""
    point = (row.longitude, row.latitude) if row.longitude is not None and row.latitude is not None else None
    words = f"{row.title} {row.location} {row.scene} {row.brief_course}"
    return Told(row.kind, row.place_code, row.occurred_at, row.enterprise_id, point, words, row.exercise)


def told_in(values: Mapping[str, Any], actor: Actor, now: datetime) -> Told:
    """What a form says so far."""
    longitude, latitude = values.get("longitude"), values.get("latitude")
    point = (longitude, latitude) if longitude is not None and latitude is not None else None
    words = " ".join(str(values.get(name) or "") for name in ("title", "location", "scene", "brief_course"))
    place, occurred = values.get("place_code") or actor.place_code, values.get("occurred_at") or now
    return Told(values.get("kind") or "", place, occurred, values.get("enterprise_id"), point, words, bool(values.get("exercise")))


def _worded(seen: Likeness) -> tuple[str, ...]:
    return tuple(_(REASONS[code]).format(**facts) for code, facts in seen.reasons)


def intake(
    values: Mapping[str, Any], *, actor: Actor, now: datetime, into: Filing | None = None, reason: str = ""
) -> tuple[Filing, tuple[Proposal, ...]]:
    """A report comes in, by whatever way: a draft of its own with what it may be a duplicate of, or at once part of ``into``.

    ``values`` as for ``services.create_filing`` (``source`` tells the way). Returns the report that goes on. Raises ``Invalid``, ``MergedIntoItself``.
    """
    with transaction.atomic():
        made = services.create_filing(values, actor=actor, now=now)
        if into is not None:
            return merge(made, into, reason or _("同一事件的另一来报"), actor=actor, now=now), ()
    return made, proposals(told_by(made), actor, but=made)


def merge(filing: Filing, into: Filing, reason: str, *, actor: Actor, now: datetime) -> Filing:
    """Make ``filing`` part of ``into``: who told of it is kept there, and clocks run from whoever knew first.

    Raises ``MergedIntoItself``, ``ExerciseAndReal``, ``NotPermitted`` at either, ``ReasonRequired``.
    """
    if into.pk == filing.pk or into.state in (rules.DRAFT, *rules.OVER):
        raise refusals.MergedIntoItself
    if into.exercise != filing.exercise:
        raise refusals.ExerciseAndReal

    def take(locked: Filing, _move: Move, gathered: Change) -> None:
        _keep_sources(locked, into, _known_earlier(locked, into))
        chain.cancel_all(locked)
        gathered.facts.update({"into": str(into.pk)})

    def event(locked: Filing, _move: Move, _gathered: Change) -> Event:
        return door.FilingClosed(**recording.about(locked, now), title=locked.title)

    with transaction.atomic(), change(actor, "filings.merge", now=now, record=into) as gathered:
        recording.lock(into)
        advance(filing, "merge", actor=actor, now=now, reason=reason, fields={"merged_into_id": into.pk}, after=take, event=event)
        into.known_at = min(into.known_at, filing.known_at)
        into.save(update_fields=["known_at"])
        gathered.facts.update({"merged": str(filing.pk), "reason": reason})
        gathered.announce(door.FilingChanged(**recording.about(into, now), title=into.title))
    filing.refresh_from_db()
    return into


def _keep_sources(filing: Filing, into: Filing, moved: Moved) -> None:
    own = FilingSource(
        source=filing.source,
        who=filing.enterprise.name if filing.source == rules.SOURCE_ENTERPRISE and filing.enterprise is not None else filing.reporter_name,
        phone=filing.reporter_phone,
        at=filing.known_at,
        text=f"{filing.title}\n{filing.scene}".strip(),
        moved=moved,
    )
    held = list(filing.sources.all())
    for row in (own, *held):
        kept = {name: getattr(row, name) for name in ("source", "who", "phone", "at", "text")} | {"moved": moved if row is own else {}}
        FilingSource.objects.create(filing=into, came_as=filing, **kept)


def _known_earlier(filing: Filing, into: Filing) -> Moved:
    """A duty that the merged report started earlier is owed from then: two callers do not make two hours of one. Returns what was moved, to move it
    back should it have been another event."""
    earlier = {row.rule_code: row for row in clocks.for_subject(filing).exclude(state=ClockState.CANCELLED)}
    moved: Moved = {}
    for clock in clocks.for_subject(into).filter(state=ClockState.RUNNING):
        other = earlier.get(clock.rule_code)
        if other is not None and other.since < clock.since and other.until < clock.until:
            Clock.objects.filter(pk=clock.pk).update(since=other.since, until=other.until)
            moved[str(clock.pk)] = [_words(clock.since, clock.until), _words(other.since, other.until)]
    if filing.known_at < into.known_at:
        moved[KNOWN] = [_words(into.known_at), _words(filing.known_at)]
    return moved


KNOWN = "known"
Moved = dict[str, list[list[str]]]
"""By clock (or :data:`KNOWN`): [since, until] before and after, as ISO 8601."""


def _words(*moments: datetime) -> list[str]:
    return [moment.astimezone(UTC).isoformat() for moment in moments]


def _known_later(filing: Filing, into: Filing) -> None:
    """What ran from earlier because of ``filing`` runs from its own moment again, unless another report holds it as early or earlier; done is done."""
    row = into.sources.filter(came_as=filing).exclude(moved={}).first()
    others = [other for other in into.sources.exclude(moved={}) if row is not None and other.pk != row.pk]
    for what, (before, after) in (row.moved if row is not None else {}).items():
        later = next((other for other in others if what in other.moved and other.moved[what][0] == after), None)
        if later is not None:
            # Another report moved it on from here: that one goes back to where it stood before this.
            later.moved[what][0] = before
            later.save(update_fields=["moved"])
        else:
            _move_back(into, what, before, after)


def _move_back(into: Filing, what: str, before: list[str], after: list[str]) -> None:
    moments = [datetime.fromisoformat(word) for word in before]
    if what == KNOWN:
        if _words(into.known_at) == after:
            into.known_at = moments[0]
            into.save(update_fields=["known_at"])
        return
    since, until = moments
    rows = Clock.objects.filter(pk=what, met_at__isnull=True, since=datetime.fromisoformat(after[0])).exclude(state=ClockState.CANCELLED)
    rows.update(since=since, until=until, state=ClockState.RUNNING)


def split(filing: Filing, reason: str, *, actor: Actor, now: datetime) -> Filing:
    """It was another event after all: back to a draft of its own; the other report loses who told of it, and what ran from earlier because of it
    and is not done runs from its own moment again. A mark that the earlier deadline raised stays, to be answered.

    Raises ``WrongState``, ``ReasonRequired``.
    """
    into = filing.merged_into

    def back(locked: Filing, _move: Move, gathered: Change) -> None:
        if into is not None:
            recording.lock_any(into)
            _known_later(locked, into)
        FilingSource.objects.filter(filing_id=locked.merged_into_id, came_as=locked).delete()
        gathered.facts["from"] = str(locked.merged_into_id)
        locked.merged_into = None
        locked.save(update_fields=["merged_into"])
        recording.owe_from_knowledge(locked, actor)

    def event(locked: Filing, _move: Move, _gathered: Change) -> Event:
        return door.FilingChanged(**recording.about(locked, now), title=locked.title)

    found = advance(filing, "split", actor=actor, now=now, reason=reason, after=back, event=event)
    if into is not None:
        with change(actor, "filings.merge", now=now, record=into) as gathered:
            gathered.facts["split"] = str(filing.pk)
            gathered.announce(door.FilingChanged(**recording.about(into, now), title=into.title))
    return found


def shown(found: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Proposals for a page."""
    return [
        {
            "filing": each.filing,
            "score": each.score,
            "reasons": each.reasons,
            "address": summaries.address(each.filing.pk),
            "level": summaries.level_label(each.filing),
        }
        for each in found
    ]
