"""Verbs of organisations. Each is one transaction: check, change, audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.ground.organisations import rules
from anlan.ground.organisations.models import Contact, Organisation
from anlan.ground.organisations.queries import parent_named
from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.geo import ImpossibleCoordinates, Point, in_china
from anlan.ledger.changes import change

# Two moves at once could close a circle that neither sees; moves in the tree therefore stand in one queue.
_TREE_LOCK = 0x0A11A2
_TEXTS = ("name", "short_name", "duties", "address", "duty_phone", "fax")


def _locked(organisation_id: UUID) -> Organisation:
    row = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if row is None:
        raise NotFound(what=str(organisation_id))
    return row


def _queue_for_tree() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def _check_parent(row: Organisation, parent_id: UUID | None, *, known: bool) -> None:
    """Raises the refusals of :func:`rules.check_parent`, :class:`rules.ParentDissolved`, :class:`NotFound`."""
    if parent_id is None:
        return
    _queue_for_tree()
    above: list[Organisation] = []
    here: UUID | None = parent_id
    while here is not None and len(above) <= rules.DEEPEST:
        found = Organisation.objects.filter(pk=here).first()
        if found is None:
            raise NotFound(what=str(here))
        above.append(found)
        here = found.parent_id
    if above[0].state != rules.ACTIVE:
        raise rules.ParentDissolved(parent=above[0].name)
    rules.check_parent(
        row.pk if known else None,
        row.name,
        row.place_code,
        [(item.pk, item.name) for item in above],
        above[0].place_code,
    )


def _check(row: Organisation) -> None:
    """Tidy the row and judge its fields. Raises :class:`Invalid` naming every wrong one."""
    row.name = row.name.strip()
    wrong = problems_of(
        {
            "name": row.name,
            "kind": row.kind,
            "place_code": row.place_code,
            "duty_phone": row.duty_phone,
            "fax": row.fax,
            "longitude": row.longitude,
            "latitude": row.latitude,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        },
        own=row.pk if row.state == rules.ACTIVE else None,
        named_once=row.state == rules.ACTIVE,
    )
    if wrong:
        raise Invalid(fields=wrong)
    row.level = int(rules.level_at(row.place_code))
    row.duty_phone, row.fax = rules.checked_phone(row.duty_phone), rules.checked_phone(row.fax)


def problems_of(values: Mapping[str, Any], *, own: UUID | None = None, named_once: bool = True) -> dict[str, Refusal | str]:
    """What is wrong with the values of an organisation, by field; the form, the services and the spreadsheet judge alike."""
    wrong: dict[str, Refusal | str] = {}
    name, place_code = str(values.get("name") or "").strip(), str(values.get("place_code") or "")
    if not name:
        wrong["name"] = rules.NameMissing()
    if not places.exists(place_code):
        wrong["place_code"] = rules.UnknownPlace(place_code=place_code)
    elif name and named_once:
        twin = Organisation.objects.filter(place_code=place_code, name=name, state=rules.ACTIVE).exclude(pk=own)
        if twin.exists():
            wrong["name"] = rules.NameTaken(place=places.place_name(place_code), name=name)
    for field, check in (("kind", rules.checked_kind), ("duty_phone", rules.checked_phone), ("fax", rules.checked_phone)):
        try:
            check(str(values.get(field) or ""))
        except Refusal as refusal:
            wrong[field] = refusal
    longitude, latitude = values.get("longitude"), values.get("latitude")
    if longitude is not None and latitude is not None:
        try:
            in_china(Point(longitude, latitude))
        except ImpossibleCoordinates as refusal:
            wrong["longitude"] = refusal
    if values.get("valid_from") and values.get("valid_to") and values["valid_to"] < values["valid_from"]:
        wrong["valid_to"] = rules.DatesReversed()
    return wrong


def create_organisation(
    *,
    name: str,
    kind: str,
    place_code: str,
    actor: Actor,
    now: datetime,
    parent_id: UUID | None = None,
    short_name: str = "",
    duties: str = "",
    address: str = "",
    longitude: float | None = None,
    latitude: float | None = None,
    duty_phone: str = "",
    fax: str = "",
    valid_from: date | None = None,
    classification: Classification = Classification.INTERNAL,
) -> Organisation:
    """Enter an organisation answerable for ``place_code``. Its level follows from the place.

    Raises ``Invalid`` with the refusals by field (:func:`problems_of`), the refusals of the parent, and ``NotPermitted``.
    """
    with change(actor, "organisations.create", now=now, place_code=place_code) as made:
        row = Organisation(
            name=name,
            kind=kind,
            place_code=place_code,
            parent_id=parent_id,
            short_name=short_name,
            duties=duties,
            address=address,
            longitude=longitude,
            latitude=latitude,
            duty_phone=duty_phone,
            fax=fax,
            valid_from=valid_from,
            classification=int(classification),
            created_at=now,
            updated_at=now,
        )
        _check(row)
        _check_parent(row, parent_id, known=False)
        row.save(force_insert=True)
        made.subject = row
    return row


def change_organisation(organisation_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> Organisation:
    """Change what is given in ``values`` (fields of the form; ``parent_id`` moves it in the tree).

    Raises what :func:`create_organisation` raises and :class:`rules.AlreadyDissolved`.
    """
    row = Organisation.objects.filter(pk=organisation_id).first()
    if row is None:
        raise NotFound(what=str(organisation_id))
    with change(actor, "organisations.change", now=now, record=row) as made:
        row = _locked(organisation_id)
        made.subject = row
        if row.state != rules.ACTIVE:
            raise rules.AlreadyDissolved(name=row.name)
        allowed = {*_TEXTS, "kind", "place_code", "parent_id", "longitude", "latitude", "valid_from", "classification"}
        for name, value in values.items():
            if name not in allowed:
                raise TypeError(f"change_organisation() got an unexpected keyword argument {name!r}")
            setattr(row, name, value)
        _check(row)
        if "parent_id" in values or "place_code" in values:
            _check_parent(row, row.parent_id, known=True)
        row.save()
    return row


def dissolve_organisation(organisation_id: UUID, *, on: date, actor: Actor, now: datetime) -> Organisation:
    """Mark an organisation as dissolved on a day. Raises :class:`rules.HasActiveChildren`, :class:`rules.AlreadyDissolved`."""
    row = Organisation.objects.filter(pk=organisation_id).first()
    if row is None:
        raise NotFound(what=str(organisation_id))
    with change(actor, "organisations.dissolve", now=now, record=row) as made:
        _queue_for_tree()
        row = _locked(organisation_id)
        made.subject = row
        if row.state != rules.ACTIVE:
            raise rules.AlreadyDissolved(name=row.name)
        children = Organisation.objects.filter(parent=row, state=rules.ACTIVE).count()
        if children:
            raise rules.HasActiveChildren(name=row.name, count=children)
        if row.valid_from and on < row.valid_from:
            raise rules.DatesReversed
        row.state, row.valid_to = rules.DISSOLVED, on
        row.save()
    return row


def set_contacts(organisation_id: UUID, contacts: Sequence[Mapping[str, str]], *, actor: Actor, now: datetime) -> list[Contact]:
    """Replace the people to call: mappings with ``name``, ``duty``, ``phone``, in the order of calling. Raises :class:`rules.WrongPhone`."""
    row = Organisation.objects.filter(pk=organisation_id).first()
    if row is None:
        raise NotFound(what=str(organisation_id))
    with change(actor, "organisations.change", now=now, record=row) as made:
        row = _locked(organisation_id)
        made.facts["contacts"] = len(contacts)
        row.contacts.all().delete()
        return Contact.objects.bulk_create(
            Contact(
                organisation=row,
                name=item["name"].strip(),
                duty=item.get("duty", "").strip(),
                phone=rules.checked_phone(item.get("phone", "")),
                position=position,
            )
            for position, item in enumerate(contacts)
        )


def import_organisations(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows of a spreadsheet; ``parent_name`` is the name of an organisation in use at the same place or above.

    Raises the refusals of :func:`create_organisation`; the caller's transaction keeps all rows or none.
    """
    for values in rows:
        # An empty cell says nothing: the field keeps its default.
        facts = {name: value for name, value in values.items() if value not in ("", None)}
        parent_name = str(facts.pop("parent_name", "") or "").strip()
        parent_id = parent_named(parent_name, facts["place_code"]) if parent_name else None
        create_organisation(parent_id=parent_id, actor=actor, now=now, **facts)
    return len(rows)
