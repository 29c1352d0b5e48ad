"""How many readings are missing, and where: arithmetic on columns, the same for the running record and for its proof. No store, no clock.

A reading of a channel is *due* every interval ``i`` after the one before. Between two neighbouring readings at ``a`` and ``b`` the due times
are ``a + k·i`` for ``k = 1, 2, …``; those before ``b - i/2`` are missing (the reading at ``b`` is the last due one, early or late by less than half
an interval). Of a stretch of time only the due times inside it count, so that the figures of days add up to the figure of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OPEN = np.iinfo(np.int64).max // 4
"""End of a pause that has not ended."""


def missing(
    since: NDArray[np.int64], until: NDArray[np.int64], interval: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Missing readings of pauses from a reading at ``since`` to one at ``until``, as far as they were due in [first, last). All in ms."""
    known = np.maximum(interval, 1)
    end = np.minimum(until - known // 2, last)
    begin = np.maximum(first, since)
    found = _due_before(end, since, known) - _due_before(begin, since, known)
    return np.where((interval > 0) & (end > begin), np.maximum(found, 0), 0)


def _due_before(moment: NDArray[np.int64], since: NDArray[np.int64], interval: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many ``k ≥ 1`` there are with ``since + k·interval < moment``."""
    return np.maximum(0, -((since - moment) // interval) - 1)


def expected(first: NDArray[np.int64], last: NDArray[np.int64], interval: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many readings are due in service from ``first`` until ``last``, ms."""
    return np.where(interval > 0, np.maximum(0, last - first) // np.maximum(interval, 1), 0)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Completeness of channels over one stretch of time, in columns of equal length. ``first``, ``last``: service within the stretch;
    ``interval`` in ms; ``basis``: index of ``expected.BASES``; ``source``: index of ``sources``; ``outside``: readings outside of the plausible
    range; ``frozen``: 1 where the value never changed on the day (known when the day is over)."""

    channel: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    interval: NDArray[np.int64]
    basis: NDArray[np.int8]
    source: NDArray[np.int32]
    expected: NDArray[np.int64]
    received: NDArray[np.int64]
    late: NDArray[np.int64]
    repeated: NDArray[np.int64]
    missing: NDArray[np.int64]
    outside: NDArray[np.int64]
    frozen: NDArray[np.int64]
    sources: Sequence[tuple[str, str]]

    @property
    def silent(self) -> NDArray[np.int64]:
        """1 for a channel that something was expected of and nothing came from."""
        return ((self.expected > 0) & (self.received == 0)).astype(np.int64)

    def by_source(self) -> list[tuple[str | int, ...]]:
        """Sums by device: credential, device, points, and the sums of :data:`SUMS`."""
        size = len(self.sources)
        points = np.bincount(self.source, minlength=size)
        sums = [np.bincount(self.source, weights=getattr(self, name), minlength=size).astype(np.int64) for name in SUMS]
        return [(*self.sources[at], int(points[at]), *(int(column[at]) for column in sums)) for at in np.flatnonzero(points).tolist()]


COUNTS = ("expected", "received", "late", "repeated", "missing")
SUMS = (*COUNTS, "silent", "outside", "frozen")


def from_times(
    channels: Sequence[int],
    told: tuple[NDArray[np.int32], NDArray[np.int64]],
    interval: NDArray[np.int64],
    before: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Missing readings of ``channels``, reckoned from the times of their readings alone.

    ``told``: channel and time of every reading by channel and time, the neighbours outside of [first, last) included; ``before``: the moment one
    interval before the first reading of the channel was due; all columns by position in ``channels``. What follows the last reading is missing
    up to ``last``.
    """
    found = np.zeros(len(channels), np.int64)
    for at, channel in enumerate(channels):
        head, tail = np.searchsorted(told[0], [channel, channel + 1])
        times = told[1][head:tail]
        edge = [before[at]] if not len(times) or times[0] > first[at] else []
        ends = np.concatenate([edge, times, [OPEN]]).astype(np.int64)
        wide = np.flatnonzero(np.diff(ends) > interval[at] * 1.5)
        size = len(wide)
        each = missing(ends[wide], ends[wide + 1], np.full(size, interval[at]), np.full(size, first[at]), np.full(size, last[at]))
        found[at] = each.sum()
    return found
