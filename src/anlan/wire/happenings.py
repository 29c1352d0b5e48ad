"""What equipment reports that is no measurement, as it travels from the gateways to the room of alarms on the stream ALARMS.

A fire detector that trips, a truck's emergency button, a camera that saw smoke. The name of an episode follows from what was said alone
(sender, kind, part, time of its beginning), so that telling it again changes nothing.
"""

from __future__ import annotations

from hashlib import sha256
from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

SUBJECT = "alarms.happened"
MOST_TOGETHER = 40
"""Happenings in one message: what a truck that signs in again no longer has are some thirty at a time."""


class MalformedHappening(Refusal):
    code: ClassVar[str] = "happening_malformed"
    sentence: ClassVar[str] = N_("设备事件报文无法识别：{reason}。")
    status: ClassVar[int] = 422


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that began (``active``) or ended at one device. ``time_ms``: ms since 1970 UTC by the sender's clock.

    ``kind``: ``<protocol>.<word>`` of the protocol's own list; ``part``: which part of the device; ``text``: the sender's own words;
    ``exhibits``: SHA-256 digests of pictures already in the evidence store; ``late``: sent long after its time.
    """

    credential: str
    device: str
    kind: str
    part: str
    text: str
    time_ms: int
    active: bool = True
    late: bool = False
    exercise: bool = False
    values: dict[str, float] = {}
    exhibits: tuple[str, ...] = ()

    @property
    def subject_key(self) -> str:
        """What the beginning and the end of one thing have in common."""
        return f"{self.credential}/{self.device}/{self.kind}/{self.part}"

    @property
    def message_id(self) -> str:
        """Name of this message, for the stream's de-duplication."""
        exercise = "-exercise" if self.exercise else ""
        return f"{self.subject_key}-{self.time_ms}-{'began' if self.active else 'ended'}{exercise}"


_decoder = msgspec.json.Decoder(Happening | tuple[Happening, ...])


def encode(*told: Happening) -> bytes:
    """The message that says ``told``, in order; at least one."""
    return msgspec.json.encode(told[0] if len(told) == 1 else told)


def message_id(*told: Happening) -> str:
    """Name of the message that says ``told``, for the stream's de-duplication."""
    if len(told) == 1:
        return told[0].message_id
    return sha256("\n".join(each.message_id for each in told).encode()).hexdigest()[:32]


def decode(data: bytes) -> tuple[Happening, ...]:
    """The happenings in ``data``, in order. Raises :class:`MalformedHappening`."""
    try:
        found = _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedHappening(reason=str(wrong)[:120]) from None
    return found if isinstance(found, tuple) else (found,)
