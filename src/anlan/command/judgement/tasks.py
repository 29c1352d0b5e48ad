"""Jobs of judgement: the reckoning beside the web processes, and the minute's look at the readings."""

from __future__ import annotations

from uuid import UUID

import procrastinate
import structlog
from procrastinate import RetryStrategy

from anlan.command.judgement import following, services
from anlan.command.judgement.jobs import queue_run
from anlan.kernel import clock

log = structlog.get_logger()


def run(run_id: str) -> None:
    """Reckon one run."""
    state = services.perform(UUID(run_id), clock.now)
    log.info("judgement.run", run=run_id, state=state)


def follow(timestamp: int) -> None:
    """Once a minute: judgements under way run again where wind or readings changed enough."""
    asked = following.follow(clock.now(), queue_run)
    if asked:
        log.info("judgement.followed", asked=asked)


def register(app: procrastinate.App) -> None:
    """Join the jobs to the node's queue."""
    app.task(name="judgement.run", queue="judgement", retry=RetryStrategy(max_attempts=3, wait=2))(run)
    app.periodic(cron="* * * * *")(app.task(name="judgement.follow", queue="timers")(follow))
