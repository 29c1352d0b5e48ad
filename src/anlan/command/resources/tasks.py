"""What the worker does by itself: once a night, records whose year is over."""

from __future__ import annotations

import procrastinate

from anlan.command.resources import services
from anlan.kernel import clock


def sweep(timestamp: int) -> None:
    """Once a night; running it twice tells nobody twice."""
    services.sweep_confirmations(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="25 0 * * *")(app.task(name="resources.sweep", queue="sweeps")(sweep))
