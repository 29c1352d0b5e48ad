"""Background work of roads: reading road files."""

from __future__ import annotations

from uuid import UUID

import procrastinate
from procrastinate import RetryStrategy

from anlan.ground.roads import intake


def read_file(network_id: str) -> None:
    """Read one uploaded road file."""
    intake.work(UUID(network_id))


def register(app: procrastinate.App) -> None:
    """Declare the jobs of this room."""
    app.task(name="roads.import", queue="roads", retry=RetryStrategy(max_attempts=2, wait=5))(read_file)
