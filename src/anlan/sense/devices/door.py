"""What other rooms may ask about devices and measuring points, and the verbs that set-up and simulators need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.sense.devices.rules import Limit, WindowOver, beginning

__all__ = [
    "AdmittedCredential",
    "CalibrationStanding",
    "Credential",
    "DeviceSummary",
    "DevicesChanged",
    "IssuedAddress",
    "IssuedSecret",
    "Limit",
    "LinkState",
    "ListedPoint",
    "OnlineCount",
    "PlannedDevice",
    "PlannedPoint",
    "PlannedSensor",
    "SendingDevice",
    "SensorClass",
    "SensorSummary",
    "WindowOver",
    "Work",
    "beginning",
]


@dataclass(frozen=True, kw_only=True)
class DevicesChanged(Event):
    """Devices, points, thresholds or credentials of an enterprise changed; whoever keeps the registry in memory reads it again."""

    kind: ClassVar[str] = "devices.changed"
    action: ClassVar[str] = "devices.view"


@dataclass(frozen=True)
class DeviceSummary:
    """One device. Coordinates in degrees (CGCS2000), ``None`` when unknown."""

    id: UUID
    enterprise_id: UUID
    site_id: UUID | None
    risk_source_id: UUID | None
    credential_id: UUID | None
    code: str
    name: str
    device_class: str
    state: str
    place_code: str
    classification: int
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class SensorSummary:
    """One measuring point with its device. ``channel`` is its number on the stream; ranges in ``unit``."""

    id: UUID
    channel: int
    code: str
    name: str
    sensor_class: str
    unit: str
    decimals: int
    range_low: float | None
    range_high: float | None
    device_id: UUID
    device_code: str
    device_name: str
    enterprise_id: UUID
    risk_source_id: UUID | None
    place_code: str
    classification: int
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class Credential:
    """What an enterprise's equipment signs in with, without the secret."""

    id: UUID
    enterprise_id: UUID
    username: str
    label: str
    state: str


@dataclass(frozen=True)
class AdmittedCredential:
    """A credential whose secret was just shown, and where its enterprise stands."""

    credential: Credential
    place_code: str
    classification: int


@dataclass(frozen=True)
class SendingDevice:
    """A device as it sends: ``points`` gives the unit of each of its points in use by code, ``classes`` their class; ``changed_at``: when it or a
    point last changed; ``beginning``: the moment before which it measured nothing."""

    id: UUID
    code: str
    username: str
    in_use: bool
    points: dict[str, str]
    changed_at: datetime
    beginning: datetime
    classes: dict[str, str]


@dataclass(frozen=True)
class CalibrationStanding:
    """Points in use, those whose calibration was due before the day, and those due within ``rules.CALIBRATION_SOON_DAYS`` from it on."""

    points: int
    overdue: int
    due_soon: int


@dataclass(frozen=True)
class IssuedSecret:
    """A credential just issued or rotated; ``secret`` is shown this once and kept nowhere."""

    credential: Credential
    secret: str


@dataclass(frozen=True)
class PlannedPoint:
    """How a protocol names a point: ``code`` there, and ``raw * scale + offset`` is the value in the point's unit.

    ``form`` and ``order`` are for registers of Modbus alone (see ``anlan.wire.addresses``).
    """

    sensor_id: UUID
    code: str
    scale: float = 1.0
    offset: float = 0.0
    form: str = ""
    order: str = "big"


@dataclass(frozen=True)
class IssuedAddress:
    """A name just given to a device, or a secret just rotated; ``secret`` is shown this once and kept nowhere. Empty: none is asked."""

    id: UUID
    protocol: str
    address: str
    secret: str


@dataclass(frozen=True)
class LinkState:
    """Whether the line to a device stands. ``state``: ``up``, ``down`` or ``never``; ``since``: when that began; ``heard``: last sign of life."""

    state: str
    since: datetime | None = None
    heard: datetime | None = None
    protocol: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PlannedSensor:
    """A measuring point to be taken over; an empty ``unit`` means that of its class."""

    code: str
    name: str
    sensor_class: str
    unit: str = ""
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class PlannedDevice:
    """A device to be taken over with its points."""

    code: str
    name: str
    device_class: str
    sensors: tuple[PlannedSensor, ...] = ()


