"""What the detector says to the room of alarms: a limit was reached, or left again.

The name of an episode follows from the readings alone (channel, limit, time of the raising reading, whether of an exercise), so that a detector that is started
again and reads the same readings says the same thing under the same name.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.blocks import EXERCISE

RAISE, CLEAR = "raise", "clear"


class MalformedTransition(Refusal):
    code: ClassVar[str] = "detection_malformed"
    sentence: ClassVar[str] = N_("检测结果无法识别：{reason}。")
    status: ClassVar[int] = 422


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One raise or clear. Times in ms since 1970 UTC, values in the point's unit.

    ``value`` at ``time_ms``; ``peak`` is the most extreme value of the episode so far; ``withdrawn``: cleared because the limit was
    taken back, not because the value returned. ``quality``: bits of :mod:`anlan.wire.blocks` of the reading. ``kind``: HH, H, L, LL or a
    word of the detector's other rules; ``rule``: code of the rule in force where it is not the point's own limit; ``facts``: figures that
    explain it; ``cause``: episode under which this one is grouped.
    """

    change: str
    channel: int
    kind: str
    level: int
    limit: float
    raised_ms: int
    time_ms: int
    value: float
    peak: float
    quality: int = 0
    withdrawn: bool = False
    rule: str = ""
    facts: dict[str, float | str] = {}
    cause: str = ""

    @property
    def episode(self) -> str:
        """Name of the episode. One of an exercise is never the same as one of reality, even where both begin at one moment."""
        exercise = "-exercise" if self.exercise else ""
        return f"{self.channel}-{self.kind}{f'-{self.rule}' if self.rule else ''}-{self.raised_ms}{exercise}"

    @property
    def exercise(self) -> bool:
        """Whether it belongs to an exercise (演练)."""
        return bool(self.quality & EXERCISE)

    @property
    def message_id(self) -> str:
        """Name of this transition, for the stream's de-duplication."""
        return f"{self.episode}-{self.change}"


_decoder = msgspec.json.Decoder(Transition)


def encode(transition: Transition) -> bytes:
    """The message that says ``transition``."""
    return msgspec.json.encode(transition)


def decode(data: bytes) -> Transition:
    """The transition in ``data``. Raises :class:`MalformedTransition`."""
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as wrong:
        raise MalformedTransition(reason=str(wrong)[:120]) from None
