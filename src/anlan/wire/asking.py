"""A request to a device to send again what the node misses, as it travels to the gateway that holds the device's line.

Published on ``asked.<credential>.<device>`` and kept by no stream: only an open connection can be asked, and who is not there to hear it is asked
again later.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.quarantine import token

SUBJECTS = "asked.>"


class MalformedAsking(Refusal):
    code: ClassVar[str] = "asking_malformed"
    sentence: ClassVar[str] = N_("补数请求无法识别：{reason}。")
    status: ClassVar[int] = 422


class Asking(msgspec.Struct, frozen=True):
    """Send again what was measured from ``since_ms`` until ``until_ms`` (ms since 1970 UTC)."""

    credential: str
    device: str
    since_ms: int
    until_ms: int

    @property
    def subject(self) -> str:
        """The subject that this request is published on."""
        return f"asked.{token(self.credential)}.{token(self.device)}"


_decoder = msgspec.json.Decoder(Asking)


def encode(asking: Asking) -> bytes:
    """The message that says ``asking``."""
    return msgspec.json.encode(asking)


def decode(data: bytes) -> Asking:
    """The request in ``data``. Raises :class:`MalformedAsking`."""
    try:
        found = _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedAsking(reason=str(wrong)[:120]) from None
    if not 0 <= found.since_ms < found.until_ms:
        raise MalformedAsking(reason=f"{found.since_ms} – {found.until_ms}")
    return found
