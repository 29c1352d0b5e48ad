"""What natural hazards refuse."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class FormUnknown(Refusal):
    code: ClassVar[str] = "hazard_form_unknown"
    sentence: ClassVar[str] = N_("认不出“{name}”的格式。可导入：国突预警 XML、CAP、QuakeML、USGS GeoJSON、热点 CSV，或装有这些文件的 zip。")
    status: ClassVar[int] = 422


class TooLarge(Refusal):
    code: ClassVar[str] = "hazard_file_too_large"
    sentence: ClassVar[str] = N_("“{name}”有 {size} 字节，超过上限 {limit} 字节，请拆分后再导入。")
    status: ClassVar[int] = 413


class SentAhead(Refusal):
    code: ClassVar[str] = "hazard_sent_ahead"
    sentence: ClassVar[str] = N_("发布时间 {sent} 比现在晚，报文不可信，没有收下；请核对发布方时钟。")
    status: ClassVar[int] = 422


class AlreadyOver(Refusal):
    code: ClassVar[str] = "hazard_already_over"
    sentence: ClassVar[str] = N_("失效时间 {ends} 不晚于生效时间 {starts}，没有收下。")
    status: ClassVar[int] = 422


class NothingToChange(Refusal):
    code: ClassVar[str] = "hazard_no_reference"
    sentence: ClassVar[str] = N_("更新或解除报文没有指明它改变的是哪一条（references），没有收下。")
    status: ClassVar[int] = 422


class NotASignal(Refusal):
    code: ClassVar[str] = "hazard_not_a_signal"
    sentence: ClassVar[str] = N_("报文种类是“{kind}”、状态是“{status}”，不是预警信号，没有收下。")
    status: ClassVar[int] = 422


class SenderMissing(Refusal):
    code: ClassVar[str] = "hazard_sender_missing"
    sentence: ClassVar[str] = N_("报文没有编号或发布单位，无法判断来源，没有收下。")
    status: ClassVar[int] = 422


class FileTroubled(Refusal):
    code: ClassVar[str] = "hazard_file_troubled"
    sentence: ClassVar[str] = N_("压缩包“{name}”无法读取：{reason}。")
    status: ClassVar[int] = 422


class AlreadyAnswered(Refusal):
    code: ClassVar[str] = "hazard_already_answered"
    sentence: ClassVar[str] = N_("该指令已由 {name} 在 {at} 回报，不能再改；如有新情况请另行说明。")
    status: ClassVar[int] = 409


class QuakeOver(Refusal):
    code: ClassVar[str] = "hazard_quake_over"
    sentence: ClassVar[str] = N_("该地震已正式测定，不再接受预警估计。")
    status: ClassVar[int] = 409


class QuakeIncomplete(Refusal):
    code: ClassVar[str] = "hazard_quake_incomplete"
    sentence: ClassVar[str] = N_("事件“{event}”没有震源或震级，没有收下。")
    status: ClassVar[int] = 422


class NotAnEarthquake(Refusal):
    code: ClassVar[str] = "hazard_not_an_earthquake"
    sentence: ClassVar[str] = N_("事件类型是“{kind}”，不是地震，没有收下。")
    status: ClassVar[int] = 422


class SpotOutside(Refusal):
    code: ClassVar[str] = "hazard_spot_outside"
    sentence: ClassVar[str] = N_("热点（{longitude}，{latitude}）不在国内任何县，没有收下。")
    status: ClassVar[int] = 422


class OnlyRainIsSummed(Refusal):
    code: ClassVar[str] = "hazard_only_rain_is_summed"
    sentence: ClassVar[str] = N_("“{sensor}”不是雨量测点，不能按小时累计，请把累计小时数改为“读数本身”。")
    status: ClassVar[int] = 422


class CountedOtherwise(Refusal):
    code: ClassVar[str] = "hazard_counted_otherwise"
    sentence: ClassVar[str] = N_("该测点已有阈值把读数当作“{counted}”，同一测点只能有一种含义，请核对设备说明后统一。")
    status: ClassVar[int] = 422


class FeedInterval(Refusal):
    code: ClassVar[str] = "hazard_feed_interval"
    sentence: ClassVar[str] = N_("读取间隔应为 1 至 1440 分钟。")
    status: ClassVar[int] = 422


class FeedKeyMissing(Refusal):
    code: ClassVar[str] = "hazard_feed_key"
    sentence: ClassVar[str] = N_("网址里的 {{key}} 和密钥名称须同时填写，并请运维人员把密钥放入节点的 secrets/feeds 目录。")
    status: ClassVar[int] = 422


class FeedOfOtherKind(Refusal):
    code: ClassVar[str] = "hazard_feed_other_kind"
    sentence: ClassVar[str] = N_("读到的内容不是“{kind}”，没有收下，请核对网址和种类。")
    status: ClassVar[int] = 422
