"""What a terminal and the platform say to each other beside positions: registration, authentication, multimedia, answers.

Source: JT/T 808-2013 8.1-8.8, 8.41-8.44; JT/T 808-2019 8.1-8.8, 8.27-8.30. Text is GBK.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.jt808.message import Message

TERMINAL_ANSWER = 0x0001
HEARTBEAT = 0x0002
LOG_OUT = 0x0003
REGISTRATION = 0x0100
AUTHENTICATION = 0x0102
POSITION = 0x0200
POSITIONS = 0x0704
MULTIMEDIA_EVENT = 0x0800
MULTIMEDIA_DATA = 0x0801
GENERAL_ANSWER = 0x8001
REGISTRATION_ANSWER = 0x8100
MULTIMEDIA_ANSWER = 0x8800

_IMEI_BYTES, _SOFTWARE_BYTES = 15, 20


class BodyTooShort(Refusal):
    code: ClassVar[str] = "jt808_body_too_short"
    sentence: ClassVar[str] = N_("消息 {message} 的消息体只有 {size} 字节，不足 {least} 字节。")
    status: ClassVar[int] = 422


class Result(IntEnum):
    """Result of a general answer 0x8001."""

    DONE = 0
    FAILED = 1
    WRONG = 2
    NOT_SUPPORTED = 3


class RegistrationResult(IntEnum):
    """Result of an answer to a registration 0x8100."""

    DONE = 0
    VEHICLE_REGISTERED = 1
    VEHICLE_UNKNOWN = 2
    TERMINAL_REGISTERED = 3
    TERMINAL_UNKNOWN = 4


@dataclass(frozen=True, slots=True)
class Registration:
    """Who wants to be registered. ``colour`` 0: the vehicle has no plate yet and ``plate`` is its VIN (codes of JT/T 415, 2019: JT/T 697.7)."""

    province: int
    county: int
    maker: str
    model: str
    terminal: str
    colour: int
    plate: str


@dataclass(frozen=True, slots=True)
class Authentication:
    """What a terminal proves itself with; ``imei`` and ``software`` only in the form of 2019."""

    code: str
    imei: str = ""
    software: str = ""


def decode_registration(message: Message) -> Registration:
    """Body of 0x0100 in the forms of 2011 (model of 8 bytes), 2013 and 2019. Raises :class:`BodyTooShort`."""
    body = message.body
    if message.version is not None:
        maker, model, terminal = 11, 30, 30
    elif len(body) >= 37:
        maker, model, terminal = 5, 20, 7
    else:
        maker, model, terminal = 5, 8, 7
    least = 4 + maker + model + terminal + 1
    if len(body) < least:
        raise BodyTooShort(message="0x0100", size=len(body), least=least)
    at = 4 + maker
    return Registration(
        province=int.from_bytes(body[:2]),
        county=int.from_bytes(body[2:4]),
        maker=_text(body[4:at]),
        model=_text(body[at : at + model]),
        terminal=_text(body[at + model : at + model + terminal]),
        colour=body[least - 1],
        plate=_text(body[least:]),
    )


def encode_registration(registration: Registration, version: int | None) -> bytes:
    """Body of 0x0100 in the form of 2013 (``version`` ``None``) or 2019."""
    maker, model, terminal = (5, 20, 7) if version is None else (11, 30, 30)
    return (
        registration.province.to_bytes(2)
        + registration.county.to_bytes(2)
        + _fixed(registration.maker, maker)
        + _fixed(registration.model, model)
        + _fixed(registration.terminal, terminal)
        + bytes((registration.colour,))
        + registration.plate.encode("gbk")
    )


def decode_authentication(message: Message) -> Authentication:
    """Body of 0x0102: 2013 the code alone; 2019 its length, the code, IMEI and software version. Raises :class:`BodyTooShort`."""
    body = message.body
    if message.version is None:
        return Authentication(_text(body))
    size = body[0] if body else 0
    least = 1 + size
    if not body or len(body) < least:
        raise BodyTooShort(message="0x0102", size=len(body), least=least)
    return Authentication(
        code=_text(body[1:least]),
        imei=_text(body[least : least + _IMEI_BYTES]),
        software=_text(body[least + _IMEI_BYTES : least + _IMEI_BYTES + _SOFTWARE_BYTES]),
    )


def encode_authentication(authentication: Authentication, version: int | None) -> bytes:
    """Body of 0x0102 in the form of 2013 (``version`` ``None``) or 2019."""
    code = authentication.code.encode("gbk")
    if version is None:
        return code
    return bytes((len(code),)) + code + _fixed(authentication.imei, _IMEI_BYTES) + _fixed(authentication.software, _SOFTWARE_BYTES)


def multimedia_identifier(message: Message) -> int:
    """Identifier of the medium that 0x0800, or the first part of 0x0801, speaks of. Raises :class:`BodyTooShort`."""
    if len(message.body) < 8:
        raise BodyTooShort(message=f"0x{message.identifier:04X}", size=len(message.body), least=8)
    return int.from_bytes(message.body[:4])


def general_answer(to: Message, serial: int, result: Result = Result.DONE) -> Message:
    """0x8001: the platform's answer to ``to``, with the platform's own ``serial``."""
    body = to.serial.to_bytes(2) + to.identifier.to_bytes(2) + bytes((result,))
    return Message(GENERAL_ANSWER, to.phone, serial, body, to.version)


def registration_answer(to: Message, serial: int, result: RegistrationResult, code: str = "") -> Message:
    """0x8100: the answer to a registration; ``code``, what the terminal is to authenticate with, goes along only with success."""
    body = to.serial.to_bytes(2) + bytes((result,))
    if result is RegistrationResult.DONE:
        body += code.encode("gbk")
    return Message(REGISTRATION_ANSWER, to.phone, serial, body, to.version)


def multimedia_answer(to: Message, serial: int, identifier: int) -> Message:
    """0x8800: all parts of a medium have arrived."""
    return Message(MULTIMEDIA_ANSWER, to.phone, serial, identifier.to_bytes(4), to.version)


def _text(raw: bytes) -> str:
    # Names and plates are shown to people, never compared: one bad byte must not cost the message.
    # Terminals fill up on either side.
    return raw.strip(b"\0").split(b"\0", 1)[0].decode("gbk", errors="replace").strip()


def _fixed(text: str, size: int) -> bytes:
    return text.encode("gbk")[:size].ljust(size, b"\0")
