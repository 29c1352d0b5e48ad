"""Verbs of contact: keep contacts and groups, tell, call the roll, confirm, urge, stop, end."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.command.contact import door, queries, reaching, resolving, rules
from anlan.command.contact.door import Saying
from anlan.command.contact.models import Attempt, Contact, Group, Line, Notice
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.warn.channels import door as channels_room

# --- the list ------------------------------------------------------------------------------------------------------------------------


def keep_contact(contact_id: UUID | None = None, *, actor: Actor, now: datetime, **values: Any) -> Contact:
    """Enter or change somebody outside: ``name``, ``unit``, ``duty``, ``phone``, ``email``, ``remark``, ``place_code``. Raises ``BadNumber``."""
    if rules.number_fault(values.get("phone", "")):
        raise rules.BadNumber(number=values.get("phone", ""))
    row = Contact.objects.filter(pk=contact_id).first() if contact_id else None
    if contact_id and row is None:
        raise NotFound(what=str(contact_id))
    with change(
        actor, "contact.keep", now=now, record=row, place_code=None if row else values.get("place_code") or actor.place_code
    ) as gathered:
        made = row or Contact(place_code=values.get("place_code") or actor.place_code)
        for name in ("name", "unit", "duty", "phone", "email", "remark", "place_code"):
            if values.get(name) is not None:
                setattr(made, name, str(values[name]).strip())
        made.save()
        gathered.subject = made
    return made


def keep_group(name: str, members: Sequence[str], *, shared: bool, actor: Actor, now: datetime, group_id: UUID | None = None) -> Group:
    """Make or change a group of keys. Raises ``BadKey``, ``NobodyChosen``, ``NotFound`` for a group of somebody else."""
    for key in members:
        rules.parse_key(key)
    if not members:
        raise rules.NobodyChosen
    row = Group.objects.filter(pk=group_id, owner_id=actor.account_id).first() if group_id else None
    if group_id and row is None:
        raise NotFound(what=str(group_id))
    with change(actor, "contact.keep", now=now, record=row, place_code=None if row else actor.place_code) as gathered:
        made = row or Group(place_code=actor.place_code, owner_id=actor.account_id, owner_name=actor.name)
        made.name, made.members, made.shared = name.strip()[:60], list(dict.fromkeys(members)), shared
        made.save()
        gathered.subject = made
    return made


# --- telling -------------------------------------------------------------------------------------------------------------------------


def tell(
    saying: Saying,
    whom: Sequence[str],
    channels: Sequence[str],
    *,
    ask_receipt: bool = True,
    subject: tuple[str, UUID, str] | None = None,
    actor: Actor,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> Notice:
    """See :func:`anlan.command.contact.door.tell`. ``more``: ``kind``, ``together``, ``conference``, ``ask_answer``, ``due_at``, ``replaces`` of a circular."""
    step = saying.step_minutes or rules.TABLES.parameter("notice_step_minutes", law_day(now))
    row = _notice(saying, whom, channels, actor, now, kind=rules.NOTICE, ask_receipt=ask_receipt, begins_at=now, step_minutes=step)
    for name, value in (more or {}).items():
        setattr(row, name, value)
    if subject is not None:
        row.subject_type, row.subject_id, row.subject_title = subject[0][:40], subject[1], subject[2][:160]
    _check_times(row, now)
    people = resolving.everybody(row.whom, now)
    if not people:
        raise rules.NobodyChosen
    _in_reach(people, "contact.send", actor)
    with change(actor, "contact.send", now=now, place_code=row.place_code) as gathered:
        _save(row, gathered, actor, now)
        if row.replaces is not None:
            _replace(row.replaces, row, actor, now)
        advance(row, "start", actor=actor, now=now)
        row.refresh_from_db()
        for person in people:
            _line(row, person, now)
        gathered.facts["people"] = len(people)
        at_once = rules.TABLES.parameter("people_at_once", law_day(now))
        for line in row.lines.filter(next_at__lte=now).select_related("notice").order_by("id")[:at_once]:
            reaching.press(line, now, gathered)
        gathered.announce(_changed(row, now))
        if len(people) > at_once:
            gathered.announce(door.NoticeSent(**reaching.about(row, now)))
    return row


def _notice(saying: Saying, whom: Sequence[str], channels: Sequence[str], actor: Actor, now: datetime, **values: Any) -> Notice:
    if not whom:
        raise rules.NobodyChosen
    wanted = [code for code in dict.fromkeys(channels) if code in rules.CHANNELS]
    if not wanted:
        raise rules.NoChannel
    unit = organisations.organisation(actor.organisation_id) if actor.organisation_id else organisations.bureau_of(actor.place_code)
    return Notice(
        state=rules.PLANNED,
        opened_at=now,
        place_code=actor.place_code,
        title=saying.title.strip()[:120],
        body=saying.body.strip(),
        exercise=saying.exercise,
        whom=list(dict.fromkeys(whom)),
        channels=wanted,
        sent_by_id=actor.account_id,
        sent_by_name=actor.name,
        organisation_name=unit.name if unit else "",
        **values,
    )


def _in_reach(people: Sequence[rules.Reachable], action: str, actor: Actor) -> None:
    for person in people:
        if person.key.partition(":")[0] in rules.PERSONAL and not actor.may(action, place_code=person.place_code):
            raise rules.OutOfReach(name=person.name)


def _check_times(row: Notice, now: datetime) -> None:
    if row.due_at is not None and row.due_at <= now:
        raise rules.BadTime


def _save(row: Notice, gathered: Change, actor: Actor, now: datetime) -> None:
    row.save(force_insert=True)
    gathered.subject = row
    open_case(row, actor=actor, now=now)


def _replace(old: Notice, new: Notice, actor: Actor, now: datetime) -> None:
    """A newer edition takes the place of the older: what has not left of it is stopped, whoever has not confirmed owes the new one only."""
    permit(actor, "contact.send", record=old)
    Notice.objects.filter(pk=new.pk).update(edition=old.edition + 1)
    new.edition = old.edition + 1
    if old.state == rules.OPEN:
        _drop(old, actor, now)
        advance(old, "close", actor=actor, now=now)


def _line(row: Notice, person: rules.Reachable, now: datetime) -> Line:
    line = Line(notice=row, key=person.key, place_code=person.place_code, classification=row.classification, created_at=now, next_at=now)
    reaching.fill(line, person, row.channels)
    line.save(force_insert=True)
    return line


def _changed(row: Notice, now: datetime) -> Event:
    return door.NoticeChanged(**reaching.about(row, now))


# --- roll calls ----------------------------------------------------------------------------------------------------------------------


def call_roll(
    title: str,
    whom: Sequence[str],
    channels: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    seed: str = "",
    exercise: bool = False,
) -> Notice:
    """Call the roll of posts: now, at ``begins_at``, or each at a moment of its own between ``begins_at`` and ``ends_at``.

    The moments follow from a seed that is kept; until the window has passed only its seal is shown. Raises ``BadTime``, ``NobodyChosen``.
    """
    begins = begins_at or now
    if begins < now - timedelta(minutes=1) or (ends_at is not None and ends_at <= begins):
        raise rules.BadTime
    step = rules.TABLES.parameter("roll_step_minutes", law_day(now))
    values = {"kind": rules.ROLL, "begins_at": begins, "ends_at": ends_at, "step_minutes": step, "seed": seed or secrets.token_hex(16)}
    row = _notice(Saying(title, exercise=exercise), whom, channels, actor, now, **values)
    posts = _posts(row.whom, now)
    _in_reach([person for _key, person in posts], "contact.roll", actor)
    with change(actor, "contact.roll", now=now, place_code=row.place_code) as gathered:
        _save(row, gathered, actor, now)
        for key, person in posts:
            line = _line(row, person, now)
            line.key, line.state = key, rules.WAITING
            line.next_at = rules.strike_at(row.seed, key, begins, ends_at) if ends_at else begins
            line.save()
        gathered.facts["seal"] = rules.seal(row.seed)
        for line in queries.due_lines(now).filter(notice=row):
            _begin(row, now)
            reaching.press(line, now, gathered)
        gathered.announce(_changed(row, now))
    row.refresh_from_db()
    return row


def _posts(whom: Sequence[str], now: datetime) -> list[tuple[str, rules.Reachable]]:
    """One line for each post that is called; of a group one for each member."""
    keys: dict[str, None] = {}
    for key in whom:
        group = Group.objects.filter(pk=rules.parse_key(key)[1]).first() if key.startswith("group:") else None
        keys.update(dict.fromkeys(group.members if group is not None else [key]))
    found = [(key, next(iter(resolving.of_key(key, now)), None)) for key in keys]
    return [(key, person) for key, person in found if person is not None]


def _begin(row: Notice, now: datetime) -> None:
    if row.state == rules.PLANNED:
        advance(row, "start", actor=reaching.KEEPER, now=now)
        row.refresh_from_db()


def take_step(line_id: UUID, now: datetime) -> bool:
    """The step of one line that has come; whether there was one. For the worker; twice at one moment steps once."""
    line = queries.due_lines(now).filter(pk=line_id).select_for_update(skip_locked=True, of=("self",)).first()
    if line is None:
        return False
    _begin(line.notice, now)
    with change(reaching.KEEPER, "contact.send", now=now, record=line) as gathered:
        reaching.press(line, now, gathered)
        gathered.announce(_changed(line.notice, now))
    return True


# --- answers -------------------------------------------------------------------------------------------------------------------------


def confirm(line: Line, *, actor: Actor, now: datetime, answer: str = "", whereabouts: str = "") -> Line:
    """The receiver confirms, in the page: for himself, for his post, his organisation or his enterprise.

    A roll call is answered by somebody who is on duty at that moment. Raises ``NotYours``, ``OffDuty``, ``AnswerNeeded``, ``NoLongerOpen``.
    """
    if not queries.received(actor).filter(pk=line.pk).exists():
        raise rules.NotYours
    row = line.notice
    if row.kind == rules.ROLL and line.key.startswith("duty:") and not _is_on_duty(line, actor, now):
        raise rules.OffDuty
    if row.ask_answer and not answer.strip():
        raise rules.AnswerNeeded
    return _confirm(line, "page", actor.name, actor, now, action="contact.receive", answer=answer, whereabouts=whereabouts)


def _is_on_duty(line: Line, actor: Actor, now: datetime) -> bool:
    return any(each.account_id == actor.account_id for each in resolving.on_duty(line.place_code, now))


def note_call(line: Line, words: str, *, actor: Actor, now: datetime, reached: bool = True) -> Line:
    """Somebody called by telephone and writes down what he heard. Needs ``contact.send`` at the sender's place. Raises ``NoLongerOpen``."""
    permit(actor, "contact.send", record=line.notice)
    state = "confirmed" if reached else "failed"
    if reached:
        return _confirm(line, "person", line.name, actor, now, action="contact.send", answer=words, caller=actor.name)
    with change(actor, "contact.send", now=now, record=line.notice) as gathered:
        Attempt.objects.create(line=line, channel="person", at=now, state=state, heard_at=now, reason=words[:200], by_name=actor.name)
        gathered.facts["line"] = str(line.pk)
        gathered.announce(_changed(line.notice, now))
    return line


