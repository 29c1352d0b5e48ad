"""A registry and an engine for tests of rules together with their points."""

from __future__ import annotations

import numpy as np
from tests.rooms.sense.detection.watch import block

from anlan.sense.detection.engine import Engine
from anlan.sense.detection.topology import Topology
from anlan.wire.criteria import Criterion, Scope, Suppression
from anlan.wire.registry import DeviceEntry, Entry, LimitEntry, SensorEntry

LONGEST = 10_000


def points(*channels, limits=(), sensor_class="", low=None, high=None):
    """Measuring points with these channel numbers."""
    told = tuple(LimitEntry(kind, value, 0.0, 0.0, 2) for kind, value in limits)
    return tuple(SensorEntry(f"p{channel}", channel, low, high, told, sensor_class) for channel in channels)


def device(code, sensors, *, device_class="", risk_source="", in_use=True, maintenance=()):
    return DeviceEntry(code, in_use, sensors, maintenance, (), device_class, risk_source)


def topology(*entries, at_ms=0):
    """``entries``: (credential, device, …)."""
    found = Topology()
    for credential, *devices in entries:
        found.apply(Entry(credential, True, tuple(devices)), at_ms)
    return found


def criterion(parameters, *channels, code="r", level=2, suppressed=(), **scope):
    """A rule; ``suppressed``: (since, until) or (since, until, channels) in ms."""
    suppressions = tuple(Suppression(*each) for each in suppressed)
    return Criterion(code, level, parameters, Scope(tuple(channels), **scope), suppressions)


class Desk:
    """An engine with the freshness that the detector keeps, and everything it said."""

    def __init__(self, found: Topology, *criteria: Criterion) -> None:
        self.engine, self.said = Engine(found), []
        self.last = np.full(LONGEST, -1, np.int64)
        for each in criteria:
            self.engine.apply(each)
        self.said += self.engine.settle()

    def tick(self, *moments_s):
        """Let time pass; what was said at these moments (s)."""
        return self._note([t for moment in moments_s for t in self.engine.tick(round(moment * 1000))])

    def read(self, at_s, *rows, quality=0):
        """Rows (channel, value) or (channel, time in s, value) that the node has at ``at_s``."""
        full = [(row[0], round((row[1] if len(row) == 3 else at_s) * 1000), row[-1]) for row in rows]
        found, reckoned = self.engine.judge(block(full, quality), self.last, round(at_s * 1000))
        for channel, time, _value in full:
            self.last[channel] = max(self.last[channel], time)
        said = self._note(self.engine.tell(found))
        if len(reckoned):
            found, _none = self.engine.judge(reckoned, self.last, round(at_s * 1000))
            np.maximum.at(self.last, reckoned.channel, reckoned.time)
            said += self._note(self.engine.tell(found))
        return said

    def again(self, found: Topology | None = None, *criteria: Criterion) -> Desk:
        """A detector started anew with this one's memory (and, where given, another registry and other rules)."""
        fresh = Desk(found or self.engine.topology)
        fresh.engine.unpack(self.engine.pack())
        for each in criteria or [each for each, _since in self.engine._criteria.values()]:
            fresh.engine.apply(each)
        fresh.said = fresh.engine.settle()
        fresh.last = self.last.copy()
        return fresh

    def _note(self, found):
        self.said += found
        return found


def told(found):
    """Change, kind, channel, rule, beginning in s."""
    return [(t.change, t.kind, t.channel, t.rule, t.raised_ms / 1000) for t in found]
