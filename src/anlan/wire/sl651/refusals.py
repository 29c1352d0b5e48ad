"""Why bytes of SL 651-2014 were refused."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class Noise(Refusal):
    code: ClassVar[str] = "sl651_noise"
    sentence: ClassVar[str] = N_("收到 {size} 字节不属于任何水文报文的数据。")
    status: ClassVar[int] = 422


class BrokenFrame(Refusal):
    code: ClassVar[str] = "sl651_broken_frame"
    sentence: ClassVar[str] = N_("水文报文结构不符：{reason}。")
    status: ClassVar[int] = 422


class BadChecksum(Refusal):
    code: ClassVar[str] = "sl651_bad_checksum"
    sentence: ClassVar[str] = N_("水文报文校验不符：报文中为 {sent}，应为 {right}。")
    status: ClassVar[int] = 422


class BadBody(Refusal):
    code: ClassVar[str] = "sl651_bad_body"
    sentence: ClassVar[str] = N_("水文报文正文无法识别：{reason}。")
    status: ClassVar[int] = 422


class BadTime(Refusal):
    code: ClassVar[str] = "sl651_bad_time"
    sentence: ClassVar[str] = N_("水文报文的时间“{value}”无效，该时间的数据未采用。")
    status: ClassVar[int] = 422


class BadElement(Refusal):
    code: ClassVar[str] = "sl651_bad_element"
    sentence: ClassVar[str] = N_("水文要素“{element}”的数据“{value}”无法识别，该要素未采用。")
    status: ClassVar[int] = 422


class PictureNotKept(Refusal):
    code: ClassVar[str] = "sl651_picture_not_kept"
    sentence: ClassVar[str] = N_("遥测站图片报（36H）不由水文接入保存；请用视频接入报送图片。")
    status: ClassVar[int] = 422


class PacketsTooLarge(Refusal):
    code: ClassVar[str] = "sl651_packets_too_large"
    sentence: ClassVar[str] = N_("多包报文未收全已有 {size} 字节，超过上限 {limit} 字节，已放弃。")
    status: ClassVar[int] = 413


class CannotSay(Refusal):
    """What the caller wants to send does not fit the standard's fields."""

    code: ClassVar[str] = "sl651_cannot_say"
    sentence: ClassVar[str] = N_("无法编成水文报文：{reason}。")
    status: ClassVar[int] = 422


class PacketsGivenUp(Refusal):
    code: ClassVar[str] = "sl651_packets_given_up"
    sentence: ClassVar[str] = N_("水文多包报文（{function}）共 {total} 包，只收到 {found} 包，等待超时，已放弃。")
    status: ClassVar[int] = 422


class BadPacket(Refusal):
    code: ClassVar[str] = "sl651_bad_packet"
    sentence: ClassVar[str] = N_("水文多包报文的包号不符：总包数 {total}，包号 {number}。")
    status: ClassVar[int] = 422


class UnknownFunction(Refusal):
    code: ClassVar[str] = "sl651_unknown_function"
    sentence: ClassVar[str] = N_("水文报文的功能码 {function} 不由平台接收。")
    status: ClassVar[int] = 422
