"""Readings brought into the order in which detection takes them, and the index from channels to what watches them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anlan.wire.blocks import Block


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings, those of one channel together and in ascending time. ``single``: every channel occurs once."""

    channel: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    single: bool

    def __len__(self) -> int:
        return len(self.channel)


def fresh_rows(block: Block, last_time: NDArray[np.int64]) -> Rows:
    """The readings of ``block`` that are newer than their channel's ``last_time``; of several of one moment the first.

    Every channel of ``block`` lies below ``len(last_time)``.
    """
    channel, time = block.channel, block.time
    if _all_differ(channel, len(last_time)):
        fresh = time > last_time[channel]
        if not fresh.all():
            block = block.where(fresh)
        return Rows(block.channel, block.time, block.value, block.quality, True)
    order = np.lexsort((time, channel))
    channel, time = channel[order], time[order]
    fresh = time > last_time[channel]
    fresh[1:] &= (channel[1:] != channel[:-1]) | (time[1:] != time[:-1])
    order = order[fresh]
    return Rows(channel[fresh], time[fresh], block.value[order], block.quality[order], False)


def _all_differ(channel: NDArray[np.int32], size: int) -> bool:
    """Whether no channel occurs twice; cheaper than sorting, and mostly true."""
    if len(channel) > size:
        return False
    place = np.arange(len(channel), dtype=np.int32)
    newest = np.empty(size, np.int32)
    newest[channel] = place
    return bool((newest[channel] == place).all())


def by_rank(key: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The first row of every run of equal ``key``, then the second of every run, and so on, as row numbers."""
    size = len(key)
    if not size:
        return
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    if len(starts) == size:
        yield np.arange(size)
        return
    rank = np.arange(size) - np.repeat(starts, np.diff(np.append(starts, size)))
    order = np.argsort(rank, kind="stable")
    for first, last in pairwise(np.searchsorted(rank[order], np.arange(int(rank.max()) + 2))):
        yield order[first:last]


def runs(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row numbers at which any of ``keys`` (equal lengths) differs from the row before; the first row begins one."""
    size = len(keys[0])
    begins = np.zeros(size, np.bool_)
    begins[:1] = True
    for key in keys:
        begins[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(begins)


class Index:
    """From channels to entries. Entries are given by their channels in any order and are numbered in ascending order of channel."""

    def __init__(self, channel: NDArray[np.int32]) -> None:
        self.order = np.argsort(channel, kind="stable")
        self.channel = channel[self.order]
        size = int(channel.max(initial=-1)) + 1
        # One more than needed, so that channels beyond the end all find an empty place.
        self._count = np.bincount(channel, minlength=size + 1).astype(np.int32)
        self._first = (np.cumsum(self._count) - self._count).astype(np.int32)
        self._several = bool(self._count.max(initial=0) > 1)

    def __len__(self) -> int:
        return len(self.channel)

    def expand(self, channel: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of row and entry: every row of ``channel`` with every entry of its channel. Rows of one entry stand together, in order."""
        if not len(self.channel):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        inside = np.minimum(channel, len(self._count) - 1)
        count = self._count[inside]
        rows = np.flatnonzero(count)
        entry = self._first[inside[rows]].astype(np.int64)
        if not self._several:
            return rows, entry
        count = count[rows]
        total = int(count.sum())
        offset = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        rows, entry = np.repeat(rows, count), np.repeat(entry, count) + offset
        order = np.argsort(entry, kind="stable")
        return rows[order], entry[order]
