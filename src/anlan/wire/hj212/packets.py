"""Numbered packets (flag bit D, PNUM and PNO) of a message that was too long for one.

HJ 212 says that a message above 1,024 characters is cut, but not where. Most senders begin every packet with DataTime and never cut a group;
others go on where the first packet ended, a few in the middle of a word. And a sender that wants each packet answered sends the second only
when the first was answered, so nothing may wait for the last. Therefore packets are read in the order of their numbers as far as they are
there: a packet without DataTime takes that of the packet before it, and a group that is cut goes with the next packet, as does the answer,
unless the packet is sent again first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from anlan.kernel.errors import Refusal
from anlan.wire.framing import MOST_WAITING_BYTES
from anlan.wire.hj212.message import Message
from anlan.wire.hj212.refusals import BadPacket, PacketsGivenUp

MOST_OPEN = 8
"""Messages whose packets are under way at one time on one connection."""
EXPIRES_MS = 300_000
"""A message whose next packet does not come for so long is given up: several times what senders wait for an answer (5 to 30 s) with repeats."""

_DATA_TIME = re.compile(r"\s*DataTime=([0-9]+)", re.IGNORECASE | re.ASCII)
_LAST_DATA_TIME = re.compile(r"(?:^|[;,])\s*DataTime=([0-9]+)", re.IGNORECASE | re.ASCII)
_BEGINS_ITEM = re.compile(r"\s*[A-Za-z0-9_.]+(?:-[A-Za-z0-9]+)?=", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ready:
    """What can be read now: a message with the area so far unread, and the packets that are read with it, to be answered each."""

    message: Message
    packets: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a packet."""

    ready: Ready | None = None
    refused: tuple[tuple[Refusal, Message], ...] = ()


@dataclass(slots=True)
class _Open:
    total: int
    since_ms: int
    wanted: int = 1
    data_time: str = ""
    left: str = ""
    taken: list[Message] = field(default_factory=list)
    held: dict[int, Message] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.left) + sum(len(message.area) + 200 for message in (*self.held.values(), *self.taken))


class Packets:
    """Packets of one connection."""

    def __init__(self, *, expires_ms: int = EXPIRES_MS, most_bytes: int = MOST_WAITING_BYTES, most_open: int = MOST_OPEN) -> None:
        self._expires_ms, self._most_bytes, self._most_open = expires_ms, most_bytes, most_open
        self._open: dict[tuple[str, str, str, str], _Open] = {}

    @property
    def waiting(self) -> int:
        """Bytes held for packets that have not come."""
        return sum(each.size for each in self._open.values())

    def add(self, message: Message, now_ms: int) -> Added:
        """Take one message at ``now_ms``; one that is not numbered is ready at once."""
        refused = self.expire(now_ms)
        if message.packets <= 1:
            return Added(Ready(message, (message,)), refused)
        if not 1 <= message.packet <= message.packets:
            return Added(refused=(*refused, (BadPacket(total=message.packets, number=message.packet), message)))
        key = (message.address, message.system, message.command, message.time)
        opened = self._open.get(key)
        if opened is not None and (opened.total != message.packets or (message.packet == 1 and opened.wanted > 1 and not message.time)):
            # Without QN nothing else tells that the next message has begun.
            refused = (*refused, self._give_up(key))
            opened = None
        if opened is None:
            while len(self._open) >= self._most_open:
                refused = (*refused, self._give_up(next(iter(self._open))))
            opened = self._open[key] = _Open(message.packets, now_ms)
        opened.since_ms = now_ms
        if message.packet < opened.wanted:
            # Sent again because no answer came: it was read, so it is only answered. If the end of it still waits for the next packet, its
            # sender seems to wait for the answer before it sends that one.
            opened.taken = [each for each in opened.taken if each.packet != message.packet]
            return Added(Ready(replace(message, area=""), (message,)), refused)
        opened.held[message.packet] = message
        ready = self._advance(opened, message)
        if opened.wanted > opened.total:
            del self._open[key]
        while self.waiting > self._most_bytes:
            refused = (*refused, self._give_up(next(iter(self._open))))
        return Added(ready, refused)

    def expire(self, now_ms: int) -> tuple[tuple[Refusal, Message], ...]:
        """Give up what waited too long at ``now_ms``; one refusal for each message, with a packet of it."""
        old = [key for key, each in self._open.items() if now_ms - each.since_ms > self._expires_ms]
        return tuple(self._give_up(key) for key in old)

    def _give_up(self, key: tuple[str, str, str, str]) -> tuple[Refusal, Message]:
        given = self._open.pop(key)
        lost = [*given.taken, *given.held.values()]
        found = given.wanted - 1 + len(given.held)
        area = given.left or (lost[0].area if lost else "")
        return PacketsGivenUp(total=given.total, found=found), Message(key[3], key[1], key[2], "", key[0], None, area)

    @staticmethod
    def _advance(opened: _Open, message: Message) -> Ready | None:
        text = ""
        while opened.wanted in opened.held:
            packet = opened.held.pop(opened.wanted)
            opened.taken.append(packet)
            opened.left = _join(opened.left, packet.area)
            opened.wanted += 1
        if not opened.taken:
            return None
        text, opened.left = (opened.left, "") if opened.wanted > opened.total else _cut(opened.left)
        if opened.left and not text:
            return None
        if text and opened.data_time and not _DATA_TIME.match(text):
            text = f"DataTime={opened.data_time};{text}"
        times = _LAST_DATA_TIME.findall(text)
        opened.data_time = times[-1] if times else opened.data_time
        # The packet whose end is still to come is answered with the next one.
        answered = tuple(opened.taken[:-1] if opened.left else opened.taken)
        opened.taken = opened.taken[len(answered) :]
        return Ready(replace(message, area=text, packets=0, packet=0), answered)


def _join(before: str, after: str) -> str:
    """Two areas as one; a separator comes between where both sides are whole items."""
    if not before or before[-1] in ";," or after[:1] in ("", ";", ",") or not _BEGINS_ITEM.match(after) or not _whole(before):
        return before + after
    return f"{before};{after}"


def _whole(text: str) -> bool:
    return bool(re.split("[;,]", text)[-1].partition("=")[2].strip())


def _cut(text: str) -> tuple[str, str]:
    """What can be read of an area that another packet follows, and the group at its end that is cut."""
    if not text or text[-1] == ";" or (text[-1] != "," and _whole(text)):
        return text, ""
    at = text.rfind(";") + 1
    return text[:at], text[at:]
