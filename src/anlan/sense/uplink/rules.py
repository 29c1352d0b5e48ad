"""The law of readings that come by HTTP: who may send, how much, and what is refused. No Django, no clock.

All limits are project defaults: beyond what honest equipment needs after a long break of its line, below what would harm the node.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "uplink.send": N_("以接入凭证发送读数（只授予设备，不授予岗位）"),
}

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_VALUES = 1_000_000
"""Values in one request."""
MOST_VALUES_A_MESSAGE = 5_000
"""Values in one message of the stream: with codes of 64 characters half of what the intake reads."""
REQUESTS_A_MINUTE = 1_200
"""Of one credential, at each of the node's web processes; a third of it may come at once."""
FRESH = timedelta(seconds=30)
"""For so long after a change of a device its readings wait until the stream knows of it; it usually does within a second."""
GUESSES_A_MINUTE = 10
"""Wrong secrets for one user name from one address."""


class CredentialRefused(Refusal):
    code: ClassVar[str] = "uplink_credential_refused"
    sentence: ClassVar[str] = N_("接入用户名或密钥不正确，或凭证已吊销。请核对设备中的接入用户名和密钥。")
    status: ClassVar[int] = 401


class TooManyGuesses(Refusal):
    code: ClassVar[str] = "uplink_too_many_guesses"
    sentence: ClassVar[str] = N_("错误密钥次数过多，一分钟内不再核对，请稍后再试。")
    status: ClassVar[int] = 429


class TooManyRequests(Refusal):
    code: ClassVar[str] = "uplink_too_many_requests"
    sentence: ClassVar[str] = N_("请求过于频繁（每分钟上限 {limit} 次），请把读数合并成批后发送。")
    status: ClassVar[int] = 429


class UnknownDevice(Refusal):
    code: ClassVar[str] = "reading_unknown_device"
    sentence: ClassVar[str] = N_("接入凭证“{username}”名下没有编号为“{device}”的设备，请先登记设备。")
    status: ClassVar[int] = 404


class DeviceNotInUse(Refusal):
    code: ClassVar[str] = "reading_device_not_in_use"
    sentence: ClassVar[str] = N_("设备“{device}”未启用，读数未接收。请先在设备登记中启用。")
    status: ClassVar[int] = 409


class UnknownContent(Refusal):
    code: ClassVar[str] = "uplink_unknown_content"
    sentence: ClassVar[str] = N_(
        "不接收“{content}”：请使用 application/json、application/senml+json、text/csv 或 application/vnd.apache.arrow.stream，可用 gzip 压缩。"
    )
    status: ClassVar[int] = 415


class BodyTooLarge(Refusal):
    code: ClassVar[str] = "uplink_too_large"
    sentence: ClassVar[str] = N_("报文超过上限（{limit}），请分批发送。")
    status: ClassVar[int] = 413


class MalformedBody(Refusal):
    code: ClassVar[str] = "uplink_bad_body"
    sentence: ClassVar[str] = N_("报文无法读取：{reason}。")
    status: ClassVar[int] = 422


class MalformedTable(Refusal):
    code: ClassVar[str] = "uplink_bad_table"
    sentence: ClassVar[str] = N_("表格结构不符：应有 time、point、value 三列，或 time 列加以测点编号命名的各列；{reason}。")
    status: ClassVar[int] = 422


class UnknownPoint(Refusal):
    code: ClassVar[str] = "reading_unknown_sensor"
    sentence: ClassVar[str] = N_("测点“{sensor}”没有登记，其读数未采用。")
    status: ClassVar[int] = 422


class ClockAhead(Refusal):
    code: ClassVar[str] = "reading_clock_ahead"
    sentence: ClassVar[str] = N_("时间 {time} 超前于本节点时钟，读数未采用，请校准设备时钟。")
    status: ClassVar[int] = 422


class ClockBehind(Refusal):
    code: ClassVar[str] = "reading_clock_behind"
    sentence: ClassVar[str] = N_(
        "时间 {time} 早于设备的启用时间，读数未采用。请校准设备时钟；确属历史数据的，请先在设备登记中填写实际投用日期，再重新发送。"
    )
    status: ClassVar[int] = 422


class NotKept(Refusal):
    code: ClassVar[str] = "reading_not_kept"
    sentence: ClassVar[str] = N_("时间 {time} 早于该类测点读数的保存期限，读数未采用。期限见“数据保存期限”。")
    status: ClassVar[int] = 422


class NotStored(Refusal):
    code: ClassVar[str] = "uplink_not_stored"
    sentence: ClassVar[str] = N_("数据流暂时不能保存，读数未接收，请稍后重发：{reason}。")
    status: ClassVar[int] = 503
