"""Background work of the demonstration: the exercise that the node plays itself."""

from __future__ import annotations

from uuid import UUID

import procrastinate

from anlan.site.demo import playing


def play(playing_id: str) -> None:
    """One playing, in a job of its own."""
    playing.work(UUID(playing_id))


def register(app: procrastinate.App) -> None:
    """Declare the jobs of the demonstration."""
    app.task(name="demo.play", queue="replays")(play)
