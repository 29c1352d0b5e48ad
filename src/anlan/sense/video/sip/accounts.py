"""Who may register, what each session holds, and what the registrar asks its surroundings to do. No Django, no network."""

from __future__ import annotations

from dataclasses import dataclass, field

from anlan.kernel.errors import Refusal
from anlan.sense.video.facts import Alarmed, Fact
from anlan.wire.gb28181.contents import CatalogItem

UDP, TCP = "UDP", "TCP"


@dataclass(frozen=True, slots=True)
class Account:
    """One platform that may register. ``heartbeat_s`` and ``count``: as the device told, or the figures in force."""

    code: str
    password: str
    heartbeat_s: int
    count: int
    positions: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a message came from. ``connection``: number of the TCP connection, 0 for datagrams."""

    transport: str
    host: str
    port: int
    connection: int = 0

    @property
    def text(self) -> str:
        """``UDP 192.0.2.1:5060``."""
        return f"{self.transport} {self.host}:{self.port}"


@dataclass(slots=True)
class Gathering:
    """A catalogue whose parts are coming in."""

    total: int
    items: dict[str, CatalogItem] = field(default_factory=dict)
    heard: float = 0.0


@dataclass(slots=True)
class Subscription:
    """A subscription of ours at a platform (alarms, catalogue or positions): its dialogue and when it is to be renewed."""

    event: str
    call_id: str
    tag: str
    cseq: int = 0
    to_tag: str = ""
    renew_at: float = 0.0
    refused: bool = False


@dataclass(slots=True)
class Session:
    """One registration in force. Times in seconds of the registrar's clock."""

    peer: Peer
    contact: str
    until: float
    heard: float
    online: bool = True
    told_heard: float = 0.0
    catalog_due: float = 0.0
    gathering: dict[int, Gathering] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """Send bytes to a peer now."""

    peer: Peer
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """Enter a fact, when convenient."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Secure:
    """Enter an alarm at once and send ``answers`` only when it is durable; unanswered, the device sends it again."""

    fact: Alarmed
    peer: Peer
    answers: tuple[bytes, ...]
    transaction: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Something was refused; ``code``: the platform it came from, as far as it is known."""

    code: str
    reason: Refusal
    data: bytes
    peer: Peer


Action = Send | Note | Secure | Refused
