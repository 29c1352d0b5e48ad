"""Where trucks are: newest positions of their terminals (JT/T 808), from the stream of readings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.kernel.access import system_actor
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream

_READER = system_actor("holdings")
LONGITUDE, LATITUDE, SPEED = "longitude", "latitude", "speed"
"""Codes of a vehicle's points, as the gateway of JT/T 808 names them."""


@dataclass(frozen=True)
class Position:
    """Where a truck was last heard of: degrees (WGS-84, as CGCS2000), km/h where it was sent."""

    longitude: float
    latitude: float
    at: datetime
    speed_kmh: float | None = None


def newest(device_ids: Collection[UUID]) -> dict[UUID, Position]:
    """The newest position by terminal; those never heard of are left out. Raises ``StoreSilent`` when the store does not answer."""
    if not device_ids:
        return {}
    channels: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    for point in devices.points(_READER, device_ids=device_ids):
        if point.code in (LONGITUDE, LATITUDE, SPEED):
            channels[point.device_id][point.code] = point.channel
    values = stream.latest_by_channel(channel for each in channels.values() for channel in each.values())
    found = {}
    for device_id, each in channels.items():
        east, north = values.get(each.get(LONGITUDE, -1)), values.get(each.get(LATITUDE, -1))
        # Both of one message: half of an old and half of a new position is no place where the truck ever was.
        if east is None or north is None or east[0] != north[0]:
            continue
        speed = values.get(each.get(SPEED, -1))
        found[device_id] = Position(east[1], north[1], east[0], speed[1] if speed is not None and speed[0] == east[0] else None)
    return found


def terminals_of(enterprise_id: UUID) -> list[devices.DeviceSummary]:
    """The devices of an enterprise that send positions, by code."""
    seen: defaultdict[UUID, set[str]] = defaultdict(set)
    for point in devices.sensors_of(enterprise_id):
        seen[point.device_id].add(point.code)
    return [row for row in devices.devices_of(enterprise_id) if seen[row.id] >= {LONGITUDE, LATITUDE}]
