"""Putting runs before a worker."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app as _app


def queue_run(run_id: UUID) -> None:
    """Queue the reckoning of a run inside the present transaction."""
    _app.configure_task("judgement.run", queue="judgement", lock=f"judgement:{run_id}").defer(run_id=str(run_id))
