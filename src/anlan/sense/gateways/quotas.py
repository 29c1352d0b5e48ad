"""What the devices behind one credential may send together in a minute, counted by this process. No Django, no clock: the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.wire.registry import Entry

MINUTE_MS = 60_000


@dataclass
class _Used:
    minute: int = 0
    messages: int = 0
    readings: int = 0


class Quotas:
    """Counts by credential and calendar minute. A credential without a quota costs nothing."""

    def __init__(self) -> None:
        self._granted: dict[str, tuple[int, int]] = {}
        self._used: dict[str, _Used] = {}

    def learn(self, entry: Entry) -> None:
        """Take over what a credential may send; 0: as much as it likes."""
        granted = (entry.messages_per_minute, entry.readings_per_minute)
        if entry.active and any(granted):
            self._granted[entry.credential] = granted
        else:
            self._granted.pop(entry.credential, None)
            self._used.pop(entry.credential, None)

    def take(self, credential: str, readings: int, now_ms: int) -> bool:
        """Count one message with so many readings; whether it lies within the quota. One that does not is not counted against the next.

        A single message with more readings than a minute's quota is let through at the beginning of a minute: refusing it for ever would
        silence the device, not slow it down.
        """
        granted = self._granted.get(credential)
        if granted is None:
            return True
        used = self._used.setdefault(credential, _Used())
        minute = now_ms // MINUTE_MS
        if used.minute != minute:
            used.minute, used.messages, used.readings = minute, 0, 0
        most_messages, most_readings = granted
        if most_messages and used.messages >= most_messages:
            return False
        if most_readings and used.readings and used.readings + readings > most_readings:
            return False
        used.messages += 1
        used.readings += readings
        return True
