"""What this room does when it hears of its own changes: the stream is told at once."""

from __future__ import annotations

from anlan.kernel import clock
from anlan.kernel.events import Event
from anlan.sense.criteria import publishing


def tell_stream(_event: Event) -> None:
    """Publish what is in force now. Raises ``StreamAway``: the delivery is tried again."""
    publishing.publish(clock.now())
