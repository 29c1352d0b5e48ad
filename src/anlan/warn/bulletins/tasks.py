"""Timed work of bulletins."""

from __future__ import annotations

import procrastinate

from anlan.kernel import clock
from anlan.warn.bulletins import services


def expire(timestamp: int) -> None:
    """Once a minute: bulletins whose time has passed become expired."""
    services.expire_due(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs of this room."""
    app.periodic(cron="* * * * *")(app.task(name="bulletins.expire", queue="timers")(expire))
