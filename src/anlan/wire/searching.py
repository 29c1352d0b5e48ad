"""A framer for protocols whose frames carry their length and a check sum but no escapes: cut by length, found again by searching.

A length that was damaged on the way may reach over the frames that follow. So nothing is thrown away by its length alone: when a frame fails,
the search goes on at the next place inside it where a frame may begin. The same bytes give the same pieces, however they are portioned.

Bytes made for the purpose would cost a check sum over thousands of bytes for every few of them. So after many failures without one whole frame
a frame that fails is dropped as long as it claims to be, and what only begins like one is noise: whoever sends such bytes harms himself alone.
"""

from __future__ import annotations

import re
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.wire.framing import Frame, Piece, Unreadable

MOST_SHOWN_BYTES = 1024
"""So much of refused bytes is kept; noise is told in portions of this size."""
FRUITLESS = 16
"""So many failures one after the other are looked into."""


class SearchingFramer:
    """What a protocol adds: how a frame may begin, how long it then says to be, and whether it is whole.

    ``beginning`` must also match a beginning that the end of the data cuts off, so that the rest of it is waited for.
    """

    beginning: ClassVar[re.Pattern[bytes]]
    head_bytes: ClassVar[int]
    """So many bytes from the beginning on say how long the frame is."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._noise = bytearray()
        self._failures = 0

    def sizes(self, head: bytes) -> tuple[int, ...] | Refusal:
        """The sizes in bytes that a frame with this head may have, smallest first; empty while the head is not whole."""
        raise NotImplementedError

    def judge(self, data: bytes) -> Refusal | None:
        """Why ``data``, of one of these sizes, is no frame; ``None`` if it is one."""
        raise NotImplementedError

    def noise(self, size: int) -> Refusal:
        """The refusal of bytes that belong to no frame."""
        raise NotImplementedError

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that ``data`` completes, in order."""
        self._buffer += data
        pieces: list[Piece] = []
        at = 0
        while at < len(self._buffer):
            found = self.beginning.search(self._buffer, at)
            begins = found.start() if found else len(self._buffer)
            if begins > at:
                self._add_noise(at, begins, pieces)
                at = begins
                continue
            taken = self._take(at, pieces)
            if not taken:
                break
            at += taken
        del self._buffer[:at]
        return pieces

    def end(self) -> list[Piece]:
        """Noise that was not told yet, now that nothing more comes. (What waits for the end of its frame is not touched.)"""
        pieces: list[Piece] = []
        self._tell_noise(pieces)
        return pieces

    @property
    def waiting(self) -> int:
        """Bytes held for a frame that has not ended. (Of noise fewer than :data:`MOST_SHOWN_BYTES` are held besides.)"""
        return len(self._buffer)

    def _take(self, at: int, pieces: list[Piece]) -> int:
        """How many bytes at ``at`` became a piece: a frame, or what failed to be one; 0: more must come first."""
        head = bytes(self._buffer[at : at + self.head_bytes])
        sizes = self.sizes(head)
        if isinstance(sizes, Refusal):
            return self._fail(at, len(head), sizes, pieces, judged=False)
        reason: Refusal | None = None
        for size in sizes:
            if len(self._buffer) - at < size:
                return 0
            whole = bytes(self._buffer[at : at + size])
            reason = self.judge(whole)
            if reason is None:
                self._failures = 0
                self._tell_noise(pieces)
                pieces.append(Frame(whole))
                return size
        return self._fail(at, sizes[-1], reason, pieces, judged=True) if reason is not None else 0

    def _fail(self, at: int, size: int, reason: Refusal, pieces: list[Piece], *, judged: bool) -> int:
        self._failures += 1
        fruitless = self._failures > FRUITLESS
        if not (judged and fruitless):
            inner = self.beginning.search(self._buffer, at + 1, at + size)
            size = inner.start() - at if inner else size
        if fruitless and not judged:
            self._add_noise(at, at + size, pieces)
            return size
        self._tell_noise(pieces)
        pieces.append(Unreadable(bytes(self._buffer[at : at + min(size, MOST_SHOWN_BYTES)]), size, reason))
        return size

    def _add_noise(self, start: int, stop: int, pieces: list[Piece]) -> None:
        while start < stop:
            portion = min(stop - start, MOST_SHOWN_BYTES - len(self._noise))
            self._noise += self._buffer[start : start + portion]
            start += portion
            if len(self._noise) == MOST_SHOWN_BYTES:
                self._tell_noise(pieces)

    def _tell_noise(self, pieces: list[Piece]) -> None:
        if self._noise:
            pieces.append(Unreadable(bytes(self._noise), len(self._noise), self.noise(len(self._noise))))
            self._noise.clear()
