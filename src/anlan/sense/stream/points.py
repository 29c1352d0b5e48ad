"""The registry in the memory of the stream's processes: which device may send on which subject, and what is known of each channel.

Columns by channel number are numpy arrays, so that a block of readings is checked and compared in whole columns. No Django here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.sense.stream.metering import Meter
from anlan.wire.registry import DeviceEntry, Entry

KINDS = ("HH", "H", "L", "LL")
UPWARD = np.array([True, True, False, False])
SUBJECT_PREFIX = "$MQTT.msgs.anlan.in."
_FIRST_SIZE = 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """How one set of point codes, in the order a device sends them, maps to channels.

    ``channels`` of the known codes; ``kept``: their places among the codes, ``None`` when all are known; ``unknown``: the others.
    """

    channels: NDArray[np.int32]
    kept: tuple[int, ...] | None
    unknown: tuple[str, ...]


@dataclass(slots=True)
class Source:
    """One device as it sends: its points by code with their units and classes in the same order, its beginning (ms since 1970 UTC, 0: not
    known), and the layouts seen so far."""

    credential: str
    code: str
    in_use: bool
    channels: dict[str, int]
    maintenance: tuple[tuple[int, int], ...]
    exercises: tuple[tuple[int, int], ...] = ()
    last_payload: bytes = b""
    layouts: dict[tuple[str, ...], Layout] = field(default_factory=dict)
    units_in_order: tuple[str, ...] = ()
    since_ms: int = 0
    classes_in_order: tuple[str, ...] = ()
    meter: Meter | None = None

    def units(self) -> dict[str, str]:
        """Unit of each point by its code."""
        return dict(zip(self.channels, self.units_in_order, strict=True))

    def classes(self) -> dict[str, str]:
        """Class of each point by its code."""
        return dict(zip(self.channels, self.classes_in_order, strict=True))

    def code_of(self, channel: int) -> str:
        """The code of the point that has ``channel``. Raises ``StopIteration`` when none has."""
        return next(code for code, number in self.channels.items() if number == channel)

    def layout(self, codes: tuple[str, ...]) -> Layout:
        """The layout of ``codes``; a device sends few different ones, so they are remembered."""
        known = self.layouts.get(codes)
        if known is None:
            kept = tuple(at for at, code in enumerate(codes) if code in self.channels)
            numbers = np.array([self.channels[codes[at]] for at in kept], dtype=np.int32)
            unknown = tuple(code for code in codes if code not in self.channels)
            known = Layout(numbers, None if not unknown else kept, unknown)
            if len(self.layouts) >= 256:
                self.layouts.clear()
            self.layouts[codes] = known
        return known

    def under_maintenance(self, time_ms: int) -> bool:
        """Whether the device is being worked on at ``time_ms``."""
        return any(since <= time_ms < until for since, until in self.maintenance)

    def exercised(self, time_ms: int) -> bool:
        """Whether an exercise is announced for the device at ``time_ms``."""
        return any(since <= time_ms < until for since, until in self.exercises)


class Points:
    """Every device and channel of the node. Columns: ``low``, ``high`` (NaN = unbounded) and ``limit``, ``hysteresis``, ``dwell_ms``,
    ``level`` by kind (rows HH, H, L, LL; NaN limit = not set), ``owners``: the device of each channel, ``meters``: of credentials that have a quota."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.credentials: dict[str, bool] = {}
        self.meters: dict[str, Meter] = {}
        self._subjects: dict[str, list[str]] = {}
        self._channels: dict[str, list[int]] = {}
        self.owners: list[Source | None] = []
        self.size = 0
        self.low = self.high = np.empty(0)
        self.limit = self.hysteresis = self.dwell_ms = np.empty((4, 0))
        self.level = np.empty((4, 0), np.int8)
        self._grow(_FIRST_SIZE)

    def apply(self, entry: Entry) -> None:
        """Take over everything behind one credential in place of what was known of it."""
        withdrawn = set(self._channels.pop(entry.credential, ()))
        for subject in self._subjects.pop(entry.credential, ()):
            self.sources.pop(subject, None)
        for channel in withdrawn:
            # A device that moved to another credential may be known behind that one already.
            if (owner := self.owners[channel]) is not None and owner.credential == entry.credential:
                self.owners[channel] = None
        self.credentials[entry.credential] = entry.active
        subjects, channels = [], []
        meter = self._metered(entry)
        for device in entry.devices:
            subject = f"{SUBJECT_PREFIX}{entry.credential}.{device.code}"
            source = self.sources[subject] = Source(
                entry.credential,
                device.code,
                entry.active and device.in_use,
                {point.code: point.channel for point in device.sensors},
                device.maintenance,
                device.exercises,
                units_in_order=tuple(sys.intern(point.unit) for point in device.sensors),
                since_ms=device.since_ms,
                classes_in_order=tuple(sys.intern(point.sensor_class) for point in device.sensors),
                meter=meter,
            )
            subjects.append(subject)
            taken = self._take_over(device)
            for channel in taken:
                self.owners[channel] = source
            channels += taken
        self._subjects[entry.credential], self._channels[entry.credential] = subjects, channels
        gone = np.array(sorted(channel for channel in withdrawn if self.owners[channel] is None), dtype=np.int64)
        self.limit[:, gone] = np.nan

    def _metered(self, entry: Entry) -> Meter | None:
        """The meter of a credential that has a quota; another change of it does not begin the minute anew."""
        granted = (entry.messages_per_minute, entry.readings_per_minute)
        known = self.meters.pop(entry.credential, None)
        if not entry.active or not any(granted):
            return None
        if known is None or (known.messages, known.readings) != granted:
            known = Meter(*granted, beyond=known.beyond if known is not None else {})
        self.meters[entry.credential] = known
        return known

    def _take_over(self, device: DeviceEntry) -> list[int]:
        found = []
        for point in device.sensors:
            self._grow(point.channel + 1)
            at = point.channel
            self.low[at] = np.nan if point.low is None else point.low
            self.high[at] = np.nan if point.high is None else point.high
            self.limit[:, at] = np.nan
            for limit in point.limits:
                kind = KINDS.index(limit.kind)
                self.limit[kind, at] = limit.limit
                self.hysteresis[kind, at] = limit.hysteresis
                self.dwell_ms[kind, at] = limit.dwell_s * 1000.0
                self.level[kind, at] = limit.level
            found.append(at)
        return found

    def _grow(self, needed: int) -> None:
        if needed <= self.size:
            return
        size = max(needed, 2 * self.size, _FIRST_SIZE)
        extra = size - self.size
        self.low, self.high = (np.concatenate([a, np.full(extra, np.nan)]) for a in (self.low, self.high))
        self.limit = np.concatenate([self.limit, np.full((4, extra), np.nan)], axis=1)
        self.hysteresis, self.dwell_ms = (np.concatenate([a, np.zeros((4, extra))], axis=1) for a in (self.hysteresis, self.dwell_ms))
        self.level = np.concatenate([self.level, np.zeros((4, extra), np.int8)], axis=1)
        self.owners += [None] * extra
        self.size = size
