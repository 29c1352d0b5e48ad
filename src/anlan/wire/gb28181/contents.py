"""What MANSCDP bodies say (GB/T 28181-2016 annex A), one frozen dataclass for each kind. Times in ms since 1970 UTC, places in degrees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that carries at most a span of time (Catalog, DeviceInfo, DeviceStatus). ms since 1970 UTC."""

    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Keepalive:
    """The sign of life (9.6). ``faulty``: codes of equipment that does not work."""

    status: str
    faulty: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One entry of a catalogue (A.2.1.9). ``parental`` 1: has children; ``status`` ON or OFF; ``ptz`` 1–4 (table ptz_type); degrees.

    ``event``: what a notice of change says of it (ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE).
    """

    device: str
    name: str
    manufacturer: str = ""
    model: str = ""
    owner: str = ""
    civil_code: str = ""
    block: str = ""
    address: str = ""
    parental: int | None = None
    parent: str = ""
    status: str = ""
    ptz: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """A part of a catalogue; ``total``: entries of all parts together. ``result``: of a bare confirmation."""

    total: int | None
    items: tuple[CatalogItem, ...]
    result: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a device is."""

    result: str
    name: str = ""
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    channels: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """How a device is. ``online`` ONLINE or OFFLINE; ``alarms``: duty state of alarm inputs by code (ONDUTY, OFFDUTY, ALARM)."""

    result: str
    online: str
    status: str
    reason: str = ""
    encoding: str = ""
    recording: str = ""
    time_ms: int | None = None
    alarms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmQuery:
    """Ask for alarms, or subscribe to them: by priority 0–4 (0: all), method, type, time."""

    priority_from: int | None = None
    priority_to: int | None = None
    methods: str = ""
    kind: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm told by a device (A.2.5). ``priority`` 1 (gravest) to 4; ``method``, ``kind``, ``event`` by the standard's lists; degrees."""

    priority: int | None
    method: int | None
    time_ms: int | None
    description: str = ""
    longitude: float | None = None
    latitude: float | None = None
    kind: int | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True)
class MediaStatus:
    """A file of the past has been sent to its end (``121``)."""

    kind: str


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Ask which recordings there are."""

    start_ms: int | None
    end_ms: int | None
    secrecy: int | None = None
    kind: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One recording."""

    device: str
    name: str
    start_ms: int | None
    end_ms: int | None
    path: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """A part of a list of recordings."""

    total: int | None
    items: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class ConfigQuery:
    """Ask for the configuration; ``kinds``: BasicParam, VideoParamOpt … joined by ``/``."""

    kinds: str


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration. ``expires_s``, ``interval_s`` (between signs of life), ``count`` (missing ones until off line)."""

    result: str
    name: str = ""
    expires_s: int | None = None
    interval_s: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders to a device, by name (PTZCmd, TeleBoot, RecordCmd, GuardCmd, AlarmCmd, HomePosition/Enabled …)."""

    orders: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A bare confirmation of an order or a subscription."""

    result: str


@dataclass(frozen=True, slots=True)
class PositionQuery:
    """Subscribe to positions, one every so many seconds."""

    interval_s: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a device is: degrees, km/h, degrees from north, metres."""

    time_ms: int | None
    longitude: float | None
    latitude: float | None
    speed_kmh: float | None = None
    direction: float | None = None
    altitude_m: float | None = None


Content = (
    Asked | Keepalive | Catalog | DeviceInfo | DeviceStatus | AlarmQuery | Alarm | MediaStatus | RecordQuery | Records | ConfigQuery | Config
    | Orders | Done | PositionQuery | Position
)  # fmt: skip
