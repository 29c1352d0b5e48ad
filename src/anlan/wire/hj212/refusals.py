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
