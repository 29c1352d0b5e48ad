"""Why bytes of GB/T 26875.3-2011 were refused."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class Noise(Refusal):
    code: ClassVar[str] = "gb26875_noise"
    sentence: ClassVar[str] = N_("收到 {size} 字节不属于任何消防报文的数据。")
    status: ClassVar[int] = 422


class BrokenPacket(Refusal):
    code: ClassVar[str] = "gb26875_broken_packet"
    sentence: ClassVar[str] = N_("消防报文结构不符：{reason}。")
    status: ClassVar[int] = 422


class BadChecksum(Refusal):
    code: ClassVar[str] = "gb26875_bad_checksum"
    sentence: ClassVar[str] = N_("消防报文校验和不符：报文中为 {sent}，应为 {right}。")
    status: ClassVar[int] = 422


class TooLong(Refusal):
    code: ClassVar[str] = "gb26875_too_long"
    sentence: ClassVar[str] = N_("消防报文的应用数据单元长 {size} 字节，超过标准规定的 {limit} 字节。")
    status: ClassVar[int] = 413


class UnknownCommand(Refusal):
    code: ClassVar[str] = "gb26875_unknown_command"
    sentence: ClassVar[str] = N_("消防报文的命令字节 {command} 无法识别。")
    status: ClassVar[int] = 422


class UnknownUnit(Refusal):
    code: ClassVar[str] = "gb26875_unknown_unit"
    sentence: ClassVar[str] = N_("消防报文的类型标志 {kind} 不是标准规定的上行数据。")
    status: ClassVar[int] = 422


class BadUnit(Refusal):
    code: ClassVar[str] = "gb26875_bad_unit"
    sentence: ClassVar[str] = N_("消防报文的应用数据单元无法识别：{reason}。")
    status: ClassVar[int] = 422


class BadTime(Refusal):
    code: ClassVar[str] = "gb26875_bad_time"
    sentence: ClassVar[str] = N_("消防报文的时间标签“{value}”无效。")
    status: ClassVar[int] = 422


class UnknownAnalog(Refusal):
    code: ClassVar[str] = "gb26875_unknown_analog"
    sentence: ClassVar[str] = N_("消防部件“{part}”的模拟量类型 {kind} 没有定义，该值未采用。")
    status: ClassVar[int] = 422


class CannotSay(Refusal):
    """What the caller wants to send does not fit the standard's fields."""

    code: ClassVar[str] = "gb26875_cannot_say"
    sentence: ClassVar[str] = N_("无法编成消防报文：{reason}。")
    status: ClassVar[int] = 422