def _confirm(line: Line, channel: str, who: str, actor: Actor, now: datetime, *, action: str, **heard: str) -> Line:
    row = line.notice
    if row.state != rules.OPEN or line.state not in (*rules.ANSWERABLE, rules.CONFIRMED):
        raise rules.NoLongerOpen
    record = row if action == "contact.send" else line
    with change(actor, action, now=now, record=record) as gathered:
        locked = Line.objects.select_for_update().get(pk=line.pk)
        if locked.state != rules.CONFIRMED:
            locked.state, locked.next_at = rules.CONFIRMED, None
            locked.confirmed_at, locked.confirmed_by, locked.confirmed_name = now, channel, who[:100]
            locked.seconds = max(round((now - (locked.called_at or now)).total_seconds()), 0)
        locked.answer = heard.get("answer", "").strip() or locked.answer
        locked.whereabouts = heard.get("whereabouts", "").strip()[:120] or locked.whereabouts
        if heard.get("caller"):
            Attempt.objects.create(line=locked, channel="person", at=now, state="confirmed", heard_at=now, by_name=heard["caller"])
        locked.updated_at = now
        locked.save()
        gathered.facts.update({"line": str(line.pk), "channel": channel})
        answered = door.ContactAnswered(
            **reaching.about(row, now), who=who, channel=channel, subject_type=row.subject_type, about=str(row.subject_id or "")
        )
        gathered.announce(answered)
        gathered.announce(_changed(row, now))
    return locked


