"""Timed work of completeness."""

from __future__ import annotations

import procrastinate
import structlog

from anlan.kernel import clock
from anlan.sense.completeness import services
from anlan.sense.stream.door import StoreSilent

log = structlog.get_logger()


def refresh(timestamp: int) -> None:
    """Every five minutes: sums and gaps come up to date; while the store is silent they stay as they are and say of when they are."""
    try:
        services.refresh(clock.now())
    except StoreSilent as silent:
        log.warning("completeness not brought up to date", reason=str(silent))


def register(app: procrastinate.App) -> None:
    """Declare the jobs of this room."""
    app.periodic(cron="*/5 * * * *")(app.task(name="completeness.refresh", queue="sweeps", queueing_lock="completeness.refresh")(refresh))
