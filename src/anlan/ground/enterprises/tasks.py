"""What the worker does by itself: each night what falls due, each minute who may have two files."""

from __future__ import annotations

import procrastinate

from anlan.ground.enterprises import certifying, confirming, joining, matching, merging
from anlan.kernel import clock


def sweep_certificates(timestamp: int) -> None:
    """Once a night: licences and certificates that near their end or are past it."""
    certifying.sweep(clock.now())


def sweep_files(timestamp: int) -> None:
    """Once a night: files to be confirmed, invitations whose link is over."""
    confirming.sweep(clock.now())
    joining.sweep(clock.now())


def find_duplicates(timestamp: int) -> None:
    """Each minute: files that came by import or changed, compared with those that may be of the same enterprise."""
    matching.look_recent(clock.now())


def sweep_duplicates(timestamp: int) -> None:
    """Once a night: every file that was not compared yet, and what was still written for files that were merged."""
    matching.look_all(clock.now())
    merging.gather_late(clock.now(), days=30)


def register(app: procrastinate.App) -> None:
    """Declare the jobs to the worker."""
    app.periodic(cron="35 0 * * *")(app.task(name="enterprises.sweep_certificates", queue="sweeps")(sweep_certificates))
    app.periodic(cron="45 0 * * *")(app.task(name="enterprises.sweep_files", queue="sweeps")(sweep_files))
    for cron, work in (("* * * * *", find_duplicates), ("5 1 * * *", sweep_duplicates)):
        name = f"enterprises.{work.__name__}"
        app.periodic(cron=cron)(app.task(name=name, queue="sweeps", queueing_lock=name)(work))
