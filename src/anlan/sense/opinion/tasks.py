"""What the worker does by itself: heat every ten minutes, texts past their days each night."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.sense.opinion import services


def cool(timestamp: int) -> None:
    """Every ten minutes; doing it twice changes nothing."""
    services.cool(clock.now())


def erase_old(timestamp: int) -> None:
    """Each night; doing it twice changes nothing."""
    services.erase_old(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="*/10 * * * *")(app.task(name="opinion.cool", queue="sweeps", queueing_lock="opinion.cool")(cool))
    app.periodic(cron="20 3 * * *")(app.task(name="opinion.erase_old", queue="sweeps", queueing_lock="opinion.erase_old")(erase_old))
