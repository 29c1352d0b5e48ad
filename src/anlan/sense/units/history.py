"""History of a process unit as rows of one interval, as the detector forms them live: of every point the newest reading, none too old.

A moment at which a point is missing, doubtful or under work is no row; what follows such a gap begins a new stretch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.sense.units import rules
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE, Block

Span = tuple[int, int]
"""[since, until) in ms since 1970 UTC."""
_NOT_NORMAL = DOUBTFUL | MAINTENANCE | EXERCISE


@dataclass(frozen=True)
class Rows:
    """``values`` (rows, points); ``time``: moment of each row (ms since 1970 UTC); ``stretch``: number of the stretch without a gap.

    ``left_out``: moments left out by reason (``rules.LEFT_OUT``); ``missing``: by channel, moments at which it had no reading; ``heard``:
    channels that had any.
    """

    values: NDArray[np.float64]
    time: NDArray[np.int64]
    stretch: NDArray[np.int64]
    left_out: dict[str, int] = field(default_factory=dict)
    missing: dict[int, int] = field(default_factory=dict)
    heard: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.time)


def rows(
    samples: Block,
    channels: Sequence[int],
    period: Span,
    interval_ms: int,
    age_ms: int,
    *,
    work: Mapping[int, Sequence[Span]] | None = None,
    excluded: Sequence[Span] = (),
    live: bool = False,
) -> Rows:
    """Rows of ``period`` at the end of each interval, from ``samples`` (``stream.door.samples``, ascending in time, begun ``age_ms`` before).

    ``work``: spans of work on the device by channel. ``live``: as the detector would see it, which passes over work only by having no reading.
    """
    moments = np.arange(period[0] + interval_ms, period[1] + 1, interval_ms, dtype=np.int64)
    values = np.full((len(moments), len(channels)), np.nan)
    gap, marked, at_work = (np.zeros(len(moments), np.bool_) for _reason in range(3))
    missing: dict[int, int] = {}
    heard = set()
    order = np.argsort(samples.channel, kind="stable")
    edges = np.searchsorted(samples.channel[order], [(channel, channel + 1) for channel in channels])
    for position, channel in enumerate(channels):
        mine = order[edges[position, 0] : edges[position, 1]]
        if live:
            mine = mine[(samples.quality[mine] & MAINTENANCE) == 0]
        time, value, quality = samples.time[mine], samples.value[mine], samples.quality[mine]
        # A reading at the very end of an interval belongs to the next.
        newest = np.searchsorted(time, moments, side="left") - 1
        known = newest >= 0
        if known.any():
            known &= moments - time[newest] <= age_ms
            values[known, position] = value[newest[known]]
            marked[known] |= (quality[newest[known]] & _NOT_NORMAL) != 0
        if known.any():
            heard.add(channel)
        if not known.all():
            missing[channel] = int((~known).sum())
        gap |= ~known
        for since, until in (work or {}).get(channel, ()):
            at_work |= (moments > since) & (moments <= until)
    by_hand = np.zeros(len(moments), np.bool_)
    for since, until in excluded:
        by_hand |= (moments > since) & (moments <= until)
    reasons = {rules.GAP: gap} if live else {rules.EXCLUDED: by_hand, rules.WORK: at_work, rules.GAP: gap, rules.MARKED: marked}
    bad = np.zeros(len(moments), np.bool_)
    left_out = {}
    for reason, mask in reasons.items():
        left_out[reason] = int((mask & ~bad).sum())
        bad |= mask
    kept = np.flatnonzero(~bad)
    stretch = np.cumsum(np.diff(kept, prepend=kept[:1]) > 1).astype(np.int64) if len(kept) else np.zeros(0, np.int64)
    return Rows(values[kept], moments[kept], stretch, left_out, missing, frozenset(heard))


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows of several periods one after the other, each beginning a stretch of its own."""
    stretches, begin = [], 0
    for part in parts:
        stretches.append(part.stretch + begin)
        begin += int(part.stretch[-1]) + 1 if len(part) else 0
    left_out: dict[str, int] = {}
    missing: dict[int, int] = {}
    for part in parts:
        for reason, number in part.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + number
        for channel, number in part.missing.items():
            missing[channel] = missing.get(channel, 0) + number
    return Rows(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate(stretches),
        left_out,
        missing,
        frozenset().union(*(part.heard for part in parts)),
    )
