"""Verbs of a consultation: call, invite, begin and end, attend, speak, write down, refer, take a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.consultation import door, queries, rules
from anlan.command.consultation.models import Consultation, Item, Reference, Seat, Voice
from anlan.command.contact import door as contact
from anlan.command.incidents import door as incidents
from anlan.ground.evidence import door as evidence
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.levels import covers, prefix_of
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.sense.video import door as video
from anlan.warn.bulletins import door as bulletins

CHANNELS = ("page", "sms", "voice")
LABEL = "consultation.consultation"

# --- calling -----------------------------------------------------------------------------------------------------------------------


def call(values: Mapping[str, Any], whom: Sequence[str], *, actor: Actor, now: datetime) -> Consultation:
    """Call a consultation: ``title``, ``starts_at``, ``agenda`` (titles in order, with ``｜`` and who reports; else the standing one of ``template``), as wished ``venue``,
    ``online``, ``channels``, ``incident_id``, ``bulletin_id``, ``chair_id``, ``chair_name``, ``exercise``. ``whom``: keys of contact.

    Everybody is told with a receipt asked for. Raises ``StartsInThePast``, ``NobodyInvited``, ``NoAgenda``, ``IncidentOver``, ``NotFound``,
    ``NotPermitted``, and what contact refuses.
    """
    row = Consultation(
        state=rules.CALLED,
        opened_at=now,
        place_code=actor.place_code,
        exercise=bool(values.get("exercise")),
        called_by_id=actor.account_id,
        called_by_name=actor.name,
        organisation_name=_unit(actor),
        channels=[*(values.get("channels") or CHANNELS)],
        **{name: values[name] for name in ("starts_at", "online", "chair_id") if name in values},
        **{name: str(values.get(name) or "").strip() for name in ("title", "venue", "chair_name")},
    )
    _about(row, values, actor)
    row.template = values.get("template") or row.template
    agenda = [line.strip() for line in values.get("agenda") or standing_agenda(row.template, now) if line.strip()]
    if row.starts_at < now - rules.LATE:
        raise rules.StartsInThePast
    if not whom:
        raise rules.NobodyInvited
    if not agenda:
        raise rules.NoAgenda
    with change(actor, "consultation.call", now=now, place_code=row.place_code) as gathered:
        row.save(force_insert=True)
        gathered.subject = row
        open_case(row, actor=actor, now=now)
        Item.objects.bulk_create([_item(row, number, line) for number, line in enumerate(agenda, 1)])
        _seat_caller(row, actor)
        invited = _seats(row, [*whom, *_chair(row)], now)
        gathered.facts["invited"] = [each.name for each in invited]
        _tell(row, [each.key for each in invited], row.title, _when_and_where(row), actor, now, asks=True)
        announce(row, gathered, now)
    return row


def _item(row: Consultation, number: int, line: str) -> Item:
    """An item as it was typed: its title, and behind a bar who reports on it."""
    title, _bar, speaker = line.replace("|", "｜").partition("｜")
    return Item(consultation=row, number=number, title=title.strip()[:200], speaker=speaker.strip()[:120])


def _unit(actor: Actor) -> str:
    unit = organisations.organisation(actor.organisation_id) if actor.organisation_id else organisations.bureau_of(actor.place_code)
    return unit.name if unit else ""


def _about(row: Consultation, values: Mapping[str, Any], actor: Actor) -> None:
    """What it is about: an incident that goes on, a warning, or nothing yet."""
    if values.get("incident_id"):
        incident = incidents.incident(values["incident_id"], actor)
        if incident.closed_at is not None:
            raise rules.IncidentOver
        row.incident_id, row.exercise = incident.id, incident.exercise
        row.classification = max(row.classification, incident.classification)
        row.template = rules.agenda_for(incident.kind, law_day(row.opened_at))
    elif values.get("bulletin_id"):
        warning = bulletins.bulletin(values["bulletin_id"], actor)
        if warning is None:
            raise NotFound(what=str(values["bulletin_id"]))
        row.bulletin_id, row.exercise, row.template = warning.id, warning.exercise, "warning"


def standing_agenda(template: str, now: datetime) -> list[str]:
    """Titles of a standing agenda in force now, as they stand in Chinese minutes."""
    found = rules.agendas(law_day(now))
    return [line.title_zh for line in found.get(template, found[rules.GENERAL])]


def _seat_caller(row: Consultation, actor: Actor) -> None:
    Seat.objects.create(
        consultation=row,
        key=f"account:{actor.account_id}",
        name=actor.name,
        post=actor.post,
        place_code=actor.place_code,
        account_id=actor.account_id,
        role="member" if row.chair_id == actor.account_id else "recorder",
    )


def _chair(row: Consultation) -> list[str]:
    return [f"account:{row.chair_id}"] if row.chair_id is not None else []


def _seats(row: Consultation, whom: Sequence[str], now: datetime) -> list[Seat]:
    """Seats for keys, those that are new."""
    known = set(row.seats.values_list("key", flat=True))
    found = [each for each in contact.as_invited(whom, now) if each.key not in known]
    return [
        Seat.objects.create(
            consultation=row,
            key=each.key,
            name=each.name,
            post=each.post[:160],
            place_code=each.place_code,
            account_id=each.account_id,
            organisation_id=each.organisation_id,
            role="expert" if each.key.startswith("resource:") else "member",
        )
        for each in found
    ]


def _when_and_where(row: Consultation) -> str:
    when = timezone.localtime(row.starts_at).strftime("%Y-%m-%d %H:%M")
    places = "、".join(filter(None, (row.venue, _("视频会商") if row.online else "")))
    agenda = "；".join(f"{each.number}. {each.title}" for each in row.items.all())
    return _("{when}，{where}。主持：{chair}。议程：{agenda}").format(
        when=when, where=places or "—", chair=row.chair_name or "—", agenda=agenda
    )


def _tell(row: Consultation, keys: Sequence[str], title: str, body: str, actor: Actor, now: datetime, *, asks: bool) -> None:
    if keys:
        contact.tell(
            contact.Saying(_("会商：{title}").format(title=title), body, row.exercise),
            keys,
            row.channels,
            ask_receipt=asks,
            subject=(LABEL, row.pk, row.title),
            meeting=(row.pk, row.starts_at) if row.online else None,
            actor=actor,
            now=now,
        )


def invite(row: Consultation, whom: Sequence[str], *, actor: Actor, now: datetime) -> list[Seat]:
    """Ask more people in; whoever is invited already is not told again. Raises ``NobodyInvited``, ``RecordClosed``."""
    writable(row)
    if not whom:
        raise rules.NobodyInvited
    with change(actor, "consultation.call", now=now, record=row) as gathered:
        invited = _seats(row, whom, now)
        gathered.facts["invited"] = [each.name for each in invited]
        _tell(row, [each.key for each in invited], row.title, _when_and_where(row), actor, now, asks=True)
        announce(row, gathered, now)
    return invited


def reschedule(row: Consultation, starts_at: datetime, reason: str, *, actor: Actor, now: datetime) -> Consultation:
    """Meet at another hour; everybody is told. Raises ``StartsInThePast``, ``ReasonRequired``, ``WrongState``."""
    if starts_at < now - rules.LATE:
        raise rules.StartsInThePast

    def after(locked: Consultation, _move: Move, _gathered: Change) -> None:
        _tell_guests(locked, _("改期：{title}"), f"{reason}。{_when_and_where(locked)}", actor, now, asks=True)

    return advance(row, "reschedule", actor=actor, now=now, reason=reason, fields={"starts_at": starts_at}, after=after, event=_event(now))


def cancel(row: Consultation, reason: str, *, actor: Actor, now: datetime) -> Consultation:
    """Do not meet; everybody is told. Raises ``ReasonRequired``, ``WrongState``."""

    def after(locked: Consultation, _move: Move, _gathered: Change) -> None:
        _tell_guests(locked, _("取消：{title}"), reason, actor, now, asks=False)

    return advance(row, "cancel", actor=actor, now=now, reason=reason, after=after, event=_event(now))


def _tell_guests(row: Consultation, title: str, body: str, actor: Actor, now: datetime, *, asks: bool) -> None:
    keys = list(row.seats.exclude(account_id=row.called_by_id).values_list("key", flat=True))
    _tell(row, keys, title.format(title=row.title), body, actor, now, asks=asks)


def begin(row: Consultation, *, actor: Actor, now: datetime) -> Consultation:
    """The meeting begins."""
    return advance(row, "begin", actor=actor, now=now, fields={"began_at": now}, event=_event(now))


def end(row: Consultation, *, actor: Actor, now: datetime) -> Consultation:
    """The meeting ends; the record can still be put in order until it is signed."""
    return advance(row, "end", actor=actor, now=now, fields={"ended_at": now}, event=_event(now))


def resume(row: Consultation, *, actor: Actor, now: datetime) -> Consultation:
    """They sit down again."""
    return advance(row, "resume", actor=actor, now=now, fields={"ended_at": None}, event=_event(now))


# --- who is there -------------------------------------------------------------------------------------------------------------------


def attend(row: Consultation, way: str, *, actor: Actor, now: datetime) -> Seat:
    """Somebody who is invited says that he is there. Raises ``NotInvited``, ``RecordClosed``."""
    found = queries.seat_of(row, actor)
    if found is None:
        raise rules.NotInvited
    return _attended(row, found, {"attendance": "came", "way": way, "who": actor.name}, actor, now, speaks=True)


def mark(seat: Seat, attendance: str, way: str = "", who: str = "", *, actor: Actor, now: datetime) -> Seat:
    """Whoever keeps the record notes that somebody has come, or has excused himself. Raises ``NotFound`` for an unknown word."""
    if attendance not in rules.ATTENDANCE:
        raise NotFound(what=attendance)
    return _attended(seat.consultation, seat, {"attendance": attendance, "way": way, "who": who.strip()[:100]}, actor, now, speaks=False)


def _attended(row: Consultation, seat: Seat, values: dict[str, str], actor: Actor, now: datetime, *, speaks: bool) -> Seat:
    writable(row)
    if values["way"] and values["way"] not in rules.WAYS:
        raise NotFound(what=values["way"])
    with _by(row, seat if speaks else None, actor, now) as gathered:
        came = values["attendance"] == "came"
        for name, value in values.items():
            setattr(seat, name, value)
        seat.way = (seat.way or ("video" if row.online else "site")) if came else ""
        seat.came_at = (seat.came_at or now) if came else None
        seat.save()
        gathered.facts.update({"seat": seat.name, **values})
        announce(row, gathered, now)
    return seat


def _by(row: Consultation, seat: Seat | None, actor: Actor, now: datetime) -> AbstractContextManager[Change]:
    """A mutation by whoever keeps the record, or by a guest at his own seat: he acts by his own post at his own place."""
    if seat is None:
        return change(actor, "consultation.record", now=now, record=row)
    return change(actor, "consultation.speak", now=now, place_code=seat.place_code, enterprise_id=actor.enterprise_id)


def speak(row: Consultation, kind: str, text: str, *, actor: Actor, now: datetime, item: Item | None = None, who: str = "") -> Voice:
    """Keep what somebody said, word for word and for good: an opinion, or that he does not agree. The same words sent twice stand once.

    A guest speaks for himself; whoever keeps the record writes down for others (``who``). Raises ``NothingSaid``, ``NotInvited``, ``RecordClosed``.
    """
    writable(row)
    if kind not in rules.VOICES:
        raise NotFound(what=kind)
    if not text.strip():
        raise rules.NothingSaid
    keeps = actor.may("consultation.record", place_code=row.place_code, classification=row.classification)
    seat = queries.seat_of(row, actor)
    if seat is None and not keeps:
        raise rules.NotInvited
    own = seat.name if seat is not None and seat.account_id != actor.account_id else ""
    name = who.strip()[:160] if keeps and who.strip() else " ".join(filter(None, (own, actor.name)))
    with _by(row, None if keeps else seat, actor, now) as gathered:
        said: dict[str, Any] = {
            "consultation": row,
            "item": item,
            "kind": kind,
            "who": name,
            "text": text.strip(),
            "author_id": actor.account_id,
        }
        made, fresh = Voice.objects.get_or_create(**said, defaults={"at": now, "author_name": actor.name})
        if not fresh:
            return made
        gathered.facts.update({"voice": str(made.pk), "kind": kind, "who": name})
        announce(row, gathered, now)
    return made


# --- the record ----------------------------------------------------------------------------------------------------------------------


def add_item(row: Consultation, title: str, speaker: str = "", *, actor: Actor, now: datetime) -> Item:
    """One more item of the agenda. Raises ``NothingSaid``, ``RecordClosed``."""
    writable(row)
    if not title.strip():
        raise rules.NothingSaid
    with change(actor, "consultation.record", now=now, record=row) as gathered:
        Consultation.objects.select_for_update().get(pk=row.pk)  # numbers are given one at a time
        number = (row.items.aggregate(last=Max("number"))["last"] or 0) + 1
        made = Item.objects.create(consultation=row, number=number, title=title.strip()[:200], speaker=speaker.strip()[:120])
        gathered.facts["item"] = made.title
        announce(row, gathered, now)
    return made


def keep_notes(item: Item, base: str, text: str, *, actor: Actor, now: datetime) -> rules.Merged:
    """Keep what stands in a writer's page, who began from ``base``: what others wrote meanwhile stays (see ``rules.merged``). Raises ``RecordClosed``."""
    with change(actor, "consultation.record", now=now, record=item.consultation) as gathered:
        writable(Consultation.objects.select_for_update().get(pk=item.consultation_id))
        locked = Item.objects.select_for_update().get(pk=item.pk)
        found = rules.merged(_plain(base), locked.notes, _plain(text))
        if found.text != locked.notes:
            locked.notes, locked.noted_by_name, locked.noted_at = found.text[: rules.LONGEST_NOTES], actor.name, now
            locked.save(update_fields=["notes", "noted_by_name", "noted_at"])
        gathered.facts.update({"item": locked.number, "letters": len(locked.notes)})
    return found


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")[: rules.LONGEST_NOTES]


