"""Readings and rules for tests of detection, and two ways of feeding: whole and in pieces with the memory packed between them."""

from __future__ import annotations

import itertools

import numpy as np

from anlan.sense.detection.ordering import fresh_rows
from anlan.sense.detection.watching import Bound, Kind
from anlan.wire.blocks import Block
from anlan.wire.criteria import Criterion, Parameters


def block(rows, quality=0):
    """``rows``: (channel, time in ms, value)."""
    channel, time, value = zip(*rows, strict=True) if rows else ((), (), ())
    return Block(np.array(channel, np.int32), np.array(time, np.int64), np.array(value, np.float64), np.full(len(rows), quality, np.uint8))


def series(channel, values, every_s=1.0, start_s=0.0):
    """One channel's values at equal distances."""
    return [(channel, round((start_s + number * every_s) * 1000), float(value)) for number, value in enumerate(values)]


def rule(parameters: Parameters, *channels, code="r", level=2):
    """A rule at some channels."""
    return Bound(Criterion(code, level, parameters), np.array(sorted(channels), np.int32))


class Watch:
    """A kind with the freshness of readings that the detector keeps for it."""

    def __init__(self, kind: Kind, *rules: Bound) -> None:
        self.kind = kind
        kind.bind(rules)
        self.last = np.full(1000, -1, np.int64)

    def feed(self, rows):
        """Transitions of ``rows`` as (change, channel, kind, rule, raised, time), in order."""
        found = fresh_rows(block(rows), self.last)
        said = self.kind.feed(found)
        self.last[found.channel] = np.maximum(self.last[found.channel], found.time)
        np.maximum.at(self.last, found.channel, found.time)
        self.told = sorted(said, key=lambda t: (t.time_ms, t.channel, t.rule, t.change))
        return [(t.change, t.channel, t.kind, t.rule, t.raised_ms, t.time_ms) for t in self.told]


def whole(make, rules, rows):
    """What one feeding says."""
    return Watch(make(), *rules).feed(rows)


def in_pieces(make, rules, rows, cuts):
    """What feeding piece by piece says, cut between moments of time, the memory packed and unpacked between the pieces."""
    rows = sorted(rows, key=lambda row: row[1])
    edges = sorted({0, len(rows), *(at for at in cuts if 0 < at < len(rows) and rows[at][1] != rows[at - 1][1])})
    watch, said = Watch(make(), *rules), []
    for first, last in itertools.pairwise(edges):
        said += watch.feed(rows[first:last])
        again = Watch(make(), *rules)
        again.kind.unpack(watch.kind.pack())
        again.last = watch.last
        watch = again
    return sorted(said, key=lambda t: (t[5], t[1], t[3], t[0]))
