"""What the worker does by itself each minute: where the trucks are, and which loads should have arrived."""

from __future__ import annotations

import procrastinate
import structlog

from anlan.kernel import clock
from anlan.prevent.holdings import loading
from anlan.sense.stream.door import StoreSilent

log = structlog.get_logger()


def sweep(timestamp: int) -> None:
    """Once a minute; running it twice tells nothing twice. Without positions the loads are watched all the same."""
    now = clock.now()
    loading.tell_overdue(now)
    try:
        loading.follow_trucks(now)
    except StoreSilent as silent:
        log.warning("positions of trucks not known", reason=str(silent))


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="holdings.sweep", queue="timers")(sweep))
