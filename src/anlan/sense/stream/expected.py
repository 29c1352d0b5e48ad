"""What is expected of every channel: how often it should send, since when and until when it is in service, and which device it belongs to.

Columns by channel number, built from the registry on the stream; no Django. How often a point sends is *declared* by its owner, or *learned*
from what it sent itself, or taken from a table by class; which of the three is kept beside the figure and told with it (docs/completeness.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import structlog
from numpy.typing import NDArray

from anlan.ledger.sources import DatedRule, load_rules
from anlan.wire.registry import DeviceEntry, Entry

log = structlog.get_logger()

BY_CLASS, LEARNED, DECLARED = 0, 1, 2
BASES = ("class", "learned", "declared")
IN_SERVICE = np.iinfo(np.int64).max
"""End of service of a channel that is in service."""
TOLERANCE = 1.5
"""Two neighbouring readings further apart than so many intervals have missing ones between them. Project default."""
LEARNED_HOURS = 6
"""An interval is learned from at least so many hours of a day in which the point was heard. Project default."""
LEARNED_CHANGE = 0.2
"""A learned interval is replaced by one that is shorter by more than this share. Project default."""
_TABLE = Path(__file__).parent / "data" / "expected_intervals.csv"
_COLUMNS = ("declared_ms", "learned_ms", "class_ms", "since", "until", "source")


@dataclass(frozen=True, kw_only=True)
class _Row(DatedRule):
    sensor_class: str
    interval_s: float
    may_stand_still: bool


@cache
def intervals_of_classes() -> Mapping[str, float]:
    """Expected interval in seconds by class of measuring point; ``*`` stands for every other class."""
    return {row.sensor_class: row.interval_s for row in load_rules(_TABLE, _Row)}


@cache
def steady_classes() -> frozenset[str]:
    """Classes whose value may stay the same all day without being frozen."""
    return frozenset(row.sensor_class for row in load_rules(_TABLE, _Row) if row.may_stand_still)


class Expected:
    """Columns by channel. Intervals in ms, 0 where unknown; ``since``, ``until``: service in ms since 1970 UTC; ``source``: index of
    ``sources`` (credential and device), -1 where the registry names none; ``classes``: channels by class of measuring point."""

    def __init__(self) -> None:
        self.declared_ms, self.learned_ms, self.class_ms = (np.zeros(0, np.int64) for _ in range(3))
        self.since, self.until = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.source = np.full(0, -1, np.int32)
        self.sources: list[tuple[str, str]] = []
        self._index: dict[tuple[str, str], int] = {}
        self._of_credential: dict[str, set[int]] = {}
        self.classes: dict[str, set[int]] = {}

    @property
    def size(self) -> int:
        """Channels are below this."""
        return len(self.source)

    @property
    def interval_ms(self) -> NDArray[np.int64]:
        """The interval that holds for each channel: declared, else learned, else of the class."""
        return np.where(self.declared_ms > 0, self.declared_ms, np.where(self.learned_ms > 0, self.learned_ms, self.class_ms))

    @property
    def basis(self) -> NDArray[np.int8]:
        """Where the interval comes from, as an index of :data:`BASES`."""
        return np.where(self.declared_ms > 0, DECLARED, np.where(self.learned_ms > 0, LEARNED, BY_CLASS)).astype(np.int8)

    def longest_ms(self) -> NDArray[np.float64]:
        """How long each channel may be silent; infinite out of service."""
        interval = self.interval_ms
        in_service = (self.source >= 0) & (self.until == IN_SERVICE) & (interval > 0)
        return np.where(in_service, interval * TOLERANCE, np.inf)

    def begun_ms(self) -> NDArray[np.int64]:
        """The moment one interval before the first reading of each channel was due; what its first reading is compared with."""
        return np.where(self.source >= 0, self.since - self.interval_ms, -1)

    def apply(self, entry: Entry, now_ms: int) -> None:
        """Take over what the registry says of one credential at ``now_ms``; points that it names no more are out of service."""
        present: set[int] = set()
        for device in entry.devices:
            if entry.active and device.in_use:
                present |= self._take(entry.credential, device, now_ms)
        gone = self._of_credential.get(entry.credential, set()) - present
        for channel in gone:
            if self.until[channel] == IN_SERVICE:
                self.until[channel] = now_ms
        self._of_credential[entry.credential] = self._of_credential.get(entry.credential, set()) | present

    def _take(self, credential: str, device: DeviceEntry, now_ms: int) -> set[int]:
        defaults = intervals_of_classes()
        source = self._source_of(credential, device.code)
        found = set()
        for point in device.sensors:
            self._grow(point.channel + 1)
            at = point.channel
            if self.source[at] < 0 or self.until[at] != IN_SERVICE:
                self.since[at] = now_ms
            self.until[at] = IN_SERVICE
            self.source[at] = source
            self.class_ms[at] = round(1000 * defaults.get(point.sensor_class, defaults["*"]))
            self.classes.setdefault(point.sensor_class, set()).add(at)
            found.add(at)
        return found

    def declare(self, intervals: Iterable[tuple[int, int]]) -> None:
        """Take over intervals (channel, ms) that owners declared; 0 withdraws a declaration."""
        for channel, interval in intervals:
            self._grow(channel + 1)
            self.declared_ms[channel] = interval

    def learn(self, channel: NDArray[np.int32], an_hour: NDArray[np.float64]) -> int:
        """Learn from how many readings ``an_hour`` channels usually sent; returns how many intervals changed.

        A learned interval becomes shorter by itself, never longer: a point that has grown slow must not excuse itself.
        """
        known = (channel < self.size) & (an_hour > 0)
        channel, usual = channel[known], np.maximum(1, np.round(3_600_000 / an_hour[known])).astype(np.int64)
        before = self.learned_ms[channel]
        better = (before == 0) | (usual < before * (1 - LEARNED_CHANGE))
        self.learned_ms[channel[better]] = usual[better]
        return int(better.sum())

    def _source_of(self, credential: str, device: str) -> int:
        found = self._index.get((credential, device))
        if found is None:
            found = self._index[credential, device] = len(self.sources)
            self.sources.append((credential, device))
        return found

    def _grow(self, needed: int) -> None:
        extra = needed - self.size
        if extra <= 0:
            return
        extra = max(extra, self.size, 1024)
        for name in _COLUMNS:
            column = getattr(self, name)
            setattr(self, name, np.concatenate([column, np.full(extra, -1 if name == "source" else 0, column.dtype)]))

    def save(self, path: Path) -> None:
        """Write the columns beside and move them into place."""
        beside = path.with_suffix(".new")
        names = np.array([f"{credential} {device}" for credential, device in self.sources], np.str_)
        with beside.open("wb") as file:
            np.savez(file, sources=names, **{name: getattr(self, name) for name in _COLUMNS})
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Expected:
        """What :meth:`save` wrote; empty when there is nothing that can be read: then service begins anew with the registry."""
        found = cls()
        try:
            with np.load(path) as kept:
                columns = {name: kept[name] for name in _COLUMNS}
                sources = [(credential, device) for credential, _, device in (text.partition(" ") for text in kept["sources"].tolist())]
        except FileNotFoundError:
            return found
        except (ValueError, KeyError, OSError, BadZipFile) as damage:
            log.error("what is expected of points is damaged, service begins anew", path=str(path), reason=str(damage))
            return found
        for name, column in columns.items():
            setattr(found, name, column)
        found.sources = sources
        found._index = {source: at for at, source in enumerate(sources)}
        for channel in np.flatnonzero(found.source >= 0).tolist():
            found._of_credential.setdefault(sources[found.source[channel]][0], set()).add(channel)
        return found
