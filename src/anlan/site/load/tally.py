"""What came of a load: counted alike for every protocol."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

MOST_WAITING = 64
"""Messages a device keeps unacknowledged before it holds back."""
REST_S = 0.5
"""Pause before a lost connection is tried again; longer by as much for each refusal."""
MOST_REFUSALS = 5
"""So often a device that is turned away tries again."""


@dataclass
class Tally:
    """``latencies``: seconds from sending to acknowledgement of one message in ten."""

    sent: int = 0
    acknowledged: int = 0
    readings: int = 0
    again: int = 0
    held_back: int = 0
    refused: int = 0
    lost_links: int = 0
    garbage: int = 0
    latencies: array = field(default_factory=lambda: array("d"))

    def percentile(self, share: float) -> float | None:
        """Milliseconds within which ``share`` of the sampled messages were acknowledged; ``None`` when none was."""
        ordered = sorted(self.latencies)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else None


@dataclass
class Waiting:
    """A message on the way: its bytes, its readings, and when it was sent."""

    payload: bytes
    size: int
    since: float
