"""The simulated carrier: takes messages and makes receipts without anything leaving the process. For exercises, the demonstration, tests, benches.

What it does wrong is drawn from each message's key, so that a run repeats exactly. ``options`` of the carrier's record, all shares between 0 and 1:
``accept`` (default 1), ``deliver`` (of what was accepted, default 0.9), ``confirm`` (of what was delivered and asks for it, default 0.7), ``delay_s``,
``double`` (receipts told twice).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from datetime import datetime, timedelta
from zlib import crc32

from anlan.kernel import clock
from anlan.kernel.words import N_
from anlan.warn.channels.adapters.contract import (
    NEVER_HEARD,
    AdapterKind,
    Answer,
    Capabilities,
    Outgoing,
    ReceiptNote,
    Result,
    Settings,
    Told,
    WrongOption,
)


def _share(key: str, purpose: str) -> float:
    """A number from 0 to 1 that belongs to a key."""
    return crc32(f"{purpose}:{key}".encode()) / 2**32


class Simulated:
    """A carrier that is nobody. Keeps keys, so that a key is taken once and can be asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._shares = {
            name: self._option(name, usual) for name, usual in (("accept", 1.0), ("deliver", 0.9), ("confirm", 0.7), ("double", 0.0))
        }
        self._delay = timedelta(seconds=self._option("delay_s", 2.0, most=86_400))
        self._known: dict[str, str] = {}
        self._due: list[tuple[datetime, int, ReceiptNote]] = []
        self._count = 0

    def _option(self, name: str, usual: float, most: float = 1.0) -> float:
        given = self.settings.options.get(name, usual)
        if not isinstance(given, int | float) or not 0 <= given <= most:
            raise WrongOption(name=name, why=f"0–{most:g}")
        return float(given)

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        """Take each message, or refuse the share that is to be refused."""
        now = clock.now()
        return [self._take(each, now) for each in batch]

    def _take(self, each: Outgoing, now: datetime) -> Result:
        if each.key in self._known:
            return Result(Answer.ACCEPTED)
        if _share(each.key, "accept") >= self._shares["accept"]:
            return Result(Answer.REFUSED, reason="simulated")
        self._known[each.key] = Told.ACCEPTED
        if _share(each.key, "deliver") < self._shares["deliver"]:
            self._later(now + self._delay, ReceiptNote(Told.DELIVERED, now + self._delay, each.key))
            if each.confirm and _share(each.key, "confirm") < self._shares["confirm"]:
                self._later(now + 2 * self._delay, ReceiptNote(Told.CONFIRMED, now + 2 * self._delay, each.key))
        elif _share(each.key, "silent") < 0.5:
            self._later(now + self._delay, ReceiptNote(Told.FAILED, now + self._delay, each.key, reason="simulated"))
        return Result(Answer.ACCEPTED)

    def _later(self, at: datetime, note: ReceiptNote) -> None:
        for _ in range(2 if _share(note.key, "double") < self._shares["double"] else 1):
            self._count += 1
            heapq.heappush(self._due, (at, self._count, note))

    def receipts(self) -> list[ReceiptNote]:
        """Receipts that are due."""
        now, found = clock.now(), []
        while self._due and self._due[0][0] <= now:
            note = heapq.heappop(self._due)[2]
            self._known[note.key] = note.told
            found.append(note)
        return found

    def ask(self, keys: Sequence[str]) -> dict[str, str]:
        """What became of keys."""
        return {key: self._known.get(key, NEVER_HEARD) for key in keys}

    def check(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing is open."""


SIMULATED = AdapterKind(
    "simulated",
    N_("模拟（演练、演示用，不外发）"),
    ("sms", "voice", "email", "broadcast", "led", "intranet", "social", "portal"),
    Capabilities(batch_size=1000, receipts=True, can_be_asked=True),
    Simulated,
    simulated=True,
)
