"""Verbs of audiences: enter, change, take consent, let it be withdrawn, erase. Each is one transaction that checks, changes, audits, announces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.ground.audiences import rules
from anlan.ground.audiences.counting import cell_of
from anlan.ground.audiences.door import RecipientChanged, RecipientErased
from anlan.ground.audiences.models import Recipient
from anlan.kernel.access import Actor
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.kernel.geo import Point, in_china
from anlan.ledger.changes import change
from anlan.ledger.copying import copy_in

_TEXTS = {"name": 60, "unit": 120, "device": 120, "consent_how": 120, "source_note": 200}
_PARSERS: dict[str, Callable[[object], Any]] = {
    "role": rules.role,
    "language": rules.language,
    "needs": rules.needs,
    "phone": rules.phone,
    "email": rules.email,
    "quiet_from": rules.moment,
    "quiet_until": rules.moment,
}


def register_recipient(*, actor: Actor, now: datetime, consented: bool = False, **values: object) -> Recipient:
    """Enter a recipient. Needs ``audiences.register`` at his place.

    ``name, role, place_code`` and one of ``phone, email, device`` are needed; ``unit, longitude, latitude, language, needs, consent_how, quiet_from,
    quiet_until, source_note`` may follow; ``consented``: he consented now, in the way ``consent_how``. Raises ``Invalid`` naming every wrong field.
    """
    cleaned = clean(values, {})
    with change(actor, "audiences.register", now=now, place_code=str(cleaned["place_code"])) as made:
        row = _built(cleaned, consented, now)
        _refuse_twin(row)
        row.save(force_insert=True)
        made.subject = row
        made.announce(RecipientChanged(subject_id=row.pk, place_code=row.place_code, at=now))
    return row


def change_recipient(
    recipient_id: UUID | str, *, actor: Actor, now: datetime, reason: str = "", version: int | None = None, **values: object
) -> Recipient:
    """Correct a recipient. Needs ``audiences.change``. Raises ``Conflict``, ``NotFound`` and as :func:`register_recipient` does."""
    consented = bool(values.pop("consented", False))
    with transaction.atomic():
        row = _locked(recipient_id)
        with change(actor, "audiences.change", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.shown_name)
            held = {f.attname: getattr(row, f.attname) for f in Recipient._meta.concrete_fields}
            for name, value in clean(values, held).items():
                setattr(row, name, value)
            if consented and row.consent_at is None:
                row.consent_at, row.withdrawn_at = now, None
            _derive(row)
            _refuse_twin(row)
            row.updated_at = now
            row.save()
            if reason:
                made.facts["reason"] = reason
            made.announce(RecipientChanged(subject_id=row.pk, place_code=row.place_code, at=now))
    row.refresh_from_db()
    return row


def give_consent(recipient_id: UUID | str, *, how: str, actor: Actor, now: datetime) -> Recipient:
    """The recipient consents, in the way ``how``; an earlier withdrawal is over. Needs ``audiences.change``."""
    with transaction.atomic():
        row = _locked(recipient_id)
        with change(actor, "audiences.change", now=now, record=row):
            row.consent_at, row.consent_how, row.withdrawn_at = now, how.strip()[:120], None
            _derive(row)
            row.updated_at = now
            row.save()
    return row


def withdraw_consent(recipient_id: UUID | str, *, actor: Actor, now: datetime) -> Recipient:
    """The recipient withdraws his consent: he is not told one by one any more (个人信息保护法 第十五条). Needs ``audiences.change``."""
    with transaction.atomic():
        row = _locked(recipient_id)
        with change(actor, "audiences.change", now=now, record=row) as made:
            row.withdrawn_at = row.withdrawn_at or now
            _derive(row)
            row.updated_at = now
            row.save()
            made.announce(RecipientChanged(subject_id=row.pk, place_code=row.place_code, at=now))
    return row


def erase_recipient(recipient_id: UUID | str, *, reason: str, actor: Actor, now: datetime) -> None:
    """Erase a recipient: the row goes, rooms that keep a copy of an address are told to erase it (个人信息保护法 第四十七条).

    The audit keeps that somebody of this place was erased, by whom and why, not who it was. Needs ``audiences.erase``. Raises ``NotFound``.
    """
    with transaction.atomic():
        row = _locked(recipient_id)
        key, place = row.pk, row.place_code
        with change(actor, "audiences.erase", now=now, place_code=place) as made:
            row.delete()
            made.facts.update({"recipient": str(key), "reason": reason[:200]})
            made.announce(RecipientErased(subject_id=key, place_code=place, at=now))


def import_recipients(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows of a spreadsheet; the caller's transaction keeps all or none. One audit entry for each place of the batch."""
    by_place: dict[str, list[Recipient]] = {}
    for values in rows:
        given = dict(values)
        consented = bool(given.pop("consented", False))
        row = _built(clean(given, {}), consented, now)
        by_place.setdefault(row.place_code, []).append(row)
    for place, made_here in by_place.items():
        with change(actor, "audiences.import", now=now, place_code=place) as made:
            copy_in(made_here)
            made.facts["recipients"] = len(made_here)
    return len(rows)


