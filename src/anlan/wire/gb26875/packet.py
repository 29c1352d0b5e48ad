"""Packets of GB/T 26875.3-2011 (6.6, table 1): ``@@``, control unit, application data unit, check sum, ``##``.

Whole numbers are written low byte first. There are no escapes, so a packet is cut by its length and everything in it may look like a
beginning or an end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum

from anlan.kernel.errors import Refusal
from anlan.wire.gb26875.refusals import BadChecksum, BadTime, BrokenPacket, CannotSay, Noise, TooLong
from anlan.wire.searching import SearchingFramer

BEGIN, END = b"@@", b"##"
HEAD_BYTES, TAIL_BYTES = 27, 3
MOST_UNIT_BYTES = 1024
"""Longest application data unit (table 1)."""
BEIJING = timezone(timedelta(hours=8))
"""The standard names no time zone; systems of the kind keep local time."""


class Command(IntEnum):
    """The command byte (6.6, table 2)."""

    CONTROL = 1
    SEND = 2
    CONFIRM = 3
    REQUEST = 4
    REPLY = 5
    DENY = 6


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. ``source`` and ``target``: addresses of 6 bytes; ``sent_ms``: ms since 1970 UTC, ``None`` where no time was written.

    ``version``: main version (always 1) and the user's own.
    """

    serial: int
    command: int
    source: int
    target: int
    unit: bytes = b""
    sent_ms: int | None = None
    version: tuple[int, int] = (1, 1)


def checksum(data: bytes) -> int:
    """Sum of the bytes modulo 256, over control unit and application data unit."""
    return sum(data) & 0xFF


def read_time(data: bytes) -> int:
    """Milliseconds since 1970 UTC of second, minute, hour, day, month, year (8.2.2). Raises :class:`BadTime`."""
    try:
        second, minute, hour, day, month, year = data
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        raise BadTime(value=data.hex()[:24]) from None
    if year > 99:
        raise BadTime(value=data.hex()[:24])
    return int(moment.timestamp()) * 1000


def write_time(time_ms: int) -> bytes:
    """The six bytes of a moment. Raises :class:`CannotSay` outside 2000–2099."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC).astimezone(BEIJING)
    if not 2000 <= moment.year <= 2099:
        raise CannotSay(reason=str(moment.year))
    return bytes([moment.second, moment.minute, moment.hour, moment.day, moment.month, moment.year - 2000])


def judge(data: bytes) -> Refusal | None:
    """Why ``data`` is no whole packet, or ``None``."""
    if data[:2] != BEGIN or len(data) < HEAD_BYTES + TAIL_BYTES:
        return BrokenPacket(reason=data[:2].hex() if data[:2] != BEGIN else f"{len(data)}")
    length = int.from_bytes(data[24:26], "little")
    if length > MOST_UNIT_BYTES:
        return TooLong(size=length, limit=MOST_UNIT_BYTES)
    if len(data) != HEAD_BYTES + length + TAIL_BYTES:
        return BrokenPacket(reason=f"{len(data)} ≠ {HEAD_BYTES + length + TAIL_BYTES}")
    if data[-2:] != END:
        return BrokenPacket(reason=data[-2:].hex())
    right = checksum(data[2:-3])
    return None if data[-3] == right else BadChecksum(sent=f"{data[-3]:02X}", right=f"{right:02X}")


class Framer(SearchingFramer):
    """Cuts the stream of one connection into packets. See :class:`anlan.wire.framing.Framer`."""

    beginning = re.compile(rb"@@|@\Z")
    head_bytes = 26

    def sizes(self, head: bytes) -> tuple[int, ...] | Refusal:
        """One, or the refusal of a length that the standard forbids: what claims more is not waited for."""
        if len(head) < self.head_bytes:
            return ()
        length = int.from_bytes(head[24:26], "little")
        return (HEAD_BYTES + length + TAIL_BYTES,) if length <= MOST_UNIT_BYTES else TooLong(size=length, limit=MOST_UNIT_BYTES)

    def judge(self, data: bytes) -> Refusal | None:
        """End and check sum."""
        return judge(data)

    def noise(self, size: int) -> Refusal:
        """Bytes between packets."""
        return Noise(size=size)


def decode(data: bytes) -> Packet:
    """The fields of one whole packet. Raises :class:`BrokenPacket`, :class:`TooLong`, :class:`BadChecksum`.

    An impossible time of sending costs nothing else: it is ``None``.
    """
    if (refusal := judge(data)) is not None:
        raise refusal
    return control_unit(data)


def control_unit(data: bytes) -> Packet:
    """The fields as they stand in at least 27 bytes that need not be whole, to deny what came (6.3). Raises :class:`BrokenPacket`."""
    if len(data) < HEAD_BYTES or data[:2] != BEGIN:
        raise BrokenPacket(reason=f"{len(data)}")
    sent_ms: int | None = None
    if any(data[6:12]):
        try:
            sent_ms = read_time(data[6:12])
        except BadTime:
            sent_ms = None
    return Packet(
        serial=int.from_bytes(data[2:4], "little"),
        version=(data[4], data[5]),
        sent_ms=sent_ms,
        source=int.from_bytes(data[12:18], "little"),
        target=int.from_bytes(data[18:24], "little"),
        command=data[26],
        unit=bytes(data[HEAD_BYTES:-TAIL_BYTES]),
    )


def encode(packet: Packet) -> bytes:
    """The bytes that say ``packet``. Raises :class:`CannotSay`."""
    if len(packet.unit) > MOST_UNIT_BYTES:
        raise CannotSay(reason=f"{len(packet.unit)} > {MOST_UNIT_BYTES}")
    try:
        inside = b"".join(
            (
                packet.serial.to_bytes(2, "little"),
                bytes(packet.version),
                bytes(6) if packet.sent_ms is None else write_time(packet.sent_ms),
                packet.source.to_bytes(6, "little"),
                packet.target.to_bytes(6, "little"),
                len(packet.unit).to_bytes(2, "little"),
                bytes([packet.command]),
                packet.unit,
            )
        )
    except (ValueError, OverflowError):
        raise CannotSay(reason=f"{packet.serial} {packet.version} {packet.source} {packet.target} {packet.command}") from None
    if len(packet.version) != 2:
        raise CannotSay(reason=f"{packet.version}")
    return BEGIN + inside + bytes([checksum(inside)]) + END


def answer(packet: Packet, command: Command, now_ms: int) -> Packet:
    """Confirmation or denial of ``packet``: its serial number, the addresses exchanged, nothing else (6.3)."""
    return Packet(packet.serial, command, packet.target, packet.source, b"", now_ms, packet.version)
