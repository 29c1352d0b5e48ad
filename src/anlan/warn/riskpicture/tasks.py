"""What the worker does: grades what waits within seconds, what time changed each minute, everybody after an index change; replays history."""

from __future__ import annotations

from uuid import UUID

import procrastinate
from procrastinate import RetryStrategy

from anlan.kernel import clock
from anlan.warn.riskpicture import living, replaying, running, waiting
from anlan.warn.riskpicture.models import Run


def grade() -> None:
    """Grade what waits, each piece as of its own moment."""
    while waiting.take_some(now=clock.now()):
        pass


def sweep(timestamp: int) -> None:
    """Once a minute: what grows or decays, and what a fault left waiting."""
    running.due(clock.now())
    grade()


def look_round(timestamp: int) -> None:
    """Four times an hour: what nobody announces (silent points, yesterday's commitments, new subjects of an import)."""
    now = clock.now()
    living.take_delivered(now)
    running.unannounced(now)
    running.newcomers(now)


def run(run_id: str) -> None:
    """Go on with a long reckoning."""
    found = Run.objects.get(pk=UUID(run_id))
    if found.kind == Run.REGRADE:
        running.regrade(found.pk, now=clock.now())
    else:
        replaying.replay(found.pk, now=clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.task(name=waiting.JOB, queue="announcements", retry=RetryStrategy(max_attempts=5, wait=2))(grade)
    app.task(name=running.JOB, queue="sheets", retry=RetryStrategy(max_attempts=5, wait=5))(run)
    app.periodic(cron="* * * * *")(app.task(name="riskpicture.sweep", queue="timers")(sweep))
    app.periodic(cron="7,22,37,52 * * * *")(app.task(name="riskpicture.look_round", queue="sweeps")(look_round))
