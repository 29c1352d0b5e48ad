"""Jobs of the links."""

from __future__ import annotations

from typing import Any

from anlan.federation import link
from anlan.kernel import clock


def look(timestamp: int) -> None:
    """Once a minute: nodes below that no longer call are told as cut."""
    link.look_below(clock.now())


def register(app: Any) -> None:
    """Register this room's jobs."""
    app.periodic(cron="* * * * *")(app.task(name="relays.look", queue="timers")(look))
