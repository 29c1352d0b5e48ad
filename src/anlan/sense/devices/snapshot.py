"""The registry as the stream needs it: one :class:`anlan.wire.registry.Entry` per credential, and the digests the gatekeeper compares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from anlan.sense.devices import classes, rules, secret
from anlan.sense.devices.models import (
    AddressPoint,
    Device,
    DeviceAddress,
    DeviceCredential,
    MaintenanceWindow,
    Sensor,
    Threshold,
    ThresholdSet,
)
from anlan.sense.devices.queries import in_force
from anlan.wire.addresses import AddressEntry, PointEntry
from anlan.wire.registry import DeviceEntry, Entry, LimitEntry, SensorEntry

Windows: TypeAlias = dict[UUID, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Lock:
    """What the gatekeeper compares a sign-in with. ``previous_until``: until then the secret before the last rotation still opens."""

    username: str
    active: bool
    salt: str
    digest: str
    previous_salt: str
    previous_digest: str
    previous_until: datetime | None

    def opens(self, given: str, at: datetime) -> bool:
        """Whether ``given`` is the secret at ``at``."""
        if secret.matches(given, self.salt, self.digest):
            return True
        holds = self.previous_until is not None and at < self.previous_until
        return holds and secret.matches(given, self.previous_salt, self.previous_digest)


def locks(enterprises: Collection[UUID] | None = None) -> dict[str, Lock]:
    """Locks by user name, of some enterprises or (``None``) of all."""
    rows = DeviceCredential.objects.all()
    if enterprises is not None:
        rows = rows.filter(enterprise_id__in=enterprises)
    columns = ("username", "state", "salt", "secret_digest", "previous_salt", "previous_digest", "previous_until")
    return {
        username: Lock(username, state == rules.ACTIVE, *rest)
        for username, state, *rest in rows.values_list(*columns).iterator(chunk_size=5000)
    }


def entries(now: datetime, enterprises: Collection[UUID] | None = None) -> dict[str, Entry]:
    """Entries by user name as in force at ``now``, of some enterprises or (``None``) of all."""
    only: dict[str, object] = {} if enterprises is None else {"enterprise_id__in": enterprises}
    points = _points(now, only)
    work, exercises = _windows(now, only)
    names = _addresses(only)
    devices: dict[UUID, list[DeviceEntry]] = defaultdict(list)
    rows = Device.objects.filter(credential__isnull=False, **only).order_by("code")
    columns = ("pk", "credential_id", "code", "state", "device_class", "risk_source_id", "commissioned_on", "created_at")
    for pk, credential, code, state, device_class, source, commissioned_on, created_at in rows.values_list(*columns):
        devices[credential].append(
            DeviceEntry(
                code,
                state == rules.IN_USE,
                tuple(points.get(pk, ())),
                tuple(work.get(pk, ())),
                tuple(names.get(pk, ())),
                device_class=device_class,
                risk_source=str(source or ""),
                since_ms=max(1, round(rules.beginning(commissioned_on, created_at).timestamp() * 1000)),
                exercises=tuple(exercises.get(pk, ())),
            )
        )
    return {
        username: Entry(username, state == rules.ACTIVE, tuple(devices.get(pk, ())), *quotas)
        for pk, username, state, *quotas in DeviceCredential.objects.filter(**only).values_list(
            "pk", "username", "state", "messages_per_minute", "readings_per_minute"
        )
    }


def _points(now: datetime, only: dict[str, object]) -> dict[UUID, list[SensorEntry]]:
    limits = _limits(now, only)
    found: dict[UUID, list[SensorEntry]] = defaultdict(list)
    rows = Sensor.objects.filter(in_use=True, device__credential__isnull=False, **only).order_by("code")
    columns = ("pk", "device_id", "code", "channel", "sensor_class", "unit", "range_low", "range_high")
    for pk, device, code, channel, sensor_class, unit, low, high in rows.values_list(*columns).iterator(chunk_size=5000):
        low, high = classes.plausible_range(sensor_class, low, high)
        found[device].append(SensorEntry(code, channel, low, high, tuple(limits.get(pk, ())), sensor_class, unit))
    return found


def _limits(now: datetime, only: dict[str, object]) -> dict[UUID, list[LimitEntry]]:
    today = timezone.localdate(now)
    of_sensor = {f"sensor__{name}": value for name, value in only.items()}
    newest: dict[UUID, UUID] = {}
    sets = ThresholdSet.objects.filter(in_force(today), **of_sensor).order_by("effective_from", "created_at")
    for pk, sensor in sets.values_list("pk", "sensor_id").iterator(chunk_size=5000):
        newest[sensor] = pk
    sensor_of = {pk: sensor for sensor, pk in newest.items()}
    found: dict[UUID, list[LimitEntry]] = defaultdict(list)
    rows = Threshold.objects.filter(**{f"threshold_set__{name}": value for name, value in of_sensor.items()}).order_by("-limit")
    columns = ("threshold_set_id", "kind", "limit", "hysteresis", "dwell_s", "level")
    for set_id, *limit in rows.values_list(*columns).iterator(chunk_size=5000):
        if set_id in sensor_of:
            found[sensor_of[set_id]].append(LimitEntry(*limit))
    return found


def _ms(moment: datetime | None) -> int:
    return round(moment.timestamp() * 1000) if moment is not None else 0


def _addresses(only: dict[str, object]) -> dict[UUID, list[AddressEntry]]:
    points: dict[UUID, list[PointEntry]] = defaultdict(list)
    of_address = {f"address__{name}": value for name, value in only.items()}
    rows = AddressPoint.objects.filter(sensor__in_use=True, **of_address).order_by("code")
    for address, *point in rows.values_list("address_id", "code", "sensor__code", "scale", "offset", "form", "order").iterator(
        chunk_size=5000
    ):
        points[address].append(PointEntry(*point))
    found: dict[UUID, list[AddressEntry]] = defaultdict(list)
    for row in DeviceAddress.objects.filter(**only).order_by("protocol", "address").iterator(chunk_size=5000):
        found[row.device_id].append(
            AddressEntry(
                row.protocol,
                row.address,
                row.open,
                row.salt,
                row.secret_digest,
                tuple(points.get(row.pk, ())),
                row.interval_s,
                row.previous_salt,
                row.previous_digest,
                _ms(row.previous_until),
                bytes(row.key_sealed).decode("ascii"),
                bytes(row.previous_key_sealed).decode("ascii"),
                _ms(row.previous_key_until),
            )
        )
    return found


def _windows(now: datetime, only: dict[str, object]) -> tuple[Windows, Windows]:
    """By device: times of work on it, and times of exercises announced for it.

    Exercises that are over stay for as long as a reading of theirs may still come in: it must not be taken for a real one.
    """
    work: Windows = defaultdict(list)
    exercises: Windows = defaultdict(list)
    remembered = Q(kind=rules.EXERCISE, until__gt=now - rules.EXERCISES_REMEMBERED)
    rows = MaintenanceWindow.objects.filter(Q(until__gt=now) | remembered, until__gt=F("since"), **only).order_by("since")
    for device, kind, since, until in rows.values_list("device_id", "kind", "since", "until"):
        found = exercises if kind == rules.EXERCISE else work
        found[device].append((round(since.timestamp() * 1000), round(until.timestamp() * 1000)))
    return work, exercises
