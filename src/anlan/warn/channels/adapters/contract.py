"""The contract of every adapter: hand over a batch, answer for each message, bring receipts, say what became of a key, say how one is.

A message is named by its **key**, which is written down before anything is sent and is the same at every attempt. A carrier that is asked about keys
(``can_be_asked``) must also take a key only once; this is what makes "ask, then send again" safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_


class Answer(StrEnum):
    """What a carrier says of one message that it was handed."""

    ACCEPTED = "accepted"
    """It has it and will try."""
    REFUSED = "refused"
    """It will never deliver this (no such number): trying again is of no use."""
    LATER = "later"
    """It did not take it and may later (too fast, busy)."""
    UNKNOWN = "unknown"
    """Nobody knows whether it took it: the line broke between the question and the answer."""


class Told(StrEnum):
    """What a carrier says later."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(slots=True)
class Outgoing:
    """One message to one address; never changed once it is made (freezing it would cost a microsecond of each of a million). ``level``: red to blue or empty; ``expires``: not to be delivered after it."""

    key: str
    address: str
    title: str
    text: str
    language: str
    level: str
    expires: datetime
    confirm: bool = False
    """Whether the person is asked to confirm (press a key)."""
    message: str = ""
    """Id of the message that all of its deliveries share, for carriers that keep one text for many."""
    stops: bool = False
    """Whether it takes an earlier message off (a board goes dark, a portal withdraws a page)."""
    data: Mapping[str, object] | None = None
    """What machines are to read beside the words, as JSON values."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer for one message, in the order of the batch. ``ref``: the carrier's own name for it, where receipts will use that."""

    answer: Answer
    ref: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptNote:
    """One receipt: for a key of ours, or for a ``ref`` of the carrier's."""

    told: Told
    at: datetime
    key: str = ""
    ref: str = ""
    reason: str = ""


NEVER_HEARD = "never"
"""What :meth:`Adapter.ask` says of a key that the carrier certainly does not have."""


@dataclass(frozen=True)
class Capabilities:
    """What a kind of carrier can do. Lengths in characters, 0: no limit; ``rate_per_s``: usual limit where the carrier's record names none."""

    max_chars: int = 0
    segment_chars: int = 0
    languages: tuple[str, ...] = ()
    """Languages it can carry; empty: all."""
    has_priority: bool = False
    rate_per_s: int = 0
    batch_size: int = 1
    receipts: bool = False
    can_be_asked: bool = False


@dataclass(frozen=True)
class Settings:
    """What an adapter is opened with: a carrier's record with its secret filled in. ``timeout_s``: no call takes longer."""

    name: str
    channel: str
    endpoint: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    secret: str = ""
    timeout_s: float = 10.0
    hosts: tuple[str, ...] = ()
    """Hosts (``name`` or ``name:port``) that this node may speak to, from its operator, never from a record."""


class Adapter(Protocol):
    """One open way to one carrier. Used by one thread at a time; a call returns or raises within ``timeout_s``."""

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        """Hand over at most ``batch_size`` messages; one answer for each, in order.

        Raises :class:`NotSent` when certainly none was taken; :class:`Unclear` when nobody knows. Anything else that is raised counts as unclear.
        """
        ...

    def receipts(self) -> list[ReceiptNote]:
        """Receipts that have come since the last call; empty when there are none or they are pushed to us."""
        ...

    def ask(self, keys: Sequence[str], /) -> dict[str, str]:
        """What became of keys: a value of :class:`Told`, or :data:`NEVER_HEARD`; a key that it cannot answer for is left out."""
        ...

    def check(self) -> None:
        """Raise :class:`NotSent` when the carrier cannot be spoken to now."""
        ...

    def close(self) -> None:
        """Give up connections."""
        ...


@dataclass(frozen=True)
class AdapterKind:
    """A kind of adapter as a carrier's record names it. ``channels``: which channels it can carry; ``simulated``: nothing leaves the node."""

    code: str
    label: str
    channels: tuple[str, ...]
    capabilities: Capabilities
    opened: Callable[[Settings], Adapter]
    simulated: bool = False


class NotSent(Refusal):
    """Nothing of the batch was taken; it may be tried again as it is."""

    code: ClassVar[str] = "channels.not_sent"
    sentence: ClassVar[str] = N_("承运方“{carrier}”没有接收：{why}")
    status: ClassVar[int] = 502


class Unclear(Refusal):
    """Nobody knows what of the batch was taken."""

    code: ClassVar[str] = "channels.unclear"
    sentence: ClassVar[str] = N_("承运方“{carrier}”没有答复，是否已接收不明：{why}")
    status: ClassVar[int] = 504


class HostNotAllowed(Refusal):
    code: ClassVar[str] = "channels.host_not_allowed"
    sentence: ClassVar[str] = N_("本节点未被允许访问“{host}”。请运维人员在 ANLAN_CARRIER_HOSTS 中加入该主机后再试。")
    status: ClassVar[int] = 422


class SecretMissing(Refusal):
    code: ClassVar[str] = "channels.secret_missing"
    sentence: ClassVar[str] = N_("没有找到名为“{name}”的密钥。请运维人员在节点的 secrets/carriers 目录或环境变量中放入后再试。")
    status: ClassVar[int] = 422


class WrongOption(Refusal):
    code: ClassVar[str] = "channels.wrong_option"
    sentence: ClassVar[str] = N_("接口参数“{name}”缺失或不正确：{why}")
    status: ClassVar[int] = 422
