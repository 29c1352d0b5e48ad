"""What the worker does by itself: the township grid at the beginning of each hour, orders without acknowledgement each minute, feeds, tidying."""

from __future__ import annotations

import procrastinate
import structlog

from anlan.kernel import clock
from anlan.sense.stream.door import StoreSilent
from anlan.warn.hazards import feeding, gauging, quaking, reckoning, tidying

log = structlog.get_logger()


def reckon(timestamp: int) -> None:
    """Each hour; doing it twice changes nothing."""
    reckoning.reckon_grid(clock.now())


def mark_missing(timestamp: int) -> None:
    """Each minute: orders that no plant acknowledged in time."""
    quaking.mark_missing(clock.now())


def judge_gauges(timestamp: int) -> None:
    """Every other minute: gauges against their thresholds. A store that does not answer leaves everything as it was, and is told in the log."""
    try:
        gauging.judge(clock.now())
    except StoreSilent as silent:
        log.warning("gauges_not_judged", why=str(silent))


def read_feeds(timestamp: int) -> None:
    """Each minute: feeds whose time has come."""
    feeding.read_due(clock.now())


def tidy(timestamp: int) -> None:
    """Each night: what has been kept as long as it must be."""
    tidying.tidy(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="0 * * * *")(app.task(name="hazards.reckon", queue="sweeps")(reckon))
    app.periodic(cron="* * * * *")(app.task(name="hazards.mark_missing", queue="timers")(mark_missing))
    app.periodic(cron="*/2 * * * *")(app.task(name="hazards.judge_gauges", queue="sweeps")(judge_gauges))
    app.periodic(cron="* * * * *")(app.task(name="hazards.read_feeds", queue="feeds", queueing_lock="hazards.read_feeds")(read_feeds))
    app.periodic(cron="20 3 * * *")(app.task(name="hazards.tidy", queue="sweeps")(tidy))
