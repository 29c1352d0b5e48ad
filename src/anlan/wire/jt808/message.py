"""JT/T 808 message: header and body of one frame, both ways, in the forms of 2013 and 2019.

Source: JT/T 808-2013 4.4.3 table 2 (telephone number of 6 bytes BCD); JT/T 808-2019 4.4.3 table 2 (bit 14 of the properties set, one byte of
protocol version, telephone number of 10 bytes BCD). In both: bits 0-9 length of the body, bits 10-12 encryption, bit 13 sub-packets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.framing import Frame
from anlan.wire.jt808.framing import FLAG, check_byte, escape, unescape

MOST_BODY_BYTES = 1023
_LENGTH = 0x03FF
_ENCRYPTION = 0x1C00
_PARTS = 0x2000
_VERSIONED = 0x4000


class MessageTooShort(Refusal):
    code: ClassVar[str] = "jt808_too_short"
    sentence: ClassVar[str] = N_("报文只有 {size} 字节，不足一个 JT/T 808 消息头。")
    status: ClassVar[int] = 422


class CheckByteWrong(Refusal):
    code: ClassVar[str] = "jt808_check_byte"
    sentence: ClassVar[str] = N_("校验码不符：应为 {expected}，收到 {found}。")
    status: ClassVar[int] = 422


class LengthWrong(Refusal):
    code: ClassVar[str] = "jt808_length"
    sentence: ClassVar[str] = N_("消息体长度不符：消息头标明 {announced} 字节，实有 {found} 字节。")
    status: ClassVar[int] = 422


class Encrypted(Refusal):
    """Bit 10 announces RSA; the other two bits are reserved. Without the terminal's key the body cannot be read, so it is never guessed at."""

    code: ClassVar[str] = "jt808_encrypted"
    sentence: ClassVar[str] = N_("消息体已加密（加密方式 {method}），平台未与该终端交换密钥，请在终端上关闭消息加密。")
    status: ClassVar[int] = 422


class BadPhone(Refusal):
    code: ClassVar[str] = "jt808_phone"
    sentence: ClassVar[str] = N_("终端手机号“{phone}”不是 BCD 数字。")
    status: ClassVar[int] = 422


class BadPart(Refusal):
    code: ClassVar[str] = "jt808_part"
    sentence: ClassVar[str] = N_("分包序号不符：第 {index} 包，共 {total} 包。")
    status: ClassVar[int] = 422


class BodyTooLong(Refusal):
    code: ClassVar[str] = "jt808_body_too_long"
    sentence: ClassVar[str] = N_("消息体有 {size} 字节，超过单包上限 {limit} 字节，应分包发送。")
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Part:
    """Place of a sub-packet: ``index`` from 1 to ``total``."""

    total: int
    index: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``phone``: the terminal's number without the zeros that fill it up; ``serial``: 0-65,535, counted by its sender.

    ``version``: the protocol version byte of 2019 (1 for the first edition); ``None``: the header of 2013 and before.
    """

    identifier: int
    phone: str
    serial: int
    body: bytes = b""
    version: int | None = None
    part: Part | None = None


def decode(frame: Frame | bytes) -> Message:
    """Read one frame, flags included.

    Raises :class:`~anlan.wire.jt808.framing.BadEscape`, :class:`MessageTooShort`, :class:`CheckByteWrong`, :class:`LengthWrong`,
    :class:`Encrypted`, :class:`BadPhone`, :class:`BadPart`.
    """
    data = frame.data if isinstance(frame, Frame) else frame
    if len(data) < 2 or data[0] != FLAG or data[-1] != FLAG:
        raise MessageTooShort(size=len(data))
    found = unescape(data[1:-1])
    if len(found) < 13:
        raise MessageTooShort(size=len(found))
    expected = check_byte(found[:-1])
    if expected != found[-1]:
        raise CheckByteWrong(expected=f"{expected:02X}", found=f"{found[-1]:02X}")
    return _read(found[:-1])


def _read(found: bytes) -> Message:
    properties = int.from_bytes(found[2:4])
    version, at, digits = (found[4], 5, 10) if properties & _VERSIONED else (None, 4, 6)
    ends = at + digits + 2 + (4 if properties & _PARTS else 0)
    announced = properties & _LENGTH
    if len(found) - ends != announced:
        raise LengthWrong(announced=announced, found=max(0, len(found) - ends))
    if properties & _ENCRYPTION:
        raise Encrypted(method=(properties & _ENCRYPTION) >> 10)
    phone = found[at : at + digits].hex()
    if not phone.isdecimal():
        raise BadPhone(phone=phone)
    at += digits
    part = None
    if properties & _PARTS:
        part = Part(total=int.from_bytes(found[at + 2 : at + 4]), index=int.from_bytes(found[at + 4 : at + 6]))
        if not 1 <= part.index <= part.total:
            raise BadPart(index=part.index, total=part.total)
    return Message(
        identifier=int.from_bytes(found[:2]),
        phone=phone.lstrip("0") or "0",
        serial=int.from_bytes(found[at : at + 2]),
        body=found[ends:],
        version=version,
        part=part,
    )


def encode(message: Message) -> bytes:
    """The frame that says ``message``. Raises :class:`BodyTooLong`, :class:`BadPhone`."""
    if len(message.body) > MOST_BODY_BYTES:
        raise BodyTooLong(size=len(message.body), limit=MOST_BODY_BYTES)
    digits = 12 if message.version is None else 20
    if not (message.phone.isascii() and message.phone.isdecimal()) or len(message.phone) > digits:
        raise BadPhone(phone=message.phone[:40])
    properties = len(message.body)
    head = bytearray()
    if message.version is not None:
        properties |= _VERSIONED
        head.append(message.version)
    head += bytes.fromhex(message.phone.zfill(digits)) + message.serial.to_bytes(2)
    if message.part is not None:
        properties |= _PARTS
        head += message.part.total.to_bytes(2) + message.part.index.to_bytes(2)
    whole = message.identifier.to_bytes(2) + properties.to_bytes(2) + bytes(head) + message.body
    return bytes((FLAG,)) + escape(whole + bytes((check_byte(whole),))) + bytes((FLAG,))


def parted(message: Message, size: int = 1000) -> Iterator[Message]:
    """``message`` as sub-packets with bodies of at most ``size`` bytes, the serial counting up; itself when it fits into one."""
    if len(message.body) <= size:
        yield message
        return
    total = -(-len(message.body) // size)
    for index in range(total):
        yield replace(
            message,
            serial=(message.serial + index) & 0xFFFF,
            body=message.body[index * size : (index + 1) * size],
            part=Part(total=total, index=index + 1),
        )
