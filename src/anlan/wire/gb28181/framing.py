"""Cuts the byte stream of a TCP connection into SIP messages by Content-Length (RFC 3261, 18.3)."""

from __future__ import annotations

import re

from anlan.kernel.errors import Refusal
from anlan.wire.framing import Frame, Piece, Unreadable
from anlan.wire.gb28181.message import MOST_BYTES, MOST_HEAD_BYTES
from anlan.wire.gb28181.refusals import BrokenMessage, MessageTooLong, Noise

_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"(?:^|\n)(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,9})[ \t]*(?=\r?\n|$)", re.I)
_BEGIN = re.compile(rb"(?:[A-Za-z]{2,20} [^\r\n]{1,512} SIP/2\.0|SIP/2\.0 [1-6][0-9]{2}[^\r\n]{0,200})\r?\n", re.I)
_SHOWN = 1024


class Framer:
    """Holds what has come of the next message. See :class:`anlan.wire.framing.Framer`."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes held for a message that has not ended."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Piece]:
        """The messages that ``data`` completes, in order, with what is none between them."""
        self._held += data
        pieces: list[Piece] = []
        while (piece := self._next()) is not None:
            if not isinstance(piece, bytes):
                pieces.append(piece)
        return pieces

    def _next(self) -> Piece | bytes | None:
        """The next piece, empty bytes for a keep-alive passed over, ``None`` when more must come."""
        blank = len(self._held) - len(self._held.lstrip(b"\r\n"))
        if blank:
            # Empty lines between messages keep the connection alive (RFC 5626, 3.5.1).
            del self._held[:blank]
            return b""
        if not self._held:
            return None
        found = _END.search(self._held, 0, MOST_HEAD_BYTES)
        if found is None:
            return self._drop(len(self._held), MessageTooLong(limit=MOST_HEAD_BYTES)) if len(self._held) >= MOST_HEAD_BYTES else None
        head = bytes(self._held[: found.start()])
        if _BEGIN.match(head + b"\r\n") is None:
            return self._resume(found.end())
        told = _LENGTH.search(head)
        if told is None:
            # On a stream the length is a must: without it nobody knows where the next message begins.
            return self._drop(found.end(), BrokenMessage(reason="no Content-Length"))
        end = found.end() + int(told[1])
        if end > MOST_BYTES:
            return self._drop(len(self._held), MessageTooLong(limit=MOST_BYTES))
        if len(self._held) < end:
            return None
        frame = Frame(bytes(self._held[:end]))
        del self._held[:end]
        return frame

    def _resume(self, end: int) -> Unreadable:
        """Go on at the next line that looks like the first of a message."""
        begin = _BEGIN.search(self._held, 1)
        size = begin.start() if begin is not None else end
        return self._drop(size, Noise(size=size))

    def _drop(self, size: int, reason: Refusal) -> Unreadable:
        dropped = Unreadable(bytes(self._held[: min(size, _SHOWN)]), size, reason)
        del self._held[:size]
        return dropped
