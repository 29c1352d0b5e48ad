"""Calls 电话接报: each answer is kept as it is typed; a call ends as a report, as part of one, or as a line of the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.duty import door, questions, ringing, rules, services
from anlan.command.duty.models import Call
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings

KEPT = {"event_kind": 32, "event_place": 9, "caller": 120, "phone": 40}
"""Columns that are kept as they are typed, with their longest; any other name is that of a question."""
LONGEST_ANSWER = 2000


def begin(*, actor: Actor, now: datetime, exercise: bool = False) -> Call:
    """The telephone rings and somebody answers: from now on the bureau knows."""
    with change(actor, "duty.log", now=now, place_code=actor.place_code) as gathered:
        call = Call.objects.create(
            state=rules.ANSWERING,
            opened_at=now,
            place_code=actor.place_code,
            event_place=actor.place_code,
            answered_by_id=actor.account_id,
            answered_by_name=actor.name,
            exercise=exercise,
        )
        gathered.subject = call
        open_case(call, actor=actor, now=now)
        gathered.announce(_event(call, now))
        ringing.ring(
            "call",
            call.pk,
            occasion=f"call:{call.pk}",
            title=_("{name}接听的来电").format(name=actor.name),
            url=reverse("duty:call", args=[call.pk]),
            place_code=call.place_code,
            since=now,
            exercise=exercise,
        )
    return call


def _event(call: Call, now: datetime) -> door.CallChanged:
    return door.CallChanged(subject_id=call.pk, place_code=call.place_code, at=now, exercise=call.exercise, state=call.state)


def keep(call: Call, said: dict[str, str], *, actor: Actor, now: datetime) -> Call:
    """Keep what was typed so far; names that no question has are left out. Raises ``CallOver``."""
    with change(actor, "duty.log", now=now, record=call):
        locked = Call.objects.select_for_update().get(pk=call.pk)
        if locked.is_closed:
            raise rules.CallOver
        call.answers = locked.answers
        for name in KEPT.keys() - said.keys():
            setattr(call, name, getattr(locked, name))
        for name, longest in KEPT.items():
            if name in said:
                setattr(call, name, said[name].strip()[:longest] or (call.place_code if name == "event_place" else ""))
        known = {each.code for each in asked(call)}
        call.answers |= {name: text.strip()[:LONGEST_ANSWER] for name, text in said.items() if name in known}
        call.save(update_fields=[*KEPT, "answers"])
    return call


def asked(call: Call) -> list[questions.Question]:
    """What this caller is asked."""
    return questions.questions(call.event_kind, law_day(call.opened_at))


def report_of(call: Call) -> dict[str, Any]:
    """The call as a report: what was answered, known since the telephone rang."""
    values = questions.report_of(asked(call), call.answers, began=call.opened_at, english=get_language() == "en")
    where = values["location"] or _("地点待核")
    return {
        **values,
        "kind": call.event_kind,
        "title": f"{where}{filings.kind_name(call.event_kind)}"[:120],
        "place_code": call.event_place,
        "known_at": call.opened_at,
        "source": "phone",
        "exercise": call.exercise,
        "reporter_phone": call.phone[:32],
    }


def alike(call: Call, actor: Actor, now: datetime) -> tuple[filings.Alike, ...]:
    """Reports that may be about the same event as this call, the likeliest first; none before kind or place is known."""
    if not call.event_kind and not call.answers.get("place"):
        return ()
    return filings.alike(report_of(call), actor, now)


def file(call: Call, *, actor: Actor, now: datetime, into: UUID | None = None) -> UUID:
    """Make a draft report of the call, or make it part of a report that another caller began; returns the report that goes on.

    Raises ``CallWithoutPlace``, ``CallOver`` and what a report refuses.
    """
    if call.is_closed:
        raise rules.CallOver
    if not call.event_kind or not call.answers.get("place", "").strip():
        raise rules.CallWithoutPlace
    filing_id: list[UUID] = []

    def write(locked: Call, _move: Move, gathered: Change) -> None:
        # A draft cannot take in another report yet; the call is told in it by the log alone.
        draft = into is not None and filings.filing(into, actor).state == "draft"
        found = into if draft and into is not None else filings.intake(report_of(locked), actor=actor, now=now, into=into).filing_id
        locked.filing_id = found
        locked.save(update_fields=["filing_id"])
        filing_id.append(found)
        gathered.facts["filing"] = str(found)

    _finish(call, "join" if into is not None else "file", write, actor=actor, now=now)
    return filing_id[0]


def note(call: Call, *, actor: Actor, now: datetime) -> Call:
    """No event to report: a line of the log is all."""
    return _finish(call, "note", None, actor=actor, now=now)


def end(call: Call, reason: str, *, actor: Actor, now: datetime) -> Call:
    """A wrong number or a prank; kept with its reason."""
    return _finish(call, "end", None, actor=actor, now=now, reason=reason)


def _finish(call: Call, move: str, write: Any, *, actor: Actor, now: datetime, reason: str = "") -> Call:
    def event(locked: Call, _move: Move, _gathered: Change) -> Event:
        return _event(locked, now)

    def after(locked: Call, moved: Move, gathered: Change) -> None:
        if write is not None:
            write(locked, moved, gathered)
        caller = " ".join(part for part in (locked.caller, locked.phone) if part)
        services.append_log(
            told(locked, reason),
            kind="call",
            caller=caller[:120],
            exercise=locked.exercise,
            subject=("duty.call", locked.pk),
            actor=actor,
            now=now,
        )
        ringing.settle(locked.pk, actor.name, now, kind="call")

    return advance(call, move, actor=actor, now=now, reason=reason, event=event, after=after)


def told(call: Call, reason: str = "") -> str:
    """The call in lines for the log: each question that was answered, with its answer."""
    lines = [
        f"{each.question_en if get_language() == 'en' else each.question_zh}{call.answers[each.code]}"
        for each in asked(call)
        if call.answers.get(each.code)
    ]
    head = filings.kind_name(call.event_kind) if call.event_kind else _("来电")
    return "\n".join([f"{head}{'：' + reason if reason else ''}", *lines])
