"""Why bytes of HJ 212 were refused."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class Noise(Refusal):
    code: ClassVar[str] = "hj212_noise"
    sentence: ClassVar[str] = N_("收到 {size} 字节不属于任何污染物监测报文的数据。")
    status: ClassVar[int] = 422


class BrokenFrame(Refusal):
    code: ClassVar[str] = "hj212_broken_frame"
    sentence: ClassVar[str] = N_("污染物监测报文结构不符：{reason}。")
    status: ClassVar[int] = 422


class FrameTooLong(Refusal):
    code: ClassVar[str] = "hj212_frame_too_long"
    sentence: ClassVar[str] = N_("污染物监测报文已有 {size} 字节仍未结束，超过上限 {limit} 字节，已放弃。")
    status: ClassVar[int] = 413


class BadLength(Refusal):
    code: ClassVar[str] = "hj212_bad_length"
    sentence: ClassVar[str] = N_("污染物监测报文的长度不符：报文写 {declared}，实有 {found}。")
    status: ClassVar[int] = 422


class BadChecksum(Refusal):
    code: ClassVar[str] = "hj212_bad_crc"
    sentence: ClassVar[str] = N_("污染物监测报文校验不符：报文中为 {sent}，应为 {right}。")
    status: ClassVar[int] = 422


class ModbusChecksum(Refusal):
    """The maker computed the check sum with a library for Modbus: his fault to mend, not the line's."""

    code: ClassVar[str] = "hj212_crc_modbus"
    sentence: ClassVar[str] = N_("污染物监测报文的校验码 {sent} 按 Modbus CRC-16 计算，标准要求的是 {right}；请设备厂家按标准附录 A 改正。")
    status: ClassVar[int] = 422


class BadHead(Refusal):
    code: ClassVar[str] = "hj212_bad_head"
    sentence: ClassVar[str] = N_("污染物监测报文的“{field}”无效：“{value}”。")
    status: ClassVar[int] = 422


class BadTime(Refusal):
    code: ClassVar[str] = "hj212_bad_time"
    sentence: ClassVar[str] = N_("污染物监测数据的时间“{value}”无效，该时间的数据未采用。")
    status: ClassVar[int] = 422


class NoTime(Refusal):
    code: ClassVar[str] = "hj212_no_time"
    sentence: ClassVar[str] = N_("污染物监测报文没有数据时间（DataTime），其中 {count} 个数据未采用。")
    status: ClassVar[int] = 422


class BadValue(Refusal):
    code: ClassVar[str] = "hj212_bad_value"
    sentence: ClassVar[str] = N_("监测因子“{factor}”的值“{value}”不是有限数，该值未采用。")
    status: ClassVar[int] = 422


class BadItem(Refusal):
    code: ClassVar[str] = "hj212_bad_item"
    sentence: ClassVar[str] = N_("污染物监测数据项“{item}”无法识别，未采用。")
    status: ClassVar[int] = 422


class UnknownCommand(Refusal):
    code: ClassVar[str] = "hj212_unknown_command"
    sentence: ClassVar[str] = N_("污染物监测报文的命令编码 {command} 不由平台接收。")
    status: ClassVar[int] = 422


class PacketsGivenUp(Refusal):
    code: ClassVar[str] = "hj212_packets_given_up"
    sentence: ClassVar[str] = N_("污染物监测报文分 {total} 包，只收到 {found} 包，已放弃。")
    status: ClassVar[int] = 422


class BadPacket(Refusal):
    code: ClassVar[str] = "hj212_bad_packet"
    sentence: ClassVar[str] = N_("污染物监测报文的包号不符：总包数 {total}，包号 {number}。")
    status: ClassVar[int] = 422


class Sealed(Refusal):
    code: ClassVar[str] = "hj212_sealed"
    sentence: ClassVar[str] = N_("污染物监测报文的数据区已加密，平台没有该设备（{address}）的密钥。")
    status: ClassVar[int] = 422


class BadSeal(Refusal):
    code: ClassVar[str] = "hj212_bad_seal"
    sentence: ClassVar[str] = N_("污染物监测报文的加密数据区无法解开：{reason}。")
    status: ClassVar[int] = 422


class SealNotAvailable(Refusal):
    code: ClassVar[str] = "hj212_seal_not_available"
    sentence: ClassVar[str] = N_("本节点的密码库不支持 SM4，无法加密或解密污染物监测报文。")
    status: ClassVar[int] = 501
