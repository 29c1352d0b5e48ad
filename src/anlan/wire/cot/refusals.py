"""What the codec of Cursor-on-Target refuses, and why."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class CotRefused(Refusal):
    code: ClassVar[str] = "cot_refused"
    sentence: ClassVar[str] = N_("CoT 消息有误：{reason}。")
    status: ClassVar[int] = 422


class NotXml(CotRefused):
    code: ClassVar[str] = "cot_not_xml"
    sentence: ClassVar[str] = N_("CoT 消息不是完整的 XML：{reason}。")


class Forbidden(CotRefused):
    code: ClassVar[str] = "cot_forbidden"
    sentence: ClassVar[str] = N_("CoT 消息带有文档类型声明或实体，不予接受。")


class BadField(CotRefused):
    code: ClassVar[str] = "cot_bad_field"
    sentence: ClassVar[str] = N_("CoT 消息的“{field}”缺失或有误：{found}。")


class TooLong(CotRefused):
    code: ClassVar[str] = "cot_too_long"
    sentence: ClassVar[str] = N_("CoT 消息超过 {limit} 字节仍未结束，已丢弃。请终端精简附加内容后再发。")
    status: ClassVar[int] = 413


class Broken(CotRefused):
    code: ClassVar[str] = "cot_broken"
    sentence: ClassVar[str] = N_("CoT 消息没有结束，下一条已开始。")


class Noise(CotRefused):
    code: ClassVar[str] = "cot_noise"
    sentence: ClassVar[str] = N_("收到的 {size} 字节不是 CoT 消息。")


class TakProtocol(CotRefused):
    code: ClassVar[str] = "cot_protobuf"
    sentence: ClassVar[str] = N_("终端使用了 TAK 协议第 1 版（protobuf）。本平台只接受 XML 格式：请在终端的服务器设置里改用 XML 流。")
