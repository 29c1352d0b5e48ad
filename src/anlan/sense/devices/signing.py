"""Signing in with a credential outside the stream, and what a device behind it may send. For machines that come by HTTP."""

from __future__ import annotations

from datetime import datetime

from anlan.sense.devices import rules, secret
from anlan.sense.devices.door import AdmittedCredential, SendingDevice
from anlan.sense.devices.models import Device, DeviceCredential, Sensor
from anlan.sense.devices.queries import credential_summary

_NOBODY = secret.digest(secret.new_secret())
"""Compared with when there is no such user name, so that the time an answer takes tells nothing."""


def admit(username: str, given: str, now: datetime) -> AdmittedCredential | None:
    """The credential that ``given`` opens at ``now``; ``None`` when it opens none, or when the credential was revoked."""
    row = DeviceCredential.objects.filter(username=username).first()
    if row is None:
        secret.matches(given, *_NOBODY)
        return None
    opens = secret.matches(given, row.salt, row.secret_digest)
    if not opens and row.previous_until is not None and now < row.previous_until:
        opens = secret.matches(given, row.previous_salt, row.previous_digest)
    if not opens or row.state != rules.ACTIVE:
        return None
    return AdmittedCredential(credential_summary(row), row.place_code, row.classification)


def sending_device(username: str, code: str) -> SendingDevice | None:
    """The device ``code`` behind a credential, with the units and classes of its points in use."""
    found = Device.objects.filter(credential__username=username, code=code).first()
    if found is None:
        return None
    points = list(Sensor.objects.filter(device=found, in_use=True).values_list("code", "unit", "sensor_class", "updated_at"))
    return SendingDevice(
        found.pk,
        code,
        username,
        found.state == rules.IN_USE,
        {point: unit for point, unit, _class, _at in points},
        max([found.updated_at, *(at for *_point, at in points)]),
        rules.beginning(found.commissioned_on, found.created_at),
        {point: sensor_class for point, _unit, sensor_class, _at in points},
    )
