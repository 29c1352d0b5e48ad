"""Minutes 会商纪要: cut from the record when the chair signs, unchangeable from then on; what was wrong is put right in a new edition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from anlan.command.consultation import door, rules
from anlan.command.consultation.models import Consultation, Item, Minutes
from anlan.command.consultation.services import LABEL, announce_to_guests, told
from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change
from anlan.ledger.flows import advance


def content(row: Consultation, actor: Actor) -> dict[str, Any]:
    """Everything that minutes hold, as plain values: facts, who was there, what was said of each item, what was decided, what lay on the table."""
    return {
        **{
            name: getattr(row, name)
            for name in ("title", "venue", "online", "chair_name", "called_by_name", "organisation_name", "exercise")
        },
        **{name: _moment(getattr(row, name)) for name in ("starts_at", "began_at", "ended_at")},
        "seats": [
            {
                **{name: getattr(each, name) for name in ("name", "post", "role", "attendance", "way", "who")},
                "came_at": _moment(each.came_at),
            }
            for each in row.seats.all()
        ],
        "items": [{name: getattr(each, name) for name in ("number", "title", "speaker", "notes")} for each in row.items.all()],
        "voices": [
            {"item": each.item.number if each.item else None, "kind": each.kind, "who": each.who, "text": each.text, "at": _moment(each.at)}
            for each in row.voices.select_related("item")
        ],
        "decisions": [
            {
                **{name: getattr(each, name) for name in ("number", "text", "grounds", "assignee", "revoked_reason")},
                "item": each.item.number if each.item else None,
                "due": _moment(each.due),
                "revoked": each.revoked_at is not None,
                "task": str(each.task_id or ""),
            }
            for each in row.decisions.select_related("item")
        ],
        "references": [{"title": each.title, "address": each.address} for each in row.references.all()],
        "files": [
            {"name": each.caption or each.filename, "sha256": each.sha256, "taken_at": _moment(each.taken_at)}
            for each in evidence.list_for(LABEL, row.pk, actor)
        ],
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


def digest(told_: Mapping[str, Any]) -> str:
    """SHA-256 of a content, in hex, by its canonical JSON."""
    return sha256(json.dumps(told_, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sign(row: Consultation, *, actor: Actor, now: datetime) -> Consultation:
    """The chair signs: the record becomes minutes. Raises ``NotTheChair``, ``WrongState`` when they are signed already, ``NotPermitted``."""
    _by_the_chair(row, actor)
    fields = {"signed_at": now, "signed_by_name": actor.name, "edition": 1}

    def cut(locked: Consultation, _move: Move, _gathered: Change) -> None:
        _cut(locked, "", actor, now)

    return advance(row, "sign", actor=actor, now=now, fields=fields, after=cut, event=_event(now))


def correct(row: Consultation, texts: Mapping[UUID, str], reason: str, *, actor: Actor, now: datetime) -> Consultation:
    """What minutes say of items of the agenda (by id) was wrong: a new edition, with the reason; the older ones stay.

    Raises ``NotTheChair``, ``WrongState``, ``ReasonRequired``, ``NothingSaid`` when nothing is changed.
    """
    _by_the_chair(row, actor)
    known = {each.pk: each for each in row.items.all()}
    other = [known[key] for key, text in texts.items() if key in known and known[key].notes != text]
    if not other:
        raise rules.NothingSaid

    def cut(locked: Consultation, _move: Move, _gathered: Change) -> None:
        for each in other:
            each.notes, each.noted_by_name, each.noted_at = texts[each.pk][: rules.LONGEST_NOTES], actor.name, now
        Item.objects.bulk_update(other, ["notes", "noted_by_name", "noted_at"])
        locked.edition += 1
        locked.save(update_fields=["edition"])
        _cut(locked, reason, actor, now)

    return advance(row, "correct", actor=actor, now=now, reason=reason, after=cut, event=_event(now))


def _by_the_chair(row: Consultation, actor: Actor) -> None:
    if row.chair_id is not None and row.chair_id != actor.account_id:
        raise rules.NotTheChair(name=row.chair_name)


def _cut(row: Consultation, reason: str, actor: Actor, now: datetime) -> None:
    held = content(row, actor)
    Minutes.objects.create(
        consultation=row,
        edition=row.edition,
        content=held,
        digest=digest(held),
        reason=reason.strip()[:300],
        signed_at=now,
        signed_by_id=actor.account_id,
        signed_by_name=actor.name,
    )


def _event(now: datetime) -> Any:
    def event(locked: Consultation, _move: Move, gathered: Change) -> Event:
        announce_to_guests(locked, gathered, now)
        return door.ConsultationSigned(**told(locked, now), edition=locked.edition)

    return event
