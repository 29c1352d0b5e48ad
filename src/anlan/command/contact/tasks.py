"""What the worker does by itself: the next steps of everybody who has not answered, each minute."""

from __future__ import annotations

import procrastinate

from anlan.command.contact import sweeping
from anlan.kernel import clock


def sweep(timestamp: int) -> None:
    """Once a minute."""
    sweeping.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="contact.sweep", queue="timers")(sweep))
