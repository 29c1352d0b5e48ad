"""What the worker does by itself: the sweep of deadlines each minute, tables that fall due each night."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.prevent.dangers import sweeping


def sweep(timestamp: int) -> None:
    """Once a minute: steps of escalation that are due."""
    sweeping.sweep(clock.now())


def open_reports(timestamp: int) -> None:
    """Once a night: tables of the quarter or year that is over. Opening them twice opens each once."""
    sweeping.open_reports(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="dangers.sweep", queue="timers")(sweep))
    app.periodic(cron="20 0 * * *")(app.task(name="dangers.open_reports", queue="sweeps")(open_reports))
