"""What the worker does by itself: orders without an answer are pressed, the next leader is asked, each minute."""

from __future__ import annotations

import procrastinate

from anlan.command.incidents import sweeping
from anlan.kernel import clock


def sweep(timestamp: int) -> None:
    """Once a minute."""
    sweeping.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="incidents.sweep", queue="timers")(sweep))
