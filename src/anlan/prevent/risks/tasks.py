"""What the worker does by itself: checks made by their periods, and pressed for when late."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.prevent.risks import checking


def sweep(timestamp: int) -> None:
    """Each five minutes: checks whose window began, checks that are late. Running it twice makes and tells nothing twice."""
    checking.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="*/5 * * * *")(app.task(name="risks.sweep", queue="sweeps")(sweep))