def hear(attempt_id: UUID, state: str, reason: str, now: datetime) -> None:
    """What the channels say of one attempt: it arrived, the receiver himself confirmed by key or reply, or it did not and the next way is tried."""
    made = Attempt.objects.select_for_update(of=("self",)).filter(pk=attempt_id).select_related("line__notice").first()
    if made is None or made.state == "confirmed":
        return
    made.state, made.heard_at, made.reason = state, now, reason[:200]
    made.save(update_fields=["state", "heard_at", "reason"])
    line = Line.objects.select_for_update(of=("self",)).select_related("notice").get(pk=made.line_id)
    if state == "confirmed" and line.notice.state == rules.OPEN and line.state in rules.ANSWERABLE:
        _confirm(line, made.channel, line.name, reaching.KEEPER, now, action="contact.send")
        return
    if line.notice.state != rules.OPEN or line.state not in (*rules.UNSETTLED, rules.SILENT):
        return
    with change(reaching.KEEPER, "contact.send", now=now, record=line) as gathered:
        if state == "delivered":
            reaching.heard(line, made.channel, now, asks=line.notice.ask_receipt)
            line.save()
        elif state in rules.LOST and line.state == rules.TELLING and not line.notice.together and _is_newest(made, line):
            reaching.press(line, now, gathered)
        gathered.announce(_changed(line.notice, now))


