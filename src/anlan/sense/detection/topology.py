"""What detection must know of a channel besides its limits: its device, its credential, its classes and its hazard source. By channel number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anlan.wire.criteria import Scope
from anlan.wire.registry import DeviceEntry, Entry

NONE = -1


class Names:
    """Short numbers for names, given in the order of first use."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of ``name``; ``NONE`` for an empty one."""
        if not name:
            return NONE
        found = self._numbers.setdefault(name, len(self.names))
        if found == len(self.names):
            self.names.append(name)
        return found


class Topology:
    """Columns by channel: ``device``, ``credential``, ``sensor_class``, ``device_class``, ``risk_source`` as numbers of names, ``in_use``, the
    measuring range ``low``–``high``, the own limits ``h`` and ``hh``, and ``said``: when the registry last spoke of it (ms since 1970)."""

    def __init__(self) -> None:
        self.devices, self.credentials, self.classes, self.device_classes, self.risk_sources = (Names() for _ in range(5))
        self.size = 0
        self.device = self.credential = self.sensor_class = self.device_class = self.risk_source = np.empty(0, np.int32)
        self.low = self.high = self.h = self.hh = np.empty(0)
        self.in_use = np.empty(0, np.bool_)
        self.said = np.empty(0, np.int64)
        self._channels: dict[str, NDArray[np.int32]] = {}
        self._maintenance: dict[str, list[tuple[NDArray[np.int32], int, int]]] = {}
        self.version = 0

    def apply(self, entry: Entry, at_ms: int = 0) -> None:
        """Take over everything behind one credential, said at ``at_ms``, in place of what was known of it."""
        self.version += 1
        gone = self._channels.pop(entry.credential, None)
        if gone is not None:
            self.in_use[gone] = False
        work: list[tuple[NDArray[np.int32], int, int]] = []
        channels: list[int] = []
        credential = self.credentials.number(entry.credential)
        for device in entry.devices:
            taken = self._take_over(entry, device, credential)
            self.said[taken] = at_ms
            channels += taken
            work += [(np.array(taken, np.int32), since, until) for since, until in device.maintenance]
        self._channels[entry.credential] = np.array(channels, np.int32)
        self._maintenance[entry.credential] = work

    def _take_over(self, entry: Entry, device: DeviceEntry, credential: int) -> list[int]:
        channels = [point.channel for point in device.sensors]
        self._grow(max(channels, default=-1) + 1)
        number = self.devices.number(f"{entry.credential}/{device.code}")
        at = np.array(channels, np.int64)
        self.device[at], self.credential[at] = number, credential
        self.device_class[at] = self.device_classes.number(device.device_class)
        self.risk_source[at] = self.risk_sources.number(device.risk_source)
        self.in_use[at] = entry.active and device.in_use
        for point in device.sensors:
            self.sensor_class[point.channel] = self.classes.number(point.sensor_class)
            self.low[point.channel] = np.nan if point.low is None else point.low
            self.high[point.channel] = np.nan if point.high is None else point.high
            limits = {limit.kind: limit.limit for limit in point.limits}
            self.h[point.channel], self.hh[point.channel] = limits.get("H", np.nan), limits.get("HH", np.nan)
        return channels

    def _grow(self, needed: int) -> None:
        if needed <= self.size:
            return
        size = max(needed, 2 * self.size, 1024)
        for name in ("device", "credential", "sensor_class", "device_class", "risk_source"):
            setattr(self, name, np.concatenate([getattr(self, name), np.full(size - self.size, NONE, np.int32)]))
        for name in ("low", "high", "h", "hh"):
            setattr(self, name, np.concatenate([getattr(self, name), np.full(size - self.size, np.nan)]))
        self.in_use = np.concatenate([self.in_use, np.zeros(size - self.size, np.bool_)])
        self.said = np.concatenate([self.said, np.zeros(size - self.size, np.int64)])
        self.size = size

    def column(self, name: str, channel: NDArray[np.int32], fill: float = NONE) -> NDArray[np.float64]:
        """A column at ``channel``; ``fill`` for channels that are not known."""
        column = getattr(self, name)
        known = channel < self.size
        found = np.full(len(channel), fill, column.dtype)
        found[known] = column[channel[known]]
        return found

    def range_of(self, channel: NDArray[np.int32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Measuring ranges, NaN where open."""
        return self.column("low", channel, np.nan), self.column("high", channel, np.nan)

    def channels(self, scope: Scope) -> NDArray[np.int32]:
        """The channels in use that ``scope`` names, ascending. Channels named one by one need not be known (virtual points)."""
        wanted = np.zeros(self.size, np.bool_)
        for names, table, column in (
            (scope.sensor_classes, self.classes, self.sensor_class),
            (scope.device_classes, self.device_classes, self.device_class),
            (scope.risk_sources, self.risk_sources, self.risk_source),
        ):
            numbers = [table.number(name) for name in names]
            if numbers:
                wanted |= np.isin(column, [each for each in numbers if each != NONE])
        named = np.array(scope.channels, np.int32)
        known = named[named < self.size]
        wanted &= self.in_use
        wanted[known[self.in_use[known] | (self.device[known] == NONE)]] = True
        return np.union1d(np.flatnonzero(wanted), named[named >= self.size]).astype(np.int32)

    def under_work(self, now_ms: int) -> NDArray[np.bool_]:
        """By channel: being worked on at ``now_ms``."""
        found = np.zeros(self.size, np.bool_)
        for windows in self._maintenance.values():
            for channels, since, until in windows:
                if since <= now_ms < until:
                    found[channels] = True
        return found
