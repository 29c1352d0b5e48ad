"""What equipment reports that is no measurement, as it travels from the gateways to the room of alarms on the stream ALARMS.

A fire detector that trips, a truck's emergency button, a camera that saw smoke. The name of an episode follows from what was said alone
(sender, kind, part, time of its beginning), so that telling it again changes nothing.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

SUBJECT = "alarms.happened"


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


_decoder = msgspec.json.Decoder(Happening)


def encode(happening: Happening) -> bytes:
    """The message that says ``happening``."""
    return msgspec.json.encode(happening)


def decode(data: bytes) -> Happening:
    """The happening in ``data``. Raises :class:`MalformedHappening`."""
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedHappening(reason=str(wrong)[:120]) from None
