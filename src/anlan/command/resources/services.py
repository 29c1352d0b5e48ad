"""Verbs of resources: register, correct, import, state of readiness, yearly confirmation, certificates, agreements, positions.

Each is one transaction that checks, changes, audits and announces. Taking for a task: :mod:`committing`; supplies: :mod:`stocking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.command.resources import door, queries, rules
from anlan.command.resources.models import Agreement, Qualification, RescueResource
from anlan.command.resources.telling import about, already
from anlan.ground.facilities import door as facilities
from anlan.kernel.access import Actor
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.kernel.geo import Point, in_china
from anlan.ledger.changes import change
from anlan.ledger.events import announce
from anlan.ledger.sources import law_day
from anlan.routing import vehicles

_TEXTS = {
    "name": 120,
    "owner_name": 120,
    "address": 200,
    "contact_name": 60,
    "contact_phone": 30,
    "duty_phone": 30,
    "source_note": 200,
}
_LINKS = ("organisation_id", "facility_id", "unit_id", "device_id", "enterprise_id", "parent_id")
_OF_FACILITY = ("name", "address", "longitude", "latitude", "contact_name", "duty_phone", "place_code")


def register_resource(*, actor: Actor, now: datetime, **values: Any) -> RescueResource:
    """Register a resource; who registers it has confirmed it. Needs ``resources.register`` at its place.

    ``kind`` and either ``facility_id`` or ``name, place_code, longitude, latitude`` are needed; ``offers`` as text or pairs of code and quantity.
    Raises ``Invalid`` naming every wrong field, ``NotPermitted``, ``NotFound`` for a facility that ``actor`` may not see.
    """
    offers = _offers(values)
    confirmed = values.pop("confirmed_on", None)
    cleaned = clean(_with_facility(values, actor), {})
    with change(
        actor, "resources.register", now=now, place_code=str(cleaned["place_code"]), enterprise_id=cleaned.get("enterprise_id")
    ) as made:
        _refuse_twin(cleaned, None)
        row = RescueResource(created_at=now, updated_at=now, readiness_since=now, **cleaned)
        row.confirmed_at = now if confirmed is None else confirmed
        row.confirmed_by_name = actor.name
        row.confirm_by = rules.due_after(row.confirmed_at, law_day(now))
        row.offered = _kept(offers or ())
        row.save(force_insert=True)
        made.subject = row
        made.announce(_changed(row, now))
    return row


def change_resource(
    resource_id: UUID | str, *, actor: Actor, now: datetime, reason: str = "", version: int | None = None, **values: Any
) -> RescueResource:
    """Correct a resource. Needs ``resources.change``. Raises ``Conflict``, ``NotFound``, ``FacilityOnly`` and as :func:`register_resource`."""
    offers = _offers(values)
    with transaction.atomic():
        row = locked(resource_id)
        with change(actor, "resources.change", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.name)
            held = {f.attname: getattr(row, f.attname) for f in RescueResource._meta.concrete_fields}
            if row.facility_id is not None:
                values = _without_facility(row, values)
            cleaned = clean(values, held)
            _refuse_twin({**held, **cleaned}, row.pk)
            for name, value in cleaned.items():
                setattr(row, name, value)
            if offers is not None:
                row.offered = _kept(offers)
            row.updated_at = now
            row.save()
            if reason:
                made.facts["reason"] = reason
            made.announce(_changed(row, now))
    row.refresh_from_db()
    return row


def import_resources(rows: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> int:
    """Store checked rows of a spreadsheet; the caller's transaction keeps all or none."""
    for values in rows:
        register_resource(actor=actor, now=now, **values)
    return len(rows)


def locked(resource_id: UUID | str) -> RescueResource:
    """The row, locked until the transaction ends. Raises ``NotFound``."""
    row = RescueResource.objects.select_for_update().filter(pk=resource_id).first()
    if row is None:
        raise NotFound(what=str(resource_id))
    return row


# --- readiness and confirmation --------------------------------------------------------------------------------------------------


def set_readiness(resource_id: UUID | str, *, readiness: str, reason: str = "", actor: Actor, now: datetime) -> RescueResource:
    """Say whether a resource is ready, partly ready or out of service, and why. Whoever is on a task is given back first.

    Raises ``WrongState``, ``ReasonMissing`` (for all but ready), ``AlreadyCommitted``, ``NotPermitted``.
    """
    wanted = rules.readiness(readiness)
    if wanted != rules.READY and not reason.strip():
        raise rules.ReasonMissing
    with transaction.atomic():
        row = locked(resource_id)
        with change(actor, "resources.ready", now=now, record=row) as made:
            held = queries.holders([row.pk]).get(row.pk)
            if held is not None:
                raise already(row.name, held)
            row.readiness, row.readiness_reason, row.readiness_since = wanted, reason.strip()[:200], now
            row.save(update_fields=["readiness", "readiness_reason", "readiness_since"])
            made.announce(_changed(row, now))
    return row


