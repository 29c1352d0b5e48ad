"""What the worker does by itself: a filing that nobody checked in time is entered in the register."""

from __future__ import annotations

import procrastinate

from anlan.command.plans import obliging
from anlan.kernel import clock


def sweep(timestamp: int) -> None:
    """Once an hour: terms end with a day."""
    obliging.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="7 * * * *")(app.task(name="plans.sweep", queue="timers")(sweep))
