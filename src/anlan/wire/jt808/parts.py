"""Long messages that arrive as sub-packets: put together, or given up.

Source: JT/T 808-2013 and -2019, 4.4.3 table 3. The standard counts sub-packets from 1 and gives each the next serial, so the serial that the
first would have had names the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.jt808.message import Message

MOST_BYTES = 64 * 1024
"""Of all messages together that wait for parts: a batch of more than a thousand positions."""

MOST_OPEN = 8
"""Messages that wait for parts at one time; a terminal sends one after the other."""


class PartsExpired(Refusal):
    code: ClassVar[str] = "jt808_parts_expired"
    sentence: ClassVar[str] = N_("分包消息 {message} 共 {total} 包，只收到 {found} 包，等待超时，已放弃。")
    status: ClassVar[int] = 422


class PartsTooMany(Refusal):
    code: ClassVar[str] = "jt808_parts_too_many"
    sentence: ClassVar[str] = N_("分包消息 {message} 共 {total} 包，未收齐的分包超过上限，已放弃。")
    status: ClassVar[int] = 422


@dataclass(slots=True)
class _Open:
    total: int
    since_ms: int
    parts: dict[int, Message] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whole:
    """A message put together and the serials of its parts, each of which its sender wants answered."""

    message: Message
    parts: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a part: the whole, if it was the last; whether it had come before; what was given up to make room or for its age."""

    whole: Whole | None = None
    again: bool = False
    refused: tuple[tuple[Refusal, tuple[Message, ...]], ...] = ()


class Parts:
    """Sub-packets of one connection. ``expires_ms``: how long a message may wait for its next part before it is given up."""

    def __init__(self, *, expires_ms: int, most_bytes: int = MOST_BYTES, most_open: int = MOST_OPEN) -> None:
        self._expires_ms = expires_ms
        self._most_bytes = most_bytes
        self._most_open = most_open
        self._open: dict[tuple[str, int, int, int], _Open] = {}
        self._size = 0

    @property
    def waiting(self) -> int:
        """Bytes held for messages that are not whole, with the room their heads take."""
        return self._size

    def add(self, message: Message, now_ms: int) -> Added:
        """Take one sub-packet at ``now_ms``. ``message.part`` must be there."""
        part = message.part
        assert part is not None
        refused = self.expire(now_ms)
        if part.total == 1:
            return Added(Whole(replace(message, part=None), (message,)), refused=refused)
        key = (message.phone, message.identifier, part.total, (message.serial - part.index + 1) & 0xFFFF)
        held = self._open.get(key)
        if held is None:
            held = self._open[key] = _Open(part.total, now_ms)
        held.since_ms = now_ms
        if part.index in held.parts:
            return Added(again=True, refused=refused)
        held.parts[part.index] = message
        self._size += _cost(message)
        if len(held.parts) == held.total:
            parts = self._close(key)
            body = b"".join(one.body for one in parts)
            return Added(Whole(replace(parts[-1], body=body, part=None), parts), refused=refused)
        while self._size > self._most_bytes or len(self._open) > self._most_open:
            oldest = next(iter(self._open))
            reason = PartsTooMany(message=f"0x{oldest[1]:04X}", total=oldest[2])
            refused += ((reason, self._close(oldest)),)
        return Added(refused=refused)

    def expire(self, now_ms: int) -> tuple[tuple[Refusal, tuple[Message, ...]], ...]:
        """Give up what waited too long."""
        old = [key for key, held in self._open.items() if now_ms - held.since_ms > self._expires_ms]
        refused: list[tuple[Refusal, tuple[Message, ...]]] = []
        for key in old:
            parts = self._close(key)
            refused.append((PartsExpired(message=f"0x{key[1]:04X}", total=key[2], found=len(parts)), parts))
        return tuple(refused)

    def _close(self, key: tuple[str, int, int, int]) -> tuple[Message, ...]:
        held = self._open.pop(key)
        self._size -= sum(map(_cost, held.parts.values()))
        return tuple(held.parts[index] for index in sorted(held.parts))


def _cost(message: Message) -> int:
    # Parts without a body must not be free: 65,535 of them fit into the numbering.
    return len(message.body) + 256
