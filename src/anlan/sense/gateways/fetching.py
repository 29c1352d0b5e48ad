"""What every protocol in which the node itself fetches has in common: storing, counting, the state of the line, a calm way of trying again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from anlan.kernel.errors import Refusal
from anlan.ledger.process import pause
from anlan.sense.gateways.apart import Apart
from anlan.sense.gateways.directory import Directory, Sender
from anlan.sense.gateways.lines import Lines
from anlan.sense.gateways.rules import NotStored
from anlan.sense.gateways.session import Happened, Measured
from anlan.sense.gateways.storing import Store

log = structlog.get_logger()

UNREACHABLE, NO_ANSWER, BAD_ANSWER = "unreachable", "no_answer", "bad_answer"
"""Why a line is down, as pages explain it (``sense.devices.wording``)."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
_SHOWN_BYTES = 400


@dataclass
class Keeper:
    """What was fetched goes to the stream, what was refused is counted, and the line to each device is told."""

    directory: Directory
    store: Store
    lines: Lines
    apart: Apart
    stop: asyncio.Event

    async def keep(self, sender: Sender, measured: Sequence[Measured], happened: Sequence[Happened] = ()) -> bool:
        """Store what a device had; waits while the stream takes nothing. ``False``: the node stops before the stream confirmed."""
        while not self.stop.is_set():
            try:
                refused = await self.store.keep(sender, measured, happened)
            except NotStored as refusal:
                log.warning("fetched but not stored yet", protocol=sender.entry.protocol, device=sender.device, reason=str(refusal))
                await pause(self.stop, FIRST_PAUSE_S)
                continue
            for each in refused:
                self.set_apart(sender, each, b"")
            return True
        return False

    def set_apart(self, sender: Sender, reason: Refusal, data: bytes) -> None:
        """Count something that was refused against the device."""
        self.apart.add(sender.credential, sender.device, reason.code, str(reason), data[:_SHOWN_BYTES], now_ms())

    def heard(self, sender: Sender) -> None:
        """The device answered."""
        state = self.lines.state(sender.credential, sender.device)
        if state is None or state.state != "up" or state.protocol != sender.entry.protocol:
            self.lines.up(sender, now_ms())
        else:
            self.lines.heard(sender, now_ms())

    def lost(self, sender: Sender, reason: str) -> None:
        """The device does not answer."""
        self.lines.fetched_down(sender, reason, now_ms())


class Pauses:
    """How long to wait before the next attempt: doubling from one second to a minute, spread so that a thousand devices do not come back at once."""

    def __init__(self, *, first_s: float = FIRST_PAUSE_S, longest_s: float = LONGEST_PAUSE_S, dice: random.Random | None = None) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._dice = dice or random.Random()
        self.failures = 0

    def failed(self) -> float:
        """Seconds to wait after one more failure."""
        wait = min(self._longest_s, self._first_s * 2 ** min(self.failures, 30))
        self.failures += 1
        return wait * self._dice.uniform(0.75, 1.25)

    def succeeded(self) -> None:
        """The next failure begins anew."""
        self.failures = 0


def now_ms() -> int:
    """The node's time, ms since 1970 UTC."""
    return time.time_ns() // 1_000_000
