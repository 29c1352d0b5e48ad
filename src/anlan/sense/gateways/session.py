"""One connection of a field protocol without its network: bytes in, actions out.

A session knows the protocol only. Who a sender is, whether he may send, what is stored and when that is durable is the gateway's business
(:mod:`anlan.sense.gateways.gateway`): it carries the actions out in order and sends an answer only when everything delivered before it lies
on the disk. So each protocol is tested with plain bytes and no server.

Actions are drawn one at a time and each is carried out before the next is drawn: a session may be a generator that goes on behind an
:class:`Identify` with the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from anlan.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Measured:
    """Values of one sender at one moment. ``time_ms``: ms since 1970 UTC; ``values`` by point code, finite, in the unit that the protocol says.

    ``marked``: point codes whose value the sender itself calls not valid (fault, calibration, power off …) with the protocol's own flag.
    Such values are stored with a mark and judged all the same: no device silences itself. ``resent``: sent again on request or from the
    sender's memory after an interruption.
    """

    time_ms: int
    values: dict[str, float]
    marked: dict[str, str] = field(default_factory=dict)
    resent: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """Something a sender reports that is no measurement: a fire alarm of a detector, a truck's alarm bit, a door opened.

    ``kind``: word of the protocol's own list as ``<protocol>.<word>``; ``part``: which part of the sender; ``text``: what the sender said;
    ``active``: the state begins (``True``) or ends (``False``).
    """

    time_ms: int
    kind: str
    part: str
    text: str
    active: bool = True
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identify:
    """Ask the gateway whether the sender may send: ``address`` as the protocol names it (MN, station, phone number …), ``secret`` as sent.

    The gateway calls :meth:`Session.identified` with its answer before any later action of the session is carried out.
    """

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Store what a sender measured or reported; ``answer`` is sent when it is durable (empty: the protocol knows no answer)."""

    address: str
    measured: tuple[Measured, ...] = ()
    happened: tuple[Happened, ...] = ()
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """Send bytes now (behind every earlier answer)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SetApart:
    """Bytes that were refused, counted against the sender as far as it is known (empty ``address``: against the connection)."""

    address: str
    reason: Refusal
    data: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """A sign of life that carries no values (heartbeat, registration): the link is alive."""

    address: str


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection after everything before was sent."""

    reason: str


Action = Identify | Deliver | Reply | SetApart | Heard | Close


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the platform to a sender: send again what was measured from ``since_ms`` until ``until_ms``."""

    address: str
    since_ms: int
    until_ms: int


class Session(Protocol):
    """One connection."""

    def receive(self, data: bytes, now_ms: int) -> Iterable[Action]:
        """What follows from bytes that arrived at ``now_ms``."""
        ...

    def identified(self, address: str, admitted: bool, now_ms: int) -> Iterable[Action]:
        """The gateway's answer to :class:`Identify`; what waited for it follows."""
        ...

    def ask_again(self, asked: Asked, now_ms: int) -> Iterable[Action]:
        """Ask the sender for what is missing; nothing where the protocol has no way to ask."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes held for frames that have not ended."""
        ...
