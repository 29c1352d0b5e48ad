"""What the worker does by itself: the township grid at the beginning of each hour, orders without acknowledgement each minute."""

from __future__ import annotations

import procrastinate
import structlog

from anlan.kernel import clock
from anlan.sense.stream.door import StoreSilent
from anlan.warn.hazards import gauging, quaking, reckoning

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


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="0 * * * *")(app.task(name="hazards.reckon", queue="timers")(reckon))
    app.periodic(cron="* * * * *")(app.task(name="hazards.mark_missing", queue="timers")(mark_missing))
    app.periodic(cron="*/2 * * * *")(app.task(name="hazards.judge_gauges", queue="timers")(judge_gauges))
