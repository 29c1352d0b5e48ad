"""Background work of detection rules: the stream kept up to date, and replays of history."""

from __future__ import annotations

from uuid import UUID

import procrastinate
import structlog

from anlan.kernel import clock
from anlan.sense.criteria import publishing, replaying

log = structlog.get_logger()


def publish(timestamp: int) -> None:
    """Once a minute: dates that came or passed, points that are new in a class, suppressions that ended."""
    try:
        publishing.publish(clock.now())
    except publishing.StreamAway as away:
        log.warning("rules of detection not published, trying again in a minute", reason=str(away))


def replay(replay_id: str) -> None:
    """One replay, in a job of its own."""
    replaying.work(UUID(replay_id))


def register(app: procrastinate.App) -> None:
    """Declare the jobs of this room."""
    app.periodic(cron="* * * * *")(app.task(name="criteria.publish", queue="timers")(publish))
    app.task(name="criteria.replay", queue="replays")(replay)
