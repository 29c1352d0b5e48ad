"""Frames of HJ 212: where one begins and ends in a stream of bytes.

``##``, four decimal digits (bytes of the data segment), the segment, four hexadecimal digits (check sum of the segment), CR LF. Source:
HJ/T 212-2005 6.3.1, HJ 212-2017 6.3.1 table 2, HJ 212-2025 6.3 table 2.

The check sum proves a frame whole, so a frame ends with it; CR and LF are skipped wherever they stand between frames, for not every sender
writes them. They prove the opposite as well: no segment contains a line feed, so a length that reaches over one is wrong, and nothing waits
for bytes that a damaged length promised.

A frame whose data area is enciphered (2025, 6.4) carries the length and the check sum of its plain text: it is cut by its line alone, and
only who has the key can judge it.
"""

from __future__ import annotations

import re

from anlan.kernel.errors import Refusal
from anlan.wire.framing import MOST_WAITING_BYTES, Frame, Piece, Unreadable
from anlan.wire.hj212.crc import crc16, modbus_crc16
from anlan.wire.hj212.refusals import BadChecksum, BadLength, BrokenFrame, FrameTooLong, ModbusChecksum, Noise
from anlan.wire.searching import FRUITLESS

MOST_SHOWN_BYTES = 1024
"""So much of refused bytes is kept; noise is told in portions of this size."""
MOST_SEGMENT_BYTES = 9999
"""What four digits can say. (The standard itself allows 1,024.)"""

_HEAD = 6
_CHECKSUM = 4
# What the end of the data cuts off may still become a beginning.
_BEGINNING = re.compile(rb"##(?:[0-9]{4}|[0-9]{0,3}\Z)|#\Z")
_WHOLE_BEGINNING = re.compile(rb"##[0-9]{4}")
_FRAME = re.compile(rb"##([0-9]{4})(.*&&)([0-9A-Fa-f]{4})", re.DOTALL)
_SEALED = re.compile(rb"CP=&&\{0[xX]")


def is_sealed(segment: bytes) -> bool:
    """Whether the data area of a segment is enciphered."""
    return _SEALED.search(segment) is not None


def segment_of(frame: bytes) -> tuple[bytes, int]:
    """Segment and sent check sum of a frame, with or without CR LF; length and, unless it is enciphered, check sum are right.

    Raises :class:`BrokenFrame`, :class:`BadLength`, :class:`BadChecksum`, :class:`ModbusChecksum`.
    """
    found = _FRAME.fullmatch(frame.rstrip(b"\r\n"))
    if found is None:
        raise BrokenFrame(reason="##0000…&&0000")
    declared, segment, sent = int(found[1]), found[2], int(found[3], 16)
    if is_sealed(segment):
        return segment, sent
    if len(segment) != declared:
        raise BadLength(declared=declared, found=len(segment))
    wrong = judge(segment, sent)
    if wrong is not None:
        raise wrong
    return segment, sent


def judge(segment: bytes, sent: int) -> Refusal | None:
    """What is wrong with the check sum ``sent`` of ``segment``."""
    right = crc16(segment)
    if sent == right:
        return None
    facts = {"sent": f"{sent:04X}", "right": f"{right:04X}"}
    return ModbusChecksum(**facts) if sent == modbus_crc16(segment) else BadChecksum(**facts)


def write_frame(segment: bytes) -> bytes:
    """The frame around a segment. Raises :class:`FrameTooLong`."""
    if len(segment) > MOST_SEGMENT_BYTES:
        raise FrameTooLong(size=len(segment), limit=MOST_SEGMENT_BYTES)
    return b"##%04d%s%04X\r\n" % (len(segment), segment, crc16(segment))