def confirm(resource_id: UUID | str, *, actor: Actor, now: datetime) -> RescueResource:
    """Say that a record is right as it stands (年度核查). Needs ``resources.confirm``. Raises ``NotFound``, ``NotPermitted``."""
    with transaction.atomic():
        row = locked(resource_id)
        with change(actor, "resources.confirm", now=now, record=row) as made:
            row.confirmed_at, row.confirmed_by_name, row.due_told_at = now, actor.name, None
            row.confirm_by = rules.due_after(now, law_day(now))
            row.save(update_fields=["confirmed_at", "confirmed_by_name", "confirm_by", "due_told_at"])
            made.announce(_changed(row, now))
    return row


def sweep_confirmations(now: datetime) -> int:
    """Announce, once for each place, the records whose year is over; how many. Run twice it tells nobody twice."""
    with transaction.atomic():
        late = RescueResource.objects.select_for_update(skip_locked=True).filter(confirm_by__lte=now, due_told_at__isnull=True)
        by_place: dict[tuple[str, UUID | None], list[UUID]] = {}
        for pk, place, enterprise_id in late.values_list("pk", "place_code", "enterprise_id"):
            by_place.setdefault((place[:6], enterprise_id), []).append(pk)
        for (place, enterprise_id), keys in by_place.items():
            RescueResource.objects.filter(pk__in=keys).update(due_told_at=now)
            told = {"subject_id": keys[0], "place_code": place, "enterprise_id": enterprise_id, "at": now}
            announce(door.ConfirmationDue(**told, count=len(keys)))
    return sum(len(keys) for keys in by_place.values())


# --- certificates and agreements -------------------------------------------------------------------------------------------------


def add_qualification(
    resource_id: UUID | str,
    *,
    name: str,
    number: str = "",
    level: str = "",
    valid_until: date | None = None,
    actor: Actor,
    now: datetime,
) -> Qualification:
    """Enter a certificate of a resource; the same name and number again takes its place. Raises ``NameMissing``, ``NotPermitted``."""
    if not name.strip():
        raise rules.NameMissing
    with transaction.atomic():
        row = locked(resource_id)
        with change(actor, "resources.change", now=now, record=row) as made:
            found, _fresh = Qualification.objects.update_or_create(
                resource=row,
                name=name.strip()[:80],
                number=number.strip()[:60],
                defaults={"level": level.strip()[:40], "valid_until": valid_until},
            )
            made.facts.update({"certificate": found.name, "number": found.number, "valid_until": str(valid_until or "")})
            made.announce(_changed(row, now))
    return found


def register_agreement(*, actor: Actor, now: datetime, **values: Any) -> Agreement:
    """Enter an agreement of mutual aid or supply. Needs ``resources.agree`` at the place of who may ask. Raises ``WrongPeriod``, ``NotPermitted``."""
    cleaned = _clean_agreement(values, {})
    with change(actor, "resources.agree", now=now, place_code=cleaned["place_code"]) as made:
        row = Agreement(created_at=now, updated_at=now, **cleaned)
        row.save(force_insert=True)
        made.subject = row
    return row


def change_agreement(
    agreement_id: UUID | str, *, actor: Actor, now: datetime, reason: str = "", version: int | None = None, **values: Any
) -> Agreement:
    """Correct an agreement. Raises ``NotFound``, ``Conflict`` and as :func:`register_agreement`."""
    with transaction.atomic():
        row = Agreement.objects.select_for_update().filter(pk=agreement_id).first()
        if row is None:
            raise NotFound(what=str(agreement_id))
        with change(actor, "resources.agree", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.title)
            held = {f.attname: getattr(row, f.attname) for f in Agreement._meta.concrete_fields}
            for name, value in _clean_agreement(values, held).items():
                setattr(row, name, value)
            row.save()
            if reason:
                made.facts["reason"] = reason
    row.refresh_from_db()
    return row