def _locked(recipient_id: UUID | str) -> Recipient:
    row = Recipient.objects.select_for_update().filter(pk=recipient_id).first()
    if row is None:
        raise NotFound(what=str(recipient_id))
    return row


def _built(cleaned: Mapping[str, Any], consented: bool, now: datetime) -> Recipient:
    row = Recipient(created_at=now, updated_at=now, **cleaned)
    if consented:
        row.consent_at = now
    _derive(row)
    return row


def _derive(row: Recipient) -> None:
    row.cell = cell_of(row.longitude, row.latitude) if row.longitude is not None and row.latitude is not None else None
    row.reach = rules.reach(row.phone, row.email, row.device)
    row.ground = rules.ground(row.role, row.consent_at is not None, row.withdrawn_at is not None)


def _refuse_twin(row: Recipient) -> None:
    for name in ("phone", "email", "device"):
        address = getattr(row, name)
        # Devices and mailboxes are found among those of their place and role, which are few; numbers have an index of their own.
        if address and Recipient.objects.filter(place_code=row.place_code, role=row.role, **{name: address}).exclude(pk=row.pk).exists():
            raise Invalid({name: rules.AlreadyThere()})


def clean(values: Mapping[str, object], held: Mapping[str, object]) -> dict[str, Any]:
    """Check the fields given; ``held``: what the record holds already. Raises ``Invalid`` naming every wrong field."""
    cleaned: dict[str, Any] = {}
    wrong: dict[str, Refusal | str] = {}
    for name, value in values.items():
        try:
            cleaned[name] = one(name, value)
        except Refusal as refusal:
            wrong[name] = refusal
    whole: dict[str, Any] = {**held, **cleaned}
    if not whole.get("name") and "name" not in wrong:
        wrong["name"] = rules.NameMissing()
    if "role" not in whole and "role" not in wrong:
        wrong["role"] = rules.UnknownRole(value="", known="、".join(row.name_zh for row in rules.roles().values()))
    if not any(whole.get(name) for name in rules.ADDRESS_BITS) and not rules.ADDRESS_BITS.keys() & wrong.keys():
        wrong["phone"] = rules.NoAddress()
    if not {"longitude", "latitude"} & wrong.keys():
        wrong |= _position(whole)
    if wrong:
        raise Invalid(wrong)
    return cleaned


def one(name: str, value: object) -> Any:
    """Check one field by its name. Raises the field's refusal; ``KeyError`` for an unknown field."""
    if name in _PARSERS:
        return _PARSERS[name](value)
    if name in _TEXTS:
        return " ".join(str(value or "").split())[: _TEXTS[name]]
    if name in ("longitude", "latitude"):
        if value is None or value == "":
            return None
        try:
            return float(str(value))
        except ValueError:
            raise rules.HalfPoint from None
    if name in ("place_code", "classification"):
        return value
    raise KeyError(name)


def _position(whole: Mapping[str, Any]) -> dict[str, Refusal | str]:
    longitude, latitude = whole.get("longitude"), whole.get("latitude")
    if longitude is None and latitude is None:
        return {}
    if longitude is None or latitude is None:
        return {"longitude": rules.HalfPoint()}
    try:
        in_china(Point(longitude, latitude))
    except Refusal as refusal:
        return {"longitude": refusal}
    return {}