@dataclass(frozen=True)
class SensorClass:
    """One row of ``data/sensor_classes.csv``: what is measured, in which unit, in which plausible range."""

    code: str
    quantity: str
    unit: str
    plausible_low: float | None
    plausible_high: float | None
    max_rate_per_s: float | None
    name_zh: str
    name_en: str
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class ListedPoint:
    """One measuring point as the pages that watch many of them need it. Ranges as the instrument's own, ``None`` where none is entered."""

    id: UUID
    channel: int
    code: str
    name: str
    sensor_class: str
    unit: str
    decimals: int
    range_low: float | None
    range_high: float | None
    device_id: UUID
    device_name: str
    risk_source_id: UUID | None
    longitude: float | None
    latitude: float | None
    enterprise_id: UUID
    enterprise_name: str
    place_code: str


@dataclass(frozen=True)
class Work:
    """One time of work on a device: ``kind`` ``maintenance`` or ``calibration``, and its name in the language of the request."""

    device_id: UUID
    kind: str
    label: str
    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True)
class OnlineCount:
    """Measuring points in use that ``actor`` may see, and how many of them sent something within the class's silence limit."""

    points: int
    online: int
    known: bool
    """Whether the telemetry store answered; when it did not, ``online`` means nothing."""


def device(device_id: UUID | str, actor: Actor | None = None) -> DeviceSummary:
    """The device, as far as ``actor`` may see it. Raises ``NotFound``."""
    from anlan.sense.devices import queries

    return queries.device_summary(queries.one_device(device_id, actor))


def devices_of(enterprise_id: UUID, actor: Actor | None = None) -> tuple[DeviceSummary, ...]:
    """Devices of an enterprise that are not retired, by code."""
    from anlan.sense.devices import queries

    return tuple(queries.device_summary(row) for row in queries.devices_of(enterprise_id, actor))


def devices_by_name(named: Collection[tuple[str, str]]) -> dict[tuple[str, str], DeviceSummary]:
    """Devices that are not retired by user name of their credential and code, as equipment names itself; unknown names are left out."""
    from anlan.sense.devices import queries

    return {name: queries.device_summary(row) for name, row in queries.devices_by_name(named).items()}


def sensor(sensor_id: UUID | str, actor: Actor | None = None) -> SensorSummary:
    """The measuring point, as far as ``actor`` may see it. Raises ``NotFound``."""
    from anlan.sense.devices import queries

    return queries.sensor_summary(queries.one_sensor(sensor_id, actor))


def sensors(ids: Iterable[UUID], actor: Actor | None = None) -> dict[UUID, SensorSummary]:
    """Measuring points among ``ids`` by id; those not to be seen are left out."""
    from anlan.sense.devices import queries

    return {row.pk: queries.sensor_summary(row) for row in queries.sensors(actor).filter(pk__in=set(ids))}


def sensors_of(enterprise_id: UUID, actor: Actor | None = None) -> tuple[SensorSummary, ...]:
    """Measuring points in use of an enterprise, by device and code."""
    from anlan.sense.devices import queries

    return tuple(queries.sensor_summary(row) for row in queries.sensors_of(enterprise_id, actor))


def sensors_by_channel(channels: Iterable[int]) -> dict[int, SensorSummary]:
    """Measuring points by channel number; for processes that read the stream."""
    from anlan.sense.devices import queries

    return {row.channel: queries.sensor_summary(row) for row in queries.sensors(None).filter(channel__in=set(channels))}


def points(
    actor: Actor,
    *,
    text: str = "",
    sensor_class: str = "",
    enterprise_id: UUID | None = None,
    ids: Iterable[UUID] | None = None,
    device_ids: Iterable[UUID] | None = None,
    offset: int = 0,
    limit: int = 10_000,
) -> tuple[ListedPoint, ...]:
    """Points in use that ``actor`` may see, by name, narrowed by any of the arguments; ``text`` is looked for in point and enterprise."""
    from anlan.sense.devices import listing

    rows = listing.chosen(actor, text=text, sensor_class=sensor_class, enterprise_id=enterprise_id, ids=ids, device_ids=device_ids)
    return listing.listed(rows, offset, limit)


def points_count(actor: Actor, *, text: str = "", sensor_class: str = "", enterprise_id: UUID | None = None) -> int:
    """How many points :func:`points` finds in all."""
    from anlan.sense.devices import listing

    return listing.chosen(actor, text=text, sensor_class=sensor_class, enterprise_id=enterprise_id).order_by().count()


def channels(
    actor: Actor,
    *,
    text: str = "",
    sensor_class: str = "",
    enterprise_id: UUID | None = None,
    ids: Iterable[UUID] | None = None,
    offset: int = 0,
    limit: int = 10_000,
) -> list[int]:
    """Channel numbers of the points that :func:`points` finds."""
    from anlan.sense.devices import listing

    return listing.channels(
        listing.chosen(actor, text=text, sensor_class=sensor_class, enterprise_id=enterprise_id, ids=ids), offset, limit
    )


