"""Background work of process units: training."""

from __future__ import annotations

from uuid import UUID

import procrastinate

from anlan.sense.units import training


def train(training_id: str) -> None:
    """One training, in a job of its own."""
    training.work(UUID(training_id))


def register(app: procrastinate.App) -> None:
    """Declare the jobs of this room."""
    app.task(name="units.train", queue="replays")(train)
