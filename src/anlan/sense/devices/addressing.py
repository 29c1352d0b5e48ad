"""Verbs of a device's names in field protocols: who calls under a name, with which secret, and which of its points is which code there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from uuid import UUID

from django.db import IntegrityError, transaction

from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.changes import Change, change
from anlan.sense.devices import rules
from anlan.sense.devices.announcing import announce
from anlan.sense.devices.door import IssuedAddress, PlannedPoint
from anlan.sense.devices.models import AddressPoint, Device, DeviceAddress
from anlan.wire import addresses

LONGEST_SECRET = 64


@dataclass(frozen=True)
class Told:
    """What is entered of an address. ``secret`` empty: one is drawn where the protocol has room for one; ``open``: none is asked."""

    protocol: str
    address: str
    secret: str = ""
    open: bool = False
    interval_s: float = 10.0
    points: tuple[PlannedPoint, ...] = ()


def add_address(device_id: UUID, told: Told, *, actor: Actor, now: datetime) -> IssuedAddress:
    """Give a device a name in a field protocol. The answer holds the secret, which is kept nowhere else.

    Raises ``Invalid`` naming each wrong field, ``NotFound``, ``NotPermitted``.
    """
    device = Device.objects.filter(pk=device_id).first()
    if device is None:
        raise NotFound(what=str(device_id))
    if device.credential_id is None:
        raise rules.AddressWithoutCredential(device=device.name)
    wrong: dict[str, Refusal | str] = {}
    row = DeviceAddress(
        enterprise_id=device.enterprise_id,
        device=device,
        place_code=device.place_code,
        classification=device.classification,
        created_at=now,
        updated_at=now,
    )
    plain = _fill(row, told, wrong, now)
    points = _checked_points(row, told.points, wrong)
    if wrong:
        raise Invalid(wrong)
    with change(actor, "devices.credentials", now=now, place_code=device.place_code, enterprise_id=device.enterprise_id) as gathered:
        _save(row)
        gathered.subject = row
        _write_points(gathered, row, points, now)
        announce(gathered, device.enterprise_id, device.place_code, now)
    return IssuedAddress(row.pk, row.protocol, row.address, plain)


def change_address(row: DeviceAddress, told: Told, *, actor: Actor, now: datetime) -> DeviceAddress:
    """Change a name, its interval or its points; the secret stays (see :func:`rotate`). Raises ``Invalid``, ``NotPermitted``."""
    wrong: dict[str, Refusal | str] = {}
    with change(actor, "devices.credentials", now=now, record=row) as gathered:
        try:
            row.address = addresses.checked_address(row.protocol, told.address)
        except Refusal as refusal:
            wrong["address"] = refusal
        row.interval_s = _checked_interval(told.interval_s, wrong)
        points = _checked_points(row, told.points, wrong)
        if wrong:
            raise Invalid(wrong)
        _save(row)
        _write_points(gathered, row, points, now)
        announce(gathered, row.enterprise_id, row.place_code, now)
    return row


def rotate(row: DeviceAddress, *, secret: str = "", actor: Actor, now: datetime) -> IssuedAddress:
    """Put a new secret in force (drawn unless given); the old one still opens for ``rules.ROTATION_OVERLAP``. Raises ``NoSecret``."""
    if row.open or row.protocol not in addresses.CALLING:
        raise rules.NoSecret(address=row.address)
    plain = addresses.checked_secret(row.protocol, secret) if secret else addresses.drawn_secret(row.protocol)
    with change(actor, "devices.credentials", now=now, record=row) as gathered:
        row.previous_salt, row.previous_digest = row.salt, row.secret_digest
        row.previous_until = now + rules.ROTATION_OVERLAP
        _seal(row, plain, now)
        row.save()
        announce(gathered, row.enterprise_id, row.place_code, now)
    return IssuedAddress(row.pk, row.protocol, row.address, plain)


def remove_address(row: DeviceAddress, *, actor: Actor, now: datetime) -> None:
    """Take a name away: who calls under it is turned away from then on, and the name may be given to another device."""
    with change(actor, "devices.credentials", now=now, record=row) as gathered:
        gathered.facts["removed"] = [row.protocol, row.address]
        # The audit entry names what was removed; the row itself has nothing more to say.
        DeviceAddress.objects.filter(pk=row.pk).delete()
        announce(gathered, row.enterprise_id, row.place_code, now)


def _fill(row: DeviceAddress, told: Told, wrong: dict[str, Refusal | str], now: datetime) -> str:
    """Check and take over everything but the points; the secret in force, empty for none."""
    if told.protocol not in addresses.PROTOCOLS:
        wrong["protocol"] = addresses.MalformedAddress(protocol=told.protocol, value=told.address, form=", ".join(addresses.PROTOCOLS))
        return ""
    row.protocol = told.protocol
    try:
        row.address = addresses.checked_address(told.protocol, told.address)
    except Refusal as refusal:
        wrong["address"] = refusal
    row.interval_s = _checked_interval(told.interval_s, wrong)
    if told.protocol not in addresses.CALLING:
        # The platform calls: there is nobody to ask for a secret.
        row.open = False
        return ""
    row.open = told.open or told.protocol in addresses.WITHOUT_SECRET
    if row.open:
        return ""
    try:
        plain = addresses.checked_secret(told.protocol, told.secret) if told.secret else addresses.drawn_secret(told.protocol)
    except Refusal as refusal:
        wrong["secret"] = refusal
        return ""
    _seal(row, plain, now)
    return plain


def _checked_interval(value: float, wrong: dict[str, Refusal | str]) -> float:
    if not (isfinite(value) and addresses.LEAST_INTERVAL_S <= value <= addresses.LONGEST_INTERVAL_S):
        wrong["interval_s"] = rules.PollInterval(low=f"{addresses.LEAST_INTERVAL_S:g}", high=f"{addresses.LONGEST_INTERVAL_S:g}")
    return value


def _seal(row: DeviceAddress, plain: str, now: datetime) -> None:
    sealed = addresses.seal(plain)
    row.salt, row.secret_digest, row.rotated_at = sealed.salt, sealed.digest, now


def _checked_points(row: DeviceAddress, points: Sequence[PlannedPoint], wrong: dict[str, Refusal | str]) -> list[PlannedPoint]:
    """The points as they are kept. Wrong ones are named ``<sensor>_code``, ``<sensor>_scale`` or ``<sensor>_form``."""
    known = set(row.device.sensors.values_list("pk", flat=True))
    found: dict[str, PlannedPoint] = {}
    for point in points:
        name = f"{point.sensor_id}_"
        if point.sensor_id not in known:
            wrong[f"{name}code"] = NotFound(what=str(point.sensor_id))
            continue
        try:
            code = addresses.checked_point_code(row.protocol, point.code)
        except Refusal as refusal:
            wrong[f"{name}code"] = refusal
            continue
        if code in found:
            wrong[f"{name}code"] = rules.PointTwice(code=code)
        if not (isfinite(point.scale) and point.scale != 0 and isfinite(point.offset)):
            wrong[f"{name}scale"] = rules.PointScale()
        form, order = "", addresses.ORDERS[0]
        if row.protocol == addresses.MODBUS and addresses.register(code).table in {"holding", "input"}:
            form, order = point.form or addresses.FORMS[0], point.order or addresses.ORDERS[0]
            if form not in addresses.FORMS or order not in addresses.ORDERS:
                wrong[f"{name}form"] = rules.PointForm(value=f"{form} {order}")
        found[code] = PlannedPoint(point.sensor_id, code, point.scale, point.offset, form, order)
    return list(found.values())


def _write_points(gathered: Change, row: DeviceAddress, points: Sequence[PlannedPoint], now: datetime) -> None:
    AddressPoint.objects.filter(address=row).delete()
    AddressPoint.objects.bulk_create(
        AddressPoint(
            address=row,
            sensor_id=point.sensor_id,
            code=point.code,
            scale=point.scale,
            offset=point.offset,
            form=point.form,
            order=point.order,
            created_at=now,
            updated_at=now,
        )
        for point in points
    )
    gathered.facts["points"] = [[str(point.sensor_id), point.code, point.scale, point.offset, point.form, point.order] for point in points]


def _save(row: DeviceAddress) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "devices_address_once" in str(error):
            raise Invalid({"address": rules.AddressTaken(protocol=row.protocol, address=row.address)}) from error
        raise
