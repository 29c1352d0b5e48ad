"""What the worker does by itself: once a night, units whose assessment is out of date or rests on older tables."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.prevent.hazardsources import reassessing


def sweep(timestamp: int) -> None:
    """Once a night. Running it twice asks for nothing twice."""
    reassessing.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the job to the worker."""
    app.periodic(cron="40 0 * * *")(app.task(name="hazardsources.sweep", queue="sweeps")(sweep))
