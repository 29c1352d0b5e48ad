"""Telegrams that come as several packets (6.5.4, table 22): put together in the order of their numbers, or given up.

The standard counts packets from 1 and lets the body go on where the packet before ended. Some stations begin every packet with serial number
and time of sending as they begin the first; what repeats them is dropped. (How stations divide a body was read in public programs, not in the
standard: unverified.) Pictures are counted and not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from anlan.kernel.errors import Refusal
from anlan.wire.framing import MOST_WAITING_BYTES
from anlan.wire.sl651.numbers import read_time
from anlan.wire.sl651.refusals import BadPacket, BadTime, PacketsGivenUp, PacketsTooLarge
from anlan.wire.sl651.telegram import Function, Telegram

MOST_OPEN = 8
"""Telegrams under way at one time on one connection; a station sends one after the other."""
EXPIRES_MS = 120_000
"""A telegram whose next packet does not come for so long is given up (project default)."""
_HEAD_BYTES = 8
_REPEATED_WITHIN_MS = 600_000
_OVERHEAD_BYTES = 150


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a packet: the whole telegram, or the numbers that the last packet finds missing; what was given up, with its station."""

    whole: Telegram | None = None
    missing: tuple[int, ...] = ()
    refused: tuple[tuple[Refusal, str, bytes], ...] = ()


@dataclass(slots=True)
class _Open:
    first: Telegram
    total: int
    since_ms: int
    seen: int = 0
    bodies: dict[int, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(len(body) + _OVERHEAD_BYTES for body in self.bodies.values())


class Packets:
    """Packets of one connection."""

    def __init__(self, *, expires_ms: int = EXPIRES_MS, most_bytes: int = MOST_WAITING_BYTES, most_open: int = MOST_OPEN) -> None:
        self._expires_ms, self._most_bytes, self._most_open = expires_ms, most_bytes, most_open
        self._open: dict[tuple[str, int], _Open] = {}

    @property
    def waiting(self) -> int:
        """Bytes held for packets that have not come."""
        return sum(each.size for each in self._open.values())

    def add(self, telegram: Telegram, now_ms: int) -> Added:
        """Take one telegram at ``now_ms``; one that is not numbered is whole."""
        refused = self.expire(now_ms)
        if telegram.packet is None:
            return Added(telegram, (), refused)
        total, number = telegram.packet.total, telegram.packet.number
        if not 1 <= number <= total:
            return Added(refused=(*refused, (BadPacket(total=total, number=number), telegram.station, telegram.body)))
        key = (telegram.station, telegram.function)
        opened = self._open.get(key)
        if opened is not None and (opened.total != total or opened.bodies.get(number, telegram.body) != telegram.body):
            refused = (*refused, self._give_up(key))
            opened = None
        if opened is None:
            while len(self._open) >= self._most_open:
                refused = (*refused, self._give_up(next(iter(self._open))))
            opened = self._open[key] = _Open(telegram, total, now_ms)
        opened.since_ms = now_ms
        opened.seen |= 1 << number
        if number == 1 or telegram.function != Function.PICTURE:
            opened.bodies[number] = telegram.body if telegram.function != Function.PICTURE else telegram.body[:_HEAD_BYTES]
        if opened.seen.bit_count() == total:
            del self._open[key]
            return Added(_whole(opened, telegram), (), refused)
        while self.waiting > self._most_bytes:
            size = self.waiting
            _reason, station, body = self._give_up(max(self._open, key=lambda each: self._open[each].size))
            refused = (*refused, (PacketsTooLarge(size=size, limit=self._most_bytes), station, body))
        missing = tuple(each for each in range(1, total) if not opened.seen >> each & 1) if number == total and key in self._open else ()
        return Added(None, missing, refused)

    def serial_of(self, telegram: Telegram) -> int:
        """The serial number of the telegram that a packet belongs to; 0 while its first packet has not come."""
        opened = self._open.get((telegram.station, telegram.function))
        if opened is not None:
            return serial(replace(telegram, body=opened.bodies.get(1, b"")))
        return serial(telegram) if telegram.packet is None or telegram.packet.number == 1 else 0

    def expire(self, now_ms: int) -> tuple[tuple[Refusal, str, bytes], ...]:
        """Give up what waited too long at ``now_ms``."""
        old = [key for key, each in self._open.items() if now_ms - each.since_ms > self._expires_ms]
        return tuple(self._give_up(key) for key in old)

    def _give_up(self, key: tuple[str, int]) -> tuple[Refusal, str, bytes]:
        given = self._open.pop(key)
        reason = PacketsGivenUp(function=f"{key[1]:02X}H", total=given.total, found=given.seen.bit_count())
        return reason, key[0], given.first.body


def serial(telegram: Telegram) -> int:
    """The serial number at the beginning of a body; 0 where none can be read."""
    if not telegram.ascii:
        return int.from_bytes(telegram.body[:2], "big") if len(telegram.body) >= 2 else 0
    try:
        return int(telegram.body[:4].decode("ascii"), 16)
    except ValueError:
        return 0


def _whole(opened: _Open, last: Telegram) -> Telegram:
    bodies = [body for _number, body in sorted(opened.bodies.items())]
    body = bodies[0] + b"".join(_without_head(each, bodies[0]) for each in bodies[1:])
    return replace(last, body=body, packet=None)


def _without_head(body: bytes, first: bytes) -> bytes:
    if len(body) < _HEAD_BYTES or body[:2] != first[:2]:
        return body
    try:
        apart_ms = abs(read_time(body[2:_HEAD_BYTES]) - read_time(first[2:_HEAD_BYTES]))
    except BadTime:
        return body
    return body[_HEAD_BYTES:] if apart_ms <= _REPEATED_WITHIN_MS else body