def refer(row: Consultation, address: str, title: str, *, actor: Actor, now: datetime) -> Reference:
    """Put a page of this platform before the meeting. Raises ``NotAPage`` for any other address, ``RecordClosed``."""
    writable(row)
    path = address.strip()
    try:
        if not path.startswith("/") or path.startswith("//") or len(path) > 500:
            raise rules.NotAPage
        resolve(path.partition("?")[0].partition("#")[0])
    except Resolver404:
        raise rules.NotAPage from None
    with change(actor, "consultation.record", now=now, record=row) as gathered:
        made = Reference.objects.create(consultation=row, title=title.strip()[:160] or path[:160], address=path, at=now, by_name=actor.name)
        gathered.facts["reference"] = path
        announce(row, gathered, now)
    return made


class _File(BytesIO):
    """Bytes with a name, as the evidence store takes them."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name: str | None = name


def take_still(row: Consultation, camera_id: UUID | str, *, actor: Actor, now: datetime) -> evidence.ExhibitSummary:
    """Keep the newest picture of a camera with the consultation, with its moment and its camera. Raises ``NoPicture``, ``RecordClosed``."""
    writable(row)
    try:
        found = video.still(camera_id, actor)
    except NotFound:
        raise rules.NoPicture from None
    with change(actor, "consultation.record", now=now, record=row) as gathered:
        kept = evidence.attach(
            row,
            _File(found.data, found.filename),
            caption=f"{found.camera.name} {timezone.localtime(found.taken_at):%Y-%m-%d %H:%M:%S}",
            origin="device",
            device=found.camera.code,
            taken_at=found.taken_at,
            longitude=found.camera.longitude,
            latitude=found.camera.latitude,
            actor=actor,
            now=now,
        )
        gathered.facts["camera"] = found.camera.code
        announce(row, gathered, now)
    return kept


# --- inside --------------------------------------------------------------------------------------------------------------------------


def writable(row: Consultation) -> None:
    """Raise ``RecordClosed`` when the record of a consultation is kept no more."""
    if row.state not in rules.WRITABLE:
        raise rules.RecordClosed


def told(row: Consultation, now: datetime) -> dict[str, Any]:
    """What every event of a consultation says."""
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "classification": Classification(row.classification),
        "at": now,
        "exercise": row.exercise,
        "title": row.title,
    }


def announce(row: Consultation, gathered: Change, now: datetime) -> None:
    """Tell that something of a consultation changed."""
    gathered.announce(_changed(row, now))
    announce_to_guests(row, gathered, now)


def announce_to_guests(row: Consultation, gathered: Change, now: datetime) -> None:
    """Pages of guests hear what is announced at their own places: theirs do not cover the convener's."""
    for place_code in set(row.seats.values_list("place_code", flat=True)):
        if not covers(prefix_of(place_code), row.place_code):
            gathered.announce(replace(_changed(row, now), place_code=place_code))


def _changed(row: Consultation, now: datetime) -> door.ConsultationChanged:
    return door.ConsultationChanged(**told(row, now), state=row.state)


def _event(now: datetime) -> Any:
    def event(locked: Consultation, _move: Move, gathered: Change) -> Event:
        announce_to_guests(locked, gathered, now)
        return _changed(locked, now)

    return event
