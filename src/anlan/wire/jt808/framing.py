"""JT/T 808 on the byte stream: flags, escapes and the check byte.

Source: JT/T 808-2013 and JT/T 808-2019, 4.4 (message structure): ``0x7E`` header body check ``0x7E``; inside, ``0x7E`` is sent as ``0x7D 0x02``
and ``0x7D`` as ``0x7D 0x01``; the check byte is the exclusive or of everything from the header's first byte to the byte before it.
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.framing import Frame, Piece, Unreadable

FLAG = 0x7E
ESCAPE = 0x7D
_FLAG_BYTE = bytes((FLAG,))

MOST_MESSAGE_BYTES = 21 + 1023 + 1
"""Longest header (2019, sub-packet), longest body (ten bits) and the check byte."""

MOST_ESCAPED_BYTES = 2 * MOST_MESSAGE_BYTES
"""Between two flags: every byte escaped."""

_SHOWN_BYTES = 1024


class OutsideOfFrames(Refusal):
    code: ClassVar[str] = "jt808_outside_of_frames"
    sentence: ClassVar[str] = N_("有 {size} 字节不在任何 JT/T 808 报文之内，已跳过。")
    status: ClassVar[int] = 422


class FrameTooLong(Refusal):
    code: ClassVar[str] = "jt808_frame_too_long"
    sentence: ClassVar[str] = N_("超过 {limit} 字节仍未见结束标识，不是 JT/T 808 报文。")
    status: ClassVar[int] = 422


class BadEscape(Refusal):
    code: ClassVar[str] = "jt808_bad_escape"
    sentence: ClassVar[str] = N_("报文第 {position} 字节的转义不符：0x7D 之后只能是 0x01 或 0x02。")
    status: ClassVar[int] = 422


class Framer:
    """Cuts a stream at its flags; one flag may end a frame and begin the next. Anything between two flags is handed on as a frame.

    Noise between two frames therefore comes out as a frame of its own and fails its check byte, while the frames beside it are whole: the
    stream finds its step again at every flag. At most :data:`MOST_ESCAPED_BYTES` are held.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        # Until the first flag, and after a frame without an end, bytes belong to no frame.
        self._outside = True

    @property
    def waiting(self) -> int:
        """Bytes held for a frame that has not ended."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that ``data`` completes, in order; the same pieces however the stream was split."""
        pieces: list[Piece] = []
        at = 0
        while at < len(data):
            flag = data.find(FLAG, at)
            self._take(data[at : len(data) if flag < 0 else flag], pieces)
            if flag < 0:
                break
            self._flag(pieces)
            at = flag + 1
        return pieces

    def end(self) -> list[Piece]:
        """Noise that was not told yet, now that nothing more comes. (What waits for the end of its frame is not touched.)"""
        pieces: list[Piece] = []
        if self._held and self._outside:
            self._drop(OutsideOfFrames(size=len(self._held)), pieces)
        return pieces

    def _take(self, data: bytes, pieces: list[Piece]) -> None:
        while data:
            room = MOST_ESCAPED_BYTES - len(self._held)
            if not room:
                reason = OutsideOfFrames(size=len(self._held)) if self._outside else FrameTooLong(limit=MOST_ESCAPED_BYTES)
                self._drop(reason, pieces)
                self._outside = True
                continue
            self._held += data[:room]
            data = data[room:]

    def _flag(self, pieces: list[Piece]) -> None:
        if self._held and self._outside:
            self._drop(OutsideOfFrames(size=len(self._held)), pieces)
        elif self._held:
            pieces.append(Frame(_FLAG_BYTE + bytes(self._held) + _FLAG_BYTE))
            self._held.clear()
        self._outside = False

    def _drop(self, reason: Refusal, pieces: list[Piece]) -> None:
        pieces.append(Unreadable(bytes(self._held[:_SHOWN_BYTES]), len(self._held), reason))
        self._held.clear()


def escape(message: bytes) -> bytes:
    """The bytes between two flags that say ``message`` (header, body and check byte)."""
    return message.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescape(data: bytes) -> bytes:
    """Header, body and check byte of the bytes between two flags. Raises :class:`BadEscape`."""
    found = bytearray()
    at = 0
    while (escaped := data.find(ESCAPE, at)) >= 0:
        follower = data[escaped + 1 : escaped + 2]
        if follower not in (b"\x01", b"\x02"):
            raise BadEscape(position=escaped + 1)
        found += data[at:escaped]
        found.append(ESCAPE if follower == b"\x01" else FLAG)
        at = escaped + 2
    return bytes(found + data[at:])


def check_byte(data: bytes) -> int:
    """Exclusive or of all bytes of header and body."""
    return reduce(xor, data, 0)
