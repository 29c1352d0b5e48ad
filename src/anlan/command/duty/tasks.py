"""What the worker does by itself: what rings goes on each minute, faults of duty are written down every five."""

from __future__ import annotations

import procrastinate

from anlan.command.duty import faults, ringing
from anlan.kernel import clock


def ring_on(timestamp: int) -> None:
    """Once a minute."""
    ringing.sweep(clock.now())


def find_faults(timestamp: int) -> None:
    """Every five minutes."""
    faults.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="duty.ring_on", queue="timers")(ring_on))
    app.periodic(cron="*/5 * * * *")(app.task(name="duty.find_faults", queue="timers")(find_faults))