def online_seconds() -> float:
    """How long a point may send nothing and still count as online."""
    from anlan.sense.devices import queries

    return queries.ONLINE_SECONDS


def work_on(device_ids: Iterable[UUID], since: datetime, until: datetime) -> tuple[Work, ...]:
    """Maintenance and calibration of devices that overlaps [since, until), by beginning."""
    from anlan.sense.devices import listing

    return listing.work(device_ids, since, until)


def announce_exercise(
    enterprise_id: UUID, *, since: datetime, until: datetime, reason: str, announcement: UUID | None = None, actor: Actor, now: datetime
) -> UUID:
    """Announce an exercise (演练) for all devices of an enterprise (see ``exercising.announce_exercise``); only then do their marks count."""
    from anlan.sense.devices import exercising

    return exercising.announce_exercise(
        enterprise_id, since=since, until=until, reason=reason, announcement=announcement, actor=actor, now=now
    )


def end_exercise(announcement: UUID, *, at: datetime | None = None, actor: Actor, now: datetime) -> int:
    """End an announced exercise now or at ``at``; for how many devices. Raises ``WindowOver``, ``NotPermitted``."""
    from anlan.sense.devices import exercising

    return exercising.end_exercise(announcement, at=at, actor=actor, now=now)


def exercised(device_id: UUID, at: datetime) -> bool:
    """Whether an exercise is announced for a device at ``at``."""
    from anlan.sense.devices import queries

    return queries.exercised(device_id, at)


def limits_of(sensor_id: UUID, on: date) -> tuple[Limit, ...]:
    """Limits of a point in force on ``on``, highest first; empty when none are set."""
    from anlan.sense.devices import queries

    return queries.limits_on(sensor_id, on)


def sensor_class(code: str) -> SensorClass | None:
    """The class of measuring points named ``code``."""
    from anlan.sense.devices import classes

    return classes.by_code().get(code)


def sensor_classes() -> tuple[SensorClass, ...]:
    """Every class of measuring points, in the order of the table."""
    from anlan.sense.devices import classes

    return classes.table()


def device_codes() -> tuple[frozenset[str], frozenset[str]]:
    """Codes of the classes that a device may be of, and of the states that it may be in."""
    from anlan.sense.devices import rules

    return frozenset(rules.DEVICE_CLASSES), frozenset(rules.DEVICE_STATES)


def registry_snapshot() -> tuple[object, ...]:
    """Everything the stream must know of every credential (``wire.registry.Entry``), as in force now."""
    from anlan.kernel import clock
    from anlan.sense.devices import snapshot

    return tuple(snapshot.entries(clock.now()).values())


def credentials_by_username(usernames: Iterable[str], actor: Actor | None) -> dict[str, Credential]:
    """Credentials by user name, as far as ``actor`` may see their enterprise's devices; others are left out."""
    from anlan.sense.devices import queries

    return queries.credentials_by_username(usernames, actor)


def latest(sensor_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, float, int]]:
    """Time, value and quality (bits of ``wire.blocks``) of the newest reading by point; those never heard from are left out.

    Raises ``sense.stream.door.StoreSilent``.
    """
    from anlan.sense.stream import door as stream

    return {pk: (newest.at, newest.value, newest.quality) for pk, newest in stream.latest(sensor_ids).items()}


def admit(username: str, secret: str, now: datetime) -> AdmittedCredential | None:
    """The credential that ``secret`` opens at ``now``; ``None`` when it opens none."""
    from anlan.sense.devices import signing

    return signing.admit(username, secret, now)


def sending_device(username: str, code: str) -> SendingDevice | None:
    """The device ``code`` behind the credential ``username``; ``None`` when there is none."""
    from anlan.sense.devices import signing

    return signing.sending_device(username, code)


def online_counts(actor: Actor) -> OnlineCount:
    """Points in use that ``actor`` may see and how many of them are heard from."""
    from anlan.sense.devices import queries

    return queries.online_counts(actor)


def link_of(device_id: UUID, actor: Actor | None = None) -> LinkState:
    """Whether the line to a device stands, as the stream last told. Raises ``NotFound``."""
    from anlan.sense.devices import queries

    return queries.link_of(queries.one_device(device_id, actor))


def links_of(device_ids: Iterable[UUID], actor: Actor | None = None) -> dict[UUID, LinkState]:
    """Lines of those devices among ``device_ids`` that ``actor`` may see."""
    from anlan.sense.devices import queries

    return queries.links_of(device_ids, actor)


