"""Reads of devices and measuring points; every list that a person sees is scoped to what the person's post may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.sense.devices import classes, rules
from anlan.sense.devices.door import CalibrationStanding, Credential, DeviceSummary, LinkState, OnlineCount, SensorSummary
from anlan.sense.devices.models import (
    Calibration,
    Device,
    DeviceAddress,
    DeviceCredential,
    DeviceLink,
    MaintenanceWindow,
    Sensor,
    Threshold,
    ThresholdSet,
)
from anlan.sense.stream import door as stream

VIEW = "devices.view"
ONLINE_SECONDS = 300
"""A point that sent nothing for so long does not count as online. Project default; the national system asks for 99.5 % online."""


def devices(actor: Actor | None) -> QuerySet[Device]:
    """Devices that ``actor`` may see; all of them for ``None``."""
    rows = Device.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def devices_of(enterprise_id: UUID, actor: Actor | None) -> QuerySet[Device]:
    """Devices of an enterprise that are not retired."""
    return devices(actor).filter(enterprise_id=enterprise_id).exclude(state=rules.RETIRED)


def devices_by_name(named: Collection[tuple[str, str]]) -> dict[tuple[str, str], Device]:
    """Devices that are not retired by user name of their credential and code."""
    if not named:
        return {}
    usernames, codes = {username for username, _code in named}, {code for _username, code in named}
    rows = (
        Device.objects.filter(credential__username__in=usernames, code__in=codes).exclude(state=rules.RETIRED).select_related("credential")
    )
    found = {(row.credential.username, row.code): row for row in rows if row.credential is not None}
    return {name: row for name, row in found.items() if name in named}


def sensors(actor: Actor | None) -> QuerySet[Sensor]:
    """Measuring points that ``actor`` may see, with their devices."""
    rows = Sensor.objects.select_related("device")
    return rows if actor is None else visible(rows, actor, VIEW)


def sensors_of(enterprise_id: UUID, actor: Actor | None) -> QuerySet[Sensor]:
    """Measuring points in use of an enterprise, by device and code."""
    return sensors(actor).filter(enterprise_id=enterprise_id, in_use=True).order_by("device__code", "code")


def credentials(actor: Actor | None) -> QuerySet[DeviceCredential]:
    """Credentials that ``actor`` may see."""
    rows = DeviceCredential.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def over_quota(actor: Actor, since: datetime) -> QuerySet[DeviceCredential]:
    """Credentials with something beyond their quota since ``since`` that ``actor`` may change, the latest first."""
    rows = visible(DeviceCredential.objects.filter(state=rules.ACTIVE, over_quota__last_at__gte=since), actor, "devices.credentials")
    return rows.select_related("over_quota", "enterprise").order_by("-over_quota__last_at")


def windows(actor: Actor | None) -> QuerySet[MaintenanceWindow]:
    """Maintenance, calibration and exercises that ``actor`` may see."""
    rows = MaintenanceWindow.objects.select_related("device")
    return rows if actor is None else visible(rows, actor, VIEW)


def one_device(device_id: UUID | str, actor: Actor | None) -> Device:
    """The device. Raises :class:`NotFound`."""
    found = devices(actor).filter(pk=device_id).first()
    if found is None:
        raise NotFound(what=str(device_id))
    return found


def one_sensor(sensor_id: UUID | str, actor: Actor | None) -> Sensor:
    """The measuring point. Raises :class:`NotFound`."""
    found = sensors(actor).filter(pk=sensor_id).first()
    if found is None:
        raise NotFound(what=str(sensor_id))
    return found


def one_credential(credential_id: UUID | str, actor: Actor | None) -> DeviceCredential:
    """The credential. Raises :class:`NotFound`."""
    found = credentials(actor).filter(pk=credential_id).first()
    if found is None:
        raise NotFound(what=str(credential_id))
    return found


def credential_named(username: str, actor: Actor | None) -> DeviceCredential:
    """The credential with this user name. Raises :class:`NotFound`."""
    found = credentials(actor).filter(username=username).first()
    if found is None:
        raise NotFound(what=username)
    return found


def addresses(actor: Actor | None) -> QuerySet[DeviceAddress]:
    """Names in field protocols of devices that ``actor`` may see."""
    rows = DeviceAddress.objects.select_related("device").prefetch_related("points")
    return rows if actor is None else visible(rows, actor, VIEW)


def one_address(address_id: UUID | str, actor: Actor | None) -> DeviceAddress:
    """The name. Raises :class:`NotFound`."""
    found = addresses(actor).filter(pk=address_id).first()
    if found is None:
        raise NotFound(what=str(address_id))
    return found


def one_window(window_id: UUID | str, actor: Actor | None) -> MaintenanceWindow:
    """The window. Raises :class:`NotFound`."""
    found = windows(actor).filter(pk=window_id).first()
    if found is None:
        raise NotFound(what=str(window_id))
    return found


def link_of(device: Device) -> LinkState:
    """The line to a device; ``never`` where nothing was ever told of it."""
    return links_of([device.pk], None)[device.pk]


def links_of(device_ids: Iterable[UUID], actor: Actor | None) -> dict[UUID, LinkState]:
    """Lines of those devices among ``device_ids`` that ``actor`` may see."""
    seen = list(devices(actor).filter(pk__in=set(device_ids)).values_list("pk", flat=True))
    told = {row.device_id: row for row in DeviceLink.objects.filter(device_id__in=seen)}
    return {pk: _link_state(told.get(pk)) for pk in seen}


def _link_state(row: DeviceLink | None) -> LinkState:
    return LinkState(rules.NEVER) if row is None else LinkState(row.state, row.since, row.heard, row.protocol, row.reason)


def calibrations(sensor_id: UUID) -> QuerySet[Calibration]:
    """Every calibration of a point, newest first."""
    return Calibration.objects.filter(sensor_id=sensor_id)


def calibration_standings(actor: Actor, on: date) -> dict[UUID, CalibrationStanding]:
    """See :func:`anlan.sense.devices.door.calibration_standings`; one pass over the points, however many enterprises."""
    soon = on + timedelta(days=rules.CALIBRATION_SOON_DAYS)
    rows = (
        sensors(actor)
        .filter(in_use=True)
        .order_by()
        .values("enterprise_id")
        .annotate(
            points=Count("pk"),
            overdue=Count("pk", filter=Q(calibration_due__lt=on)),
            due_soon=Count("pk", filter=Q(calibration_due__gte=on, calibration_due__lte=soon)),
        )
    )
    return {row["enterprise_id"]: CalibrationStanding(row["points"], row["overdue"], row["due_soon"]) for row in rows}


def calibration_overdue(actor: Actor, on: date) -> QuerySet[Sensor]:
    """Points in use that ``actor`` may see and whose calibration was due before ``on``."""
    return sensors(actor).filter(in_use=True, calibration_due__lt=on)


def threshold_sets(sensor_id: UUID) -> QuerySet[ThresholdSet]:
    """Every set of limits a point ever had, newest first."""
    limits = Prefetch("limits", queryset=Threshold.objects.order_by("-limit"))
    return ThresholdSet.objects.filter(sensor_id=sensor_id).prefetch_related(limits)


def in_force(on: date) -> Q:
    """Condition for sets of limits in force on ``on``; ``effective_to`` is the last day."""
    return Q(effective_from__lte=on) & (Q(effective_to__isnull=True) | Q(effective_to__gte=on))


def limits_on(sensor_id: UUID, on: date) -> tuple[rules.Limit, ...]:
    """Limits of a point in force on ``on``, highest first."""
    newest = threshold_sets(sensor_id).filter(in_force(on)).first()
    return () if newest is None else tuple(as_limit(row) for row in newest.limits.all())


def as_limit(row: Threshold) -> rules.Limit:
    """The plain limit of a row."""
    return rules.Limit(kind=row.kind, limit=row.limit, hysteresis=row.hysteresis, dwell_s=row.dwell_s, level=row.level)


def credentials_by_username(usernames: Iterable[str], actor: Actor | None) -> dict[str, Credential]:
    """Credentials by user name, as far as ``actor`` may see them."""
    return {row.username: credential_summary(row) for row in credentials(actor).filter(username__in=set(usernames))}


def online_counts(actor: Actor, enterprise_id: UUID | None = None) -> OnlineCount:
    """Points in use that ``actor`` may see (of one enterprise), and how many were heard from in the last :data:`ONLINE_SECONDS`."""
    rows = sensors(actor).filter(in_use=True, device__state=rules.IN_USE)
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    channels = list(rows.values_list("channel", flat=True))
    if not channels:
        return OnlineCount(points=0, online=0, known=True)
    try:
        online = stream.heard_since(channels, clock.now() - timedelta(seconds=ONLINE_SECONDS))
    except stream.StoreSilent:
        return OnlineCount(points=len(channels), online=0, known=False)
    return OnlineCount(points=len(channels), online=online, known=True)


def under_maintenance(device_id: UUID, at: datetime) -> bool:
    """Whether the device is being worked on at ``at``."""
    return MaintenanceWindow.objects.filter(device_id=device_id, kind__in=rules.WORK_KINDS, since__lte=at, until__gt=at).exists()


def exercised(device_id: UUID, at: datetime) -> bool:
    """Whether an exercise is announced for the device at ``at``."""
    return MaintenanceWindow.objects.filter(device_id=device_id, kind=rules.EXERCISE, since__lte=at, until__gt=at).exists()


def device_summary(row: Device) -> DeviceSummary:
    """The device as other rooms see it."""
    return DeviceSummary(**{name: getattr(row, name) for name in DeviceSummary.__dataclass_fields__})


def sensor_summary(row: Sensor) -> SensorSummary:
    """The measuring point as other rooms see it; without a place of its own it stands where its device stands."""
    low, high = classes.plausible_range(row.sensor_class, row.range_low, row.range_high)
    return SensorSummary(
        id=row.pk,
        channel=row.channel,
        code=row.code,
        name=row.name,
        sensor_class=row.sensor_class,
        unit=row.unit,
        decimals=row.decimals,
        range_low=low,
        range_high=high,
        device_id=row.device_id,
        device_code=row.device.code,
        device_name=row.device.name,
        enterprise_id=row.enterprise_id,
        risk_source_id=row.device.risk_source_id,
        place_code=row.place_code,
        classification=row.classification,
        longitude=row.device.longitude,
        latitude=row.device.latitude,
    )


def credential_summary(row: DeviceCredential) -> Credential:
    """The credential without its secret."""
    return Credential(id=row.pk, enterprise_id=row.enterprise_id, username=row.username, label=row.label, state=row.state)
