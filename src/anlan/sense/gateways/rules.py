"""The law of the gateways: what they refuse, and how much any one sender may take. No Django, no clock, no network.

All limits are project defaults: far beyond what honest equipment needs, far below what would harm the node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire import quarantine


class UnknownAddress(Refusal):
    code: ClassVar[str] = "gateway_unknown_address"
    sentence: ClassVar[str] = N_("{protocol} 地址“{address}”没有登记到任何设备。")
    status: ClassVar[int] = 403


class WrongSecret(Refusal):
    code: ClassVar[str] = "gateway_wrong_secret"
    sentence: ClassVar[str] = N_("{protocol} 地址“{address}”的访问密码不正确。")
    status: ClassVar[int] = 403


class TooManyGuesses(Refusal):
    code: ClassVar[str] = "gateway_too_many_guesses"
    sentence: ClassVar[str] = N_("{peer} 对 {protocol} 地址“{address}”连续提供错误密码，一分钟内不再核对。")
    status: ClassVar[int] = 429


class NotInUse(Refusal):
    code: ClassVar[str] = "gateway_device_not_in_use"
    sentence: ClassVar[str] = N_("{protocol} 地址“{address}”对应的设备未启用，或其接入凭证已吊销。")
    status: ClassVar[int] = 403


class NotIdentified(Refusal):
    code: ClassVar[str] = "gateway_not_identified"
    sentence: ClassVar[str] = N_("{protocol} 地址“{address}”在身份核对之前发送了数据。")
    status: ClassVar[int] = 403


class OverQuota(Refusal):
    code: ClassVar[str] = quarantine.OVER_QUOTA_REFUSED
    sentence: ClassVar[str] = N_("接入凭证“{credential}”本分钟的报文或读数已达限额，未保存也未应答，请降低频率或申请提高限额。")
    status: ClassVar[int] = 429


class PortTaken(Refusal):
    code: ClassVar[str] = "gateway_port_taken"
    sentence: ClassVar[str] = N_("{protocol} 的端口 {host}:{port} 被其他程序占用，每隔几秒再试一次。")
    status: ClassVar[int] = 503


class NotFinite(Refusal):
    code: ClassVar[str] = "gateway_not_finite"
    sentence: ClassVar[str] = N_("“{code}”换算后不是有限数，该值未采用。")
    status: ClassVar[int] = 422


class NotStored(Refusal):
    code: ClassVar[str] = "gateway_not_stored"
    sentence: ClassVar[str] = N_("数据流暂时不能保存，未作应答，请稍后重发：{reason}。")
    status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Limits:
    """What one listening port grants. Times in seconds.

    ``idle_s``: without a byte; ``piece_s``: for one frame, from its first byte to its last, and before the sender said who it is;
    ``write_s``: for the sender to take an answer; ``store_s``: for the stream to confirm; ``senders``: addresses on one connection.
    """

    connections: int = 20_000
    connections_of_one_peer: int = 2_000
    idle_s: float = 900.0
    piece_s: float = 30.0
    write_s: float = 10.0
    store_s: float = 20.0
    waiting_bytes: int = 1024 * 1024
    senders: int = 1000
    refused: int = 20
    """Identifications refused on one connection before it is closed."""


READ_BYTES = 32 * 1024
"""Read at once from one connection; together with what the reader holds and what the session holds, far below a megabyte."""

GAP_MIN_MS = 120_000
"""A sender that was away for longer is asked for what it measured meanwhile."""
GAP_MAX_MS = 366 * 86_400_000
"""Further back nobody is asked by himself: project default, more than equipment keeps. What it sends unasked is taken by its age alone
(:mod:`anlan.sense.stream.earliest`)."""


def gap(heard_ms: int, now_ms: int) -> tuple[int, int] | None:
    """The time (since, until; ms since 1970 UTC) to ask a sender again for that was last heard at ``heard_ms``; ``None`` for no gap."""
    if heard_ms <= 0 or now_ms - heard_ms < GAP_MIN_MS:
        return None
    return max(heard_ms, now_ms - GAP_MAX_MS), now_ms
