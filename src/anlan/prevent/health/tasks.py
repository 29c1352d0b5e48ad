"""What the worker does by itself: once a night, examinations that became overdue."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.prevent.health import services


def sweep(timestamp: int) -> None:
    """Once a night; running it twice tells nothing twice."""
    services.tell_overdue(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="20 0 * * *")(app.task(name="health.sweep", queue="sweeps")(sweep))