def _clean_agreement(values: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = dict(values)
    if not (cleaned.get("title") or held.get("title")):
        raise Invalid({"title": rules.NameMissing()})
    whole = {**held, **cleaned}
    if whole.get("valid_until") and whole["valid_until"] < whole["valid_from"]:
        raise Invalid({"valid_until": rules.WrongPeriod()})
    return cleaned


# --- positions and facilities ----------------------------------------------------------------------------------------------------


def follow(positions: Mapping[UUID, door.Position], column: str, now: datetime) -> int:
    """Enter where terminals are (``column``: ``unit_id`` or ``device_id``), newer ones only; how many resources moved."""
    moved: dict[str, list[RescueResource]] = {}
    with transaction.atomic():
        for row in RescueResource.objects.select_for_update(of=("self",)).filter(**{f"{column}__in": list(positions)}):
            longitude, latitude, at = positions[getattr(row, column)]
            if row.seen_at is not None and at <= row.seen_at:
                continue
            row.seen_longitude, row.seen_latitude, row.seen_at = longitude, latitude, at
            row.save(update_fields=["seen_longitude", "seen_latitude", "seen_at"])
            moved.setdefault(row.place_code[:6], []).append(row)
        for place, rows in moved.items():
            announce(door.ResourcesMoved(subject_id=rows[0].pk, place_code=place, at=now, count=len(rows)))
    return sum(len(rows) for rows in moved.values())


def follow_facility(facility_id: UUID, now: datetime) -> None:
    """Bring a resource in line with the facility that it is; no person changed it, so nothing is audited here."""
    row = RescueResource.objects.filter(facility_id=facility_id).first()
    if row is not None:
        for name, value in _of_facility(facilities.facility(facility_id)).items():
            setattr(row, name, value)
        row.updated_at = now
        row.save()


def _of_facility(found: facilities.Facility) -> dict[str, Any]:
    return {
        "name": found.name,
        "place_code": found.place_code,
        "address": found.address,
        "longitude": found.longitude,
        "latitude": found.latitude,
        "contact_name": found.contact_name,
        "duty_phone": found.contact_phone,
        "classification": found.classification,
    }


def _with_facility(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    if not values.get("facility_id"):
        return dict(values)
    return {**values, **_of_facility(facilities.facility(values["facility_id"], actor))}


def _without_facility(row: RescueResource, values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be changed of a resource that is a facility. Raises :class:`FacilityOnly` for what is the facility's."""
    changed = [name for name in _OF_FACILITY if name in values and values[name] != getattr(row, name)]
    if changed:
        raise Invalid({changed[0]: rules.FacilityOnly(name=row.name)})
    return {name: value for name, value in values.items() if name not in _OF_FACILITY}


# --- checks ----------------------------------------------------------------------------------------------------------------------


def clean(values: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
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
        wrong["kind"] = rules.UnknownKind(value="", known="、".join(row.name_zh for row in rules.kinds().values()))
    if not {"longitude", "latitude"} & wrong.keys() and (not held or {"longitude", "latitude", "place_code"} & cleaned.keys()):
        wrong |= _position(whole)
    if cleaned.get("parent_id") and "parent_id" not in wrong:
        wrong |= _parent(cleaned["parent_id"], held.get("id"))
    if wrong:
        raise Invalid(wrong)
    return cleaned


def one(name: str, value: Any) -> Any:
    """Check one field by its name. Raises the field's refusal; ``KeyError`` for an unknown field."""
    if name in _TEXTS:
        return " ".join(str(value or "").split())[: _TEXTS[name]]
    if name == "kind":
        return rules.kind(value)
    if name in ("people", "turnout_min"):
        return None if value in (None, "") else int(rules.quantity(value, zero=True))
    if name in ("longitude", "latitude"):
        return _degrees(value)
    if name == "vehicle":
        return str(value or "") and vehicles.vehicle(str(value)).code
    if name in _LINKS:
        return UUID(str(value)) if value else None
    if name in ("team_level", "place_code", "classification"):
        return value if value is not None else ""
    raise KeyError(name)


def _degrees(value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        return float(str(value))
    except ValueError:
        raise rules.WrongPosition(value=value) from None


def _position(whole: Mapping[str, Any]) -> dict[str, Refusal | str]:
    longitude, latitude = whole.get("longitude"), whole.get("latitude")
    if longitude is None or latitude is None:
        return {"longitude": rules.PositionMissing()}
    try:
        in_china(Point(longitude, latitude))
    except Refusal as refusal:
        return {"longitude": refusal}
    return {}


def _parent(parent_id: UUID, own: UUID | None) -> dict[str, Refusal | str]:
    """Teams have one layer of units: what is above is no unit itself, what has units is none."""
    above = RescueResource.objects.filter(pk=parent_id).first()
    if above is None:
        return {"parent_id": NotFound(what=str(parent_id))}
    if above.parent_id is not None or above.pk == own or (own is not None and RescueResource.objects.filter(parent_id=own).exists()):
        return {"parent_id": rules.OwnUnit()}
    return {}


def _refuse_twin(values: Mapping[str, Any], own: UUID | None) -> None:
    twins = RescueResource.objects.filter(place_code=values["place_code"], kind=values["kind"], name=values["name"])
    if values.get("facility_id"):
        twins = twins | RescueResource.objects.filter(facility_id=values["facility_id"])
    if twins.exclude(pk=own).exists():
        raise Invalid({"name": rules.AlreadyThere(name=values["name"])})


def _offers(values: dict[str, Any]) -> tuple[tuple[str, Decimal], ...] | None:
    """Take the offers out of the values, text or pairs; ``None`` when nothing is said of them. Raises ``Invalid``."""
    given = values.pop("offers", None)
    if given is None:
        return None
    try:
        if isinstance(given, str):
            return rules.read_offers(given)
        return tuple((rules.offer(code), rules.quantity(number)) for code, number in dict(given).items())
    except Refusal as refusal:
        raise Invalid({"offers": refusal}) from refusal


def _kept(offers: Sequence[tuple[str, Decimal]]) -> dict[str, str]:
    return {code: rules.plain(number) for code, number in offers}


def _changed(row: RescueResource, now: datetime) -> door.ResourceChanged:
    return door.ResourceChanged(**about(row, now), name=row.name, readiness=row.readiness)
