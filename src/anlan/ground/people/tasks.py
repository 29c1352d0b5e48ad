"""Jobs of people: the daily sweep of sessions."""

from __future__ import annotations

import procrastinate
import structlog

from anlan.ground.people import services
from anlan.kernel import clock

log = structlog.get_logger()


def sweep_sessions(timestamp: int) -> None:
    """End what the clock ended, forget old browsers' data."""
    log.info("people.sessions_swept", ended=services.sweep_sessions(clock.now()))


def register(app: procrastinate.App) -> None:
    """Join the jobs to the node's queue."""
    app.periodic(cron="17 3 * * *")(app.task(name="people.sweep_sessions", queue="sweeps")(sweep_sessions))
