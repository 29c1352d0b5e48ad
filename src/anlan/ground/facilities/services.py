"""Verbs of facilities: each is one transaction that checks, changes, audits and announces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.ground.facilities import rules
from anlan.ground.facilities.door import FacilityChanged, FacilityRegistered
from anlan.ground.facilities.models import Facility
from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.kernel.geo import Point, in_china
from anlan.kernel.levels import prefix_of
from anlan.ledger.changes import change

_TEXTS = {"name": 120, "address": 200, "contact_name": 60, "contact_phone": 30, "source_note": 200}
_COUNTS = ("people_day", "people_night", "capacity", "occupied", "beds")


def register_facility(*, actor: Actor, now: datetime, **values: object) -> Facility:
    """Enter a facility. Needs ``facilities.register`` at its place.

    ``name, kind, place_code, longitude, latitude`` are needed; ``address, people_day, people_night, capacity, occupied, beds, state,
    contact_name, contact_phone, counted_on, source_note`` may follow. Raises ``Invalid`` naming every wrong field, ``NotPermitted``.
    """
    cleaned = clean(values, {})
    with change(actor, "facilities.register", now=now, place_code=str(cleaned["place_code"])) as made:
        _refuse_twin(cleaned, None)
        row = Facility(created_at=now, updated_at=now, **cleaned)
        row.save(force_insert=True)
        made.subject = row
        made.announce(FacilityRegistered(**_told(row, now), name=row.name))
    return row


def change_facility(
    facility_id: UUID | str, *, actor: Actor, now: datetime, reason: str = "", version: int | None = None, **values: object
) -> Facility:
    """Correct a facility. Needs ``facilities.change``. Raises ``Conflict``, ``NotFound`` and as :func:`register_facility` does."""
    with transaction.atomic():
        row = Facility.objects.select_for_update().filter(pk=facility_id).first()
        if row is None:
            raise NotFound(what=str(facility_id))
        with change(actor, "facilities.change", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.name)
            held = {f.attname: getattr(row, f.attname) for f in Facility._meta.concrete_fields}
            cleaned = clean(values, held)
            _refuse_twin({**held, **cleaned}, row.pk)
            for name, value in cleaned.items():
                setattr(row, name, value)
            row.updated_at = now
            row.save()
            if reason:
                made.facts["reason"] = reason
            made.announce(FacilityChanged(**_told(row, now), name=row.name, state=row.state))
    row.refresh_from_db()
    return row


def set_shelter(facility_id: UUID | str, *, occupied: int, state: str = "", actor: Actor, now: datetime) -> Facility:
    """Say how many people a shelter has taken in; it becomes full when no room is left. Raises as :func:`change_facility` does."""
    return change_facility(facility_id, occupied=occupied, state=state or rules.OPEN, actor=actor, now=now)


def import_facilities(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows of a spreadsheet; the caller's transaction keeps all or none."""
    for values in rows:
        register_facility(actor=actor, now=now, **values)
    return len(rows)


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
    if not whole.get("kind") and "kind" not in wrong:
        wrong["kind"] = rules.UnknownKind(value="", known="、".join(row.name_zh for row in rules.kinds()))
    if not {"longitude", "latitude"} & wrong.keys() and {"longitude", "latitude", "place_code"} & cleaned.keys():
        wrong |= _position(whole)
    if not wrong and whole["kind"] == "shelter":
        try:
            cleaned["state"] = rules.shelter_state(str(whole.get("state") or rules.OPEN), whole.get("occupied"), whole.get("capacity"))
        except rules.MoreThanRoom as refusal:
            wrong["occupied"] = refusal
    if wrong:
        raise Invalid(wrong)
    return cleaned


def one(name: str, value: object) -> Any:
    """Check one field by its name. Raises the field's refusal; ``KeyError`` for an unknown field."""
    if name in _TEXTS:
        return " ".join(str(value or "").split())[: _TEXTS[name]]
    if name == "kind":
        return rules.kind(value).code
    if name in _COUNTS:
        return rules.count(value)
    if name == "state":
        return rules.state(value)
    if name in ("longitude", "latitude"):
        return _degrees(value)
    if name == "counted_on":
        return value if isinstance(value, date) or value is None else (date.fromisoformat(str(value)) if value else None)
    if name in ("place_code", "classification"):
        return value
    raise KeyError(name)


def _degrees(value: object) -> float | None:
    if value is None or value == "":
        return None
    try:
        return float(str(value))
    except ValueError:
        raise rules.WrongPosition(value=value) from None


def _position(whole: Mapping[str, Any]) -> dict[str, Refusal | str]:
    """The point lies in China and in the place that the record names."""
    longitude, latitude, code = whole.get("longitude"), whole.get("latitude"), str(whole.get("place_code") or "")
    if longitude is None or latitude is None:
        return {"longitude": rules.PositionMissing()}
    try:
        in_china(Point(longitude, latitude))
    except Refusal as refusal:
        return {"longitude": refusal}
    county = places.county_at(longitude, latitude)
    if county is not None and code and not county.code.startswith(prefix_of(code)[:6]):
        return {"longitude": rules.OutsideItsPlace(found=places.full_name(county.code), place=places.full_name(code))}
    return {}


def _refuse_twin(values: Mapping[str, Any], own: UUID | None) -> None:
    twins = Facility.objects.filter(place_code=values["place_code"], kind=values["kind"], name=values["name"])
    if twins.exclude(pk=own).exists():
        raise Invalid({"name": rules.AlreadyThere(name=values["name"])})


def _told(row: Facility, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "classification": Classification(row.classification),
        "at": now,
    }