def calibration_standings(actor: Actor, on: date) -> dict[UUID, CalibrationStanding]:
    """By enterprise how many of its points in use that ``actor`` may see are due for calibration on ``on``, or were before."""
    from anlan.sense.devices import queries

    return queries.calibration_standings(actor, on)


def calibration_overdue(actor: Actor, on: date) -> int:
    """Measuring points in use that ``actor`` may see and whose calibration was due before ``on``."""
    from anlan.sense.devices import queries

    return queries.calibration_overdue(actor, on).count()


def add_address(
    device_id: UUID,
    protocol: str,
    address: str,
    *,
    secret: str = "",
    open: bool = False,
    interval_s: float = 10.0,
    points: Sequence[PlannedPoint] = (),
    actor: Actor,
    now: datetime,
) -> IssuedAddress:
    """Give a device a name in a field protocol (see ``addressing.add_address``)."""
    from anlan.sense.devices import addressing

    told = addressing.Told(protocol, address, secret, open, interval_s, tuple(points))
    return addressing.add_address(device_id, told, actor=actor, now=now)


def set_quota(username: str, *, messages_per_minute: int, readings_per_minute: int, actor: Actor, now: datetime) -> None:
    """Bound what everything behind a credential may send together in a minute; 0: no bound. Raises ``NotFound``, ``QuotaValue``."""
    from anlan.sense.devices import queries, services

    services.set_quota(
        queries.credential_named(username, actor),
        messages_per_minute=messages_per_minute,
        readings_per_minute=readings_per_minute,
        actor=actor,
        now=now,
    )


def issue_credential(
    enterprise_id: UUID, *, label: str = "", username: str = "", secret: str = "", actor: Actor, now: datetime
) -> IssuedSecret:
    """Issue a credential for an enterprise's equipment.

    ``username`` and ``secret`` are drawn at random when empty; a simulator may name its own. Raises ``CodeTaken``,
    ``MalformedCode``.
    """
    from anlan.sense.devices import services

    return services.issue_credential(enterprise_id, label=label, username=username, secret=secret, actor=actor, now=now)


def register_device(enterprise_id: UUID, values: dict[str, object], *, actor: Actor, now: datetime) -> DeviceSummary:
    """Register a device from plain values (see ``services.register_device``)."""
    from anlan.sense.devices import queries, services

    return queries.device_summary(services.register_device(enterprise_id, values, actor=actor, now=now))


def add_sensor(device_id: UUID, values: dict[str, object], *, actor: Actor, now: datetime) -> SensorSummary:
    """Add a measuring point to a device from plain values (see ``services.add_sensor``)."""
    from anlan.sense.devices import queries, services

    return queries.sensor_summary(services.add_sensor(device_id, values, actor=actor, now=now))


def change_device(device_id: UUID, values: dict[str, object], *, actor: Actor, now: datetime) -> DeviceSummary:
    """Change a device from plain values (see ``services.change_device``). Raises ``NotFound``, ``Invalid``, ``NotPermitted``."""
    from anlan.sense.devices import queries, services

    return queries.device_summary(services.change_device(queries.one_device(device_id, actor), values, actor=actor, now=now))


def change_sensor(sensor_id: UUID, values: dict[str, object], *, actor: Actor, now: datetime) -> SensorSummary:
    """Change a measuring point from plain values (see ``services.change_sensor``). Raises ``NotFound``, ``Invalid``, ``NotPermitted``."""
    from anlan.sense.devices import queries, services

    return queries.sensor_summary(services.change_sensor(queries.one_sensor(sensor_id, actor), values, actor=actor, now=now))


def set_thresholds(
    sensor_id: UUID,
    limits: Sequence[Limit],
    *,
    basis: str,
    source: str,
    status: str = "unverified",
    effective_from: date | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Put a new set of limits in force for a point (see ``services.set_thresholds``)."""
    from anlan.sense.devices import services

    services.set_thresholds(
        sensor_id, limits, basis=basis, source=source, status=status, effective_from=effective_from, actor=actor, now=now
    )


def onboard(
    enterprise_id: UUID,
    devices: Sequence[PlannedDevice],
    *,
    label: str,
    basis: str,
    source: str,
    status: str = "unverified",
    actor: Actor,
    now: datetime,
) -> IssuedSecret:
    """Take over a plant's equipment at once behind one new credential, all or nothing (see ``onboarding.onboard``)."""
    from anlan.sense.devices import onboarding

    return onboarding.onboard(enterprise_id, devices, label=label, basis=onboarding.Basis(basis, source, status), actor=actor, now=now)
