"""Counts what the devices behind one credential send by MQTT against its quota. Nothing is refused here: what was acknowledged is kept.

MQTT 3.1.1 cannot refuse a single publish, and the message lay on the disk before anybody counted it. So the intake counts, keeps all of it, and
*tells* what lay beyond: as a notice of the quarantine, which the credential's page, the page of readings kept apart and the list of things to do
show. A credential without a quota has no meter and costs nothing. No Django, no clock: minutes are those of the stream.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anlan.ledger.broker import Message
from anlan.wire import readings

MINUTE_MS = 60_000
TELL_EVERY_MS = 60_000
"""What exceeds is told at once and then at most so often: a notice of a flood must not become a flood itself."""


@dataclass(slots=True)
class Beyond:
    """Messages of one device beyond its credential's quota that were not told yet; ``last``: the last of them."""

    count: int = 0
    told_ms: int = -TELL_EVERY_MS
    last: Message | None = None
    detail: str = ""


@dataclass(slots=True)
class Meter:
    """What came of one credential in the running minute. ``messages``, ``readings``: granted in a minute, 0 for no bound.

    A message is beyond the quota when it, or a reading in it, is one more than was granted; every device's are noted in ``beyond``.
    """

    messages: int
    readings: int
    minute: int = 0
    sent: int = 0
    measured: int = 0
    beyond: dict[str, Beyond] = field(default_factory=dict)

    def take(self, device: str, count: int, message: Message) -> bool:
        """Count one message with ``count`` readings; whether it lies within the quota. What a gateway passed on, the gateway has counted."""
        if message.headers and readings.GATEWAY in message.headers:
            return True
        minute = message.at_ms // MINUTE_MS
        if minute != self.minute:
            self.minute, self.sent, self.measured = minute, 0, 0
        self.sent += 1
        self.measured += count
        if (not self.messages or self.sent <= self.messages) and (not self.readings or self.measured <= self.readings):
            return True
        noted = self.beyond.setdefault(device, Beyond())
        noted.count += 1
        noted.last, noted.detail = message, f"{self.sent}/{self.messages or '-'} · {self.measured}/{self.readings or '-'}"
        return False

    @property
    def waits(self) -> bool:
        """Whether something beyond the quota was not told yet."""
        return any(noted.count for noted in self.beyond.values())

    def due(self, now_ms: int) -> list[tuple[str, int, Message, str]]:
        """What is to be told now: device, messages beyond the quota, the last of them, and how the minute stood with it."""
        found = []
        for device, noted in self.beyond.items():
            if noted.count and noted.last is not None and now_ms - noted.told_ms >= TELL_EVERY_MS:
                found.append((device, noted.count, noted.last, noted.detail))
                noted.count, noted.told_ms, noted.last = 0, now_ms, None
        return found
