"""Verbs of devices: each is one transaction that checks, changes, audits and tells the processes of the stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.changes import change
from anlan.sense.devices import classes, rules
from anlan.sense.devices import secret as secrets_of
from anlan.sense.devices.announcing import announce
from anlan.sense.devices.door import IssuedSecret
from anlan.sense.devices.models import Device, DeviceCredential, MaintenanceWindow, Sensor, Threshold, ThresholdSet
from anlan.sense.devices.queries import credential_summary, in_force

DEVICE_FIELDS = (
    "site_id",
    "risk_source_id",
    "credential_id",
    "code",
    "name",
    "device_class",
    "state",
    "manufacturer",
    "model_number",
    "location_note",
    "longitude",
    "latitude",
    "commissioned_on",
)
SENSOR_FIELDS = ("code", "name", "sensor_class", "unit", "range_low", "range_high", "decimals", "in_use", "calibration_days")


def issue_credential(
    enterprise_id: UUID, *, label: str = "", username: str = "", secret: str = "", actor: Actor, now: datetime
) -> IssuedSecret:
    """Issue a credential for an enterprise's equipment; the secret is in the answer and nowhere else.

    Raises ``MalformedCode``, ``CodeTaken``, ``NotPermitted``.
    """
    owner = enterprises.enterprise(enterprise_id)
    name, plain = rules.checked_code(username or secrets_of.new_username()), secret or secrets_of.new_secret()
    salt, digest = secrets_of.digest(plain)
    with change(actor, "devices.credentials", now=now, place_code=owner.place_code, enterprise_id=owner.id) as gathered:
        credential = DeviceCredential(
            enterprise_id=owner.id,
            place_code=owner.place_code,
            classification=owner.classification,
            username=name,
            label=label,
            salt=salt,
            secret_digest=digest,
            rotated_at=now,
            created_at=now,
            updated_at=now,
        )
        _save_once(credential, name)
        gathered.subject = credential
        announce(gathered, owner.id, owner.place_code, now)
    return IssuedSecret(credential_summary(credential), plain)


def rotate_secret(credential: DeviceCredential, *, actor: Actor, now: datetime) -> IssuedSecret:
    """Draw a new secret; the old one still opens for :data:`rules.ROTATION_OVERLAP`. Raises ``CredentialRevoked``."""
    if credential.state != rules.ACTIVE:
        raise rules.CredentialRevoked(username=credential.username)
    plain = secrets_of.new_secret()
    with change(actor, "devices.credentials", now=now, record=credential) as gathered:
        credential.previous_salt, credential.previous_digest = credential.salt, credential.secret_digest
        credential.previous_until = now + rules.ROTATION_OVERLAP
        credential.salt, credential.secret_digest = secrets_of.digest(plain)
        credential.rotated_at = now
        credential.save()
        announce(gathered, credential.enterprise_id, credential.place_code, now)
    return IssuedSecret(credential_summary(credential), plain)


def revoke_credential(credential: DeviceCredential, *, reason: str = "", actor: Actor, now: datetime) -> DeviceCredential:
    """End a credential for good: nothing signs in with it any more and what still arrives is kept apart. ``reason`` is audited."""
    with change(actor, "devices.credentials", now=now, record=credential) as gathered:
        gathered.facts["reason"] = reason
        credential.state = rules.REVOKED
        credential.save()
        announce(gathered, credential.enterprise_id, credential.place_code, now)
    return credential


def set_quota(
    credential: DeviceCredential, *, messages_per_minute: int, readings_per_minute: int, actor: Actor, now: datetime
) -> DeviceCredential:
    """Bound what everything behind a credential may send together in a minute; 0: no bound. Raises ``QuotaValue``, ``NotPermitted``."""
    messages, readings = rules.checked_quota(messages_per_minute), rules.checked_quota(readings_per_minute)
    with change(actor, "devices.credentials", now=now, record=credential) as gathered:
        credential.messages_per_minute, credential.readings_per_minute = messages, readings
        credential.save()
        announce(gathered, credential.enterprise_id, credential.place_code, now)
    return credential


def register_device(enterprise_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Device:
    """Register a device of an enterprise. ``values``: see :data:`DEVICE_FIELDS`; ``code``, ``name`` and ``device_class`` are needed.

    Raises ``Invalid`` naming each wrong field, ``NotPermitted``.
    """
    owner = enterprises.enterprise(enterprise_id)
    device = Device(
        enterprise_id=owner.id, place_code=owner.place_code, classification=owner.classification, created_at=now, updated_at=now
    )
    place = values.get("place_code") or (enterprises.site(values["site_id"]).place_code if values.get("site_id") else "")
    device.place_code = str(place or owner.place_code)
    _fill(device, values, DEVICE_FIELDS)
    _check_device(device)
    with change(actor, "devices.register", now=now, place_code=device.place_code, enterprise_id=owner.id) as gathered:
        _save_once(device, device.code)
        gathered.subject = device
        announce(gathered, owner.id, device.place_code, now)
    return device


def change_device(device: Device, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Device:
    """Change a device. Raises ``Invalid``, ``NotPermitted``."""
    with change(actor, "devices.change", now=now, record=device) as gathered:
        _fill(device, values, DEVICE_FIELDS)
        _check_device(device)
        _save_once(device, device.code)
        announce(gathered, device.enterprise_id, device.place_code, now)
    return device


def add_sensor(device_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Sensor:
    """Add a measuring point to a device; its unit is that of its class unless given. Raises ``Invalid``, ``NotFound``, ``NotPermitted``."""
    device = Device.objects.filter(pk=device_id).first()
    if device is None:
        raise NotFound(what=str(device_id))
    sensor = Sensor(
        enterprise_id=device.enterprise_id,
        device=device,
        place_code=device.place_code,
        classification=device.classification,
        created_at=now,
        updated_at=now,
    )
    _fill(sensor, values, SENSOR_FIELDS)
    _check_sensor(sensor)
    with change(actor, "devices.register", now=now, place_code=device.place_code, enterprise_id=device.enterprise_id) as gathered:
        _save_once(sensor, sensor.code)
        gathered.subject = sensor
        announce(gathered, device.enterprise_id, device.place_code, now)
    return sensor


def change_sensor(sensor: Sensor, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Sensor:
    """Change a measuring point; its channel stays. Raises ``Invalid``, ``NotPermitted``."""
    with change(actor, "devices.change", now=now, record=sensor) as gathered:
        _fill(sensor, values, SENSOR_FIELDS)
        _check_sensor(sensor)
        _save_once(sensor, sensor.code)
        announce(gathered, sensor.enterprise_id, sensor.place_code, now)
    return sensor


def set_thresholds(
    sensor_id: UUID,
    limits: Sequence[rules.Limit],
    *,
    basis: str,
    source: str,
    status: str = "unverified",
    effective_from: date | None = None,
    actor: Actor,
    now: datetime,
) -> ThresholdSet:
    """Put a set of limits in force from a day on (today when not given); the set before ends the day before.

    ``basis``: design, standard or enterprise; ``source`` names the document. No limits at all is a set too: the point then raises no
    alarm. Raises ``ThresholdValue``, ``ThresholdOutOfRange``, ``ThresholdOrder``, ``ThresholdPeriod``, ``NotFound``.
    """
    sensor = Sensor.objects.select_related("device").filter(pk=sensor_id).first()
    if sensor is None:
        raise NotFound(what=str(sensor_id))
    low, high = classes.plausible_range(sensor.sensor_class, sensor.range_low, sensor.range_high)
    checked = rules.checked_limits(limits, low, high)
    since = effective_from or timezone.localdate(now)
    with change(actor, "devices.set_thresholds", now=now, record=sensor) as gathered:
        newest = ThresholdSet.objects.filter(sensor=sensor).first()
        if newest is not None and since < newest.effective_from:
            raise rules.ThresholdPeriod(since=since, current=newest.effective_from)
        for before in ThresholdSet.objects.select_for_update().filter(in_force(since), sensor=sensor):
            # A set replaced on its own first day never ruled a whole day; its last day is then before its first.
            before.effective_to = since - timedelta(days=1)
            before.updated_at = now
            before.save()
        made = ThresholdSet.objects.create(
            sensor=sensor,
            effective_from=since,
            basis=basis,
            source=source,
            status=status,
            set_by=actor.name,
            created_at=now,
            updated_at=now,
        )
        Threshold.objects.bulk_create(
            Threshold(threshold_set=made, kind=x.kind, limit=x.limit, hysteresis=x.hysteresis, dwell_s=x.dwell_s, level=x.level)
            for x in checked
        )
        gathered.facts["limits"] = [[x.kind, x.limit, x.hysteresis, x.dwell_s, x.level] for x in checked]
        gathered.facts["effective_from"] = str(since)
        announce(gathered, sensor.enterprise_id, sensor.place_code, now)
    return made


def plan_maintenance(
    device: Device, *, kind: str, since: datetime, until: datetime, reason: str, actor: Actor, now: datetime
) -> MaintenanceWindow:
    """Enter a time of work on a device, in which its readings raise no alarm, or of an exercise, in which it may mark them as one.

    Raises ``WindowPeriod``, ``ExerciseTooLong``, ``NotPermitted``.
    """
    since = rules.checked_window(kind, since, until, now)
    with change(actor, "devices.maintain", now=now, place_code=device.place_code, enterprise_id=device.enterprise_id) as gathered:
        window = MaintenanceWindow(
            enterprise_id=device.enterprise_id,
            device=device,
            place_code=device.place_code,
            classification=device.classification,
            kind=kind,
            since=since,
            until=until,
            reason=reason,
            approved_by=actor.name,
            created_at=now,
            updated_at=now,
        )
        window.save()
        gathered.subject = window
        announce(gathered, device.enterprise_id, device.place_code, now)
    return window


def _fill(record: Any, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in values:
            setattr(record, name, values[name])


def _check_device(device: Device) -> None:
    wrong: dict[str, Refusal | str] = {}
    try:
        rules.checked_code(device.code)
    except rules.MalformedCode as refusal:
        wrong["code"] = refusal
    if device.credential_id is not None:
        credential = DeviceCredential.objects.filter(pk=device.credential_id).first()
        if credential is None or credential.enterprise_id != device.enterprise_id:
            wrong["credential_id"] = rules.CredentialOfAnother(username=getattr(credential, "username", device.credential_id))
    if wrong:
        raise Invalid(wrong)


def _check_sensor(sensor: Sensor) -> None:
    wrong: dict[str, Refusal | str] = {}
    try:
        rules.checked_tag(sensor.code)
    except rules.MalformedTag as refusal:
        wrong["code"] = refusal
    known = classes.by_code().get(sensor.sensor_class)
    if known is None:
        wrong["sensor_class"] = rules.UnknownQuantity(value=sensor.sensor_class)
    elif not sensor.unit:
        sensor.unit = known.unit
    if wrong:
        raise Invalid(wrong)


def _save_once(record: Any, code: str) -> None:
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as error:
        if "once" in str(error) or "username" in str(error):
            field = "username" if isinstance(record, DeviceCredential) else "code"
            raise Invalid({field: rules.CodeTaken(value=code)}) from error
        raise