def _is_newest(made: Attempt, line: Line) -> bool:
    """Whether nothing was tried after it: what failed long ago hurries nobody."""
    return not line.attempts.filter(at__gt=made.at).exists()


# --- urging and ending ---------------------------------------------------------------------------------------------------------------


def urge(row: Notice, *, actor: Actor, now: datetime, line_ids: Sequence[UUID] = ()) -> int:
    """Urge whoever has not confirmed (of ``line_ids`` when given): every way from the first again; how many. Raises ``NoLongerOpen``."""
    if row.state != rules.OPEN:
        raise rules.NoLongerOpen
    rows = row.lines.filter(state__in=(rules.TELLING, rules.TOLD, rules.SILENT), confirmed_at=None).select_related("notice")
    with change(actor, "contact.send", now=now, record=row) as gathered:
        chosen = list(rows.filter(pk__in=line_ids) if line_ids else rows)
        for line in chosen:
            line.urged, line.step, line.state, line.notice = line.urged + 1, 0, rules.TELLING, row
            reaching.press(line, now, gathered)
        gathered.facts["urged"] = len(chosen)
        gathered.announce(_changed(row, now))
    return len(chosen)


def stop(row: Notice, reason: str, *, actor: Actor, now: datetime) -> Notice:
    """Stop what has not gone yet. Raises ``ReasonRequired``, ``WrongState``."""

    def after(locked: Notice, _move: Move, gathered: Change) -> None:
        gathered.facts["dropped"] = _drop(locked, actor, now)

    return advance(
        row, "stop", actor=actor, now=now, reason=reason, after=after, event=lambda locked, _move, _gathered: _changed(locked, now)
    )


def _drop(row: Notice, actor: Actor, now: datetime) -> int:
    dropped = row.lines.filter(state__in=rules.UNSETTLED).update(state=rules.DROPPED, next_at=None, updated_at=now)
    channels_room.stop_of(row.pk, by=actor.name, now=now)
    return dropped


def close(row: Notice, *, actor: Actor, now: datetime) -> Notice:
    """End a notice: nobody is waited for any more."""

    def after(locked: Notice, _move: Move, _gathered: Change) -> None:
        locked.lines.filter(state__in=rules.UNSETTLED).update(state=rules.SILENT, next_at=None, updated_at=now)
        channels_room.stop_of(locked.pk, by=actor.name, now=now)

    return advance(row, "close", actor=actor, now=now, after=after, event=lambda locked, _move, _gathered: _changed(locked, now))
