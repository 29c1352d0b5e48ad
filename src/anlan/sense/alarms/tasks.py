"""Jobs of alarms: the minute's sweep of expiries, shelvings and escalations."""

from __future__ import annotations

import procrastinate
import structlog

from anlan.kernel import clock
from anlan.sense.alarms import sweeping

log = structlog.get_logger()


def sweep(timestamp: int) -> None:
    """Once a minute: whatever time alone brings."""
    done = sweeping.sweep(clock.now())
    if any(done.values()):
        log.info("alarms.swept", **done)


def register(app: procrastinate.App) -> None:
    """Join the job to the node's queue."""
    app.periodic(cron="* * * * *")(app.task(name="alarms.sweep", queue="timers")(sweep))