class Framer:
    """Cuts the stream of one connection into frames. See :class:`anlan.wire.framing.Framer`.

    The same bytes give the same pieces, however they are portioned.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._noise = bytearray()
        # The frame at the beginning of the buffer did not end where its length says; its line end is waited for.
        self._length_is_wrong = False
        self._failures = 0

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
                at = begins
                continue
            taken = self._take(at)
            if taken is None:
                break
            piece, size = taken
            self._failures = self._failures + 1 if isinstance(piece, Unreadable) else 0
            if self._failures > FRUITLESS and isinstance(piece, Unreadable) and isinstance(piece.reason, BrokenFrame):
                # What only begins like a frame, again and again, is noise.
                self._add_noise(bytes(self._buffer[at : at + size]), pieces)
            else:
                self._tell_noise(pieces)
                pieces.append(piece)
            self._length_is_wrong = False
            at += size
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

    def _take(self, at: int) -> tuple[Piece, int] | None:
        """The piece at ``at`` and how many bytes it took; ``None``: more must come first."""
        if len(self._buffer) - at < _HEAD:
            return None
        size = _HEAD + int(self._buffer[at + 2 : at + _HEAD]) + _CHECKSUM
        if not self._length_is_wrong and self._buffer.find(b"\n", at, at + size) < 0:
            if len(self._buffer) - at < size:
                return None
            taken = self._take_by_length(at, size)
            if taken is not None:
                return taken
        self._length_is_wrong = True
        return self._take_by_line(at)

    def _take_by_length(self, at: int, size: int) -> tuple[Piece, int] | None:
        if self._buffer[at + size - _CHECKSUM - 2 : at + size - _CHECKSUM] != b"&&":
            return None
        whole = bytes(self._buffer[at : at + size])
        found = _FRAME.fullmatch(whole)
        if found is None:
            return None
        reason = judge(found[2], int(found[3], 16))
        if reason is None or is_sealed(found[2]):
            return Frame(whole), size
        return self._unreadable(at, size, reason)

    def _take_by_line(self, at: int) -> tuple[Piece, int] | None:
        most = at + MOST_WAITING_BYTES
        ends = self._buffer.find(b"\n", at, most)
        stop = ends if ends >= 0 else min(len(self._buffer), most)
        again = _WHOLE_BEGINNING.search(self._buffer, at + 1, stop)
        if again:
            return self._unreadable(at, again.start() - at, BrokenFrame(reason="## … ##"))
        if ends < 0:
            if len(self._buffer) < most:
                return None
            return self._unreadable(at, MOST_WAITING_BYTES, FrameTooLong(size=MOST_WAITING_BYTES, limit=MOST_WAITING_BYTES))
        line = bytes(self._buffer[at:ends])
        try:
            segment_of(line)
        except Refusal as reason:
            return self._unreadable(at, ends + 1 - at, reason)
        return Frame(line.rstrip(b"\r\n")), ends + 1 - at

    def _unreadable(self, at: int, size: int, reason: Refusal) -> tuple[Piece, int]:
        # After many failures without a frame none is looked for inside of another: see :mod:`anlan.wire.searching`.
        again = _WHOLE_BEGINNING.search(self._buffer, at + 1, at + size) if self._failures < FRUITLESS else None
        size = again.start() - at if again else size
        return Unreadable(bytes(self._buffer[at : at + min(size, MOST_SHOWN_BYTES)]), size, reason), size

    def _add_noise(self, data: bytes, pieces: list[Piece]) -> None:
        for line in data.splitlines(keepends=True) if b"\n" in data else [data]:
            while line:
                # Line ends between frames are no noise.
                line = line if self._noise else line.lstrip(b"\r\n")
                room = MOST_SHOWN_BYTES - len(self._noise)
                self._noise += line[:room]
                if len(self._noise) == MOST_SHOWN_BYTES or line[:room].endswith(b"\n"):
                    self._tell_noise(pieces)
                line = line[room:]

    def _tell_noise(self, pieces: list[Piece]) -> None:
        if self._noise:
            pieces.append(Unreadable(bytes(self._noise), len(self._noise), Noise(size=len(self._noise))))
            self._noise.clear()
