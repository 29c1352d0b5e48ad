"""Why something about a link was refused."""

from __future__ import annotations

from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class AddressUnsound(Refusal):
    code: ClassVar[str] = "relay_address"
    sentence: ClassVar[str] = N_("“{address}”不是节点地址。请填写以 https:// 或 http:// 开头的地址，例如 https://节点名:8443。")
    status: ClassVar[int] = 422


class AlreadyAbove(Refusal):
    code: ClassVar[str] = "relay_above_already"
    sentence: ClassVar[str] = N_("本节点已接入上级节点“{node}”。请先断开，再接入另一个。")
    status: ClassVar[int] = 409


class NotAbove(Refusal):
    code: ClassVar[str] = "relay_not_above"
    sentence: ClassVar[str] = N_("“{node}”（{level}）不在本节点之上，不能作为上级节点。")
    status: ClassVar[int] = 422


class NotBelow(Refusal):
    code: ClassVar[str] = "relay_not_below"
    sentence: ClassVar[str] = N_("“{node}”不在本节点的管辖范围内，不能作为下级节点接入。")
    status: ClassVar[int] = 422


class FingerprintDiffers(Refusal):
    code: ClassVar[str] = "relay_fingerprint"
    sentence: ClassVar[str] = N_("该地址上的节点已不是刚才看到的那一个，密钥指纹不同。请重新核对。")
    status: ClassVar[int] = 409


class NotCompared(Refusal):
    code: ClassVar[str] = "relay_not_compared"
    sentence: ClassVar[str] = N_("请先与对方电话核对密钥指纹，勾选“逐组核对一致”后再办理。")
    status: ClassVar[int] = 422


class ItIsOurselves(Refusal):
    code: ClassVar[str] = "relay_ourselves"
    sentence: ClassVar[str] = N_("这是本节点自己的地址。")
    status: ClassVar[int] = 422


class TooManyAsk(Refusal):
    code: ClassVar[str] = "relay_too_many_ask"
    sentence: ClassVar[str] = N_("等待确认的接入申请已有 {count} 个，请先请上级处理。")
    status: ClassVar[int] = 429


class NameNeeded(Refusal):
    code: ClassVar[str] = "relay_name_needed"
    sentence: ClassVar[str] = N_("请填写“{field}”。")
    status: ClassVar[int] = 422


class NothingHeld(Refusal):
    code: ClassVar[str] = "relay_not_cut"
    sentence: ClassVar[str] = N_("这条链路没有处于演练断链状态。")
    status: ClassVar[int] = 409


class TooLong(Refusal):
    code: ClassVar[str] = "relay_too_long"
    sentence: ClassVar[str] = N_("一次送来的内容超过 {limit}，不予接收。")
    status: ClassVar[int] = 413


class TooManyCalls(Refusal):
    code: ClassVar[str] = "relay_too_many_calls"
    sentence: ClassVar[str] = N_("呼叫过于频繁（每分钟最多 {limit} 次），请稍后再试。")
    status: ClassVar[int] = 429


class NotSigned(Refusal):
    code: ClassVar[str] = "relay_not_signed"
    sentence: ClassVar[str] = N_("节点之间的请求须签名（application/jose）。")
    status: ClassVar[int] = 415
