"""Messages of HJ 212: the data segment of a frame, its head and its data area.

``QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;PNUM=…;PNO=…;CP=&&…&&``. Source: HJ/T 212-2005 6.3.2, HJ 212-2017 6.3.2 table 3, HJ 212-2025 6.3.3 table 3.
Senders leave out what the standard wants (QN and Flag most often), write commas for semicolons and names in capitals: all of that is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from anlan.wire.hj212 import framing, sealed
from anlan.wire.hj212.framing import segment_of, write_frame
from anlan.wire.hj212.refusals import BadHead, BadSeal, BrokenFrame, Sealed

MOST_ADDRESS_CHARACTERS = 64
"""The standard's MN has 14 (2005) or 24 characters; makers take more."""
MOST_SECRET_CHARACTERS = 64
MOST_PACKETS = 9999


class Revision(IntEnum):
    """The upper six bits of the flag: by which revision the sender speaks."""

    OF_2005 = 0
    OF_2017 = 1
    OF_2025 = 2


class Command(StrEnum):
    """Commands (CN) that sessions of the platform send or take. HJ 212-2017 table 9, HJ 212-2025 table 12."""

    SET_TIME = "1012"
    TIME_WANTED = "1013"
    REAL_TIME = "2011"
    RAW = "2013"
    RUN_STATE = "2021"
    DAY = "2031"
    RUN_TIME = "2041"
    MINUTES = "2051"
    HOUR = "2061"
    REQUEST_ANSWER = "9011"
    RESULT = "9012"
    NOTICE_ANSWER = "9013"
    DATA_ANSWER = "9014"
    HEARTBEAT = "9015"


class RequestResult(IntEnum):
    """``QnRtn`` of a request's answer 9011 (HJ 212-2017 6.6.4). Further numbers say what of the request was wrong."""

    READY = 1
    DENIED = 2
    COMMAND_UNKNOWN = 8


class Execution(IntEnum):
    """``ExeRtn`` of the result 9012 (HJ 212-2017 6.6.4). Further numbers say why nothing came of it."""

    DONE = 1
    NO_DATA = 100


ANSWER_SYSTEM = "91"
"""``ST`` of answers: interaction of systems."""


