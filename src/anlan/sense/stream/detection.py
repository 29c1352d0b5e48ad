"""Threshold detection over whole blocks: HH, H, L, LL with hysteresis and dwell, all channels at once. Numpy only; pure given its state.

For one channel and one limit, reading by reading in order of time:

- an upward limit is *reached* at ``value >= limit`` and *left* at ``value < limit - hysteresis`` (downward: mirrored);
- normal and reached: waiting begins; once reached without a break for ``dwell`` the alarm rises, with the time of that reading
  (``dwell`` 0: at once);
- waiting and not reached: normal again;
- active and left: the alarm clears. Between left and reached an active alarm stays.

A reading not newer than the channel's last one changes nothing here (it is stored all the same). Readings under maintenance are passed over.

Readings of an exercise (演练) are judged apart, in a state of their own, as if reality had never been otherwise than normal; what they say
carries the mark. Reality never hears of them: its transitions are those that would come without them. A real reading ends what an exercise
says of its channel. docs/adr/0039.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anlan.sense.stream.points import KINDS, UPWARD, Points
from anlan.wire.blocks import EXERCISE, MAINTENANCE, Block
from anlan.wire.detections import CLEAR, RAISE, Transition

NORMAL, WAITING, ACTIVE = 0, 1, 2


@dataclass
class State:
    """What the detector remembers; columns by channel, rows by kind. ``position``: last block of READINGS taken in.

    ``exercise``: the same of readings of exercises, ``None`` before the first one.
    """

    position: int
    state: NDArray[np.int8]
    since: NDArray[np.int64]
    peak: NDArray[np.float64]
    last_time: NDArray[np.int64]
    last_value: NDArray[np.float64]
    exercise: State | None = None

    @classmethod
    def fresh(cls, size: int = 0) -> State:
        """The state before the first reading."""
        return cls(
            0,
            np.zeros((4, size), np.int8),
            np.zeros((4, size), np.int64),
            np.zeros((4, size)),
            np.full(size, -1, np.int64),
            np.full(size, np.nan),
        )

    def grow(self, size: int) -> None:
        """Make room for channels below ``size``."""
        extra = size - len(self.last_time)
        if extra <= 0:
            return
        more = State.fresh(extra)
        for name in ("state", "since", "peak"):
            setattr(self, name, np.concatenate([getattr(self, name), getattr(more, name)], axis=1))
        for name in ("last_time", "last_value"):
            setattr(self, name, np.concatenate([getattr(self, name), getattr(more, name)]))


class Detection:
    """Takes blocks in, gives transitions out."""

    def __init__(self, points: Points, state: State | None = None) -> None:
        self._points = points
        self.state = state or State.fresh(points.size)
        self.state.grow(points.size)
        self._exercised = self.state.exercise is not None

    def feed(self, block: Block) -> list[Transition]:
        """The transitions that the readings of ``block`` cause, in order of time within each channel; those of exercises before the others."""
        usable = (block.quality & MAINTENANCE) == 0
        if not usable.all():
            block = block.where(usable)
        marked = (block.quality & EXERCISE) != 0
        if not self._exercised and not marked.any():
            return self._take(self.state, block)
        found = self._exercise(block, marked)
        return [*found, *self._take(self.state, block.where(~marked))]

    def _exercise(self, block: Block, marked: NDArray[np.bool_]) -> list[Transition]:
        """What exercises say: their readings that are newer than what was really measured, and real ones where an exercise stands."""
        real = self.state
        real.grow(int(block.channel.max(initial=-1)) + 1)
        if real.exercise is None:
            real.exercise = State.fresh(len(real.last_time))
        state = real.exercise
        state.grow(len(real.last_time))
        stands = (state.state != NORMAL).any(axis=0)
        # A channel that begins an exercise in this very block may be back in reality before its end.
        stands[block.channel[marked]] = True
        mine = np.where(marked, block.time > real.last_time[block.channel], stands[block.channel])
        found = self._take(state, block.where(mine)) if mine.any() else []
        self._exercised = bool((state.state != NORMAL).any())
        return found

    def _take(self, state: State, block: Block) -> list[Transition]:
        points = self._points
        highest = int(block.channel.max(initial=-1)) + 1
        state.grow(max(points.size, highest))
        if highest > points.size:
            # Channels that the registry does not know (any more) have no limits; they are only remembered.
            known = block.channel < points.size
            _remember(state, block.channel[~known], block.time[~known], block.value[~known])
            block = block.where(known)
        if not len(block):
            return []
        concerned = self._concerned(state, block)
        quiet = ~concerned[block.channel]
        _remember(state, block.channel[quiet], block.time[quiet], block.value[quiet])
        if quiet.all():
            return []
        return self._step_through(state, block.where(~quiet))

    def _concerned(self, state: State, block: Block) -> NDArray[np.bool_]:
        """Channels for which anything can change: a limit is reached in this block, or a limit is not in its normal state."""
        limit = self._points.limit[:, block.channel]
        with np.errstate(invalid="ignore"):
            reached = np.where(UPWARD[:, None], block.value >= limit, block.value <= limit).any(axis=0)
        concerned = (state.state != NORMAL).any(axis=0)
        concerned[block.channel[reached]] = True
        return concerned

    def _step_through(self, state: State, block: Block) -> list[Transition]:
        order = np.lexsort((block.time, block.channel))
        channel, time, value, quality = (column[order] for column in (block.channel, block.time, block.value, block.quality))
        fresh = time > state.last_time[channel]
        fresh[1:] &= (channel[1:] != channel[:-1]) | (time[1:] != time[:-1])
        channel, time, value, quality = channel[fresh], time[fresh], value[fresh], quality[fresh]
        if not len(channel):
            return []
        starts = np.flatnonzero(np.concatenate([[True], channel[1:] != channel[:-1]]))
        rank = np.arange(len(channel)) - np.repeat(starts, np.diff(np.append(starts, len(channel))))
        by_rank = np.argsort(rank, kind="stable")
        bounds = np.searchsorted(rank[by_rank], np.arange(int(rank.max()) + 2))
        found: list[Transition] = []
        for first, last in pairwise(bounds):
            rows = by_rank[first:last]
            self._one_each(state, channel[rows], time[rows], value[rows], quality[rows], found)
        return found

    def _one_each(
        self,
        state: State,
        channel: NDArray[np.int32],
        time: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint8],
        found: list[Transition],
    ) -> None:
        """One reading for each of several different channels."""
        points = self._points
        limit, hysteresis = points.limit[:, channel], points.hysteresis[:, channel]
        before, since, peak = state.state[:, channel], state.since[:, channel], state.peak[:, channel]
        up = UPWARD[:, None]
        with np.errstate(invalid="ignore"):
            reached = np.where(up, value >= limit, value <= limit)
            left = np.where(up, value < limit - hysteresis, value > limit + hysteresis)
        more = np.where(up, np.maximum(peak, value), np.minimum(peak, value))
        if state is self.state.exercise:
            # A real reading ends an exercise, whatever its value, and is no part of it.
            real = (quality & EXERCISE) == 0
            reached, left, more = reached & ~real, left | real, np.where(real, peak, more)
            quality = quality | np.uint8(EXERCISE)
        begins = reached & (before == NORMAL)
        since = np.where(begins, time, since)
        waiting = reached & (before != ACTIVE)
        rises = waiting & (time - since >= points.dwell_ms[:, channel])
        clears = (before == ACTIVE) & left
        after = np.where(waiting, WAITING, np.where(before == WAITING, NORMAL, before))
        after = np.where(rises, ACTIVE, np.where(clears, NORMAL, after)).astype(np.int8)
        peak = np.where(begins, value, np.where(before != NORMAL, more, peak))
        since = np.where(rises, time, since)
        state.state[:, channel], state.since[:, channel], state.peak[:, channel] = after, since, peak
        state.last_time[channel], state.last_value[channel] = time, value
        for kind, at in np.argwhere(rises | clears):
            change = RAISE if rises[kind, at] else CLEAR
            found.append(
                self._transition(change, int(channel[at]), int(kind), since[kind, at], time[at], value[at], peak[kind, at], quality[at])
            )

    def _transition(
        self, change: str, channel: int, kind: int, raised: object, time: object, value: object, peak: object, quality: object
    ) -> Transition:
        return Transition(
            change=change,
            channel=channel,
            kind=KINDS[kind],
            level=int(self._points.level[kind, channel]),
            limit=float(self._points.limit[kind, channel]),
            raised_ms=int(raised),  # type: ignore[call-overload]
            time_ms=int(time),  # type: ignore[call-overload]
            value=float(value),  # type: ignore[arg-type]
            peak=float(peak),  # type: ignore[arg-type]
            quality=int(quality),  # type: ignore[call-overload]
        )

    def withdraw(self) -> list[Transition]:
        """Clear what stands on limits that are no longer set. Call after the registry changed."""
        exercise = self.state.exercise
        return [*self._withdraw(self.state, 0), *(self._withdraw(exercise, EXERCISE) if exercise is not None else ())]

    def _withdraw(self, state: State, quality: int) -> list[Transition]:
        state.grow(self._points.size)
        size = self._points.size
        gone = (state.state[:, :size] != NORMAL) & np.isnan(self._points.limit)
        found: list[Transition] = []
        for kind, channel in np.argwhere(gone):
            if state.state[kind, channel] == ACTIVE:
                found.append(
                    Transition(
                        change=CLEAR,
                        channel=int(channel),
                        kind=KINDS[kind],
                        level=int(self._points.level[kind, channel]) or 4,
                        limit=0.0,
                        raised_ms=int(state.since[kind, channel]),
                        time_ms=int(state.last_time[channel]),
                        value=float(state.last_value[channel]),
                        peak=float(state.peak[kind, channel]),
                        quality=quality,
                        withdrawn=True,
                    )
                )
            state.state[kind, channel] = NORMAL
        return found


def _remember(state: State, channel: NDArray[np.int32], time: NDArray[np.int64], value: NDArray[np.float64]) -> None:
    order = np.argsort(time, kind="stable")
    channel, time, value = channel[order], time[order], value[order]
    newer = time > state.last_time[channel]
    # With several rows of one channel the last assignment holds, and that is the newest.
    state.last_time[channel[newer]] = time[newer]
    state.last_value[channel[newer]] = value[newer]
