"""Verbs of organisations. Each is one transaction: check, change, audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.ground.organisations import rules
from anlan.ground.organisations.models import Contact, Organisation
from anlan.ground.organisations.queries import places_upward
from anlan.ground.places import door as places
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import NotFound
from anlan.kernel.geo import Point, in_china
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
    row.name = row.name.strip()
    if not row.name:
        raise rules.NameMissing
    rules.checked_kind(row.kind)
    if not places.exists(row.place_code):
        raise rules.UnknownPlace(place_code=row.place_code)
    row.level = int(rules.level_at(row.place_code))
    row.duty_phone, row.fax = rules.checked_phone(row.duty_phone), rules.checked_phone(row.fax)
    if row.longitude is not None and row.latitude is not None:
        in_china(Point(row.longitude, row.latitude))
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise rules.DatesReversed
    twin = Organisation.objects.filter(place_code=row.place_code, name=row.name, state=rules.ACTIVE).exclude(pk=row.pk)
    if row.state == rules.ACTIVE and twin.exists():
        raise rules.NameTaken(place=places.place_name(row.place_code), name=row.name)


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

    Raises :class:`rules.UnknownPlace`, :class:`rules.UnknownKind`, :class:`rules.NameTaken`, :class:`rules.WrongPhone`, the refusals of
    the parent, and ``NotPermitted``.
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
    """Store checked rows of a spreadsheet; ``parent`` is the name of an organisation in use at the same place or above.

    Raises the refusals of :func:`create_organisation`; the caller's transaction keeps all rows or none.
    """
    for values in rows:
        facts = dict(values)
        parent_name = str(facts.pop("parent", "") or "").strip()
        parent_id = parent_named(parent_name, facts["place_code"]) if parent_name else None
        create_organisation(parent_id=parent_id, actor=actor, now=now, **facts)
    return len(rows)


def parent_named(name: str, place_code: str) -> UUID:
    """Id of the organisation in use of that name at the place or the nearest place above. Raises :class:`NotFound`."""
    chain = places_upward(place_code)
    found = {row.place_code: row.pk for row in Organisation.objects.filter(name=name, state=rules.ACTIVE, place_code__in=chain)}
    for code in chain:
        if code in found:
            return found[code]
    raise NotFound(what=name)