@dataclass(frozen=True, slots=True)
class Flag:
    """``Flag``: ``revision`` as a number (unknown ones are kept), whether packets are numbered (D), whether an answer is wanted (A)."""

    revision: int = Revision.OF_2017
    numbered: bool = False
    answer: bool = False

    @classmethod
    def of(cls, number: int) -> Flag:
        """The flag that ``number`` (0 … 255) says."""
        return cls(number >> 2, bool(number & 2), bool(number & 1))

    @property
    def number(self) -> int:
        """What is written."""
        return self.revision << 2 | self.numbered << 1 | self.answer


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``time``: QN, the moment of the request in ms of Beijing time, which names it; ``system``: ST; ``command``: CN;
    ``secret``: PW; ``address``: MN; ``packets`` and ``packet``: PNUM and PNO (0: not numbered); ``resent``: RF (2025); ``area``: what stands
    between ``&&`` and ``&&``.
    """

    time: str
    system: str
    command: str
    secret: str
    address: str
    flag: Flag | None
    area: str = ""
    packets: int = 0
    packet: int = 0
    resent: bool = False

    @property
    def wants_answer(self) -> bool:
        """Bit A. A sender of 2005 that writes no flag wants none."""
        return self.flag is not None and self.flag.answer


_SEGMENT = re.compile(rb"(.*?)CP=&&(.*)&&", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(rb"##[0-9]{4}(.*?)CP=&&", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(r"\s*([A-Za-z]+)\s*=([^;,]*)")
# What separates fields cannot be part of one: an answer repeats them.
_PRINTABLE = re.compile(r"[!-~]+")
_SEPARATORS = ";,=&#\r\n"
_DIGITS = re.compile(r"[0-9]{1,4}", re.ASCII)


def decode(frame: bytes, key: bytes | None = None) -> Message:
    """Read one frame, with or without CR LF. ``key``: what opens an enciphered data area (16 bytes).

    Raises :class:`BrokenFrame`, :class:`BadLength`, :class:`BadChecksum`, :class:`ModbusChecksum`, :class:`BadHead`, :class:`Sealed`,
    :class:`BadSeal`, :class:`SealNotAvailable`.
    """
    segment, sent = segment_of(frame)
    if framing.is_sealed(segment):
        found = _SEGMENT.fullmatch(segment)
        if found is None:
            raise BrokenFrame(reason="CP=&&…&&")
        if key is None:
            raise Sealed(address=_fields(found[1]).get("MN", "")[:MOST_ADDRESS_CHARACTERS])
        segment = segment[: found.start(2)] + sealed.unseal(found[2], key) + b"&&"
        if framing.judge(segment, sent) is not None:
            raise BadSeal(reason="CRC")
    return read_segment(segment)


def read_segment(segment: bytes) -> Message:
    """Read a plain data segment. Raises :class:`BrokenFrame`, :class:`BadHead`."""
    found = _SEGMENT.fullmatch(segment)
    if found is None:
        raise BrokenFrame(reason="CP=&&…&&")
    fields = _fields(found[1])
    return Message(
        time=_checked(fields, "QN", 0, 20),
        system=_checked(fields, "ST", 0, 5),
        command=_checked(fields, "CN", 4, 4),
        secret=_checked(fields, "PW", 0, MOST_SECRET_CHARACTERS),
        address=_checked(fields, "MN", 1, MOST_ADDRESS_CHARACTERS),
        flag=Flag.of(_number(fields, "FLAG", 255)) if fields.get("FLAG") else None,
        area=_text(found[2]),
        packets=_number(fields, "PNUM", MOST_PACKETS),
        packet=_number(fields, "PNO", MOST_PACKETS),
        resent=fields.get("RF") == "1",
    )


def encode(message: Message, key: bytes | None = None) -> bytes:
    """The frame that says ``message``; with ``key`` its data area is enciphered.

    Raises :class:`BadHead` for what no head can carry, :class:`FrameTooLong`, :class:`BadSeal`, :class:`SealNotAvailable`.
    """
    flag = message.flag
    parts = [
        *([("QN", message.time)] if message.time else []),
        ("ST", message.system),
        ("CN", message.command),
        ("PW", message.secret),
        ("MN", message.address),
        *([("Flag", str(flag.number))] if flag is not None else []),
        *([("PNUM", str(message.packets)), ("PNO", str(message.packet))] if message.packets else []),
        *([("RF", "1")] if message.resent else []),
    ]
    for name, value in parts:
        if not value.isascii() or any(sign in value for sign in _SEPARATORS):
            raise BadHead(field=name, value=value[:40])
    if "\n" in message.area:
        raise BadHead(field="CP", value=message.area[:40])
    head = ";".join(f"{name}={value}" for name, value in parts).encode() + b";CP=&&"
    area = message.area.encode("utf-8", "surrogateescape")
    frame = write_frame(head + area + b"&&")
    if key is None:
        return frame
    # Length and check sum stay those of the plain text.
    return frame[:6] + head + sealed.seal(area, key) + b"&&" + frame[-6:]


def _fields(head: bytes) -> dict[str, str]:
    return {name.upper(): value.strip() for name, value in _FIELD.findall(head.decode("latin-1"))}


def _checked(fields: dict[str, str], name: str, least: int, most: int) -> str:
    value = fields.get(name, "")
    if not least <= len(value) <= most or (value and not _PRINTABLE.fullmatch(value)) or any(sign in value for sign in _SEPARATORS):
        raise BadHead(field=name, value=value[:40])
    return value


def _number(fields: dict[str, str], name: str, most: int) -> int:
    value = fields.get(name, "")
    if not value:
        return 0
    if not _DIGITS.fullmatch(value) or int(value) > most:
        raise BadHead(field=name, value=value[:40])
    return int(value)


def _text(area: bytes) -> str:
    # The standard allows ASCII only; Chinese remarks come in either of these, and bytes that are neither are carried through.
    try:
        return area.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return area.decode("gb18030")
    except UnicodeDecodeError:
        return area.decode("utf-8", "surrogateescape")


_ADDRESS = re.compile(rb"MN\s*=\s*([!-~]+?)\s*[;,]", re.IGNORECASE)


def sender_of(frame: bytes) -> tuple[str, str]:
    """MN and PW in the head of a frame whose data area cannot be opened; both empty where no head can be read."""
    found = _HEAD.match(frame)
    fields = _fields(found[1]) if found is not None else {}
    address, secret = fields.get("MN", ""), fields.get("PW", "")
    fits = 1 <= len(address) <= MOST_ADDRESS_CHARACTERS and len(secret) <= MOST_SECRET_CHARACTERS
    return (address, secret) if fits and _PRINTABLE.fullmatch(address + secret) else ("", "")


def address_of(frame: bytes) -> str:
    """The MN that bytes claim to be from, damaged or not; empty where none stands in them."""
    found = _ADDRESS.search(frame)
    return found[1].decode("ascii") if found and len(found[1]) <= MOST_ADDRESS_CHARACTERS else ""
