"""Taking a whole plant's equipment over at once: one credential with all its devices, points and limits, written in bulk.

A national chemical park brings ten thousand points on one day; one by one, each with its own audit entry, that takes hours. Here a
credential and everything behind it is one change with one audit entry that names the counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.ledger.changes import change
from anlan.sense.devices import classes, rules
from anlan.sense.devices import secret as secrets_of
from anlan.sense.devices.door import DevicesChanged, IssuedSecret, PlannedDevice
from anlan.sense.devices.models import Device, DeviceCredential, Sensor, Threshold, ThresholdSet
from anlan.sense.devices.queries import credential_summary


@dataclass(frozen=True)
class Basis:
    """Where the limits of the taken-over points come from: basis (design, standard, enterprise), document, and status."""

    basis: str
    source: str
    status: str = "unverified"


def onboard(
    enterprise_id: UUID, devices: Sequence[PlannedDevice], *, label: str, basis: Basis, actor: Actor, now: datetime
) -> IssuedSecret:
    """Issue a credential and register ``devices`` behind it, all or nothing.

    Raises ``Invalid`` naming ``device/point`` for everything wrong, ``NotPermitted``, ``NotFound``.
    """
    owner = enterprises.enterprise(enterprise_id)
    _check(devices)
    salt, digest = secrets_of.digest(plain := secrets_of.new_secret())
    common = {
        "enterprise_id": owner.id,
        "place_code": owner.place_code,
        "classification": owner.classification,
        "created_at": now,
        "updated_at": now,
    }
    with change(actor, "devices.credentials", now=now, place_code=owner.place_code, enterprise_id=owner.id) as gathered:
        credential = DeviceCredential(
            **common, username=secrets_of.new_username(), label=label, salt=salt, secret_digest=digest, rotated_at=now
        )
        credential.save()
        gathered.subject = credential
        made = [
            Device(**common, credential=credential, code=planned.code, name=planned.name, device_class=planned.device_class)
            for planned in devices
        ]
        try:
            with transaction.atomic():
                Device.objects.bulk_create(made, batch_size=1000)
        except IntegrityError as error:
            raise Invalid({"code": rules.CodeTaken(value=", ".join(planned.code for planned in devices)[:120])}) from error
        sensors = [
            (
                Sensor(
                    **common,
                    device=device,
                    code=point.code,
                    name=point.name,
                    sensor_class=point.sensor_class,
                    unit=point.unit or classes.by_code()[point.sensor_class].unit,
                ),
                point,
            )
            for device, planned in zip(made, devices, strict=True)
            for point in planned.sensors
        ]
        Sensor.objects.bulk_create([sensor for sensor, _ in sensors], batch_size=2000)
        sets = [
            (
                ThresholdSet(
                    sensor=sensor,
                    effective_from=timezone.localdate(now),
                    basis=basis.basis,
                    source=basis.source,
                    status=basis.status,
                    set_by=actor.name,
                    created_at=now,
                    updated_at=now,
                ),
                point,
            )
            for sensor, point in sensors
            if point.limits
        ]
        ThresholdSet.objects.bulk_create([made_set for made_set, _ in sets], batch_size=2000)
        Threshold.objects.bulk_create(
            [
                Threshold(threshold_set=made_set, kind=x.kind, limit=x.limit, hysteresis=x.hysteresis, dwell_s=x.dwell_s, level=x.level)
                for made_set, point in sets
                for x in point.limits
            ],
            batch_size=2000,
        )
        gathered.facts.update(devices=len(made), sensors=len(sensors), limits=sum(len(point.limits) for _, point in sets))
        gathered.announce(DevicesChanged(subject_id=owner.id, enterprise_id=owner.id, place_code=owner.place_code, at=now))
    return IssuedSecret(credential_summary(credential), plain)


def _check(devices: Sequence[PlannedDevice]) -> None:
    wrong: dict[str, Refusal | str] = {}
    for planned in devices:
        try:
            rules.checked_code(planned.code)
        except Refusal as refusal:
            wrong[planned.code] = refusal
        for point in planned.sensors:
            where = f"{planned.code}/{point.code}"
            try:
                rules.checked_tag(point.code)
                if point.sensor_class not in classes.by_code():
                    wrong[where] = rules.UnknownQuantity(value=point.sensor_class)
                    continue
                rules.checked_limits(point.limits, *classes.plausible_range(point.sensor_class, None, None))
            except Refusal as refusal:
                wrong[where] = refusal
    if wrong:
        raise Invalid(wrong)
