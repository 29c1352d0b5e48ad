"""Whether the line to a device stands, as it travels from the gateways to whoever must tell a silent sensor from a lost line.

One message per device on ``links.<credential>.<device>``; the last one holds.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.quarantine import token

UP, DOWN = "up", "down"
STATES = (UP, DOWN)


class MalformedLink(Refusal):
    code: ClassVar[str] = "link_malformed"
    sentence: ClassVar[str] = N_("链路状态报文无法识别：{reason}。")
    status: ClassVar[int] = 422


class Link(msgspec.Struct, frozen=True):
    """The line to one device. ``since_ms``: when ``state`` began, ``heard_ms``: the last sign of life known when this was said (both ms since
    1970 UTC); ``address``: the name in ``protocol``; ``reason``: why the line is down, in a word."""

    credential: str
    device: str
    state: str
    since_ms: int
    protocol: str
    address: str = ""
    heard_ms: int = 0
    reason: str = ""

    @property
    def subject(self) -> str:
        """The stream subject of this link."""
        return f"links.{token(self.credential)}.{token(self.device)}"


_decoder = msgspec.json.Decoder(Link)


def encode(link: Link) -> bytes:
    """The message that says ``link``."""
    return msgspec.json.encode(link)


def decode(data: bytes) -> Link:
    """The link in ``data``. Raises :class:`MalformedLink`."""
    try:
        found = _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedLink(reason=str(wrong)[:120]) from None
    if found.state not in STATES:
        raise MalformedLink(reason=found.state[:40])
    return found
