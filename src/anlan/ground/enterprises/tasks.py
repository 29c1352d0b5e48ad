"""What the worker does by itself: each night, what falls due."""

from __future__ import annotations

import procrastinate

from anlan.ground.enterprises import certifying, confirming, joining
from anlan.kernel import clock


def sweep_certificates(timestamp: int) -> None:
    """Once a night: licences and certificates that near their end or are past it."""
    certifying.sweep(clock.now())


def sweep_files(timestamp: int) -> None:
    """Once a night: files to be confirmed, invitations whose link is over."""
    confirming.sweep(clock.now())
    joining.sweep(clock.now())


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="35 0 * * *")(app.task(name="enterprises.sweep_certificates", queue="timers")(sweep_certificates))
    app.periodic(cron="45 0 * * *")(app.task(name="enterprises.sweep_files", queue="timers")(sweep_files))
