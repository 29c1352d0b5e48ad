"""Background jobs of the desk: spreadsheets are checked and written beside the web processes."""

from __future__ import annotations

from uuid import UUID

import procrastinate
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app as _app

from anlan.desk.resource.importing import jobs


def sheet(import_id: str) -> None:
    """Check or write one import."""
    jobs.work(UUID(import_id))


def queue_sheet(import_id: UUID) -> None:
    """Queue :func:`sheet` inside the present transaction; one job at a time for one import."""
    _app.configure_task("desk.sheet", queue="sheets", lock=f"sheet:{import_id}").defer(import_id=str(import_id))


def register(app: procrastinate.App) -> None:
    """Declare the jobs of the desk."""
    app.task(name="desk.sheet", queue="sheets", retry=RetryStrategy(max_attempts=3, wait=5))(sheet)
