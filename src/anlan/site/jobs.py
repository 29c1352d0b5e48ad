"""Background jobs: delivery of announcements, the sweep of legal clocks, and whatever rooms declare in their ``tasks``.

Jobs are rows of the same PostgreSQL (procrastinate), queued in the transaction of the change they follow.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import procrastinate
import structlog
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app as _app
from procrastinate.jobs import Status

from anlan.kernel import clock
from anlan.ledger import clocks, events
from anlan.site.rooms import ROOMS

log = structlog.get_logger()

URGENT = 10
"""Priority of jobs that must not wait behind thousands of others: a sweep may tell as many plants in one minute."""
MOST_DEATHS = 5
"""After so many workers that died under it a job is given up, so that one bad job cannot keep the node from all others. Project default."""


def deliver(announcement_id: str) -> None:
    """Deliver one announcement to its hearers."""
    events.deliver(UUID(announcement_id))


def queue_delivery(*announcement_ids: UUID, urgent: bool = False) -> None:
    """Queue :func:`deliver` for each of them inside the present transaction; urgent ones go before all that waits."""
    wanted: list[Any] = [{"announcement_id": str(each)} for each in announcement_ids]
    _app.configure_task("announcements.deliver", queue="announcements", priority=URGENT if urgent else 0).batch_defer(*wanted)


def sweep(timestamp: int) -> None:
    """Once a minute: mark passed deadlines as missed, and deliver what a fault left waiting."""
    with transaction.atomic():
        clocks.sweep(clock.now())
    events.deliver_pending()


async def take_up(context: procrastinate.JobContext, timestamp: int) -> None:
    """Once a minute: jobs whose worker died in the middle wait for a worker again; one that took several workers with it has failed."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        if job.attempts + 1 < MOST_DEATHS:
            log.warning("a job is taken up again: its worker died", task=job.task_name, job=job.id, attempts=job.attempts)
            await jobs.retry_job(job)
        else:
            log.error("a job is given up: its workers keep dying", task=job.task_name, job=job.id, attempts=job.attempts)
            await jobs.finish_job(job, status=Status.FAILED, delete_job=False)


def on_app_ready(app: procrastinate.App) -> None:
    """Register the node's jobs with procrastinate; rooms add theirs in ``tasks.register(app)``."""
    app.task(name="announcements.deliver", queue="announcements", retry=RetryStrategy(max_attempts=12, exponential_wait=2))(deliver)
    app.periodic(cron="* * * * *")(app.task(name="clocks.sweep", queue="timers")(sweep))
    app.periodic(cron="* * * * *")(app.task(name="jobs.take_up", queue="timers", pass_context=True)(take_up))
    for room in (*ROOMS, "anlan.site.demo"):
        if find_spec(f"{room}.tasks") is not None:
            module: Any = import_module(f"{room}.tasks")
            module.register(app)
