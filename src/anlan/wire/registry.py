"""What the stream must know of the devices behind one credential, as it travels from the registry to the processes of the stream.

One message per credential on ``registry.<credential>``; the last one holds. An entry without devices withdraws the credential.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.addresses import AddressEntry


class MalformedEntry(Refusal):
    code: ClassVar[str] = "registry_malformed_entry"
    sentence: ClassVar[str] = N_("设备登记信息无法识别：{reason}。")
    status: ClassVar[int] = 422


class LimitEntry(msgspec.Struct, frozen=True, array_like=True):
    """One limit in force: kind HH, H, L or LL; limit and hysteresis in the point's unit; dwell in seconds; level 1–4."""

    kind: str
    limit: float
    hysteresis: float
    dwell_s: float
    level: int


class SensorEntry(msgspec.Struct, frozen=True, array_like=True):
    """One measuring point: its code in payloads, its channel, its plausible range (empty: unbounded), limits in force, class and unit."""

    code: str
    channel: int
    low: float | None
    high: float | None
    limits: tuple[LimitEntry, ...] = ()
    sensor_class: str = ""
    unit: str = ""


class DeviceEntry(msgspec.Struct, frozen=True, array_like=True):
    """One device. ``maintenance``: times of work on it as (since, until) in ms since 1970 UTC; ``addresses``: its names in field protocols;
    ``risk_source``: identifier of the hazard source it watches, empty for none; ``exercises``: times for which an exercise (演练) is announced,
    as ``maintenance``: only then do readings count as one that say so themselves; ``since_ms``: its beginning, before which it measured nothing
    (ms since 1970 UTC, 0 where it is not known)."""

    code: str
    in_use: bool
    sensors: tuple[SensorEntry, ...] = ()
    maintenance: tuple[tuple[int, int], ...] = ()
    addresses: tuple[AddressEntry, ...] = ()
    device_class: str = ""
    risk_source: str = ""
    exercises: tuple[tuple[int, int], ...] = ()
    since_ms: int = 0


class Entry(msgspec.Struct, frozen=True):
    """Everything behind one credential. ``active`` is false once the credential was revoked.

    ``messages_per_minute``, ``readings_per_minute``: what its devices may send together in a minute; 0: as much as they like.
    """

    credential: str
    active: bool
    devices: tuple[DeviceEntry, ...] = ()
    messages_per_minute: int = 0
    readings_per_minute: int = 0


_decoder = msgspec.json.Decoder(Entry)


def encode(entry: Entry) -> bytes:
    """The message that says ``entry``; equal entries give equal bytes."""
    return msgspec.json.encode(entry)


def decode(data: bytes) -> Entry:
    """The entry in ``data``. Raises :class:`MalformedEntry`."""
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedEntry(reason=str(wrong)[:120]) from None
