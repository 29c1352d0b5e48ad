"""What the worker does by itself: whoever on scene does not report in time rings, each minute."""

from __future__ import annotations

import procrastinate

from anlan.command.dispatch import sweeping
from anlan.kernel import clock


def sweep(timestamp: int) -> None:
    """Once a minute."""
    sweeping.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="dispatch.sweep", queue="timers")(sweep))
