"""Verbs of field units: enrol, change; and what the port learned, a batch in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from anlan.command.field import rules
from anlan.command.field.door import FieldUnitChanged, FieldUnitsMoved
from anlan.command.field.models import FieldPosition, FieldStranger, FieldUnit
from anlan.command.incidents import door as incidents
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.ledger.changes import change
from anlan.ledger.events import announce
from anlan.wire.cot import Event

_TEXTS = {"uid": 200, "callsign": 100, "team": 120}
_MADE = ("uid", "callsign", "fingerprint", "organisation_id", "team", "incident_id", "place_code", "active", "exercise")


def enrol(*, actor: Actor, now: datetime, **values: object) -> FieldUnit:
    """Enrol a unit: ``uid, callsign, place_code`` are needed; ``fingerprint, organisation_id, team, incident_id, active, exercise`` may follow.

    Raises ``Invalid`` naming every wrong field, ``NotPermitted``.
    """
    cleaned = clean(values, {}, actor)
    with change(actor, "field.enrol", now=now, place_code=str(cleaned["place_code"])) as made:
        if FieldUnit.objects.filter(uid=cleaned["uid"]).exists():
            raise Invalid({"uid": rules.UidTaken(uid=cleaned["uid"])})
        row = FieldUnit(created_at=now, updated_at=now, **cleaned)
        row.save(force_insert=True)
        FieldStranger.objects.filter(uid=row.uid).delete()
        made.subject = row
        made.announce(_told(row, now))
    return row


def alter(unit_id: UUID | str, *, actor: Actor, now: datetime, version: int | None = None, **values: object) -> FieldUnit:
    """Correct, move to an incident, or take out of use. Raises ``NotFound``, ``Conflict`` and as :func:`enrol` does."""
    with transaction.atomic():
        row = FieldUnit.objects.select_for_update().filter(pk=unit_id).first()
        if row is None:
            raise NotFound(what=str(unit_id))
        with change(actor, "field.enrol", now=now, record=row) as made:
            if version is not None and version != row.version:
                raise Conflict(what=row.callsign)
            cleaned = clean(values, {name: getattr(row, name) for name in _MADE}, actor)
            if FieldUnit.objects.filter(uid=cleaned.get("uid", row.uid)).exclude(pk=row.pk).exists():
                raise Invalid({"uid": rules.UidTaken(uid=cleaned["uid"])})
            for name, value in cleaned.items():
                setattr(row, name, value)
            row.updated_at = now
            row.save()
            made.announce(_told(row, now))
    row.refresh_from_db()
    return row


def clean(values: Mapping[str, object], held: Mapping[str, object], actor: Actor) -> dict[str, Any]:
    """Check the fields given; ``held``: what the record holds already. Raises ``Invalid`` naming every wrong field."""
    cleaned: dict[str, Any] = {}
    wrong: dict[str, Refusal | str] = {}
    for name, value in values.items():
        if name in _TEXTS:
            cleaned[name] = " ".join(str(value or "").split())[: _TEXTS[name]]
        elif name in _MADE:
            cleaned[name] = value or None if name in ("organisation_id", "incident_id") else value
    if "exercise" in cleaned and held.get("incident_id") is not None:
        cleaned.setdefault("incident_id", held["incident_id"])
    checks: dict[str, Callable[[], None]] = {
        "fingerprint": lambda: cleaned.update(fingerprint=rules.fingerprint(str(values["fingerprint"] or ""))),
        "organisation_id": lambda: cleaned.update(_organisation(cleaned["organisation_id"], held)),
        "incident_id": lambda: cleaned.update(_incident(cleaned, held, actor)),
    }
    for name, check in checks.items():
        try:
            if name in cleaned:
                check()
        except Refusal as refusal:
            wrong[name] = refusal
    whole = {**held, **cleaned}
    if not whole.get("uid"):
        wrong["uid"] = rules.UidMissing()
    elif str(whole["uid"]).startswith(rules.OWN_PREFIX):
        wrong["uid"] = rules.UidReserved()
    if not whole.get("callsign"):
        wrong["callsign"] = rules.CallsignMissing()
    if wrong:
        raise Invalid(wrong)
    return cleaned


def _organisation(chosen: object, held: Mapping[str, object]) -> dict[str, object]:
    """The organisation with its name. Raises ``UnknownOrganisation``."""
    if chosen is None:
        return {"organisation_id": None, "organisation_name": ""}
    key = _key(chosen, rules.UnknownOrganisation())
    found = organisations.organisation(key)
    if found is None or not (found.in_use or key == held.get("organisation_id")):
        raise rules.UnknownOrganisation
    return {"organisation_id": key, "organisation_name": found.name[:200]}


def _incident(cleaned: Mapping[str, object], held: Mapping[str, object], actor: Actor) -> dict[str, object]:
    """The incident, open and seen by ``actor``, or the one held; of an exercise when the unit is. Raises ``UnknownIncident``, ``ExerciseDiffers``."""
    chosen = cleaned["incident_id"]
    if chosen is None:
        return {}
    key = _key(chosen, rules.UnknownIncident())
    if key != held.get("incident_id") or cleaned.get("exercise", held.get("exercise")) != held.get("exercise"):
        try:
            found = incidents.incident(key, actor)
        except NotFound:
            raise rules.UnknownIncident from None
        if found.closed_at is not None and key != held.get("incident_id"):
            raise rules.UnknownIncident
        if found.exercise != bool(cleaned.get("exercise", held.get("exercise"))):
            raise rules.ExerciseDiffers
    return {"incident_id": key}


def _key(value: object, refusal: Refusal) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise refusal from None


def _told(row: FieldUnit, now: datetime) -> FieldUnitChanged:
    return FieldUnitChanged(subject_id=row.pk, place_code=row.place_code, at=now, exercise=row.exercise, callsign=row.callsign)


def take_in(heard: Mapping[UUID, Sequence[Event]], now: datetime) -> int:
    """Enter what units said, in order; entering it twice changes nothing more. Returns how many units had a position.

    Positions are no decisions of a person: they are written without an audit entry each. One announcement a place.
    """
    moved: dict[tuple[str, bool], list[FieldUnit]] = {}
    with transaction.atomic():
        rows = FieldUnit.objects.select_for_update().filter(pk__in=list(heard), active=True).order_by("pk")
        for unit in rows:
            track: list[FieldPosition] = []
            for event in heard[unit.pk]:
                _enter(unit, event, now, track)
            unit.save(update_fields=_SAID)
            if track:
                FieldPosition.objects.bulk_create(track, ignore_conflicts=True)
                _bound(unit)
            moved.setdefault((unit.place_code, unit.exercise), []).append(unit)
        for (place_code, exercise), units in moved.items():
            announce(FieldUnitsMoved(subject_id=units[0].pk, place_code=place_code, at=now, exercise=exercise, count=len(units)))
    return sum(map(len, moved.values()))


_SAID = [
    "heard_at", "position_at", "stale_at", "longitude", "latitude", "height_m", "accuracy_m", "speed_m_s", "course", "battery", "cot_type",
    "team_colour", "role", "device", "software",
]  # fmt: skip


def _enter(unit: FieldUnit, event: Event, now: datetime, track: list[FieldPosition]) -> None:
    # A clock that is ahead must not keep a unit current for ever.
    at = event.time if event.time <= now + rules.AHEAD_MOST else now
    unit.heard_at, detail = now, event.detail
    if unit.position_at is not None and at < unit.position_at:
        # What was sent later has come already.
        return
    unit.cot_type = event.type
    if detail.group is not None:
        unit.team_colour, unit.role = detail.group.name[:40], detail.group.role[:60]
    if detail.software is not None:
        unit.device = detail.software.device[:120]
        unit.software = f"{detail.software.platform} {detail.software.version}".strip()[:120]
    if detail.battery is not None and 0 <= detail.battery <= 100:
        unit.battery = detail.battery
    if not event.point.is_fix:
        return
    point, motion = event.point, detail.track
    last = track[-1] if track else unit.track.order_by("-at").first()
    if rules.kept((last.at, last.longitude, last.latitude) if last else None, at, point.longitude, point.latitude):
        place = {"at": at, "longitude": point.longitude, "latitude": point.latitude}
        track.append(
            FieldPosition(unit=unit, speed_m_s=motion.speed if motion else None, course=motion.course if motion else None, **place)
        )
    unit.longitude, unit.latitude, unit.position_at = point.longitude, point.latitude, at
    unit.stale_at = rules.holds_until(at, event.stale - event.time)
    unit.height_m, unit.accuracy_m = point.hae, point.ce
    unit.speed_m_s, unit.course = (motion.speed, motion.course) if motion else (None, None)


def _bound(unit: FieldUnit) -> None:
    oldest = unit.track.order_by("-at").values_list("at", flat=True)[rules.TRACK_MOST - 1 : rules.TRACK_MOST].first()
    if oldest is not None:
        unit.track.filter(at__lt=oldest).delete()


def set_apart(strangers: Sequence[tuple[str, str, str, str, str]], now: datetime) -> None:
    """Note terminals that were turned away: (uid, callsign, fingerprint, peer, reason code)."""
    for uid, callsign, fingerprint, peer, reason in strangers:
        told = {"callsign": callsign[:100], "fingerprint": fingerprint, "peer": peer[:80], "reason": reason, "last_at": now}
        if not FieldStranger.objects.filter(uid=uid[:200]).update(count=F("count") + 1, **told):
            FieldStranger.objects.get_or_create(uid=uid[:200], defaults={**told, "first_at": now})
    surplus = FieldStranger.objects.order_by("-last_at").values_list("pk", flat=True)[rules.STRANGERS_MOST :]
    FieldStranger.objects.filter(pk__in=list(surplus)).delete()
