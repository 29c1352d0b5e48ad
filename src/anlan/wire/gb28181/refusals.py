"""Why bytes of GB/T 28181 were refused."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class Noise(Refusal):
    code: ClassVar[str] = "gb28181_noise"
    sentence: ClassVar[str] = N_("收到 {size} 字节不属于任何 SIP 报文的数据。")
    status: ClassVar[int] = 422


class BrokenMessage(Refusal):
    code: ClassVar[str] = "gb28181_broken_message"
    sentence: ClassVar[str] = N_("SIP 报文结构不符：{reason}。")
    status: ClassVar[int] = 400


class MissingHeader(Refusal):
    code: ClassVar[str] = "gb28181_missing_header"
    sentence: ClassVar[str] = N_("SIP 报文缺少必需的头域 {name}，或其内容无法识别。")
    status: ClassVar[int] = 400


class MessageTooLong(Refusal):
    code: ClassVar[str] = "gb28181_too_long"
    sentence: ClassVar[str] = N_("SIP 报文超过 {limit} 字节的上限。")
    status: ClassVar[int] = 413


class BodyCut(Refusal):
    code: ClassVar[str] = "gb28181_body_cut"
    sentence: ClassVar[str] = N_("SIP 报文声明正文 {told} 字节，只收到 {came} 字节。")
    status: ClassVar[int] = 400


class BadAuthorization(Refusal):
    code: ClassVar[str] = "gb28181_bad_authorization"
    sentence: ClassVar[str] = N_("SIP 认证信息无法识别：{reason}。")
    status: ClassVar[int] = 400


class BadXml(Refusal):
    code: ClassVar[str] = "gb28181_bad_xml"
    sentence: ClassVar[str] = N_("视频联网报文正文不是可识别的 XML：{reason}。")
    status: ClassVar[int] = 400


class UnknownCommand(Refusal):
    code: ClassVar[str] = "gb28181_unknown_command"
    sentence: ClassVar[str] = N_("视频联网报文的命令“{root}/{command}”不在已实现的范围内。")
    status: ClassVar[int] = 422


class BadDeviceCode(Refusal):
    code: ClassVar[str] = "gb28181_bad_device_code"
    sentence: ClassVar[str] = N_("“{value}”不是 20 位数字的国标编码（GB/T 28181 附录 D）。")
    status: ClassVar[int] = 422
