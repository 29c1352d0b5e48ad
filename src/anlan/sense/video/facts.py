"""What the signalling server learned from platforms, on its way to the tables. Times in ms since 1970 UTC. No Django."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.wire.gb28181.contents import Alarm, CatalogItem, Config, DeviceInfo


@dataclass(frozen=True, slots=True)
class LineUp:
    """A platform registered, or was heard again after it had been given up. ``address``: ``UDP 192.0.2.1:5060``."""

    code: str
    address: str
    until_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class LineDown:
    """A platform signed off, or was silent for too long since ``at_ms``."""

    code: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A sign of life."""

    code: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Listed:
    """Entries of a catalogue; ``complete``: all of it, so that what is missing is no longer there."""

    code: str
    items: tuple[CatalogItem, ...]
    complete: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Described:
    """What a platform says it is."""

    code: str
    described: DeviceInfo | Config


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a camera is now, in degrees."""

    code: str
    device: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Alarmed:
    """An alarm told by a platform about one of its channels."""

    code: str
    device: str
    alarm: Alarm
    at_ms: int


Fact = LineUp | LineDown | Heard | Listed | Described | Moved | Alarmed
