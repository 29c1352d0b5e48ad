"""What every codec of a byte stream has in common: pieces of a stream, whole or refused, and the limit on what may wait for its end.

A codec package offers

- ``Framer()``: bytes in, pieces out, with at most :data:`MOST_WAITING_BYTES` held for a frame that has not ended; split, glued and dirty
  streams are its business;
- ``decode(frame)``: a frozen dataclass, or a typed :class:`~anlan.kernel.errors.Refusal`;
- ``encode(...)``: the bytes that say it.

All of it is pure: no network, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from anlan.kernel.errors import Refusal

MOST_WAITING_BYTES = 64 * 1024
"""No frame of the field protocols is longer; what has grown beyond without an end is refused and dropped."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame as it came, delimiters included."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes of a stream that are no frame: what they were (cut to 1,024 bytes), how many, and why."""

    data: bytes
    size: int
    reason: Refusal


Piece = Frame | Unreadable


class Framer(Protocol):
    """Cuts a stream of bytes into pieces."""

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that ``data`` completes, in order."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes held for a frame that has not ended."""
        ...
