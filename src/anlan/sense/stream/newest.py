"""The newest reading of every channel, apart from the store: three columns by channel number, kept on disk from time to time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import structlog
from numpy.typing import NDArray

from anlan.wire.blocks import Block

log = structlog.get_logger()

MOST_CHANNELS = 100_000
"""So many channels may be asked for at once."""
TICK = "X-Anlan-Tick"
"""Header of an answer about changes: the tick that it is as of."""
_OWN = {"position", "channel", "time", "value", "quality"}


class Newest:
    """Time (ms since 1970 UTC, -1 = never heard), value and quality by channel. ``position``: last block of READINGS taken in.

    ``tick`` grows with every block that is taken in and ``changed`` holds the tick of each channel's last change, so that whoever follows asks
    only for what changed. It begins with the clock: a process begun anew goes on above everything it ever told.
    """

    def __init__(self) -> None:
        self.position = 0
        self.tick = time.time_ns() // 1000
        self.changed = np.zeros(1024, np.int64)
        self.time = np.full(1024, -1, np.int64)
        self.value = np.zeros(1024)
        self.quality = np.zeros(1024, np.uint8)

    def take(self, block: Block) -> None:
        """Take in a block; older readings than those known change nothing."""
        if not len(block):
            return
        self._grow(int(block.channel.max()) + 1)
        self.tick += 1
        order = np.argsort(block.time, kind="stable")
        channel, moment = block.channel[order], block.time[order]
        newer = moment >= self.time[channel]
        at = channel[newer]
        self.time[at], self.value[at], self.quality[at] = moment[newer], block.value[order][newer], block.quality[order][newer]
        self.changed[at] = self.tick

    def changes(self, channels: NDArray[np.integer], after: int) -> Block:
        """The newest readings of those ``channels`` that changed after tick ``after``; channels never heard are left out."""
        asked = channels[(channels >= 0) & (channels < len(self.time))]
        found = asked[(self.changed[asked] > after) & (self.time[asked] >= 0)].astype(np.int32)
        return Block(found, self.time[found], self.value[found], self.quality[found])

    def of(self, channels: Iterable[int]) -> dict[int, tuple[int, float, int]]:
        """Time, value and quality by channel, of those channels that were heard."""
        known = (channel for channel in channels if 0 <= channel < len(self.time) and self.time[channel] >= 0)
        return {channel: (int(self.time[channel]), float(self.value[channel]), int(self.quality[channel])) for channel in known}

    def heard_since(self, channels: Iterable[int], since_ms: int) -> int:
        """How many of ``channels`` have a reading at or after ``since_ms``."""
        asked = np.fromiter(channels, np.int64)
        asked = asked[(asked >= 0) & (asked < len(self.time))]
        return int((self.time[asked] >= since_ms).sum())

    def save(self, path: Path, more: Mapping[str, Any] | None = None) -> None:
        """Write the columns beside and move them into place; ``more`` arrays of the same position go into the same file."""
        heard = np.flatnonzero(self.time >= 0)
        beside = path.with_suffix(".new")
        with beside.open("wb") as file:
            np.savez(
                file,
                position=self.position,
                channel=heard.astype(np.int32),
                time=self.time[heard],
                value=self.value[heard],
                quality=self.quality[heard],
                **(more or {}),
            )
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> tuple[Newest, dict[str, Any]]:
        """The columns last written, and what was written with them.

        Empty ones, and the stream is then read from its beginning, when there are none that can be read.
        """
        newest, more = cls(), {}
        try:
            with np.load(path) as kept:
                block = Block(kept["channel"], kept["time"], kept["value"], kept["quality"])
                newest.take(block)
                newest.position = int(kept["position"])
                more = {name: kept[name] for name in kept.files if name not in _OWN}
        except FileNotFoundError:
            return newest, {}
        except (ValueError, KeyError, OSError, BadZipFile) as damage:
            log.error("newest readings damaged, reading the stream anew", path=str(path), reason=str(damage))
            return cls(), {}
        return newest, more

    def _grow(self, needed: int) -> None:
        if needed <= len(self.time):
            return
        extra = max(needed, 2 * len(self.time)) - len(self.time)
        self.time = np.concatenate([self.time, np.full(extra, -1, np.int64)])
        self.value = np.concatenate([self.value, np.zeros(extra)])
        self.quality = np.concatenate([self.quality, np.zeros(extra, np.uint8)])
        self.changed = np.concatenate([self.changed, np.zeros(extra, np.int64)])
