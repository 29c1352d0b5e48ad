"""One receiver, way after way: the page, a text, a call, a letter, until he confirms or no way is left. Runs inside the caller's change."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.command.contact import conference, door, queries, resolving, rules
from anlan.command.contact.models import Attempt, Line, Notice
from anlan.command.contact.rules import Reachable
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.access import Classification, system_actor
from anlan.kernel.events import Event
from anlan.kernel.words import N_
from anlan.ledger.changes import Change
from anlan.ledger.sources import law_day
from anlan.warn.channels import door as channels

KEEPER = system_actor("contact")
SOURCE = "contact"
_LEVELS = {"sms": "blue", "email": "blue", "voice": "orange"}
"""Of the channels' ladders the one that knows the way. No colour is meant: a notice is no warning."""
LASTING = timedelta(hours=12)
"""How long a carrier may still hand a notice over. Project default."""


def about(row: Notice, now: datetime) -> dict[str, Any]:
    """What every event of a notice carries."""
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "classification": Classification(row.classification),
        "at": now,
        "exercise": row.exercise,
        "title": row.title,
    }


def fill(line: Line, person: Reachable, wanted: list[str]) -> None:
    """Who is behind a line now. Not saved."""
    line.name, line.post, line.phone, line.email = person.name[:120], person.post[:120], person.phone[:60], person.email
    line.account_id, line.organisation_id, line.enterprise_id = person.account_id, person.organisation_id, person.enterprise_id
    line.ways = list(person.ways(wanted))
    if person.nobody and (not line.ways or line.notice.kind == rules.ROLL):
        line.state = rules.NOBODY
    elif not line.ways:
        line.state = rules.NO_WAY
    else:
        line.state = rules.WAITING


def press(line: Line, now: datetime, gathered: Change) -> None:
    """Take the next step with one receiver: resolve a post that is called now, try the next way, or give up and tell whoever must know."""
    row = line.notice
    if row.kind == rules.ROLL and line.state == rules.WAITING:
        _who_is_there(line, row, now)
    line.next_at = None
    if line.state in (rules.NOBODY, rules.NO_WAY):
        line.called_at = line.called_at or now
        _give_up(line, row, now, gathered)
    elif line.state in rules.UNSETTLED:
        _try(line, row, now, gathered)
    line.updated_at = now
    line.save()


def _who_is_there(line: Line, row: Notice, now: datetime) -> None:
    kind, place_code = rules.parse_key(line.key)
    found = resolving.on_duty(place_code, now) if kind == "duty" else list(resolving.of_key(line.key, now))
    if found:
        fill(line, found[0], row.channels)


def _try(line: Line, row: Notice, now: datetime, gathered: Change) -> None:
    left = line.ways[line.step :]
    if not left:
        line.state = rules.SILENT
        _give_up(line, row, now, gathered)
        return
    chosen = left if row.together else left[:1]
    line.step += len(chosen)
    line.state, line.called_at = rules.TELLING, line.called_at or now
    for channel in chosen:
        attempt(line, row, channel, now)
    waits = line.step < len(line.ways) or row.ask_receipt
    if waits:
        last = line.step >= len(line.ways) and row.kind == rules.ROLL
        line.next_at = now + (rules.minutes("roll_leader_minutes", law_day(now)) if last else timedelta(minutes=row.step_minutes))


def attempt(line: Line, row: Notice, channel: str, now: datetime) -> Attempt:
    """Try one way. What becomes of it comes back from the channels by ``channels.settled``; the page is there at once."""
    made = Attempt.objects.create(line=line, channel=channel, at=now)
    if channel == "page":
        made.state, made.heard_at = "delivered", now
        made.save(update_fields=["state", "heard_at"])
        _show(line, row, made, now)
        heard(line, "page", now, asks=row.ask_receipt)
    else:
        _send(line, row, made, now)
    return made


def heard(line: Line, channel: str, now: datetime, *, asks: bool) -> None:
    """It arrived: who need not confirm is told, who must is waited for. Not saved."""
    if line.told_at is None:
        line.told_at, line.told_by = now, channel
    if not asks and line.state in (*rules.UNSETTLED, rules.SILENT):
        line.state, line.next_at = rules.TOLD, None


