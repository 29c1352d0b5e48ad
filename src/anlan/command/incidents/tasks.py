"""What the worker does by itself: orders without an answer are pressed, the next leader is asked, each minute; arrivals are reckoned anew."""

from __future__ import annotations

import procrastinate
from django.utils.translation import gettext as _

from anlan.command.incidents import arriving, rules, sweeping
from anlan.kernel import clock


def sweep(timestamp: int) -> None:
    """Once a minute."""
    sweeping.sweep(clock.now())


def arrivals(timestamp: int) -> None:
    """Every five minutes: terminals have moved, and closures that were planned have begun or ended."""
    arriving.reckon(clock.now(), _("路况或位置变化"), rules.DRIFT)


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="* * * * *")(app.task(name="incidents.sweep", queue="timers")(sweep))
    app.periodic(cron="*/5 * * * *")(app.task(name="incidents.arrivals", queue="sweeps")(arrivals))
