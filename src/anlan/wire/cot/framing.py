"""Where an event begins and ends in a stream: ``<event …`` to ``</event>``, with or without an XML declaration before it.

An event cannot hold another, so a second beginning proves the first one broken. The same bytes give the same pieces, however portioned.
Binary messages of TAK protocol version 1 (0xBF, length, protobuf) are recognised by their first byte and refused: a server that does not
offer that version is not sent it.
"""

from __future__ import annotations

import re
from typing import Final

from anlan.wire.cot.event import MOST_BYTES
from anlan.wire.cot.refusals import Broken, CotRefused, Noise, TakProtocol, TooLong
from anlan.wire.framing import Frame, Piece, Unreadable

MOST_SHOWN_BYTES: Final = 1024
LONGEST_DECLARATION: Final = 256
_BOM, _END, _PROTOBUF = b"\xef\xbb\xbf", b"</event>", b"\xbf"
# What the end of the data cuts off may still become a beginning.
_BEGINNING = re.compile(rb"<(?:\Z|e(?:\Z|v(?:\Z|e(?:\Z|n(?:\Z|t(?:\Z|(?P<event>[\s/>]))))))|\?(?:\Z|x(?:\Z|m(?:\Z|l(?:\Z|(?P<told>\s))))))")
_TURN = re.compile(rb"(?P<end></event>)|<event[\s/>]")


class Framer:
    """Cuts the stream of one connection into events. See :class:`anlan.wire.framing.Framer`."""

    def __init__(self, *, most: int = MOST_BYTES) -> None:
        self._most = most
        self._buffer = bytearray()
        self._noise = bytearray()
        self._seen = 0
        """So much of the buffer holds neither an end nor a further beginning of the event it begins with."""

    @property
    def waiting(self) -> int:
        """Bytes held for an event that has not ended."""
        return len(self._buffer) + len(self._noise)

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that ``data`` completes, in order."""
        self._buffer += data
        pieces: list[Piece] = []
        at = 0
        while at < len(self._buffer):
            found = _BEGINNING.search(self._buffer, at)
            begins = found.start() if found else len(self._buffer)
            if begins > at:
                self._add_noise(bytes(self._buffer[at:begins]), pieces)
                self._seen, at = 0, begins
                continue
            assert found is not None
            size = self._declaration(at) if found["told"] else self._event(at, pieces) if found["event"] else 0
            if not size:
                break
            if size < 0:
                self._add_noise(bytes(self._buffer[at : at - size]), pieces)
            self._seen, at = 0, at + abs(size)
        del self._buffer[:at]
        return pieces

    def end(self) -> list[Piece]:
        """Noise that was not told yet, now that nothing more comes."""
        pieces: list[Piece] = []
        self._tell_noise(pieces)
        return pieces

    def _declaration(self, at: int) -> int:
        """Length of an XML declaration; 0: not ended; negative: none."""
        end = self._buffer.find(b"?>", at, at + LONGEST_DECLARATION)
        if end >= 0:
            return end + 2 - at
        return 0 if len(self._buffer) - at < LONGEST_DECLARATION else -1

    def _event(self, at: int, pieces: list[Piece]) -> int:
        """Length of what was taken; 0: more must come."""
        limit, since = at + self._most, at + max(6, self._seen - len(_END))
        # One search for both: looking for an end alone would cost the whole buffer for each false beginning.
        found = _TURN.search(self._buffer, since, limit)
        self._tell_noise(pieces)
        if found is not None and found["end"]:
            pieces.append(Frame(bytes(self._buffer[at : found.end()])))
            return found.end() - at
        if found is not None:
            return self._refuse(at, found.start() - at, Broken(), pieces)
        if len(self._buffer) >= limit:
            return self._refuse(at, self._most, TooLong(limit=self._most), pieces)
        self._seen = len(self._buffer) - at
        return 0

    def _refuse(self, at: int, size: int, reason: CotRefused, pieces: list[Piece]) -> int:
        pieces.append(Unreadable(bytes(self._buffer[at : at + min(size, MOST_SHOWN_BYTES)]), size, reason))
        return size

    def _add_noise(self, data: bytes, pieces: list[Piece]) -> None:
        self._noise += data
        if self._noise[:1].isspace():
            self._noise = self._noise.lstrip()
        while len(self._noise) >= MOST_SHOWN_BYTES:
            self._tell(bytes(self._noise[:MOST_SHOWN_BYTES]), pieces)
            self._noise = self._noise[MOST_SHOWN_BYTES:].lstrip()

    def _tell_noise(self, pieces: list[Piece]) -> None:
        if self._noise and bytes(self._noise.rstrip()) != _BOM:
            self._tell(bytes(self._noise), pieces)
        self._noise.clear()

    def _tell(self, noise: bytes, pieces: list[Piece]) -> None:
        reason = TakProtocol() if noise.startswith(_PROTOBUF) else Noise(size=len(noise))
        pieces.append(Unreadable(noise, len(noise), reason))
