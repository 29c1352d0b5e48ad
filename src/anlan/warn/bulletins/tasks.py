"""Timed work of bulletins."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.warn.bulletins import foreign, services


def expire(timestamp: int) -> None:
    """Once a minute: bulletins whose time has passed become expired."""
    services.expire_due(clock.now())


def read_feeds(timestamp: int) -> None:
    """Once a minute: feeds of others whose time has come are read."""
    foreign.read_due(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs of this room."""
    app.periodic(cron="* * * * *")(app.task(name="bulletins.expire", queue="timers")(expire))
    app.periodic(cron="* * * * *")(app.task(name="bulletins.read_feeds", queue="feeds", queueing_lock="bulletins.read_feeds")(read_feeds))
