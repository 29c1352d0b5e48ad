"""The exercise's own carriers: simulated, there only while the story is played, and never one of the node's.

A carrier of the node keeps its health, its queue and its receipts; what is played of the past must not reach it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from anlan.site.demo.cast import DEMONSTRATION
from anlan.warn.channels import engine, keeping
from anlan.warn.channels.adapters.contract import NEVER_HEARD, Answer, Outgoing, ReceiptNote, Result, Told
from anlan.warn.channels.models import Carrier

CHANNELS: Final[Mapping[str, str]] = {
    "sms": "演习短信通道",
    "voice": "演习语音外呼",
    "broadcast": "演习应急广播",
    "led": "演习显示屏",
}
WORKER = 1
FIRST = 0
"""Order before every carrier of the node, so that what is of the story is theirs."""


class Phones:
    """A line that takes everything and says nothing by itself; it keeps which address each key was for, and how often an address rang."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.rang: Counter[str] = Counter()

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        """Take each key once."""
        for each in batch:
            self.rang[each.address] += each.key not in self.keys
            self.keys[each.key] = each.address
        return [Result(Answer.ACCEPTED)] * len(batch)

    def receipts(self) -> list[ReceiptNote]:
        """None: the story says when one comes."""
        return []

    def ask(self, keys: Sequence[str]) -> dict[str, str]:
        """What became of keys."""
        return {key: Told.ACCEPTED if key in self.keys else NEVER_HEARD for key in keys}

    def check(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing is open."""


class Carriers:
    """The carriers of one playing by channel."""

    def __init__(self, place_code: str) -> None:
        self._place = place_code
        self.rows: dict[str, Carrier] = {}
        self.lines: dict[str, Phones] = {}

    def open(self, now: datetime) -> None:
        """Put them there, or back there from an earlier playing."""
        told = {"actor": DEMONSTRATION, "now": now}
        for channel, name in CHANNELS.items():
            known = Carrier.objects.filter(name=name, place_code=self._place).first()
            if known is None:
                fresh = {"name": name, "channel": channel, "adapter": "simulated", "place_code": self._place, "order": FIRST}
                self.rows[channel] = keeping.register_carrier(**fresh, **told)
            else:
                self.rows[channel] = keeping.change_carrier(known.pk, enabled=True, **told)
            self.lines[channel] = Phones()

    def close(self, now: datetime) -> None:
        """Switch them off: the node hands them nothing."""
        for row in self.rows.values():
            keeping.change_carrier(row.pk, enabled=False, actor=DEMONSTRATION, now=now)

    def hand_over(self, messages: Collection[UUID], now: datetime) -> None:
        """Each takes what waits for it of these messages."""
        for channel, row in self.rows.items():
            while engine.hand_over_next(row, self.lines[channel], worker=WORKER, now=now, only=messages):
                pass

    def hear(self, channel: str, told: Told, whose: Callable[[str], bool], now: datetime) -> int:
        """A channel's receipts of the addresses that ``whose`` picks; how many were taken."""
        notes = [ReceiptNote(told, now, key) for key, address in self.lines[channel].keys.items() if whose(address)]
        return engine.take_receipts(self.rows[channel], notes, now=now)

    def hang(self, channel: str, why: str, now: datetime) -> None:
        """The carrier answers nothing, often enough to be left alone."""
        for _ in range(engine.OPEN_AFTER):
            engine.note_failure(self.rows[channel], why, now)

    def answer(self, channel: str, now: datetime) -> None:
        """The carrier answers again."""
        engine.note_success(self.rows[channel], now)
