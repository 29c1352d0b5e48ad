"""What the worker does by itself: permits that end and commitments that are owed, each minute; the day's commitments, each hour."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.prevent.permits import committing, sweeping


def sweep(timestamp: int) -> None:
    """Once a minute: permits that end, reminders, commitments that were not given in time."""
    now = clock.now()
    sweeping.sweep(now)
    committing.sweep(now)


def open_day(timestamp: int) -> None:
    """Once an hour: commitments owed this day, and old keys of phones forgotten. Opening them again adds only enterprises that came since."""
    now = clock.now()
    committing.open_day(now)
    sweeping.forget_deeds(now)


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="permits.sweep", queue="timers")(sweep))
    app.periodic(cron="5 * * * *")(app.task(name="permits.open_day", queue="sweeps")(open_day))