def _show(line: Line, row: Notice, made: Attempt, now: datetime) -> None:
    accounts = [line.account_id] if line.account_id else []
    if line.key.startswith("duty:") and row.kind == rules.ROLL:
        accounts = [each.account_id for each in resolving.on_duty(line.place_code, now) if each.account_id]
    elif line.organisation_id and not accounts:
        accounts = [each.account_id for each in people.holders_of("duty_officer", line.place_code, now=now)]
    sentence = N_("值守点名：{title}。请立即应答。") if row.kind == rules.ROLL else N_("收到通知：{title}。请签收。")
    for account_id in accounts:
        notify(
            account_id,
            event="contact.changed",
            once=f"contact:{made.pk}",
            sentence=sentence,
            facts={"title": row.title},
            url=queries.receive_address(line.pk),
            tone="orange" if row.kind == rules.ROLL else "blue",
            exercise=row.exercise,
            now=now,
        )


def _send(line: Line, row: Notice, made: Attempt, now: datetime) -> None:
    words = texts(row, line)
    channels.send(
        channels.Saying(
            once=f"{SOURCE}:{made.pk}",
            source_kind=SOURCE,
            source_id=row.pk,
            place_code=row.place_code,
            title=row.title,
            texts={"zh": words},
            expires=now + LASTING,
            level=_LEVELS[made.channel],
            exercise=row.exercise,
            reference=str(made.pk),
        ),
        direct=[channels.Direct(line.name[:60], line.place_code, phone=rules.plain_number(line.phone), email=line.email)],
        channels=[made.channel],
        actor=KEEPER,
        now=now,
    )


def texts(row: Notice, line: Line) -> dict[str, str]:
    """A notice in words: ``title``, ``body``, ``short``. The address of the page is told only to those who may sign in."""
    mark = "【演练】" if row.exercise else ""
    asks = ""
    if row.kind == rules.ROLL:
        asks = _("请立即应答。")
    elif row.ask_answer and row.due_at is not None:
        asks = _("请签收并反馈。")
    elif row.ask_receipt:
        asks = _("请签收。")
    where = reverse("contact:receive", args=[line.pk]) if line.account_id else ""
    joins = _invitation(row, line) if row.conference else ""
    short = f"{mark}【{row.organisation_name}】{row.title}。{row.body[:120]}{asks}{joins}"
    return {"title": mark + row.title, "body": f"{mark}{row.title}\n{row.body}\n{asks}{where}{joins}".strip(), "short": short}


def _invitation(row: Notice, line: Line) -> str:
    """The way into the conference for somebody who reads it outside the page; empty when there is no server."""
    return conference.link(
        conference.Server.of(os.environ), conference.room_name(row.meeting_id or row.pk), line.name, row.meeting_at or row.begins_at
    )


# --- whoever does not answer --------------------------------------------------------------------------------------------------------


def _give_up(line: Line, row: Notice, now: datetime, gathered: Change) -> None:
    gathered.announce(_unanswered(line, row, now))
    if row.kind == rules.ROLL and line.leader_told_at is None:
        _tell_leaders(line, row, now)
    notify(
        row.sent_by_id,
        event="contact.unanswered",
        once=f"contact.unanswered:{line.pk}:{line.urged}",
        sentence=N_("“{title}”：{who}{state}。"),
        facts={"title": row.title, "who": line.name, "state": _(rules.LINE_STATES[line.state])},
        url=queries.address(row.pk),
        tone="orange",
        exercise=row.exercise,
        now=now,
    )


def _unanswered(line: Line, row: Notice, now: datetime) -> Event:
    return door.ContactUnanswered(
        **about(row, now),
        who=line.name,
        line_id=str(line.pk),
        nobody=line.state == rules.NOBODY,
        subject_type=row.subject_type,
        about=str(row.subject_id or ""),
    )


def _tell_leaders(line: Line, row: Notice, now: datetime) -> None:
    leaders = people.holders_of("duty_leader", line.place_code, now=now)
    for leader in leaders:
        notify(
            leader.account_id,
            event="contact.unanswered",
            once=f"contact.leader:{line.pk}",
            sentence=N_("值守点名“{title}”：{who}{state}，请立即核实值守情况。"),
            facts={"title": row.title, "who": line.name, "state": _(rules.LINE_STATES[line.state])},
            url=reverse("contact:received"),
            tone="red",
            exercise=row.exercise,
            now=now,
        )
    if leaders:
        line.leader_told_at, line.leader_names = now, "、".join(leader.name for leader in leaders)[:200]
