"""A block of readings in columns, as it travels on the node's own stream: bytes to numpy arrays and back without touching a value.

Layout, little-endian: magic ``ALB``, version (1 byte), rows (uint32), 8 bytes kept free, then the columns one after the other: time
(int64, ms since 1970 UTC), value (float64), channel (int32), quality (uint8). 21 bytes a row.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

VERSION = 1
ROW_BYTES = 21
_HEADER = struct.Struct("<3sBI8x")
_MAGIC = b"ALB"

OUT_OF_RANGE = 1
"""The value lies outside the plausible range of its point."""
MAINTENANCE = 2
"""The device was being worked on."""
LATE = 4
"""The reading came long after its time."""
EXERCISE = 8
"""The reading belongs to an exercise."""
DOUBTFUL = 16
"""The sender itself called the value not valid (fault, calibration, power off …). It is judged all the same: no device silences itself."""


class MalformedBlock(Refusal):
    code: ClassVar[str] = "block_malformed"
    sentence: ClassVar[str] = N_("数据块无法识别：{reason}。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Readings in columns of equal length. ``time``: ms since 1970 UTC; ``value`` in the point's unit; ``quality``: bits above."""

    channel: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.channel)

    def part(self, first: int, last: int) -> Block:
        """Rows ``first`` to ``last``, the latter excluded."""
        rows = slice(first, last)
        return Block(self.channel[rows], self.time[rows], self.value[rows], self.quality[rows])

    def where(self, mask: NDArray[np.bool_]) -> Block:
        """The rows for which ``mask`` holds."""
        return Block(self.channel[mask], self.time[mask], self.value[mask], self.quality[mask])


def empty() -> Block:
    """A block without rows."""
    return Block(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint8))


def encode(block: Block) -> bytes:
    """The bytes of a block. Raises ``ValueError`` when the columns differ in length."""
    if len({len(block.channel), len(block.time), len(block.value), len(block.quality)}) != 1:
        raise ValueError("columns differ in length")
    return b"".join(
        (
            _HEADER.pack(_MAGIC, VERSION, len(block)),
            np.ascontiguousarray(block.time, "<i8").tobytes(),
            np.ascontiguousarray(block.value, "<f8").tobytes(),
            np.ascontiguousarray(block.channel, "<i4").tobytes(),
            np.ascontiguousarray(block.quality, np.uint8).tobytes(),
        )
    )


def decode(data: bytes) -> Block:
    """The block in ``data``; the arrays are views of it and cannot be written. Raises :class:`MalformedBlock`."""
    if len(data) < _HEADER.size:
        raise MalformedBlock(reason=f"{len(data)} < {_HEADER.size}")
    magic, version, rows = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise MalformedBlock(reason=repr(magic))
    if version != VERSION:
        raise MalformedBlock(reason=f"version {version}")
    if len(data) != _HEADER.size + rows * ROW_BYTES:
        raise MalformedBlock(reason=f"{len(data)} ≠ {_HEADER.size + rows * ROW_BYTES}")
    at = _HEADER.size
    time = np.frombuffer(data, "<i8", rows, at)
    value = np.frombuffer(data, "<f8", rows, at + 8 * rows)
    channel = np.frombuffer(data, "<i4", rows, at + 16 * rows)
    quality = np.frombuffer(data, np.uint8, rows, at + 20 * rows)
    return Block(channel, time, value, quality)


def concatenate(blocks: list[Block]) -> Block:
    """The rows of several blocks in order."""
    if not blocks:
        return empty()
    return Block(
        np.concatenate([b.channel for b in blocks]),
        np.concatenate([b.time for b in blocks]),
        np.concatenate([b.value for b in blocks]),
        np.concatenate([b.quality for b in blocks]),
    )
